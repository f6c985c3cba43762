//! Where CSV records end, wherever quotes stand.
//!
//! Follows the quoting of RFC 4180 as the `csv` crate reads it: a quote opens a
//! quoted field only at the field's first byte; elsewhere it is a character.

use memchr::{memchr, memrchr};

/// The state of a scan over a buffer that begins at a record.
#[derive(Debug, Clone)]
pub(super) struct CarefulScan {
    delimiter: u8,
    /// Everything before it has been scanned.
    position: usize,
    /// Where the text outside quotes that is being scanned begins.
    outside_from: usize,
    /// Where the open quote stands.
    open: Option<usize>,
    /// The end of the last whole record.
    record_end: usize,
    /// Closing quotes that are followed by more text.
    malformed: Vec<usize>,
}

impl CarefulScan {
    pub(super) const fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            position: 0,
            outside_from: 0,
            open: None,
            record_end: 0,
            malformed: Vec::new(),
        }
    }

    /// Scans what is new in the buffer. `at_end` says that no more will come.
    pub(super) fn scan(&mut self, buffer: &[u8], at_end: bool) {
        while let Some(rest) = buffer.get(self.position..) {
            let Some(found) = memchr(b'"', rest) else {
                self.position = buffer.len();
                break;
            };
            let quote = self.position.saturating_add(found);
            let next = buffer.get(quote.saturating_add(1)).copied();
            if self.open.is_some() {
                if next.is_none() && !at_end {
                    self.position = quote;
                    return;
                }
                self.inside(quote, next);
            } else {
                self.outside(buffer, quote);
            }
        }
        if self.open.is_none() {
            self.note_newline(buffer, buffer.len());
        }
    }

    /// A quote within quotes: escaped, or the closing one.
    fn inside(&mut self, quote: usize, next: Option<u8>) {
        if next == Some(b'"') {
            self.position = quote.saturating_add(2);
            return;
        }
        let ends_field = next.is_none_or(|b| b == self.delimiter || b == b'\n' || b == b'\r');
        if !ends_field {
            self.malformed.push(quote);
        }
        self.open = None;
        self.outside_from = quote.saturating_add(1);
        self.position = self.outside_from;
    }

    /// A quote outside quotes: opens a field at its first byte only.
    fn outside(&mut self, buffer: &[u8], quote: usize) {
        let before = quote.checked_sub(1).and_then(|at| buffer.get(at)).copied();
        let opens = before.is_none_or(|b| b == self.delimiter || b == b'\n' || b == b'\r');
        self.note_newline(buffer, quote);
        if opens {
            self.open = Some(quote);
        }
        self.position = quote.saturating_add(1);
    }

    fn note_newline(&mut self, buffer: &[u8], end: usize) {
        let newline = buffer.get(self.outside_from..end).and_then(|text| memrchr(b'\n', text));
        if let Some(newline) = newline {
            self.record_end = self.outside_from.saturating_add(newline).saturating_add(1);
        }
        self.outside_from = end;
    }

    /// The end of the last whole record, 0 when there is none.
    pub(super) const fn record_end(&self) -> usize {
        self.record_end
    }

    /// Where a quote is open.
    pub(super) const fn open(&self) -> Option<usize> {
        self.open
    }

    /// Closing quotes before `end` that are followed by more text.
    pub(super) fn malformed_before(&self, end: usize) -> Vec<usize> {
        self.malformed.iter().copied().filter(|at| *at < end).collect()
    }
}
