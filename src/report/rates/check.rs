//! What a look at cards found.

use std::fmt::Write as _;

use super::interval;
use crate::money::thousands;
use crate::rates::catalog::CardCheck;
use crate::report::style::{Style, plain};

/// Checked cards as text: `FILE:LINE: problem`, warnings, and a summary of each
/// card that can be used.
pub fn checks(checks: &[CardCheck], style: Style) -> String {
    let mut out = String::new();
    for check in checks {
        let path = plain(&check.path);
        // Writing to a `String` does not fail.
        for problem in &check.problems {
            let line = problem.line.map_or_else(String::new, |line| format!("{line}:"));
            let _ = writeln!(out, "{path}:{line} {}", plain(&problem.message));
        }
        for warning in &check.warnings {
            let _ = writeln!(out, "{path}: warning: {}", plain(&warning.message));
        }
        if check.problems.is_empty() {
            let _ = writeln!(out, "{path}: {}", style.heading(&summary(check)));
        }
    }
    out
}

fn summary(check: &CardCheck) -> String {
    let layer = plain(check.layer.as_deref().unwrap_or_default());
    let count = |n: usize, one: &str| {
        let number = thousands(u128::try_from(n).unwrap_or_default());
        if n == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
    };
    let (models, cells) = (count(check.models, "model"), count(check.cells, "price"));
    let holds = check.first.as_ref().map(|first| interval(first, check.last.as_deref()));
    let holds = holds.map_or_else(String::new, |holds| format!(", {holds}"));
    format!("fine: layer {layer}, {models}, {cells}{holds}")
}
