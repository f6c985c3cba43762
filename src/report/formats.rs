//! The log formats as a table.

use super::style::{Style, paragraph};
use super::table::Table;
use crate::formats::Tells;

/// The formats as text.
pub fn formats_terminal(formats: &[Tells], style: Style) -> String {
    let said = |yes: bool| if yes { "yes" } else { "no" };
    let row = |format: &Tells| {
        let Tells { name, about, record, cached, tier, billed, key, .. } = *format;
        [name, about, record, cached, tier, said(billed), said(key)].map(str::to_owned).to_vec()
    };
    let rows: Vec<Vec<String>> = formats.iter().map(row).collect();
    let header = ["format", "what it is", "record", "cached", "tier", "billed", "key"];
    let table = Table { header: &header, rows: &rows, labels: header.len(), width: style.width };
    let notes = [
        "record: one request, a sum over a period, a bill (what was billed, without usage), or \
         refused (no price could be worked out)",
        "cached: inside the input, beside it, or either as the total of each record says",
        "key: records with one key count once, the one with the largest output; `--dedupe FIELD` \
         sets another, `--dedupe none` counts all",
    ];
    let notes = notes.map(|note| paragraph("  - ", note, style.width));
    format!(
        "{}\n{}\n\n{}\n",
        style.heading("Log formats, recognised by content"),
        table.render(),
        notes.join("\n")
    )
}
