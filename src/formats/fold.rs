//! A log whose lines say what they mean only together, as a stream of records that
//! stand for themselves: one line for each of its lines, so that line numbers hold.

use std::io::{self, BufRead, BufReader, Read};

use super::table::Fold;

/// The longest line, in bytes: as long as the longest JSON record.
const LONGEST: u64 = 256 * 1024 * 1024;

/// Reads a log line by line, and gives what its fold makes of each. Memory is that of
/// one line.
pub(super) struct Folded {
    lines: BufReader<Box<dyn Read + Send>>,
    fold: Box<dyn Fold>,
    text: Vec<u8>,
    /// What of the text has been read.
    read: usize,
}

impl Folded {
    pub(super) fn new(stream: Box<dyn Read + Send>, fold: Box<dyn Fold>) -> Self {
        Self { lines: BufReader::new(stream), fold, text: Vec::new(), read: 0 }
    }

    /// Makes the next line; false at the end.
    fn more(&mut self) -> io::Result<bool> {
        self.text.clear();
        self.read = 0;
        let mut limited = self.lines.by_ref().take(LONGEST);
        if limited.read_until(b'\n', &mut self.text)? == 0 {
            return Ok(false);
        }
        let line = std::str::from_utf8(&self.text).unwrap_or_default();
        let record = Some(line.trim()).filter(|line| !line.is_empty());
        if let Some(record) = record.and_then(|line| self.fold.line(line)) {
            self.text.clear();
            self.text.extend_from_slice(record.as_bytes());
            self.text.push(b'\n');
        }
        Ok(true)
    }
}

impl Read for Folded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read >= self.text.len() {
            if !self.more()? {
                return Ok(0);
            }
        }
        let rest = self.text.get(self.read..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(from), Some(into)) = (rest.get(..count), buffer.get_mut(..count)) {
            into.copy_from_slice(from);
        }
        self.read = self.read.saturating_add(count);
        Ok(count)
    }
}
