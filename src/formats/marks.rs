//! Blocks of text to bits, one for each byte that splits it, and bits to positions.
#![deny(clippy::arithmetic_side_effects)]

use std::num::NonZeroU64;

use wide::u8x16;

/// Bytes of a block, whose marks fit one word.
pub(super) const BLOCK: usize = 64;

/// The marks of a block, one bit a byte.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Marks {
    pub(super) delimiters: u64,
    pub(super) newlines: u64,
    pub(super) quotes: u64,
    /// Whether it has a carriage return.
    pub(super) returns: bool,
    /// Whether it has a byte that is not ASCII.
    pub(super) high: bool,
}

/// The bytes that delimited text is split at, sixteen times each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Needles {
    delimiter: u8x16,
    newline: u8x16,
    quote: u8x16,
    carriage: u8x16,
}

impl Needles {
    pub(super) fn new(delimiter: u8) -> Self {
        let of = |byte: u8| u8x16::new([byte; 16]);
        Self { delimiter: of(delimiter), newline: of(b'\n'), quote: of(b'"'), carriage: of(b'\r') }
    }

    #[inline]
    pub(super) fn marks(&self, block: &[u8; BLOCK]) -> Marks {
        let (lanes, _) = block.as_chunks::<16>();
        let [a, b, c, d] =
            [0, 1, 2, 3].map(|at| u8x16::new(lanes.get(at).copied().unwrap_or_default()));
        let bits = |lane: u8x16, needle: u8x16| u64::from(lane.simd_eq(needle).to_bitmask());
        let all = |needle: u8x16| {
            let low = bits(a, needle) | bits(b, needle).unbounded_shl(16);
            let high = bits(c, needle).unbounded_shl(32) | bits(d, needle).unbounded_shl(48);
            low | high
        };
        let has = |needle: u8x16| {
            a.simd_eq(needle) | b.simd_eq(needle) | c.simd_eq(needle) | d.simd_eq(needle)
        };
        let mut marks = Marks {
            delimiters: all(self.delimiter),
            newlines: all(self.newline),
            ..Marks::default()
        };
        let (quotes, returns, any) = (has(self.quote), has(self.carriage), a | b | c | d);
        // Most blocks have none of them.
        if (quotes | returns | any).to_bitmask() != 0 {
            marks.quotes = all(self.quote);
            (marks.returns, marks.high) = (returns.to_bitmask() != 0, any.to_bitmask() != 0);
        }
        marks
    }
}

/// Positions, in order; and behind them others, in no order.
#[derive(Debug, Default)]
pub(super) struct Positions {
    /// Those that are known, then those behind them, then room for more.
    list: Vec<u32>,
    known: usize,
    behind: usize,
}

impl Positions {
    pub(super) const fn clear(&mut self) {
        (self.known, self.behind) = (0, 0);
    }

    pub(super) const fn known(&self) -> usize {
        self.known
    }

    pub(super) fn as_slice(&self) -> &[u32] {
        self.list.get(..self.known).unwrap_or_default()
    }

    /// With those behind.
    pub(super) fn all(&self) -> &[u32] {
        self.list.get(..self.known.wrapping_add(self.behind)).unwrap_or_default()
    }

    #[inline]
    pub(super) fn get(&self, at: usize) -> Option<u32> {
        self.as_slice().get(at).copied()
    }

    /// Adds the positions of the bits of a block that begins at `base`.
    #[inline]
    pub(super) fn add(&mut self, base: u32, mut bits: u64) {
        let end = self.known.wrapping_add(BLOCK);
        if self.list.len() < end {
            self.list.resize(end.saturating_mul(2), 0);
        }
        let room = self.list.get_mut(self.known..).unwrap_or_default();
        let Some(room) = room.first_chunk_mut::<BLOCK>() else { return };
        let mut added: usize = 0;
        while let Some(rest) = NonZeroU64::new(bits) {
            // A block has no more bits than room.
            if let Some(slot) = room.get_mut(added & (BLOCK - 1)) {
                *slot = base.wrapping_add(rest.trailing_zeros());
            }
            added = added.wrapping_add(1);
            bits = bits.without_lowest();
        }
        self.known = self.known.wrapping_add(added);
    }

    /// Adds one.
    pub(super) fn push(&mut self, position: u32) {
        self.put(self.known, position);
        self.known = self.known.wrapping_add(1);
    }

    /// Adds one behind them; no more are added after that.
    pub(super) fn push_behind(&mut self, position: u32) {
        self.put(self.known.wrapping_add(self.behind), position);
        self.behind = self.behind.wrapping_add(1);
    }

    fn put(&mut self, at: usize, position: u32) {
        match self.list.get_mut(at) {
            Some(slot) => *slot = position,
            None => self.list.push(position),
        }
    }
}

/// Bit work that cannot overflow.
pub(super) trait Bits {
    /// All bits below the lowest one that is set.
    fn trailing_zeros_mask(self) -> u64;
    /// The bits without the lowest one.
    fn without_lowest(self) -> u64;
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
}

/// A position in a text of less than 4 GB.
#[inline]
pub(super) fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

pub(super) fn index(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}
