//! What stands for the texts that were met last, each at the place that its bytes say.
#![deny(clippy::arithmetic_side_effects)]

/// The bytes of a text of up to some length.
pub(super) trait Bytes: Copy + Default {
    /// All of them mixed with a seed: the upper bits say their place.
    fn mixed(&self, seed: u64) -> u64;

    /// Whether both are one text.
    fn is(&self, other: &Self) -> bool;
}

/// Seeds that are tried before more texts share a place than it has room for.
const MOST_SEEDS: u32 = 64;

/// Texts at hand, twice as many as a number of `BITS` can tell apart, each with what stands for
/// it: something else than the default. Two of them share a place.
#[derive(Debug, Clone)]
pub(super) struct AtHand<B, T, const BITS: u32> {
    places: Vec<[(B, T); 2]>,
    seed: u64,
    seeds_left: u32,
}

impl<B, T, const BITS: u32> Default for AtHand<B, T, BITS> {
    fn default() -> Self {
        Self { places: Vec::new(), seed: 0x9e37_79b9_7f4a_7c15, seeds_left: MOST_SEEDS }
    }
}

impl<B: Bytes, T: Copy + Default + PartialEq, const BITS: u32> AtHand<B, T, BITS> {
    fn place(&self, bytes: &B) -> usize {
        let upper = bytes.mixed(self.seed).unbounded_shr(u64::BITS.wrapping_sub(BITS));
        usize::try_from(upper).unwrap_or(0)
    }

    /// What stands for a text that is at hand, else the default.
    #[inline]
    pub(super) fn get(&self, bytes: &B) -> T {
        match self.places.get(self.place(bytes)) {
            Some([(known, value), _]) if known.is(bytes) => *value,
            Some([_, (known, value)]) if known.is(bytes) => *value,
            _ => T::default(),
        }
    }

    /// Keeps what stands for a text at hand. Where its place is full, others are looked for
    /// that have room for all, as long as there are seeds left to try; then the one that is there
    /// longest goes.
    pub(super) fn keep(&mut self, bytes: B, value: T) {
        if self.places.is_empty() {
            self.places = Self::none();
        }
        while !self.put(bytes, value) {
            if self.seeds_left == 0 || !self.spread() {
                let place = self.place(&bytes);
                if let Some([last, before]) = self.places.get_mut(place) {
                    *before = std::mem::replace(last, (bytes, value));
                }
                return;
            }
        }
    }

    fn none() -> Vec<[(B, T); 2]> {
        vec![[(B::default(), T::default()); 2]; 1_usize.unbounded_shl(BITS)]
    }

    /// `false` where others have its place.
    fn put(&mut self, bytes: B, value: T) -> bool {
        let place = self.place(&bytes);
        let Some(slots) = self.places.get_mut(place) else { return false };
        let is_own = |slot: &&mut (B, T)| slot.1 == T::default() || slot.0.is(&bytes);
        let free = slots.iter_mut().find(is_own);
        free.map(|slot| *slot = (bytes, value)).is_some()
    }

    /// Finds a seed by which each has a place of its own; `false` where there are no more.
    fn spread(&mut self) -> bool {
        let known = std::mem::replace(&mut self.places, Self::none());
        let (seed, mut found) = (self.seed, false);
        while self.seeds_left > 0 && !found {
            self.seeds_left = self.seeds_left.saturating_sub(1);
            self.seed = self.seed.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(2) | 1;
            self.places.fill([(B::default(), T::default()); 2]);
            let own = known.as_flattened().iter().filter(|(_, value)| *value != T::default());
            found = own.copied().all(|(bytes, value)| self.put(bytes, value));
        }
        if !found {
            (self.seed, self.places) = (seed, known);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone, Copy, Default)]
    struct Number(u64);

    impl Bytes for Number {
        fn mixed(&self, seed: u64) -> u64 {
            self.0.wrapping_mul(seed)
        }

        fn is(&self, other: &Self) -> bool {
            self.0 == other.0
        }
    }

    proptest! {
        #[test]
        fn nothing_stands_for_another_text(
            texts in proptest::collection::vec(1..300_u64, 1..900),
        ) {
            let mut at_hand: AtHand<Number, u64, 6> = AtHand::default();
            for text in &texts {
                let before = at_hand.get(&Number(*text));
                prop_assert!([0, *text].contains(&before));
                at_hand.keep(Number(*text), *text);
                prop_assert_eq!(at_hand.get(&Number(*text)), *text);
            }
            prop_assert_eq!(at_hand.get(&Number(300)), 0);
        }

        #[test]
        fn few_texts_are_all_at_hand(
            texts in proptest::collection::btree_set(1..u64::MAX, 1..10),
        ) {
            let mut at_hand: AtHand<Number, u64, 6> = AtHand::default();
            for text in &texts {
                at_hand.keep(Number(*text), *text);
            }
            prop_assert!(texts.iter().all(|text| at_hand.get(&Number(*text)) == *text));
        }
    }
}
