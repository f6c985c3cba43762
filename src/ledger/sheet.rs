//! The sums of one time segment: plain numbers one after the other, so that many
//! keys need little memory and are never copied.
//!
//! Keys are taken apart: what decides a price is a head, shared by all its label
//! sets. A key may be in several sheets; whoever adds up a ledger takes all of them.
#![deny(clippy::arithmetic_side_effects)]

use super::{BilledSum, Cell, Key};
use crate::money::Money;

/// Which numbers the record of a key has: its rows, what was billed for them as two
/// words where they say so, and a sum for each of their meters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    billed: bool,
    meters: u32,
}

impl Shape {
    /// That of the rows of a key.
    pub const fn of(key: &Key) -> Self {
        Self { billed: key.billed, meters: key.meters.count_ones() }
    }

    fn len(self) -> usize {
        let billed = if self.billed { 2 } else { 0 };
        usize::try_from(self.meters).unwrap_or(0).saturating_add(1).saturating_add(billed)
    }
}

/// The records of one sheet.
#[derive(Debug, Clone, Default)]
pub struct Records(Vec<u64>);

impl Records {
    /// Begins a record; gives its place, or `None` where there are too many.
    pub fn begin(&mut self, shape: Shape) -> Option<u32> {
        let at = u32::try_from(self.0.len()).ok()?;
        self.0.resize(self.0.len().checked_add(shape.len())?, 0);
        Some(at)
    }

    /// Adds a row to the record at a place; `false`, and nothing added, where a sum
    /// would not fit.
    #[inline]
    pub fn add(
        &mut self,
        (at, shape): (u32, Shape),
        billed: Option<Money>,
        counts: impl Iterator<Item = u64> + Clone,
    ) -> bool {
        let start = usize::try_from(at).unwrap_or(usize::MAX);
        let record = self.0.get_mut(start..).and_then(|rest| rest.split_first_mut());
        let Some((rows, mut sums)) = record else { return false };
        let mut total = None;
        if shape.billed {
            let Some((words, rest)) = sums.split_first_chunk_mut::<2>() else { return false };
            let Some(sum) = join(*words).checked_add(billed.unwrap_or_default()) else {
                return false;
            };
            total = Some((words, sum));
            sums = rest;
        }
        for (added, (sum, count)) in sums.iter_mut().zip(counts.clone()).enumerate() {
            let Some(more) = sum.checked_add(count) else {
                take_back(sums, counts, added);
                return false;
            };
            *sum = more;
        }
        if let Some((words, sum)) = total {
            *words = split(sum);
        }
        *rows = rows.saturating_add(1);
        true
    }
}

#[cold]
fn take_back(sums: &mut [u64], counts: impl Iterator<Item = u64>, added: usize) {
    for (sum, count) in sums.iter_mut().zip(counts).take(added) {
        *sum = sum.wrapping_sub(count);
    }
}

/// An amount as two words, the lower one first.
fn split(amount: Money) -> [u64; 2] {
    let bits = amount.atto().cast_unsigned();
    let word = |bits: u128| u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0);
    [word(bits), word(bits.unbounded_shr(64))]
}

fn join([low, high]: [u64; 2]) -> Money {
    let bits = u128::from(low) | u128::from(high).unbounded_shl(64);
    Money::from_atto(bits.cast_signed())
}

/// The sums of one key.
#[derive(Debug, Clone, Copy)]
pub struct Sums<'s> {
    /// Rows, each of one request.
    pub rows: u64,
    /// What was billed for them, where they say so.
    pub billed: Option<Money>,
    /// One sum for each meter of the key, in order.
    pub meters: &'s [u64],
}

/// Whose sums a record has.
#[derive(Debug, Clone, Copy)]
pub struct Owner {
    /// The head, by its number in the sheet.
    pub head: u32,
    /// The label set, by its number in the ledger.
    pub labels: u32,
}

/// The sums of one time segment, as one worker found them.
#[derive(Debug, Clone)]
pub struct Sheet {
    heads: Vec<Key>,
    /// Of each record, in their order.
    owners: Vec<Owner>,
    records: Records,
}

