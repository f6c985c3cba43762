//! Blocks of text to bits, one for each byte that splits it.
#![deny(clippy::arithmetic_side_effects)]

use super::lanes::{Lanes, WIDE};

/// Bytes of a block, whose marks fit one word.
pub(crate) const BLOCK: usize = WIDE;

/// The marks of a block, one bit a byte.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Marks {
    pub(crate) delimiters: u64,
    pub(crate) newlines: u64,
    pub(crate) quotes: u64,
    pub(crate) returns: u64,
    /// Of bytes that are not ASCII.
    pub(crate) high: u64,
}

impl Marks {
    /// Those of a block of text that is split at a byte and at newlines.
    #[expect(clippy::inline_always, reason = "only what is inlined uses the lanes at their best")]
    #[inline(always)]
    pub(crate) fn of<L: Lanes>(lanes: L, block: &[u8; BLOCK], delimiter: u8) -> Self {
        let block = lanes.wide(block);
        Self {
            delimiters: lanes.wide_equal(block, delimiter),
            newlines: lanes.wide_equal(block, b'\n'),
            quotes: lanes.wide_equal(block, b'"'),
            returns: lanes.wide_equal(block, b'\r'),
            high: lanes.wide_high(block),
        }
    }
}

/// Bit work that cannot overflow.
pub(crate) trait Bits {
    /// All bits below the lowest one that is set.
    fn trailing_zeros_mask(self) -> u64;
    /// The bits without the lowest one.
    fn without_lowest(self) -> u64;
    /// A bit where an odd number are set up to it.
    fn prefix_xor(self) -> u64;
}

impl Bits for u64 {
    #[inline]
    fn trailing_zeros_mask(self) -> u64 {
        self.wrapping_sub(1) & !self
    }

    #[inline]
    fn without_lowest(self) -> u64 {
        self & self.wrapping_sub(1)
    }

    #[inline]
    fn prefix_xor(self) -> u64 {
        let steps = [1, 2, 4, 8, 16, 32];
        steps.into_iter().fold(self, |bits, step| bits ^ bits.unbounded_shl(step))
    }
}
