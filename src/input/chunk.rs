//! Cuts a stream into numbered chunks of whole records.

use std::io::{ErrorKind, Read};
use std::ops::Range;

use memchr::memrchr;

use super::lines::line_breaks;

use super::InputError;
use super::elements::ElementScan;
use super::quotes::QuoteScan;
use super::reader::damaged_or_unread;
use super::records::{Chunk, Framing, spans};

/// A megabyte.
const MB: usize = 1024 * 1024;

/// The longest CSV record, in MB.
const LONGEST_CSV: usize = 16;

/// The longest JSON value, in MB: responses may carry images.
const LONGEST_JSON: usize = 256;

enum Scan {
    Csv(QuoteScan),
    Lines,
    Elements(ElementScan),
}

/// Where memory pages begin: reading to them from a multiple of them in a file
/// costs a third.
const PAGE: usize = 4096;

/// Reads a stream chunk by chunk. Memory is one chunk and one record.
pub struct Chunker {
    stream: Box<dyn Read + Send>,
    path: String,
    chunk_size: usize,
    scan: Scan,
    buffer: Vec<u8>,
    /// What of the buffer has been read and not yet taken.
    held: Range<usize>,
    /// What was read behind the chunk before.
    rest: Vec<u8>,
    /// Memory of chunks that are done with.
    spare: Vec<Vec<u8>>,
    /// Whether lines are counted here.
    counts_lines: bool,
    line: u64,
    next_index: u64,
    at_end: bool,
}

impl std::fmt::Debug for Chunker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chunker")
            .field("path", &self.path)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

impl Chunker {
    /// Cuts `stream` (named `path` in messages) into chunks of about
    /// `chunk_size` bytes; a longer record makes a longer chunk.
    pub fn new(
        stream: Box<dyn Read + Send>,
        path: &str,
        framing: Framing,
        chunk_size: usize,
    ) -> Self {
        let scan = match framing {
            Framing::Csv { delimiter } => Scan::Csv(QuoteScan::new(delimiter)),
            Framing::Lines => Scan::Lines,
            Framing::Elements => Scan::Elements(ElementScan::default()),
        };
        Self {
            stream,
            path: path.to_owned(),
            chunk_size: chunk_size.max(1),
            scan,
            buffer: Vec::new(),
            held: 0..0,
            rest: Vec::new(),
            spare: Vec::new(),
            counts_lines: false,
            line: 1,
            next_index: 0,
            at_end: false,
        }
    }

    /// Cuts a text that is there as a whole: one chunk.
    pub fn of_whole(text: Vec<u8>, path: &str, framing: Framing) -> Self {
        let mut chunker = Self::new(Box::new(std::io::empty()), path, framing, text.len());
        (chunker.held, chunker.buffer, chunker.at_end) = (0..text.len(), text, true);
        chunker
    }

    /// Counts lines, so that each chunk knows its first one. Without it, lines
    /// in chunks and errors are counted from the chunk on.
    #[must_use]
    pub fn counting_lines(mut self) -> Self {
        self.counts_lines = true;
        self
    }

    /// Its memory for the chunks of another stream.
    pub fn into_spare(self) -> Vec<Vec<u8>> {
        self.spare
    }

    /// Whether all has been read and taken.
    pub fn is_at_end(&self) -> bool {
        self.at_end && self.held.is_empty() && self.rest.is_empty()
    }

    /// Takes the memory of a chunk that is done with: the next chunk is read into it.
    pub fn recycle(&mut self, buffer: Vec<u8>) {
        self.spare.push(buffer);
    }

    /// What has been read and not yet taken.
    fn text(&self) -> &[u8] {
        self.buffer.get(self.held.clone()).unwrap_or_default()
    }

    /// The next chunk, `None` at the end. Fails where the stream does, and
    /// where the end leaves a quote or a value open.
    pub fn next_chunk(&mut self) -> Result<Option<Chunk>, InputError> {
        loop {
            if !self.at_end {
                self.fill()?;
            } else if !self.rest.is_empty() {
                self.place();
            }
            let cut = self.find_cut()?;
            if cut > 0 {
                return Ok(Some(self.take(cut)));
            }
            if self.at_end {
                return Ok(None);
            }
            self.check_length()?;
        }
    }

    /// Reads about one chunk more.
    fn fill(&mut self) -> Result<(), InputError> {
        if self.buffer.is_empty() {
            self.place();
        }
        let target = self.held.end.saturating_add(self.chunk_size);
        if self.buffer.len() < target {
            self.buffer.resize(target, 0);
        }
        while self.held.end < target {
            let room = self.buffer.get_mut(self.held.end..target).unwrap_or_default();
            match self.stream.read(room) {
                Ok(0) => {
                    self.at_end = true;
                    break;
                }
                Ok(read) => self.held.end = self.held.end.saturating_add(read),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(source) => return Err(damaged_or_unread(&self.path, source)),
            }
        }
        Ok(())
    }

