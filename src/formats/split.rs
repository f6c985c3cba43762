//! Where fields and records of delimited text end: one pass over the bytes of a
//! chunk makes lists of positions, from which records fall out whole.
//!
//! Knows nothing of what fields mean. A record with quotes is taken apart by
//! the rules of the `csv` crate, which is the reference for this reader.
#![deny(clippy::arithmetic_side_effects)]

use memchr::memchr;

use super::columns::Record;
use super::marks::{BLOCK, Bits, Marks, Needles, Positions, index, position};

/// Where a chunk's text is split. Kept from chunk to chunk for its memory.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Positions of delimiters and newlines: behind one before the text, and at last
    /// the end of the text. After them, those of the fields of records with quotes.
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

/// A field of a record that was taken apart.
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
        self.separators.clear();
        self.quotes.clear();
        self.newlines.clear();
        self.high.clear();
        self.returns = false;
        if u32::try_from(bytes.len()).is_err() {
            return false;
        }
        self.separators.push(u32::MAX);
        let needles = Needles::new(delimiter);
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        let mut base: u32 = 0;
        for block in blocks {
            self.add(base, &needles.marks(block));
            base = base.wrapping_add(64);
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
        let known = position(self.separators.known());
        while newlines != 0 {
            let before = separators & newlines.trailing_zeros_mask();
            self.newlines.push(known.wrapping_add(before.count_ones()));
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
            self.newlines.push(position(self.separators.known()));
            self.separators.push(position(bytes.len()));
        }
    }

    /// The positions that records refer to.
    pub(super) fn positions(&self) -> &[u32] {
        self.separators.all()
    }
}

/// A carriage return that no newline follows.
fn lone_return(bytes: &[u8]) -> Option<usize> {
    let lone = |at: &usize| bytes.get(at.saturating_add(1)) != Some(&b'\n');
    memchr::memchr_iter(b'\r', bytes).find(lone)
}

/// What records have to have.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// Their number of fields.
    pub(super) fields: usize,
    /// The fields that are read.
    pub(super) wanted: Vec<usize>,
    /// Those that have to be ASCII.
    pub(super) ascii: Vec<usize>,
}

impl Shape {
    /// Whether the last field is read, which a carriage return may follow.
    fn wants_last(&self) -> bool {
        self.wanted.iter().any(|at| at.saturating_add(1) == self.fields)
    }
}

/// Goes through the records of an indexed chunk.
#[derive(Debug)]
pub(super) struct Records<'c, 's> {
    bytes: &'c [u8],
    delimiter: u8,
    shape: &'s Shape,
    /// The place of the separator before the next record.
    separator: u32,
    /// Newlines passed.
    newline: usize,
    /// Quotes passed.
    quote: usize,
    /// Blocks that are not all ASCII, passed.
    high: usize,
}

impl<'c, 's> Records<'c, 's> {
    /// The records of the text that was indexed.
    pub(super) fn new(bytes: &'c [u8], delimiter: u8, shape: &'s Shape) -> Self {
        Self { bytes, delimiter, shape, separator: 0, newline: 0, quote: 0, high: 0 }
    }

    /// Newlines of the whole text.
    pub(super) fn newlines(&self, lists: &Index) -> u64 {
        let unended = self.bytes.last().is_some_and(|last| *last != b'\n');
        let all = lists.newlines.len().saturating_sub(usize::from(unended));
        u64::try_from(all).unwrap_or(u64::MAX)
    }

    /// Adds the next records to a list until it has some; `false` where there are no
    /// more. Empty lines are none.
    pub(super) fn gather(&mut self, lists: &mut Index, many: usize, to: &mut Vec<Record>) -> bool {
        let fields = u32::try_from(self.shape.fields).unwrap_or(u32::MAX);
        let wants_return = lists.returns && self.shape.wants_last();
        while to.len() < many {
            let separators = lists.separators.as_slice();
            // Up to here records are of the simplest kind.
            let quote = lists.quotes.get(self.quote).unwrap_or(u32::MAX);
            let high = lists.high.get(self.high).copied().unwrap_or(u32::MAX);
            let simple = if wants_return { 0 } else { quote.min(high) };
            let before = lists.separators.get(index(self.separator)).unwrap_or(u32::MAX);
            let (mut start, mut first) = (before.wrapping_add(1), self.separator);
            let mut lines = position(self.newline);
            let newlines = lists.newlines.get(self.newline..).unwrap_or_default();
            for last in newlines.iter().copied().take(many.saturating_sub(to.len())) {
                let end = separators.get(index(last)).copied().unwrap_or(u32::MAX);
                if end >= simple || last.wrapping_sub(first) != fields {
                    break;
                }
                let text_end = position(self.text_end(lists, index(start), index(end)));
                // A line of one field may be an empty one.
                if start < text_end {
                    let (end, apart, is_plain) = (text_end, 0, true);
                    to.push(Record { start, end, lines, first, apart, is_plain });
                }
                (start, first, lines) = (end.wrapping_add(1), last, lines.wrapping_add(1));
            }
            (self.separator, self.newline) = (first, index(lines));
            if to.len() < many && !self.take(lists, to) {
                return false;
            }
        }
        true
    }

