//! Why a rate is what it is, step by step.

use std::fmt::Write as _;

use super::{band_start, interval, table};
use crate::money::thousands;
use crate::rates::catalog::{Explanation, FactorView, LayerStep, Outcome, PriceView};
use crate::report::style::{Style, amount, paragraph, plain};

/// An explanation as text.
pub fn explanation(why: &Explanation, style: Style) -> String {
    let mut out = String::new();
    let request = why.input.map_or_else(String::new, |input| {
        format!(", a request of {} input tokens", thousands(u128::from(input)))
    });
    let head = format!("{} of {} at {}, {}{request}", why.meter, why.asked, why.tier, why.at);
    // Writing to a `String` does not fail.
    let _ = writeln!(out, "{}", style.heading(&plain(&head)));
    section(&mut out, "Model", &[matching(why)], style);
    section(&mut out, "Context band", &[band(why)], style);
    let steps = why.lookups.iter().map(|step| step_line(step, why));
    let steps: Vec<Vec<String>> = steps.collect();
    let _ = writeln!(out, "\n{}", style.heading("Layers, strongest first"));
    let header = ["meter", "layer", "what it has"].map(str::to_owned);
    let _ = writeln!(out, "{}", table(&header, &steps, 3, style.width));
    section(&mut out, "Price", &price(why), style);
    out
}

fn section(out: &mut String, title: &str, lines: &[String], style: Style) {
    let _ = writeln!(out, "\n{}", style.heading(title));
    for line in lines {
        let _ = writeln!(out, "{}", paragraph("  ", &plain(line), style.width));
    }
}

fn matching(why: &Explanation) -> String {
    let steps = why.matching.iter().map(|step| {
        let found = step.found.as_ref().map_or("no".to_owned(), |id| format!("yes, {id}"));
        format!("{}: {found}", step.rule.replace('_', " "))
    });
    let steps: Vec<String> = steps.collect();
    format!("{} ({})", steps.join("; "), why.provider)
}

fn band(why: &Explanation) -> String {
    let all: Vec<String> = why
        .bands
        .iter()
        .map(|band| format!("{} begins {} input tokens", band.name, band_start(band)))
        .collect();
    let chosen = why.band.as_ref().map_or("the base one", |band| &band.name);
    match (all.is_empty(), why.input) {
        (true, _) => "the model has one price for every length".to_owned(),
        (false, None) => {
            format!("{}; no --input is given, so {chosen} is taken", all.join(", "))
        }
        (false, Some(input)) => {
            format!("{}; {} makes it {chosen}", all.join(", "), thousands(u128::from(input)))
        }
    }
}

fn step_line(step: &LayerStep, why: &Explanation) -> Vec<String> {
    let cells = step
        .cells
        .iter()
        .map(|cell| format!("{} ({})", amount(cell.usd), interval(&cell.from, cell.to.as_deref())));
    let cells = cells.collect::<Vec<_>>().join(", ");
    let has = match step.outcome {
        Outcome::Holds => format!("{cells}: decides"),
        Outcome::OtherDates => format!("not at {}, but {cells}", why.at),
        Outcome::NoCell => "no cell".to_owned(),
    };
    vec![step.meter.to_owned(), plain(&step.layer), has]
}

fn price(why: &Explanation) -> Vec<String> {
    let Some(price) = &why.price else { return no_price(why) };
    let unit = why.unit_usd.filter(|unit| *unit != price.usd);
    let unit = unit.map_or_else(String::new, |unit| format!(", {unit} each"));
    let mut lines = vec![format!("{} USD per {}{unit}", amount(price.usd), price.per)];
    if let Some(spend) = &why.spend {
        let cost = spend.usd.map_or("out of range".to_owned(), amount);
        let quantity = thousands(u128::from(spend.quantity));
        lines.push(format!("{quantity} of {} cost {cost} USD", why.meter));
    }
    lines.extend(basis(why, price));
    lines
}

/// What the price rests on.
fn basis(why: &Explanation, price: &PriceView) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(from) = price.borrowed_from {
        lines.push(format!("{} has no cell of its own here and is priced by {from}", why.meter));
    }
    if let Some(twin) = &why.trains_as {
        lines.push(format!("training is priced by {twin}"));
    }
    for factor in &price.factors {
        let FactorView { name, multiplier, evidence, source } = factor;
        lines.push(format!("multiplied by {multiplier} ({name}, {evidence}: {source})"));
    }
    if let Some(region) = &why.region {
        lines.push(format!("priced for region {region}"));
    }
    lines.push(format!("holds {}", interval(&price.from, price.to.as_deref())));
    lines.push(format!(
        "layer {}, evidence {}, confidence {}, checked {}",
        price.layer, price.evidence, price.confidence, price.checked
    ));
    lines.push(format!("source: {}", price.source));
    if why.after_checked {
        lines.push(format!("{} is after the day on which it was last checked", why.at));
    }
    lines
}

fn no_price(why: &Explanation) -> Vec<String> {
    let reason = why.reason.unwrap_or("no_evidence");
    let meaning = match reason {
        "not_offered" => "the provider's table shows the model without this tier",
        "not_published" => "the tier is published for the model, this cell is not",
        "no_evidence" => "no layer of the book says anything",
        "before_first_rate" => "earlier than the first price",
        "not_in_region" => "priced in other regions, not in this one",
        "no_rate_at_time" => "later than the last price, or between two",
        _ => "the amount is larger than any that is held",
    };
    let mut lines = vec![format!("none, {}: {meaning}", reason.replace('_', " "))];
    let tiers = why.priced_tiers.join(", ");
    if !tiers.is_empty() {
        lines.push(format!("{} has a price at {tiers}", why.meter));
    }
    lines
}
