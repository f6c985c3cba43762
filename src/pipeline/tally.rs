//! The sums of rows of the usual kind, by what they have in common: a key of
//! numbers instead of words, and few bytes a key. Each time segment has its own, so
//! that what a log in order of time touches at one time lies close together.

use std::collections::{BTreeMap, HashMap, HashSet};

use foldhash::fast::FixedState;

use crate::formats::{COUNTED, Parts, QuickRow};
use crate::ledger::{
    Cuts, Key, LabelSet, Ledger, Owner, Records, Segment, Shape, Sheet, meter_bit,
};
use crate::usage::{Instant, Meter};

/// What rows of one segment have in common that have one price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct HeadKey {
    names: u64,
    /// In the lower half the meters in use, one bit each. In the upper one, from its
    /// lowest byte on: the context class, the limits that were reached, and whether
    /// they say what was billed.
    bits: u64,
}

/// Whether rows say what was billed, in the upper half of the bits of a key.
const BILLED: u32 = 1 << 24;

impl HeadKey {
    /// The meters in use, one bit each.
    fn meters(self) -> u32 {
        u32::try_from(self.bits & u64::from(u32::MAX)).unwrap_or(0)
    }

    /// The upper half of its bits.
    fn upper(self) -> u32 {
        u32::try_from(self.bits.unbounded_shr(32)).unwrap_or(0)
    }

    /// The key in the ledger of rows with these names: apart from their labels.
    fn key(self, names: &Key, segment: Segment) -> Key {
        let bits = COUNTED.into_iter().zip(0_u32..);
        let used = bits.filter(|(_, bit)| self.meters() & 1_u32.unbounded_shl(*bit) != 0);
        let [class, window, cap, _] = self.upper().to_le_bytes();
        Key {
            segment: Some(segment.start),
            class,
            limits: (window, cap),
            billed: self.upper() & BILLED != 0,
            meters: used.fold(0, |mask, (meter, _)| mask | meter_bit(meter)),
            ..names.unlabelled()
        }
    }
}

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Left out by a filter.
    Filtered,
    /// Summed, with a price or without.
    Kept {
        /// Whether it has a price.
        priced: bool,
    },
}

/// A head of the segment that was gone to last.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeadAt(u32);

/// Where the rows of a head and a label set are summed.
#[derive(Debug, Clone, Copy)]
pub(super) struct CellAt(u32);

/// Where the rows of a head and a label set of one part went last.
#[derive(Debug, Clone, Copy)]
struct Recent {
    head: HeadKey,
    labels: u32,
    part: u32,
    found: (u32, u32),
}

/// How many of them are at hand; few enough for a core's own cache.
const RECENT_BITS: u32 = 13;

impl Recent {
    /// Its place among those at hand.
    #[inline]
    fn place(head: &HeadKey, labels: u32) -> usize {
        let names = head.names ^ u64::from(labels).rotate_left(40);
        let mixed = names.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ head.bits;
        let mixed = mixed.wrapping_mul(0xd6e8_feb8_6659_fd93);
        usize::try_from(mixed.unbounded_shr(64_u32.wrapping_sub(RECENT_BITS))).unwrap_or(0)
    }
}

/// Stands for the place of rows that are left out.
const LEFT_OUT: CellAt = CellAt(u32::MAX);

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
    labels: HashMap<u32, LabelSet, FixedState>,
    /// Names of records of another time that are rows.
    rows: HashSet<u64, FixedState>,
    /// What was found last, each at the place that its key says.
    recent: Vec<Recent>,
}

/// The sums of one time segment.
#[derive(Debug)]
struct Part {
    segment: Segment,
    numbers: HashMap<HeadKey, u32, FixedState>,
    heads: Vec<Head>,
    /// By the head in the upper half and the labels in the lower one.
    cells: HashMap<u64, CellAt, FixedState>,
    records: Records,
    /// Of each record, with the labels as they are numbered here.
    owners: Vec<Owner>,
}

/// What rows of a head have in common.
#[derive(Debug)]
struct Head {
    key: Key,
    shape: Shape,
    priced: bool,
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
        let (input, output) = parts.text().unwrap_or_else(|| (sum(self.input), sum(self.output)));
        if input < self.lowest.0 && output < self.lowest.1 {
            return 0;
        }
        let (window, cap) = cuts.limits(input, output);
        u32::from_le_bytes([cuts.class(u128::from(input), 1), window, cap, 0])
    }
}

