//! Fields as they stand in a record, for the quick readers: nothing is copied,
//! nothing is parsed. Whatever is not plain is read by the other way.

use super::canonical::Reading;
use super::value::Value;

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

/// Takes the records of a chunk, in order, each by one of two ways.
pub(super) trait PlainSink {
    /// Takes a plain record: its fields in the order of the format's. `false`
    /// where it has something that is to be read by the other way.
    fn plain(&mut self, fields: &[Plain<'_>]) -> bool;

    /// Takes the values of a record that begins on a line, or what it is
    /// without any.
    fn record(&mut self, line: u64, record: Result<&[Value<'_>], Reading<'_>>);
}
