//! Which bytes of delimited text stand within quotes, block by block.
#![deny(clippy::arithmetic_side_effects)]

use super::marks::{Bits, Marks};

/// What is known of quotes where a block begins, and what was found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quoting {
    /// All bits within quotes, else none.
    pub(crate) inside: u64,
    /// One if a separator outside quotes stands before the block.
    pub(crate) after_separator: u64,
    /// One if a closing quote stands before it.
    pub(crate) after_closing: u64,
    /// Bits of quotes that do not stand where they may, and of what follows such.
    pub(crate) tangled: u64,
}

impl Quoting {
    /// Where a text begins.
    pub(crate) const START: Self =
        Self { inside: 0, after_separator: 1, after_closing: 0, tangled: 0 };

    /// Whether a block that begins here and has no quote is all outside quotes, and needs no
    /// look.
    #[inline]
    pub(crate) const fn is_outside(&self) -> bool {
        self.inside | self.after_closing == 0
    }

    /// The bytes of a block that are within quotes. `end` has the bit of the end of the
    /// text, where that is in this block.
    #[inline]
    pub(crate) fn hidden(&mut self, marks: &Marks, end: u64) -> u64 {
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
