//! Puts cells into groups. Values are numbers until all groups are known, so that a
//! cell is placed without copies.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use jiff::tz::TimeZone;

use super::classes::Classes;
use super::comparison::Options;
use super::failure::PricingError;
use super::group_prices::GroupPrices;
use super::group_sums::Waiting;
use super::groups::{Group, Groups};
use super::hands::{Hands, made_by};
use super::pricer::Pricer;
use crate::ledger::{Cell, Key, LabelSet, Ledger, Sheet, Symbol, View};
use crate::usage::{Dimension, Instant};

/// Fewer cells than this are one part.
const PART: usize = 10_000;

/// Puts the cells of a ledger into groups and prices them: sheets of the same time
/// together, so that what they have in common lies close together.
pub(super) fn grouped(
    ledger: &Ledger,
    pricer: &Pricer<'_>,
    (options, prices): (&Options, &GroupPrices<'_>),
    hands: &dyn Hands,
) -> Result<Groups, PricingError> {
    let mut sheets: Vec<&Sheet> = ledger.sheets().iter().collect();
    sheets.sort_by_key(|sheet| sheet.segment());
    let cells = sheets.iter().fold(0_usize, |sum, sheet| sum.saturating_add(sheet.len()));
    let count = hands.count().min(cells.checked_div(PART).unwrap_or(0)).max(1);
    let each = cells.checked_div(count).unwrap_or(0).saturating_add(1);
    let mut parts: Vec<Vec<&Sheet>> = vec![Vec::new(); count];
    let mut before: usize = 0;
    for sheet in sheets {
        if let Some(part) = parts.get_mut(before.checked_div(each).unwrap_or(0)) {
            part.push(sheet);
        }
        before = before.saturating_add(sheet.len());
    }
    let made = made_by(hands, count, &|at| {
        let mut part = Part {
            ledger,
            pricer: pricer.another(),
            classes: Classes::default(),
            prices: prices.clone(),
            places: Places::new(options),
        };
        if at == 0 {
            part.add_cells()?;
        }
        part.add_sheets(parts.get(at).map(Vec::as_slice).unwrap_or_default())?;
        Ok(part.places.in_order())
    });
    Ok(Groups::union(made.into_iter().collect::<Result<_, PricingError>>()?)?)
}

/// Where a head's prices are, and the number of its values; none where its rows have no
/// price.
type Head = Option<(usize, u32)>;

/// A part of a ledger's cells, as it is put into groups.
struct Part<'l, 'b, 'c> {
    ledger: &'l Ledger,
    pricer: Pricer<'b>,
    classes: Classes<'b>,
    prices: GroupPrices<'c>,
    places: Places<'l>,
}

impl Part<'_, '_, '_> {
    /// Adds the cells that came one by one.
    fn add_cells(&mut self) -> Result<(), PricingError> {
        let Self { ledger, pricer, classes, prices, places } = self;
        for view in ledger.cells() {
            let Some(found) = prices.of(pricer, classes, &view)? else { continue };
            let (head, labels) = (places.head(&view), places.labels(&view));
            if let (Some(prices), Some(group)) = (prices.get(found), places.group(head, labels)) {
                prices.add((view.cell.rows, view.cell.requests), view.cell.sums(), group)?;
            }
        }
        Ok(())
    }

    /// Adds cells that came in sheets, which are in order of time.
    fn add_sheets(&mut self, sheets: &[&Sheet]) -> Result<(), PricingError> {
        let labels = label_numbers(self.ledger, &mut self.places);
        let mut waiting = Waiting::default();
        for sheets in sheets.chunk_by(|one, other| one.segment() == other.segment()) {
            for sheet in sheets {
                self.add_sheet(sheet, &labels, &mut waiting)?;
            }
            let Self { prices, places, .. } = self;
            waiting.take(|(found, head, labels), rows, sums| {
                let prices = prices.get(found).zip(places.group(head, labels));
                let count = u64::try_from(rows).unwrap_or(u64::MAX);
                prices.map_or(Ok(()), |(prices, group)| prices.add((count, rows), sums, group))
            })?;
        }
        Ok(())
    }

    fn add_sheet(
        &mut self,
        sheet: &Sheet,
        labels: &[u32],
        waiting: &mut Waiting,
    ) -> Result<(), PricingError> {
        let Self { ledger, pricer, classes, prices, places } = self;
        let bare = Cell::default();
        // A head without cells is one whose rows were left out: it is not looked at.
        let mut heads: Vec<Option<Head>> = vec![None; sheet.heads().len()];
        for (head, set, sums) in sheet.cells() {
            let (Some(known), Some(key)) = (heads.get_mut(head), sheet.heads().get(head)) else {
                continue;
            };
            let head = if let Some(known) = *known {
                known
            } else {
                let view = ledger.view(key, &bare);
                let found = prices.of(pricer, classes, &view)?;
                *known.insert(found.map(|found| (found, places.head(&view))))
            };
            let Some((found, head)) = head else { continue };
            let labels = labels.get(set).copied().unwrap_or(u32::MAX);
            waiting.add((found, head, labels), &sums);
        }
        Ok(())
    }
}

