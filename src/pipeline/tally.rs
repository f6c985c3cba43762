//! The sums of rows of the usual kind, by what they have in common: a key of
//! numbers instead of words, and few bytes a key. Each time segment has its own, so
//! that what a log in order of time touches at one time lies close together.

use std::collections::{BTreeMap, HashMap, HashSet};

use foldhash::fast::FixedState;

use super::cells::{BILLED, CellAt, CellKey, Cells, Fate, HeadKey, size};
use super::sides::Sides;
use crate::formats::{COUNTED, QuickRow, bits};
use crate::ledger::{
    Cuts, Key, LabelSet, Ledger, Owner, Records, Segment, Shape, Sheet, meter_bit,
};
use crate::usage::Instant;

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

/// A head of the segment that was gone to last.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeadAt(u32);

/// Sums by key.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    pub(super) parts: Vec<Part>,
    /// The parts by the start of their segment.
    starts: BTreeMap<Instant, usize>,
    /// The part of the last row.
    pub(super) last: usize,
    /// What stands for names in the ledger: a key of rows that have them.
    names: HashMap<u64, Key, FixedState>,
    /// What stands for asked properties there.
    labels: HashMap<u32, LabelSet, FixedState>,
    /// Names of records of another time that are rows.
    rows: HashSet<u64, FixedState>,
    /// The meters that rows may use, one bit each.
    pub(super) meters: u32,
}

/// The sums of one time segment.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) segment: Segment,
    numbers: HashMap<HeadKey, u32, FixedState>,
    heads: Vec<Head>,
    pub(super) cells: Cells,
}

/// What rows of a head have in common.
#[derive(Debug)]
struct Head {
    key: Key,
    shape: Shape,
    /// Its meters, one bit each.
    meters: u32,
    priced: bool,
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
    ) -> CellKey {
        self.go_to(row.brief.start, segment_of);
        CellKey::new(row.brief, sides.classify(&row.parts, cuts))
    }

    /// Takes up the part of an instant.
    #[inline]
    fn go_to(&mut self, at: Instant, segment_of: &mut dyn FnMut(Instant) -> Segment) {
        let holds = |part: &Part| part.segment.holds(at);
        if self.parts.get(self.last).is_some_and(holds) {
            return;
        }
        self.last = self.known_part(at).unwrap_or_else(|| self.begin_part(segment_of(at)));
    }

    /// The part of an instant, where there is one.
    pub(super) fn known_part(&self, at: Instant) -> Option<usize> {
        let before = self.starts.range(..=at).next_back().map(|(_, part)| *part);
        before.filter(|part| self.parts.get(*part).is_some_and(|part| part.segment.holds(at)))
    }

    #[cold]
    fn begin_part(&mut self, segment: Segment) -> usize {
        let at = self.parts.len();
        self.starts.insert(segment.start, at);
        self.parts.push(Part {
            segment,
            numbers: HashMap::default(),
            heads: Vec::new(),
            cells: Cells::new(self.meters),
        });
        at
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
        let (shape, meters) = (Shape::of(&key), head.meters());
        part.heads.push(Head { key, shape, meters, priced: priced(&key) });
        part.numbers.insert(head, at);
        Some(HeadAt(at))
    }

    /// Where the rows of a key are summed.
    #[inline]
    pub(super) fn cell(&self, key: &CellKey) -> Option<CellAt> {
        self.parts.get(self.last)?.cells.find(key)
    }

    /// Begins the sums of a head and a label set that is known; `None` where it is
    /// not, or where there are too many.
    pub(super) fn begin_cell(&mut self, key: &CellKey, head: HeadAt) -> Option<CellAt> {
        self.labels.get(&key.labels)?;
        let part = self.parts.get_mut(self.last)?;
        let priced = part.heads.get(size(head.0))?.priced;
        part.cells.begin(key, head.0, Fate::kept(priced))
    }

    /// Notes that the rows of a head and a label set are left out.
    pub(super) fn leave_out(&mut self, key: &CellKey, head: HeadAt) -> Option<CellAt> {
        self.parts.get_mut(self.last)?.cells.begin(key, head.0, Fate::Filtered)
    }

    /// Learns what the names and asked properties of a row stand for in the ledger:
    /// its key there.
    pub(super) fn learn(&mut self, row: &QuickRow<'_>, key: &Key) {
        self.names.entry(row.brief.names).or_insert(*key);
        self.labels.entry(row.brief.labels).or_insert(key.labels);
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
    pub(super) fn add(&mut self, at: CellAt, row: &QuickRow<'_>) -> Option<Fate> {
        if row.brief.used & !self.meters != 0 {
            return None;
        }
        let cells = &mut self.parts.get_mut(self.last)?.cells;
        let counts = bits(self.meters).filter_map(|bit| row.parts.counts().get(size(bit)).copied());
        cells.add(at, row.brief.billed, counts)
    }

    /// Adds all sums to the ledger that they are of.
    pub(super) fn pour(self, ledger: &mut Ledger) {
        let sets = self.labels.iter();
        let sets: HashMap<u32, u32, FixedState> =
            sets.filter_map(|(labels, set)| Some((*labels, ledger.label_set(*set)?))).collect();
        for part in self.parts {
            let (mut owners, mut records) = (Vec::new(), Records::default());
            for sums in part.cells.kept() {
                let Some(head) = part.heads.get(size(sums.head)) else { continue };
                let own = bits(self.meters).zip(sums.meters);
                let own = own.filter(|(bit, _)| head.meters & 1_u32.unbounded_shl(*bit) != 0);
                records.push(head.shape, sums.rows, sums.billed, own.map(|(_, sum)| *sum));
                let labels = sets.get(&sums.labels).copied().unwrap_or(u32::MAX);
                owners.push(Owner { head: sums.head, labels });
            }
            let heads = part.heads.into_iter().map(|head| head.key).collect();
            ledger.add_sheet(Sheet::new(heads, owners, records));
        }
    }
}
