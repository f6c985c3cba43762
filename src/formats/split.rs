//! Where fields and records of delimited text end: one pass over the bytes of a
//! chunk makes lists of positions, from which records fall out whole.
//!
//! Knows nothing of what fields mean. A record with quotes is taken apart by
//! the rules of the `csv` crate, which is the reference for this reader.
#![deny(clippy::arithmetic_side_effects)]

use memchr::memchr;

use super::marks::{BLOCK, Bits, Marks, Needles, Positions, index};

/// Where a chunk's text is split. Kept from chunk to chunk for its memory.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Positions of delimiters and newlines; at last, the end of the text.
    separators: Positions,
    /// For each newline, and for the end, its place among the separators.
    newlines: Vec<u32>,
    /// Positions of quotes.
    quotes: Positions,
    /// First bytes of blocks that are not all ASCII.
    high: Vec<u32>,
    /// Whether there are carriage returns.
    returns: bool,
    /// The fields of a record with quotes.
    fields: Vec<Field>,
}

/// A field of a record with quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Field {
    /// First byte of its text, after an opening quote.
    start: usize,
    /// One past the last byte of its text.
    end: usize,
    /// Whether it has doubled quotes.
    escaped: bool,
}

impl Index {
    /// Indexes a chunk's text. `false` where it is not for this reader: it is
    /// over 4 GB, or has a carriage return that no newline follows.
    pub(super) fn build(&mut self, bytes: &[u8], delimiter: u8) -> bool {
        (self.separators.known, self.quotes.known) = (0, 0);
        self.newlines.clear();
        self.high.clear();
        self.returns = false;
        if u32::try_from(bytes.len()).is_err() {
            return false;
        }
        let needles = Needles::new(delimiter);
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        let mut base: u32 = 0;
        for block in blocks {
            self.add(base, &needles.marks(block));
            base = base.saturating_add(64);
        }
        let mut last = [0; BLOCK];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        self.add(base, &needles.marks(&last));
        self.end(bytes);
        !self.returns || lone_return(bytes).is_none()
    }

    /// Adds the marks of the block that begins at `base`.
    #[inline]
    fn add(&mut self, base: u32, marks: &Marks) {
        let mut newlines = marks.newlines;
        let separators = marks.delimiters | newlines;
        let known = u32::try_from(self.separators.known).unwrap_or(u32::MAX);
        while newlines != 0 {
            let before = separators & newlines.trailing_zeros_mask();
            self.newlines.push(known.saturating_add(before.count_ones()));
            newlines = newlines.without_lowest();
        }
        self.separators.add(base, separators);
        if marks.quotes != 0 {
            self.quotes.add(base, marks.quotes);
        }
        if marks.high {
            self.high.push(base);
        }
        self.returns |= marks.returns;
    }

    /// The end of the text ends its last record, where no newline does.
    fn end(&mut self, bytes: &[u8]) {
        if bytes.last().is_some_and(|last| *last != b'\n') {
            self.newlines.push(u32::try_from(self.separators.known).unwrap_or(u32::MAX));
            self.separators.push(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        }
    }
}

/// A carriage return that no newline follows.
fn lone_return(bytes: &[u8]) -> Option<usize> {
    let lone = |at: &usize| bytes.get(at.saturating_add(1)) != Some(&b'\n');
    memchr::memchr_iter(b'\r', bytes).find(lone)
}

/// Goes through the records of an indexed chunk.
#[derive(Debug)]
pub(super) struct Records<'c, 'i> {
    bytes: &'c [u8],
    delimiter: u8,
    index: &'i mut Index,
    /// Where the next record begins.
    position: usize,
    /// Its first separator.
    separator: usize,
    /// Newlines passed.
    newline: usize,
    /// Quotes passed.
    quote: usize,
    /// Blocks that are not all ASCII, passed.
    high: usize,
    /// The record that was gone to last.
    current: Current,
}

/// Where a record is.
#[derive(Debug, Clone, Copy, Default)]
struct Current {
    start: usize,
    end: usize,
    /// Newlines before it.
    lines: usize,
    /// Its first and its last separator.
    separators: (usize, usize),
    quoted: bool,
    high: bool,
}

/// A record of a chunk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'c, 'i> {
    bytes: &'c [u8],
    /// First byte.
    pub(super) start: usize,
    /// One past the last byte, its line break left out.
    pub(super) end: usize,
    /// Newlines before it in the chunk.
    pub(super) lines: u64,
    /// Whether a byte near it is not ASCII.
    pub(super) high: bool,
    ends: Ends<'i>,
}

#[derive(Debug, Clone, Copy)]
enum Ends<'i> {
    /// Without quotes: where each field ends.
    Plain(&'i [u32]),
    /// With quotes.
    Quoted(&'i [Field]),
}

impl<'c> Record<'c, '_> {
    /// How many fields it has.
    pub(super) fn len(&self) -> usize {
        match self.ends {
            Ends::Plain(ends) => ends.len(),
            Ends::Quoted(fields) => fields.len(),
        }
    }

    /// The text of a field as it stands; `None` where it has doubled quotes.
    #[inline]
    pub(super) fn field(&self, at: usize) -> Option<&'c [u8]> {
        match self.ends {
            Ends::Plain(ends) => {
                let start = match at.checked_sub(1) {
                    None => self.start,
                    Some(before) => index(*ends.get(before)?).saturating_add(1),
                };
                self.bytes.get(start..index(*ends.get(at)?).min(self.end))
            }
            Ends::Quoted(fields) => {
                let field = fields.get(at).filter(|field| !field.escaped)?;
                self.bytes.get(field.start..field.end.min(self.end).max(field.start))
            }
        }
    }
}

