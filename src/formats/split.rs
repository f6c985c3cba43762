//! Records of delimited text, from the places where it is split.
//!
//! Knows nothing of what fields mean. A record whose quotes are not where they ought to
//! be is taken apart by the rules of the `csv` crate.
#![deny(clippy::arithmetic_side_effects)]

use super::columns::Run;
use super::index::{Index, Special};
use super::positions::{index, position};
use super::quoted::{Field, quoted_field, take_quoted};
use crate::blocks::BLOCK;

/// What records have to have.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// Their number of fields.
    fields: usize,
    /// The fields that are read.
    wanted: Vec<usize>,
    /// Those that have to be ASCII.
    ascii: Vec<usize>,
    /// The number of fields up to the last one of both.
    looked_at: usize,
}

impl Shape {
    /// Of so many fields, with those that are read and those that have to be ASCII.
    pub(super) fn new(fields: usize, wanted: Vec<usize>, ascii: Vec<usize>) -> Self {
        let last = wanted.iter().chain(&ascii).max();
        let looked_at = last.map_or(0, |last| last.saturating_add(1));
        Self { fields, wanted, ascii, looked_at }
    }

    /// More positions than stand from a field of a record up to the same one of the next, also
    /// where it has not all fields.
    pub(super) const fn positions(&self) -> usize {
        self.fields.saturating_add(1).saturating_mul(4)
    }

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
    /// Newlines passed, but for those that are hidden.
    newline: usize,
    /// Quotes passed.
    quote: usize,
    /// Blocks that have quotes or are not all ASCII, passed.
    special: usize,
    /// The fields of a record that was taken apart.
    fields: Vec<Field>,
}

/// A record as it is found: its bytes, and the places of the separators before it and at its
/// end.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
    first: u32,
    last: u32,
}

/// What was found at the next newline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// A record whose fields stand between the separators as they are.
    Split,
    /// One whose fields were taken apart.
    Apart,
    EmptyLine,
    End,
}

impl<'c, 's> Records<'c, 's> {
    /// The records of the text that was indexed.
    pub(super) fn new(bytes: &'c [u8], delimiter: u8, shape: &'s Shape) -> Self {
        let (separator, newline, quote, special) = (0, 0, 0, 0);
        let fields = Vec::new();
        Self { bytes, delimiter, shape, separator, newline, quote, special, fields }
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
        (start, lists.lines_before(start))
    }

    /// Adds so many of the next records to a list of runs; `false` where there are no more.
    /// Empty lines are none.
    pub(super) fn gather(&mut self, lists: &mut Index, many: usize, to: &mut Vec<Run>) -> bool {
        let (mut left, mut last) = (many, Next::Split);
        loop {
            // Where one was taken apart, most often the next one is too.
            if last != Next::Apart {
                left = left.saturating_sub(self.gather_split(lists, left, to));
            }
            if left == 0 {
                return true;
            }
            last = self.take(lists, to);
            match last {
                Next::Split | Next::Apart => left = left.saturating_sub(1),
                Next::EmptyLine => {}
                Next::End => return false,
            }
        }
    }

    /// Adds records as long as their fields stand between the separators as they are; gives
    /// how many.
    fn gather_split(&mut self, lists: &Index, many: usize, to: &mut Vec<Run>) -> usize {
        if lists.returns && self.shape.wants_last() || self.shape.fields < 2 {
            return 0;
        }
        let newlines = lists.newlines.as_slice().get(self.newline..).unwrap_or_default();
        let newlines = newlines.get(..many).unwrap_or(newlines);
        let whole = self.whole(lists, newlines);
        let records = self.as_they_are(lists, newlines.get(..whole).unwrap_or_default());
        let Some(last) = records.checked_sub(1).and_then(|last| newlines.get(last)) else {
            return 0;
        };
        let run = Run::split(self.separator, position(self.shape.fields), records);
        run.append(to);
        self.separator = *last;
        self.newline = self.newline.saturating_add(records);
        records
    }

