//! Every way a command can fail, with its exit code.

use std::io;

use crate::formats::MapError;
use crate::input::InputError;
use crate::pipeline::PipelineError;
use crate::rates::CardError;
use crate::rates::catalog::UnknownModel;
use crate::rates::import::ImportError;
use crate::scenario::{EstimateError, OutOfRange, PricingError};

/// A command that failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// Arguments that do not go together.
    #[error("{0}")]
    Usage(String),
    /// A mapping that cannot be used.
    #[error("--map: {0}")]
    Map(#[from] MapError),
    /// A rate card that cannot be used.
    #[error(transparent)]
    Card(#[from] CardError),
    /// Rate cards that have problems, which are told on their own.
    #[error("{0}")]
    Cards(String),
    /// A price list of which no card can be made.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// A price list of which nothing is left.
    #[error("{0}")]
    NothingImported(String),
    /// A file that is not text.
    #[error("{path}:{line}: not UTF-8 text")]
    NotText {
        /// Which.
        path: String,
        /// Line, from 1.
        line: usize,
    },
    /// A model that the rate book does not have.
    #[error(transparent)]
    Model(#[from] UnknownModel),
    /// An input that cannot be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A run that failed.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// An amount out of range.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// A ledger that cannot be priced as asked.
    #[error(transparent)]
    Pricing(#[from] PricingError),
    /// An estimate that cannot be made.
    #[error(transparent)]
    Estimate(#[from] EstimateError),
    /// An output that cannot be written.
    #[error("{path}: cannot be written: {source}")]
    Write {
        /// Where.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A file that cannot be read.
    #[error("{path}: cannot be read: {source}")]
    Read {
        /// Which.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// JSON that cannot be written: a bug.
    #[error("the report cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A law of the accounts broke: a bug.
    #[error("{0}; nothing is reported. This is a bug")]
    Law(String),
}

impl CliError {
    pub(super) fn write(path: &str, source: io::Error) -> Self {
        Self::Write { path: path.to_owned(), source: of_stream(source) }
    }

    /// The exit code.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Map(_) => 2,
            Self::Law(_) | Self::Json(_) | Self::Import(ImportError::Card(_)) => 4,
            Self::Pipeline(error) if error.is_internal() => 4,
            Self::Card(_)
            | Self::Import(_)
            | Self::NothingImported(_)
            | Self::NotText { .. }
            | Self::Cards(_)
            | Self::Model(_)
            | Self::Input(_)
            | Self::Pipeline(_)
            | Self::OutOfRange(_)
            | Self::Pricing(_)
            | Self::Estimate(_)
            | Self::Write { .. }
            | Self::Read { .. } => 1,
        }
    }

    /// Whether the reader of standard output went away.
    pub(super) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Write { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// The error of the stream itself, where writing CSV wrapped it.
fn of_stream(error: io::Error) -> io::Error {
    let kind = error.kind();
    match error.downcast::<csv::Error>().map(csv::Error::into_kind) {
        Ok(csv::ErrorKind::Io(own)) => own,
        Ok(other) => io::Error::new(kind, format!("{other:?}")),
        Err(error) => error,
    }
}
