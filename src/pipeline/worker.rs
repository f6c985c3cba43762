//! What one thread does, chunk by chunk: records to rows, rows to sums. Its
//! sums grow over all chunks that it reads; what became of the records is told
//! chunk by chunk.

use std::sync::Arc;

use super::Plan;
use super::file::FileDesk;
use super::filters::Filters;
use super::keys::{Keyed, Stage};
use super::kinds::Kinds;
use super::prices::Prices;
use super::rows::{ChunkRows, MakeRows};
use super::sides::Sides;
use super::sitting::Sitting;
use super::tally::Tallies;
use crate::formats::{Ask, Bound, QuickReader, RecordSink as _};
use crate::input::{Chunk, line_breaks};
use crate::ledger::{BilledSum, Cuts, Ledger, Period, Rejection, RowCounts, Segments, Tally};
use crate::report::Batch;

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
    /// Which of the asked properties some row has, one bit each.
    pub(super) labels_seen: u8,
    /// Billed amounts of records without usage.
    pub(super) billed_only: BilledSum,
    /// The first row that makes the answer impossible.
    pub(super) refusal: Option<Refusal>,
    /// What was made of the rows.
    pub(super) rows: Option<Batch>,
    /// How many lines it has.
    pub(super) lines: u64,
    /// Its rows with keys, where these are gathered.
    pub(super) keyed: Vec<Keyed>,
    /// Rows that repeat others and say something else.
    pub(super) differing: u64,
    /// Whether it has sessions that others may share, and it is not known which.
    pub(super) needs_keys: bool,
}

/// A chunk to be read.
pub(super) struct Job {
    /// The file's format.
    pub(super) bound: Arc<Bound>,
    /// The file's name.
    pub(super) path: Arc<str>,
    /// The chunk.
    pub(super) chunk: Chunk,
    /// The file, among those of the run.
    pub(super) file: u32,
}

/// What a thread keeps from chunk to chunk.
pub(super) struct Desk<'p, 'b> {
    pub(super) ask: &'p Ask,
    pub(super) cuts: &'p Arc<Cuts>,
    pub(super) filters: Filters<'p>,
    pub(super) prices: Prices<'b>,
    pub(super) ledger: Ledger,
    /// The sums of rows that repeat others.
    pub(super) repeated: Ledger,
    pub(super) stage: Stage,
    pub(super) sides: Sides,
    pub(super) sorts_apart: usize,
    /// Who makes something of rows.
    pub(super) made: Option<Box<dyn ChunkRows + Send + 'p>>,
    /// Whether the rows of the usual kind are read as such.
    reads_quick: bool,
    /// One for each format that was met.
    quick: Vec<QuickDesk>,
    pub(super) files: FileDesk,
}

/// What reads the rows of the usual kind of one format, and their sums.
struct QuickDesk {
    bound: Arc<Bound>,
    reader: QuickReader,
    tallies: Tallies,
    kinds: Kinds,
}

impl<'p, 'b> Desk<'p, 'b> {
    /// An empty one.
    pub(super) fn new(
        plan: &'p Plan<'b>,
        prices: Prices<'b>,
        stage: Stage,
        make: Option<&'p dyn MakeRows>,
    ) -> Self {
        let (ask, cuts) = (plan.ask, &plan.cuts);
        Self {
            ask,
            cuts,
            filters: Filters::new(ask, cuts.zone()),
            prices,
            ledger: Ledger::new(Arc::clone(cuts)),
            repeated: Ledger::new(Arc::clone(cuts)),
            stage,
            sides: Sides::new(cuts),
            sorts_apart: plan.tuning.sorts_apart,
            made: make.map(MakeRows::begin),
            reads_quick: make.is_none_or(|make| make.takes_known() && ask.filters.is_empty()),
            quick: Vec::new(),
            files: FileDesk::default(),
        }
    }

    /// Reads a chunk.
    pub(super) fn run(&mut self, job: &Job) -> ChunkResult {
        let mut quick = self.take_up(job);
        let result = self.read(job, &mut quick);
        self.quick.extend(quick);
        result
    }

    fn read(&mut self, job: &Job, quick: &mut Option<QuickDesk>) -> ChunkResult {
        let mut sitting = Sitting {
            segments: Segments::new(self.cuts),
            desk: self,
            job,
            result: ChunkResult::default(),
            tallies: Tallies::default(),
            kinds: Kinds::default(),
            learning: None,
            keyed: 0,
        };
        let chunk = &job.chunk;
        let lines = if let Some(QuickDesk { reader, tallies, kinds, .. }) = quick {
            std::mem::swap(&mut sitting.tallies, tallies);
            std::mem::swap(&mut sitting.kinds, kinds);
            let lines = job.bound.read_quick(chunk, reader, &mut sitting);
            std::mem::swap(&mut sitting.tallies, tallies);
            std::mem::swap(&mut sitting.kinds, kinds);
            lines
        } else {
            job.bound.read(chunk, &mut |line, reading, labels| {
                sitting.record(line, reading, labels);
            });
            line_breaks(chunk.bytes())
        };
        let Sitting { mut result, .. } = sitting;
        result.lines = lines;
        result.rows = self.made.as_mut().map(|made| made.finish());
        result
    }

    /// Takes up what reads the format of a job, where there is such.
    fn take_up(&mut self, job: &Job) -> Option<QuickDesk> {
        if !self.reads_quick {
            return None;
        }
        let alike = |quick: &QuickDesk| {
            Arc::ptr_eq(&quick.bound, &job.bound) || quick.bound.reads_alike(&job.bound)
        };
        if let Some(at) = self.quick.iter().position(alike) {
            return Some(self.quick.swap_remove(at));
        }
        let bound = Arc::clone(&job.bound);
        let reader = job.bound.quick()?;
        let (tallies, kinds) = (Tallies::default(), Kinds::default());
        Some(QuickDesk { bound, reader, tallies, kinds })
    }

    /// All of its sums, and those of rows that repeat others.
    pub(super) fn into_ledgers(self) -> (Ledger, Ledger) {
        let mut ledger = self.ledger;
        for quick in self.quick {
            quick.tallies.pour(&mut ledger);
        }
        (ledger, self.repeated)
    }
}
