//! The sums of rows of the usual kind, by what they have in common: a key of
//! numbers instead of words, and one list of sums for all keys.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::formats::{COUNTED, Parts, QuickRow};
use crate::ledger::{BilledSum, Cell, Cuts, Key, Ledger, Segment};
use crate::usage::Instant;

/// What rows have in common whose sums are kept together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct CellKey {
    names: u64,
    labels: u32,
    /// The time segment, by its number here.
    segment: u32,
    /// The meters in use, one bit each.
    meters: u32,
    /// The context class, the limits that were reached, and whether they say
    /// what was billed.
    class: u8,
    limits: (u8, u8),
    billed: bool,
}

/// What becomes of the rows of a key.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fate {
    /// Left out by a filter.
    Filtered,
    /// Summed by a key of the ledger.
    Kept {
        /// The key.
        key: Key,
        /// Whether they have a price.
        priced: bool,
    },
}

/// The sums of one key.
#[derive(Debug)]
struct Sums {
    fate: Fate,
    rows: u64,
    billed: BilledSum,
    /// Where its sums are in the list: one for each meter in use.
    from: usize,
}

/// Sums by key.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    places: HashMap<CellKey, usize, FixedState>,
    cells: Vec<Sums>,
    sums: Vec<u128>,
    segments: Segments,
}

/// The segments that were seen, by number.
#[derive(Debug, Default)]
struct Segments {
    known: Vec<Segment>,
    last: usize,
}

/// The meters of [`COUNTED`] that are part of a request's context, and those
/// that are its output.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sides {
    input: [bool; COUNTED.len()],
    output: [bool; COUNTED.len()],
    /// Below these no class, window or cap is reached.
    lowest: (u64, u64),
}

impl Sides {
    pub(super) fn new(cuts: &Cuts) -> Self {
        Self {
            input: COUNTED.map(crate::usage::Meter::is_input),
            output: COUNTED.map(crate::usage::Meter::is_output),
            lowest: cuts.lowest(),
        }
    }

    /// The class and the limits of one request.
    fn classify(&self, parts: &Parts, cuts: &Cuts) -> (u8, (u8, u8)) {
        let sum = |side: &[bool; COUNTED.len()]| {
            let counts = parts.iter().zip(side).filter(|(_, counts)| **counts);
            counts.fold(0_u64, |sum, (count, _)| sum.saturating_add(*count))
        };
        let (input, output) = (sum(&self.input), sum(&self.output));
        if input < self.lowest.0 && output < self.lowest.1 {
            return (0, (0, 0));
        }
        (cuts.class(u128::from(input), 1), cuts.limits(input, output))
    }
}

impl Tallies {
    /// The key of a row that is one request.
    pub(super) fn key(
        &mut self,
        row: &QuickRow<'_>,
        (sides, cuts): (&Sides, &Cuts),
        segment_of: &mut dyn FnMut(Instant) -> Segment,
    ) -> CellKey {
        let bits = row.parts.iter().zip(0_u32..);
        let meters = bits.fold(0, |mask, (count, bit)| mask | (u32::from(*count != 0) << bit));
        let (class, limits) = sides.classify(&row.parts, cuts);
        CellKey {
            names: row.names,
            labels: row.labels,
            segment: self.segments.of(row.start, segment_of),
            meters,
            class,
            limits,
            billed: row.billed.is_some(),
        }
    }

    /// Where the sums of a key are.
    pub(super) fn find(&self, key: &CellKey) -> Option<usize> {
        self.places.get(key).copied()
    }

    /// Begins the sums of a key.
    pub(super) fn begin(&mut self, key: CellKey, fate: Fate) -> usize {
        let at = self.cells.len();
        let from = self.sums.len();
        let meters = usize::try_from(key.meters.count_ones()).unwrap_or(0);
        self.sums.resize(from.saturating_add(meters), 0);
        self.cells.push(Sums { fate, rows: 0, billed: BilledSum::default(), from });
        self.places.insert(key, at);
        at
    }

    /// Adds a row to the sums of its key; says what becomes of it.
    pub(super) fn add(&mut self, at: usize, row: &QuickRow<'_>) -> Option<Fate> {
        let cell = self.cells.get_mut(at)?;
        if matches!(cell.fate, Fate::Filtered) {
            return Some(Fate::Filtered);
        }
        cell.rows = cell.rows.saturating_add(1);
        if let Some(usd) = row.billed {
            cell.billed.add(&BilledSum { rows: 1, usd, overflow: false });
        }
        let sums = self.sums.get_mut(cell.from..).unwrap_or_default();
        for (sum, count) in sums.iter_mut().zip(row.parts.iter().filter(|count| **count != 0)) {
            *sum = sum.saturating_add(u128::from(*count));
        }
        Some(cell.fate)
    }

    /// Adds all sums to the ledger of their keys.
    pub(super) fn pour(self, ledger: &mut Ledger) {
        for (at, cell) in self.cells.iter().enumerate() {
            let next = self.cells.get(at.saturating_add(1)).map(|next| next.from);
            let end = next.unwrap_or(self.sums.len());
            let sums = self.sums.get(cell.from..end).unwrap_or_default();
            if let Fate::Kept { key, .. } = cell.fate {
                let rows = (cell.rows, u128::from(cell.rows));
                ledger.add_cell(key, &Cell::of_sums(rows, cell.billed, sums));
            }
        }
    }
}

impl Segments {
    /// The number of the segment of an instant.
    fn of(&mut self, at: Instant, segment_of: &mut dyn FnMut(Instant) -> Segment) -> u32 {
        let holds = |segment: &Segment| segment.start <= at && at < segment.end;
        if !self.known.get(self.last).is_some_and(holds) {
            let known = self.known.iter().rposition(holds);
            self.last = known.unwrap_or_else(|| {
                self.known.push(segment_of(at));
                self.known.len().saturating_sub(1)
            });
        }
        u32::try_from(self.last).unwrap_or(u32::MAX)
    }
}
