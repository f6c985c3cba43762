//! The groups of a comparison: cells by the values of the asked properties. Values
//! are numbers until all groups are known, so that a cell is placed without copies.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use jiff::tz::TimeZone;

use super::classes::Classes;
use super::comparison::{Comparison, Options};
use super::failure::PricingError;
use super::group_prices::GroupPrices;
use super::pricer::Pricer;
use super::quotes::volume;
use super::total::{GroupTotal, Volume};
use super::{Scenario, TierChoice};
use crate::ledger::{Ledger, Symbol, View};
use crate::rates::ModelId;
use crate::usage::{Dimension, Instant, Meter};

/// The usage of one combination of the asked properties.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// The usage, priced rows only.
    pub volume: Volume,
    /// The usage by meter, in the order of the meters.
    pub quantities: Vec<(Meter, u128)>,
    /// The totals, in the order of [`Scenario::all`]; of
    /// [`assume_cached`](super::assume_cached) the first six, in the order of
    /// [`TierChoice::ALL`].
    pub scenarios: [GroupTotal; Scenario::COUNT],
}

impl Group {
    /// Adds a cell's usage.
    pub(super) fn add_usage(&mut self, view: &View<'_>) {
        self.volume.add(&volume(view));
        for (meter, sum) in view.meters().zip(view.cell.sums()) {
            match self.quantities.binary_search_by_key(&meter, |(known, _)| *known) {
                Ok(at) => {
                    if let Some((_, known)) = self.quantities.get_mut(at) {
                        *known = known.saturating_add(*sum);
                    }
                }
                Err(at) => self.quantities.insert(at, (meter, *sum)),
            }
        }
    }
}

/// The asked groups, in the order of their values.
#[derive(Debug, Clone, Default)]
pub struct Groups {
    /// The values of each property, by number.
    values: Vec<Vec<Option<Arc<str>>>>,
    /// The numbers of each group's values, and the group.
    groups: Vec<(Box<[u32]>, Group)>,
}

impl Groups {
    /// Each group with its values.
    pub fn iter(&self) -> impl Iterator<Item = (Vec<Option<Arc<str>>>, &Group)> + '_ {
        self.groups.iter().map(|(key, group)| {
            let value = |(values, at): (&Vec<Option<Arc<str>>>, &u32)| {
                usize::try_from(*at).ok().and_then(|at| values.get(at).cloned().flatten())
            };
            (self.values.iter().zip(key).map(value).collect(), group)
        })
    }
}

/// The values of one property, as they are met.
struct Column<'o> {
    dimension: &'o Dimension,
    /// Its place among the labels of a key.
    label: Option<usize>,
    /// Numbers of values by what stands for them in a key.
    known: HashMap<Raw, u32, FixedState>,
    /// Numbers of values.
    numbers: HashMap<Option<Arc<str>>, u32, FixedState>,
    values: Vec<Option<Arc<str>>>,
}

/// What stands for a value in a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Raw {
    Name(Symbol),
    Time(Option<Instant>),
}

impl Column<'_> {
    /// The number of a cell's value.
    fn number(&mut self, view: &View<'_>, zone: &TimeZone) -> u32 {
        let raw = raw(view, self.dimension, self.label);
        if let Some(known) = self.known.get(&raw) {
            return *known;
        }
        let value: Option<Arc<str>> =
            value_of(view, self.dimension, self.label, zone).map(Into::into);
        let next = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(value.clone()).or_insert(next);
        if number == next {
            self.values.push(value);
        }
        self.known.insert(raw, number);
        number
    }

    /// The values in order, and for each number its place there.
    fn sorted(self) -> (Vec<Option<Arc<str>>>, Vec<u32>) {
        let mut values = self.values.clone();
        values.sort_unstable();
        let place = |value: &Option<Arc<str>>| {
            values.binary_search(value).ok().and_then(|at| u32::try_from(at).ok())
        };
        let places = self.values.iter().map(|value| place(value).unwrap_or(u32::MAX)).collect();
        (values, places)
    }
}

