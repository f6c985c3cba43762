//! The names of one field as numbers. A name of usual length is known by its bytes
//! in four words, without a look at the text that was seen before.
#![deny(clippy::arithmetic_side_effects)]

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::at_hand::{AtHand, Bytes};
use super::columns::Spot;
use super::plain::Plain;

/// The most names of one field that are remembered.
pub(super) const MOST_NAMES: u32 = 1 << 24;

/// Names of one field, each with a number from 1 on.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: HashMap<Box<[u8]>, u32, FixedState>,
    /// Fields of 17 to 32 bytes that were met last.
    long: AtHand<Word, u32, 6>,
    /// The same of up to 16.
    short: AtHand<Short, u32, 9>,
}

/// The bytes of a name of up to 32, and how many they are.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Word {
    bytes: [u64; 4],
    length: usize,
}

impl Word {
    /// `None` for longer names, and near the beginning of the text.
    #[inline]
    pub(super) fn at(spot: &Spot<'_>) -> Option<Self> {
        Some(Self { bytes: spot.words()?, length: spot.len() })
    }
}

impl Bytes for Word {
    #[inline]
    fn mixed(&self, seed: u64) -> u64 {
        let [a, b, c, d] = self.bytes;
        let mixed = a ^ b.rotate_left(19) ^ c.rotate_left(37) ^ d.rotate_left(53);
        mixed.wrapping_mul(seed)
    }

    /// Word by word: a comparison of all of them at once would wait for each to be written.
    #[inline]
    fn is(&self, other: &Self) -> bool {
        let [first, second, third, fourth] = self.bytes;
        let theirs = other.bytes;
        let apart = (first ^ theirs[0]) | (second ^ theirs[1]);
        let apart = apart | (third ^ theirs[2]) | (fourth ^ theirs[3]);
        apart == 0 && self.length == other.length
    }
}

/// A field of up to 16 bytes: these, the last one highest, and how many they are.
#[derive(Debug, Clone, Copy, Default)]
struct Short {
    bytes: [u64; 2],
    length: usize,
}

impl Short {
    /// `None` for longer fields, and near the beginning of the text.
    #[inline]
    fn at(spot: &Spot<'_>) -> Option<Self> {
        Some(Self { bytes: spot.two_words()?, length: spot.len() })
    }
}

impl Bytes for Short {
    #[inline]
    fn mixed(&self, seed: u64) -> u64 {
        let [low, high] = self.bytes;
        (high.wrapping_mul(0xd6e8_feb8_6659_fd93) ^ low).wrapping_mul(seed)
    }

    #[inline]
    fn is(&self, other: &Self) -> bool {
        let ([low, high], [other_low, other_high]) = (self.bytes, other.bytes);
        (low ^ other_low) | (high ^ other_high) == 0 && self.length == other.length
    }
}

impl Names {
    /// The number of a field's name where that is at hand, else 0.
    #[expect(
        clippy::inline_always,
        reason = "a call for each name of each row costs as much again"
    )]
    #[inline(always)]
    pub(super) fn known_at(&self, spot: &Spot<'_>) -> u32 {
        if let Some(own) = Short::at(spot) {
            return self.short.get(&own);
        }
        let (bytes, start, end) = spot.apart();
        self.known_long(bytes, start, end)
    }

    #[inline(never)]
    fn known_long(&self, bytes: &[u8], start: usize, end: usize) -> u32 {
        Word::at(&Spot::of(bytes, start, end)).map_or(0, |word| self.long.get(&word))
    }

    /// The number of a field's name; `None` for what is none, or one too many.
    pub(super) fn id_at(&mut self, spot: &Spot<'_>) -> Option<u32> {
        let Plain::Text(name) = Plain::of_text(spot.text()) else { return None };
        let id = self.find(name)?;
        if let Some(own) = Short::at(spot) {
            self.short.keep(own, id);
        } else if let Some(word) = Word::at(spot) {
            self.long.keep(word, id);
        }
        Some(id)
    }

    fn find(&mut self, name: &[u8]) -> Option<u32> {
        if let Some(id) = self.known.get(name) {
            return Some(*id);
        }
        let id = u32::try_from(self.known.len()).ok()?.checked_add(1)?;
        if id > MOST_NAMES {
            return None;
        }
        self.known.insert(name.into(), id);
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn names_are_told_apart_as_their_bytes_are(
            names in proptest::collection::vec("[ab]{1,40}", 1..300),
        ) {
            let mut table = Names::default();
            let mut known: HashMap<String, u32> = HashMap::new();
            for name in names {
                let id = table.id_at(&Spot::of(name.as_bytes(), 0, name.len())).unwrap();
                for before in ["", "abababababababababababababababab"] {
                    let field = format!("{before}{name}");
                    let text = format!("{field}b");
                    let spot = Spot::of(text.as_bytes(), before.len(), field.len());
                    prop_assert!([0, id].contains(&table.known_at(&spot)));
                    prop_assert_eq!(table.id_at(&spot), Some(id));
                    prop_assert!([0, id].contains(&table.known_at(&spot)));
                }
                prop_assert_eq!(*known.entry(name).or_insert(id), id);
            }
            let mut ids: Vec<u32> = known.into_values().collect();
            let count = ids.len();
            ids.sort_unstable();
            ids.dedup();
            prop_assert_eq!(ids.len(), count);
        }
    }
}
