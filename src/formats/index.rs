//! Where the fields and records of delimited text end: one pass over the bytes of a chunk
//! makes lists of positions.
//!
//! Quotes are masked as it goes, so that what stands between them splits nothing. Text
//! whose quotes do not all stand around whole fields is indexed as if it had none.
#![deny(clippy::arithmetic_side_effects)]

use super::columns::Texts;
use super::positions::{Positions, index, position};
use crate::blocks::{BLOCK, Bits, Lanes, Marks, Quoting, WithLanes, with_lanes};

/// Blocks that room is made for at a time.
const AT_ONCE: usize = 16;

/// Where a chunk's text is split. Kept from chunk to chunk for its memory.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Positions of delimiters and newlines: behind one before the text, and at last
    /// the end of the text. After them, those of the fields of records that were taken apart.
    pub(super) separators: Positions,
    /// For each newline, and for the end, its place among the separators.
    pub(super) newlines: Positions,
    /// Positions of quotes.
    pub(super) quotes: Positions,
    /// Positions of newlines within quotes.
    pub(super) hidden: Positions,
    /// Blocks that have quotes, or are not all ASCII.
    pub(super) special: Vec<Special>,
    /// Whether there are carriage returns.
    pub(super) returns: bool,
    /// Whether what stands between quotes is left out.
    pub(super) is_masked: bool,
}

/// A block that has quotes, or is not all ASCII.
#[derive(Debug, Clone, Copy)]
pub(super) struct Special {
    /// Its first byte.
    pub(super) base: u32,
    /// Newlines outside quotes before it.
    pub(super) newlines: u32,
    /// Whether it is not all ASCII.
    pub(super) is_high: bool,
}

impl Index {
    /// Indexes a chunk's text. `false` where it is not for this reader: it is
    /// over 4 GB, or has a carriage return that no newline follows.
    pub(super) fn build(&mut self, bytes: &[u8], delimiter: u8) -> bool {
        if u32::try_from(bytes.len()).is_err() {
            return false;
        }
        self.is_masked = true;
        self.clear();
        let quoting = with_lanes(Indexing { index: self, bytes, delimiter });
        if quoting.tangled | quoting.inside != 0 {
            self.is_masked = false;
            self.clear();
            with_lanes(Indexing { index: self, bytes, delimiter });
        }
        self.end(bytes);
        !self.returns || lone_return(bytes).is_none()
    }

    fn clear(&mut self) {
        self.separators.clear();
        self.newlines.clear();
        self.quotes.clear();
        self.hidden.clear();
        self.special.clear();
        self.returns = false;
        self.separators.push(u32::MAX);
    }

    /// Adds the marks of some blocks, the first of which begins at `base`, but those of bytes
    /// that are hidden. `end` has the bit of the end of the text, where that is in the only one.
    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    fn add<L: Lanes>(
        &mut self,
        lanes: L,
        (blocks, mut base): (&[[u8; BLOCK]], u32),
        (delimiter, end): (u8, u64),
        quoting: &mut Quoting,
    ) {
        let (mut state, is_masked, mut returns) = (*quoting, self.is_masked, 0);
        let mut separators = self.separators.more(blocks.len());
        let mut ends = self.newlines.more(blocks.len());
        for block in blocks {
            let marks = Marks::of(lanes, block, delimiter);
            let hidden = if is_masked { state.hidden(&marks, end) } else { 0 };
            let newlines = marks.newlines & !hidden;
            let all = marks.delimiters & !hidden | newlines;
            let known = position(separators.known);
            if marks.quotes | marks.high != 0 {
                let newlines = position(ends.known);
                self.special.push(Special { base, newlines, is_high: marks.high != 0 });
            }
            let place = |newlines: u64| {
                known.wrapping_add((all & newlines.trailing_zeros_mask()).count_ones())
            };
            // Most blocks have one or none.
            ends.push_if(place(newlines), newlines != 0);
            let mut more = newlines.without_lowest();
            while more != 0 {
                ends.push_if(place(more), true);
                more = more.without_lowest();
            }
            separators.add(lanes, base, all);
            if marks.quotes | hidden != 0 {
                self.quotes.add(lanes, base, marks.quotes);
                self.hidden.add(lanes, base, marks.newlines & hidden);
            }
            returns |= marks.returns;
            base = base.wrapping_add(position(BLOCK));
        }
        let (separators, ends) = (separators.known, ends.known);
        self.separators.grow(separators);
        self.newlines.grow(ends);
        self.returns |= returns != 0;
        *quoting = state;
    }

