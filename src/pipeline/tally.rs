//! The sums of rows of the usual kind, by what they have in common: a key of
//! numbers instead of words, and few bytes a key. Each time segment has its own, so
//! that what a log in order of time touches at one time lies close together.

use std::collections::{BTreeMap, HashMap, HashSet};

use foldhash::fast::FixedState;

use super::cells::{CellAt, CellKey, Cells, Fate, size};
use super::heads::{HeadAt, HeadKey, Heads};
use super::prices::Prices;
use super::sides::Sides;
use crate::formats::{QuickRow, bits};
use crate::ledger::{Cuts, Key, LabelSet, Ledger, Owner, Records, Segment, Sheet};
use crate::usage::Instant;

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
    /// How many keys were begun in all segments.
    begun: usize,
}

/// The sums of one time segment.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) segment: Segment,
    pub(super) heads: Heads,
    pub(super) cells: Cells,
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
        self.go_to(row.brief.start, segment_of);
        HeadKey::new(row.brief, sides.classify(&row.parts, cuts))
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
        self.parts.push(Part { segment, heads: Heads::default(), cells: Cells::new(self.meters) });
        at
    }

    /// The head of a key.
    #[inline]
    pub(super) fn head(&self, key: HeadKey) -> Option<HeadAt> {
        self.parts.get(self.last)?.heads.find(key)
    }

    /// Begins a key whose names are known, and which has no head. `None` where they are
    /// not.
    pub(super) fn begin_head(
        &mut self,
        key: HeadKey,
        (prices, ledger): (&mut Prices<'_>, &Ledger),
        sorts_apart: usize,
    ) -> Option<HeadAt> {
        let part = self.parts.get_mut(self.last)?;
        let names = self.names.get(&key.names)?;
        self.begun = self.begun.saturating_add(1);
        let meters = if self.begun > sorts_apart { self.meters } else { 0 };
        part.heads.begin(key, (names, part.segment), meters, (prices, ledger))
    }

    /// Where the rows of a key are summed.
    #[inline]
    pub(super) fn cell(&self, key: CellKey) -> Option<CellAt> {
        self.parts.get(self.last)?.cells.find(key)
    }

    /// Begins the sums of a head and a label set that is known; `None` where it is
    /// not, or where there are too many.
    pub(super) fn begin_cell(&mut self, key: CellKey) -> Option<CellAt> {
        self.labels.get(&key.labels)?;
        let part = self.parts.get_mut(self.last)?;
        let priced = part.heads.get(HeadAt(key.head))?.priced;
        part.cells.begin(key, Fate::kept(priced))
    }

    /// Notes that the rows of a head and a label set are left out.
    pub(super) fn leave_out(&mut self, key: CellKey) -> Option<CellAt> {
        self.parts.get_mut(self.last)?.cells.begin(key, Fate::Filtered)
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
        cells.add(at, row.brief.billed, counts.enumerate())
    }

    /// Adds all sums to the ledger that they are of.
    pub(super) fn pour(self, ledger: &mut Ledger) {
        let sets = self.labels.iter();
        let sets: HashMap<u32, u32, FixedState> =
            sets.filter_map(|(labels, set)| Some((*labels, ledger.label_set(*set)?))).collect();
        for part in self.parts {
            let (heads, mut owners) = (part.heads.into_all(), Vec::new());
            let mut records = Records::default();
            for sums in part.cells.kept() {
                let Some(head) = heads.get(size(sums.key.head)) else { continue };
                let own = bits(self.meters).zip(sums.meters);
                let own = own.filter(|(bit, _)| head.meters & 1_u32.unbounded_shl(*bit) != 0);
                records.push(head.shape(), sums.rows, sums.billed, own.map(|(_, sum)| *sum));
                let labels = sets.get(&sums.key.labels).copied().unwrap_or(u32::MAX);
                owners.push(Owner { head: sums.key.head, labels });
            }
            let heads = heads.into_iter().map(|head| head.key).collect();
            ledger.add_sheet(Sheet::new(heads, owners, records));
        }
    }
}
