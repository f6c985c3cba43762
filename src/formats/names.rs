//! The names of one field as numbers. A name of usual length is known by its bytes
//! in four words, without a look at the text that was seen before.
#![deny(clippy::arithmetic_side_effects)]

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::plain::Plain;

/// The most names of one field that are remembered.
pub(super) const MOST_NAMES: u32 = 1 << 24;

/// Names that are at hand.
const AT_HAND: usize = 128;

/// Names of one field, each with a number from 1 on.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: HashMap<Box<[u8]>, u32, FixedState>,
    /// Those met last, each at the place that its bytes say.
    at_hand: Vec<(Word, u32)>,
}

/// The bytes of a name of up to 32, and how many they are.
#[derive(Debug, Clone, Copy, Default)]
struct Word {
    bytes: [u64; 4],
    length: u64,
}

impl Word {
    /// `None` for longer names, and for none.
    #[inline]
    fn new(name: &[u8]) -> Option<Self> {
        let length = u64::try_from(name.len()).ok()?;
        let eight = |chunk: &[u8; 8]| u64::from_le_bytes(*chunk);
        let bytes = match name.len() {
            0 | 33.. => return None,
            1..=3 => {
                let [first, last] = [*name.first()?, *name.last()?];
                let middle = *name.get(name.len() / 2)?;
                [u64::from_le_bytes([first, middle, last, 0, 0, 0, 0, 0]), 0, 0, 0]
            }
            4..=7 => {
                let four = |chunk: &[u8; 4]| u64::from(u32::from_le_bytes(*chunk));
                [four(name.first_chunk()?), four(name.last_chunk()?), 0, 0]
            }
            8..=16 => [eight(name.first_chunk()?), eight(name.last_chunk()?), 0, 0],
            _ => {
                let (first, last) = (name.first_chunk::<16>()?, name.last_chunk::<16>()?);
                let [a, b] = [eight(first.first_chunk()?), eight(first.last_chunk()?)];
                let [c, d] = [eight(last.first_chunk()?), eight(last.last_chunk()?)];
                [a, b, c, d]
            }
        };
        Some(Self { bytes, length })
    }

    /// Whether both are one. Word by word: a comparison of all of them at once would
    /// wait for each to be written.
    #[inline]
    fn is(&self, other: &Self) -> bool {
        let [first, second, third, fourth] = self.bytes;
        let theirs = other.bytes;
        let apart = (first ^ theirs[0]) | (second ^ theirs[1]);
        let apart = apart | (third ^ theirs[2]) | (fourth ^ theirs[3]);
        apart | (self.length ^ other.length) == 0
    }

    /// Its place among those at hand.
    #[inline]
    fn place(&self) -> usize {
        let [a, b, c, d] = self.bytes;
        let mixed = a ^ b.rotate_left(19) ^ c.rotate_left(37) ^ d.rotate_left(53) ^ self.length;
        let mixed = mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        usize::try_from(mixed.unbounded_shr(57)).unwrap_or(0)
    }
}

impl Names {
    /// The number of a name; `None` for what is none, or one too many.
    #[inline]
    pub(super) fn id(&mut self, plain: Plain<'_>) -> Option<u32> {
        let Plain::Text(name) = plain else { return None };
        let Some(word) = Word::new(name) else { return self.find(name) };
        let place = word.place();
        match self.at_hand.get(place) {
            Some((known, id)) if known.is(&word) => Some(*id),
            _ => self.fetch(name, word, place),
        }
    }

    fn fetch(&mut self, name: &[u8], word: Word, place: usize) -> Option<u32> {
        let id = self.find(name)?;
        if self.at_hand.is_empty() {
            self.at_hand.resize(AT_HAND, (Word::default(), 0));
        }
        if let Some(slot) = self.at_hand.get_mut(place) {
            *slot = (word, id);
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
                let id = table.id(Plain::Text(name.as_bytes())).unwrap();
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
