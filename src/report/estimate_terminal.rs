//! An estimate for a terminal.

use std::fmt::Write as _;

use super::build::tier_label;
use super::style::{Style, amount, plain, thousands};
use super::table::table_with;
use crate::money::{Money, permille};
use crate::scenario::{Estimate, EstimateModel, EstimateScenario};

/// An estimate as text.
pub fn estimate_terminal(estimate: &Estimate, style: Style) -> String {
    let mut out = String::new();
    let requests = thousands(u128::from(estimate.requests));
    let head = format!("Estimate for {requests} request(s) at {}, in USD", estimate.at);
    // Writing to a `String` does not fail.
    let _ = writeln!(out, "{}", style.heading(&head));
    for model in &estimate.models {
        one_model(&mut out, estimate, model, style);
    }
    if estimate.models.len() > 1 {
        side_by_side(&mut out, estimate, style);
    }
    let sha = estimate.rate_book_sha256.get(..12).unwrap_or_default();
    let _ = writeln!(
        out,
        "\n{}",
        style.faint(&format!("Rate book {sha}; an estimate from list prices, not an invoice"))
    );
    out
}

fn one_model(out: &mut String, estimate: &Estimate, model: &EstimateModel, style: Style) {
    let mut head = plain(&model.model);
    if model.rule != "exact" {
        let _ = write!(head, " (priced as {}, {})", model.priced_as, model.rule.replace('_', " "));
    }
    let _ = writeln!(out, "\n{}", style.heading(&head));
    let limit =
        |tokens: Option<u64>| tokens.map_or("not known".to_owned(), |n| thousands(u128::from(n)));
    let (window, cap) = (limit(model.context_window), limit(model.max_output));
    let _ = writeln!(out, "  context window {window} tokens, output cap {cap} tokens");
    let of_model: Vec<&EstimateScenario> =
        estimate.scenarios.iter().filter(|s| s.model == model.model).collect();
    let mut rows = Vec::new();
    for with in of_model.iter().filter(|s| s.caching == "recorded") {
        let without = of_model.iter().find(|s| s.tier == with.tier && s.caching == "none");
        let label = tier_label(with.tier).to_owned();
        rows.push(vec![label, cost(with), without.map_or_else(String::new, |s| cost(s))]);
    }
    let _ = writeln!(out, "{}", table_with(&["", "total", "without caching"], &rows, 1));
    if let Some(standard) =
        of_model.iter().find(|s| s.tier == "standard" && s.caching == "recorded")
    {
        lines(out, standard);
    }
    for note in &model.notes {
        let _ = writeln!(out, "  - {}", plain(note));
    }
}

/// How the Standard total comes about.
fn lines(out: &mut String, scenario: &EstimateScenario) {
    let rows: Vec<Vec<String>> = scenario
        .by_meter
        .iter()
        .map(|line| {
            let rate = format!("{} per {}", line.rate, line.per);
            vec![
                format!("Standard {}", line.meter),
                thousands(line.quantity),
                rate,
                amount(line.usd),
            ]
        })
        .collect();
    if !rows.is_empty() {
        let _ = writeln!(out, "{}", table_with(&["", "quantity", "rate", "cost"], &rows, 1));
    }
}

fn cost(scenario: &EstimateScenario) -> String {
    match (scenario.total_usd, scenario.reason) {
        (Some(total), _) => amount(total),
        (None, Some(reason)) => reason.replace('_', " "),
        (None, None) => "-".to_owned(),
    }
}

/// The models beside each other, with the ratio to the first one.
fn side_by_side(out: &mut String, estimate: &Estimate, style: Style) {
    let _ = writeln!(out, "\n{}", style.heading("Side by side, Standard with recorded caching"));
    let of = |model: &EstimateModel| {
        let standard = |s: &&EstimateScenario| {
            s.model == model.model && s.tier == "standard" && s.caching == "recorded"
        };
        estimate.scenarios.iter().find(standard).and_then(|s| s.total_usd)
    };
    let first = estimate.models.first().and_then(of);
    let rows: Vec<Vec<String>> = estimate
        .models
        .iter()
        .map(|model| {
            let total = of(model);
            let shown = total.map_or("-".to_owned(), amount);
            vec![
                plain(&model.model),
                shown,
                total.zip(first).map_or("-".to_owned(), |(a, b)| ratio(a, b)),
            ]
        })
        .collect();
    let _ = writeln!(out, "{}", table_with(&["", "total", "ratio"], &rows, 1));
}

/// `a / b` with up to three decimals.
fn ratio(a: Money, b: Money) -> String {
    match permille(a.atto().unsigned_abs(), b.atto().unsigned_abs()) {
        None => "-".to_owned(),
        Some(thousandths) => {
            let text = format!("{thousandths:04}");
            let (whole, decimals) = text.split_at(text.len().saturating_sub(3));
            let exact = format!("{whole}.{decimals}");
            format!("{}x", exact.trim_end_matches('0').trim_end_matches('.'))
        }
    }
}
