//! One model, its tiers side by side.

use std::fmt::Write as _;

use super::{band_start, evidence, interval, price_tables, table};
use crate::money::thousands;
use crate::rates::catalog::{BandTable, Borrowing, Missing, PriceView, Sheet};
use crate::report::style::{Style, amount, paragraph, plain};

/// A model's sheet as text.
pub fn sheet(sheet: &Sheet, style: Style) -> String {
    let mut out = String::new();
    head(&mut out, sheet, style);
    for band in &sheet.bands {
        let title = match &band.band {
            None => format!("USD per 1M tokens at {}{}", sheet.at, in_region(sheet)),
            Some(band) => format!("Requests {} input tokens ({})", band_start(band), band.name),
        };
        let _ = writeln!(out, "\n{}\n{}", style.heading(&title), tiers(sheet, band, style));
    }
    for line in notes(sheet) {
        let _ = writeln!(out, "{}", paragraph("  ", &plain(&line), style.width));
    }
    tools(&mut out, sheet, style);
    history(&mut out, sheet, style);
    let _ = writeln!(out, "\n{}", style.heading("Sources"));
    for source in &sheet.sources {
        let (layer, evidence) = (&source.layer, source.evidence);
        let text = format!("{layer} ({evidence}), checked {}: {}", source.checked, source.source);
        let _ = writeln!(out, "{}", paragraph("  - ", &plain(&text), style.width));
    }
    out
}

/// `, region data-zone`, where prices differ by region.
fn in_region(sheet: &Sheet) -> String {
    let region = sheet.region.as_ref();
    region.map_or_else(String::new, |region| format!(", region {}", plain(region)))
}

fn head(out: &mut String, sheet: &Sheet, style: Style) {
    // Writing to a `String` does not fail.
    let _ =
        writeln!(out, "{}", style.heading(&plain(&format!("{}, {}", sheet.model, sheet.provider))));
    if sheet.rule != "exact" {
        let (asked, rule) = (plain(&sheet.asked), sheet.rule.replace('_', " "));
        let _ = writeln!(out, "  asked for as {asked}, matched by {rule}");
    }
    if !sheet.aliases.is_empty() {
        let names = format!("also named {}", plain(&sheet.aliases.join(", ")));
        let _ = writeln!(out, "{}", paragraph("  ", &names, style.width));
    }
    let limit =
        |tokens: Option<u64>| tokens.map_or("not known".to_owned(), |n| thousands(u128::from(n)));
    let (window, cap) = (limit(sheet.context_window), limit(sheet.max_output));
    let _ = writeln!(out, "  context window {window} tokens, output cap {cap} tokens");
}

fn tiers(sheet: &Sheet, band: &BandTable, style: Style) -> String {
    let header: Vec<String> =
        std::iter::once(String::new()).chain(sheet.tiers.iter().cloned()).collect();
    let rows = band.meters.iter().map(|line| {
        let prices = line.prices.iter().map(|price| shown(price.as_ref()));
        std::iter::once(line.meter.to_owned()).chain(prices).collect()
    });
    table(&header, &rows.collect::<Vec<Vec<String>>>(), 1, style.width)
}

/// `0.40`; `(0.20)` where another meter's cell decides; `0.20*` where it is
/// not the provider's own.
fn shown(price: Option<&PriceView>) -> String {
    let Some(price) = price else { return "-".to_owned() };
    let usd = amount(price.usd);
    let usd = if price.borrowed_from.is_some() { format!("({usd})") } else { usd };
    let mark = if price.evidence == "provider" { "" } else { "*" };
    format!("{usd}{mark}")
}

fn notes(sheet: &Sheet) -> Vec<String> {
    let prices = || {
        let lines = sheet.bands.iter().flat_map(|band| &band.meters);
        lines.flat_map(|line| line.prices.iter().flatten())
    };
    let mut notes = Vec::new();
    let others = prices().map(|price| price.evidence).filter(|evidence| *evidence != "provider");
    let others = super::distinct(others);
    if !others.is_empty() {
        notes.push(format!("* not from the provider's own table, evidence: {others}"));
    }
    notes.extend(borrowing(&sheet.borrowing));
    if let Some(twin) = &sheet.trains_as {
        notes.push(format!("training: at the price of {twin}"));
    }
    notes.extend(missing(&sheet.missing));
    notes
}

/// One note for the meters that borrow from the same one in the same tiers.
fn borrowing(all: &[Borrowing]) -> Vec<String> {
    let mut groups: Vec<(&Borrowing, Vec<&str>)> = Vec::new();
    for one in all {
        let same = |(of, _): &&mut (&Borrowing, Vec<&str>)| {
            of.band == one.band && of.from == one.from && of.tiers == one.tiers
        };
        match groups.iter_mut().find(same) {
            Some((_, meters)) => meters.push(one.meter),
            None => groups.push((one, vec![one.meter])),
        }
    }
    let note = |(of, meters): (&Borrowing, Vec<&str>)| {
        let (meters, tiers) = (meters.join(", "), of.tiers.join(", "));
        format!("() {meters}: priced as {} at {tiers}{}", of.from, in_band(of.band.as_ref()))
    };
    groups.into_iter().map(note).collect()
}

/// One note for the tiers that lack the same for the same reason.
fn missing(all: &[Missing]) -> Vec<String> {
    let mut groups: Vec<(&Missing, Vec<&str>)> = Vec::new();
    for one in all {
        let same = |(of, _): &&mut (&Missing, Vec<&str>)| {
            of.band == one.band && of.reason == one.reason && of.meters == one.meters
        };
        match groups.iter_mut().find(same) {
            Some((_, tiers)) => tiers.push(&one.tier),
            None => groups.push((one, vec![&one.tier])),
        }
    }
    let note = |(of, tiers): (&Missing, Vec<&str>)| {
        let what = if of.meters.is_empty() {
            "nothing has a price".to_owned()
        } else {
            format!("no price for {}", of.meters.join(", "))
        };
        let (tiers, reason) = (tiers.join(", "), of.reason.replace('_', " "));
        format!("- {tiers}{}: {what} ({reason})", in_band(of.band.as_ref()))
    };
    groups.into_iter().map(note).collect()
}

fn in_band(band: Option<&String>) -> String {
    band.map_or_else(String::new, |band| format!(" in band {band}"))
}

fn tools(out: &mut String, sheet: &Sheet, style: Style) {
    if sheet.tools.is_empty() {
        return;
    }
    let rows = sheet.tools.iter().map(|price| {
        let borrowed = price.borrowed_from.map_or_else(String::new, |from| format!("from {from}"));
        let holds = interval(&price.from, price.to.as_deref());
        let per = format!("per {}", price.per);
        vec![price.meter.to_owned(), holds, evidence(&[price]), borrowed, amount(price.usd), per]
    });
    let header = ["", "holds", "evidence", "", "usd", ""].map(str::to_owned);
    let table = table(&header, &rows.collect::<Vec<_>>(), 4, style.width);
    let _ = writeln!(out, "\n{}\n{table}", style.heading("Tools, in every tier"));
}

fn history(out: &mut String, sheet: &Sheet, style: Style) {
    let _ = writeln!(out, "\n{}", style.heading("Published, interval by interval"));
    let tables = price_tables(&sheet.history, (&[], |_| Vec::new()));
    let tables: Vec<String> = tables.into_iter().map(|(_, table)| table).collect();
    let _ = writeln!(out, "{}", tables.join("\n\n"));
}