/// Puts the cells of a ledger into groups and prices them.
pub(super) fn grouped<'b>(
    ledger: &Ledger,
    (pricer, classes): (&mut Pricer<'b>, &mut Classes<'b>),
    options: &Options,
    prices: &mut GroupPrices<'_, 'b>,
) -> Result<Groups, PricingError> {
    let mut columns = columns(&options.by);
    let mut places: HashMap<Box<[u32]>, usize, FixedState> = HashMap::default();
    let mut groups: Vec<Group> = Vec::new();
    let mut key = Vec::with_capacity(columns.len());
    for view in ledger.unsorted_views() {
        prices.add((pricer, classes), &view, || {
            key.clear();
            key.extend(columns.iter_mut().map(|column| column.number(&view, &options.zone)));
            let next = groups.len();
            let at = places.get(key.as_slice()).copied().unwrap_or_else(|| {
                places.insert(key.as_slice().into(), next);
                next
            });
            if at == next {
                groups.push(Group::default());
            }
            groups.get_mut(at)
        })?;
    }
    Ok(in_order(columns, places, groups))
}

/// The groups by their values in order.
fn in_order(
    columns: Vec<Column<'_>>,
    places: HashMap<Box<[u32]>, usize, FixedState>,
    groups: Vec<Group>,
) -> Groups {
    let (values, ranks): (Vec<_>, Vec<_>) = columns.into_iter().map(Column::sorted).unzip();
    let mut keys: Vec<Box<[u32]>> = vec![Box::default(); groups.len()];
    let rank = |(ranks, number): (&Vec<u32>, &u32)| {
        usize::try_from(*number).ok().and_then(|at| ranks.get(at).copied()).unwrap_or(u32::MAX)
    };
    #[expect(clippy::iter_over_hash_type, reason = "each key goes to the place of its group")]
    for (key, at) in places {
        if let Some(slot) = keys.get_mut(at) {
            *slot = ranks.iter().zip(&key).map(rank).collect();
        }
    }
    let mut groups: Vec<(Box<[u32]>, Group)> = keys.into_iter().zip(groups).collect();
    groups.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    Groups { values, groups }
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

/// A column for each asked property; a ledger holds the labels among them in
/// this order.
fn columns(by: &[Dimension]) -> Vec<Column<'_>> {
    let mut labels: usize = 0;
    let column = |dimension| {
        let label = Dimension::is_label(dimension).then_some(labels);
        labels = labels.saturating_add(usize::from(label.is_some()));
        Column {
            dimension,
            label,
            known: HashMap::default(),
            numbers: HashMap::default(),
            values: Vec::new(),
        }
    };
    by.iter().map(column).collect()
}

/// What stands for a cell's value of a dimension in its key.
fn raw(view: &View<'_>, dimension: &Dimension, label: Option<usize>) -> Raw {
    let key = view.key;
    Raw::Name(match dimension {
        Dimension::Provider => key.provider,
        Dimension::Model => key.model,
        Dimension::Tier => key.tier,
        Dimension::Endpoint => key.endpoint,
        Dimension::Region => key.region,
        Dimension::Format => key.format,
        Dimension::Day | Dimension::Week | Dimension::Month => return Raw::Time(key.segment),
        Dimension::Project | Dimension::User | Dimension::ApiKey | Dimension::Column(_) => {
            label.and_then(|at| key.labels.get(at)).copied().unwrap_or(Symbol::ABSENT)
        }
    })
}

/// A cell's value of a dimension.
fn value_of(
    view: &View<'_>,
    dimension: &Dimension,
    label: Option<usize>,
    zone: &TimeZone,
) -> Option<String> {
    match dimension {
        Dimension::Provider => {
            Some(view.provider()).filter(|name| !name.is_empty()).map(str::to_owned)
        }
        Dimension::Model => view.model().map(str::to_owned),
        Dimension::Tier => Some(view.tier().to_owned()),
        Dimension::Endpoint => view.endpoint().map(str::to_owned),
        Dimension::Region => Some(view.region()).filter(|name| !name.is_empty()).map(str::to_owned),
        Dimension::Format => Some(view.format().to_owned()),
        Dimension::Day | Dimension::Week | Dimension::Month => {
            view.key.segment.and_then(|segment| dimension.of_time(segment, zone))
        }
        Dimension::Project | Dimension::User | Dimension::ApiKey | Dimension::Column(_) => {
            label.and_then(|at| view.label(at)).map(str::to_owned)
        }
    }
}
