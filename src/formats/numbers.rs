//! Fields of a column to whole numbers: they are loaded one by one, and made into numbers
//! as many at a time as the processor can.
#![deny(clippy::arithmetic_side_effects)]

use super::columns::{Spot, TOGETHER};
use super::digits::{NONE, number_of};
use crate::blocks::{Lanes, WithLanes, with_lanes};

/// The fields of a column, as they are loaded.
#[derive(Debug)]
pub(super) struct Loaded {
    /// The last eight bytes up to the end of each, the last one highest.
    words: [u64; TOGETHER],
    /// How many bytes each has.
    lengths: [u64; TOGETHER],
}

impl Default for Loaded {
    fn default() -> Self {
        Self { words: [0; TOGETHER], lengths: [0; TOGETHER] }
    }
}

impl Loaded {
    /// The numbers that the digits of fields say, up to eight of each, and 0 for an empty
    /// one; [`NONE`] for other text and for more, and near the beginning of a text. Gives
    /// whether there is none of these.
    pub(super) fn numbers<'t>(
        &mut self,
        spots: impl Iterator<Item = Spot<'t>>,
        values: &mut [u64],
    ) -> bool {
        let mut loaded: usize = 0;
        for (spot, (word, length)) in spots.zip(self.words.iter_mut().zip(&mut self.lengths)) {
            loaded = loaded.wrapping_add(1);
            (*word, *length) = match spot.last() {
                Some(bytes) => (u64::from_le_bytes(bytes), spot.length()),
                None => (0, u64::MAX),
            };
        }
        let Self { words, lengths } = &*self;
        let values = values.get_mut(..loaded).unwrap_or_default();
        with_lanes(Parsing { words, lengths, values })
    }
}

/// Loaded fields that become numbers.
struct Parsing<'p> {
    words: &'p [u64],
    lengths: &'p [u64],
    values: &'p mut [u64],
}

impl WithLanes for Parsing<'_> {
    type Output = bool;

    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    fn run<L: Lanes>(self, _: L) -> bool {
        let mut all: u64 = 0;
        let fields = self.words.iter().zip(self.lengths);
        for (value, (word, length)) in self.values.iter_mut().zip(fields) {
            *value = number_of(*word, *length);
            all |= *value;
        }
        // The bits of numbers of eight digits never make all bits together.
        all != NONE
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::blocks::Usual;

    /// What one field says, near the beginning of a text or not.
    fn plainly(field: &str, end: usize) -> u64 {
        let digits = field.bytes().all(|byte| byte.is_ascii_digit());
        let known = digits && field.len() <= 8 && end >= 8;
        if known { field.parse().unwrap_or(0) } else { NONE }
    }

    proptest! {
        #[test]
        fn columns_become_the_numbers_that_their_fields_say(
            fields in proptest::collection::vec("[0-9]{0,10}|[0-9./:]{1,8}", 0..TOGETHER + 3),
        ) {
            let (mut text, mut spots, mut plain) = (String::new(), Vec::new(), Vec::new());
            for field in &fields {
                let start = text.len();
                text.push_str(field);
                plain.push(plainly(field, text.len()));
                spots.push((start, text.len()));
                text.push(',');
            }
            plain.truncate(TOGETHER);
            let spots = spots.iter().map(|(start, end)| Spot::of(text.as_bytes(), *start, *end));
            let (mut loaded, mut values) = (Loaded::default(), [7; TOGETHER]);
            let all = loaded.numbers(spots, &mut values);
            prop_assert_eq!(&values[..plain.len()], plain.as_slice());
            prop_assert_eq!(all, !plain.contains(&NONE));
            prop_assert!(values[plain.len()..].iter().all(|value| *value == 7));
            let Loaded { words, lengths } = &loaded;
            let mut others = vec![0; plain.len()];
            Parsing { words, lengths, values: &mut others }.run(Usual);
            prop_assert_eq!(others, plain);
        }
    }
}