    /// Begins a new buffer with what is left of the one before, so that what is
    /// read next begins at a page.
    fn place(&mut self) {
        let (mut buffer, rest) = (self.spare.pop().unwrap_or_default(), &mut self.rest);
        let size = rest.len().saturating_add(self.chunk_size).saturating_add(2 * PAGE);
        if buffer.len() < size {
            buffer.resize(size, 0);
        }
        let first = buffer.as_ptr().align_offset(PAGE).min(PAGE);
        let pages = rest.len().div_ceil(PAGE).saturating_mul(PAGE);
        let end = first.saturating_add(pages);
        let start = end.saturating_sub(rest.len());
        if let Some(room) = buffer.get_mut(start..end) {
            room.copy_from_slice(rest);
        }
        rest.clear();
        (self.buffer, self.held) = (buffer, start..end);
    }

    /// The number of bytes that hold whole records.
    fn find_cut(&mut self) -> Result<usize, InputError> {
        let text = self.buffer.get(self.held.clone()).unwrap_or_default();
        let whole = text.len();
        match &mut self.scan {
            Scan::Lines if self.at_end => Ok(whole),
            Scan::Lines => Ok(memrchr(b'\n', text).map_or(0, |at| at.saturating_add(1))),
            Scan::Csv(scan) => {
                scan.scan(text, self.at_end);
                let open = if self.at_end { scan.open(text) } else { None };
                match open {
                    Some(at) => {
                        let line = self.line_of(at);
                        Err(InputError::UnterminatedQuote { path: self.path.clone(), line })
                    }
                    _ if self.at_end => Ok(whole),
                    // The first chunk holds the header, after any blank lines.
                    _ if self.next_index == 0 && is_blank(text, scan.record_end()) => Ok(0),
                    _ => Ok(scan.record_end()),
                }
            }
            Scan::Elements(scan) => {
                scan.scan(text, self.at_end);
                let cut = if self.at_end { whole } else { scan.cut() };
                // What ends a line may have its second half still to come.
                let before = cut.checked_sub(1).filter(|at| text.get(*at) == Some(&b'\r'));
                let cut = before.filter(|_| !self.at_end).unwrap_or(cut);
                let (stray, unfinished) = (scan.stray(), scan.unfinished());
                self.check_document(stray, unfinished)?;
                Ok(cut)
            }
        }
    }

