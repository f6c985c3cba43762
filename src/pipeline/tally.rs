//! The sums of rows of the usual kind, by what they have in common: a key of
//! numbers instead of words, and few bytes a key. Each time segment has its own, so
//! that what a log in order of time touches at one time lies close together.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{Hash, Hasher};

use foldhash::fast::FixedState;

use crate::formats::{COUNTED, MAX_LABELS, Parts, QuickRow};
use crate::ledger::{BilledSum, Cell, Cuts, Key, Ledger, Segment, Symbol, meter_bit};
use crate::money::Money;
use crate::usage::{Instant, Meter};

/// What rows of one segment have in common whose sums are kept together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CellKey {
    names: u64,
    labels: u32,
    /// In the lower half the meters in use, one bit each. In the upper one, from its
    /// lowest byte on: the context class, the limits that were reached, and whether
    /// they say what was billed.
    bits: u64,
}

/// Whether rows say what was billed, in the upper half of the bits of a key.
const BILLED: u32 = 1 << 24;

impl CellKey {
    /// The meters in use, one bit each.
    fn meters(self) -> u32 {
        u32::try_from(self.bits & u64::from(u32::MAX)).unwrap_or(0)
    }

    /// The upper half of its bits.
    fn upper(self) -> u32 {
        u32::try_from(self.bits.unbounded_shr(32)).unwrap_or(0)
    }
}

impl Hash for CellKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.names);
        state.write_u64(self.bits);
        state.write_u32(self.labels);
    }
}

/// What becomes of the rows of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Left out by a filter.
    Filtered,
    /// Summed, with a price or without.
    Kept {
        /// Whether they have a price.
        priced: bool,
    },
}

/// Sums of a key that are kept beside its count of rows.
const FEW: usize = 4;

/// The sums of one key.
#[derive(Debug)]
struct Sums {
    billed: Money,
    /// Those of the first meters in use.
    few: [u64; FEW],
    /// Those of the other ones.
    more: Box<[u64]>,
    rows: u64,
    fate: Fate,
    /// Whether the billed amounts left the range of [`Money`].
    overflow: bool,
}

/// Sums by key.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    parts: Vec<Part>,
    /// The parts by the start of their segment.
    starts: BTreeMap<Instant, usize>,
    /// The part of the last row.
    last: usize,
    /// What stands for names in the ledger: a key of rows that have them.
    names: HashMap<u64, Key, FixedState>,
    /// What stands for asked properties there.
    labels: HashMap<u32, LabelSymbols, FixedState>,
    /// Names of records of another time that are rows.
    rows: HashSet<u64, FixedState>,
}

type LabelSymbols = [Symbol; MAX_LABELS];

/// The sums of one time segment.
#[derive(Debug)]
struct Part {
    segment: Segment,
    places: HashMap<CellKey, u32, FixedState>,
    cells: Vec<Sums>,
}

/// The meters of [`COUNTED`] that are part of a request's context, and those
/// that are its output, one bit each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sides {
    input: u32,
    output: u32,
    /// Below these no class, window or cap is reached.
    lowest: (u64, u64),
}

impl Sides {
    pub(super) fn new(cuts: &Cuts) -> Self {
        let side = |is_part: fn(Meter) -> bool| {
            let bits = COUNTED.into_iter().zip(0_u32..);
            bits.fold(0, |side, (meter, bit)| side | (u32::from(is_part(meter)) << bit))
        };
        Self { input: side(Meter::is_input), output: side(Meter::is_output), lowest: cuts.lowest() }
    }

    /// The class and the limits of one request, as bits of a key.
    #[inline]
    fn classify(&self, parts: &Parts, cuts: &Cuts) -> u32 {
        let sum = |side: u32| parts.among(side).fold(0, u64::saturating_add);
        let (input, output) = (sum(self.input), sum(self.output));
        if input < self.lowest.0 && output < self.lowest.1 {
            return 0;
        }
        let (window, cap) = cuts.limits(input, output);
        u32::from_le_bytes([cuts.class(u128::from(input), 1), window, cap, 0])
    }
}

impl Tallies {
    /// The key of a row that is one request, in the part of its time.
    #[inline]
    pub(super) fn key(
        &mut self,
        row: &QuickRow<'_>,
        (sides, cuts): (&Sides, &Cuts),
        segment_of: &mut dyn FnMut(Instant) -> Segment,
    ) -> CellKey {
        self.go_to(row.start, segment_of);
        let billed = if row.billed.is_some() { BILLED } else { 0 };
        CellKey {
            names: row.names,
            labels: row.labels,
            bits: u64::from(row.parts.used())
                | u64::from(sides.classify(row.parts, cuts) | billed).unbounded_shl(32),
        }
    }

    /// Takes up the part of an instant.
    #[inline]
    fn go_to(&mut self, at: Instant, segment_of: &mut dyn FnMut(Instant) -> Segment) {
        let holds = |part: &Part| part.segment.start <= at && at < part.segment.end;
        if self.parts.get(self.last).is_some_and(holds) {
            return;
        }
        let before = self.starts.range(..=at).next_back().map(|(_, part)| *part);
        let known = before.filter(|part| self.parts.get(*part).is_some_and(holds));
        self.last = known.unwrap_or_else(|| self.begin_part(segment_of(at)));
    }

    #[cold]
    fn begin_part(&mut self, segment: Segment) -> usize {
        let at = self.parts.len();
        self.starts.insert(segment.start, at);
        self.parts.push(Part { segment, places: HashMap::default(), cells: Vec::new() });
        at
    }

    /// Where the sums of a key are.
    #[inline]
    pub(super) fn find(&self, key: &CellKey) -> Option<u32> {
        self.parts.get(self.last)?.places.get(key).copied()
    }

