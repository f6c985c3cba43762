//! What differs between two books.

use std::fmt::Write as _;

use super::{band_start, scoped_factor, table};
use crate::money::Money;
use crate::rates::catalog::{CellChange, ChangeKind, Difference};
use crate::report::style::{Style, amount, paragraph, plain};

/// A difference as text.
pub fn difference(difference: &Difference, style: Style) -> String {
    let mut out = String::new();
    let head = format!(
        "From {} to {}, in USD per 1M tokens, 1,000 calls, session or minute",
        difference.old, difference.new
    );
    let (added, removed, changed) = (difference.added, difference.removed, difference.changed);
    // Writing to a `String` does not fail.
    let _ = writeln!(out, "{}", style.heading(&plain(&head)));
    let _ = writeln!(out, "{added} added, {removed} removed, {changed} changed");
    for changed in &difference.factors {
        let sign = sign(changed.change);
        let text = format!("{sign} multiplier: {}", scoped_factor(&changed.factor));
        let _ = writeln!(out, "{}", paragraph("", &text, style.width));
    }
    for changed in &difference.settings {
        let (sign, setting) = (sign(changed.change), changed.setting.replace('_', " "));
        let of = changed.model.as_ref().unwrap_or(&changed.provider);
        let text = plain(&format!("{sign} {setting} of {of}: {}", changed.value));
        let _ = writeln!(out, "{}", paragraph("", &text, style.width));
    }
    if difference.cells.is_empty() {
        return out;
    }
    let rows: Vec<Vec<String>> = difference.cells.iter().map(row).collect();
    let header = ["", "model", "tier", "meter", "from", "to", "old", "new", "change"];
    let header = header.map(str::to_owned);
    let _ = writeln!(out, "\n{}", table(&header, &rows, 6, usize::MAX));
    out
}

const fn sign(change: ChangeKind) -> &'static str {
    match change {
        ChangeKind::Added => "+",
        ChangeKind::Removed => "-",
        ChangeKind::Changed => "~",
    }
}

fn row(cell: &CellChange) -> Vec<String> {
    let models = if cell.models.is_empty() {
        format!("{}, every model", cell.provider)
    } else {
        cell.models.join(", ")
    };
    let tier = cell.tier.clone().unwrap_or_else(|| "tool".to_owned());
    let band = cell.band.as_ref().map_or_else(String::new, |b| format!(", {}", band_start(b)));
    let usd = |money: Option<Money>| money.map_or("-".to_owned(), amount);
    let change = cell.change_percent.as_ref().map_or("-".to_owned(), |text| format!("{text} %"));
    vec![
        sign(cell.change).to_owned(),
        plain(&models),
        format!("{tier}{band}"),
        cell.meter.to_owned(),
        cell.from.clone(),
        cell.to.clone().unwrap_or_default(),
        usd(cell.old_usd),
        usd(cell.new_usd),
        change,
    ]
}
