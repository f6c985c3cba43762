//! The only place that knows threads: files are cut into numbered chunks, a pool
//! turns chunks into small ledgers, and the results merge in chunk order.
//!
//! The count of merged chunks is checked, and a worker that panics fails the
//! run instead of shortening it. The result does not depend on the number of
//! threads, the size of chunks or the order in which inputs were named.

mod rows;
mod worker;

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Sender, channel};

use foldhash::fast::FixedState;
use rayon::{Scope, ThreadPool, ThreadPoolBuilder};

use crate::formats::{Ask, Bound, DetectError, Detected, Format, detect};
use crate::input::{self, Chunk, Chunker, InputError, Inputs, Source};
use crate::ledger::{Cuts, FileAccount, Ledger, PriceKey, Rejection};
use crate::scenario::Pricer;

pub use rows::{ChunkRows, MakeRows, RowSink, SeenRow};

use worker::{ChunkResult, Refusal, Worker};

/// How the pipeline runs; nothing here changes a result.
#[derive(Debug, Clone)]
pub struct Tuning {
    /// Worker threads.
    pub threads: usize,
    /// Bytes of a chunk.
    pub chunk_size: usize,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { threads: 0, chunk_size: 4 * 1024 * 1024 }
    }
}

/// What the pipeline tells while it runs.
pub trait Watch {
    /// An input is opened; its size where known.
    fn open(&mut self, name: &str, bytes: Option<u64>);
    /// Bytes of it have been taken, before decompression.
    fn advance(&mut self, bytes: u64);
    /// A record was rejected.
    fn reject(
        &mut self,
        path: &str,
        line: u64,
        rejection: &Rejection,
    ) -> Result<(), std::io::Error>;
}

/// What a run reads, and how.
#[derive(Debug)]
pub struct Plan<'p> {
    /// The inputs.
    pub inputs: &'p Inputs,
    /// What is asked of the rows.
    pub ask: &'p Ask,
    /// The format of all inputs, where the user described it.
    pub format: Option<&'p Format>,
    /// Where rows are cut.
    pub cuts: Arc<Cuts>,
    /// How to run.
    pub tuning: Tuning,
}

/// Everything that was read.
#[derive(Debug)]
pub struct Harvest {
    /// The sums.
    pub ledger: Ledger,
    /// The account of each input, sorted by name.
    pub files: Vec<FileAccount>,
}

/// A run that failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// An input cannot be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// An input is not recognised.
    #[error(transparent)]
    Detect(#[from] DetectError),
    /// The thread pool cannot be built.
    #[error("the worker threads cannot be started: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// A row that makes the answer impossible.
    #[error("{path}:{line}: {message}")]
    Refused {
        /// The input.
        path: String,
        /// The line.
        line: u64,
        /// Why.
        message: &'static str,
    },
    /// Rejected records cannot be written.
    #[error("the rejected records cannot be written: {0}")]
    Rejects(std::io::Error),
    /// What was made of the rows cannot be written.
    #[error("the rows cannot be written: {0}")]
    Rows(std::io::Error),
    /// A worker panicked: a bug.
    #[error("{path}: a worker failed in chunk {chunk}; nothing is reported. This is a bug")]
    Worker {
        /// The input.
        path: String,
        /// The chunk.
        chunk: u64,
    },
    /// Chunks are missing: a bug.
    #[error("{path}: {merged} of {read} chunks were merged; nothing is reported. This is a bug")]
    Chunks {
        /// The input.
        path: String,
        /// Chunks that were read.
        read: u64,
        /// Chunks that were merged.
        merged: u64,
    },
}

impl PipelineError {
    /// Whether an internal law broke.
    pub const fn is_internal(&self) -> bool {
        matches!(self, Self::Worker { .. } | Self::Chunks { .. })
    }
}

/// Reads every input of a plan. `pricer` only says which rows have a price.
pub fn run(
    plan: &Plan<'_>,
    pricer: &mut Pricer<'_>,
    watch: &mut dyn Watch,
) -> Result<Harvest, PipelineError> {
    run_rows(plan, pricer, watch, &mut RowSink::none())
}

