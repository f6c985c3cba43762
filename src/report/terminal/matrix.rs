//! The matrix of tiers and caching, with its footnotes.

use console::measure_text_width;

use super::Page;
use crate::report::build::tier_label;
use crate::report::model::ScenarioInfo;
use crate::report::statements;
use crate::report::style::{amount_with, cached_label, percent_change, places, share};
use crate::report::table::Table;

/// Which columns the matrix has besides the totals.
#[derive(Debug, Clone, Copy)]
struct Columns {
    published: bool,
    change: bool,
    covered: bool,
}

impl Columns {
    /// From all to few: the first that fit the terminal are shown.
    const ALL: [Self; 4] = [
        Self { published: true, change: true, covered: true },
        Self { published: false, change: true, covered: true },
        Self { published: false, change: false, covered: true },
        Self { published: false, change: false, covered: false },
    ];
}

impl Page<'_> {
    /// Tiers x caching.
    pub(super) fn matrix(&mut self) {
        self.section("What it cost, and what each tier would have cost");
        let tables = Columns::ALL.map(|columns| self.matrix_table(columns));
        let fits = |table: &&String| {
            table.lines().all(|line| measure_text_width(line) <= self.style.width)
        };
        let fitting = tables.iter().find(fits).or(tables.last());
        if let Some(table) = fitting {
            self.line(table);
        }
        self.matrix_footnotes();
    }

    fn matrix_table(&self, columns: Columns) -> String {
        let report = self.report;
        let published = report.scenarios.iter().any(|s| s.published_only_usd.is_some());
        let columns = Columns { published: columns.published && published, ..columns };
        let assumed = self.assumed_label();
        let mut header = vec!["", "recorded caching"];
        for name in [Some("no caching"), assumed.as_deref()].into_iter().flatten() {
            if columns.change {
                header.push("change");
            }
            header.push(name);
        }
        if columns.change {
            header.push("change");
        }
        if columns.covered {
            header.push("priced by tier");
        }
        if columns.published {
            header.push("published only");
        }
        let with = report.scenarios.iter().filter(|s| s.caching == "recorded");
        let rows: Vec<Vec<String>> =
            with.filter_map(|with| self.matrix_row(with, columns)).collect();
        Table { header: &header, rows: &rows, labels: 1, width: self.style.width }.render()
    }

    fn matrix_row(&self, with: &ScenarioInfo, columns: Columns) -> Option<Vec<String>> {
        let places = places(self.report.scenarios.iter().map(|s| s.total_usd));
        let change = |s: &ScenarioInfo| {
            let same_rows = s.total_usd.checked_sub(s.delta_usd).unwrap_or_default();
            self.style.change(&percent_change(s.delta_usd, same_rows), s.delta_usd)
        };
        let mut row = vec![tier_label(with.tier).to_owned()];
        let others = [statements::scenario(self.report, with.tier, "none")?].into_iter();
        for shown in [with].into_iter().chain(others).chain(statements::scenario(
            self.report,
            with.tier,
            "assumed",
        )) {
            row.push(amount_with(shown.total_usd, places));
            let is_baseline = (shown.tier, shown.caching) == ("recorded", "recorded");
            if columns.change {
                row.push(if is_baseline { String::new() } else { change(shown) });
            }
        }
        if columns.covered {
            row.push(covered(with));
        }
        if columns.published {
            row.push(with.published_only_usd.map_or(String::new(), |usd| amount_with(usd, places)));
        }
        Some(row)
    }

    /// The name of the column with the assumed share.
    fn assumed_label(&self) -> Option<String> {
        self.report.arguments.assume_cached.map(cached_label)
    }

    fn matrix_footnotes(&mut self) {
        self.paragraphs("  ", statements::footnotes(self.report));
    }
}

/// How much of the usage a tier prices itself.
fn covered(scenario: &ScenarioInfo) -> String {
    let all = scenario.covered.rows.saturating_add(scenario.fallback.rows);
    share(u128::from(scenario.covered.rows), u128::from(all))
}
