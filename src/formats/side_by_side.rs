//! Columns side by side that have names, or labels, which are known by the bytes of all at once.
#![deny(clippy::arithmetic_side_effects)]

use super::at_hand::AtHand;
use super::columns::Spot;
use super::names::Word;
use super::quick_rows::Brief;

/// A bit that stands for nothing: so that no names are something too.
const KNOWN: u64 = 1 << 63;

/// Columns side by side.
#[derive(Debug, Clone)]
pub(super) struct SideBySide {
    /// Each reader with its column. What stands for labels depends on their order, which is
    /// that of their readers.
    pub(super) readers: Vec<(usize, u32)>,
    /// The first column.
    pub(super) first: u32,
    /// Whether most texts of the last records were not at hand: the columns are read apart for a
    /// while.
    pub(super) rests: bool,
    /// What they have.
    kind: Kind,
    /// What stands for the texts that were met last.
    at_hand: AtHand<Word, u64, 11>,
}

/// What columns have, and how it is kept in a word.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Names: [`Brief::names`].
    Names,
    /// Labels: [`Brief::labels`], and above it [`Brief::has_labels`].
    Labels,
}

impl SideBySide {
    /// Of columns in their order, each with its reader.
    fn new(columns: &[(u32, usize)], kind: Kind) -> Self {
        let mut readers: Vec<(usize, u32)> = columns.iter().map(|(at, of)| (*of, *at)).collect();
        readers.sort_unstable();
        let first = columns.first().map_or(0, |(column, _)| *column);
        Self { readers, first, rests: false, kind, at_hand: AtHand::default() }
    }

    /// The first two among columns of names, each with its reader.
    pub(super) fn names(columns: impl Iterator<Item = (u32, usize)>) -> Option<Self> {
        let columns = sorted(columns);
        let mut pairs = columns.windows(2).filter(|pair| are_next(pair));
        pairs.next().map(|pair| Self::new(pair, Kind::Names))
    }

    /// The columns of all labels, each with its reader, where there are some and they stand side
    /// by side.
    pub(super) fn labels(columns: impl Iterator<Item = (u32, usize)>) -> Option<Self> {
        let columns = sorted(columns);
        (columns.len() > 1 && are_next(&columns)).then(|| Self::new(&columns, Kind::Labels))
    }

    /// Whether a reader is among them, and its column is read with the others.
    pub(super) fn reads(&self, reader: usize) -> bool {
        !self.rests && self.readers.iter().any(|(own, _)| *own == reader)
    }

    /// Gives a record what stands for its text; `false` where that is not at hand.
    #[inline]
    pub(super) fn give(&self, span: &Spot<'_>, record: &mut Brief) -> bool {
        let known = Word::at(span).map_or(0, |word| self.at_hand.get(&word));
        if known == 0 {
            return false;
        }
        match self.kind {
            Kind::Names => record.names |= known ^ KNOWN,
            Kind::Labels => {
                let [a, b, c, d, has, ..] = known.to_le_bytes();
                record.labels = u32::from_le_bytes([a, b, c, d]);
                record.has_labels |= has;
            }
        }
        true
    }

    /// Keeps what a record has, and nothing else was read of, at hand.
    pub(super) fn keep(&mut self, span: &Spot<'_>, record: &Brief) {
        let known = match self.kind {
            Kind::Names => record.names,
            Kind::Labels => {
                u64::from(record.has_labels).unbounded_shl(32) | u64::from(record.labels)
            }
        };
        if let Some(word) = Word::at(span) {
            self.at_hand.keep(word, known | KNOWN);
        }
    }
}

fn sorted(columns: impl Iterator<Item = (u32, usize)>) -> Vec<(u32, usize)> {
    let mut columns: Vec<(u32, usize)> = columns.collect();
    columns.sort_unstable();
    columns
}

fn are_next(columns: &[(u32, usize)]) -> bool {
    columns.array_windows().all(|[(one, _), (next, _)]| one.checked_add(1) == Some(*next))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_names_side_by_side_are_found_in_any_order() {
        let of = |columns: &[(u32, usize)]| {
            SideBySide::names(columns.iter().copied()).map(|found| (found.first, found.readers))
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[(4, 0), (6, 1), (1, 2)]), None);
        assert_eq!(of(&[(6, 0), (9, 1), (1, 2), (5, 3), (10, 4)]), Some((5, vec![(0, 6), (3, 5)])));
    }

    #[test]
    fn labels_are_taken_where_all_of_them_stand_side_by_side() {
        let of = |columns: &[(u32, usize)]| {
            SideBySide::labels(columns.iter().copied()).map(|found| (found.first, found.readers))
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[(4, 0)]), None);
        assert_eq!(of(&[(4, 0), (4, 1)]), None);
        assert_eq!(of(&[(4, 0), (5, 1), (7, 2)]), None);
        assert_eq!(of(&[(6, 0), (5, 1), (4, 2)]), Some((4, vec![(0, 6), (1, 5), (2, 4)])));
    }

    fn labelled(number: u64) -> Brief {
        let labels = u32::try_from(number).unwrap() << 20;
        let has_labels = u8::try_from(number % 8).unwrap();
        Brief { names: number << 50, labels, has_labels, ..Brief::NONE }
    }

    proptest! {
        #[test]
        fn texts_are_told_apart_as_their_bytes_are(
            texts in proptest::collection::vec("[ab]{0,18},[ab]{0,18}", 1..200),
        ) {
            let columns = || [(0, 0), (1, 1)].into_iter();
            let mut both = [SideBySide::names(columns()), SideBySide::labels(columns())];
            let mut numbers = std::collections::HashMap::new();
            for text in texts {
                for before in ["", "a", "a,bababababababababababababababababab"] {
                    let next = u64::try_from(numbers.len()).unwrap();
                    let own = labelled(*numbers.entry(text.clone()).or_insert(next));
                    let whole = format!("{before}{text}");
                    let span = Spot::of(whole.as_bytes(), before.len(), whole.len());
                    for (at, side) in both.iter_mut().flatten().enumerate() {
                        let what = |given: &Brief| match at {
                            0 => (given.names, 0, 0),
                            _ => (0, given.labels, given.has_labels),
                        };
                        let mut given = Brief::NONE;
                        prop_assert!(!side.give(&span, &mut given) || what(&given) == what(&own));
                        side.keep(&span, &own);
                        let is_at_hand = text.len() <= 32 && whole.len() >= 32;
                        given = Brief::NONE;
                        prop_assert_eq!(side.give(&span, &mut given), is_at_hand);
                        let given = what(&given);
                        prop_assert_eq!(given, if is_at_hand { what(&own) } else { (0, 0, 0) });
                    }
                }
            }
        }
    }
}
