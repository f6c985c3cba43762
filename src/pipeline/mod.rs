//! The only place that knows threads: files are cut into numbered chunks, threads
//! turn chunks and small files into small ledgers, and the results merge in order.
//!
//! The count of merged chunks is checked, and a worker that panics fails the
//! run instead of shortening it. The result does not depend on the number of
//! threads, the size of chunks or the order in which inputs were named.

mod archives;
mod aside;
mod cells;
mod error;
mod file;
mod filters;
mod heads;
mod keys;
mod kinds;
mod making;
mod places;
mod prices;
mod reading;
mod rows;
mod run;
mod sides;
mod sitting;
mod tally;
mod threads;
mod together;
mod worker;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use crate::formats::{Ask, Format};
use crate::input::{Inputs, Source};
use crate::ledger::{Cuts, FileAccount, Ledger, Rejection};
use crate::scenario::made_by;

pub use aside::Aside;
pub use error::PipelineError;
pub use prices::Prices;
pub use rows::{ChunkRows, MakeRows, RowSink, SeenRow};
pub use threads::Threads;

use file::FileResult;
use keys::{Keys, Stage};
use reading::Reading;
use run::{Found, Outcome, Run};
use worker::{Desk, Job};

/// How the pipeline runs; nothing here changes a result.
#[derive(Debug, Clone)]
pub struct Tuning {
    /// Threads, the one that begins the run among them; 0 for one a core.
    pub threads: usize,
    /// Bytes of a chunk.
    pub chunk_size: usize,
    /// How many sorts of rows of a format a worker keeps apart before it finds out which may be
    /// summed together: where there are few, that takes longer than it saves.
    pub sorts_apart: usize,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { threads: 0, chunk_size: 1024 * 1024, sorts_apart: 512 }
    }
}

/// What the pipeline tells while it runs.
pub trait Watch {
    /// An input is opened; its size where known.
    fn open(&mut self, name: &str, bytes: Option<u64>);
    /// Whether what it is told stays, so that nothing may be told twice.
    fn remembers(&self) -> bool;
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
    /// The sums of rows that repeat others, which are in no other.
    pub repeated: Ledger,
    /// The account of each input, sorted by name.
    pub files: Vec<FileAccount>,
    /// The threads that read it.
    pub threads: Threads,
}

/// Gives each worker prices of its own.
pub type MakePrices<'m, 'b> = &'m (dyn Fn() -> Prices<'b> + Sync);

/// Reads every input of a plan.
pub fn run<'b>(
    plan: &Plan<'b>,
    prices: MakePrices<'_, 'b>,
    watch: &mut dyn Watch,
) -> Result<Harvest, PipelineError> {
    run_rows(plan, prices, watch, &mut RowSink::none())
}

/// Reads every input of a plan, and makes something of each row of usage: in
/// the order of the inputs and of their records.
pub fn run_rows<'b>(
    plan: &Plan<'b>,
    prices: MakePrices<'_, 'b>,
    watch: &mut dyn Watch,
    sink: &mut RowSink<'_>,
) -> Result<Harvest, PipelineError> {
    let threads = Threads::new(plan.tuning.threads)?;
    let reads_streams = plan.inputs.sources.iter().any(Source::is_stream);
    // Most inputs have no keys, and are read once.
    if sink.tries && !watch.remembers() && !reads_streams {
        match read(plan, (prices, &threads), (watch, sink), Stage::Unknown) {
            Err(PipelineError::KeysUnknown { .. }) if sink.make.is_none() => {}
            done => return done,
        }
    }
    let keys = gather_keys(plan, prices, &threads)?;
    read(plan, (prices, &threads), (watch, sink), Stage::Known(Arc::new(keys)))
}

/// Reads every input, with what is known of the keys of rows.
fn read<'b>(
    plan: &Plan<'b>,
    (prices, threads): (MakePrices<'_, 'b>, &Threads),
    (watch, sink): (&mut dyn Watch, &mut RowSink<'_>),
    stage: Stage,
) -> Result<Harvest, PipelineError> {
    let desks = Desks { plan, prices, stage, make: sink.make, threads, free: Mutex::default() };
    let Outcome { files, saved, .. } =
        threads.scope(|scope| Run::new(&desks, threads, watch, sink).all(scope))?;
    // Sums are put into their ledgers by all threads.
    let desks = desks.free.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter();
    let desks: Vec<_> = desks.map(|(_, desk)| Mutex::new(Some(desk))).collect();
    let poured = made_by(threads, desks.len(), &|at| {
        let mut desk = desks.get(at)?.lock().unwrap_or_else(PoisonError::into_inner);
        desk.take().map(Desk::into_ledgers)
    });
    let (ledgers, repeated) = poured.into_iter().flatten().chain(saved).unzip();
    let union = |ledgers| Ledger::union(Arc::clone(&plan.cuts), ledgers);
    let (ledger, repeated) = (union(ledgers), union(repeated));
    Ok(Harvest { ledger, repeated, files, threads: threads.clone() })
}

