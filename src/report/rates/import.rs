//! What was left out of an imported card, for people.

use crate::money::thousands;
use crate::rates::import::{Imported, Refusal};
use crate::report::style::plain;

/// Everything that the card does not have or has in another way, then how much
/// it has; a line each, without control characters.
pub fn import_findings(path: &str, imported: &Imported) -> Vec<String> {
    let mut lines: Vec<String> =
        imported.refusals.iter().map(|refusal| refused(path, refusal)).collect();
    for (field, count) in &imported.unmetered {
        lines.push(format!("{path}: warning: `{field}`: not imported, {}", times(*count)));
    }
    if !imported.without_price.is_empty() {
        let (count, names) = (imported.without_price.len(), imported.without_price.join(", "));
        let models = counted(count, "model");
        lines.push(format!("{path}: warning: {models} left out, without a price: {names}"));
    }
    lines.extend(imported.notes.iter().map(|note| format!("{path}: note: {note}")));
    lines.push(summary(path, imported));
    lines.iter().map(|line| plain(line)).collect()
}

fn refused(path: &str, refusal: &Refusal) -> String {
    let Refusal { line, model, field, value, reason } = refusal;
    let field = if field.is_empty() { String::new() } else { format!(" {field}") };
    let value = if value.is_empty() { String::new() } else { format!(" {value}") };
    format!("{path}:{line}: warning: `{model}`{field}:{value} {reason}; left out")
}

fn summary(path: &str, imported: &Imported) -> String {
    let (models, prices) = (counted(imported.models, "model"), counted(imported.prices, "price"));
    let refused = counted(imported.refusals.len(), "refusal");
    let unmetered = counted(imported.unmetered.values().sum(), "field");
    format!("{path}: {models} with {prices}; {refused}, {unmetered} not imported")
}

fn times(count: usize) -> String {
    if count == 1 { "once".to_owned() } else { format!("{} times", number(count)) }
}

fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{} {one}s", number(count)) }
}

fn number(count: usize) -> String {
    thousands(u128::try_from(count).unwrap_or_default())
}
