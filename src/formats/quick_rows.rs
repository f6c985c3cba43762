//! Rows of the usual kind that are read together: what is known of each, and their
//! counts, a column for each count.
#![deny(clippy::arithmetic_side_effects)]

use super::columns::{Run, TOGETHER};
use super::count::{Count, taken_from};
use super::parts::{COUNTED, Parts, bits};
use super::table::{CachedTokens, Modality};
use crate::blocks::{Lanes, WithLanes, with_lanes};
use crate::money::Money;
use crate::usage::{Instant, Meter};

/// Rows that are read together, an entry for each record.
#[derive(Debug, Default)]
pub struct QuickRows {
    pub(super) briefs: Vec<Brief>,
    pub(super) columns: Vec<Column>,
    /// The line of each record, where that is wanted.
    pub lines: Vec<u64>,
    /// For each bit of [`Brief::used`], its column.
    of_bit: [u8; 32],
    /// What others are part of, in the order in which they are taken out of it.
    wholes: Vec<Whole>,
}

/// What is known of a row, apart from its counts.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Brief {
    /// What was billed, where it says so.
    pub billed: Money,
    /// Stands for its names: provider, model, tiers, endpoint, region.
    pub names: u64,
    /// Its start.
    pub start: Instant,
    /// Stands for its asked properties.
    pub labels: u32,
    /// The meters that it uses, one bit each.
    pub used: u32,
    /// Which of the asked properties it has, one bit each.
    pub has_labels: u8,
    /// Whether it says what was billed.
    pub has_billed: bool,
    /// Whether it is no row of the usual kind.
    pub is_odd: bool,
    /// Whether it was taken: it is not given again.
    pub is_taken: bool,
    /// Whether its time has no zone and was taken as UTC.
    pub zone_assumed: bool,
    pub(super) has_start: bool,
}

impl Brief {
    /// Of a record that nothing is known of.
    pub(super) const NONE: Self = Self {
        billed: Money::ZERO,
        names: 0,
        start: Instant::EPOCH,
        labels: 0,
        used: 0,
        has_labels: 0,
        has_billed: false,
        is_odd: false,
        is_taken: false,
        zone_assumed: false,
        has_start: false,
    };
}

/// One count of each record; disjoint quantities at last.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) count: Count,
    pub(super) values: Box<[u64; TOGETHER]>,
    /// Whether records have it.
    pub(super) is_met: bool,
}

/// A count that others are part of, by their columns.
#[derive(Debug)]
struct Whole {
    /// `None` where no record has it.
    column: Option<usize>,
    parts: Vec<usize>,
}

impl QuickRows {
    /// For records with some counts.
    pub(super) fn new(mut counts: Vec<Count>, cached: CachedTokens, modality: Modality) -> Self {
        counts.sort_unstable();
        let columns = counts.iter().map(|count| Column {
            count: *count,
            values: Box::new([0; TOGETHER]),
            is_met: false,
        });
        let mut rows = Self { columns: columns.collect(), ..Self::default() };
        let place = |count: usize| counts.iter().position(|known| *known as usize == count);
        for (bit, slot) in rows.of_bit.iter_mut().enumerate() {
            *slot = place(bit).and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX);
        }
        // Input is the last: the others' own parts are taken out before.
        let wholes =
            [Meter::CachedInput, Meter::Output, Meter::ImageInput, Meter::AudioInput, Meter::Input];
        let wholes = wholes.into_iter().filter_map(|meter| taken_from(meter, cached, modality));
        let column_of = |meter: &Meter| place(COUNTED.iter().position(|own| own == meter)?);
        let wholes = wholes.map(|(count, parts)| Whole {
            column: place(count as usize),
            parts: parts.iter().filter_map(column_of).collect(),
        });
        rows.wholes = wholes.filter(|whole| !whole.parts.is_empty()).collect();
        rows
    }

    /// Begins some records.
    pub(super) fn begin(&mut self, records: usize) {
        self.briefs.clear();
        self.briefs.resize(records.min(TOGETHER), Brief::NONE);
        for column in &mut self.columns {
            column.is_met = false;
        }
    }

    /// The column of a count, which is filled now, from a record on.
    pub(super) fn column(
        &mut self,
        count: Count,
        first: usize,
    ) -> Option<(&mut [Brief], &mut [u64])> {
        let at = self.of_bit.get(count as usize)?;
        let column = self.columns.get_mut(usize::from(*at))?;
        column.is_met = true;
        Some((self.briefs.get_mut(first..)?, column.values.get_mut(first..)?))
    }

    /// Whether a count is zero in most of them, as it stands apart from its parts.
    pub(super) fn is_mostly_zero(&self, count: Count) -> bool {
        let at = self.of_bit.get(count as usize).copied().map(usize::from);
        let column = at.and_then(|at| self.columns.get(at)).filter(|column| column.is_met);
        let values = column.and_then(|column| column.values.get(..self.briefs.len()));
        values.is_some_and(|values| {
            let others = values.iter().filter(|value| **value != 0).count();
            others.saturating_mul(16) < values.len()
        })
    }

    /// Ends them: takes their counts apart into disjoint meters. Those that are no rows
    /// of the usual kind are odd; `model` has the bits of the model among all names.
    pub(super) fn end(&mut self, runs: &[Run], model: u64) {
        self.take_apart();
        let mut used = [0; TOGETHER];
        with_lanes(Using { columns: &self.columns, used: &mut used });
        for (brief, used) in self.briefs.iter_mut().zip(used) {
            brief.used = used;
            let is_row = used != 0 && brief.names & model != 0 && brief.has_start;
            brief.is_odd |= !is_row;
        }
        let mut first: usize = 0;
        for run in runs {
            if !run.is_plain {
                let own = self.briefs.iter_mut().skip(first).take(run.records);
                own.for_each(|brief| brief.is_odd = true);
            }
            first = first.saturating_add(run.records);
        }
    }

    fn take_apart(&mut self) {
        let Self { briefs, columns, wholes, .. } = self;
        for Whole { column, parts } in wholes {
            if let Some(column) =
                column.and_then(|at| columns.get_mut(at)).filter(|one| !one.is_met)
            {
                column.values.fill(0);
            }
            for part in parts.iter().copied() {
                if columns.get(part).is_some_and(|part| part.is_met) {
                    match column.map(|whole| columns.get_disjoint_mut([whole, part])) {
                        Some(Ok([whole, part])) => take_out(briefs, whole, part),
                        _ => columns.get(part).into_iter().for_each(|part| take_none(briefs, part)),
                    }
                }
            }
        }
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.briefs.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.briefs.is_empty()
    }

    /// What is known of each, and their counts.
    pub fn split(&mut self) -> (&mut [Brief], QuickCounts<'_>) {
        (&mut self.briefs, QuickCounts { columns: &self.columns, of_bit: &self.of_bit })
    }

    /// The quantities of one.
    pub(super) fn parts(&self, at: usize) -> Parts {
        let counts = QuickCounts { columns: &self.columns, of_bit: &self.of_bit };
        let used = self.briefs.get(at).map_or(0, |brief| brief.used);
        let mut parts = Parts::default();
        for (bit, count) in bits(used).zip(counts.of(at, used)) {
            if let Some(slot) = usize::try_from(bit).ok().and_then(|at| parts.counts.get_mut(at)) {
                *slot = count;
            }
        }
        parts.used = used;
        parts
    }
}

