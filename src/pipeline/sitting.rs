//! A chunk being read: what becomes of each of its records.

use jiff::tz::TimeZone;

use super::cells::{CellAt, CellKey, Fate};
use super::heads::{HeadAt, HeadKey};
use super::keys::{Keyed, Place, Stage, Verdict};
use super::kinds::{KindKey, Kinds};
use super::rows::SeenRow;
use super::tally::Tallies;
use super::together::Taken;
use super::worker::{ChunkResult, Desk, Job, Refusal};
use crate::formats::{Labels, QuickRow, QuickRows, Reading, RecordSink};
use crate::ledger::{BilledSum, Cell, Period, Segments};
use crate::usage::{Instant, RowKey, Session, UsageRow};

/// A chunk being read.
pub(super) struct Sitting<'s, 'p, 'b> {
    pub(super) desk: &'s mut Desk<'p, 'b>,
    pub(super) job: &'s Job,
    pub(super) result: ChunkResult,
    pub(super) segments: Segments<'p>,
    pub(super) tallies: Tallies,
    /// The kinds of rows that were met, where something is made of rows.
    pub(super) kinds: Kinds,
    /// What the row that is taken now is to be known by.
    pub(super) learning: Option<KindKey>,
    /// Rows with keys or sessions so far.
    pub(super) keyed: u32,
}

impl RecordSink for Sitting<'_, '_, '_> {
    fn wants_lines(&self) -> bool {
        self.desk.made.is_some()
    }

    fn rows(&mut self, rows: &mut QuickRows) -> bool {
        if self.desk.made.is_some() {
            return self.make_together(rows);
        }
        let Desk { sides, cuts, filters, .. } = &*self.desk;
        let taken = self.tallies.take(rows, (sides, cuts), &filters.within());
        u64::try_from(rows.len()) == Ok(self.note_taken(&taken))
    }

    fn row(&mut self, row: &QuickRow<'_>) -> bool {
        if !self.desk.filters.keeps_time(Some(row.brief.start)) {
            return self.leave_out(row);
        }
        if self.desk.made.is_some() {
            return self.make_one(row);
        }
        let segments = &mut self.segments;
        let cuts = (&self.desk.sides, &**self.desk.cuts);
        let key = self.tallies.key(row, cuts, &mut |at| segments.of(at));
        let Some(cell) = self.cell(row, key) else { return false };
        match self.tallies.add(cell, row) {
            None => return false,
            Some(Fate::Filtered) => self.note_filtered(row),
            Some(fate) => self.note_kept(row, fate == Fate::Priced),
        }
        true
    }

    fn record(&mut self, line: u64, reading: Reading<'_>, labels: &Labels<'_>) {
        if matches!(self.desk.stage, Stage::Gathering) {
            return self.gather(&reading);
        }
        let counts = &mut self.result.counts;
        counts.read = counts.read.saturating_add(1);
        match reading {
            Reading::Empty => counts.empty = counts.empty.saturating_add(1),
            Reading::Rejected(reject) => {
                counts.rejected = counts.rejected.saturating_add(1);
                self.result.rejections.push((line, reject));
            }
            Reading::Row(mut row) => {
                row.origin.line = line;
                let place = self.place(&row);
                let verdict = self.verdict(&row, place);
                if verdict == Verdict::Counts {
                    self.count_sessions(&mut row, place);
                }
                self.take(&row, labels, verdict);
            }
        }
    }
}

