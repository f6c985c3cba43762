//! The report for a terminal.

use std::fmt::Write as _;

use super::build::tier_label;
use super::model::{GroupInfo, Note, Report, Rows, ScenarioInfo};
use super::style::{
    Style, amount, amount_with, percent_change, places, plain, rows_of, share, thousands,
};
use super::table::{table, table_with};

/// The narrowest terminal that shows every column.
const WIDE: usize = 90;

/// Groups that are shown; the JSON report has all.
const GROUPS_SHOWN: usize = 30;

/// The report as text.
pub fn terminal(report: &Report, style: Style) -> String {
    let mut page = Page { report, style, out: String::new() };
    page.header();
    page.matrix();
    page.assignments();
    page.groups();
    page.unpriced();
    page.rejects();
    page.notes();
    page.rows();
    page.gates();
    page.provenance();
    page.out
}

struct Page<'r> {
    report: &'r Report,
    style: Style,
    out: String,
}

impl Page<'_> {
    fn line(&mut self, text: &str) {
        // Writing to a `String` does not fail.
        let _ = writeln!(self.out, "{text}");
    }

    fn section(&mut self, title: &str) {
        let title = self.style.heading(title);
        self.line("");
        self.line(&title);
    }

    fn header(&mut self) {
        let report = self.report;
        let day = |text: &Option<String>| {
            text.as_deref().and_then(|t| t.get(..10)).unwrap_or("?").to_owned()
        };
        let period = match (&report.period.from, &report.period.to) {
            (None, _) => "without times".to_owned(),
            (Some(_), _) => format!("{} to {}", day(&report.period.from), day(&report.period.to)),
        };
        let head = format!("LLM usage, {period} ({})", report.period.timezone);
        let head = self.style.heading(&head);
        self.line(&head);
        let rows = &report.rows;
        let priced = format!(
            "{} rows read, {} priced; amounts in USD, rounded for display only",
            thousands(u128::from(rows.read)),
            thousands(u128::from(rows.priced)),
        );
        self.line(&priced);
        if let Some(billed) = &report.billed {
            let mut text =
                format!("Billed, as {} say: {} USD", rows_of(billed.rows), amount(billed.usd));
            if billed.priced_rows > 0 {
                let (priced, difference) =
                    (amount(billed.priced_usd), amount(billed.difference_usd));
                let some = if billed.priced_rows == billed.rows {
                    String::new()
                } else {
                    format!("{} of them ", thousands(u128::from(billed.priced_rows)))
                };
                let _ = write!(text, "; {some}priced at {priced} USD, difference {difference} USD");
            }
            self.wrapped("", &text);
        }
    }

    fn scenario(&self, tier: &str, caching: &str) -> Option<&ScenarioInfo> {
        self.report.scenarios.iter().find(|s| s.tier == tier && s.caching == caching)
    }

    /// Tiers x caching.
    fn matrix(&mut self) {
        self.section("What it cost, and what each tier would have cost");
        let wide = self.style.width >= WIDE;
        let published =
            wide && self.report.scenarios.iter().any(|s| s.published_only_usd.is_some());
        let mut header =
            vec!["", "recorded caching", "change", "no caching", "change", "priced by tier"];
        if !wide {
            header = vec!["", "recorded caching", "no caching", "priced by tier"];
        }
        if published {
            header.push("published rates only");
        }
        let with = self.report.scenarios.iter().filter(|s| s.caching == "recorded");
        let rows: Vec<Vec<String>> =
            with.filter_map(|with| self.matrix_row(with, published)).collect();
        let text = table(&header, &rows);
        self.line(&text);
        self.matrix_footnotes();
    }

    fn matrix_row(&self, with: &ScenarioInfo, published: bool) -> Option<Vec<String>> {
        let wide = self.style.width >= WIDE;
        let places = places(self.report.scenarios.iter().map(|s| s.total_usd));
        let baseline =
            self.scenario("recorded", "recorded").map(|s| s.total_usd).unwrap_or_default();
        let change = |s: &ScenarioInfo| {
            self.style.change(&percent_change(s.delta_usd, baseline), s.delta_usd)
        };
        let without = self.scenario(with.tier, "none")?;
        let mut row = vec![tier_label(with.tier).to_owned(), amount_with(with.total_usd, places)];
        if wide {
            row.push(if with.tier == "recorded" { String::new() } else { change(with) });
        }
        row.push(amount_with(without.total_usd, places));
        if wide {
            row.push(change(without));
        }
        row.push(covered(with));
        if published {
            row.push(with.published_only_usd.map_or(String::new(), |usd| amount_with(usd, places)));
        }
        Some(row)
    }

    fn matrix_footnotes(&mut self) {
        let report = self.report;
        let with = || report.scenarios.iter().filter(|s| s.caching == "recorded");
        let ranges: Vec<String> = with()
            .filter_map(|s| Some((s, s.range_usd?)))
            .map(|(s, range)| {
                format!(
                    "{} {} to {}",
                    tier_label(s.tier),
                    range.low.rounded(4),
                    range.high.rounded(4)
                )
            })
            .collect();
        for scenario in with().filter(|s| s.fallback.rows > 0 && s.tier != "cheapest") {
            let text = fallback(scenario, report.arguments.uncovered);
            self.wrapped("  ", &text);
        }
        if !ranges.is_empty() {
            let text = format!("By the context of summed-up requests: {}", ranges.join("; "));
            self.wrapped("  ", &text);
        }
        let terms = "Terms: Batch answers within 24 hours; Flex is slower and may be refused; \
                     Priority may be downgraded to Standard and billed so.";
        self.wrapped("  ", terms);
    }

    /// Cheapest, by tier: which models go where.
    fn assignments(&mut self) {
        let with: Vec<_> =
            self.report.assignments.iter().filter(|a| a.caching == "recorded").collect();
        if with.is_empty() {
            return;
        }
        let mut tiers: Vec<&str> = with.iter().map(|a| a.tier).collect();
        tiers.sort_unstable();
        tiers.dedup();
        self.section("Cheapest, with recorded caching");
        for tier in tiers {
            let models: Vec<String> =
                with.iter().filter(|a| a.tier == tier).map(|a| plain(&a.model)).collect();
            let text = format!("{}: {}", tier_label(tier), models.join(", "));
            self.wrapped("  ", &text);
        }
    }

    fn groups(&mut self) {
        let report = self.report;
        if report.groups.is_empty() {
            return;
        }
        let by = report.arguments.by.join(", ");
        self.section(&format!("By {by}, with recorded caching"));
        let wide = self.style.width >= WIDE;
        let total = |group: &GroupInfo, tier: &str| {
            let found = group.scenarios.iter().find(|s| s.tier == tier && s.caching == "recorded");
            found.map(|s| s.total_usd).unwrap_or_default()
        };
        let places = places(report.groups.iter().map(|group| total(group, "recorded")));
        let mut tiers = vec!["recorded", "standard", "flex", "priority", "batch"];
        if !wide {
            tiers = vec!["recorded", "standard", "batch"];
        }
        let mut header: Vec<&str> = report.arguments.by.iter().map(String::as_str).collect();
        header.push("requests");
        header.extend(tiers.iter().map(|tier| tier_label(tier)));
        let mut rows = Vec::new();
        for group in report.groups.iter().take(GROUPS_SHOWN) {
            let mut row: Vec<String> = group
                .key
                .iter()
                .map(|(_, value)| value.as_deref().map_or("-".to_owned(), plain))
                .collect();
            row.push(thousands(group.requests));
            row.extend(tiers.iter().map(|tier| amount_with(total(group, tier), places)));
            rows.push(row);
        }
        let text = table_with(&header, &rows, report.arguments.by.len());
        self.line(&text);
        if let Some(more) = report.groups.len().checked_sub(GROUPS_SHOWN).filter(|more| *more > 0) {
            let text = format!("  and {more} more groups (all are in --format json)");
            self.line(&text);
        }
    }

    fn unpriced(&mut self) {
        let report = self.report;
        if report.unpriced.is_empty() {
            return;
        }
        self.section("Without a price, in no total");
        for row in &report.unpriced {
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
                let _ = write!(text, "; at Standard {} USD", amount(usd));
            }
            if row.reason == "unknown_model" {
                let _ = write!(text, "; price it with --alias {model}=MODEL");
            }
            self.wrapped("  ", &text);
        }
    }

    fn rejects(&mut self) {
        let report = self.report;
        if report.rejects.is_empty() {
            return;
        }
        self.section("Rejected, in no total");
        for row in &report.rejects {
            let more = match row.rows {
                1 => String::new(),
                rows => format!(" (the first of {})", thousands(u128::from(rows))),
            };
            let (path, field, detail) = (plain(&row.path), plain(&row.field), plain(&row.detail));
            let reason = row.reason.replace('_', " ");
            let text = format!("{path}:{}: {field}: {reason}: {detail}{more}", row.line);
            self.wrapped("  ", &text);
        }
    }

    fn notes(&mut self) {
        let report = self.report;
        let all: Vec<&Note> = report.notes.iter().chain(&report.findings).collect();
        if all.is_empty() {
            return;
        }
        self.section("Notes");
        for note in all {
            let text = plain(&note.message);
            self.wrapped("  - ", &text);
        }
    }

    /// The account of every row.
    fn rows(&mut self) {
        let report = self.report;
        self.section("Rows");
        let names = [
            "read",
            "priced",
            "unpriced",
            "rejected",
            "duplicate",
            "empty",
            "filtered",
            "billed only",
        ];
        let used: Vec<usize> = (0..names.len())
            .filter(|at| *at < 4 || *at == 5 || cells(&report.rows)[*at] > 0)
            .collect();
        let wide = self.style.width >= WIDE;
        let mut header = vec!["file"];
        if wide {
            header.push("format");
        }
        header.extend(used.iter().filter_map(|at| names.get(*at).copied()));
        let labels = if wide { 2 } else { 1 };
        let mut rows: Vec<Vec<String>> = Vec::new();
        let counts = |rows: &Rows| -> Vec<String> {
            let all = cells(rows);
            used.iter().filter_map(|at| all.get(*at)).map(|n| thousands(u128::from(*n))).collect()
        };
        for input in &report.inputs {
            let mut row = vec![plain(&input.path)];
            if wide {
                row.push(input.format.unwrap_or("-").to_owned());
            }
            row.extend(counts(&input.rows));
            rows.push(row);
        }
        let mut total = vec!["total".to_owned()];
        total.resize(labels, String::new());
        total.extend(counts(&report.rows));
        rows.push(total);
        let text = table_with(&header, &rows, labels);
        self.line(&text);
    }

    fn gates(&mut self) {
        for gate in self.report.gates.iter().filter(|gate| gate.tripped) {
            let text =
                format!("GATE --{} {}: {}", gate.name.replace('_', "-"), gate.limit, gate.value);
            self.line("");
            self.line(&text);
        }
    }

    fn provenance(&mut self) {
        let book = &self.report.rate_book;
        let layers: Vec<String> = book
            .layers
            .iter()
            .map(|layer| format!("{} (checked {})", layer.name, layer.checked))
            .collect();
        let sha = book.sha256.get(..12).unwrap_or(&book.sha256);
        let text = format!(
            "Rates: {}; tierwise {}, book {sha}",
            layers.join(", "),
            self.report.tool.version
        );
        let text = self.style.faint(&text);
        self.line("");
        self.line(&text);
    }

    /// A paragraph, its further lines indented.
    fn wrapped(&mut self, bullet: &str, text: &str) {
        let width = self.style.width.saturating_sub(bullet.len()).max(20);
        let indent = " ".repeat(bullet.len());
        let mut line = String::new();
        let mut lead = bullet.to_owned();
        for word in text.split(' ') {
            let length = line.chars().count().saturating_add(word.chars().count());
            if !line.is_empty() && length >= width {
                let done = format!("{lead}{line}");
                self.line(&done);
                lead.clone_from(&indent);
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        let last = format!("{lead}{line}");
        self.line(&last);
    }
}

/// Rows that a tier cannot price, by reason.
fn fallback(scenario: &ScenarioInfo, uncovered: &str) -> String {
    let mut reasons: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
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

/// How much of the usage a tier prices itself.
fn covered(scenario: &ScenarioInfo) -> String {
    let all = scenario.covered.rows.saturating_add(scenario.fallback.rows);
    share(u128::from(scenario.covered.rows), u128::from(all))
}

fn cells(rows: &Rows) -> [u64; 8] {
    [
        rows.read,
        rows.priced,
        rows.unpriced,
        rows.rejected,
        rows.duplicate,
        rows.empty,
        rows.filtered,
        rows.billed_only,
    ]
}
