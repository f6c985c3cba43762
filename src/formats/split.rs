//! Records of delimited text, from the places where it is split.
//!
//! Knows nothing of what fields mean. A record whose quotes are not where they ought to
//! be is taken apart by the rules of the `csv` crate, which is the reference for this
//! reader.
#![deny(clippy::arithmetic_side_effects)]

use memchr::memchr;

use super::columns::Record;
use super::index::Index;
use super::marks::{BLOCK, index, position};

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

    /// The number of fields up to the last one that is read or has to be ASCII.
    fn looked_at(&self) -> usize {
        let last = self.wanted.iter().chain(&self.ascii).max();
        last.map_or(0, |last| last.saturating_add(1))
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
    /// Newlines within quotes, passed.
    hidden: usize,
    /// Quotes passed.
    quote: usize,
    /// Blocks that are not all ASCII, passed.
    high: usize,
    /// The fields of a record that was taken apart.
    fields: Vec<Field>,
}

/// A record as it is found: its bytes, and the place of its last separator.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
    last: u32,
}

impl<'c, 's> Records<'c, 's> {
    /// The records of the text that was indexed.
    pub(super) fn new(bytes: &'c [u8], delimiter: u8, shape: &'s Shape) -> Self {
        let (separator, newline, hidden, quote, high) = (0, 0, 0, 0, 0);
        let fields = Vec::new();
        Self { bytes, delimiter, shape, separator, newline, hidden, quote, high, fields }
    }

    /// Newlines of the whole text.
    pub(super) fn newlines(&self, lists: &Index) -> u64 {
        let unended = self.bytes.last().is_some_and(|last| *last != b'\n');
        let all = lists.newlines.known().saturating_add(lists.hidden.known());
        u64::try_from(all.saturating_sub(usize::from(unended))).unwrap_or(u64::MAX)
    }

    /// Where the next record begins, and how many newlines come before it.
    pub(super) fn rest(&self, lists: &Index) -> (usize, u64) {
        let before = lists.separators.get(index(self.separator));
        let start = before.map_or(self.bytes.len(), |before| index(before.wrapping_add(1)));
        let lines = self.newline.saturating_add(self.hidden);
        (start, u64::try_from(lines).unwrap_or(u64::MAX))
    }

    /// Adds the next records to a list until it has some; `false` where there are no
    /// more. Empty lines are none.
    pub(super) fn gather(&mut self, lists: &mut Index, many: usize, to: &mut Vec<Record>) -> bool {
        while to.len() < many {
            self.gather_simple(lists, many, to);
            if to.len() < many && !self.take(lists, to) {
                return false;
            }
        }
        true
    }

    /// Adds records as long as they are of the simplest kind: all fields, no quotes, all
    /// ASCII.
    fn gather_simple(&mut self, lists: &Index, many: usize, to: &mut Vec<Record>) {
        let quote = lists.quotes.get(self.quote).unwrap_or(u32::MAX);
        let high = lists.high.get(self.high).copied().unwrap_or(u32::MAX);
        let wants_return = lists.returns && self.shape.wants_last();
        let limit = if wants_return { 0 } else { quote.min(high) };
        let newlines = lists.newlines.as_slice().get(self.newline..).unwrap_or_default();
        let newlines = newlines.get(..many.saturating_sub(to.len())).unwrap_or(newlines);
        let simple = self.simple(lists, newlines, limit);
        let end = |last: u32| lists.separators.get(index(last)).unwrap_or(u32::MAX);
        let (mut start, mut first) = (end(self.separator).wrapping_add(1), self.separator);
        let lines = position(self.newline).wrapping_add(position(self.hidden));
        let spans = simple.iter().zip(lines..).map(|(last, lines)| {
            let own = Record { start, end: end(*last), lines, first, apart: 0, is_plain: true };
            (start, first) = (own.end.wrapping_add(1), *last);
            own
        });
        if lists.returns || self.shape.fields < 2 {
            let own =
                |one: Record| self.as_split(lists, (one.start, one.end), (one.first, one.lines));
            to.extend(spans.filter_map(own));
        } else {
            to.extend(spans);
        }
        self.separator = simple.last().copied().unwrap_or(self.separator);
        self.newline = self.newline.saturating_add(simple.len());
    }

