//! The roll-up of quantities by key.
//!
//! Price is linear: once a row's model, tier, rate interval and context class
//! are settled, a month of logs collapses without loss into sums by key. What
//! is not linear is settled here, at the row: the context class, the time
//! segment, and which meters it uses. Knows the cuts of a rate book, no prices.

mod account;
mod cell;
mod cuts;
mod key;
mod symbols;

pub use account::{
    FileAccount, Period, RejectedByReason, RejectedRows, Rejection, RowCounts, Tally,
};
pub use cell::{BilledSum, Cell};
pub use cuts::{Cuts, Segment, Segments};
pub use key::{Key, PriceKey, View};
pub use symbols::{Symbol, Symbols};

use std::collections::BTreeSet;
use std::sync::Arc;

use foldhash::fast::FixedState;
use indexmap::IndexMap;
use indexmap::map::Entry;

use crate::formats::{Labels, MAX_LABELS};
use crate::usage::{Meter, UsageRow};

/// One bit for each meter, at its position.
pub type MeterMask = u64;

/// Sums of usage by key.
#[derive(Debug, Clone)]
pub struct Ledger {
    symbols: Symbols,
    /// In the order in which their keys were met.
    cells: IndexMap<Key, Cell, FixedState>,
    cuts: Arc<Cuts>,
}

impl Ledger {
    /// An empty ledger that cuts rows where `cuts` says.
    pub fn new(cuts: Arc<Cuts>) -> Self {
        Self { symbols: Symbols::default(), cells: IndexMap::default(), cuts }
    }

    /// Adds a row; gives the key that it was added to.
    pub fn add(
        &mut self,
        row: &UsageRow<'_>,
        format: &str,
        labels: &Labels<'_>,
        when: (Option<Segment>, Option<Segment>),
    ) -> Key {
        let key = self.key(row, format, labels, when);
        self.cells.entry(key).or_default().add_row(row);
        key
    }

    /// Adds sums of a key of this ledger.
    pub fn add_cell(&mut self, key: Key, cell: Cell) {
        match self.cells.entry(key) {
            Entry::Occupied(known) => known.into_mut().add(&cell),
            Entry::Vacant(place) => {
                place.insert(cell);
            }
        }
    }

    /// Makes room for more keys, at once: growing would copy what is there.
    pub fn reserve(&mut self, more: usize) {
        self.cells.reserve_exact(more);
    }

    /// The key of a row. `labels` are the values to group by; `when` is the
    /// segment of its start, and that of its end where prices change between.
    pub fn key(
        &mut self,
        row: &UsageRow<'_>,
        format: &str,
        labels: &Labels<'_>,
        when: (Option<Segment>, Option<Segment>),
    ) -> Key {
        let input = u128::from(row.quantities.total_input());
        let limits = self.limits(row);
        let symbols = &mut self.symbols;
        let mut label_symbols = [Symbol::ABSENT; MAX_LABELS];
        for (slot, label) in label_symbols.iter_mut().zip(labels) {
            *slot = label.map_or(Symbol::ABSENT, |text| symbols.intern(text));
        }
        Key {
            provider: symbols.intern(row.provider),
            model: row.model.map_or(Symbol::ABSENT, |model| symbols.intern(model)),
            tier: symbols.intern(row.tier.name()),
            tier_source: row.tier_source,
            requested_tier: row
                .requested_tier
                .as_ref()
                .map_or(Symbol::ABSENT, |tier| symbols.intern(tier.name())),
            endpoint: symbols.intern(row.endpoint),
            region: symbols.intern(row.region),
            format: symbols.intern(format),
            labels: label_symbols,
            segment: when.0.map(|segment| segment.start),
            until: when.1.map(|segment| segment.start),
            class: self.cuts.class(input, row.requests),
            highest: if row.aggregate { self.cuts.class(input, 1) } else { 0 },
            limits,
            billed: row.billed.is_some(),
            meters: meter_mask(row),
        }
    }

    /// A cell of a key of this ledger, in words.
    pub fn view<'l>(&'l self, key: &'l Key, cell: &'l Cell) -> View<'l> {
        View { key, cell, symbols: &self.symbols, cuts: &self.cuts }
    }

    fn limits(&self, row: &UsageRow<'_>) -> (u8, u8) {
        if row.requests != 1 || row.aggregate {
            return (0, 0);
        }
        self.cuts.limits(row.quantities.total_input(), row.quantities.total_output())
    }

    /// The sums of several ledgers with the same cuts, and for each of them how its
    /// keys are translated. Names have numbers in their order, so that the result
    /// does not depend on that of the ledgers.
    pub fn union(cuts: Arc<Cuts>, parts: Vec<Self>) -> (Self, Vec<Translation>) {
        let mut all = Self::new(cuts);
        let names = parts.iter().flat_map(|part| part.symbols.names());
        for name in names.collect::<BTreeSet<_>>() {
            all.symbols.intern(name);
        }
        let mut translations = Vec::with_capacity(parts.len());
        for part in parts {
            let names = part.symbols.names();
            let translation = Translation(names.map(|name| all.symbols.intern(name)).collect());
            for (key, cell) in part.cells {
                all.add_cell(translation.key(&key), cell);
            }
            translations.push(translation);
        }
        (all, translations)
    }

    /// The same sums, apart from the asked properties.
    #[must_use]
    pub fn without_labels(&self) -> Self {
        let mut all = Self {
            symbols: self.symbols.clone(),
            cells: IndexMap::default(),
            cuts: Arc::clone(&self.cuts),
        };
        for (key, cell) in &self.cells {
            let labels = [Symbol::ABSENT; MAX_LABELS];
            all.cells.entry(Key { labels, ..*key }).or_default().add(cell);
        }
        all
    }

    /// Every cell, in no stable order.
    pub fn unsorted_views(&self) -> impl Iterator<Item = View<'_>> + '_ {
        self.cells.iter().map(|(key, cell)| self.view(key, cell))
    }

    /// The cells, in an order that is stable for one ledger.
    fn sorted(&self) -> Vec<(&Key, &Cell)> {
        let mut cells: Vec<_> = self.cells.iter().collect();
        cells.sort_unstable_by_key(|(key, _)| **key);
        cells
    }

    /// Every cell, in an order that is stable for one ledger.
    pub fn views(&self) -> impl Iterator<Item = View<'_>> + '_ {
        let (symbols, cuts) = (&self.symbols, &*self.cuts);
        self.sorted().into_iter().map(move |(key, cell)| View { key, cell, symbols, cuts })
    }

    /// The number of cells.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether it has no cell.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }
}

/// What the keys of a ledger are in another one that has its names.
#[derive(Debug)]
pub struct Translation(Vec<Symbol>);

impl Translation {
    /// The key there.
    pub fn key(&self, key: &Key) -> Key {
        key.translate(&self.0)
    }
}

/// The meters that a row uses, as bits of their positions.
fn meter_mask(row: &UsageRow<'_>) -> MeterMask {
    row.quantities.nonzero().fold(0, |mask, (meter, _)| mask | meter_bit(meter))
}

/// The bit of a meter in a mask.
pub const fn meter_bit(meter: Meter) -> MeterMask {
    const { assert!(Meter::COUNT <= MeterMask::BITS as usize) }
    1 << meter.index()
}
