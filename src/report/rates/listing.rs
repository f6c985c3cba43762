//! The prices of a book at an instant.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{band_start, evidence, price_tables, scoped_factor, some_of, table};
use crate::rates::catalog::{Listing, RowView, ToolView};
use crate::report::style::{Style, amount, paragraph, plain};

/// A listing as text.
pub fn listing(listing: &Listing, style: Style) -> String {
    let mut out = String::new();
    let head = format!("Rates at {}, in USD per 1M tokens", listing.at);
    // Writing to a `String` does not fail.
    let _ = writeln!(out, "{}", style.heading(&head));
    for (title, table) in price_tables(&listing.rows, (&["provider", "model"], labels)) {
        let _ = writeln!(out, "\n{}\n{table}", style.heading(title));
    }
    if listing.rows.is_empty() {
        let _ = writeln!(out, "  no tokens have a price at this date");
    }
    if !listing.tools.is_empty() {
        tools(&mut out, &listing.tools, style);
    }
    for factor in &listing.factors {
        let note = format!("not in these prices: {}", scoped_factor(factor));
        let _ = writeln!(out, "\n{}", paragraph("  - ", &note, style.width));
    }
    for note in bands(&listing.rows) {
        let _ = writeln!(out, "\n{}", paragraph("  - ", &note, style.width));
    }
    if !listing.at_other_dates.is_empty() {
        let names = plain(&listing.at_other_dates.join(", "));
        let note = format!("with prices at other dates only: {names}");
        let _ = writeln!(out, "\n{}", paragraph("  - ", &note, style.width));
    }
    let sha = listing.rate_book.sha256.get(..12).unwrap_or_default();
    let foot = format!("Rate book {sha}, checked up to {}", listing.rate_book.as_of);
    let _ = writeln!(out, "\n{}", style.faint(&foot));
    out
}

fn labels(row: &RowView) -> Vec<String> {
    vec![plain(&row.provider), plain(&row.model)]
}

/// Where the bands begin, one note a band with its models.
fn bands(rows: &[RowView]) -> Vec<String> {
    let mut bands: BTreeMap<(&str, String), Vec<&str>> = BTreeMap::new();
    for row in rows {
        if let Some(band) = &row.band {
            let models = bands.entry((&band.name, band_start(band))).or_default();
            if !models.contains(&row.model.as_str()) {
                models.push(&row.model);
            }
        }
    }
    let note = |((name, start), models): ((&str, String), Vec<&str>)| {
        plain(&format!("{name}: requests {start} input tokens on {}", models.join(", ")))
    };
    bands.into_iter().map(note).collect()
}

fn tools(out: &mut String, tools: &[ToolView], style: Style) {
    let rows = tools.iter().map(|tool| {
        vec![
            plain(&tool.provider),
            tool.price.meter.to_owned(),
            some_of(&tool.models),
            tool.price.from.clone(),
            tool.price.to.clone().unwrap_or_default(),
            evidence(&[&tool.price]),
            amount(tool.price.usd),
            format!("per {}", tool.price.per),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let header = ["provider", "tool", "models", "from", "to", "evidence", "usd", ""];
    let header = header.map(str::to_owned);
    let _ = writeln!(
        out,
        "\n{}\n{}",
        style.heading("Tools, in every tier"),
        table(&header, &rows, 6, usize::MAX)
    );
}
