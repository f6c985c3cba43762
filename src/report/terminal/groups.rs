//! The asked groups as a table that adds up.

use super::{Page, WIDE};
use crate::money::{Money, thousands};
use crate::report::build::tier_label;
use crate::report::model::GroupInfo;
use crate::report::style::{amount_with, places, plain};

/// Groups that are shown on their own; the others share a row.
const SHOWN: usize = 40;

/// Days, weeks or months that are shown on their own.
const SHOWN_TIMES: usize = 366;

impl Page<'_> {
    pub(super) fn groups(&mut self) {
        let report = self.report;
        let by = &report.arguments.by;
        if report.groups.is_empty() || by.is_empty() {
            return;
        }
        self.section(&format!("By {}, with recorded caching", by.join(", ")));
        let all = ["recorded", "standard", "flex", "priority", "batch"];
        let few = ["recorded", "standard", "batch"];
        let tiers = if self.style.width >= WIDE { &all[..] } else { &few[..] };
        let mut header: Vec<&str> = by.iter().map(String::as_str).collect();
        header.push("requests");
        header.extend(tiers.iter().map(|tier| tier_label(tier)));
        let by_time =
            by.first().is_some_and(|first| ["day", "week", "month"].contains(&first.as_str()));
        let shown = report.groups.len().min(if by_time { SHOWN_TIMES } else { SHOWN });
        let (own, others) = report.groups.split_at(shown);
        let places = places(report.groups.iter().filter_map(|group| cost(group, "recorded")));
        let row = |label: Vec<String>, groups: &[GroupInfo]| sum_row(label, groups, tiers, places);
        let mut rows: Vec<Vec<String>> =
            own.iter().map(|group| row(label(group), std::slice::from_ref(group))).collect();
        if !others.is_empty() {
            rows.push(row(
                padded(format!("{} others", thousands(count(others))), by.len()),
                others,
            ));
        }
        rows.push(row(padded("total".to_owned(), by.len()), &report.groups));
        self.table(&header, &rows, by.len());
    }
}

fn count(groups: &[GroupInfo]) -> u128 {
    u128::try_from(groups.len()).unwrap_or(u128::MAX)
}

fn label(group: &GroupInfo) -> Vec<String> {
    group.key.iter().map(|(_, value)| value.as_deref().map_or("-".to_owned(), plain)).collect()
}

fn padded(first: String, columns: usize) -> Vec<String> {
    let mut cells = vec![first];
    cells.resize(columns, String::new());
    cells
}

/// Requests and costs of groups together; `-` where no group has a cost.
fn sum_row(mut row: Vec<String>, groups: &[GroupInfo], tiers: &[&str], places: u32) -> Vec<String> {
    row.push(thousands(groups.iter().fold(0, |sum, group| sum.saturating_add(group.requests))));
    for tier in tiers {
        let sum = groups.iter().filter_map(|group| cost(group, tier)).reduce(|a, b| {
            // The sum of all groups is a total, which is within range.
            a.checked_add(b).unwrap_or(a)
        });
        row.push(sum.map_or("-".to_owned(), |usd| amount_with(usd, places)));
    }
    row
}

/// What a group costs under a tier; `None` when all of it was left out.
fn cost(group: &GroupInfo, tier: &str) -> Option<Money> {
    let scenario = group.scenarios.iter().find(|s| s.tier == tier && s.caching == "recorded")?;
    let left_out = scenario.fallback_rows == group.rows && scenario.total_usd == Money::ZERO;
    (!left_out).then_some(scenario.total_usd)
}
