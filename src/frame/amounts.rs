//! Amounts of a column of rows.

use std::ops::Range;

use super::rows::{put, within};
use crate::money::Money;

/// Amounts of rows of a table. The column may end before the last row: the others are nothing.
/// Amounts that are all whole femtodollars in a word each take half of the memory of others.
#[derive(Debug, Default)]
pub struct Amounts {
    /// In femtodollars; none where some are not.
    small: Vec<i64>,
    /// In attodollars.
    large: Vec<i128>,
}

/// Some of the amounts of a column.
#[derive(Debug, Clone, Copy)]
pub(super) enum SomeAmounts<'a> {
    /// In femtodollars.
    Small(&'a [i64]),
    /// In attodollars.
    Large(&'a [i128]),
}

impl Amounts {
    pub(super) fn clear(&mut self) {
        self.small.clear();
        self.large.clear();
    }

    /// Puts that of a row after those of rows before it.
    pub fn put(&mut self, row: usize, amount: Money) {
        match amount.femto() {
            Some(femto) if self.large.is_empty() => put(&mut self.small, row, femto),
            _ => put(self.widened(), row, amount.atto()),
        }
    }

    /// Adds those of rows after `before` others, in femtodollars.
    pub fn extend(&mut self, before: usize, femto: impl Iterator<Item = i64>) {
        if self.large.is_empty() {
            self.small.resize(before, 0);
            self.small.extend(femto);
        } else {
            self.large.resize(before, 0);
            self.large.extend(femto.map(|femto| Money::from_femto(femto).atto()));
        }
    }

    /// All of them in attodollars.
    fn widened(&mut self) -> &mut Vec<i128> {
        let small = self.small.drain(..);
        self.large.extend(small.map(|femto| Money::from_femto(femto).atto()));
        &mut self.large
    }

    /// Those of some rows, but for those after the last one that it has.
    pub(super) fn of(&self, rows: Range<usize>) -> SomeAmounts<'_> {
        if self.large.is_empty() {
            SomeAmounts::Small(within(&self.small, rows))
        } else {
            SomeAmounts::Large(within(&self.large, rows))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All of them in attodollars, of so many rows.
    fn read(amounts: &Amounts, rows: Range<usize>) -> Vec<i128> {
        let many = rows.len();
        let mut all = match amounts.of(rows) {
            SomeAmounts::Small(femto) => {
                femto.iter().map(|femto| Money::from_femto(*femto).atto()).collect()
            }
            SomeAmounts::Large(atto) => atto.to_vec(),
        };
        all.resize(many, 0);
        all
    }

    proptest! {
        #[test]
        fn amounts_are_read_as_they_were_put(
            log in proptest::collection::vec(
                prop_oneof![
                    Just(0),
                    (-9..9_i128).prop_map(|femto| femto * 1_000),
                    (-9..9_i128),
                    Just(i128::from(i64::MAX) * 1_000 + 1_000),
                ],
                0..20,
            ),
            together in proptest::collection::vec(any::<i64>(), 0..5),
            first in 0..25_usize,
        ) {
            let mut amounts = Amounts::default();
            for (row, atto) in log.iter().enumerate() {
                amounts.put(row, Money::from_atto(*atto));
            }
            amounts.extend(log.len(), together.iter().copied());
            let more = together.iter().map(|femto| Money::from_femto(*femto).atto());
            let all: Vec<i128> = log.iter().copied().chain(more).collect();
            let first = first.min(all.len());
            prop_assert_eq!(&read(&amounts, first..all.len())[..], &all[first..]);
            prop_assert_eq!(read(&amounts, 0..all.len()), all);
        }
    }

    #[test]
    fn memory_that_is_used_again_has_small_amounts_again() {
        let mut amounts = Amounts::default();
        amounts.put(0, Money::from_atto(1));
        assert!(matches!(amounts.of(0..1), SomeAmounts::Large(_)));
        amounts.clear();
        amounts.put(1, Money::from_atto(1_000));
        assert!(matches!(amounts.of(0..2), SomeAmounts::Small([0, 1])));
    }
}
