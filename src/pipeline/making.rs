//! A chunk being read of whose rows something is made: all that were read together at once
//! where rows like each of them were met before, and one by one otherwise. No rows are chosen
//! by more than their time here.

use super::heads::HeadKey;
use super::keys::Verdict;
use super::kinds::KindKey;
use super::sitting::Sitting;
use crate::formats::{COUNTED, QuickRow, QuickRows, Reading, TOGETHER, bits};
use crate::ledger::Period;
use crate::report::{KnownRow, KnownRows};
use crate::usage::UsageRow;

impl Sitting<'_, '_, '_> {
    /// Takes rows that were read together, where all of them are like others; says whether.
    pub(super) fn make_together(&mut self, rows: &mut QuickRows) -> bool {
        let (within, cuts) = (self.desk.filters.within(), self.desk.cuts);
        let mut classes = [0; TOGETHER];
        let lines = std::mem::take(&mut rows.lines);
        let (briefs, counts) = rows.split();
        self.desk.sides.classes(counts, cuts, &mut classes);
        let known = (&*briefs, &classes, &*lines);
        let mut taken = self.kinds.take_up(cuts, known, |brief| within.contains(&brief.start));
        if taken {
            let mut columns = [[].as_slice(); 32];
            for bit in bits(counts.meters()) {
                let slot = usize::try_from(bit).ok().and_then(|at| columns.get_mut(at));
                let own = counts.column(bit).and_then(|column| column.get(..briefs.len()));
                if let (Some(slot), Some(own)) = (slot, own) {
                    *slot = own;
                }
            }
            taken = self.take_known(counts.meters(), &columns);
        }
        if taken {
            let (mut zones, mut labels) = (0_u64, 0);
            for brief in briefs {
                brief.is_taken = true;
                zones = zones.saturating_add(u64::from(brief.zone_assumed));
                labels |= brief.has_labels;
            }
            self.note_known(zones, labels);
        }
        rows.lines = lines;
        taken
    }

    /// Takes a row; `false` where it is to be read again, by the usual way.
    pub(super) fn make_one(&mut self, row: &QuickRow<'_>) -> bool {
        let cuts = self.desk.cuts;
        let class = self.desk.sides.classify(&row.parts, cuts);
        if let Some(known) = self.kinds.row(cuts, (row.brief, class), row.line) {
            return self.make_known(row, known);
        }
        let head = HeadKey::new(row.brief, class);
        let (mut is_row, mut labelled) = (false, false);
        row.read(&mut |reading, labels| {
            if self.kinds.kind(cuts, head, row.brief.start).is_some() {
                let made = self.desk.made.as_mut();
                let number = made.and_then(|made| made.learn_labels(labels));
                if let Some(number) = number {
                    self.kinds.learn_labels(row.brief.labels, number);
                    labelled = true;
                    return;
                }
            }
            let Reading::Row(mut usage) = reading else { return };
            is_row = true;
            usage.origin.line = row.line;
            if is_alike(&usage) {
                let (labels, start) = (row.brief.labels, row.brief.start);
                self.learning = Some(KindKey { head, labels, start });
            }
            let counts = &mut self.result.counts;
            counts.read = counts.read.saturating_add(1);
            self.take(&usage, labels, Verdict::Counts);
            self.learning = None;
        });
        if labelled && let Some(known) = self.kinds.row(cuts, (row.brief, class), row.line) {
            return self.make_known(row, known);
        }
        is_row
    }

    fn make_known(&mut self, row: &QuickRow<'_>, known: KnownRow) -> bool {
        self.kinds.rows.clear();
        self.kinds.rows.push(known);
        let mut columns = [[].as_slice(); 32];
        for (slot, count) in columns.iter_mut().zip(row.parts.counts().chunks(1)) {
            *slot = count;
        }
        let taken = self.take_known(row.parts.used(), &columns);
        if taken {
            self.note_known(u64::from(row.brief.zone_assumed), row.brief.has_labels);
        }
        taken
    }

    /// Gives the rows of known kinds to who makes something of them; says whether they were
    /// taken.
    fn take_known(&mut self, meters: u32, counts: &[&[u64]; 32]) -> bool {
        let rows = KnownRows { path: &self.job.path, rows: &self.kinds.rows, meters, counts };
        self.desk.made.as_mut().is_some_and(|made| made.take_known(&rows))
    }

    /// Counts the rows of known kinds, which were taken.
    fn note_known(&mut self, zone_assumed: u64, labels: u8) {
        let (rows, result) = (&self.kinds.rows, &mut self.result);
        let all = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let priced = rows.iter().filter(|row| row.kind.priced).count();
        let priced = u64::try_from(priced).unwrap_or(u64::MAX);
        let counts = &mut result.counts;
        counts.read = counts.read.saturating_add(all);
        counts.priced = counts.priced.saturating_add(priced);
        counts.unpriced = counts.unpriced.saturating_add(all.saturating_sub(priced));
        result.tally.zone_assumed = result.tally.zone_assumed.saturating_add(zone_assumed);
        result.labels_seen |= labels;
        let starts = rows.iter().map(|row| row.start);
        let mut period = Period::default();
        for start in starts.clone().min().into_iter().chain(starts.max()) {
            period.add_instant(start);
        }
        result.period.add(&period);
    }
}

/// Whether rows with the same words and meters differ from a row in numbers alone.
fn is_alike(row: &UsageRow<'_>) -> bool {
    let is_counted = |(meter, _)| COUNTED.contains(&meter);
    row.requests == 1
        && !row.aggregate
        && row.end.is_none()
        && !row.billed_rounded
        && row.key.is_none()
        && row.sessions.is_empty()
        && row.quantities.nonzero().all(is_counted)
}
