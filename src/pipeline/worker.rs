//! What a worker does with one chunk: records to rows, rows to a small ledger.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::rows::{ChunkRows, MakeRows, SeenRow};
use crate::formats::{Ask, Bound, Filter, Labels, MAX_LABELS, Reading};
use crate::input::Chunk;
use crate::ledger::{BilledSum, Cell, Cuts, Ledger, Period, Rejection, RowCounts, Segments, Tally};
use crate::report::Batch;
use crate::usage::{Dimension, Instant, UsageRow};

/// A row that makes the answer impossible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The line.
    pub(super) line: u64,
    /// Why, and what to do.
    pub(super) message: &'static str,
}

/// What became of a chunk.
#[derive(Debug)]
pub(super) struct ChunkResult {
    /// The sums of its rows.
    pub(super) ledger: Ledger,
    /// What its records became, but for whether rows have a price.
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
}

/// Reads chunks of one file.
pub(super) struct Worker<'s> {
    /// The file's format.
    pub(super) bound: Arc<Bound>,
    /// What is asked of the rows.
    pub(super) ask: Ask,
    /// Where rows are cut.
    pub(super) cuts: Arc<Cuts>,
    /// What is made of the rows.
    pub(super) rows: Option<&'s dyn MakeRows>,
    /// The file's name.
    pub(super) path: Arc<str>,
}

/// What a worker needs while it reads a chunk.
struct Desk<'w> {
    segments: Segments<'w>,
    filters: Filters<'w>,
    rows: Option<Box<dyn ChunkRows + 'w>>,
}

