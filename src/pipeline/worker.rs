//! What one thread does, chunk by chunk: records to rows, rows to sums. Its
//! sums grow over all chunks that it reads; what became of the records is told
//! chunk by chunk.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::filters::Filters;
use super::rows::{ChunkRows, MakeRows, SeenRow};
use super::tally::{CellKey, Fate, Sides, Tallies};
use crate::formats::{Ask, Bound, Labels, MAX_LABELS, QuickReader, QuickRow, Reading, RecordSink};
use crate::input::{Chunk, line_breaks};
use crate::ledger::{
    BilledSum, Cell, Cuts, Key, Ledger, Period, Rejection, RowCounts, Segments, Tally,
};
use crate::report::Batch;
use crate::scenario::{Classes, Pricer};
use crate::usage::{Instant, UsageRow};

/// A row that makes the answer impossible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The line.
    pub(super) line: u64,
    /// Why, and what to do.
    pub(super) message: &'static str,
}

/// What became of a chunk. Lines are those of the chunk, which may not know
/// where it stands in the file.
#[derive(Debug, Default)]
pub(super) struct ChunkResult {
    /// What its records became.
    pub(super) counts: RowCounts,
    /// Rejected records, by line.
    pub(super) rejections: Vec<(u64, Rejection)>,
    /// Things to know.
    pub(super) tally: Tally,
    /// The time that its rows span.
    pub(super) period: Period,
    /// Which of the asked properties some row has.
    pub(super) labels_seen: [bool; MAX_LABELS],
    /// Billed amounts of records without usage.
    pub(super) billed_only: BilledSum,
    /// The first row that makes the answer impossible.
    pub(super) refusal: Option<Refusal>,
    /// What was made of the rows.
    pub(super) rows: Option<Batch>,
    /// How many lines it has.
    pub(super) lines: u64,
}

/// A chunk to be read.
pub(super) struct Job<'s> {
    /// The file's format.
    pub(super) bound: Arc<Bound>,
    /// What is made of the rows.
    pub(super) rows: Option<&'s dyn MakeRows>,
    /// The file's name.
    pub(super) path: Arc<str>,
    /// The chunk.
    pub(super) chunk: Chunk,
}

/// What a thread keeps from chunk to chunk.
pub(super) struct Desk<'p, 'b> {
    ask: &'p Ask,
    cuts: &'p Arc<Cuts>,
    filters: Filters<'p>,
    prices: Prices<'b>,
    ledger: Ledger,
    sides: Sides,
    quick: Option<QuickDesk>,
}

/// Which keys of a ledger have a price.
struct Prices<'p> {
    pricer: Pricer<'p>,
    classes: Classes<'p>,
}

/// What reads the rows of the usual kind of one format, and their sums.
struct QuickDesk {
    bound: Arc<Bound>,
    reader: QuickReader,
    tallies: Tallies,
}

impl Prices<'_> {
    /// Whether the rows of a key have a price.
    fn has(&mut self, ledger: &Ledger, key: &Key) -> bool {
        let cell = Cell::default();
        self.classes.of(&mut self.pricer, &ledger.view(key, &cell)).is_ok()
    }
}

impl<'p, 'b> Desk<'p, 'b> {
    /// An empty one. `pricer` only says which rows have a price.
    pub(super) fn new(ask: &'p Ask, cuts: &'p Arc<Cuts>, pricer: Pricer<'b>) -> Self {
        Self {
            ask,
            cuts,
            filters: Filters::new(ask, cuts.zone()),
            prices: Prices { pricer, classes: Classes::default() },
            ledger: Ledger::new(Arc::clone(cuts)),
            sides: Sides::new(cuts),
            quick: None,
        }
    }

    /// Reads a chunk.
    pub(super) fn run(&mut self, job: &Job<'_>) -> ChunkResult {
        self.set_up(job);
        let mut quick = self.quick.take();
        let result = self.read(job, &mut quick);
        self.quick = quick;
        result
    }

    fn read(&mut self, job: &Job<'_>, quick: &mut Option<QuickDesk>) -> ChunkResult {
        let mut sitting = Sitting {
            segments: Segments::new(self.cuts),
            desk: self,
            job,
            result: ChunkResult::default(),
            rows: job.rows.map(MakeRows::begin),
            tallies: Tallies::default(),
        };
        let chunk = &job.chunk;
        let lines = if let Some(QuickDesk { reader, tallies, .. }) = quick {
            std::mem::swap(&mut sitting.tallies, tallies);
            let lines = job.bound.read_quick(chunk, reader, &mut sitting);
            std::mem::swap(&mut sitting.tallies, tallies);
            lines
        } else {
            job.bound.read(chunk, &mut |line, reading, labels| {
                sitting.record(line, reading, labels);
            });
            line_breaks(chunk.bytes())
        };
        let Sitting { mut result, rows, .. } = sitting;
        result.lines = lines;
        result.rows = rows.map(ChunkRows::finish);
        result
    }

    /// Takes up the format of a job.
    fn set_up(&mut self, job: &Job<'_>) {
        let alike = self.quick.as_ref().is_some_and(|quick| {
            Arc::ptr_eq(&quick.bound, &job.bound) || quick.bound.reads_alike(&job.bound)
        });
        if alike && job.rows.is_none() {
            return;
        }
        self.put_away();
        let reader = job.bound.quick().filter(|_| job.rows.is_none());
        let bound = Arc::clone(&job.bound);
        self.quick = reader.map(|reader| QuickDesk { bound, reader, tallies: Tallies::default() });
    }

