//! An estimate for a terminal.

use std::fmt::Write as _;

use super::build::tier_label;
use super::style::{Style, amount, cached_label, paragraph, plain};
use super::table::Table;
use crate::money::thousands;
use crate::scenario::{BreakEven, Estimate, EstimateModel, EstimateScenario};

/// An estimate as text.
pub fn estimate_terminal(estimate: &Estimate, style: Style) -> String {
    let mut out = String::new();
    let requests = thousands(u128::from(estimate.requests));
    let unit = if estimate.requests == 1 { "request" } else { "requests" };
    let head = format!("Estimate for {requests} {unit} at {}, in USD", estimate.at);
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
        style.faint(&format!("Rate book {sha}; an estimate, not an invoice"))
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
    tiers(out, &of_model, style);
    if let Some(standard) =
        of_model.iter().find(|s| s.tier == "standard" && s.caching == "recorded")
    {
        lines(out, standard, style);
    }
    let same = |a: &BreakEven, b: &BreakEven| a.cached_share == b.cached_share;
    for found in model.break_even.chunk_by(same) {
        let _ = writeln!(out, "{}", paragraph("  - ", &break_even(found), style.width));
    }
    for note in &model.notes {
        let _ = writeln!(out, "{}", paragraph("  - ", &plain(note), style.width));
    }
}

/// Tiers x caching.
fn tiers(out: &mut String, of_model: &[&EstimateScenario], style: Style) {
    let assumed = of_model.iter().find_map(|s| s.cached_share).map(cached_label);
    let mut header = vec!["", "total", "without caching"];
    header.extend(assumed.as_deref());
    let with = of_model.iter().filter(|s| s.caching == "recorded");
    let rows: Vec<Vec<String>> = with
        .map(|with| {
            let others = of_model.iter().filter(|s| s.tier == with.tier);
            let label = tier_label(with.tier).to_owned();
            std::iter::once(label).chain(others.map(|s| cost(s))).collect()
        })
        .collect();
    let table = Table { header: &header, rows: &rows, labels: 1, width: style.width };
    let _ = writeln!(out, "{}", table.render());
}

/// With how much caching Standard costs what cheaper tiers do, at one share.
fn break_even(found: &[BreakEven]) -> String {
    let share = found.first().map_or(String::new(), |first| {
        let (exact, percent) =
            (first.cached_share.to_string(), first.cached_share.rounded_percent());
        if exact == percent { exact } else { format!("{percent} ({exact})") }
    });
    let tiers: Vec<&str> = found.iter().map(|found| tier_label(found.tier)).collect();
    let tiers = tiers.join(" and ");
    format!(
        "break-even: Standard text input with {share} of it cached costs what {tiers} text input \
         costs without caching"
    )
}

/// How the Standard total comes about.
fn lines(out: &mut String, scenario: &EstimateScenario, style: Style) {
    let rows: Vec<Vec<String>> = scenario
        .by_meter
        .iter()
        .map(|line| {
            let factors = line.factors.iter().map(|factor| format!(" x {factor}"));
            let rate = format!("{}{} per {}", line.rate, factors.collect::<String>(), line.per);
            vec![
                format!("Standard {}", line.meter),
                thousands(line.quantity),
                rate,
                amount(line.usd),
            ]
        })
        .collect();
    if !rows.is_empty() {
        let _ = writeln!(
            out,
            "{}",
            Table {
                header: &["", "quantity", "rate", "cost"],
                rows: &rows,
                labels: 1,
                width: style.width
            }
            .render()
        );
    }
}

fn cost(scenario: &EstimateScenario) -> String {
    match (scenario.total_usd, scenario.reason) {
        (Some(total), _) => amount(total),
        (None, Some(reason)) => reason.replace('_', " "),
        (None, None) => "-".to_owned(),
    }
}

/// The models beside each other, each with its ratio to the others.
fn side_by_side(out: &mut String, estimate: &Estimate, style: Style) {
    let _ = writeln!(out, "\n{}", style.heading("Side by side, Standard with recorded caching"));
    let names: Vec<String> = estimate.models.iter().map(|model| plain(&model.model)).collect();
    let against: Vec<String> = names.iter().map(|name| format!("x {name}")).collect();
    let mut header = vec!["", "total"];
    header.extend(against.iter().map(String::as_str));
    let mut rows = Vec::new();
    for (model, name) in estimate.models.iter().zip(&names) {
        let mut row = vec![name.clone(), model.standard_usd.map_or("-".to_owned(), amount)];
        let ratios = model
            .ratios
            .iter()
            .map(|ratio| ratio.ratio.as_ref().map_or("-".to_owned(), |r| format!("{r}x")));
        row.extend(ratios);
        rows.push(row);
    }
    let _ = writeln!(
        out,
        "{}",
        Table { header: &header, rows: &rows, labels: 1, width: style.width }.render()
    );
}