/// Reads the inputs whose rows have keys.
fn gather_keys<'b>(
    plan: &Plan<'b>,
    prices: MakePrices<'_, 'b>,
    threads: &Threads,
) -> Result<Keys, PipelineError> {
    let (stage, free) = (Stage::Gathering, Mutex::default());
    let desks = Desks { plan, prices, stage, make: None, threads, free };
    let (mut watch, mut sink) = (Unwatched, RowSink::none());
    let found =
        threads.scope(|scope| Run::new(&desks, threads, &mut watch, &mut sink).all(scope))?;
    Ok(found.keys)
}

/// Tells nobody.
struct Unwatched;

impl Watch for Unwatched {
    fn open(&mut self, _: &str, _: Option<u64>) {}
    fn remembers(&self) -> bool {
        false
    }
    fn advance(&mut self, _: u64) {}
    fn reject(&mut self, _: &str, _: u64, _: &Rejection) -> std::io::Result<()> {
        Ok(())
    }
}

/// The desks that nobody is at: each belongs to a thread, so that what it holds stays
/// in the cache of one core.
struct Desks<'m, 'b> {
    plan: &'m Plan<'b>,
    prices: MakePrices<'m, 'b>,
    stage: Stage,
    make: Option<&'m dyn MakeRows>,
    threads: &'m Threads,
    free: Mutex<Vec<(usize, Desk<'m, 'b>)>>,
}

impl<'m, 'b> Desks<'m, 'b> {
    /// Reads the next chunk of a file at a desk of its own; its position, and what
    /// became of it.
    fn read_on(&self, reading: &Reading) -> (u64, Found) {
        let ask = AssertUnwindSafe(|| {
            #[cfg(test)]
            tests::panic_if_asked(tests::ASKING);
            self.at_a_desk(|desk| reading.next(&mut desk.files.spare))
        });
        let (at, next) = catch_unwind(ask).unwrap_or_else(|_| reading.give_up());
        (at, next.map_or_else(|found| found, |chunk| self.work(reading.job(chunk))))
    }

    fn work(&self, job: Job) -> Found {
        let chunk = job.chunk.index;
        let work = AssertUnwindSafe(|| {
            #[cfg(test)]
            tests::panic_if_asked(chunk);
            self.at_a_desk(|desk| {
                let result = desk.run(&job);
                desk.files.spare.push(job.chunk.into_buffer());
                Box::new(result)
            })
        });
        catch_unwind(work).map_or(Found::Panicked(chunk), Found::Chunk)
    }

    /// Reads a small file at a desk of its own.
    fn work_file(&self, source: &Source, file: u32) -> Result<FileResult, PipelineError> {
        self.at_a_desk(|desk| desk.read_file(self.plan, source, file))
    }

    fn at_a_desk<T>(&self, work: impl FnOnce(&mut Desk<'m, 'b>) -> T) -> T {
        let free = || self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let thread = self.threads.asking();
        let own = {
            let mut free = free();
            let at = free.iter().position(|(owner, _)| *owner == thread);
            at.map(|at| free.swap_remove(at).1)
        };
        let mut desk = own.unwrap_or_else(|| {
            Desk::new(self.plan, (self.prices)(), self.stage.clone(), self.make)
        });
        let result = work(&mut desk);
        free().push((thread, desk));
        result
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::rates::{Aliases, RateBook};
    use crate::scenario::Pricer;

    /// The chunk whose worker panics.
    static PANICS_AT: AtomicU64 = AtomicU64::new(u64::MAX);

    /// Stands for whoever asks for a chunk.
    pub(super) const ASKING: u64 = u64::MAX - 1;

    pub(super) fn panic_if_asked(chunk: u64) {
        assert!(PANICS_AT.load(Ordering::Relaxed) != chunk, "asked to");
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
            tuning: Tuning { threads: 2, chunk_size: 20, ..Tuning::default() },
        };
        let prices = || Prices::of_each(Pricer::new(&book, &aliases, book.as_of()));
        let run = || run(&plan, &prices, &mut Unwatched);
        assert_eq!(run().unwrap().files.first().unwrap().rows.priced, 50);
        PANICS_AT.store(7, Ordering::Relaxed);
        let error = run().unwrap_err();
        assert!(
            error.is_internal() && matches!(error, PipelineError::Worker { chunk: 7, .. }),
            "{error}"
        );
        PANICS_AT.store(ASKING, Ordering::Relaxed);
        let error = run().unwrap_err();
        assert!(matches!(error, PipelineError::Worker { chunk: 0, .. }), "{error}");
    }
}