    /// Adds the sums of the format before to the ledger.
    fn put_away(&mut self) {
        if let Some(quick) = self.quick.take() {
            quick.tallies.pour(&mut self.ledger);
        }
    }

    /// All of its sums: those of its ledger, and those of keys of the ledger.
    pub(super) fn into_sums(self) -> (Ledger, Tallies) {
        (self.ledger, self.quick.map(|quick| quick.tallies).unwrap_or_default())
    }
}

/// A chunk being read.
struct Sitting<'s, 'p, 'b> {
    desk: &'s mut Desk<'p, 'b>,
    job: &'s Job<'s>,
    result: ChunkResult,
    segments: Segments<'p>,
    rows: Option<Box<dyn ChunkRows + 's>>,
    tallies: Tallies,
}

impl RecordSink for Sitting<'_, '_, '_> {
    fn row(&mut self, row: &QuickRow<'_>) -> bool {
        if !self.desk.filters.keeps_time(Some(row.start)) {
            return self.leave_out(row);
        }
        let segments = &mut self.segments;
        let cuts = (&self.desk.sides, &**self.desk.cuts);
        let key = self.tallies.key(row, cuts, &mut |at| segments.of(at));
        let found = match self.tallies.find(&key) {
            Some(at) => Some(at),
            None => self.fate(row, &key).and_then(|fate| self.tallies.begin(key, fate)),
        };
        let Some(at) = found else { return false };
        match self.tallies.add(at, row) {
            None => return false,
            Some(Fate::Filtered) => self.note_filtered(row),
            Some(Fate::Kept { priced }) => self.note_kept(row, priced),
        }
        true
    }

    fn record(&mut self, line: u64, reading: Reading<'_>, labels: &Labels<'_>) {
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
                self.take(&row, labels);
            }
        }
    }
}

impl Sitting<'_, '_, '_> {
    /// What becomes of the rows that have in common what this one has; `None`
    /// where it is no usage row of one request.
    fn fate(&mut self, row: &QuickRow<'_>, cell: &CellKey) -> Option<Fate> {
        let known = self.tallies.ledger_key(cell).filter(|_| self.desk.ask.filters.is_empty());
        if let Some(key) = known {
            let priced = self.desk.prices.has(&self.desk.ledger, &key);
            return Some(Fate::Kept { priced });
        }
        let mut fate = None;
        row.read(&mut |reading, labels| {
            if let Reading::Row(usage) = &reading {
                fate = self.fate_of(usage, labels, cell);
            }
        });
        fate
    }

    fn fate_of(
        &mut self,
        usage: &UsageRow<'_>,
        labels: &Labels<'_>,
        cell: &CellKey,
    ) -> Option<Fate> {
        if usage.requests != 1 || usage.aggregate || usage.end.is_some() || usage.billed_rounded {
            return None;
        }
        let Desk { filters, ledger, prices, .. } = &mut *self.desk;
        let format = self.job.bound.format.name;
        if !filters.keeps_words(usage, labels, format) {
            return Some(Fate::Filtered);
        }
        let when = self.segments.of_row(usage);
        let key = ledger.key(usage, format, &filters.group_labels(labels), when);
        self.tallies.learn(cell, &key);
        let priced = prices.has(ledger, &key);
        Some(Fate::Kept { priced })
    }

    /// A row of another time is filtered, if it is a row at all: a footer may have a
    /// time too.
    fn leave_out(&mut self, row: &QuickRow<'_>) -> bool {
        if !self.tallies.is_row(row.names) {
            let mut is_row = false;
            row.read(&mut |reading, _| is_row = matches!(reading, Reading::Row(_)));
            if !is_row {
                return false;
            }
            self.tallies.note_row(row.names);
        }
        self.note_filtered(row);
        true
    }

    fn note_labels(&mut self, row: &QuickRow<'_>) {
        for (at, seen) in self.result.labels_seen.iter_mut().enumerate() {
            *seen |= row.has_labels & 1_u8.unbounded_shl(u32::try_from(at).unwrap_or(8)) != 0;
        }
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
        count(&mut tally.zone_assumed, row.zone_assumed);
        period.add_instant(row.start);
    }

    /// A row: counted if it passes the filters.
    fn take(&mut self, row: &UsageRow<'_>, labels: &Labels<'_>) {
        let (filters, result) = (&self.desk.filters, &mut self.result);
        for (seen, label) in result.labels_seen.iter_mut().zip(labels) {
            *seen |= label.is_some();
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
        self.note(row);
        if row.quantities.nonzero().next().is_some() {
            return self.add(row, labels);
        }
        counts_billed(&mut self.result, row);
    }

    /// A row of usage: into the ledger, and to whoever wants to see rows.
    fn add(&mut self, row: &UsageRow<'_>, labels: &Labels<'_>) {
        let Desk { filters, ledger, prices, .. } = &mut *self.desk;
        let when = self.segments.of_row(row);
        let kept = filters.group_labels(labels);
        let key = ledger.add(row, self.job.bound.format.name, &kept, when);
        let cell = Cell::of_row(row);
        let counts = &mut self.result.counts;
        let priced = prices.has(ledger, &key);
        let class = if priced { &mut counts.priced } else { &mut counts.unpriced };
        *class = class.saturating_add(1);
        if let Some(rows) = &mut self.rows {
            let view = ledger.view(&key, &cell);
            let taken = rows.take(&SeenRow { path: &self.job.path, row, labels, view });
            if taken.is_err() && self.result.refusal.is_none() {
                let message = "an amount is larger than 1.7e20 USD; is a count wrong?";
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