/// Takes a part out of its whole.
fn take_out(briefs: &mut [Brief], whole: &mut Column, part: &Column) {
    let (whole, part) = (&mut *whole.values, &*part.values);
    if with_lanes(Subtracting { whole, part }) {
        return;
    }
    for (brief, (rest, part)) in briefs.iter_mut().zip(whole.iter().zip(part)) {
        brief.is_odd |= *part > rest.wrapping_add(*part);
    }
}

/// A part that is taken out of its whole; gives whether none is larger than its whole.
struct Subtracting<'s> {
    whole: &'s mut [u64; TOGETHER],
    part: &'s [u64; TOGETHER],
}

impl WithLanes for Subtracting<'_> {
    type Output = bool;

    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    fn run<L: Lanes>(self, _: L) -> bool {
        let mut larger = false;
        for (whole, part) in self.whole.iter_mut().zip(self.part) {
            larger |= *part > *whole;
            *whole = whole.wrapping_sub(*part);
        }
        !larger
    }
}

/// Counts that tell which meters rows use.
struct Using<'u> {
    columns: &'u [Column],
    used: &'u mut [u32; TOGETHER],
}

impl WithLanes for Using<'_> {
    type Output = ();

    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    fn run<L: Lanes>(self, _: L) {
        for column in self.columns.iter().filter(|column| column.is_met) {
            let bit = 1_u32.unbounded_shl(column.count as u32);
            for (used, value) in self.used.iter_mut().zip(column.values.iter()) {
                *used |= if *value != 0 { bit } else { 0 };
            }
        }
    }
}

/// The same where there is no whole.
fn take_none(briefs: &mut [Brief], part: &Column) {
    for (brief, part) in briefs.iter_mut().zip(part.values.iter()) {
        brief.is_odd |= *part != 0;
    }
}

/// The disjoint quantities of rows that are read together.
#[derive(Debug, Clone, Copy)]
pub struct QuickCounts<'q> {
    columns: &'q [Column],
    of_bit: &'q [u8; 32],
}

impl<'q> QuickCounts<'q> {
    /// Those of a row that have a bit, which it uses; in the order of their meters.
    pub fn of(self, row: usize, used: u32) -> impl Iterator<Item = u64> + Clone + use<'q> {
        let columns = bits(used).filter_map(move |bit| self.column(bit));
        columns.filter_map(move |column| column.get(row).copied())
    }

    /// The meters that some may use, one bit each.
    pub fn meters(self) -> u32 {
        let met = self.columns.iter().filter(|column| column.is_met);
        met.fold(0, |bits, column| bits | 1_u32.unbounded_shl(column.count as u32))
    }

    /// The quantities of the meter that has a bit; `None` where no row uses it.
    pub fn column(self, bit: u32) -> Option<&'q [u64; TOGETHER]> {
        let at = self.of_bit.get(usize::try_from(bit).ok()?)?;
        let column = self.columns.get(usize::from(*at)).filter(|column| column.is_met)?;
        Some(&column.values)
    }
}
