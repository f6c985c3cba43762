//! The kinds of rows that something is made of, by what they have in common: as the quick
//! reader knows it, a number of names and of labels.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;

use super::heads::HeadKey;
use crate::formats::{Brief, TOGETHER};
use crate::ledger::Segment;
use crate::report::{KnownRow, RowKind};
use crate::usage::Instant;

/// The kinds of rows that were met.
#[derive(Debug, Default)]
pub(super) struct Kinds {
    /// Those of each time in which no price changes.
    parts: Vec<Part>,
    /// The parts by the start of their time.
    starts: BTreeMap<Instant, usize>,
    /// The part of the last row.
    last: usize,
    /// The numbers of labels.
    labels: HashMap<u32, u32, FixedState>,
    /// Memory for rows that are taken together.
    pub(super) rows: Vec<KnownRow>,
}

#[derive(Debug)]
struct Part {
    segment: Segment,
    kinds: HashMap<HeadKey, RowKind, FixedState>,
}

/// What a kind and labels are known by.
#[derive(Debug, Clone, Copy)]
pub(super) struct KindKey {
    pub(super) head: HeadKey,
    pub(super) labels: u32,
    pub(super) segment: Segment,
}

impl Kinds {
    /// The kind of a row.
    #[inline]
    pub(super) fn kind(&mut self, key: HeadKey, start: Instant) -> Option<RowKind> {
        let holds = |part: &Part| part.segment.holds(start);
        if !self.parts.get(self.last).is_some_and(holds) {
            let before = self.starts.range(..=start).next_back().map(|(_, part)| *part);
            self.last = before.filter(|part| self.parts.get(*part).is_some_and(holds))?;
        }
        self.parts.get(self.last)?.kinds.get(&key).copied()
    }

    /// The number of its labels.
    #[inline]
    pub(super) fn labels(&self, labels: u32) -> Option<u32> {
        self.labels.get(&labels).copied()
    }

    /// Learns what a row is.
    pub(super) fn learn(&mut self, key: &KindKey, (kind, labels): (RowKind, u32)) {
        let at = *self.starts.entry(key.segment.start).or_insert(self.parts.len());
        if at == self.parts.len() {
            self.parts.push(Part { segment: key.segment, kinds: HashMap::default() });
        }
        if let Some(part) = self.parts.get_mut(at) {
            part.kinds.insert(key.head, kind);
        }
        self.learn_labels(key.labels, labels);
    }

    /// Learns the number of labels.
    pub(super) fn learn_labels(&mut self, labels: u32, number: u32) {
        self.labels.insert(labels, number);
    }

    /// A row of a known kind with known labels.
    #[inline]
    pub(super) fn row(&mut self, brief: &Brief, class: u32, line: u64) -> Option<KnownRow> {
        let kind = self.kind(HeadKey::new(brief, class), brief.start)?;
        let labels = self.labels(brief.labels)?;
        let (start, billed) = (brief.start, brief.billed);
        Some(KnownRow { kind, labels, line, start, billed })
    }

    /// Takes up rows that were read together, where all of them are of known kinds and
    /// `is_kept`; says whether they are.
    pub(super) fn take_up(
        &mut self,
        (briefs, classes, lines): (&[Brief], &[u32; TOGETHER], &[u64]),
        is_kept: impl Fn(&Brief) -> bool,
    ) -> bool {
        let mut rows = std::mem::take(&mut self.rows);
        rows.clear();
        for ((brief, class), line) in briefs.iter().zip(classes).zip(lines) {
            let is_usual = !brief.is_odd && is_kept(brief);
            let Some(row) = self.row(brief, *class, *line).filter(|_| is_usual) else { break };
            rows.push(row);
        }
        self.rows = rows;
        self.rows.len() == briefs.len()
    }
}
