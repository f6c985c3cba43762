//! Fields as they stand in a record, for the quick readers: nothing is copied,
//! nothing is parsed. Whatever is not plain is read by the other way.

use std::ops::Range;

use super::canonical::Reading;
use super::columns::{Run, Texts};
use super::side_by_side::SideBySide;
use super::value::Value;
use super::zeros::Zeros;

/// A field as it stands in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Plain<'r> {
    /// No such field, an empty one, or `null`.
    #[default]
    Absent,
    /// Text without escapes or quotes, without spaces around it; valid UTF-8.
    Text(&'r [u8]),
    /// A JSON number, as written.
    Number(&'r [u8]),
}

/// Gives the fields of a plain record, each with its number among those of the
/// format.
pub(super) type Again<'r> = dyn Fn(&mut dyn FnMut(usize, Plain<'_>)) + 'r;

/// Takes the records of a chunk, in order, each by one of two ways.
pub(super) trait PlainSink {
    /// Begins records that are read together.
    fn begin_records(&mut self, records: usize);

    /// Takes a column of theirs, by the number of its reader.
    fn column(&mut self, reader: usize, column: u32, texts: &Texts<'_>);

    /// Takes columns of theirs side by side whose counts are zero in most of them.
    fn zeros(&mut self, zeros: &Zeros, delimiter: u8, texts: &Texts<'_>);

    /// Takes columns of theirs side by side that have names, or labels.
    fn side_by_side(&mut self, all: &mut SideBySide, texts: &Texts<'_>);

    /// Whether the count of a reader was zero in most of the last ones.
    fn is_mostly_zero(&self, reader: usize) -> bool;

    /// Notes which of them have a JSON number in the column of a reader.
    fn numbers(&mut self, reader: usize, records: &mut dyn Iterator<Item = usize>);

    /// The lines on which they begin, to be told where they are wanted.
    fn lines(&mut self) -> Option<&mut Vec<u64>>;

    /// Ends their columns; says whether all of them were taken together.
    fn end_records(&mut self, runs: &[Run]) -> bool;

    /// The first of some of them that was not taken with the others.
    fn next_left(&self, among: Range<usize>) -> Option<usize>;

    /// Ends one of them that was not; `again` gives its fields again. `false` where it is to
    /// be read by the other way.
    fn end_record(&mut self, at: usize, again: &Again<'_>) -> bool;

    /// Takes the values of a record that begins on a line, or what it is
    /// without any.
    fn record(&mut self, line: u64, record: Result<&[Value<'_>], Reading<'_>>);
}

/// Records of a chunk that are not of the usual kind, before it is asked whether
/// most are not.
const FEW: u32 = 64;

/// How many records of a chunk were read in each way.
#[derive(Debug, Default)]
pub(super) struct Ways {
    quick: u32,
    other: u32,
}

impl Ways {
    /// Counts records of the usual kind.
    pub(super) fn quick(&mut self, records: usize) {
        let records = u32::try_from(records).unwrap_or(u32::MAX);
        self.quick = self.quick.saturating_add(records);
    }

    /// Counts a record to be read by the other way. `true` where most are, so that the
    /// rest of the chunk had better be read so too.
    #[must_use]
    pub(super) fn other(&mut self) -> bool {
        self.other = self.other.saturating_add(1);
        self.other > FEW && self.quick < self.other
    }
}

impl<'r> Plain<'r> {
    /// From text without escapes or quotes: without the spaces and tabs around it.
    #[inline]
    pub(super) fn of_text(text: &'r [u8]) -> Self {
        match (text.first(), text.last()) {
            (Some(first), Some(last)) if *first > b' ' && *last > b' ' => Self::Text(text),
            (None, _) | (_, None) => Self::Absent,
            _ => Self::trimmed(text),
        }
    }

    /// The same text as a JSON number.
    pub(super) const fn as_number(self) -> Self {
        match self {
            Self::Text(text) => Self::Number(text),
            Self::Absent | Self::Number(_) => self,
        }
    }

    #[cold]
    fn trimmed(text: &'r [u8]) -> Self {
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
        let mut text = text;
        while let Some((_, rest)) = text.split_first().filter(|(first, _)| blank(first)) {
            text = rest;
        }
        while let Some((_, rest)) = text.split_last().filter(|(last, _)| blank(last)) {
            text = rest;
        }
        if text.is_empty() { Self::Absent } else { Self::Text(text) }
    }
}
