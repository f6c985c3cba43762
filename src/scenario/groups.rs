//! The groups of a comparison: what cells with the same values of the asked
//! properties use and cost.

use std::sync::Arc;

use super::comparison::{Comparison, OutOfRange};
use super::total::{Volume, add};
use super::{Scenario, TierChoice};
use crate::money::Money;
use crate::rates::ModelId;
use crate::usage::Meter;

/// The usage of one combination of the asked properties. There may be millions of
/// them: it holds no more than reports show.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// The usage, priced rows only.
    pub volume: Volume,
    /// The usage by meter, in the order of the meters.
    pub quantities: Vec<(Meter, u128)>,
    /// The totals, in the order of [`Scenario::all`]; of
    /// [`assume_cached`](super::assume_cached) the first six, in the order of
    /// [`TierChoice::ALL`].
    pub(super) usd: [Money; Scenario::COUNT],
    /// For each of them the rows that the tier cannot price.
    pub(super) fallback_rows: [u64; Scenario::COUNT],
    /// What all rows cost as recorded.
    pub(super) baseline: Money,
    /// For each total the part of that which is not compared.
    pub(super) left_out: Option<Box<[Money; Scenario::COUNT]>>,
}

/// The total of one scenario of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupTotal {
    /// The total.
    pub usd: Money,
    /// What the scenario costs more than the same rows as recorded; `None` where that
    /// leaves the range.
    pub delta: Option<Money>,
    /// Rows that the tier cannot price.
    pub fallback_rows: u64,
}

impl Group {
    /// The totals, in the order of the scenarios.
    pub fn totals(&self) -> impl Iterator<Item = GroupTotal> + Clone + '_ {
        let pairs = self.usd.iter().zip(&self.fallback_rows).enumerate();
        pairs.map(|(at, (usd, fallback_rows))| {
            let left_out = self.left_out.as_ref().and_then(|left_out| left_out.get(at));
            let baseline = self.baseline.checked_sub(left_out.copied().unwrap_or_default());
            let delta = baseline.and_then(|baseline| usd.checked_sub(baseline));
            GroupTotal { usd: *usd, delta, fallback_rows: *fallback_rows }
        })
    }

    /// The amounts of the [totals](Self::totals).
    pub const fn amounts(&self) -> &[Money] {
        &self.usd
    }

    /// What all rows cost as recorded.
    pub const fn recorded(&self) -> Money {
        self.baseline
    }

    /// Adds a group of the same values.
    fn merge(&mut self, other: &Self) -> Result<(), OutOfRange> {
        self.add_usage(&other.volume, other.quantities.iter().copied());
        for (sum, more) in self.usd.iter_mut().zip(&other.usd) {
            add(sum, *more)?;
        }
        for (sum, more) in self.fallback_rows.iter_mut().zip(&other.fallback_rows) {
            *sum = sum.saturating_add(*more);
        }
        if let Some(left_out) = &other.left_out {
            let sums = self.left_out.get_or_insert_default();
            for (sum, more) in sums.iter_mut().zip(&**left_out) {
                add(sum, *more)?;
            }
        }
        add(&mut self.baseline, other.baseline)
    }

    /// Adds a cell's usage; `usage` is its sum of each meter, some of which may be nothing.
    pub(super) fn add_usage<Q: Copy + Into<u128>>(
        &mut self,
        volume: &Volume,
        usage: impl Iterator<Item = (Meter, Q)>,
    ) {
        self.volume.add(volume);
        for (meter, sum) in usage.map(|(meter, sum)| (meter, sum.into())) {
            if sum == 0 {
                continue;
            }
            match self.quantities.binary_search_by_key(&meter, |(known, _)| *known) {
                Ok(at) => {
                    if let Some((_, known)) = self.quantities.get_mut(at) {
                        *known = known.saturating_add(sum);
                    }
                }
                Err(at) => self.quantities.insert(at, (meter, sum)),
            }
        }
    }
}

