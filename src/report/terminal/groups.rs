//! The asked groups as a table that adds up.

use console::measure_text_width;

use super::{Page, WIDE};
use crate::money::{Money, permille, thousands};
use crate::report::build::tier_label;
use crate::report::model::GroupRow;
use crate::report::style::{amount_with, places, plain};
use crate::report::table::Table;
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
        self.with_shares(&header, &rows, by.len());
    }

    /// The table with a bar for each group's share of the recorded cost, where that
    /// leaves the names whole.
    fn with_shares(&mut self, header: &[&str], rows: &[Vec<String>], labels: usize) {
        let all = || self.report.groups.rows();
        let costs: Vec<Money> = all().map(|group| group.group().recorded()).collect();
        let sum = |costs: &[Money]| {
            costs.iter().fold(Money::ZERO, |sum, cost| sum.checked_add(*cost).unwrap_or(sum))
        };
        let total = sum(&costs);
        let last = rows.len().saturating_sub(1);
        let with_bar = rows.iter().enumerate().map(|(at, row)| {
            let own = costs.get(at).copied().unwrap_or_default();
            // The row of all others stands before that of the total.
            let is_rest = costs.len() > last && at.saturating_add(1) == last;
            let cost = if is_rest { sum(costs.get(at..).unwrap_or_default()) } else { own };
            let bar = if at == last { " ".repeat(BAR) } else { bar(cost, total) };
            row.iter().cloned().chain([bar]).collect::<Vec<_>>()
        });
        let with_bar: Vec<Vec<String>> = with_bar.collect();
        let header_with: Vec<&str> = header.iter().copied().chain(["share   "]).collect();
        let table = Table { header: &header_with, rows: &with_bar, labels, width: usize::MAX };
        let whole = table.render();
        let fits = whole.lines().all(|line| measure_text_width(line) <= self.style.width);
        if fits && total > Money::ZERO && rows.len() > 2 {
            self.line(&whole);
        } else {
            self.table(header, rows, labels);
        }
    }
}

/// The cells of a whole bar.
const BAR: usize = 8;

/// A share as a bar, to an eighth of a cell.
fn bar(part: Money, whole: Money) -> String {
    const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let (part, whole) = (part.atto().unsigned_abs(), whole.atto().unsigned_abs());
    let thousandths = permille(part, whole).unwrap_or(0);
    let eighths = thousandths.saturating_mul(64).saturating_add(500).div_euclid(1000);
    let eighths = usize::try_from(eighths).unwrap_or(0).min(64);
    let (full, rest) = (eighths.div_euclid(8), eighths.rem_euclid(8));
    let end = EIGHTHS.get(rest).filter(|_| rest > 0).map(char::to_string).unwrap_or_default();
    let text = format!("{}{end}", "█".repeat(full));
    format!("{text:<BAR$}")
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
