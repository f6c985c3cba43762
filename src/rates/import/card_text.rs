//! A card of drafts, as TOML.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::bands::Bands;
use super::draft::{Draft, DraftPrice};
use super::{Head, day};
use crate::rates::Band;
use crate::usage::{Instant, Meter};

/// What one line of prices has in common: the tier, above what it begins, from
/// and to.
type LineKey<'d> = (&'d str, Option<u64>, Option<Instant>, Option<Instant>);

/// The text of a card.
pub(super) fn card_text(head: &Head, models: &[(Draft, Bands)]) -> String {
    let Head { layer, provider, source, checked, region } = head;
    let mut out = format!(
        "# Prices of {provider} as another price list has them: not the provider's own page.\n\
         # USD per 1,000,000 tokens. The list is not complete.\n\n\
         schema = 1\nlayer = {}\nprovider = {}\nevidence = \"third_party\"\n\
         table = \"partial\"\nsource = {}\nchecked = {checked}\n",
        quoted(layer),
        quoted(provider),
        quoted(source),
    );
    for (draft, bands) in models {
        let region = region.as_deref().filter(|_| !names_region(&draft.id));
        write_model(&mut out, draft, bands, region);
    }
    out
}

// Writing to a `String` does not fail.
fn write_model(out: &mut String, draft: &Draft, bands: &Bands, region: Option<&str>) {
    let _ = writeln!(out, "\n[[models]]\nid = {}", quoted(&draft.id));
    if !draft.aliases.is_empty() {
        let names: Vec<String> = draft.aliases.iter().map(|alias| quoted(alias)).collect();
        let _ = writeln!(out, "aliases = [{}]", names.join(", "));
    }
    for (key, limit) in [("context_window", draft.context_window), ("max_output", draft.max_output)]
    {
        if let Some(limit) = limit {
            let _ = writeln!(out, "{key} = {limit}");
        }
    }
    if !bands.all.is_empty() {
        let all: Vec<String> = bands.all.iter().map(band).collect();
        let _ = writeln!(out, "bands = {{ {} }}", all.join(", "));
    }
    let mut lines: BTreeMap<LineKey<'_>, BTreeMap<Meter, &DraftPrice>> = BTreeMap::new();
    for price in &draft.prices {
        let key = (price.tier.name(), price.over, price.from, price.to);
        lines.entry(key).or_default().insert(price.meter, price);
    }
    let mut lines: Vec<_> = lines.into_iter().collect();
    lines.sort_by_key(|(key, _)| key.0 != "standard");
    out.push_str("prices = [\n");
    for (key, meters) in lines {
        let mut line = line(key, &meters, bands);
        if let Some(region) = region {
            let _ = write!(line, ", regions = [{}]", quoted(region));
        }
        let _ = writeln!(out, "  {{ {line} }},");
    }
    out.push_str("]\n");
}

/// A gateway's `azure/eu/gpt-4.1-mini` says where by its name.
fn names_region(id: &str) -> bool {
    id.contains('/')
}

fn line(key: LineKey<'_>, meters: &BTreeMap<Meter, &DraftPrice>, bands: &Bands) -> String {
    let (tier, over, from, to) = key;
    let mut parts = vec![format!("tier = {}", quoted(tier))];
    let band = over.and_then(|over| bands.names.get(&over));
    parts.extend(band.map(|band| format!("band = {}", quoted(band))));
    parts.extend(from.map(|from| format!("from = {}", day(from))));
    parts.extend(to.map(|to| format!("to = {}", day(to))));
    let usd: Vec<String> = meters
        .iter()
        .map(|(meter, price)| format!("{} = \"{}\"", meter.name(), price.usd.at_least(2)))
        .collect();
    parts.push(format!("usd = {{ {} }}", usd.join(", ")));
    parts.join(", ")
}

fn band(band: &Band) -> String {
    let key = if band.start.exclusive { "over" } else { "at_least" };
    format!("{} = {{ {key} = {} }}", band.name, band.start.tokens)
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_is_a_string_of_toml() {
        for text in ["", "a\"b\\c", "a\nb\u{7f}\u{0}", "é日"] {
            let table: toml::Table = format!("x = {}", quoted(text)).parse().unwrap();
            assert_eq!(table["x"].as_str(), Some(text));
        }
    }
}