/// The asked groups, in the order of their values.
#[derive(Debug, Clone, Default)]
pub struct Groups {
    /// The values of each property, by number.
    pub(super) values: Vec<Vec<Option<Arc<str>>>>,
    /// The numbers of the values of each group, which are in the order of the values.
    pub(super) keys: Vec<Box<[u32]>>,
    pub(super) all: Vec<Group>,
    /// The groups by their values in order.
    pub(super) order: Vec<usize>,
}

impl Groups {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// A group.
    pub fn get(&self, at: usize) -> Option<&Group> {
        self.all.get(*self.order.get(at)?)
    }

    /// The values of each property, by number.
    pub fn every_value(&self) -> &[Vec<Option<Arc<str>>>] {
        &self.values
    }

    /// The numbers of a group's values.
    pub fn numbers(&self, at: usize) -> &[u32] {
        let key = self.order.get(at).and_then(|at| self.keys.get(*at));
        key.map(|key| &**key).unwrap_or_default()
    }

    /// The values of a group, `None` where its rows have none.
    pub fn values(&self, at: usize) -> impl Iterator<Item = Option<&str>> + '_ {
        self.values.iter().zip(self.numbers(at)).map(|(values, number)| {
            let at = usize::try_from(*number).ok();
            at.and_then(|at| values.get(at)).and_then(Option::as_deref)
        })
    }

    /// The groups of several parts together: those with the same values are one.
    pub(super) fn union(parts: Vec<Self>) -> Result<Self, OutOfRange> {
        let mut parts = parts.into_iter();
        let Some(mut all) = parts.next() else { return Ok(Self::default()) };
        let Some(second) = parts.next() else { return Ok(all) };
        for part in std::iter::once(second).chain(parts) {
            all.take(part);
        }
        // Those of each part are in order: a sort that makes use of that.
        all.order.sort_by(|one, other| all.keys.get(*one).cmp(&all.keys.get(*other)));
        let mut distinct: Vec<usize> = Vec::with_capacity(all.order.len());
        for at in std::mem::take(&mut all.order) {
            let last = distinct.last().copied();
            let same = last.filter(|last| all.keys.get(*last) == all.keys.get(at));
            match same {
                Some(last) => {
                    let more = all.all.get_mut(at).map(std::mem::take).unwrap_or_default();
                    all.all.get_mut(last).map_or(Ok(()), |group| group.merge(&more))?;
                }
                None => distinct.push(at),
            }
        }
        all.order = distinct;
        Ok(all)
    }

    /// Adds the groups of another part, behind its own.
    fn take(&mut self, part: Self) {
        let (mut own, mut others) = (Vec::new(), Vec::new());
        for (values, others_values) in self.values.iter_mut().zip(&part.values) {
            let mut all: Vec<_> = values.iter().chain(others_values).cloned().collect();
            all.sort_unstable();
            all.dedup();
            own.push(ranks(values, &all));
            others.push(ranks(others_values, &all));
            *values = all;
        }
        self.keys.iter_mut().for_each(|key| renumber(key, &own));
        let before = self.keys.len();
        self.order.extend(part.order.into_iter().map(|at| at.saturating_add(before)));
        self.keys.extend(part.keys.into_iter().map(|mut key| {
            renumber(&mut key, &others);
            key
        }));
        self.all.extend(part.all);
    }
}

/// The place of each value among all.
fn ranks(values: &[Option<Arc<str>>], all: &[Option<Arc<str>>]) -> Vec<u32> {
    let rank = |value| all.binary_search(value).ok().and_then(|at| u32::try_from(at).ok());
    values.iter().map(|value| rank(value).unwrap_or(u32::MAX)).collect()
}

/// Puts ranks in the place of numbers.
fn renumber(key: &mut [u32], ranks: &[Vec<u32>]) {
    for (number, ranks) in key.iter_mut().zip(ranks) {
        let at = usize::try_from(*number).ok();
        *number = at.and_then(|at| ranks.get(at)).copied().unwrap_or(u32::MAX);
    }
}

impl Comparison {
    /// The scenario of a model's rows: Cheapest stands for the assigned tier.
    pub(super) fn settled(&self, scenario: Scenario, model: ModelId) -> Scenario {
        if scenario.tier != TierChoice::Cheapest {
            return scenario;
        }
        Scenario { tier: self.assigned(model, scenario.caching), ..scenario }
    }
}
