//! The report for a terminal.

mod groups;
mod matrix;
mod rows;

use std::fmt::Write as _;

use super::build::tier_label;
use super::model::{Note, Report};
use super::statements;
use super::style::{Style, cached_label, paragraph, plain, rows_of};
use super::table::Table;
use crate::money::thousands;

/// The narrowest terminal that shows every column.
const WIDE: usize = 90;

/// Lines of a list; --format json has the others.
const LISTED: usize = 40;

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
        let period = statements::period(report);
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
        self.paragraphs("", statements::scope(report));
        self.paragraphs("", statements::billed(report));
    }

    /// What contracts and credits change, on lines of their own.
    fn contract(&mut self) {
        self.paragraphs("", statements::contract(self.report));
    }

    /// Cheapest, by tier: which models go where.
    fn assignments(&mut self) {
        self.assigned("recorded", "Cheapest, with recorded caching");
        if let Some(share) = self.report.arguments.assume_cached {
            self.assigned("assumed", &format!("Cheapest, with {}", cached_label(share)));
        }
    }

    fn assigned(&mut self, caching: &str, title: &str) {
        let lines = statements::assigned(self.report, caching);
        let lines =
            lines.into_iter().map(|(tier, models)| format!("{}: {models}", tier_label(tier)));
        self.listed(title, lines.collect());
    }

    fn unpriced(&mut self) {
        self.listed("Without a price, in no total", statements::unpriced(self.report));
    }

    fn rejects(&mut self) {
        self.listed("Rejected, in no total", statements::rejects(self.report));
    }

    /// A section of lines, none where there are none.
    fn listed(&mut self, title: &str, mut lines: Vec<String>) {
        if lines.is_empty() {
            return;
        }
        let more = lines.len().saturating_sub(LISTED);
        lines.truncate(LISTED);
        self.section(title);
        self.paragraphs("  ", lines);
        if more > 0 {
            let more = thousands(u128::try_from(more).unwrap_or(u128::MAX));
            self.wrapped("  ", &format!("and {more} more, which --format json has"));
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
        self.line("");
        self.wrapped("", &statements::provenance(self.report));
    }

    fn paragraphs(&mut self, bullet: &str, lines: impl IntoIterator<Item = String>) {
        for line in lines {
            self.wrapped(bullet, &line);
        }
    }

    /// A paragraph, its further lines indented.
    fn wrapped(&mut self, bullet: &str, text: &str) {
        let text = paragraph(bullet, text, self.style.width);
        self.line(&text);
    }
}
