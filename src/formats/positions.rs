//! The bits of blocks of text to positions.
#![deny(clippy::arithmetic_side_effects)]

use crate::blocks::{BLOCK, Lanes};

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

    /// The same, and so many others behind them, where there is room for them.
    pub(super) fn all_and(&self, others: usize) -> &[u32] {
        let end = self.known.saturating_add(self.behind).saturating_add(others);
        self.list.get(..end.min(self.list.len())).unwrap_or_default()
    }

    /// Makes room for so many behind all.
    pub(super) fn make_room(&mut self, others: usize) {
        let end = self.known.saturating_add(self.behind).saturating_add(others);
        if self.list.len() < end {
            self.list.resize(end, 0);
        }
    }

    #[inline]
    pub(super) fn get(&self, at: usize) -> Option<u32> {
        self.as_slice().get(at).copied()
    }

    /// Adds the positions of the bits of a block that begins at `base`.
    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    pub(super) fn add<L: Lanes>(&mut self, lanes: L, base: u32, bits: u64) {
        let mut more = self.more(1);
        more.add(lanes, base, bits);
        self.known = more.known;
    }

    /// Room for the positions of some blocks.
    #[inline]
    pub(super) fn more(&mut self, blocks: usize) -> More<'_> {
        let end = self.known.saturating_add(blocks.saturating_mul(BLOCK));
        if self.list.len() < end {
            self.list.resize(end.saturating_mul(2), 0);
        }
        More { list: &mut self.list, known: self.known }
    }

    /// Takes up the positions that were added up to a number of all.
    pub(super) const fn grow(&mut self, known: usize) {
        self.known = known;
    }

    /// Adds one.
    pub(super) fn push(&mut self, position: u32) {
        let mut more = self.more(1);
        more.push_if(position, true);
        self.known = more.known;
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

/// Positions that are added where there is room for them.
pub(super) struct More<'p> {
    list: &'p mut [u32],
    /// How many there are, those before them among them.
    pub(super) known: usize,
}

impl More<'_> {
    /// Adds the positions of the bits of a block that begins at `base`.
    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    pub(super) fn add<L: Lanes>(&mut self, lanes: L, base: u32, bits: u64) {
        if let Some(room) = self.list.get_mut(self.known..).and_then(<[u32]>::first_chunk_mut) {
            lanes.write_positions(base, bits, room);
            self.known = self.known.wrapping_add(index(bits.count_ones()));
        }
    }

    /// Adds one, or none.
    #[inline]
    pub(super) fn push_if(&mut self, position: u32, is_one: bool) {
        if let Some(slot) = self.list.get_mut(self.known) {
            *slot = position;
            self.known = self.known.wrapping_add(usize::from(is_one));
        }
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
    use crate::blocks::{Usual, WithLanes, with_lanes};

    struct Adding<'a>(&'a mut Positions, u32, u64);

    impl WithLanes for Adding<'_> {
        type Output = ();

        fn run<L: Lanes>(self, lanes: L) {
            self.0.add(lanes, self.1, self.2);
        }
    }

    proptest! {
        #[test]
        fn positions_are_those_of_the_bits(
            blocks in proptest::collection::vec((any::<u64>(), any::<u64>(), any::<bool>()), 0..20),
        ) {
            let (mut positions, mut plain, mut base) = (Positions::default(), Vec::new(), 0_u32);
            let mut best = Positions::default();
            for (bits, others, are_many) in blocks {
                let bits = if are_many { bits | others } else { bits & others };
                positions.add(Usual, base, bits);
                with_lanes(Adding(&mut best, base, bits));
                plain.extend((0..64).filter(|bit| bits.unbounded_shr(*bit) & 1 == 1).map(|bit| base.wrapping_add(bit)));
                base = base.wrapping_add(64);
            }
            prop_assert_eq!(positions.as_slice(), plain.as_slice());
            prop_assert_eq!(best.as_slice(), plain.as_slice());
        }
    }
}
