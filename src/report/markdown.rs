//! The report as Markdown, for a pull request or a wiki. Amounts are exact.

use std::fmt::Write as _;

use super::build::tier_label;
use super::model::{Report, ScenarioInfo};
use super::statements::{self, CLASSES};
use super::style::{amount, plain, rows_of};
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

/// Text of a log or a user where Markdown has signs of its own: none becomes a list, a
/// link, a mention or an emoji.
fn text(text: &str) -> String {
    let text = plain(text);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let mut out = String::new();
    for (at, c) in text.char_indices() {
        let begins_list = match c {
            '-' | '+' => at == 0,
            '.' | ')' => at == digits && at > 0,
            _ => false,
        };
        let after = text.get(at.saturating_add(1)..).and_then(|rest| rest.chars().next());
        let joins = c == ':' && after.is_some_and(|after| after == '/' || after.is_alphanumeric());
        let is_sign = matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#');
        if is_sign || begins_list || joins || matches!(c, '&' | '~' | '$') {
            out.push('\\');
        }
        out.push(c);
        // An empty comment parts what would be a mention or an address.
        if c == '@' || text.get(..=at).is_some_and(|before| before.ends_with("www")) {
            out.push_str("<!-- -->");
        }
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

/// Lines as a list; none where there are none.
fn list(out: &mut String, lines: impl IntoIterator<Item = String>) {
    let mut lines = lines.into_iter().peekable();
    if lines.peek().is_none() {
        return;
    }
    for line in lines {
        let _ = writeln!(out, "- {}", text(&line));
    }
    out.push('\n');
}

fn head(report: &Report, out: &mut String) {
    let period = statements::period(report);
    let _ = writeln!(out, "## LLM usage, {period} ({})\n", text(&report.period.timezone));
    let rows = &report.rows;
    let priced = thousands(u128::from(rows.priced));
    let _ = writeln!(out, "{} read, {priced} priced. Amounts in USD, exact.\n", rows_of(rows.read));
    let said = statements::scope(report).into_iter().chain(statements::billed(report));
    list(out, said.chain(statements::contract(report)));
}

/// Every tier, a column for each caching assumption.
fn matrix(report: &Report, out: &mut String) {
    let cachings = statements::cachings(report);
    let columns = cachings.iter().flat_map(|(_, label)| [label.clone(), "change".to_owned()]);
    let header: Vec<String> = std::iter::once("tier".to_owned()).chain(columns).collect();
    let tiers = report.scenarios.iter().filter(|one| one.caching == "recorded");
    let cells = |tier: &str| {
        let mut row = vec![tier_label(tier).to_owned()];
        for (caching, _) in &cachings {
            let found = statements::scenario(report, tier, caching.caching);
            row.push(found.map(|one| amount(one.total_usd)).unwrap_or_default());
            row.push(found.map(|one| change(one.delta_usd)).unwrap_or_default());
        }
        row
    };
    let rows: Vec<Vec<String>> = tiers.map(|one| cells(one.tier)).collect();
    table(out, &header, 1, &rows);
    list(out, statements::footnotes(report));
    for (caching, label) in &cachings {
        let lines = statements::assigned(report, caching.caching).into_iter();
        let mut lines = lines.map(|(tier, models)| format!("{}: {models}", tier_label(tier)));
        if let Some(first) = lines.next() {
            let _ = writeln!(out, "Cheapest, with {}:\n", text(label));
            list(out, std::iter::once(first).chain(lines));
        }
    }
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
    let sections = [
        ("Without a price, in no total", statements::unpriced(report)),
        ("Rejected, in no total", statements::rejects(report)),
    ];
    for (title, lines) in sections.into_iter().filter(|(_, lines)| !lines.is_empty()) {
        let _ = writeln!(out, "### {title}\n");
        list(out, lines);
    }
}

fn notes(report: &Report, out: &mut String) {
    let all: Vec<_> = report.notes.iter().chain(&report.findings).collect();
    if !all.is_empty() {
        let _ = writeln!(out, "### Notes\n");
        list(out, all.into_iter().map(|note| note.message.clone()));
    }
}

fn rows(report: &Report, out: &mut String) {
    let header = ["file", "format"].into_iter();
    let header: Vec<&str> = header.chain(CLASSES.iter().map(|(name, ..)| *name)).collect();
    let row = |name: String, format: &str, rows: &crate::ledger::RowCounts| {
        let counts = CLASSES.iter().map(|(_, _, count)| thousands(u128::from(count(rows))));
        [name, format.to_owned()].into_iter().chain(counts).collect::<Vec<_>>()
    };
    let files = report.inputs.iter();
    let files =
        files.map(|file| row(text(&file.path), file.format.unwrap_or_default(), &file.rows));
    let mut all: Vec<Vec<String>> = files.collect();
    all.push(row("**total**".to_owned(), "", &report.rows));
    let _ = writeln!(out, "### Rows\n");
    table(out, &words(&header), 2, &all);
    let _ = writeln!(out, "{}.", text(&statements::provenance(report)));
}
