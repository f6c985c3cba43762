//! Rows that were read together, into sums that are at hand: few at a time, and one step
//! for all of them before the next one, so that the memory of each step is on its way for
//! all at once.

use std::ops::Range;

use super::cells::{CellAt, CellKey, Fate};
use super::heads::{HeadAt, HeadKey};
use super::sides::Sides;
use super::tally::{Part, Tallies};
use crate::formats::{Brief, QuickCounts, QuickRows, TOGETHER, bits};
use crate::ledger::{Cuts, Period};
use crate::usage::Instant;

/// Rows that are taken at a time: few enough that what they touch stays close at hand.
const FEW: usize = 32;

/// What became of rows that were taken together.
#[derive(Debug)]
pub(super) struct Taken {
    /// Rows by their [`Fate`].
    by_fate: [u64; 3],
    /// Rows that were kept, and whose time has no zone.
    pub(super) zone_assumed: u64,
    pub(super) labels_seen: u8,
    /// The first and the last instant of those that were kept.
    first: Instant,
    last: Instant,
}

impl Taken {
    const NOTHING: Self = Self {
        by_fate: [0; 3],
        zone_assumed: 0,
        labels_seen: 0,
        first: Instant::LATEST,
        last: Instant::EARLIEST,
    };

    /// Rows that met a fate.
    pub(super) fn rows(&self, fate: Fate) -> u64 {
        self.by_fate.get(fate as usize).copied().unwrap_or(0)
    }

    /// The time that those span that were kept.
    pub(super) fn period(&self) -> Period {
        let mut period = Period::default();
        if self.first <= self.last {
            period.add_instant(self.first);
            period.add_instant(self.last);
        }
        period
    }

    #[inline]
    fn note(&mut self, brief: &Brief, fate: Fate) {
        self.labels_seen |= brief.has_labels;
        // Each is looked at, so that none has to be read where the last row was written.
        let fates = [Fate::Unpriced, Fate::Priced, Fate::Filtered];
        for (sum, known) in self.by_fate.iter_mut().zip(fates) {
            *sum = sum.wrapping_add(u64::from(fate == known));
        }
        if fate != Fate::Filtered {
            self.zone_assumed = self.zone_assumed.wrapping_add(u64::from(brief.zone_assumed));
            (self.first, self.last) = (self.first.min(brief.start), self.last.max(brief.start));
        }
    }
}

/// The counts of rows of one meter, and the place of its sum.
#[derive(Debug, Clone, Copy)]
struct Counts<'c> {
    place: usize,
    counts: &'c [u64],
}

/// What is known of a few rows after each step.
struct Steps {
    keys: [CellKey; FEW],
    cells: [CellAt; FEW],
}

impl Steps {
    const NONE: Self = Self { keys: [CellKey::NONE; FEW], cells: [CellAt::NONE; FEW] };
}

/// Counts of no row.
const NO_COUNTS: Counts<'_> = Counts { place: 0, counts: &[] };

impl Tallies {
    /// Adds those of some rows whose sums are at hand, and marks them as taken.
    pub(super) fn take(
        &mut self,
        rows: &mut QuickRows,
        (sides, cuts): (&Sides, &Cuts),
        within: &Range<Instant>,
    ) -> Taken {
        let (briefs, counts) = rows.split();
        self.widen(counts.meters());
        let mut classes = [0; TOGETHER];
        sides.classes(counts, cuts, &mut classes);
        let (mut taken, mut steps) = (Taken::NOTHING, Steps::NONE);
        for (few, start) in briefs.chunks_mut(FEW).zip((0..).step_by(FEW)) {
            let mut columns = [NO_COUNTS; 32];
            let rows = start..few.len().saturating_add(start);
            let columns = used(self.meters, few, (&counts, start), &mut columns);
            let (mut at, classes) = (0, classes.get(rows).unwrap_or_default());
            // Most often all are of one part; where rows come in no order of time, few.
            while let Some(left) = few.get_mut(at..).filter(|left| !left.is_empty()) {
                let many = self.go_on(left, within);
                if let (Some(part), Some(own)) =
                    (self.parts.get_mut(self.last), left.get_mut(..many))
                {
                    let classes = classes.get(at..).unwrap_or_default();
                    part.take(own, classes, (columns, at), (&mut steps, &mut taken));
                }
                at = at.saturating_add(many.max(1));
            }
        }
        taken
    }