impl Sitting<'_, '_, '_> {
    /// Where a row is summed; `None` where it is no usage row of one request.
    fn cell(&mut self, row: &QuickRow<'_>, key: HeadKey) -> Option<CellAt> {
        let head = self.tallies.head(key).or_else(|| self.begin_head(row, key))?;
        let key = CellKey { head: head.0, labels: row.brief.labels };
        self.tallies.cell(key).or_else(|| self.begin(row, key))
    }

    /// Begins the sums of rows that have a key, of which this is the first; `None` where it
    /// is no usage row of one request.
    #[cold]
    fn begin(&mut self, row: &QuickRow<'_>, key: CellKey) -> Option<CellAt> {
        if self.desk.ask.filters.is_empty()
            && let Some(known) = self.tallies.begin_cell(key)
        {
            return Some(known);
        }
        if self.fate(row)? { self.tallies.begin_cell(key) } else { self.tallies.leave_out(key) }
    }

    /// Begins what rows have in common with this one; `None` where it is no usage row
    /// of one request.
    #[cold]
    fn begin_head(&mut self, row: &QuickRow<'_>, key: HeadKey) -> Option<HeadAt> {
        self.begin_known_head(key).or_else(|| {
            self.fate(row)?;
            self.begin_known_head(key)
        })
    }

    fn begin_known_head(&mut self, key: HeadKey) -> Option<HeadAt> {
        let Desk { ledger, prices, sorts_apart, .. } = &mut *self.desk;
        self.tallies.begin_head(key, (prices, ledger), *sorts_apart)
    }

    /// Reads a row and learns what its names and labels stand for. Gives whether the
    /// filters keep it; `None` where it is no usage row of one request.
    fn fate(&mut self, row: &QuickRow<'_>) -> Option<bool> {
        let mut fate = None;
        row.read(&mut |reading, labels| {
            if let Reading::Row(usage) = &reading {
                fate = self.fate_of(usage, labels, row);
            }
        });
        fate
    }

    fn fate_of(
        &mut self,
        usage: &UsageRow<'_>,
        labels: &Labels<'_>,
        row: &QuickRow<'_>,
    ) -> Option<bool> {
        if usage.requests != 1 || usage.aggregate || usage.end.is_some() || usage.billed_rounded {
            return None;
        }
        let Desk { filters, ledger, .. } = &mut *self.desk;
        let format = self.job.bound.format.name;
        let when = self.segments.of_row(usage);
        let key = ledger.key(usage, format, &filters.group_labels(labels), when);
        self.tallies.learn(row, &key);
        Some(filters.keeps_words(usage, labels, format))
    }

    /// A row of another time is filtered, if it is a row at all: a footer may have a
    /// time too.
    fn leave_out(&mut self, row: &QuickRow<'_>) -> bool {
        if !self.tallies.is_row(row.brief.names) {
            let mut is_row = false;
            row.read(&mut |reading, _| is_row = matches!(reading, Reading::Row(_)));
            if !is_row {
                return false;
            }
            self.tallies.note_row(row.brief.names);
        }
        self.note_filtered(row);
        true
    }

    fn note_labels(&mut self, row: &QuickRow<'_>) {
        self.result.labels_seen |= row.brief.has_labels;
    }

    /// Gives how many rows were taken.
    fn note_taken(&mut self, taken: &Taken) -> u64 {
        let ChunkResult { counts, tally, period, labels_seen, .. } = &mut self.result;
        let [priced, unpriced, filtered] =
            [Fate::Priced, Fate::Unpriced, Fate::Filtered].map(|fate| taken.rows(fate));
        let rows = priced.saturating_add(unpriced).saturating_add(filtered);
        counts.read = counts.read.saturating_add(rows);
        counts.priced = counts.priced.saturating_add(priced);
        counts.unpriced = counts.unpriced.saturating_add(unpriced);
        counts.filtered = counts.filtered.saturating_add(filtered);
        tally.zone_assumed = tally.zone_assumed.saturating_add(taken.zone_assumed);
        *labels_seen |= taken.labels_seen;
        period.add(&taken.period());
        rows
    }

    fn note_filtered(&mut self, row: &QuickRow<'_>) {
        self.note_labels(row);
        let counts = &mut self.result.counts;
        counts.read = counts.read.saturating_add(1);
        counts.filtered = counts.filtered.saturating_add(1);
    }

    fn note_kept(&mut self, row: &QuickRow<'_>, priced: bool) {
        self.note_labels(row);
        let ChunkResult { counts, tally, period, .. } = &mut self.result;
        counts.read = counts.read.saturating_add(1);
        let class = if priced { &mut counts.priced } else { &mut counts.unpriced };
        *class = class.saturating_add(1);
        count(&mut tally.zone_assumed, row.brief.zone_assumed);
        period.add_instant(row.brief.start);
    }

    /// Gathers the key of a row, and the sessions that it took part in.
    fn gather(&mut self, reading: &Reading<'_>) {
        let Reading::Row(row) = reading else { return };
        let place = self.place(row);
        let second = row.start.map_or(u32::MAX, second_of);
        if let Some(key) = row.key {
            let output = row.quantities.total_output();
            let tokens = (output, output.saturating_add(row.quantities.total_input()));
            self.result.keyed.push(Keyed { key, tokens, second, place });
        }
        for session in &row.sessions {
            let key = session_key(session, row);
            self.result.keyed.push(Keyed { key, tokens: (0, 0), second, place });
        }
    }

    /// Counts the sessions that a row is the first one of. A row that repeats others
    /// stands for all of them.
    fn count_sessions(&mut self, row: &mut UsageRow<'_>, place: Place) {
        for session in std::mem::take(&mut row.sessions) {
            let Stage::Known(keys) = &self.desk.stage else {
                self.result.needs_keys = true;
                return;
            };
            let is_first = match keys.judge(&session_key(&session, row), place) {
                Verdict::Counts => true,
                Verdict::Repeats { differs } => row.key.is_some() && !differs,
            };
            if is_first {
                row.count_session(&session);
            }
        }
    }

    /// The place of the next row, if it has a key or took part in sessions.
    fn place(&mut self, row: &UsageRow<'_>) -> Place {
        let chunk = u32::try_from(self.job.chunk.index).unwrap_or(u32::MAX);
        let place = Place { file: self.job.file, chunk, at: self.keyed };
        let has_place = row.key.is_some() || !row.sessions.is_empty();
        self.keyed = self.keyed.saturating_add(u32::from(has_place));
        place
    }

    /// Whether a row counts, or repeats another one.
    fn verdict(&self, row: &UsageRow<'_>, place: Place) -> Verdict {
        match (&self.desk.stage, &row.key) {
            (Stage::Known(keys), Some(key)) => keys.judge(key, place),
            _ => Verdict::Counts,
        }
    }

    /// A row that repeats another one: its sums are kept apart.
    fn add_repeated(&mut self, row: &UsageRow<'_>, labels: &Labels<'_>) {
        let counts = &mut self.result.counts;
        counts.duplicate = counts.duplicate.saturating_add(1);
        let when = self.segments.of_row(row);
        let Desk { filters, repeated, .. } = &mut *self.desk;
        let format = self.job.bound.format.name;
        repeated.add(row, format, &filters.group_labels(labels), when);
    }

    /// A row: counted if it passes the filters.
    pub(super) fn take(&mut self, row: &UsageRow<'_>, labels: &Labels<'_>, verdict: Verdict) {
        let (filters, result) = (&self.desk.filters, &mut self.result);
        for (at, label) in (0_u32..).zip(labels) {
            result.labels_seen |= u8::from(label.is_some()).unbounded_shl(at);
        }
        let counts = &mut result.counts;
        if !filters.keep(row, labels, self.job.bound.format.name) {
            counts.filtered = counts.filtered.saturating_add(1);
            let untimed = row.start.is_none() && filters.in_time();
            count(&mut result.tally.untimed_filtered, untimed);
            let from = self.desk.ask.from;
            count(&mut result.tally.straddling, within(from, row.start, row.end));
            return;
        }
        if let Verdict::Repeats { differs } = verdict {
            count(&mut self.result.differing, differs);
            return self.add_repeated(row, labels);
        }
        self.note(row);
        if row.quantities.nonzero().next().is_some() {
            return self.add(row, labels);
        }
        counts_billed(&mut self.result, row);
    }

    /// A row of usage: into the ledger, and to whoever wants to see rows.
    fn add(&mut self, row: &UsageRow<'_>, labels: &Labels<'_>) {
        let Desk { filters, ledger, prices, made, .. } = &mut *self.desk;
        let when = self.segments.of_row(row);
        let kept = filters.group_labels(labels);
        let key = ledger.add(row, self.job.bound.format.name, &kept, when);
        let cell = Cell::of_row(row);
        let counts = &mut self.result.counts;
        let priced = prices.has(ledger, &key);
        let class = if priced { &mut counts.priced } else { &mut counts.unpriced };
        *class = class.saturating_add(1);
        if let Some(made) = made {
            let view = ledger.view(&key, &cell);
            let seen = SeenRow { path: &self.job.path, row, labels, view };
            let taken = made.take(&seen);
            if let Some(learning) = self.learning.filter(|_| taken.is_ok())
                && let Some(learned) = made.learn(&seen)
            {
                self.kinds.learn(self.desk.cuts, &learning, learned);
            }
            if taken.is_err() && self.result.refusal.is_none() {
                let message =
                    "an amount is larger than 1.7e20 USD (in Parquet 1e10); is a count wrong?";
                self.result.refusal = Some(Refusal { line: row.origin.line, message });
            }
        }
    }

    /// What a reader should know of a row; and whether it makes the answer
    /// impossible.
    fn note(&mut self, row: &UsageRow<'_>) {
        let (result, cuts) = (&mut self.result, &self.desk.cuts);
        let tally = &mut result.tally;
        count(&mut tally.zone_assumed, row.zone_assumed);
        count(&mut tally.without_time, row.start.is_none());
        count(&mut tally.billed_rounded, row.billed_rounded);
        count(&mut tally.straddling, within(self.desk.ask.to, row.start, row.end));
        if let (Some(start), Some(end)) = (row.start, row.end) {
            count(&mut tally.across_price_change, cuts.changes_within(start, end));
            let zone = cuts.zone();
            let days = start.date(zone) != end.later(-1).max(start).date(zone);
            count(&mut tally.several_days, days);
            if days
                && *zone != TimeZone::UTC
                && result.refusal.is_none()
                && end > self.segments.of(start).end
            {
                let message = "this row sums up a period that crosses midnight in the report's time zone, \
                               so its day is not known; leave out `--timezone`";
                result.refusal = Some(Refusal { line: row.origin.line, message });
            }
        }
        result.period.add(&Period::of_row(row.start, row.end));
    }
}

/// The key of a session, with the row's own in place of a content.
fn session_key(session: &Session, row: &UsageRow<'_>) -> RowKey {
    RowKey { key: session.key, content: row.key.map_or(0, |own| own.key) }
}

/// The second of an instant; all before 1970 are one, and all after 2106.
fn second_of(at: Instant) -> u32 {
    u32::try_from(at.seconds().max(0)).unwrap_or(u32::MAX)
}

fn count(sum: &mut u64, yes: bool) {
    *sum = sum.saturating_add(u64::from(yes));
}

/// Whether a limit lies within a period.
fn within(limit: Option<Instant>, start: Option<Instant>, end: Option<Instant>) -> bool {
    let inside = |limit| start.zip(end).is_some_and(|(start, end)| start < limit && limit < end);
    limit.is_some_and(inside)
}

/// A billed amount without usage.
fn counts_billed(result: &mut ChunkResult, row: &UsageRow<'_>) {
    result.counts.billed_only = result.counts.billed_only.saturating_add(1);
    let usd = row.billed.unwrap_or_default();
    result.billed_only.add(&BilledSum { rows: 1, usd, overflow: false });
}
