//! Priced rows as text: CSV and JSON Lines.

use std::borrow::Cow;

use super::{Cell, columns};
use crate::report::style::neutral;

/// Rows as comma-separated text.
pub(super) struct CsvRows {
    raw: bool,
    writer: csv::Writer<Vec<u8>>,
}

impl std::fmt::Debug for CsvRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CsvRows").field("raw", &self.raw).finish_non_exhaustive()
    }
}

impl CsvRows {
    pub(super) fn new(raw: bool) -> Self {
        Self { raw, writer: csv::Writer::from_writer(Vec::new()) }
    }

    pub(super) fn push(&mut self, cells: &[Cell<'_>]) {
        let raw = self.raw;
        // Writing to memory does not fail, and every row has the same cells.
        let _ = self.writer.write_record(cells.iter().map(|cell| text_of(cell, raw)));
    }

    /// What was written; nothing is left.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        let empty = csv::Writer::from_writer(Vec::new());
        std::mem::replace(&mut self.writer, empty).into_inner().unwrap_or_default()
    }
}

fn text_of<'c>(cell: &'c Cell<'_>, raw: bool) -> Cow<'c, [u8]> {
    match cell {
        Cell::Absent => b"".as_slice().into(),
        // Most counts of most rows.
        Cell::Count(0) => b"0".as_slice().into(),
        Cell::Text(text) => text.as_bytes().into(),
        Cell::Logged(text) if !raw => match neutral(text) {
            Cow::Borrowed(text) => text.as_bytes().into(),
            Cow::Owned(text) => text.into_bytes().into(),
        },
        Cell::Logged(text) => text.as_bytes().into(),
        Cell::Count(count) => count.to_string().into_bytes().into(),
        Cell::Time(at) => at.to_string().into_bytes().into(),
        Cell::Money(money) => money.exact().into_bytes().into(),
    }
}

/// Rows as one JSON object a line.
#[derive(Debug)]
pub(super) struct JsonRows {
    names: Vec<String>,
    text: Vec<u8>,
}

impl JsonRows {
    pub(super) fn new() -> Self {
        Self { names: columns().into_iter().map(|(name, _)| name).collect(), text: Vec::new() }
    }

    pub(super) fn push(&mut self, cells: &[Cell<'_>]) {
        for (at, (name, cell)) in self.names.iter().zip(cells).enumerate() {
            let before: &[u8] = if at == 0 { b"{\"" } else { b",\"" };
            self.text.extend_from_slice(before);
            self.text.extend_from_slice(name.as_bytes());
            self.text.extend_from_slice(b"\":");
            match cell {
                Cell::Absent => self.text.extend_from_slice(b"null"),
                Cell::Text(text) => push_string(&mut self.text, text),
                Cell::Logged(text) => push_string(&mut self.text, text),
                Cell::Count(count) => self.text.extend_from_slice(count.to_string().as_bytes()),
                Cell::Time(at) => push_string(&mut self.text, &at.to_string()),
                Cell::Money(money) => push_string(&mut self.text, &money.exact()),
            }
        }
        self.text.extend_from_slice(b"}\n");
    }

    /// What was written; nothing is left.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.text)
    }
}

fn push_string(into: &mut Vec<u8>, text: &str) {
    // Writing text to memory does not fail.
    let _ = serde_json::to_writer(into, text);
}
