//! Where the fields and records of delimited text end: one pass over the bytes of a chunk
//! makes lists of positions.
//!
//! Quotes are masked as it goes, so that what stands between them splits nothing. Text
//! whose quotes do not all stand around whole fields is indexed as if it had none.
#![deny(clippy::arithmetic_side_effects)]

use super::lanes::{Lanes, WithLanes, with_lanes};
use super::marks::{BLOCK, Bits, Marks, Positions, position};

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
    /// First bytes of blocks that are not all ASCII.
    pub(super) high: Vec<u32>,
    /// Whether there are carriage returns.
    pub(super) returns: bool,
    /// Whether what stands between quotes is left out.
    pub(super) is_masked: bool,
}

/// What is known of quotes where a block begins, and what was found.
#[derive(Debug)]
struct Quoting {
    /// All bits within quotes, else none.
    inside: u64,
    /// One if a separator outside quotes stands before the block.
    after_separator: u64,
    /// One if a closing quote stands before it.
    after_closing: u64,
    /// Bits of quotes that do not stand where they may, and of what follows such.
    tangled: u64,
}

impl Quoting {
    /// Where a text begins.
    const START: Self = Self { inside: 0, after_separator: 1, after_closing: 0, tangled: 0 };

    /// The bytes of a block that are within quotes. `end` has the bit of the end of the
    /// text, where that is in this block.
    #[inline]
    fn hidden(&mut self, marks: &Marks, end: u64) -> u64 {
        let separators = marks.delimiters | marks.newlines;
        if marks.quotes | self.inside | self.after_closing == 0 {
            self.after_separator = separators.unbounded_shr(63);
            return 0;
        }
        // From each opening quote up to its closing one.
        let inside = marks.quotes.prefix_xor() ^ self.inside;
        let (opening, closing) = (marks.quotes & inside, marks.quotes & !inside);
        let separators = separators & !inside;
        let after_closing = closing.unbounded_shl(1) | self.after_closing;
        let may_open = separators.unbounded_shl(1) | self.after_separator | after_closing;
        let may_follow = separators | marks.returns | opening | end;
        self.tangled |= (opening & !may_open) | (after_closing & !may_follow);
        self.inside = 0_u64.wrapping_sub(inside.unbounded_shr(63));
        self.after_separator = separators.unbounded_shr(63);
        self.after_closing = closing.unbounded_shr(63);
        inside
    }
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
        self.high.clear();
        self.returns = false;
        self.separators.push(u32::MAX);
    }

    /// Adds the marks of the block that begins at `base`, but those of bytes that are hidden.
    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    fn add(&mut self, base: u32, marks: &Marks, hidden: u64) {
        let newlines = marks.newlines & !hidden;
        let separators = marks.delimiters & !hidden | newlines;
        let place = |newlines: u64| (separators & newlines.trailing_zeros_mask()).count_ones();
        let known = position(self.separators.known());
        // Most blocks have one or none.
        self.newlines.push_if(known.wrapping_add(place(newlines)), newlines != 0);
        let mut more = newlines.without_lowest();
        while more != 0 {
            self.newlines.push(known.wrapping_add(place(more)));
            more = more.without_lowest();
        }
        self.separators.add(base, separators);
        if marks.quotes | hidden != 0 {
            self.quotes.add(base, marks.quotes);
            self.hidden.add(base, marks.newlines & hidden);
        }
        if marks.high {
            self.high.push(base);
        }
        self.returns |= marks.returns != 0;
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
        let (is_masked, mut quoting) = (index.is_masked, Quoting::START);
        let mut base: u32 = 0;
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        for block in blocks {
            let marks = Marks::of(lanes, block, delimiter);
            let hidden = if is_masked { quoting.hidden(&marks, 0) } else { 0 };
            index.add(base, &marks, hidden);
            base = base.wrapping_add(64);
        }
        let mut last = [0; BLOCK];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        let marks = Marks::of(lanes, &last, delimiter);
        let end = 1_u64.unbounded_shl(position(rest.len()));
        let hidden = if is_masked { quoting.hidden(&marks, end) } else { 0 };
        index.add(base, &marks, hidden);
        quoting
    }
}

/// A carriage return that no newline follows.
fn lone_return(bytes: &[u8]) -> Option<usize> {
    let lone = |at: &usize| bytes.get(at.saturating_add(1)) != Some(&b'\n');
    memchr::memchr_iter(b'\r', bytes).find(lone)
}