impl<'c, 'i> Records<'c, 'i> {
    /// The records of the text that was indexed.
    pub(super) fn new(bytes: &'c [u8], delimiter: u8, index: &'i mut Index) -> Self {
        let (position, separator, newline, quote, high) = (0, 0, 0, 0, 0);
        let current = Current::default();
        Self { bytes, delimiter, index, position, separator, newline, quote, high, current }
    }

    /// Newlines of the whole text.
    pub(super) fn newlines(&self) -> u64 {
        let unended = self.bytes.last().is_some_and(|last| *last != b'\n');
        let all = self.index.newlines.len().saturating_sub(usize::from(unended));
        u64::try_from(all).unwrap_or(u64::MAX)
    }

    /// Goes to the next record that is not an empty line; `false` where there is none.
    pub(super) fn go_on(&mut self) -> bool {
        loop {
            let lines = self.newline;
            let Some(place) = self.index.newlines.get(lines) else { return false };
            let mut last = index(*place);
            let Some(end) = self.index.separators.get(last) else { return false };
            let mut end = index(end);
            let start = self.position;
            let quoted = self.index.quotes.get(self.quote).is_some_and(|at| index(at) < end);
            if quoted {
                end = self.take_quoted(start);
                last = self.pass(end);
            }
            let separators = (self.separator, last);
            self.newline = self.newline.saturating_add(1);
            self.separator = last.saturating_add(1);
            self.position = end.saturating_add(1);
            let end = self.text_end(start, end);
            if end > start {
                let high = self.has_high(start, end);
                self.current = Current { start, end, lines, separators, quoted, high };
                return true;
            }
        }
    }

    /// The record that was gone to last.
    #[inline]
    pub(super) fn record(&self) -> Record<'c, '_> {
        let Current { start, end, lines, separators: (first, last), quoted, high } = self.current;
        let ends = if quoted {
            Ends::Quoted(&self.index.fields)
        } else {
            Ends::Plain(self.index.separators.as_slice().get(first..=last).unwrap_or_default())
        };
        let lines = u64::try_from(lines).unwrap_or(u64::MAX);
        Record { bytes: self.bytes, start, end, lines, high, ends }
    }

    /// Where a record's text ends: before its `\r\n`.
    fn text_end(&self, start: usize, end: usize) -> usize {
        let before = end.checked_sub(1).filter(|at| self.index.returns && *at >= start);
        match before {
            Some(at) if self.bytes.get(at) == Some(&b'\r') => at,
            _ => end,
        }
    }

    /// Whether a block that a record has a part of is not all ASCII.
    fn has_high(&mut self, start: usize, end: usize) -> bool {
        while let Some(block) = self.index.high.get(self.high).map(|at| index(*at)) {
            if block.saturating_add(BLOCK) > start {
                return block < end;
            }
            self.high = self.high.saturating_add(1);
        }
        false
    }

    /// Passes all quotes and newlines before the newline at `end`; gives the
    /// place of that one among the separators.
    fn pass(&mut self, end: usize) -> usize {
        let lists = &self.index;
        while lists.quotes.get(self.quote).is_some_and(|at| index(at) < end) {
            self.quote = self.quote.saturating_add(1);
        }
        loop {
            let Some(place) = lists.newlines.get(self.newline) else { return usize::MAX };
            if lists.separators.get(index(*place)).is_none_or(|at| index(at) >= end) {
                return index(*place);
            }
            self.newline = self.newline.saturating_add(1);
        }
    }

    /// Takes a record with quotes apart; gives where it ends: at a newline
    /// outside quotes, or at the end of the text.
    fn take_quoted(&mut self, start: usize) -> usize {
        self.index.fields.clear();
        let mut at = start;
        loop {
            let quoted = self.bytes.get(at) == Some(&b'"');
            let field = if quoted { quoted_field(self.bytes, at) } else { self.bare_field(at) };
            self.index.fields.push(field);
            let after = field.end.saturating_add(usize::from(quoted));
            match self.bytes.get(after) {
                Some(byte) if *byte == self.delimiter => at = after.saturating_add(1),
                Some(b'\r') => return after.saturating_add(1),
                _ => return after.min(self.bytes.len()),
            }
        }
    }

    /// A field without quotes around it ends at a delimiter or a newline.
    fn bare_field(&self, start: usize) -> Field {
        let rest = self.bytes.get(start..).unwrap_or_default();
        let end = memchr::memchr2(self.delimiter, b'\n', rest);
        let end = end.map_or(self.bytes.len(), |found| start.saturating_add(found));
        Field { start, end, escaped: false }
    }
}

/// The field whose opening quote is at `open`.
fn quoted_field(bytes: &[u8], open: usize) -> Field {
    let start = open.saturating_add(1);
    let (mut from, mut escaped) = (start, false);
    loop {
        let rest = bytes.get(from..).unwrap_or_default();
        let Some(found) = memchr(b'"', rest) else {
            return Field { start, end: bytes.len(), escaped };
        };
        let quote = from.saturating_add(found);
        if bytes.get(quote.saturating_add(1)) != Some(&b'"') {
            return Field { start, end: quote, escaped };
        }
        escaped = true;
        from = quote.saturating_add(2);
    }
}
