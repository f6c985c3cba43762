//! What reports say in words, the same in every form.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::build::tier_label;
use super::model::{AssignmentInfo, Report, ScenarioInfo};
use super::style::{amount, amount_with, cached_label, plain, rows_of};
use crate::ledger::RowCounts;
use crate::money::{Money, thousands};

/// An amount with its sign.
pub(super) fn signed(money: Money) -> String {
    if money > Money::ZERO { format!("+{}", amount(money)) } else { amount(money) }
}

/// The days of the usage.
pub(super) fn period(report: &Report) -> String {
    match (&report.period.first_day, &report.period.last_day) {
        (Some(first), Some(last)) if first == last => first.clone(),
        (Some(first), Some(last)) => format!("{first} to {last}"),
        _ => "without times".to_owned(),
    }
}

/// What was asked that changes which rows or which rates a report is of; `None` where
/// nothing was.
pub(super) fn scope(report: &Report) -> Option<String> {
    let arguments = &report.arguments;
    let mut parts: Vec<String> = Vec::new();
    let mut listed = |what: &str, values: &[String]| {
        if !values.is_empty() {
            let values: Vec<String> = values.iter().map(|value| plain(value)).collect();
            parts.push(format!("{what} {}", values.join(", ")));
        }
    };
    listed("only rows with", &arguments.filters);
    listed("from", arguments.from.as_slice());
    listed("before", arguments.to.as_slice());
    listed("with rates of", &arguments.rates);
    listed("with aliases", &arguments.aliases);
    listed("with regions", &arguments.regions);
    listed("rows without a time priced at", arguments.assume_date.as_slice());
    listed("repeated records by", arguments.dedupe.as_slice());
    if arguments.published_only {
        parts.push("the providers' own rates alone".to_owned());
    }
    if arguments.uncovered == "exclude" {
        parts.push("each tier without the rows that it has no price for".to_owned());
    }
    (!parts.is_empty()).then(|| format!("Asked for: {}", parts.join("; ")))
}

/// What was billed, and what the same rows cost.
pub(super) fn billed(report: &Report) -> Option<String> {
    let billed = report.billed.as_ref()?;
    let mut text = format!("Billed, as {} say: {} USD", rows_of(billed.rows), amount(billed.usd));
    if billed.priced_rows > 0 {
        let (priced, difference) = (amount(billed.priced_usd), amount(billed.difference_usd));
        let some = if billed.priced_rows == billed.rows {
            String::new()
        } else {
            let rows = thousands(u128::from(billed.priced_rows));
            format!("{rows} of them, billed {} USD, ", amount(billed.priced_billed_usd))
        };
        let _ = write!(text, "; {some}priced at {priced} USD, difference {difference} USD");
    }
    Some(text)
}

/// What contracts and credits change.
pub(super) fn contract(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    let Some(recorded) = scenario(report, "recorded", "recorded") else { return lines };
    let (list, contracted) = (recorded.list_usd, recorded.contracted_usd);
    if let Some(list) = list.filter(|list| *list != contracted) {
        let difference = contracted.checked_sub(list).unwrap_or_default();
        lines.push(format!(
            "At list prices {} USD, contracted {} USD: {} USD",
            amount(list),
            amount(contracted),
            signed(difference)
        ));
    }
    if let Some(credit) = report.credit {
        lines.push(format!(
            "Credit of {} USD, {} USD of it used: {} USD after it",
            amount(credit.usd),
            amount(credit.used_usd),
            amount(credit.recorded_after_usd)
        ));
    }
    lines
}

/// One scenario of a report.
pub(super) fn scenario<'r>(
    report: &'r Report,
    tier: &str,
    caching: &str,
) -> Option<&'r ScenarioInfo> {
    report.scenarios.iter().find(|s| s.tier == tier && s.caching == caching)
}

/// The caching assumptions of a report's columns, the first scenario of each, and their
/// names.
pub(super) fn cachings(report: &Report) -> Vec<(&ScenarioInfo, String)> {
    let mut cachings: Vec<(&ScenarioInfo, String)> = Vec::new();
    for scenario in &report.scenarios {
        if !cachings.iter().any(|(known, _)| known.caching == scenario.caching) {
            let label = match scenario.caching {
                "recorded" => "recorded caching".to_owned(),
                "none" => "no caching".to_owned(),
                _ => scenario.cached_share.map(cached_label).unwrap_or_default(),
            };
            cachings.push((scenario, label));
        }
    }
    cachings
}

/// What the totals of the tiers rest on.
pub(super) fn footnotes(report: &Report) -> Vec<String> {
    let with = || report.scenarios.iter().filter(|s| s.caching == "recorded");
    let uncovered = report.arguments.uncovered;
    let mut lines: Vec<String> =
        with().filter(|s| s.fallback.rows > 0).map(|s| fallback(s, uncovered)).collect();
    let ranges = with().filter_map(|s| Some((s, s.range_usd?))).map(|(s, range)| {
        let (low, high) = (amount_with(range.low, 4), amount_with(range.high, 4));
        format!("{} {low} to {high}", tier_label(s.tier))
    });
    let ranges: Vec<String> = ranges.collect();
    if !ranges.is_empty() {
        lines.push(format!("What summed-up rows leave open: {}", ranges.join("; ")));
    }
    if report.arguments.assume_cached.is_some() {
        let text = "* Modelled, not what the logs say; the notes state what is assumed.";
        lines.push(text.to_owned());
    }
    let terms = "Terms: Batch answers within 24 hours; Flex is slower and may be refused; \
                 Priority may be downgraded to Standard and billed so.";
    lines.push(terms.to_owned());
    lines
}

