//! The sums of one time segment: plain numbers one after the other, so that many
//! keys need little memory and are never copied.
//!
//! Keys are taken apart: what decides a price is a head, shared by all its label
//! sets. A key may be in several sheets; whoever adds up a ledger takes all of them.
#![deny(clippy::arithmetic_side_effects)]

use super::{BilledSum, Cell, Key};
use crate::money::Money;
use crate::usage::Instant;

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
    /// Adds a record: the number of rows, what was billed for them, and a sum for each
    /// meter of its key.
    pub fn push(
        &mut self,
        shape: Shape,
        rows: u64,
        billed: Money,
        sums: impl Iterator<Item = u64>,
    ) {
        self.0.push(rows);
        if shape.billed {
            self.0.extend(billed.words());
        }
        let meters = usize::try_from(shape.meters).unwrap_or(0);
        self.0.extend(sums.chain(std::iter::repeat(0)).take(meters));
    }
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
    /// The sums of each head, those of all label sets together.
    sums: Vec<Cell>,
    /// Of each record, in their order.
    owners: Vec<Owner>,
    records: Records,
}

impl Sheet {
    /// Of keys without labels, and of records with their owners.
    pub fn new(heads: Vec<Key>, owners: Vec<Owner>, records: Records) -> Self {
        let mut sheet = Self { sums: Vec::new(), heads, owners, records };
        let mut sums = vec![Cell::default(); sheet.heads.len()];
        for (head, _, record) in sheet.cells() {
            if let Some(cell) = sums.get_mut(head) {
                cell.add_sums_of(&record);
            }
        }
        sheet.sums = sums;
        sheet
    }

    /// The keys, apart from their labels.
    pub fn heads(&self) -> &[Key] {
        &self.heads
    }

    /// The time segment of all of them; `None` for an empty sheet.
    pub fn segment(&self) -> Option<Option<Instant>> {
        self.heads.first().map(|key| key.segment)
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
    pub(super) fn by_head(&self) -> impl Iterator<Item = (&Key, &Cell)> + '_ {
        self.heads.iter().zip(&self.sums).filter(|(_, cell)| cell.rows > 0)
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
            Some((words, meters)) if shape.billed => (Some(Money::from_words(*words)), meters),
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
    use super::*;

    #[test]
    fn records_come_back_as_they_were_added() {
        let amount = Money::from_atto(-7);
        let (billed, other) =
            (Shape { billed: true, meters: 2 }, Shape { billed: false, meters: 1 });
        let mut records = Records::default();
        records.push(billed, 3, amount, [5, u64::MAX].into_iter());
        records.push(other, 1, Money::ZERO, [9].into_iter());
        let (first, second) = records.0.split_at(billed.len());
        let sums = Sums::of(first, billed).unwrap();
        assert_eq!((sums.rows, sums.billed, sums.meters), (3, Some(amount), &[5, u64::MAX][..]));
        let sums = Sums::of(second, other).unwrap();
        assert_eq!((sums.rows, sums.billed, sums.meters), (1, None, &[9][..]));
    }
}
