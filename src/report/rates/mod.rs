//! The rate book for people: one renderer a view, and JSON for all of them.

mod check;
mod difference;
mod explanation;
mod import;
mod listing;
mod sheet;

pub use check::checks;
pub use difference::difference;
pub use explanation::explanation;
pub use import::import_findings;
pub use listing::listing;
pub use sheet::sheet;

use serde::Serialize;

use super::style::{amount, plain};
use super::table::Table;
use crate::rates::catalog::{BandView, FactorView, PriceView, RowView, ScopedFactor};

/// A view as indented JSON with a final newline.
pub fn view_json(view: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(view)?;
    text.push('\n');
    Ok(text)
}

/// A table whose header is made at run time.
fn table(header: &[String], rows: &[Vec<String>], labels: usize, width: usize) -> String {
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    Table { header: &header, rows, labels, width }.render()
}

/// `2025-04-14 on`, `2025-04-16 to 2025-06-10`.
fn interval(from: &str, to: Option<&str>) -> String {
    to.map_or_else(|| format!("{from} on"), |to| format!("{from} to {to}"))
}

/// `over 272,000 tokens`.
fn band_start(band: &BandView) -> String {
    let count = |tokens: u64| crate::money::thousands(u128::from(tokens));
    match (band.over, band.at_least) {
        (Some(tokens), _) => format!("over {}", count(tokens)),
        (None, Some(tokens)) => format!("from {}", count(tokens)),
        (None, None) => band.name.clone(),
    }
}

/// `x 0.875 (discount, user: contract 42), openai, standard, from 2026-09-01`.
fn scoped_factor(scoped: &ScopedFactor) -> String {
    let FactorView { name, multiplier, evidence, source } = &scoped.factor;
    let mut parts =
        vec![format!("x {multiplier} ({name}, {evidence}: {source})"), scoped.provider.clone()];
    let meters: Vec<String> = scoped.meters.iter().map(|meter| (*meter).to_owned()).collect();
    for names in [&scoped.models, &scoped.tiers, &meters, &scoped.regions] {
        parts.extend((!names.is_empty()).then(|| names.join(" ")));
    }
    parts.extend(scoped.from.as_ref().map(|from| format!("from {from}")));
    parts.extend(scoped.to.as_ref().map(|to| format!("to {to}")));
    plain(&parts.join(", "))
}

/// The different values of prices, in their order.
fn distinct<'v>(values: impl Iterator<Item = &'v str>) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen.join("+")
}

/// The groups of meters that have a table of their own.
const GROUPS: [(&str, &[&str]); 4] = [
    (
        "Text",
        &[
            "input",
            "cached_input",
            "cache_write",
            "cache_write_5m",
            "cache_write_1h",
            "cache_write_12h",
            "output",
        ],
    ),
    ("Images", &["image_input", "cached_image_input", "image_output"]),
    ("Audio", &["audio_input", "cached_audio_input", "audio_output"]),
    ("Training", &["training"]),
];

/// The name of the last table: what is in no other.
const REST: &str = "Further meters";

/// The names of a table's own labels, and what gives them.
type Labels<'l> = (&'l [&'static str], fn(&RowView) -> Vec<String>);

/// Rows of prices as tables by kind of meter: the labels that `label` gives,
/// what every row has, then one column a meter. Nothing is shortened: a name
/// that cannot be read names nothing.
fn price_tables(rows: &[RowView], label: Labels<'_>) -> Vec<(&'static str, String)> {
    let known = |meter: &str| GROUPS.iter().any(|(_, meters)| meters.contains(&meter));
    let mut further: Vec<&str> = rows.iter().flat_map(|row| &row.prices).map(|p| p.meter).collect();
    further.retain(|meter| !known(meter));
    further.sort_unstable();
    further.dedup();
    let groups = GROUPS.into_iter().chain(std::iter::once((REST, further.as_slice())));
    let regional = rows.iter().any(|row| !row.regions.is_empty());
    let names = [label.0, row_names(regional)].concat();
    let tables = groups.filter_map(|(title, meters)| {
        let meters: Vec<&str> = meters.iter().copied().filter(|m| has(rows, m)).collect();
        let shown = rows.iter().filter_map(|row| {
            let own: Vec<&PriceView> =
                row.prices.iter().filter(|price| meters.contains(&price.meter)).collect();
            let cells = meters.iter().map(|meter| cell(&own, meter));
            let mut line = label.1(row);
            line.extend(row_labels(row, &own, regional));
            line.extend(cells);
            (!own.is_empty()).then_some(line)
        });
        let shown: Vec<Vec<String>> = shown.collect();
        let header = names.iter().chain(&meters).map(|name| (*name).to_owned());
        let header: Vec<String> = header.collect();
        (!shown.is_empty()).then(|| (title, table(&header, &shown, names.len(), usize::MAX)))
    });
    tables.collect()
}

/// The labels that every row has; the region only where some row has one.
fn row_names(regional: bool) -> &'static [&'static str] {
    if regional {
        &["tier", "band", "region", "from", "to", "evidence"]
    } else {
        &["tier", "band", "from", "to", "evidence"]
    }
}

fn row_labels(row: &RowView, prices: &[&PriceView], regional: bool) -> Vec<String> {
    let mut labels = vec![plain(&row.tier), band_name(row)];
    if regional {
        labels.push(some_of(&row.regions));
    }
    labels.push(row.from.clone());
    labels.push(row.to.clone().unwrap_or_default());
    labels.push(evidence(prices));
    labels
}

/// The first of several names, and how many more; `all` for none.
fn some_of(names: &[String]) -> String {
    match names {
        [] => "all".to_owned(),
        [one] => plain(one),
        [first, rest @ ..] => format!("{} and {} more", plain(first), rest.len()),
    }
}

fn has(rows: &[RowView], meter: &str) -> bool {
    rows.iter().any(|row| row.prices.iter().any(|price| price.meter == meter))
}

fn cell(prices: &[&PriceView], meter: &str) -> String {
    let price = prices.iter().find(|price| price.meter == meter);
    price.map_or_else(|| "-".to_owned(), |price| amount(price.usd))
}

/// Who vouches for prices, and the confidence where it is not high.
fn evidence(prices: &[&PriceView]) -> String {
    let by = distinct(prices.iter().map(|price| price.evidence));
    let confidence = prices.iter().map(|price| price.confidence);
    let doubt = distinct(confidence.filter(|confidence| *confidence != "high"));
    plain(&if doubt.is_empty() { by } else { format!("{by}, {doubt}") })
}

/// The name of a row's band; nothing for the base one.
fn band_name(row: &RowView) -> String {
    row.band.as_ref().map_or_else(String::new, |band| plain(&band.name))
}
