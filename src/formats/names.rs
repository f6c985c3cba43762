//! The names of one field as numbers. A name of usual length is known by its bytes
//! in four words, without a look at the text that was seen before.
#![deny(clippy::arithmetic_side_effects)]

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::columns::Spot;
use super::plain::Plain;
use super::positions::position;

/// The most names of one field that are remembered.
pub(super) const MOST_NAMES: u32 = 1 << 24;

/// Names that are at hand, as a power of two.
const LONG_BITS: u32 = 7;

/// Fields of up to 16 bytes that are at hand, as a power of two.
const SHORT_BITS: u32 = 9;

/// Names of one field, each with a number from 1 on.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: HashMap<Box<[u8]>, u32, FixedState>,
    /// Those met last, each at the place that its bytes say.
    at_hand: Vec<(Word, u32)>,
    /// The same of fields of up to 16 bytes.
    short: Option<Box<[Short; 1 << SHORT_BITS]>>,
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

    /// Whether both are one. Word by word: a comparison of all of them at once would
    /// wait for each to be written.
    #[inline]
    pub(super) fn is(&self, other: &Self) -> bool {
        let [first, second, third, fourth] = self.bytes;
        let theirs = other.bytes;
        let apart = (first ^ theirs[0]) | (second ^ theirs[1]);
        let apart = apart | (third ^ theirs[2]) | (fourth ^ theirs[3]);
        apart == 0 && self.length == other.length
    }

    /// Its place among so many at hand as a number of bits can tell apart.
    #[inline]
    pub(super) fn place(&self, bits: u32) -> usize {
        let [a, b, c, d] = self.bytes;
        let mixed = a ^ b.rotate_left(19) ^ c.rotate_left(37) ^ d.rotate_left(53);
        let mixed = mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        usize::try_from(mixed.unbounded_shr(u64::BITS.wrapping_sub(bits))).unwrap_or(0)
    }
}

/// A field of up to 16 bytes: these, the last one highest, how many they are, and the
/// number of its name.
#[derive(Debug, Clone, Copy)]
struct Short {
    bytes: [u64; 2],
    length: u32,
    id: u32,
}

impl Short {
    /// One of another length than any field of so few bytes.
    const NONE: Self = Self { bytes: [0; 2], length: u32::MAX, id: 0 };

    /// Without a number; `None` for longer fields, and near the beginning of the text.
    #[inline]
    fn at(spot: &Spot<'_>) -> Option<Self> {
        Some(Self { bytes: spot.two_words()?, length: position(spot.len()), id: 0 })
    }

    /// Its place among those at hand.
    #[inline]
    fn place(&self) -> usize {
        let [low, high] = self.bytes;
        let mixed = high.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ low;
        let mixed = mixed.wrapping_mul(0xd6e8_feb8_6659_fd93);
        let place = mixed.unbounded_shr(u64::BITS.wrapping_sub(SHORT_BITS));
        usize::try_from(place).unwrap_or(0)
    }

    /// Whether both are one field.
    #[inline]
    fn is(&self, other: &Self) -> bool {
        let ([low, high], [other_low, other_high]) = (self.bytes, other.bytes);
        let apart = (low ^ other_low) | (high ^ other_high);
        apart | u64::from(self.length ^ other.length) == 0
    }
}

/// Keeps one at hand, at its place among `many`.
pub(super) fn keep<T: Clone + Default>(list: &mut Vec<T>, many: usize, place: usize, one: T) {
    if list.is_empty() {
        list.resize(many, T::default());
    }
    if let Some(slot) = list.get_mut(place) {
        *slot = one;
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
        if let (Some(own), Some(short)) = (Short::at(spot), &self.short) {
            let known = short.get(own.place()).unwrap_or(&Short::NONE);
            return if known.is(&own) { known.id } else { 0 };
        }
        let (bytes, start, end) = spot.apart();
        self.known_long(bytes, start, end)
    }

    #[inline(never)]
    fn known_long(&self, bytes: &[u8], start: usize, end: usize) -> u32 {
        let Some(word) = Word::at(&Spot::of(bytes, start, end)) else { return 0 };
        let known = self.at_hand.get(word.place(LONG_BITS)).filter(|(known, _)| known.is(&word));
        known.map_or(0, |(_, id)| *id)
    }

    /// The number of a field's name; `None` for what is none, or one too many.
    pub(super) fn id_at(&mut self, spot: &Spot<'_>) -> Option<u32> {
        let Plain::Text(name) = Plain::of_text(spot.text()) else { return None };
        let id = self.find(name)?;
        if let Some(own) = Short::at(spot) {
            let short = self.short.get_or_insert_with(|| Box::new([Short::NONE; 1 << SHORT_BITS]));
            if let Some(slot) = short.get_mut(own.place()) {
                *slot = Short { id, ..own };
            }
        } else if let Some(word) = Word::at(spot) {
            keep(&mut self.at_hand, 1 << LONG_BITS, word.place(LONG_BITS), (word, id));
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