    fn check_document(
        &self,
        stray: Option<(usize, &'static str)>,
        unfinished: Option<usize>,
    ) -> Result<(), InputError> {
        let path = self.path.clone();
        if let Some((at, message)) = stray {
            return Err(InputError::NotJson { path, line: self.line_of(at), message });
        }
        match unfinished {
            Some(at) if self.at_end => {
                Err(InputError::CutDocument { path, line: self.line_of(at) })
            }
            _ => Ok(()),
        }
    }

    /// Removes the first `cut` bytes as a chunk.
    fn take(&mut self, cut: usize) -> Chunk {
        let end = self.held.start.saturating_add(cut);
        let range = self.held.start..end;
        let (buffer, held) = (std::mem::take(&mut self.buffer), std::mem::take(&mut self.held));
        self.rest.extend_from_slice(buffer.get(end..held.end).unwrap_or_default());
        let mut chunk = Chunk { index: self.next_index, first_line: self.line, ..Chunk::default() };
        (chunk.buffer, chunk.range) = (buffer, range);
        match &mut self.scan {
            Scan::Csv(scan) => chunk.malformed_quotes = scan.advance(cut),
            Scan::Elements(scan) => {
                chunk.elements = spans(chunk.bytes(), self.line, &scan.advance(cut));
            }
            Scan::Lines => {}
        }
        if self.counts_lines {
            self.line = self.line.saturating_add(line_breaks(chunk.bytes()));
        }
        self.next_index = self.next_index.saturating_add(1);
        chunk
    }

    fn check_length(&self) -> Result<(), InputError> {
        let (limit, hint) = match self.scan {
            Scan::Csv(_) => (LONGEST_CSV, "; is a quote missing?"),
            Scan::Lines | Scan::Elements(_) => (LONGEST_JSON, ""),
        };
        if self.held.len() <= limit.saturating_mul(MB) {
            return Ok(());
        }
        Err(InputError::RecordTooLong { path: self.path.clone(), line: self.line, limit, hint })
    }

    fn line_of(&self, at: usize) -> u64 {
        self.line.saturating_add(line_breaks(self.text().get(..at).unwrap_or_default()))
    }
}

fn is_blank(buffer: &[u8], end: usize) -> bool {
    buffer.get(..end).unwrap_or_default().trim_ascii().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(text: &str, framing: Framing, size: usize) -> Result<Vec<Chunk>, InputError> {
        let stream = Box::new(std::io::Cursor::new(text.as_bytes().to_vec()));
        let mut chunker = Chunker::new(stream, "t", framing, size).counting_lines();
        let mut all = Vec::new();
        while let Some(chunk) = chunker.next_chunk()? {
            all.push(chunk);
        }
        Ok(all)
    }

    #[test]
    fn csv_is_cut_only_between_records() {
        let text = "a,b\n1,\"x\ny\"\"\n\"\n2,5\" disk\n3,\"q\"\n4,z";
        let framing = Framing::Csv { delimiter: b',' };
        for size in 1..text.len() + 2 {
            let mut records = Vec::new();
            let mut joined: Vec<u8> = Vec::new();
            for chunk in chunks(text, framing, size).unwrap() {
                assert!(chunk.malformed_quotes.is_empty());
                let mut reader =
                    csv::ReaderBuilder::new().has_headers(false).from_reader(chunk.bytes());
                records.extend(
                    reader
                        .records()
                        .map(|r| r.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()),
                );
                joined.extend(chunk.bytes());
            }
            assert_eq!(joined, text.as_bytes(), "{size}");
            assert_eq!(records.len(), 5, "{size}");
            assert_eq!(records[1], ["1", "x\ny\"\n"], "{size}");
            assert_eq!(records[2], ["2", "5\" disk"], "{size}");
        }
    }

    #[test]
    fn the_header_is_in_the_first_chunk() {
        for size in 1..12 {
            let found =
                chunks("\n\r\n\na,b\n1,2\n", Framing::Csv { delimiter: b',' }, size).unwrap();
            assert!(found[0].bytes().ends_with(b"a,b\n") || found.len() == 1, "{size}");
        }
    }

    #[test]
    fn quotes_that_are_not_closed_or_closed_early_are_seen() {
        let framing = Framing::Csv { delimiter: b',' };
        for size in 1..40 {
            let error = chunks("a,b\n1,2\n3,\"x\n4,5\n", framing, size).unwrap_err();
            assert!(
                matches!(error, InputError::UnterminatedQuote { line: 3, .. }),
                "{size}: {error}"
            );
            let found = chunks("a\n\"x\"y\n\"z\"\n", framing, size).unwrap();
            let malformed: usize = found.iter().map(|chunk| chunk.malformed_quotes.len()).sum();
            assert_eq!(malformed, 1, "{size}");
        }
    }

    #[test]
    fn documents_fall_into_their_values() {
        for (text, expected) in [
            ("{\"a\":1}\n{\"b\":\"}\\\"\"}", vec![("{\"a\":1}", 1), ("{\"b\":\"}\\\"\"}", 2)]),
            ("[\n {\"a\":[1,2]},\n {\"b\":2}\n]\n", vec![("{\"a\":[1,2]}", 2), ("{\"b\":2}", 3)]),
            ("{\n\"a\": 1\n}\n", vec![("{\n\"a\": 1\n}", 1)]),
            ("[1, \"x\", null]", vec![("1", 1), ("\"x\"", 1), ("null", 1)]),
            ("[]", vec![]),
            ("7", vec![("7", 1)]),
        ] {
            for size in 1..text.len() + 2 {
                let mut values = Vec::new();
                for chunk in chunks(text, Framing::Elements, size).unwrap() {
                    for span in &chunk.elements {
                        let value =
                            std::str::from_utf8(&chunk.bytes()[span.start..span.end]).unwrap();
                        values.push((value.to_owned(), span.line));
                    }
                }
                let values: Vec<_> = values.iter().map(|(v, l)| (v.as_str(), *l)).collect();
                assert_eq!(values, expected, "{size}: {text}");
            }
        }
        for text in ["{\"a\":1", "[{\"a\":1}", "[1,2", "{\"a\":\"x}"] {
            let error = chunks(text, Framing::Elements, 3).unwrap_err();
            assert!(matches!(error, InputError::CutDocument { .. }), "{text}: {error}");
        }
        for text in ["[1] 2", "}", "[1]]"] {
            let error = chunks(text, Framing::Elements, 3).unwrap_err();
            assert!(matches!(error, InputError::NotJson { .. }), "{text}: {error}");
        }
    }
}
