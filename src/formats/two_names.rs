//! Names in two columns side by side, which are known by the bytes of both at once.
#![deny(clippy::arithmetic_side_effects)]

use super::at_hand::AtHand;
use super::columns::Spot;
use super::names::Word;

/// A bit that stands for no name: so that nothing is something too.
const KNOWN: u64 = 1 << 63;

/// Two columns side by side of names.
#[derive(Debug, Clone)]
pub(super) struct TwoNames {
    /// The first one.
    pub(super) column: u32,
    /// The readers of both.
    pub(super) readers: [usize; 2],
    /// Whether most pairs of the last records were not at hand: the columns are read apart for a
    /// while.
    pub(super) rests: bool,
    /// What stands for the names of pairs that were met last.
    at_hand: AtHand<Word, u64, 10>,
}

impl TwoNames {
    /// The first two among columns of names, each with its reader.
    pub(super) fn among(columns: impl Iterator<Item = (u32, usize)>) -> Option<Self> {
        let mut columns: Vec<(u32, usize)> = columns.collect();
        columns.sort_unstable();
        columns.array_windows().find_map(|[(column, one), (next, other)]| {
            let (column, readers) = (*column, [*one, *other]);
            (column.checked_add(1) == Some(*next)).then(|| Self {
                column,
                readers,
                rests: false,
                at_hand: AtHand::default(),
            })
        })
    }

    /// Both columns.
    pub(super) fn columns(&self) -> [u32; 2] {
        [self.column, self.column.wrapping_add(1)]
    }

    /// What stands for the names of a pair that is at hand.
    #[inline]
    pub(super) fn known_at(&self, span: &Spot<'_>) -> Option<u64> {
        let known = Word::at(span).map_or(0, |word| self.at_hand.get(&word));
        (known != 0).then_some(known ^ KNOWN)
    }

    /// Keeps what stands for the names of a pair at hand.
    pub(super) fn keep(&mut self, span: &Spot<'_>, names: u64) {
        if let Some(word) = Word::at(span) {
            self.at_hand.keep(word, names | KNOWN);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_columns_side_by_side_are_found_in_any_order() {
        let of = |columns: &[(u32, usize)]| {
            TwoNames::among(columns.iter().copied()).map(|two| (two.columns(), two.readers))
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[(4, 0), (6, 1), (1, 2)]), None);
        assert_eq!(of(&[(6, 0), (9, 1), (1, 2), (5, 3), (10, 4)]), Some(([5, 6], [3, 0])));
    }

    proptest! {
        #[test]
        fn pairs_are_told_apart_as_their_bytes_are(
            pairs in proptest::collection::vec("[ab]{0,18},[ab]{0,18}", 1..200),
        ) {
            let mut two = TwoNames::among([(0, 0), (1, 1)].into_iter()).unwrap();
            let mut numbers = std::collections::HashMap::new();
            for pair in pairs {
                for before in ["", "a", "a,bababababababababababababababababab"] {
                    let next = u64::try_from(numbers.len()).unwrap();
                    let number = *numbers.entry(pair.clone()).or_insert(next);
                    let text = format!("{before}{pair}");
                    let span = Spot::of(text.as_bytes(), before.len(), text.len());
                    prop_assert!(two.known_at(&span).is_none_or(|known| known == number));
                    two.keep(&span, number);
                    let is_at_hand = pair.len() <= 32 && text.len() >= 32;
                    prop_assert_eq!(two.known_at(&span), is_at_hand.then_some(number));
                }
            }
        }
    }
}