    /// Of the newlines that end the next records those of the first ones that have all fields
    /// and end before a limit.
    fn simple<'n>(&self, lists: &Index, newlines: &'n [u32], limit: u32) -> &'n [u32] {
        let fields = position(self.shape.fields);
        let mut place = self.separator;
        let is_simple = |last: &&u32| {
            place = place.wrapping_add(fields);
            let end = lists.separators.get(index(**last));
            **last == place && end.is_some_and(|end| end < limit)
        };
        newlines.get(..newlines.iter().take_while(is_simple).count()).unwrap_or_default()
    }

    /// A record whose fields stand between its separators as they are; none for a line of one
    /// field that is an empty one.
    #[inline]
    fn as_split(
        &self,
        lists: &Index,
        (start, end): (u32, u32),
        (first, lines): (u32, u32),
    ) -> Option<Record> {
        let end = self.text_end(lists, start, end);
        let one = Record { start, end, lines, first, apart: 0, is_plain: true };
        (start < end).then_some(one)
    }

    /// Adds the next record of any kind; `false` where there is none.
    fn take(&mut self, lists: &mut Index, to: &mut Vec<Record>) -> bool {
        let Some(place) = lists.newlines.get(self.newline) else { return false };
        let Some(end) = lists.separators.get(index(place)) else { return false };
        let before = lists.separators.get(index(self.separator)).unwrap_or(u32::MAX);
        let start = index(before.wrapping_add(1));
        let lines = self.newline.saturating_add(self.hidden);
        let mut span = Span { start, end: index(end), last: place };
        self.fields.clear();
        let has_quotes = lists.quotes.get(self.quote).is_some_and(|at| at < end);
        if has_quotes && !lists.is_masked {
            span.end = self.take_quoted(start);
            span.last = self.pass_newlines(lists, span.end);
        } else if self.is_as_split(lists, span, has_quotes) {
            let place = (self.separator, position(lines));
            to.extend(self.as_split(lists, (position(start), end), place));
            self.pass(lists, span);
            return true;
        } else {
            self.take_split(lists, span.last, has_quotes);
        }
        let text_end = self.text_end(lists, position(start), position(span.end));
        if index(text_end) > start {
            to.push(self.record(lists, Span { end: index(text_end), ..span }, lines));
        }
        self.pass(lists, span);
        true
    }

    /// Whether the fields of a record that are read stand between its separators as they are.
    fn is_as_split(&mut self, lists: &Index, span: Span, has_quotes: bool) -> bool {
        let Self { bytes, shape, .. } = *self;
        let from = index(self.separator);
        let places = lists.separators.as_slice().get(from..=index(span.last)).unwrap_or_default();
        if places.len() != shape.fields.saturating_add(1) || lists.returns && shape.wants_last() {
            return false;
        }
        // Most have nothing but plain text up to the last field that is looked at.
        let head = places.get(shape.looked_at()).map_or(span.end, |end| index(*end));
        let text = |column: &usize| {
            let [before, end] = *places.get(*column..)?.first_chunk()?;
            bytes.get(index(before.wrapping_add(1))..index(end))
        };
        let is_quoted = |column: &usize| text(column).and_then(<[u8]>::first) == Some(&b'"');
        let has_quotes =
            has_quotes && lists.quotes.get(self.quote).is_some_and(|at| index(at) < head);
        if has_quotes && shape.wanted.iter().any(is_quoted) {
            return false;
        }
        let is_ascii = |column: &usize| text(column).is_some_and(<[u8]>::is_ascii);
        !has_high(&mut self.high, lists, span.start, head)
            || bytes.get(span.start..head).is_some_and(<[u8]>::is_ascii)
            || shape.ascii.iter().all(is_ascii)
    }

    /// Goes behind a record.
    fn pass(&mut self, lists: &Index, span: Span) {
        self.newline = self.newline.saturating_add(1);
        self.separator = span.last;
        let is_before = |at: Option<u32>| at.is_some_and(|at| index(at) < span.end);
        while is_before(lists.quotes.get(self.quote)) {
            self.quote = self.quote.saturating_add(1);
        }
        while is_before(lists.hidden.get(self.hidden)) {
            self.hidden = self.hidden.saturating_add(1);
        }
    }

    /// The record whose fields were taken.
    fn record(&mut self, lists: &mut Index, span: Span, lines: usize) -> Record {
        let Span { start, end, .. } = span;
        let text = |at: &usize| {
            let field = self.fields.get(*at)?;
            self.bytes.get(field.start..field.end.min(end))
        };
        let whole = self.fields.len() == self.shape.fields;
        let escaped = |at: &usize| self.fields.get(*at).is_none_or(|field| field.escaped);
        let mut is_plain = whole && !self.shape.wanted.iter().any(escaped);
        if is_plain && has_high(&mut self.high, lists, start, end) {
            // What is escaped is not looked at, and is read by the other way.
            let all_ascii = |at: &usize| !escaped(at) && text(at).is_some_and(<[u8]>::is_ascii);
            is_plain = self.shape.ascii.iter().all(all_ascii);
        }
        let first = position(lists.separators.all().len());
        for field in &self.fields {
            lists.separators.push_behind(position(field.start).wrapping_sub(1));
            lists.separators.push_behind(position(field.end.min(end).max(field.start)));
        }
        let (start, end, lines) = (position(start), position(end), position(lines));
        Record { start, end, lines, first, apart: u32::MAX, is_plain }
    }

    /// Where a record's text ends: before its `\r\n`.
    #[inline]
    fn text_end(&self, lists: &Index, start: u32, end: u32) -> u32 {
        let before = end.wrapping_sub(1);
        let has_return =
            lists.returns && start < end && self.bytes.get(index(before)) == Some(&b'\r');
        if has_return { before } else { end }
    }

    /// Passes all newlines before the one at `end`; gives the place of that one among the
    /// separators.
    fn pass_newlines(&mut self, lists: &Index, end: usize) -> u32 {
        loop {
            let Some(place) = lists.newlines.get(self.newline) else { return u32::MAX };
            if lists.separators.get(index(place)).is_none_or(|at| index(at) >= end) {
                return place;
            }
            self.newline = self.newline.saturating_add(1);
        }
    }

    /// Takes the fields of a record as it is split, up to its last separator.
    fn take_split(&mut self, lists: &Index, last: u32, has_quotes: bool) {
        let ends = lists.separators.as_slice().get(index(self.separator)..=index(last));
        for pair in ends.unwrap_or_default().windows(2) {
            if let [before, end] = *pair {
                let (start, end) = (index(before.wrapping_add(1)), index(end));
                let is_quoted = has_quotes && self.bytes.get(start) == Some(&b'"');
                let bare = Field { start, end, escaped: false };
                self.fields.push(if is_quoted { quoted_field(self.bytes, start) } else { bare });
            }
        }
    }

    /// Takes a record with quotes apart; gives where it ends: at a newline
    /// outside quotes, or at the end of the text.
    fn take_quoted(&mut self, start: usize) -> usize {
        let mut at = start;
        loop {
            let quoted = self.bytes.get(at) == Some(&b'"');
            let field = if quoted { quoted_field(self.bytes, at) } else { self.bare_field(at) };
            self.fields.push(field);
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

/// Whether a block that a record has a part of is not all ASCII; blocks before it are passed.
fn has_high(passed: &mut usize, lists: &Index, start: usize, end: usize) -> bool {
    while let Some(block) = lists.high.get(*passed).map(|at| index(*at)) {
        if block.saturating_add(BLOCK) > start {
            return block < end;
        }
        *passed = passed.saturating_add(1);
    }
    false
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
