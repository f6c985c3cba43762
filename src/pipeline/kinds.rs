//! The kinds of rows that something is made of, by what they have in common: as the quick
//! reader knows it, a number of names and of labels.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::heads::HeadKey;
use crate::formats::{Brief, TOGETHER, labels_at};
use crate::ledger::{Cuts, Segment};
use crate::report::{KnownRow, RowKind};
use crate::usage::Instant;

/// The kinds of rows that were met.
#[derive(Debug, Default)]
pub(super) struct Kinds {
    /// By the first instant of the time in which no price changes, and by what they have in
    /// common.
    known: HashMap<(Instant, HeadKey), RowKind, FixedState>,
    /// That time of the last row.
    last: Option<Segment>,
    /// The numbers of labels at the places that [`labels_at`] says, [`NONE`] where they are not
    /// known.
    labels: [Vec<u32>; 2],
    /// Memory for rows that are taken together.
    pub(super) rows: Vec<KnownRow>,
}

/// The number of labels that are not known: no stamp has it.
const NONE: u32 = u32::MAX;

/// What a kind and labels are known by.
#[derive(Debug, Clone, Copy)]
pub(super) struct KindKey {
    pub(super) head: HeadKey,
    pub(super) labels: u32,
    /// When the row began.
    pub(super) start: Instant,
}

impl Kinds {
    /// The time around an instant in which no price changes, by its first instant.
    #[inline]
    fn unchanged(&mut self, cuts: &Cuts, at: Instant) -> Instant {
        match self.last {
            Some(time) if time.holds(at) => time.start,
            _ => self.last.insert(cuts.unchanged(at)).start,
        }
    }

    /// The kind of a row.
    #[inline]
    pub(super) fn kind(&mut self, cuts: &Cuts, head: HeadKey, start: Instant) -> Option<RowKind> {
        let time = self.unchanged(cuts, start);
        self.known.get(&(time, head)).copied()
    }

    /// The number of its labels.
    #[inline]
    pub(super) fn labels(&self, labels: u32) -> Option<u32> {
        let (list, at) = labels_at(labels);
        let number = self.labels.get(list).and_then(|list| list.get(at)).copied();
        number.filter(|number| *number != NONE)
    }

    /// Learns what a row is.
    pub(super) fn learn(&mut self, cuts: &Cuts, key: &KindKey, (kind, labels): (RowKind, u32)) {
        let time = self.unchanged(cuts, key.start);
        self.known.insert((time, key.head), kind);
        self.learn_labels(key.labels, labels);
    }

    /// Learns the number of labels.
    pub(super) fn learn_labels(&mut self, labels: u32, number: u32) {
        let (list, at) = labels_at(labels);
        if let Some(list) = self.labels.get_mut(list) {
            if list.len() <= at {
                list.resize(at.saturating_add(1), NONE);
            }
            list.get_mut(at).into_iter().for_each(|slot| *slot = number);
        }
    }

    /// A row of a known kind with known labels.
    #[inline]
    pub(super) fn row(
        &mut self,
        cuts: &Cuts,
        (brief, class): (&Brief, u32),
        line: u64,
    ) -> Option<KnownRow> {
        let kind = self.kind(cuts, HeadKey::new(brief, class), brief.start)?;
        let labels = self.labels(brief.labels)?;
        let (start, billed) = (brief.start, brief.billed);
        Some(KnownRow { kind, labels, line, start, billed })
    }

    /// Takes up rows that were read together, where all of them are of known kinds and
    /// `is_kept`; says whether they are.
    pub(super) fn take_up(
        &mut self,
        cuts: &Cuts,
        (briefs, classes, lines): (&[Brief], &[u32; TOGETHER], &[u64]),
        is_kept: impl Fn(&Brief) -> bool,
    ) -> bool {
        let mut rows = std::mem::take(&mut self.rows);
        rows.clear();
        for ((brief, class), line) in briefs.iter().zip(classes).zip(lines) {
            let is_usual = !brief.is_odd && is_kept(brief);
            let row = self.row(cuts, (brief, *class), *line);
            let Some(row) = row.filter(|_| is_usual) else { break };
            rows.push(row);
        }
        self.rows = rows;
        self.rows.len() == briefs.len()
    }
}
