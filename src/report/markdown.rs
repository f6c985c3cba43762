//! The report as Markdown, for a pull request or a wiki. Amounts are exact.

use std::fmt::Write as _;

use super::build::tier_label;
use super::model::{Report, ScenarioInfo};
use super::style::{amount, cached_label, plain, rows_of};
use crate::money::{Money, thousands};

/// The report as Markdown.
pub fn markdown(report: &Report) -> String {
    let mut out = String::new();
    head(report, &mut out);
    matrix(report, &mut out);
    groups(report, &mut out);
    unpriced(report, &mut out);
    notes(report, &mut out);
    rows(report, &mut out);
    out
}

/// Text of a log or a user where Markdown has signs of its own.
fn text(text: &str) -> String {
    let mut out = String::new();
    for c in plain(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '&' | '~') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A table; columns after the first `labels` are numbers.
fn table(out: &mut String, header: &[String], labels: usize, rows: &[Vec<String>]) {
    // Writing to a `String` does not fail.
    let _ = writeln!(out, "| {} |", header.join(" | "));
    let sides = (0..header.len()).map(|at| if at < labels { "---" } else { "---:" });
    let _ = writeln!(out, "|{}|", sides.collect::<Vec<_>>().join("|"));
    for row in rows {
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
    out.push('\n');
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn head(report: &Report, out: &mut String) {
    let period = match (&report.period.first_day, &report.period.last_day) {
        (Some(first), Some(last)) if first == last => first.clone(),
        (Some(first), Some(last)) => format!("{first} to {last}"),
        _ => "without times".to_owned(),
    };
    let _ = writeln!(out, "## LLM usage, {period} ({})\n", text(&report.period.timezone));
    let rows = &report.rows;
    let priced = thousands(u128::from(rows.priced));
    let _ = writeln!(out, "{} read, {priced} priced. Amounts in USD, exact.\n", rows_of(rows.read));
    if let Some(billed) = &report.billed {
        let (rows, usd) = (rows_of(billed.rows), amount(billed.usd));
        let _ = writeln!(out, "Billed, as {rows} say: {usd} USD.\n");
    }
}

/// Every tier, a column for each caching assumption.
fn matrix(report: &Report, out: &mut String) {
    let mut cachings: Vec<&ScenarioInfo> = Vec::new();
    for scenario in &report.scenarios {
        if !cachings.iter().any(|known| known.caching == scenario.caching) {
            cachings.push(scenario);
        }
    }
    let label = |one: &&ScenarioInfo| match one.caching {
        "recorded" => "recorded caching".to_owned(),
        "none" => "no caching".to_owned(),
        _ => one.cached_share.map(cached_label).unwrap_or_default(),
    };
    let columns = cachings.iter().flat_map(|one| [label(one), "change".to_owned()]);
    let header: Vec<String> = std::iter::once("tier".to_owned()).chain(columns).collect();
    let tiers = report.scenarios.iter().filter(|one| one.caching == "recorded");
    let cells = |tier: &str| {
        let mut row = vec![tier_label(tier).to_owned()];
        for caching in &cachings {
            let same = |one: &&ScenarioInfo| one.tier == tier && one.caching == caching.caching;
            let found = report.scenarios.iter().find(same);
            row.push(found.map(|one| amount(one.total_usd)).unwrap_or_default());
            row.push(found.map(|one| change(one.delta_usd)).unwrap_or_default());
        }
        row
    };
    let rows: Vec<Vec<String>> = tiers.map(|one| cells(one.tier)).collect();
    table(out, &header, 1, &rows);
}

fn change(delta: Money) -> String {
    if delta > Money::ZERO { format!("+{}", amount(delta)) } else { amount(delta) }
}

fn groups(report: &Report, out: &mut String) {
    if report.groups.is_empty() {
        return;
    }
    let names = report.groups.names.iter().map(|name| text(name));
    let tiers: Vec<&ScenarioInfo> =
        report.scenarios.iter().filter(|one| one.caching == "recorded").collect();
    let labels = tiers.iter().map(|one| tier_label(one.tier).to_owned());
    let header: Vec<String> = names.chain(["requests".to_owned()]).chain(labels).collect();
    let row = |group: super::model::GroupInfo<'_>| {
        let keys = group.key.iter().map(|(_, value)| text(value.unwrap_or("(none)")));
        let requests = thousands(group.requests);
        let totals = group.scenarios.iter().filter(|one| one.caching == "recorded");
        let totals = totals.map(|one| amount(one.total_usd));
        keys.chain([requests]).chain(totals).collect::<Vec<_>>()
    };
    let mut rows: Vec<Vec<String>> = report.groups.infos().map(row).collect();
    let keys = report.groups.names.len();
    let mut total = vec!["**total**".to_owned()];
    total.resize(keys, String::new());
    total.push(thousands(tiers.first().map_or(0, |one| one.covered.requests)));
    total.extend(tiers.iter().map(|one| format!("**{}**", amount(one.total_usd))));
    rows.push(total);
    let _ =
        writeln!(out, "### By {}, with recorded caching\n", text(&report.groups.names.join(", ")));
    table(out, &header, keys, &rows);
}

fn unpriced(report: &Report, out: &mut String) {
    if report.unpriced.is_empty() {
        return;
    }
    let row = |one: &super::model::UnpricedInfo| {
        let model = one.model.as_deref().unwrap_or("(no model)");
        let why = [one.reason, one.meter.unwrap_or_default()].join(" ").replace('_', " ");
        vec![
            text(model),
            why.trim().to_owned(),
            thousands(u128::from(one.rows)),
            thousands(one.tokens),
        ]
    };
    let rows: Vec<Vec<String>> = report.unpriced.iter().map(row).collect();
    let _ = writeln!(out, "### Without a price, in no total\n");
    table(out, &words(&["model", "reason", "rows", "tokens"]), 2, &rows);
}

fn notes(report: &Report, out: &mut String) {
    let all: Vec<_> = report.notes.iter().chain(&report.findings).collect();
    if all.is_empty() {
        return;
    }
    let _ = writeln!(out, "### Notes\n");
    for note in all {
        let _ = writeln!(out, "- {}", text(&note.message));
    }
    out.push('\n');
}

fn rows(report: &Report, out: &mut String) {
    let header = [
        "file",
        "format",
        "read",
        "priced",
        "unpriced",
        "rejected",
        "duplicate",
        "empty",
        "filtered",
        "billed only",
    ];
    let row = |name: String, format: &str, rows: &crate::ledger::RowCounts| {
        let counts = [
            rows.read,
            rows.priced,
            rows.unpriced,
            rows.rejected,
            rows.duplicate,
            rows.empty,
            rows.filtered,
            rows.billed_only,
        ];
        let counts = counts.map(|count| thousands(u128::from(count)));
        [name, format.to_owned()].into_iter().chain(counts).collect::<Vec<_>>()
    };
    let files = report.inputs.iter();
    let files =
        files.map(|file| row(text(&file.path), file.format.unwrap_or_default(), &file.rows));
    let mut all: Vec<Vec<String>> = files.collect();
    all.push(row("**total**".to_owned(), "", &report.rows));
    let _ = writeln!(out, "### Rows\n");
    table(out, &words(&header), 2, &all);
    let book = report.rate_book.sha256.get(..12).unwrap_or_default();
    let (tool, as_of) = (&report.tool, &report.rate_book.as_of);
    let _ = writeln!(out, "Rates of book `{book}`, as of {as_of}; {} {}.", tool.name, tool.version);
}
