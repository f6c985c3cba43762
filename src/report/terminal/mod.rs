//! The report for a terminal.

mod groups;
mod matrix;
mod rows;

use std::fmt::Write as _;

use super::build::tier_label;
use super::model::{AssignmentInfo, Note, Report, ScenarioInfo};
use super::style::{Style, amount, cached_label, paragraph, plain, rows_of};
use super::table::Table;
use crate::money::{Money, thousands};

/// The narrowest terminal that shows every column.
const WIDE: usize = 90;

/// The report as text.
pub fn terminal(report: &Report, style: Style) -> String {
    let mut page = Page { report, style, out: String::new() };
    page.header();
    page.contract();
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

/// An amount with its sign.
fn signed(money: Money) -> String {
    if money > Money::ZERO { format!("+{}", amount(money)) } else { amount(money) }
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

    fn table(&mut self, header: &[&str], rows: &[Vec<String>], labels: usize) {
        let text = Table { header, rows, labels, width: self.style.width }.render();
        self.line(&text);
    }

    fn section(&mut self, title: &str) {
        let title = self.style.heading(title);
        self.line("");
        self.line(&title);
    }

    fn header(&mut self) {
        let report = self.report;
        let period = match (&report.period.first_day, &report.period.last_day) {
            (Some(first), Some(last)) if first == last => first.clone(),
            (Some(first), Some(last)) => format!("{first} to {last}"),
            _ => "without times".to_owned(),
        };
        let head = format!("LLM usage, {period} ({})", report.period.timezone);
        let head = self.style.heading(&head);
        self.line(&head);
        let rows = &report.rows;
        let priced = format!(
            "{} read, {} priced; amounts in USD, rounded for display only",
            rows_of(rows.read),
            thousands(u128::from(rows.priced)),
        );
        self.wrapped("", &priced);
        if let Some(billed) = &report.billed {
            let mut text =
                format!("Billed, as {} say: {} USD", rows_of(billed.rows), amount(billed.usd));
            if billed.priced_rows > 0 {
                let (priced, difference) =
                    (amount(billed.priced_usd), amount(billed.difference_usd));
                let some = if billed.priced_rows == billed.rows {
                    String::new()
                } else {
                    let rows = thousands(u128::from(billed.priced_rows));
                    format!("{rows} of them, billed {} USD, ", amount(billed.priced_billed_usd))
                };
                let _ = write!(text, "; {some}priced at {priced} USD, difference {difference} USD");
            }
            self.wrapped("", &text);
        }
    }

    /// What contracts and credits change, on lines of their own.
    fn contract(&mut self) {
        let Some(recorded) = self.scenario("recorded", "recorded") else { return };
        let (list, contracted) = (recorded.list_usd, recorded.contracted_usd);
        if let Some(list) = list.filter(|list| *list != contracted) {
            let difference = contracted.checked_sub(list).unwrap_or_default();
            let text = format!(
                "At list prices {} USD, contracted {} USD: {} USD",
                amount(list),
                amount(contracted),
                signed(difference)
            );
            self.wrapped("", &text);
        }
        if let Some(credit) = self.report.credit {
            let text = format!(
                "Credit of {} USD, {} USD of it used: {} USD after it",
                amount(credit.usd),
                amount(credit.used_usd),
                amount(credit.recorded_after_usd)
            );
            self.wrapped("", &text);
        }
    }

    fn scenario(&self, tier: &str, caching: &str) -> Option<&ScenarioInfo> {
        self.report.scenarios.iter().find(|s| s.tier == tier && s.caching == caching)
    }

    /// Cheapest, by tier: which models go where.
    fn assignments(&mut self) {
        self.assigned("recorded", "Cheapest, with recorded caching");
        if let Some(share) = self.report.arguments.assume_cached {
            self.assigned("assumed", &format!("Cheapest, with {}", cached_label(share)));
        }
    }

    fn assigned(&mut self, caching: &str, title: &str) {
        let with: Vec<_> =
            self.report.assignments.iter().filter(|a| a.caching == caching).collect();
        if with.is_empty() {
            return;
        }
        let mut tiers: Vec<&str> = with.iter().map(|a| a.tier).collect();
        tiers.sort_unstable();
        tiers.dedup();
        self.section(title);
        for tier in tiers {
            let name = |of: &AssignmentInfo| {
                let others = with.iter().filter(|other| other.model == of.model).count();
                let provider = (others > 1).then(|| format!(" of {}", plain(&of.provider)));
                plain(&of.model) + provider.as_deref().unwrap_or_default()
            };
            let models: Vec<String> =
                with.iter().filter(|a| a.tier == tier).map(|a| name(a)).collect();
            let text = format!("{}: {}", tier_label(tier), models.join(", "));
            self.wrapped("  ", &text);
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
            "Rates, book {sha}: {}; tierwise {}",
            layers.join(", "),
            self.report.tool.version
        );
        self.line("");
        self.wrapped("", &text);
    }

    /// A paragraph, its further lines indented.
    fn wrapped(&mut self, bullet: &str, text: &str) {
        let text = paragraph(bullet, text, self.style.width);
        self.line(&text);
    }
}
