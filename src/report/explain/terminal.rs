//! An explanation for a terminal.

use std::fmt::Write as _;

use super::{Explanation, LineStep, NoPrice, RateStep, RowStep, ScenarioStep};
use crate::money::thousands;
use crate::rates::catalog::FactorView;
use crate::report::build::tier_label;
use crate::report::style::{Style, plain};
use crate::report::table::Table;

/// An explanation as text. Writing to a `String` does not fail.
pub fn explain_terminal(explanation: &Explanation, style: Style) -> String {
    let mut out = String::new();
    let Explanation { path, line, format, class, .. } = explanation;
    let head = format!("{path}:{line}: {} ({format})", class.replace('_', " "));
    let _ = writeln!(out, "{}", style.heading(&plain(&head)));
    if let Some(rejected) = &explanation.rejected {
        let reason = rejected.reason.replace('_', " ");
        let text = format!("  {}: {reason}: {}", rejected.field, rejected.detail);
        let _ = writeln!(out, "{}", plain(&text));
    }
    if !explanation.read.is_empty() {
        let _ = writeln!(out, "\n{}", style.heading("What was read"));
        let rows = explanation.read.iter().map(|field| {
            [&field.meaning, &field.value, &field.field].map(|text| plain(text)).to_vec()
        });
        let rows: Vec<Vec<String>> = rows.collect();
        let table =
            Table { header: &["", "value", "from"], rows: &rows, labels: 3, width: style.width };
        let _ = writeln!(out, "{}", table.render());
    }
    if let Some(row) = &explanation.row {
        quantities(&mut out, row, style);
    }
    let _ = writeln!(out, "\n{}", style.heading("Which price"));
    match (&explanation.row, &explanation.rate) {
        (Some(row), rate) => which_price(&mut out, row, rate.as_ref()),
        (None, _) => out.push_str("  none: the record is no row of usage\n"),
    }
    if let Some(why) = &explanation.unpriced {
        let _ = writeln!(out, "  no price: {}", reason(why));
    }
    costs(&mut out, explanation, style);
    out
}

fn quantities(out: &mut String, row: &RowStep, style: Style) {
    if row.meters.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", style.heading("Quantities, each token in one of them"));
    for step in &row.meters {
        let quantity = thousands(u128::from(step.quantity));
        let _ = writeln!(out, "  {} {quantity} = {}", step.meter, plain(&step.from));
    }
}

fn which_price(out: &mut String, row: &RowStep, rate: Option<&RateStep>) {
    let requested = row.requested_tier.as_deref().filter(|tier| *tier != row.tier);
    let requested = requested.map_or_else(String::new, |tier| format!("; requested: {tier}"));
    let source = match row.tier_source {
        "absent" => "assumed: the log names none",
        source => source,
    };
    let tier = format!("  tier: {} ({source}){requested}", row.tier);
    let model = row.model.as_deref().unwrap_or("(not grouped)");
    let Some(rate) = rate else {
        let _ = writeln!(out, "  model: {}\n{}", plain(model), plain(&tier));
        return;
    };
    let rule = rate.rule.replace('_', " ");
    let model =
        format!("  model: {model}, priced as {} of {} ({rule})", rate.priced_as, rate.provider);
    let assumed = if rate.assumed { ", assumed: the row has no time" } else { "" };
    let requests = thousands(u128::from(row.requests));
    let _ = writeln!(out, "{}\n{}", plain(&model), plain(&tier));
    let _ = writeln!(out, "  time: {}{assumed}", rate.at);
    if let Some(region) = &rate.region {
        let _ = writeln!(out, "  region: {}", plain(region));
    }
    let _ = writeln!(
        out,
        "  context: {} band, by {} input tokens in {requests} request(s)",
        rate.band,
        thousands(rate.total_input)
    );
}

fn reason(why: &NoPrice) -> String {
    let meter = why.meter.map_or_else(String::new, |meter| format!(" ({meter})"));
    format!("{}{meter}", why.reason.replace('_', " "))
}

fn costs(out: &mut String, explanation: &Explanation, style: Style) {
    let mut sources: Vec<String> = Vec::new();
    for with in explanation.scenarios.iter().filter(|s| s.caching == "recorded") {
        let others = explanation.scenarios.iter();
        let without = others.into_iter().find(|s| s.tier == with.tier && s.caching == "none");
        scenario(out, with, "recorded caching", &mut sources, style);
        match without {
            Some(without) if without.lines == with.lines => {}
            Some(without) => scenario(out, without, "no caching", &mut sources, style),
            None => {}
        }
    }
    if sources.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", style.heading("Where the rates come from"));
    for (number, source) in (1_usize..).zip(&sources) {
        let _ = writeln!(out, "  [{number}] {}", plain(source));
    }
}

fn scenario(
    out: &mut String,
    step: &ScenarioStep,
    caching: &str,
    sources: &mut Vec<String>,
    style: Style,
) {
    let total = match (&step.total_usd, &step.no_price) {
        (Some(total), _) => format!("{total} USD"),
        (None, Some(why)) => format!("no price: {}", reason(why)),
        (None, None) => "no price".to_owned(),
    };
    let head = format!("{}, {caching}: {total}", tier_label(step.tier));
    let _ = writeln!(out, "\n{}", style.heading(&head));
    let rows: Vec<Vec<String>> = step.lines.iter().map(|line| line_cells(line, sources)).collect();
    if !rows.is_empty() {
        let header = ["meter", "quantity", "x rate", "= cost", "source"];
        let table = Table { header: &header, rows: &rows, labels: 1, width: style.width };
        let _ = writeln!(out, "{}", table.render());
    }
    if let (Some(low), Some(high)) = (step.low_usd, step.high_usd) {
        let _ = writeln!(out, "  the row leaves open which price it has: {low} to {high} USD");
    }
}

fn line_cells(line: &LineStep, sources: &mut Vec<String>) -> Vec<String> {
    let source = source_text(line);
    let known = sources.iter().position(|other| *other == source).unwrap_or_else(|| {
        sources.push(source);
        sources.len().saturating_sub(1)
    });
    let rate = line.rate_usd.map_or_else(|| "?".to_owned(), |rate| rate.at_least(2));
    vec![
        line.meter.to_owned(),
        thousands(line.quantity),
        format!(
            "{rate} per {}{}",
            line.per,
            if line.factors.is_empty() { "" } else { " (multiplied)" }
        ),
        line.usd.exact(),
        format!("[{}]", known.saturating_add(1)),
    ]
}

/// `; x 1.1 (regional_uplift, provider: official page)`.
fn factor_text(factor: &FactorView) -> String {
    let FactorView { name, multiplier, evidence, source } = factor;
    format!("; x {multiplier} ({name}, {evidence}: {source})")
}

fn source_text(line: &LineStep) -> String {
    let until = line.to.as_ref().map_or_else(String::new, |to| format!(" until {to}"));
    let factors = line.factors.iter();
    let factors: String = factors.map(factor_text).collect();
    let borrowed = line.borrowed_from.map_or_else(String::new, |from| {
        format!("; {} has no rate of its own here, it takes that of {from}", line.meter)
    });
    format!(
        "{}, checked {}, in force from {}{until}: {}{borrowed}{factors}",
        line.evidence,
        line.checked,
        line.from.as_deref().unwrap_or("earlier"),
        line.source
    )
}