/// Reads every input of a plan, and makes something of each row of usage: in
/// the order of the inputs and of their records.
pub fn run_rows(
    plan: &Plan<'_>,
    pricer: &mut Pricer<'_>,
    watch: &mut dyn Watch,
    sink: &mut RowSink<'_>,
) -> Result<Harvest, PipelineError> {
    let pool = ThreadPoolBuilder::new().num_threads(plan.tuning.threads).build()?;
    let mut harvest = Harvest { ledger: Ledger::new(Arc::clone(&plan.cuts)), files: Vec::new() };
    let mut priced = HashMap::default();
    for source in &plan.inputs.sources {
        let mut file = FileRun { plan, pool: &pool, pricer, watch, sink, priced: &mut priced };
        let account = file.run(source, &mut harvest.ledger)?;
        harvest.files.push(account);
    }
    Ok(harvest)
}

/// One input.
struct FileRun<'r, 'b, 's> {
    plan: &'r Plan<'r>,
    pool: &'r ThreadPool,
    pricer: &'r mut Pricer<'b>,
    watch: &'r mut dyn Watch,
    sink: &'r mut RowSink<'s>,
    /// Which keys have a price.
    priced: &'r mut HashMap<PriceKey, bool, FixedState>,
}

/// A chunk's number, and what became of it (`None`: the worker panicked).
type Done = (u64, Option<ChunkResult>);

impl FileRun<'_, '_, '_> {
    fn run(&mut self, source: &Source, ledger: &mut Ledger) -> Result<FileAccount, PipelineError> {
        let path = source.name();
        let head = input::open(source)?;
        self.watch.open(&path, source.size());
        let mut account = FileAccount::new(path.clone(), source.size());
        let detected = detect(&path, &head.bytes, head.complete, self.plan.format, self.plan.ask)?;
        let Detected::Log(bound) = detected else {
            return Ok(account);
        };
        account.format = Some(bound.format.name);
        let mut chunker =
            Chunker::new(head.stream, &path, bound.framing, self.plan.tuning.chunk_size);
        let bound = Arc::new(*bound);
        let pool = self.pool;
        let consumed = head.consumed;
        pool.in_place_scope(|scope| {
            let merge = Merge { file: self, account: &mut account, ledger, bound: &bound };
            merge.run(scope, &mut chunker, &|| consumed.load(Ordering::Relaxed))
        })?;
        account.bytes = source.size().unwrap_or_else(|| consumed.load(Ordering::Relaxed));
        Ok(account)
    }
}

/// Merges the chunks of one input in their order.
struct Merge<'m, 'r, 'b, 's> {
    file: &'m mut FileRun<'r, 'b, 's>,
    account: &'m mut FileAccount,
    ledger: &'m mut Ledger,
    bound: &'m Arc<Bound>,
}