impl Sheet {
    /// Of keys without labels, and of records with their owners.
    pub fn new(heads: Vec<Key>, owners: Vec<Owner>, records: Records) -> Self {
        Self { heads, owners, records }
    }

    /// The keys, apart from their labels.
    pub fn heads(&self) -> &[Key] {
        &self.heads
    }

    /// The sums of each head and label set, by their numbers: the head's in this
    /// sheet, the label set's in the ledger.
    pub fn cells(&self) -> impl Iterator<Item = (usize, usize, Sums<'_>)> + '_ {
        let shapes: Vec<Shape> = self.heads.iter().map(Shape::of).collect();
        let number = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let mut rest = self.records.0.as_slice();
        self.owners.iter().filter_map(move |owner| {
            let head = number(owner.head);
            let shape = shapes.get(head)?;
            let (record, after) = rest.split_at_checked(shape.len())?;
            rest = after;
            Some((head, number(owner.labels), Sums::of(record, *shape)?))
        })
    }

    /// The number of cells.
    pub fn len(&self) -> usize {
        self.owners.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.owners.is_empty()
    }

    /// The sums by head, those of all label sets together.
    pub(super) fn by_head(&self) -> impl Iterator<Item = (&Key, Cell)> + '_ {
        let mut cells = vec![Cell::default(); self.heads.len()];
        for (head, _, sums) in self.cells() {
            if let Some(cell) = cells.get_mut(head) {
                cell.add_sums_of(&sums);
            }
        }
        self.heads.iter().zip(cells).filter(|(_, cell)| cell.rows > 0)
    }

    /// The same in another ledger: its keys, and for each label set its number there.
    pub(super) fn translate(&mut self, keys: impl Fn(&Key) -> Key, labels: &[u32]) {
        for head in &mut self.heads {
            *head = keys(head);
        }
        for owner in &mut self.owners {
            let at = usize::try_from(owner.labels).ok();
            owner.labels = at.and_then(|at| labels.get(at)).copied().unwrap_or(u32::MAX);
        }
    }
}

impl<'s> Sums<'s> {
    fn of(record: &'s [u64], shape: Shape) -> Option<Self> {
        let (rows, rest) = record.split_first()?;
        let (billed, meters) = match rest.split_first_chunk::<2>() {
            Some((words, meters)) if shape.billed => (Some(join(*words)), meters),
            _ => (None, rest),
        };
        Some(Self { rows: *rows, billed, meters })
    }

    /// What was billed, as a sum of its own.
    pub(super) fn billed_sum(&self) -> BilledSum {
        let rows = if self.billed.is_some() { self.rows } else { 0 };
        BilledSum { rows, usd: self.billed.unwrap_or_default(), overflow: false }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn amounts_are_the_same_after_two_words(atto in any::<i128>()) {
            let amount = Money::from_atto(atto);
            prop_assert_eq!(join(split(amount)), amount);
        }
    }

    #[test]
    fn a_row_that_does_not_fit_changes_nothing() {
        let shape = Shape { billed: true, meters: 2 };
        let other = Shape { billed: false, meters: 1 };
        let mut records = Records::default();
        records.begin(other).unwrap();
        let at = records.begin(shape).unwrap();
        records.begin(other).unwrap();
        let usd = Money::from_atto(7);
        let mut add = |usd, counts: [u64; 2]| records.add((at, shape), usd, counts.into_iter());
        assert!(add(Some(usd), [1, u64::MAX - 1]));
        assert!(!add(Some(usd), [1, 2]));
        assert!(!add(Some(Money::from_atto(i128::MAX)), [1, 1]));
        assert!(add(Some(usd), [1, 1]));
        let record = &records.0[2..7];
        let sums = Sums::of(record, shape).unwrap();
        assert_eq!((sums.rows, sums.billed), (2, Some(Money::from_atto(14))));
        assert_eq!(sums.meters, [2, u64::MAX]);
        assert!(records.0.iter().take(2).chain(records.0.iter().skip(7)).all(|word| *word == 0));
    }
}
