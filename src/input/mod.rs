//! From what was named on the command line to numbered chunks of whole records.
//!
//! Owns files, folders, globs, standard input, decompression, encodings and
//! record boundaries. Knows nothing of log formats beyond how their records are
//! delimited.

mod careful;
mod chunk;
mod elements;
mod lines;
mod quotes;
mod reader;
mod records;
mod source;

pub use chunk::Chunker;
pub use lines::line_breaks;
pub use reader::{Head, open};
pub use records::{Chunk, Framing, Span};
pub use source::{Inputs, Source};

/// An input that cannot be read, or must not be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// Nothing matches what was named.
    #[error("{path}: no such file or folder, and no file matches it as a pattern")]
    NotFound {
        /// As typed.
        path: String,
    },
    /// Standard input named twice.
    #[error("`-` is given twice; standard input can be read once")]
    StdinTwice,
    /// A pattern that is malformed.
    #[error("{pattern}: not a valid pattern: {source}")]
    Pattern {
        /// As typed.
        pattern: String,
        /// What is wrong.
        source: glob::PatternError,
    },
    /// A folder without a log.
    #[error(
        "{path}: no log in this folder (read are {extensions}, also compressed as .gz or .zst)"
    )]
    EmptyFolder {
        /// The folder.
        path: String,
        /// The extensions that are read.
        extensions: String,
    },
    /// The operating system or a decoder refused.
    #[error("{path}: {doing}: {source}")]
    Read {
        /// The input.
        path: String,
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A Parquet file has its index at the end, so it must be a file.
    #[error("<stdin>: a Parquet file cannot be read from standard input; give its path")]
    ParquetStdin,
    /// A compressed stream that ends early or is damaged.
    #[error(
        "{path}: the file is cut or damaged ({source}); \
         a total of what was read would be too small, so nothing is reported"
    )]
    Damaged {
        /// The input.
        path: String,
        /// What the decoder says.
        source: std::io::Error,
    },
    /// A quote that is never closed.
    #[error(
        "{path}:{line}: a quote opens here and is never closed, so the rest of the file would be one field; \
         close it or remove it"
    )]
    UnterminatedQuote {
        /// The input.
        path: String,
        /// The line of the opening quote.
        line: u64,
    },
    /// A record that is longer than any real one.
    #[error("{path}:{line}: this record is longer than {limit} MB{hint}")]
    RecordTooLong {
        /// The input.
        path: String,
        /// The line that it begins on.
        line: u64,
        /// The limit.
        limit: usize,
        /// What the cause may be.
        hint: &'static str,
    },
    /// A JSON document that ends inside a value.
    #[error("{path}:{line}: the document ends inside the value that begins here; the file is cut")]
    CutDocument {
        /// The input.
        path: String,
        /// The line of the value.
        line: u64,
    },
    /// A JSON document that goes on after its end, or is not one.
    #[error("{path}:{line}: not JSON: {message}")]
    NotJson {
        /// The input.
        path: String,
        /// The line.
        line: u64,
        /// What was found.
        message: &'static str,
    },
}

impl InputError {
    /// The same where `lines` lines come before those that it counts.
    #[must_use]
    pub fn after(mut self, lines: u64) -> Self {
        if let Self::UnterminatedQuote { line, .. }
        | Self::RecordTooLong { line, .. }
        | Self::CutDocument { line, .. }
        | Self::NotJson { line, .. } = &mut self
        {
            *line = line.saturating_add(lines);
        }
        self
    }
}
