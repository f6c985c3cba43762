//! Blocks of text to bits, one for each byte that splits it, and bits to positions.
#![deny(clippy::arithmetic_side_effects)]

use super::lanes::{LANES, Lanes};

/// Bytes of a block, whose marks fit one word.
pub(super) const BLOCK: usize = 64;

/// The marks of a block, one bit a byte.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Marks {
    pub(super) delimiters: u64,
    pub(super) newlines: u64,
    pub(super) quotes: u64,
    pub(super) returns: u64,
    /// Whether it has a byte that is not ASCII.
    pub(super) high: bool,
}

impl Marks {
    /// Those of a block of text that is split at a byte and at newlines.
    #[expect(clippy::inline_always, reason = "only what is inlined uses the lanes at their best")]
    #[inline(always)]
    pub(super) fn of<L: Lanes>(lanes: L, block: &[u8; BLOCK], delimiter: u8) -> Self {
        let (halves, _) = block.as_chunks::<LANES>();
        let [low, high] = [0, 1].map(|at| lanes.block(halves.get(at).unwrap_or(&[0; LANES])));
        let both = |low: u32, high: u32| u64::from(low) | u64::from(high).unbounded_shl(32);
        let all = |byte: u8| both(lanes.equal(low, byte), lanes.equal(high, byte));
        Self {
            delimiters: all(delimiter),
            newlines: all(b'\n'),
            quotes: all(b'"'),
            returns: all(b'\r'),
            high: lanes.high(low) | lanes.high(high) != 0,
        }
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
    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    pub(super) fn add(&mut self, base: u32, bits: u64) {
        if let Some(room) = self.room() {
            write_positions(base, bits, room);
            self.known = self.known.wrapping_add(index(bits.count_ones()));
        }
    }

    /// Room for the positions of a block.
    #[inline]
    fn room(&mut self) -> Option<&mut [u32; BLOCK]> {
        let end = self.known.wrapping_add(BLOCK);
        if self.list.len() < end {
            self.list.resize(end.saturating_mul(2), 0);
        }
        self.list.get_mut(self.known..)?.first_chunk_mut()
    }

    /// Adds one, or none.
    #[inline]
    pub(super) fn push_if(&mut self, position: u32, is_one: bool) {
        if let Some([slot, ..]) = self.room() {
            *slot = position;
            self.known = self.known.wrapping_add(usize::from(is_one));
        }
    }

    /// Adds one.
    pub(super) fn push(&mut self, position: u32) {
        self.push_if(position, true);
    }

    /// Adds one behind them; no more are added after that.
    pub(super) fn push_behind(&mut self, position: u32) {
        let at = self.known.wrapping_add(self.behind);
        match self.list.get_mut(at) {
            Some(slot) => *slot = position,
            None => self.list.push(position),
        }
        self.behind = self.behind.wrapping_add(1);
    }
}

/// Writes the positions of bits, the first one's being `base`; what is behind them in `room`
/// may change too.
#[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
#[inline(always)]
fn write_positions(base: u32, mut bits: u64, room: &mut [u32; BLOCK]) {
    // Eight at a time, and as many again only where there are more: where a loop ends that
    // takes one at a time is hard to foretell.
    for slots in room.as_chunks_mut::<8>().0 {
        for slot in slots {
            *slot = base.wrapping_add(bits.trailing_zeros());
            bits = bits.without_lowest();
        }
        if bits == 0 {
            break;
        }
    }
}

/// Bit work that cannot overflow.
pub(super) trait Bits {
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

/// A position in a text of less than 4 GB.
#[inline]
pub(super) fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

pub(super) fn index(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn positions_are_those_of_the_bits(
            blocks in proptest::collection::vec((any::<u64>(), any::<u64>(), any::<bool>()), 0..20),
        ) {
            let (mut positions, mut plain, mut base) = (Positions::default(), Vec::new(), 0_u32);
            for (bits, others, are_many) in blocks {
                let bits = if are_many { bits | others } else { bits & others };
                positions.add(base, bits);
                plain.extend((0..64).filter(|bit| bits.unbounded_shr(*bit) & 1 == 1).map(|bit| base.wrapping_add(bit)));
                base = base.wrapping_add(64);
            }
            prop_assert_eq!(positions.as_slice(), plain.as_slice());
        }
    }
}