    /// Adds the next record of any kind; `false` where there is none.
    fn take(&mut self, lists: &mut Index, to: &mut Vec<Record>) -> bool {
        let lines = self.newline;
        let Some(place) = lists.newlines.get(lines).copied() else { return false };
        let before = lists.separators.get(index(self.separator)).unwrap_or(u32::MAX);
        let Some(end) = lists.separators.get(index(place)) else { return false };
        let (mut last, mut end) = (place, index(end));
        let start = index(before.wrapping_add(1));
        lists.fields.clear();
        if lists.quotes.get(self.quote).is_some_and(|at| index(at) < end) {
            if let Some(found) = self.take_usual(lists, start) {
                (end, last) = found;
            } else {
                lists.fields.clear();
                end = self.take_quoted(lists, start);
                last = self.pass(lists, end);
            }
        } else {
            self.take_bare(lists, last);
        }
        self.newline = self.newline.saturating_add(1);
        self.separator = last;
        let end = self.text_end(lists, start, end);
        if end > start {
            to.push(self.record(lists, (start, end), lines));
        }
        true
    }

    /// The record whose fields were taken last.
    fn record(&mut self, lists: &mut Index, (start, end): (usize, usize), lines: usize) -> Record {
        let text = |at: &usize| {
            let field = lists.fields.get(*at)?;
            self.bytes.get(field.start..field.end.min(end))
        };
        let whole = lists.fields.len() == self.shape.fields;
        let escaped = |at: &usize| lists.fields.get(*at).is_none_or(|field| field.escaped);
        let mut is_plain = whole && !self.shape.wanted.iter().any(escaped);
        if is_plain && self.has_high(lists, start, end) {
            // What is escaped is not looked at, and is read by the other way.
            let all_ascii = |at: &usize| !escaped(at) && text(at).is_some_and(<[u8]>::is_ascii);
            is_plain = self.shape.ascii.iter().all(all_ascii);
        }
        let first = position(lists.separators.all().len());
        for field in &lists.fields {
            lists.separators.push_behind(position(field.start).wrapping_sub(1));
            lists.separators.push_behind(position(field.end.min(end).max(field.start)));
        }
        let (start, end, lines) = (position(start), position(end), position(lines));
        Record { start, end, lines, first, apart: u32::MAX, is_plain }
    }

    /// Where a record's text ends: before its `\r\n`.
    fn text_end(&self, lists: &Index, start: usize, end: usize) -> usize {
        let before = end.checked_sub(1).filter(|at| lists.returns && *at >= start);
        match before {
            Some(at) if self.bytes.get(at) == Some(&b'\r') => at,
            _ => end,
        }
    }

    /// Whether a block that a record has a part of is not all ASCII.
    fn has_high(&mut self, lists: &Index, start: usize, end: usize) -> bool {
        while let Some(block) = lists.high.get(self.high).map(|at| index(*at)) {
            if block.saturating_add(BLOCK) > start {
                return block < end;
            }
            self.high = self.high.saturating_add(1);
        }
        false
    }

    /// Passes all quotes and newlines before the newline at `end`; gives the
    /// place of that one among the separators.
    fn pass(&mut self, lists: &Index, end: usize) -> u32 {
        while lists.quotes.get(self.quote).is_some_and(|at| index(at) < end) {
            self.quote = self.quote.saturating_add(1);
        }
        loop {
            let Some(place) = lists.newlines.get(self.newline) else { return u32::MAX };
            if lists.separators.get(index(*place)).is_none_or(|at| index(at) >= end) {
                return *place;
            }
            self.newline = self.newline.saturating_add(1);
        }
    }

    /// Takes the fields of a record without quotes, up to its last separator.
    fn take_bare(&self, lists: &mut Index, last: u32) {
        let ends = lists.separators.as_slice().get(index(self.separator)..=index(last));
        for pair in ends.unwrap_or_default().windows(2) {
            if let [before, end] = *pair {
                let (start, end) = (index(before.wrapping_add(1)), index(end));
                lists.fields.push(Field { start, end, escaped: false });
            }
        }
    }

    /// Takes a record apart whose quotes all stand around whole fields without quotes;
    /// gives its end and the place of that among the separators. `None`, and anything
    /// taken, where they do not, and with carriage returns.
    fn take_usual(&mut self, lists: &mut Index, start: usize) -> Option<(usize, u32)> {
        let Index { separators, quotes, fields, newlines, returns, .. } = lists;
        let separators = separators.as_slice();
        let (mut place, mut at) = (index(self.separator), start);
        let (mut quote, mut newline) = (self.quote, self.newline);
        loop {
            place = place.saturating_add(1);
            let mut end = index(*separators.get(place)?);
            let mut field = Field { start: at, end, escaped: false };
            if let Some(open) = quotes.get(quote).map(index).filter(|open| *open < end) {
                let close = index(quotes.get(quote.saturating_add(1))?);
                while end < close {
                    place = place.saturating_add(1);
                    end = index(*separators.get(place)?);
                }
                if open != at || close.saturating_add(1) != end {
                    return None;
                }
                field = Field { start: open.saturating_add(1), end: close, escaped: false };
                quote = quote.saturating_add(2);
            }
            fields.push(field);
            while newlines.get(newline).is_some_and(|at| index(*at) < place) {
                newline = newline.saturating_add(1);
            }
            if newlines.get(newline).is_some_and(|at| index(*at) == place) {
                (self.quote, self.newline) = (quote, newline);
                return (!*returns).then_some((end, position(place)));
            }
            at = end.saturating_add(1);
        }
    }

    /// Takes a record with quotes apart; gives where it ends: at a newline
    /// outside quotes, or at the end of the text.
    fn take_quoted(&self, lists: &mut Index, start: usize) -> usize {
        let mut at = start;
        loop {
            let quoted = self.bytes.get(at) == Some(&b'"');
            let field = if quoted { quoted_field(self.bytes, at) } else { self.bare_field(at) };
            lists.fields.push(field);
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