    /// Makes room for sums of all meters that rows may use.
    fn widen(&mut self, meters: u32) {
        if meters & !self.meters != 0 {
            self.meters |= meters;
            for part in &mut self.parts {
                part.cells.widen(self.meters);
            }
        }
    }

    /// Takes up the part of the first row; gives how many of the next ones are all of it, but
    /// for odd ones. None where it has no part.
    fn go_on(&mut self, briefs: &[Brief], within: &Range<Instant>) -> usize {
        let many = self.of_one_part(briefs, within);
        let first = briefs.first().filter(|first| many == 0 && within.contains(&first.start));
        let Some(part) = first.and_then(|first| self.known_part(first.start)) else { return many };
        self.last = part;
        self.of_one_part(briefs, within)
    }

    /// How many of the next rows are of the part of the last one, but for odd ones.
    fn of_one_part(&self, briefs: &[Brief], within: &Range<Instant>) -> usize {
        let Some(part) = self.parts.get(self.last) else { return 0 };
        let time = part.segment.start.max(within.start)..part.segment.end.min(within.end);
        let is_here = |brief: &&Brief| brief.is_odd || time.contains(&brief.start);
        briefs.iter().take_while(is_here).count()
    }
}

/// The counts of some rows, from a place on: of each meter that one of them uses.
fn used<'c, 'l>(
    meters: u32,
    briefs: &[Brief],
    (counts, start): (&QuickCounts<'c>, usize),
    list: &'l mut [Counts<'c>; 32],
) -> &'l [Counts<'c>] {
    let used = briefs.iter().fold(0, |used, brief| used | brief.used);
    let mut many: usize = 0;
    for (place, bit) in bits(meters).enumerate() {
        let is_used = used & 1_u32.unbounded_shl(bit) != 0;
        let column = counts.column(bit).filter(|_| is_used);
        let own = column.and_then(|column| column.get(start..));
        if let (Some(counts), Some(slot)) = (own, list.get_mut(many)) {
            *slot = Counts { place, counts };
            many = many.wrapping_add(1);
        }
    }
    list.get(..many).unwrap_or_default()
}

impl Part {
    /// Adds those of a few rows whose sums are at hand; odd ones may be among them. Their
    /// counts are those from a place on.
    fn take(
        &mut self,
        briefs: &mut [Brief],
        classes: &[u32],
        (columns, first): (&[Counts<'_>], usize),
        (steps, taken): (&mut Steps, &mut Taken),
    ) {
        let Steps { keys, cells } = steps;
        for (key, (brief, class)) in keys.iter_mut().zip(briefs.iter().zip(classes)) {
            let head = self.heads.find(HeadKey::new(brief, *class)).filter(|_| !brief.is_odd);
            let known = |head: HeadAt| CellKey { head: head.0, labels: brief.labels };
            *key = head.map_or(CellKey::NONE, known);
        }
        let keys = keys.get(..briefs.len()).unwrap_or_default();
        for (cell, key) in cells.iter_mut().zip(keys) {
            *cell = self.cells.guess(*key);
        }
        for (cell, key) in cells.iter_mut().zip(keys) {
            if !self.cells.is_of(*cell, *key) {
                *cell = self.cells.find(*key).unwrap_or(CellAt::NONE);
            }
        }
        for (at, (brief, cell)) in (first..).zip(briefs.iter_mut().zip(cells)) {
            let counts =
                columns.iter().map(|one| (one.place, one.counts.get(at).copied().unwrap_or(0)));
            let Some(fate) = self.cells.add(*cell, brief.billed, counts) else { continue };
            brief.is_taken = true;
            taken.note(brief, fate);
        }
    }
}