    /// Of the newlines that end the next records how many, from the first one on, end such as
    /// have all fields, and come before quotes that are not masked.
    fn whole(&self, lists: &Index, newlines: &[u32]) -> usize {
        let fields = position(self.shape.fields);
        let apart = |before: u32, end: u32| end.wrapping_sub(before) ^ fields;
        let mut whole = newlines.len();
        if let Some(quote) = lists.quotes.get(self.quote).filter(|_| !lists.is_masked) {
            let is_before =
                |end: &u32| lists.separators.get(index(*end)).is_some_and(|end| end < quote);
            whole = newlines.partition_point(is_before);
        }
        let newlines = newlines.get(..whole).unwrap_or_default();
        match newlines.first() {
            Some(first) if apart(self.separator, *first) == 0 => {}
            _ => return 0,
        }
        let mut pairs = newlines.array_windows();
        if pairs.clone().fold(0, |any, [one, next]| any | apart(*one, *next)) == 0 {
            return whole;
        }
        let other = pairs.position(|[one, next]| apart(*one, *next) != 0);
        other.map_or(whole, |at| at.saturating_add(1))
    }

    /// How many records with all fields, from the first one on, have what is read of them
    /// between their separators as it is. Only those with a part of a special block may not.
    fn as_they_are(&mut self, lists: &Index, newlines: &[u32]) -> usize {
        let separator = |place: u32| lists.separators.get(index(place)).unwrap_or(u32::MAX);
        let Some(end) = newlines.last().map(|last| separator(*last)) else { return 0 };
        pass_special(&mut self.special, lists, index(separator(self.separator).wrapping_add(1)));
        let (mut at, passed) = (0, self.special);
        let special = lists.special.get(passed..).unwrap_or_default();
        for block in special.iter().take_while(|block| block.base < end) {
            at = index(block.newlines).saturating_sub(self.newline).max(at);
            while let Some(last) = newlines.get(at).copied() {
                let first = last.wrapping_sub(position(self.shape.fields));
                let (start, end) = (separator(first).wrapping_add(1), separator(last));
                if start >= block.base.saturating_add(position(BLOCK)) {
                    break;
                }
                let span = Span { start: index(start), end: index(end), first, last };
                let has_quotes = lists.quotes.get(self.quote).is_some_and(|quote| quote < end);
                if !self.is_as_split(lists, span, has_quotes) {
                    return at;
                }
                self.pass_quotes(lists, end);
                at = at.saturating_add(1);
            }
        }
        newlines.len()
    }

    /// Adds the next record of any kind.
    fn take(&mut self, lists: &mut Index, to: &mut Vec<Run>) -> Next {
        let Some(last) = lists.newlines.get(self.newline) else { return Next::End };
        let Some(end) = lists.separators.get(index(last)) else { return Next::End };
        let first = self.separator;
        let before = lists.separators.get(index(first)).unwrap_or(u32::MAX);
        let start = index(before.wrapping_add(1));
        let mut span = Span { start, end: index(end), first, last };
        self.fields.clear();
        let has_quotes = lists.quotes.get(self.quote).is_some_and(|at| at < end);
        let is_split = if has_quotes && !lists.is_masked {
            span.end = take_quoted(self.bytes, (start, self.delimiter), &mut self.fields);
            span.last = self.pass_newlines(lists, span.end);
            false
        } else if self.is_as_split(lists, span, has_quotes) {
            true
        } else {
            self.take_split(lists, span, has_quotes);
            false
        };
        let text_end = self.text_end(lists, span);
        let is_empty = text_end <= start;
        if !is_empty && is_split {
            Run::split(first, position(self.shape.fields), 1).append(to);
        } else if !is_empty {
            self.record(lists, Span { end: text_end, ..span }).append(to);
        }
        self.pass(lists, span);
        match is_split {
            _ if is_empty => Next::EmptyLine,
            true => Next::Split,
            false => Next::Apart,
        }
    }