    /// The end of the text ends its last record, where no newline does.
    fn end(&mut self, bytes: &[u8]) {
        if bytes.last().is_some_and(|last| *last != b'\n') {
            self.newlines.push(position(self.separators.known()));
            self.separators.push(position(bytes.len()));
        }
    }

    /// The positions that records refer to, and so many others behind them for which
    /// [room was made](Self::make_room).
    pub(super) fn positions(&self, others: usize) -> &[u32] {
        self.separators.all_and(others)
    }

    /// Makes room for so many positions behind the others.
    pub(super) fn make_room(&mut self, others: usize) {
        self.separators.make_room(others);
    }

    /// Newlines before a byte.
    pub(super) fn lines_before(&self, start: usize) -> u64 {
        let is_before = |at: Option<u32>| at.is_some_and(|at| index(at) < start);
        let ends = self.newlines.as_slice();
        let ends = ends.partition_point(|end| is_before(self.separators.get(index(*end))));
        let hidden = self.hidden.as_slice().partition_point(|at| is_before(Some(*at)));
        u64::try_from(ends.saturating_add(hidden)).unwrap_or(u64::MAX)
    }
}

/// How many newlines were passed, in a text that is gone through from its beginning.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Passed {
    newlines: usize,
    hidden: usize,
}

impl Passed {
    /// Adds the lines on which records begin to a list; the first line is that of the text.
    pub(super) fn add_lines(
        &mut self,
        lists: &Index,
        texts: &Texts<'_>,
        first_line: u64,
        lines: &mut Vec<u64>,
    ) {
        for run in texts.runs {
            let start = |at: usize| texts.record((run, at)).apart().1;
            let last = start(run.records.saturating_sub(1));
            let first = first_line.saturating_add(self.lines_before(lists, start(0)));
            // Where none is hidden each record is a line.
            if run.is_split() && lists.hidden.get(self.hidden).is_none_or(|at| index(at) > last) {
                lines.extend((first..).take(run.records));
                continue;
            }
            lines.push(first);
            for at in 1..run.records {
                lines.push(first_line.saturating_add(self.lines_before(lists, start(at))));
            }
        }
    }

    /// Newlines before a byte that is not before the last one that was asked for.
    fn lines_before(&mut self, lists: &Index, start: usize) -> u64 {
        let is_before = |at: Option<u32>| at.is_some_and(|at| index(at) < start);
        let ends = lists.newlines.as_slice().get(self.newlines..).unwrap_or_default();
        let ends = ends.iter().take_while(|end| is_before(lists.separators.get(index(**end))));
        self.newlines = self.newlines.saturating_add(ends.count());
        while is_before(lists.hidden.get(self.hidden)) {
            self.hidden = self.hidden.saturating_add(1);
        }
        u64::try_from(self.newlines.saturating_add(self.hidden)).unwrap_or(u64::MAX)
    }
}

/// A text whose marks are added to an index.
struct Indexing<'i> {
    index: &'i mut Index,
    bytes: &'i [u8],
    delimiter: u8,
}

impl WithLanes for Indexing<'_> {
    type Output = Quoting;

    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> Quoting {
        let Self { index, bytes, delimiter } = self;
        let (mut quoting, mut base) = (Quoting::START, 0_u32);
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        for some in blocks.chunks(AT_ONCE) {
            index.add(lanes, (some, base), (delimiter, 0), &mut quoting);
            base = base.wrapping_add(position(some.as_flattened().len()));
            if quoting.tangled != 0 && index.is_masked {
                return quoting;
            }
        }
        let mut last = [0; BLOCK];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        let end = 1_u64.unbounded_shl(position(rest.len()));
        index.add(lanes, (&[last], base), (delimiter, end), &mut quoting);
        quoting
    }
}

/// A carriage return that no newline follows.
fn lone_return(bytes: &[u8]) -> Option<usize> {
    let lone = |at: &usize| bytes.get(at.saturating_add(1)) != Some(&b'\n');
    memchr::memchr_iter(b'\r', bytes).find(lone)
}
