//! Runs of whole records, and how records are delimited.

use std::ops::Range;

use super::lines::line_breaks;

/// How records are delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Delimited fields; a record ends at a newline outside quotes.
    Csv {
        /// The byte between fields.
        delimiter: u8,
    },
    /// One record a line.
    Lines,
    /// The values of a JSON document, on any number of lines.
    Elements,
}

/// Where a value stands in a chunk, and on which line of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Line of the first byte, from 1.
    pub line: u64,
}

/// A run of whole records.
#[derive(Debug, Clone, Default)]
pub struct Chunk {
    /// Position among the file's chunks, from 0.
    pub index: u64,
    /// Line of the first byte, from 1; where lines are not counted here, 1.
    pub first_line: u64,
    /// Where the records are.
    pub(super) buffer: Vec<u8>,
    pub(super) range: Range<usize>,
    /// For [`Framing::Csv`]: closing quotes that are followed by more text.
    pub malformed_quotes: Vec<usize>,
    /// For [`Framing::Elements`]: the values.
    pub elements: Vec<Span>,
}

impl Chunk {
    /// The records.
    pub fn bytes(&self) -> &[u8] {
        self.buffer.get(self.range.clone()).unwrap_or_default()
    }

    /// Its memory, for another chunk.
    pub fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }
}

/// The lines of values that stand in order in `bytes`.
pub(super) fn spans(bytes: &[u8], first_line: u64, values: &[(usize, usize)]) -> Vec<Span> {
    let mut line = first_line;
    let mut counted = 0;
    let mut spans = Vec::with_capacity(values.len());
    for (start, end) in values.iter().copied() {
        line = line.saturating_add(line_breaks(bytes.get(counted..start).unwrap_or_default()));
        counted = start;
        spans.push(Span { start, end, line });
    }
    spans
}
