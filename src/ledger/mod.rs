//! The roll-up of quantities by key.
//!
//! Price is linear: once a row's model, tier, rate interval and context class
//! are settled, a month of logs collapses without loss into sums by key. What
//! is not linear is settled here, at the row: the context class, the time
//! segment, and which meters it uses. Knows the cuts of a rate book, no prices.

mod account;
mod archive;
mod cell;
mod cuts;
mod key;
mod sheet;
mod symbols;

pub use account::{
    FileAccount, Period, RejectedByReason, RejectedRows, Rejection, RowCounts, Tally,
};
pub use archive::{
    Archive, ArchiveError, InputInfo, Keep, Restored, is_archive, restore, sha256_of, write_archive,
};
pub use cell::{BilledSum, Cell};
pub use cuts::{Cuts, Segment, Segments};
pub use key::{Key, PriceKey, View};
pub use sheet::{Owner, Records, Shape, Sheet, Sums};
pub use symbols::{Symbol, Symbols};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use foldhash::fast::FixedState;
use indexmap::{IndexMap, IndexSet};

use crate::formats::{Labels, MAX_LABELS};
use crate::usage::{Meter, UsageRow};

/// One bit for each meter, at its position.
pub type MeterMask = u64;

/// The values of the asked properties.
pub type LabelSet = [Symbol; MAX_LABELS];

/// Sums of usage by key: cells, and sheets of many of them. A key may be in
/// several places; its sums are those of all of them.
#[derive(Debug, Clone)]
pub struct Ledger {
    symbols: Symbols,
    /// In the order in which their keys were met.
    cells: IndexMap<Key, Cell, FixedState>,
    label_sets: IndexSet<LabelSet, FixedState>,
    sheets: Vec<Sheet>,
    cuts: Arc<Cuts>,
}

/// The sums of a ledger by key, apart from the asked properties; each key once.
#[derive(Debug)]
pub struct Unlabelled<'l> {
    ledger: &'l Ledger,
    /// In an order that is stable for one ledger.
    cells: Vec<(Key, Cell)>,
}

impl<'l> Unlabelled<'l> {
    /// The ledger.
    pub const fn ledger(&self) -> &'l Ledger {
        self.ledger
    }

    /// Every cell.
    pub fn views(&self) -> impl Iterator<Item = View<'_>> + '_ {
        self.cells.iter().map(|(key, cell)| self.ledger.view(key, cell))
    }
}

impl Ledger {
    /// An empty ledger that cuts rows where `cuts` says.
    pub fn new(cuts: Arc<Cuts>) -> Self {
        let (symbols, label_sets) = (Symbols::default(), IndexSet::default());
        Self { symbols, cells: IndexMap::default(), label_sets, sheets: Vec::new(), cuts }
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

    /// Adds sums to a key of this ledger.
    fn add_cell(&mut self, key: Key, cell: &Cell) {
        self.cells.entry(key).or_default().add(cell);
    }

    /// Adds a sheet of keys of this ledger.
    pub fn add_sheet(&mut self, sheet: Sheet) {
        if !sheet.is_empty() {
            self.sheets.push(sheet);
        }
    }

    /// The number of a label set in sheets; `None` where there are too many.
    pub fn label_set(&mut self, labels: LabelSet) -> Option<u32> {
        u32::try_from(self.label_sets.insert_full(labels).0).ok()
    }

    /// The label sets of sheets, by number.
    pub fn label_sets(&self) -> impl ExactSizeIterator<Item = &LabelSet> + '_ {
        self.label_sets.iter()
    }

    /// Cells that came in sheets.
    pub fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    /// Cells that came one by one.
    pub fn cells(&self) -> impl Iterator<Item = View<'_>> + '_ {
        self.cells.iter().map(|(key, cell)| self.view(key, cell))
    }

    /// Gives every sum with its key to `each`; a key may come several times.
    pub fn for_each(&self, mut each: impl FnMut(&View<'_>)) {
        for view in self.cells() {
            each(&view);
        }
        for sheet in &self.sheets {
            for (head, set, sums) in sheet.cells() {
                let head = sheet.heads().get(head).zip(self.label_sets.get_index(set));
                let Some((key, set)) = head else { continue };
                let (key, mut cell) = (Key { labels: *set, ..*key }, Cell::default());
                cell.add_sums_of(&sums);
                each(&self.view(&key, &cell));
            }
        }
    }

    /// The sums by key, each key once and in order: where the names have numbers in their
    /// order, in that of the names.
    pub fn by_key(&self) -> BTreeMap<Key, Cell> {
        let mut cells: BTreeMap<Key, Cell> = BTreeMap::new();
        self.for_each(|view| cells.entry(*view.key).or_default().add(view.cell));
        cells
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

    /// What a number of this ledger's names stands for; `None` for no name at all.
    pub fn name(&self, symbol: Symbol) -> Option<&str> {
        self.symbols.name(symbol)
    }

    fn limits(&self, row: &UsageRow<'_>) -> (u8, u8) {
        if row.requests != 1 || row.aggregate {
            return (0, 0);
        }
        self.cuts.limits(row.quantities.total_input(), row.quantities.total_output())
    }

    /// The sums of several ledgers with the same cuts. Names have numbers in their
    /// order, so that the result does not depend on that of the ledgers.
    pub fn union(cuts: Arc<Cuts>, parts: Vec<Self>) -> Self {
        let mut all = Self::new(cuts);
        let names = parts.iter().flat_map(|part| part.symbols.names());
        for name in names.collect::<BTreeSet<_>>() {
            all.symbols.intern(name);
        }
        for part in parts {
            all.take(part);
        }
        all
    }

    /// Adds the sums of a ledger whose names this one has.
    fn take(&mut self, part: Self) {
        let names = part.symbols.names();
        let names: Vec<Symbol> = names.map(|name| self.symbols.intern(name)).collect();
        for (key, cell) in part.cells {
            self.cells.entry(key.translate(&names)).or_default().add(&cell);
        }
        let translated = |set: LabelSet| set.map(|symbol| Symbols::translated(symbol, &names));
        let sets = part.label_sets.into_iter().map(translated);
        let sets: Vec<u32> = sets.map(|set| self.label_set(set).unwrap_or(u32::MAX)).collect();
        for mut sheet in part.sheets {
            sheet.translate(|key| key.translate(&names), &sets);
            self.sheets.push(sheet);
        }
    }

    /// The same sums, apart from the asked properties.
    pub fn unlabelled(&self) -> Unlabelled<'_> {
        let mut cells: IndexMap<Key, Cell, FixedState> = IndexMap::default();
        for (key, cell) in &self.cells {
            cells.entry(key.unlabelled()).or_default().add(cell);
        }
        for (key, cell) in self.sheets.iter().flat_map(Sheet::by_head) {
            cells.entry(key.unlabelled()).or_default().add(cell);
        }
        cells.sort_unstable_keys();
        Unlabelled { ledger: self, cells: cells.into_iter().collect() }
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
