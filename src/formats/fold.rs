//! A log whose lines say what they mean only together, as a stream of records that
//! stand for themselves: one line for each of its lines, so that line numbers hold.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use super::table::Fold;

/// The longest line, in bytes: as long as the longest JSON record.
const LONGEST: u64 = 256 * 1024 * 1024;

/// Reads a log line by line, and gives what its fold makes of each. Memory is that of
/// one line.
pub(super) struct Folded {
    lines: BufReader<Box<dyn Read + Send>>,
    fold: Box<dyn Fold>,
    /// A line, and how much of it has been read.
    text: Cursor<Vec<u8>>,
}

impl Folded {
    pub(super) fn new(stream: Box<dyn Read + Send>, fold: Box<dyn Fold>) -> Self {
        Self { lines: BufReader::new(stream), fold, text: Cursor::default() }
    }

    /// Makes the next line; false at the end.
    fn more(&mut self) -> io::Result<bool> {
        self.text.set_position(0);
        let text = self.text.get_mut();
        text.clear();
        let mut limited = self.lines.by_ref().take(LONGEST);
        if limited.read_until(b'\n', text)? == 0 {
            return Ok(false);
        }
        let line = std::str::from_utf8(text).unwrap_or_default();
        let record = Some(line.trim()).filter(|line| !line.is_empty());
        if let Some(record) = record.and_then(|line| self.fold.line(line)) {
            text.clear();
            text.extend_from_slice(record.as_bytes());
            text.push(b'\n');
        }
        Ok(true)
    }
}

impl Read for Folded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.text.read(buffer)?;
            if count > 0 || buffer.is_empty() || !self.more()? {
                return Ok(count);
            }
        }
    }
}
