//! The matrix of tiers and caching, with its footnotes.

use std::collections::BTreeMap;

use super::{Page, WIDE};
use crate::report::build::tier_label;
use crate::report::model::ScenarioInfo;
use crate::report::style::{amount, amount_with, percent_change, places, rows_of, share};

/// The narrowest terminal that shows the totals of published rates alone.
const PUBLISHED_WIDE: usize = 100;

impl Page<'_> {
    /// Tiers x caching.
    pub(super) fn matrix(&mut self) {
        self.section("What it cost, and what each tier would have cost");
        let wide = self.style.width >= WIDE;
        let published = self.style.width >= PUBLISHED_WIDE
            && self.report.scenarios.iter().any(|s| s.published_only_usd.is_some());
        let mut header =
            vec!["", "recorded caching", "change", "no caching", "change", "priced by tier"];
        if !wide {
            header = vec!["", "recorded caching", "no caching", "priced by tier"];
        }
        if published {
            header.push("published only");
        }
        let with = self.report.scenarios.iter().filter(|s| s.caching == "recorded");
        let rows: Vec<Vec<String>> =
            with.filter_map(|with| self.matrix_row(with, published)).collect();
        self.table(&header, &rows, 1);
        self.matrix_footnotes();
    }

    fn matrix_row(&self, with: &ScenarioInfo, published: bool) -> Option<Vec<String>> {
        let wide = self.style.width >= WIDE;
        let places = places(self.report.scenarios.iter().map(|s| s.total_usd));
        let change = |s: &ScenarioInfo| {
            let same_rows = s.total_usd.checked_sub(s.delta_usd).unwrap_or_default();
            self.style.change(&percent_change(s.delta_usd, same_rows), s.delta_usd)
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
                    amount_with(range.low, 4),
                    amount_with(range.high, 4)
                )
            })
            .collect();
        for scenario in with().filter(|s| s.fallback.rows > 0) {
            let text = fallback(scenario, report.arguments.uncovered);
            self.wrapped("  ", &text);
        }
        if !ranges.is_empty() {
            let text = format!("What summed-up rows leave open: {}", ranges.join("; "));
            self.wrapped("  ", &text);
        }
        let terms = "Terms: Batch answers within 24 hours; Flex is slower and may be refused; \
                     Priority may be downgraded to Standard and billed so.";
        self.wrapped("  ", terms);
    }
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

/// How much of the usage a tier prices itself.
fn covered(scenario: &ScenarioInfo) -> String {
    let all = scenario.covered.rows.saturating_add(scenario.fallback.rows);
    share(u128::from(scenario.covered.rows), u128::from(all))
}