impl Tallies {
    /// What a row that is one request has in common with others of its time, whose
    /// part is taken up.
    #[inline]
    pub(super) fn key(
        &mut self,
        row: &QuickRow<'_>,
        (sides, cuts): (&Sides, &Cuts),
        segment_of: &mut dyn FnMut(Instant) -> Segment,
    ) -> HeadKey {
        self.go_to(row.start, segment_of);
        let billed = if row.billed.is_some() { BILLED } else { 0 };
        HeadKey {
            names: row.names,
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
        self.parts.push(Part {
            segment,
            numbers: HashMap::default(),
            heads: Vec::new(),
            cells: HashMap::default(),
            records: Records::default(),
            owners: Vec::new(),
        });
        at
    }

    /// Where the rows of a head and a label set are summed, where that is at hand.
    #[inline]
    pub(super) fn recent(&self, key: &HeadKey, labels: u32) -> Option<(HeadAt, CellAt)> {
        let known = self.recent.get(Recent::place(key, labels))?;
        let same = known.head == *key && known.labels == labels;
        let (head, cell) = known.found;
        (same && index(known.part) == self.last).then_some((HeadAt(head), CellAt(cell)))
    }

    /// Keeps that at hand.
    pub(super) fn keep_at_hand(&mut self, head: HeadKey, labels: u32, found: (HeadAt, CellAt)) {
        let nothing = HeadKey { names: 0, bits: 0 };
        if self.recent.is_empty() {
            let none = Recent { head: nothing, labels: 0, part: u32::MAX, found: (0, 0) };
            self.recent.resize(1 << RECENT_BITS, none);
        }
        let part = u32::try_from(self.last).unwrap_or(u32::MAX);
        let found = (found.0.0, found.1.0);
        if let Some(slot) = self.recent.get_mut(Recent::place(&head, labels)) {
            *slot = Recent { head, labels, part, found };
        }
    }

    /// Where a head is.
    #[inline]
    pub(super) fn head(&self, key: &HeadKey) -> Option<HeadAt> {
        self.parts.get(self.last)?.numbers.get(key).copied().map(HeadAt)
    }

    /// Begins a head whose names are known; `priced` says whether a key has a price.
    /// `None` where they are not.
    pub(super) fn begin_head(
        &mut self,
        head: HeadKey,
        priced: impl FnOnce(&Key) -> bool,
    ) -> Option<HeadAt> {
        let part = self.parts.get_mut(self.last)?;
        let key = head.key(self.names.get(&head.names)?, part.segment);
        let at = u32::try_from(part.heads.len()).ok()?;
        part.heads.push(Head { key, shape: Shape::of(&key), priced: priced(&key) });
        part.numbers.insert(head, at);
        Some(HeadAt(at))
    }

    /// Where the rows of a head and a label set are summed.
    #[inline]
    pub(super) fn cell(&self, head: HeadAt, labels: u32) -> Option<CellAt> {
        self.parts.get(self.last)?.cells.get(&cell_key(head, labels)).copied()
    }

    /// Begins the sums of a head and a label set that is known; `None` where it is
    /// not, or where there are too many.
    pub(super) fn begin_cell(&mut self, head: HeadAt, labels: u32) -> Option<CellAt> {
        self.labels.get(&labels)?;
        let part = self.parts.get_mut(self.last)?;
        let at = part.records.begin(part.heads.get(index(head.0))?.shape)?;
        part.cells.insert(cell_key(head, labels), CellAt(at));
        part.owners.push(Owner { head: head.0, labels });
        Some(CellAt(at))
    }

    /// Notes that the rows of a head and a label set are left out.
    pub(super) fn leave_out(&mut self, head: HeadAt, labels: u32) -> Option<CellAt> {
        self.parts.get_mut(self.last)?.cells.insert(cell_key(head, labels), LEFT_OUT);
        Some(LEFT_OUT)
    }

    /// Learns what the names and asked properties of a row stand for in the ledger:
    /// its key there.
    pub(super) fn learn(&mut self, row: &QuickRow<'_>, key: &Key) {
        self.names.entry(row.names).or_insert(*key);
        self.labels.entry(row.labels).or_insert(key.labels);
    }

    /// Whether records with some names are known to be rows.
    pub(super) fn is_row(&self, names: u64) -> bool {
        self.rows.contains(&names) || self.names.contains_key(&names)
    }

    /// Notes that records with some names are rows.
    pub(super) fn note_row(&mut self, names: u64) {
        self.rows.insert(names);
    }

    /// Adds a row to sums; says what becomes of it. `None`, and nothing added, where
    /// they would not fit.
    #[inline]
    pub(super) fn add(&mut self, head: HeadAt, at: CellAt, row: &QuickRow<'_>) -> Option<Fate> {
        if at.0 == LEFT_OUT.0 {
            return Some(Fate::Filtered);
        }
        let part = self.parts.get_mut(self.last)?;
        let Head { shape, priced, .. } = part.heads.get(index(head.0))?;
        let counts = row.parts.among(u32::MAX);
        let added = part.records.add((at.0, *shape), row.billed, counts);
        added.then_some(Fate::Kept { priced: *priced })
    }

    /// Adds all sums to the ledger that they are of.
    pub(super) fn pour(self, ledger: &mut Ledger) {
        let sets = self.labels.iter();
        let sets: HashMap<u32, u32, FixedState> =
            sets.filter_map(|(labels, set)| Some((*labels, ledger.label_set(*set)?))).collect();
        for mut part in self.parts {
            for owner in &mut part.owners {
                owner.labels = sets.get(&owner.labels).copied().unwrap_or(u32::MAX);
            }
            let heads = part.heads.into_iter().map(|head| head.key).collect();
            ledger.add_sheet(Sheet::new(heads, part.owners, part.records));
        }
    }
}

fn cell_key(head: HeadAt, labels: u32) -> u64 {
    u64::from(head.0).unbounded_shl(32) | u64::from(labels)
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