impl Worker<'_> {
    /// Reads a chunk.
    pub(super) fn run(&self, chunk: &Chunk) -> ChunkResult {
        let mut result = ChunkResult {
            ledger: Ledger::new(Arc::clone(&self.cuts)),
            counts: RowCounts::default(),
            rejections: Vec::new(),
            tally: Tally::default(),
            period: Period::default(),
            labels_seen: [false; MAX_LABELS],
            billed_only: BilledSum::default(),
            refusal: None,
            rows: None,
        };
        let mut desk = Desk {
            segments: Segments::new(&self.cuts),
            filters: Filters::new(&self.ask, self.cuts.zone()),
            rows: self.rows.map(MakeRows::begin),
        };
        self.bound.read(chunk, &mut |line, reading, labels| {
            let counts = &mut result.counts;
            counts.read = counts.read.saturating_add(1);
            match reading {
                Reading::Empty => counts.empty = counts.empty.saturating_add(1),
                Reading::Rejected(reject) => {
                    counts.rejected = counts.rejected.saturating_add(1);
                    result.rejections.push((line, reject));
                }
                Reading::Row(mut row) => {
                    row.origin.line = line;
                    self.take(&mut result, &mut desk, &row, labels);
                }
            }
        });
        result.rows = desk.rows.map(ChunkRows::finish);
        result
    }

    /// A row: counted if it passes the filters.
    fn take(
        &self,
        result: &mut ChunkResult,
        desk: &mut Desk<'_>,
        row: &UsageRow<'_>,
        labels: &Labels<'_>,
    ) {
        let filters = &desk.filters;
        for (seen, label) in result.labels_seen.iter_mut().zip(labels) {
            *seen |= label.is_some();
        }
        let counts = &mut result.counts;
        if !filters.keep(row, labels, self.bound.format.name) {
            counts.filtered = counts.filtered.saturating_add(1);
            let untimed = row.start.is_none() && filters.in_time();
            count(&mut result.tally.untimed_filtered, untimed);
            count(&mut result.tally.straddling, within(self.ask.from, row.start, row.end));
            return;
        }
        self.note(result, &mut desk.segments, row);
        if row.quantities.nonzero().next().is_some() {
            return self.add(result, desk, row, labels);
        }
        counts_billed(result, row);
    }

    /// A row of usage: into the ledger, and to whoever wants to see rows.
    fn add(
        &self,
        result: &mut ChunkResult,
        desk: &mut Desk<'_>,
        row: &UsageRow<'_>,
        labels: &Labels<'_>,
    ) {
        let Desk { segments, filters, rows } = desk;
        let when = segments.of_row(row);
        let kept = filters.group_labels(labels);
        let key = result.ledger.add(row, self.bound.format.name, &kept, when);
        if let Some(rows) = rows {
            let cell = Cell::of_row(row);
            let view = result.ledger.view(&key, &cell);
            let taken = rows.take(&SeenRow { path: &self.path, row, labels, view });
            if taken.is_err() && result.refusal.is_none() {
                let message = "an amount is larger than 1.7e20 USD; is a count wrong?";
                result.refusal = Some(Refusal { line: row.origin.line, message });
            }
        }
    }

    /// What a reader should know of a row; and whether it makes the answer
    /// impossible.
    fn note(&self, result: &mut ChunkResult, segments: &mut Segments<'_>, row: &UsageRow<'_>) {
        let tally = &mut result.tally;
        count(&mut tally.zone_assumed, row.zone_assumed);
        count(&mut tally.without_time, row.start.is_none());
        count(&mut tally.billed_rounded, row.billed_rounded);
        count(&mut tally.straddling, within(self.ask.to, row.start, row.end));
        if let (Some(start), Some(end)) = (row.start, row.end) {
            count(&mut tally.across_price_change, self.cuts.changes_within(start, end));
            let zone = self.cuts.zone();
            let days = start.date(zone) != end.later(-1).max(start).date(zone);
            count(&mut tally.several_days, days);
            if days
                && *zone != TimeZone::UTC
                && result.refusal.is_none()
                && end > segments.of(start).end
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

/// The asked filters, and where their labels are.
struct Filters<'a> {
    ask: &'a Ask,
    zone: &'a TimeZone,
    /// For each filter, the position of its label.
    labels: Vec<Option<usize>>,
    /// How many labels are grouped by: they come first.
    grouped: usize,
}

impl<'a> Filters<'a> {
    fn new(ask: &'a Ask, zone: &'a TimeZone) -> Self {
        let known = ask.labels();
        let position = |filter: &Filter| known.iter().position(|label| *label == filter.dimension);
        let grouped = known.iter().filter(|label| ask.by.contains(label)).count();
        Self { ask, zone, labels: ask.filters.iter().map(position).collect(), grouped }
    }

    /// Whether rows are chosen by their time.
    const fn in_time(&self) -> bool {
        self.ask.from.is_some() || self.ask.to.is_some()
    }

    /// The labels that the ledger keeps.
    fn group_labels<'l>(&self, labels: &Labels<'l>) -> Labels<'l> {
        let mut kept = [None; MAX_LABELS];
        for (slot, label) in kept.iter_mut().zip(labels).take(self.grouped) {
            *slot = *label;
        }
        kept
    }

    fn keep(&self, row: &UsageRow<'_>, labels: &Labels<'_>, format: &str) -> bool {
        let in_time = match row.start {
            Some(start) => {
                self.ask.from.is_none_or(|from| from <= start)
                    && self.ask.to.is_none_or(|to| start < to)
            }
            None => self.ask.from.is_none() && self.ask.to.is_none(),
        };
        in_time
            && self.ask.filters.iter().zip(&self.labels).all(|(filter, at)| {
                let label = at.and_then(|at| labels.get(at)).copied().flatten();
                self.passes(filter, row, label, format)
            })
    }

    fn passes(
        &self,
        filter: &Filter,
        row: &UsageRow<'_>,
        label: Option<&str>,
        format: &str,
    ) -> bool {
        let is = |value: &str| filter.values.iter().any(|wanted| wanted == value);
        match &filter.dimension {
            Dimension::Provider => is(row.provider),
            Dimension::Model => is(row.model.unwrap_or_default()),
            Dimension::Tier => is(row.tier.name()),
            Dimension::Endpoint => is(row.endpoint),
            Dimension::Region => is(row.region),
            Dimension::Format => is(format),
            Dimension::Day | Dimension::Week | Dimension::Month => {
                let value = row.start.and_then(|start| filter.dimension.of_time(start, self.zone));
                is(&value.unwrap_or_default())
            }
            Dimension::Project | Dimension::User | Dimension::ApiKey | Dimension::Column(_) => {
                is(label.unwrap_or_default())
            }
        }
    }
}