/// The number of each label set of a ledger.
fn label_numbers(ledger: &Ledger, places: &mut Places<'_>) -> Vec<u32> {
    let cell = Cell::default();
    let number = |labels: &LabelSet| {
        let key = Key { labels: *labels, ..Key::default() };
        places.labels(&ledger.view(&key, &cell))
    };
    ledger.label_sets().map(number).collect()
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

/// Numbers of combinations of values.
#[derive(Default)]
struct Combinations {
    numbers: HashMap<Box<[u32]>, u32, FixedState>,
    known: Vec<Box<[u32]>>,
}

impl Combinations {
    /// The number of a combination.
    fn number(&mut self, values: &[u32]) -> u32 {
        if let Some(known) = self.numbers.get(values) {
            return *known;
        }
        let next = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
        self.known.push(values.into());
        self.numbers.insert(values.into(), next);
        next
    }

    fn of(&self, number: u32) -> &[u32] {
        let at = usize::try_from(number).ok();
        at.and_then(|at| self.known.get(at)).map(|values| &**values).unwrap_or_default()
    }
}

/// Where the group of each key is. Keys are taken apart as in a
/// [`Sheet`](crate::ledger::Sheet): values of heads, and values of label sets.
struct Places<'o> {
    zone: &'o TimeZone,
    columns: Vec<Column<'o>>,
    heads: Combinations,
    labels: Combinations,
    /// By the number of the head's values and that of the labels'.
    known: HashMap<(u32, u32), usize, FixedState>,
    groups: Vec<Group>,
    values: Vec<u32>,
}

impl<'o> Places<'o> {
    fn new(options: &'o Options) -> Self {
        Self {
            zone: &options.zone,
            columns: columns(options),
            heads: Combinations::default(),
            labels: Combinations::default(),
            known: HashMap::default(),
            groups: Vec::new(),
            values: Vec::new(),
        }
    }

    /// The number of a key's values that are not labels.
    fn head(&mut self, view: &View<'_>) -> u32 {
        let heads = self.columns.iter_mut().filter(|column| column.label.is_none());
        self.values.clear();
        self.values.extend(heads.map(|column| column.number(view, self.zone)));
        self.heads.number(&self.values)
    }

    /// The number of a key's labels.
    fn labels(&mut self, view: &View<'_>) -> u32 {
        let labels = self.columns.iter_mut().filter(|column| column.label.is_some());
        self.values.clear();
        self.values.extend(labels.map(|column| column.number(view, self.zone)));
        self.labels.number(&self.values)
    }

    /// The group of a head's values and of labels.
    fn group(&mut self, head: u32, labels: u32) -> Option<&mut Group> {
        let next = self.groups.len();
        let at = *self.known.entry((head, labels)).or_insert(next);
        if at == next {
            self.groups.push(Group::default());
        }
        self.groups.get_mut(at)
    }

    /// The groups by their values in order.
    fn in_order(self) -> Groups {
        let Self { columns, heads, labels, known, groups, .. } = self;
        let are_labels: Vec<bool> = columns.iter().map(|column| column.label.is_some()).collect();
        let (values, ranks): (Vec<_>, Vec<_>) = columns.into_iter().map(Column::sorted).unzip();
        let mut keys: Vec<Box<[u32]>> = vec![Box::default(); groups.len()];
        #[expect(clippy::iter_over_hash_type, reason = "each key goes to the place of its group")]
        for ((head, label), at) in known {
            let (mut heads, mut labels) = (heads.of(head).iter(), labels.of(label).iter());
            let rank = |(ranks, is_label): (&Vec<u32>, &bool)| {
                let number = if *is_label { labels.next() } else { heads.next() };
                let at = number.and_then(|number| usize::try_from(*number).ok());
                at.and_then(|at| ranks.get(at)).copied().unwrap_or(u32::MAX)
            };
            if let Some(slot) = keys.get_mut(at) {
                *slot = ranks.iter().zip(&are_labels).map(rank).collect();
            }
        }
        let mut order: Vec<usize> = (0..keys.len()).collect();
        order.sort_unstable_by(|one, other| keys.get(*one).cmp(&keys.get(*other)));
        Groups { values, keys, all: groups, order }
    }
}

/// A column for each asked property.
fn columns(options: &Options) -> Vec<Column<'_>> {
    let column = |dimension| Column {
        dimension,
        label: options.labels.iter().position(|label| label == dimension),
        known: HashMap::default(),
        numbers: HashMap::default(),
        values: Vec::new(),
    };
    options.by.iter().map(column).collect()
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
