//! Rows that were read together, into sums that are at hand: first where each may be, for
//! all of them, so that the memory is on its way for all at once; then what is there.

use std::ops::Range;

use super::cells::{CellAt, CellKey, Fate, size};
use super::heads::HeadKey;
use super::sides::Sides;
use super::tally::Tallies;
use crate::formats::{Brief, QuickRows, TOGETHER, bits};
use crate::ledger::{Cuts, Period};
use crate::usage::Instant;

/// What became of rows that were taken together.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) priced: u64,
    pub(super) unpriced: u64,
    pub(super) filtered: u64,
    /// Rows that were kept, and whose time has no zone.
    pub(super) zone_assumed: u64,
    pub(super) labels_seen: u8,
    /// The time that those span that were kept.
    pub(super) period: Period,
}

/// Where a row is summed.
#[derive(Debug, Clone, Copy)]
struct Found {
    key: CellKey,
    cell: CellAt,
    /// None beyond the last one.
    part: u32,
}

/// Where no row is.
const NOWHERE: Found =
    Found { key: CellKey { head: 0, labels: 0 }, cell: CellAt::NONE, part: u32::MAX };

/// The column of a meter that no row uses.
const NOTHING: [u64; TOGETHER] = [0; TOGETHER];

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
        let (mut found, mut classes) = ([NOWHERE; TOGETHER], [0; TOGETHER]);
        sides.classes(counts, cuts, &mut classes);
        self.guess(briefs, &classes, within, &mut found);
        self.check(&mut found);
        let mut columns = [&NOTHING; 32];
        let mut many: usize = 0;
        for (slot, bit) in columns.iter_mut().zip(bits(self.meters)) {
            *slot = counts.column(bit).unwrap_or(&NOTHING);
            many = many.saturating_add(1);
        }
        self.add_all(briefs, &found, columns.get(..many).unwrap_or_default())
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

    /// Where rows may be summed.
    fn guess(
        &mut self,
        briefs: &[Brief],
        classes: &[u32; TOGETHER],
        within: &Range<Instant>,
        found: &mut [Found; TOGETHER],
    ) {
        let mut part = self.parts.get(self.last);
        for (brief, (class, found)) in briefs.iter().zip(classes.iter().zip(found)) {
            if brief.is_odd || !within.contains(&brief.start) {
                continue;
            }
            if !part.is_some_and(|part| part.segment.holds(brief.start)) {
                let Some(last) = self.known_part(brief.start) else { continue };
                self.last = last;
                part = self.parts.get(last);
            }
            let Some(part) = part else { continue };
            let Some(head) = part.heads.find(HeadKey::new(brief, *class)) else { continue };
            let key = CellKey { head: head.0, labels: brief.labels };
            let last = u32::try_from(self.last).unwrap_or(u32::MAX);
            *found = Found { key, cell: part.cells.guess(key), part: last };
        }
    }

    /// Puts wrong guesses right.
    fn check(&self, found: &mut [Found; TOGETHER]) {
        for found in found {
            let Some(part) = self.parts.get(size(found.part)) else { continue };
            if !part.cells.is_of(found.cell, found.key) {
                found.cell = part.cells.find(found.key).unwrap_or(CellAt::NONE);
            }
        }
    }

    /// Adds all that were found.
    fn add_all(
        &mut self,
        briefs: &mut [Brief],
        found: &[Found; TOGETHER],
        columns: &[&[u64; TOGETHER]],
    ) -> Taken {
        let (mut by_fate, mut zone_assumed, mut labels_seen) = ([0_u64; 3], 0_u64, 0);
        let (mut first, mut last) = (Instant::LATEST, Instant::EARLIEST);
        for (at, (brief, found)) in (0..TOGETHER).zip(briefs.iter_mut().zip(found)) {
            let Some(part) = self.parts.get_mut(size(found.part)) else { continue };
            let counts = columns.iter().map(|column| column.get(at).copied().unwrap_or(0));
            let Some(fate) = part.cells.add(found.cell, brief.billed, counts) else { continue };
            brief.is_taken = true;
            labels_seen |= brief.has_labels;
            if let Some(sum) = by_fate.get_mut(fate as usize) {
                *sum = sum.wrapping_add(1);
            }
            if fate != Fate::Filtered {
                zone_assumed = zone_assumed.wrapping_add(u64::from(brief.zone_assumed));
                (first, last) = (first.min(brief.start), last.max(brief.start));
            }
        }
        let [unpriced, priced, filtered] = by_fate;
        let mut period = Period::default();
        if priced.saturating_add(unpriced) > 0 {
            period.add_instant(first);
            period.add_instant(last);
        }
        Taken { priced, unpriced, filtered, zone_assumed, labels_seen, period }
    }
}
