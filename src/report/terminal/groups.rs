//! The asked groups as a table that adds up.

use super::{Page, WIDE};
use crate::money::{Money, thousands};
use crate::report::build::tier_label;
use crate::report::model::GroupRow;
use crate::report::style::{amount_with, places, plain};
use crate::scenario::{Caching, GroupTotal, Scenario};

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
        let shown = if by_time { SHOWN_TIMES } else { SHOWN };
        let all = || report.groups.rows();
        let places = places(all().filter_map(|group| cost(&group, "recorded")));
        let mut rows: Vec<Vec<String>> = Vec::new();
        for group in all().take(shown) {
            rows.push(sum_row(label(&group), &std::iter::once(group), tiers, places));
        }
        let others = report.groups.len().saturating_sub(shown);
        if others > 0 {
            let others = u128::try_from(others).unwrap_or(u128::MAX);
            let label = padded(format!("{} others", thousands(others)), by.len());
            rows.push(sum_row(label, &all().skip(shown), tiers, places));
        }
        rows.push(sum_row(padded("total".to_owned(), by.len()), &all(), tiers, places));
        self.table(&header, &rows, by.len());
    }
}

fn label(group: &GroupRow<'_>) -> Vec<String> {
    group.values().map(|value| value.map_or("-".to_owned(), plain)).collect()
}

fn padded(first: String, columns: usize) -> Vec<String> {
    let mut cells = vec![first];
    cells.resize(columns, String::new());
    cells
}

/// Requests and costs of groups together; `-` where no group has a cost.
fn sum_row<'g>(
    mut row: Vec<String>,
    groups: &(impl Iterator<Item = GroupRow<'g>> + Clone),
    tiers: &[&str],
    places: u32,
) -> Vec<String> {
    let requests = groups.clone().map(|group| group.group().volume.requests);
    row.push(thousands(requests.fold(0, u128::saturating_add)));
    for tier in tiers {
        let sum = groups.clone().filter_map(|group| cost(&group, tier)).reduce(|a, b| {
            // The sum of all groups is a total, which is within range.
            a.checked_add(b).unwrap_or(a)
        });
        row.push(sum.map_or("-".to_owned(), |usd| amount_with(usd, places)));
    }
    row
}

/// What a group costs under a tier; `None` when all of it was left out.
fn cost(group: &GroupRow<'_>, tier: &str) -> Option<Money> {
    let group = group.group();
    let is_wanted = |(scenario, _): &(Scenario, GroupTotal)| {
        scenario.tier.name() == tier && scenario.caching == Caching::Recorded
    };
    let (_, total) = Scenario::all().zip(group.totals()).find(is_wanted)?;
    let left_out = total.fallback_rows == group.volume.rows && total.usd == Money::ZERO;
    (!left_out).then_some(total.usd)
}