impl<'s> Merge<'_, '_, '_, 's> {
    fn run(
        mut self,
        scope: &Scope<'s>,
        chunker: &mut Chunker,
        progress: &dyn Fn() -> u64,
    ) -> Result<(), PipelineError> {
        let (sender, receiver) = channel::<Done>();
        let in_flight_limit =
            self.file.pool.current_num_threads().saturating_mul(2).saturating_add(1);
        let mut waiting: BTreeMap<u64, Option<ChunkResult>> = BTreeMap::new();
        let (mut read, mut merged) = (0_u64, 0_u64);
        let mut at_end = false;
        loop {
            let in_flight = usize::try_from(read.saturating_sub(merged)).unwrap_or(usize::MAX);
            if !at_end && in_flight < in_flight_limit {
                match chunker.next_chunk()? {
                    Some(chunk) => {
                        read = read.saturating_add(1);
                        self.spawn(scope, chunk, &sender);
                    }
                    None => at_end = true,
                }
                self.file.watch.advance(progress());
                continue;
            }
            if merged == read {
                break;
            }
            let Ok((index, result)) = receiver.recv() else {
                break;
            };
            waiting.insert(index, result);
            while let Some(result) = waiting.remove(&merged) {
                self.merge(merged, result)?;
                merged = merged.saturating_add(1);
            }
        }
        if merged == read {
            Ok(())
        } else {
            Err(PipelineError::Chunks { path: self.path(), read, merged })
        }
    }

    fn spawn(&self, scope: &Scope<'s>, chunk: Chunk, sender: &Sender<Done>) {
        let worker = Worker {
            bound: Arc::clone(self.bound),
            ask: self.file.plan.ask.clone(),
            cuts: Arc::clone(&self.file.plan.cuts),
            rows: self.file.sink.make,
            path: Arc::from(self.account.path.as_str()),
        };
        let sender = sender.clone();
        scope.spawn(move |_| {
            let index = chunk.index;
            let result = catch_unwind(AssertUnwindSafe(|| {
                #[cfg(test)]
                tests::panic_if_asked(index);
                worker.run(&chunk)
            }));
            let result = result.ok();
            // The receiver is gone only when the run has already failed.
            let _ = sender.send((index, result));
        });
    }

    fn merge(&mut self, chunk: u64, result: Option<ChunkResult>) -> Result<(), PipelineError> {
        let Some(result) = result else {
            return Err(PipelineError::Worker { path: self.path(), chunk });
        };
        if let Some(Refusal { line, message }) = result.refusal {
            return Err(PipelineError::Refused { path: self.path(), line, message });
        }
        let mut counts = result.counts;
        let FileRun { pricer, priced, .. } = &mut *self.file;
        self.ledger.merge(&result.ledger, &mut |view| {
            let has_price =
                priced.entry(view.key.price_key()).or_insert_with(|| pricer.class(view).is_ok());
            let rows = if *has_price { &mut counts.priced } else { &mut counts.unpriced };
            *rows = rows.saturating_add(view.cell.rows);
        });
        self.account.rows.add(&counts);
        self.account.tally.add(&result.tally);
        self.account.period.add(&result.period);
        self.account.billed_only.add(&result.billed_only);
        for (seen, more) in self.account.labels_seen.iter_mut().zip(result.labels_seen) {
            *seen |= more;
        }
        for (line, rejection) in &result.rejections {
            let path = self.account.path.as_str();
            self.file.watch.reject(path, *line, rejection).map_err(PipelineError::Rejects)?;
            self.account.rejected.add(*line, rejection);
        }
        match result.rows {
            Some(batch) => (self.file.sink.write)(batch).map_err(PipelineError::Rows),
            None => Ok(()),
        }
    }

    fn path(&self) -> String {
        self.account.path.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::sync::atomic::AtomicU64;

    use super::*;
    use crate::rates::{Aliases, RateBook};

    /// The chunk whose worker panics.
    static PANICS_AT: AtomicU64 = AtomicU64::new(u64::MAX);

    pub(super) fn panic_if_asked(chunk: u64) {
        assert!(PANICS_AT.load(Ordering::Relaxed) != chunk, "asked to");
    }

    struct Silent;

    impl Watch for Silent {
        fn open(&mut self, _: &str, _: Option<u64>) {}
        fn advance(&mut self, _: u64) {}
        fn reject(&mut self, _: &str, _: u64, _: &Rejection) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_worker_that_panics_fails_the_run() {
        let mut file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
        writeln!(file, "model,input_tokens").unwrap();
        for _ in 0..50 {
            writeln!(file, "gpt-4o,1").unwrap();
        }
        let book = RateBook::built_in().unwrap();
        let aliases = Aliases::default();
        let inputs = Inputs::find(&[file.path().display().to_string()]).unwrap();
        let plan = Plan {
            inputs: &inputs,
            ask: &Ask::default(),
            format: None,
            cuts: Arc::new(Cuts::new(&book, jiff::tz::TimeZone::UTC)),
            tuning: Tuning { threads: 2, chunk_size: 20 },
        };
        let run = || run(&plan, &mut Pricer::new(&book, &aliases, book.as_of()), &mut Silent);
        assert_eq!(run().unwrap().files.first().unwrap().rows.priced, 50);
        PANICS_AT.store(7, Ordering::Relaxed);
        let error = run().unwrap_err();
        assert!(
            error.is_internal() && matches!(error, PipelineError::Worker { chunk: 7, .. }),
            "{error}"
        );
    }
}
