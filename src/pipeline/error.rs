//! Why a run fails.

use crate::formats::DetectError;
use crate::input::InputError;
use crate::ledger::ArchiveError;

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
    /// An input has rows that may be repeated, which has to be known before any counts.
    #[error("{path}: the keys of its rows are not known; this is a bug")]
    KeysUnknown {
        /// The input.
        path: String,
    },
    /// A saved ledger that cannot be used.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// Two saved ledgers of one input.
    #[error(
        "{first} and {second} both hold the usage of {input}: together they would count it twice"
    )]
    SharedInput {
        /// One ledger.
        first: String,
        /// The other one.
        second: String,
        /// The input.
        input: String,
    },
    /// A saved ledger in another form.
    #[error("{path}: a saved ledger is read as the `.parquet` file that `tierwise ledger` wrote")]
    ArchiveText {
        /// The ledger.
        path: String,
    },
    /// A saved ledger, and options for logs.
    #[error("{path}: `--map` and `--dedupe` are for logs; give them to `tierwise ledger`")]
    ArchiveOptions {
        /// The ledger.
        path: String,
    },
    /// A saved ledger where rows are asked for.
    #[error("{path}: a saved ledger has sums, no rows: read it with `tierwise report`")]
    ArchiveRows {
        /// The ledger.
        path: String,
    },
    /// Standard input has rows that may be repeated.
    #[error(
        "{path}: {format} may hold one call several times, and a stream cannot be read twice \
         to tell; save it to a file, or count every row with `--dedupe none`"
    )]
    KeysOfStdin {
        /// The input.
        path: String,
        /// Its format.
        format: &'static str,
    },
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
        /// How often somebody was sent for a chunk or a file.
        read: u64,
        /// How often what became of that was merged.
        merged: u64,
    },
}

impl PipelineError {
    /// Whether an internal law broke.
    pub const fn is_internal(&self) -> bool {
        matches!(self, Self::Worker { .. } | Self::Chunks { .. } | Self::KeysUnknown { .. })
    }
}