/// Rows that a tier cannot price, by reason.
fn fallback(scenario: &ScenarioInfo, uncovered: &str) -> String {
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for reason in &scenario.fallback.reasons {
        let rows = reasons.entry(reason.reason).or_default();
        *rows = rows.saturating_add(reason.rows);
    }
    let reasons: Vec<String> = reasons
        .iter()
        .map(|(reason, rows)| format!("{rows} {}", reason.replace('_', " ")))
        .collect();
    let (label, rows, usd) =
        (tier_label(scenario.tier), rows_of(scenario.fallback.rows), amount(scenario.fallback.usd));
    let how =
        if uncovered == "exclude" { "left out" } else { "in its total at their Standard price" };
    format!("{label} has no price for {rows} ({}); {how}: {usd} USD", reasons.join(", "))
}

/// Cheapest with a caching assumption: the tiers, and which models go there.
pub(super) fn assigned(report: &Report, caching: &str) -> Vec<(&'static str, String)> {
    let with: Vec<_> = report.assignments.iter().filter(|a| a.caching == caching).collect();
    let mut tiers: Vec<&'static str> = with.iter().map(|a| a.tier).collect();
    tiers.sort_unstable();
    tiers.dedup();
    let name = |of: &AssignmentInfo| {
        let others = with.iter().filter(|other| other.model == of.model).count();
        let provider = (others > 1).then(|| format!(" of {}", plain(&of.provider)));
        plain(&of.model) + provider.as_deref().unwrap_or_default()
    };
    let models = |tier: &str| -> Vec<String> {
        with.iter().filter(|a| a.tier == tier).map(|a| name(a)).collect()
    };
    tiers.into_iter().map(|tier| (tier, models(tier).join(", "))).collect()
}

/// Usage without a price.
pub(super) fn unpriced(report: &Report) -> Vec<String> {
    let line = |row: &super::model::UnpricedInfo| {
        let model = row.model.as_deref().map_or("(no model)".to_owned(), plain);
        let mut text = format!(
            "{model}: {}, {} tokens ({})",
            rows_of(row.rows),
            thousands(row.tokens),
            row.reason.replace('_', " ")
        );
        if let Some(meter) = row.meter {
            let _ = write!(text, ", no {meter} rate");
        }
        if let Some(tier) = &row.tier {
            let _ = write!(text, " under {}", plain(tier));
        }
        if let Some(usd) = row.list_usd {
            let some = if row.list_rows == row.rows {
                String::new()
            } else {
                format!(" for {} of them", rows_of(row.list_rows))
            };
            let _ = write!(text, "; at Standard {} USD{some}", amount(usd));
        }
        if row.reason == "unknown_model" {
            let _ = write!(text, "; price it with --alias {model}=MODEL");
        }
        text
    };
    report.unpriced.iter().map(line).collect()
}

/// How many rows are of a class.
pub(super) type Count = fn(&RowCounts) -> u64;

/// What rows become, in the order of columns; whether a column is shown even when nothing
/// is in it.
pub(super) const CLASSES: [(&str, bool, Count); 8] = [
    ("read", true, |rows| rows.read),
    ("priced", true, |rows| rows.priced),
    ("unpriced", true, |rows| rows.unpriced),
    ("rejected", true, |rows| rows.rejected),
    ("duplicate", false, |rows| rows.duplicate),
    ("empty", true, |rows| rows.empty),
    ("filtered", false, |rows| rows.filtered),
    ("billed only", false, |rows| rows.billed_only),
];

/// Those of them that are shown where all rows are these.
pub(super) fn used_classes(all: &RowCounts) -> impl Iterator<Item = (&'static str, Count)> + use<> {
    let all = *all;
    let used = CLASSES.into_iter().filter(move |(_, always, count)| *always || count(&all) > 0);
    used.map(|(name, _, count)| (name, count))
}

/// Rejected records.
pub(super) fn rejects(report: &Report) -> Vec<String> {
    let line = |row: &super::model::RejectInfo| {
        let more = match row.rows {
            1 => String::new(),
            rows => format!(" (the first of {})", thousands(u128::from(rows))),
        };
        let (path, field, detail) = (plain(&row.path), plain(&row.field), plain(&row.detail));
        let reason = row.reason.replace('_', " ");
        format!("{path}:{}: {field}: {reason}: {detail}{more}", row.line)
    };
    report.rejects.iter().map(line).collect()
}

/// The rate book, and what made the report.
pub(super) fn provenance(report: &Report) -> String {
    let book = &report.rate_book;
    let layers = book.layers.iter();
    let layers: Vec<String> =
        layers.map(|layer| format!("{} (checked {})", layer.name, layer.checked)).collect();
    let sha = book.sha256.get(..12).unwrap_or(&book.sha256);
    format!("Rates, book {sha}: {}; tierwise {}", layers.join(", "), report.tool.version)
}