    /// Whether the fields of a record that are read stand between its separators as they are.
    fn is_as_split(&mut self, lists: &Index, span: Span, has_quotes: bool) -> bool {
        let Self { bytes, shape, .. } = *self;
        let places = index(span.first)..=index(span.last);
        let places = lists.separators.as_slice().get(places).unwrap_or_default();
        if places.len() != shape.fields.saturating_add(1) || lists.returns && shape.wants_last() {
            return false;
        }
        // Most have nothing but plain text up to the last field that is looked at.
        let head = places.get(shape.looked_at).map_or(span.end, |end| index(*end));
        let text = |column: &usize| {
            let [before, end] = *places.get(*column..)?.first_chunk()?;
            bytes.get(index(before.wrapping_add(1))..index(end))
        };
        let is_quoted = |column: &usize| text(column).and_then(<[u8]>::first) == Some(&b'"');
        let quote = lists.quotes.get(self.quote).filter(|_| has_quotes);
        if quote.is_some_and(|at| index(at) < head) && shape.wanted.iter().any(is_quoted) {
            return false;
        }
        let is_ascii = |column: &usize| text(column).is_some_and(<[u8]>::is_ascii);
        !has_high(&mut self.special, lists, span.start, head)
            || bytes.get(span.start..head).is_some_and(<[u8]>::is_ascii)
            || shape.ascii.iter().all(is_ascii)
    }

    /// Goes behind a record.
    fn pass(&mut self, lists: &Index, span: Span) {
        self.newline = self.newline.saturating_add(1);
        self.separator = span.last;
        self.pass_quotes(lists, position(span.end));
    }

    /// Goes behind the quotes before a position.
    fn pass_quotes(&mut self, lists: &Index, end: u32) {
        while lists.quotes.get(self.quote).is_some_and(|at| at < end) {
            self.quote = self.quote.saturating_add(1);
        }
    }

    /// The record whose fields were taken.
    fn record(&mut self, lists: &mut Index, span: Span) -> Run {
        let Span { start, end, .. } = span;
        let text = |at: &usize| {
            let field = self.fields.get(*at)?;
            self.bytes.get(field.start..field.end.min(end))
        };
        let whole = self.fields.len() == self.shape.fields;
        let escaped = |at: &usize| self.fields.get(*at).is_none_or(|field| field.escaped);
        let mut is_plain = whole && !self.shape.wanted.iter().any(escaped);
        if is_plain && has_high(&mut self.special, lists, start, end) {
            // What is escaped is not looked at, and is read by the other way.
            let all_ascii = |at: &usize| !escaped(at) && text(at).is_some_and(<[u8]>::is_ascii);
            is_plain = self.shape.ascii.iter().all(all_ascii);
        }
        let mut push = |start: usize, end: usize| {
            lists.separators.push_behind(position(start).wrapping_sub(1));
            lists.separators.push_behind(position(end));
        };
        push(start, end);
        for field in &self.fields {
            push(field.start, field.end.min(end).max(field.start));
        }
        let behind = self.fields.len().saturating_mul(2);
        let first = position(lists.separators.all().len().saturating_sub(behind));
        let mut run = Run::apart(first, (position(self.shape.fields), 2), 1);
        run.is_plain = is_plain;
        run
    }

    /// Where a record's text ends: before its `\r\n`.
    fn text_end(&self, lists: &Index, Span { start, end, .. }: Span) -> usize {
        let before = end.wrapping_sub(1);
        let has_return = lists.returns && start < end && self.bytes.get(before) == Some(&b'\r');
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

    /// Takes the fields of a record as it is split.
    fn take_split(&mut self, lists: &Index, span: Span, has_quotes: bool) {
        let ends = lists.separators.as_slice().get(index(span.first)..=index(span.last));
        for pair in ends.unwrap_or_default().windows(2) {
            if let [before, end] = *pair {
                let (start, end) = (index(before.wrapping_add(1)), index(end));
                let is_quoted = has_quotes && self.bytes.get(start) == Some(&b'"');
                let bare = Field { start, end, escaped: false };
                self.fields.push(if is_quoted { quoted_field(self.bytes, start) } else { bare });
            }
        }
    }
}

/// Passes the special blocks before the start of a record.
fn pass_special(passed: &mut usize, lists: &Index, start: usize) {
    let is_before = |block: &Special| index(block.base).saturating_add(BLOCK) <= start;
    while lists.special.get(*passed).is_some_and(is_before) {
        *passed = passed.saturating_add(1);
    }
}

/// Whether a block that a record has a part of is not all ASCII; blocks before it are passed.
fn has_high(passed: &mut usize, lists: &Index, start: usize, end: usize) -> bool {
    pass_special(passed, lists, start);
    let special = lists.special.get(*passed..).unwrap_or_default();
    let mut own = special.iter().take_while(|block| index(block.base) < end);
    own.any(|block| block.is_high)
}
