//! Tables of groups on the page: a row a group, the rest in one row, and the total.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::money::{Money, thousands};
use crate::report::groups::is_time;
use crate::report::model::{GroupRow, GroupTable};
use crate::report::style::{amount_with, plain};
use crate::scenario::{Caching, Scenario, TierChoice};
use crate::usage::Dimension;

/// Groups that have a row of their own.
const SHOWN: usize = 300;

/// An amount: exact, and as it is shown.
#[derive(Debug, Clone)]
pub(super) struct Amount {
    pub(super) exact: String,
    pub(super) shown: String,
}

impl Amount {
    pub(super) fn new(money: Money, places: u32) -> Self {
        Self { exact: money.exact(), shown: amount_with(money, places) }
    }
}

/// A row of a table.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: String,
    /// Whether a choice of its tier can be made for it.
    pub(super) movable: bool,
    /// Whether it is all others together.
    pub(super) is_rest: bool,
    pub(super) requests: String,
    pub(super) tokens: String,
    /// By tier, with recorded caching; none where all of it was left out.
    pub(super) amounts: Vec<Option<Amount>>,
}

/// The groups by one property.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) by: String,
    /// Whether its rows are priced again with every choice.
    pub(super) live: bool,
    pub(super) rows: Vec<Row>,
    pub(super) total: Row,
    /// The place of each value's row; of all others it is the last.
    places: HashMap<Option<String>, usize, FixedState>,
}

impl Table {
    /// The rows of some groups.
    pub(super) fn new(by: &Dimension, groups: &GroupTable, places: u32) -> Self {
        let all = || groups.rows();
        let live = matches!(by, Dimension::Model | Dimension::Project);
        let value = |row: &GroupRow<'_>| row.values().next().flatten().map(str::to_owned);
        let name =
            |row: &GroupRow<'_>| value(row).map_or("(none)".to_owned(), |value| plain(&value));
        let shown = if is_time(by) { groups.len() } else { SHOWN };
        let mut rows: Vec<Row> = all()
            .take(shown)
            .map(|row| Row::of(name(&row), live, std::iter::once(row), places))
            .collect();
        let others = groups.len().saturating_sub(shown);
        if others > 0 {
            let others = u128::try_from(others).unwrap_or(u128::MAX);
            let name = format!("{} others", thousands(others));
            let rest = Row::of(name, false, all().skip(shown), places);
            rows.push(Row { is_rest: true, ..rest });
        }
        let total = Row::of("total".to_owned(), false, all(), places);
        let values = all().take(shown).enumerate().map(|(at, row)| (value(&row), at));
        Self { by: plain(by.name()), live, rows, total, places: values.collect() }
    }

    /// The place of the row that a value is in.
    pub(super) fn place(&self, value: Option<&str>) -> usize {
        let place = self.places.get(&value.map(str::to_owned)).copied();
        place.unwrap_or(self.rows.len().saturating_sub(1))
    }

    /// The values of its rows as they are, empty where rows have none; that of all
    /// others has none of its own.
    pub(super) fn values(&self) -> Vec<Option<String>> {
        let mut values = vec![None; self.rows.len()];
        #[expect(clippy::iter_over_hash_type, reason = "each goes to its own place")]
        for (value, at) in &self.places {
            if let Some(slot) = values.get_mut(*at) {
                *slot = Some(value.clone().unwrap_or_default());
            }
        }
        values
    }
}

impl Row {
    /// Groups together.
    fn of<'g>(
        name: String,
        movable: bool,
        groups: impl Iterator<Item = GroupRow<'g>>,
        places: u32,
    ) -> Self {
        let (mut requests, mut tokens) = (0_u128, 0_u128);
        let mut sums: [Option<Money>; TierChoice::ALL.len()] = [None; TierChoice::ALL.len()];
        for row in groups {
            let group = row.group();
            requests = requests.saturating_add(group.volume.requests);
            tokens = tokens.saturating_add(group.volume.tokens);
            let recorded = Scenario::all().zip(group.totals());
            let recorded = recorded.filter(|(one, _)| one.caching == Caching::Recorded);
            for (sum, (_, total)) in sums.iter_mut().zip(recorded) {
                let left_out = total.fallback_rows == group.volume.rows && total.usd == Money::ZERO;
                if !left_out {
                    let before = sum.unwrap_or_default();
                    // The sum of all groups is a total, which is within range.
                    *sum = Some(before.checked_add(total.usd).unwrap_or(before));
                }
            }
        }
        let amounts = sums.into_iter().map(|sum| sum.map(|usd| Amount::new(usd, places)));
        let (requests, tokens) = (thousands(requests), thousands(tokens));
        Self { name, movable, is_rest: false, requests, tokens, amounts: amounts.collect() }
    }
}