    /// Begins the sums of a key; `None` where there are too many.
    pub(super) fn begin(&mut self, key: CellKey, fate: Fate) -> Option<u32> {
        let part = self.parts.get_mut(self.last)?;
        let at = u32::try_from(part.cells.len()).ok()?;
        let meters = usize::try_from(key.meters().count_ones()).unwrap_or(0);
        part.cells.push(Sums {
            billed: Money::ZERO,
            few: [0; FEW],
            more: vec![0; meters.saturating_sub(FEW)].into(),
            rows: 0,
            fate,
            overflow: false,
        });
        part.places.insert(key, at);
        Some(at)
    }

    /// Learns what the names and asked properties of a row stand for in the ledger:
    /// its key there.
    pub(super) fn learn(&mut self, cell: &CellKey, key: &Key) {
        self.names.entry(cell.names).or_insert(*key);
        self.labels.entry(cell.labels).or_insert(key.labels);
    }

    /// Whether records with some names are known to be rows.
    pub(super) fn is_row(&self, names: u64) -> bool {
        self.rows.contains(&names) || self.names.contains_key(&names)
    }

    /// Notes that records with some names are rows.
    pub(super) fn note_row(&mut self, names: u64) {
        self.rows.insert(names);
    }

    /// The key in the ledger, where what its names and asked properties stand for is
    /// known.
    pub(super) fn ledger_key(&self, cell: &CellKey) -> Option<Key> {
        ledger_key(cell, self.parts.get(self.last)?, (&self.names, &self.labels))
    }

    /// Adds a row to the sums of its key; says what becomes of it.
    #[inline]
    pub(super) fn add(&mut self, at: u32, row: &QuickRow<'_>) -> Option<Fate> {
        let part = self.parts.get_mut(self.last)?;
        let cell = part.cells.get_mut(usize::try_from(at).ok()?)?;
        if cell.fate == Fate::Filtered {
            return Some(Fate::Filtered);
        }
        if !cell.add_counts(row.parts) {
            return None;
        }
        cell.rows = cell.rows.saturating_add(1);
        if let Some(usd) = row.billed {
            match cell.billed.checked_add(usd) {
                Some(sum) => cell.billed = sum,
                None => cell.overflow = true,
            }
        }
        Some(cell.fate)
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.parts.iter().map(|part| part.cells.len()).sum()
    }

    /// Adds all sums to a ledger of the same keys.
    pub(super) fn pour(mut self, ledger: &mut Ledger) {
        while self.pour_part(ledger, &|key| *key) {}
    }

    /// Adds the sums of one segment to a ledger, at what `translate` says that their
    /// keys are there; `false` where none is left. Their memory is free after that.
    pub(super) fn pour_part(
        &mut self,
        ledger: &mut Ledger,
        translate: &dyn Fn(&Key) -> Key,
    ) -> bool {
        let Some(part) = self.parts.pop() else { return false };
        #[expect(clippy::iter_over_hash_type, reason = "sums do not depend on their order")]
        for (cell, at) in &part.places {
            let sums = usize::try_from(*at).ok().and_then(|at| part.cells.get(at));
            let sums = sums.filter(|sums| sums.fate != Fate::Filtered);
            let key = ledger_key(cell, &part, (&self.names, &self.labels));
            if let Some((sums, key)) = sums.zip(key) {
                ledger.add_cell(translate(&key), sums.sums(&key));
            }
        }
        true
    }
}

/// The key of a cell of a part in the ledger.
fn ledger_key(
    cell: &CellKey,
    part: &Part,
    (names, labels): (&HashMap<u64, Key, FixedState>, &HashMap<u32, LabelSymbols, FixedState>),
) -> Option<Key> {
    let bits = COUNTED.into_iter().zip(0_u32..);
    let used = bits.filter(|(_, bit)| cell.meters() & 1_u32.unbounded_shl(*bit) != 0);
    let [class, window, cap, _] = cell.upper().to_le_bytes();
    Some(Key {
        segment: Some(part.segment.start),
        labels: *labels.get(&cell.labels)?,
        class,
        limits: (window, cap),
        billed: cell.upper() & BILLED != 0,
        meters: used.fold(0, |mask, (meter, _)| mask | meter_bit(meter)),
        ..*names.get(&cell.names)?
    })
}

impl Sums {
    /// Adds counts; `false`, and nothing added, where a sum would not fit.
    #[inline]
    fn add_counts(&mut self, parts: &Parts) -> bool {
        let sums = self.few.iter_mut().chain(&mut *self.more);
        for (added, (sum, count)) in sums.zip(parts.among(u32::MAX)).enumerate() {
            let Some(more) = sum.checked_add(count) else {
                self.take_back(parts, added);
                return false;
            };
            *sum = more;
        }
        true
    }

    #[cold]
    fn take_back(&mut self, parts: &Parts, added: usize) {
        let sums = self.few.iter_mut().chain(&mut *self.more);
        for (sum, count) in sums.zip(parts.among(u32::MAX)).take(added) {
            *sum = sum.wrapping_sub(count);
        }
    }

    /// The same for a key of the ledger.
    fn sums(&self, key: &Key) -> Cell {
        let meters = usize::try_from(key.meters.count_ones()).unwrap_or(0);
        let all = self.few.iter().chain(&*self.more).take(meters);
        let sums = all.map(|sum| u128::from(*sum)).collect();
        let rows = if key.billed { self.rows } else { 0 };
        let billed = BilledSum { rows, usd: self.billed, overflow: self.overflow };
        Cell::of_sums((self.rows, u128::from(self.rows)), billed, sums)
    }
}
