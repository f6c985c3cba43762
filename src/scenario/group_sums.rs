//! Sums that wait for their price: cells of one time segment that cost the same per unit
//! and fall into the same group are priced once.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::ledger::Sums;

/// What cells that wait together have in common: where their prices are, and the numbers
/// of the values of their head and of their labels.
pub(super) type Shared = (usize, u32, u32);

/// Sums that wait.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Where the record of each is.
    places: HashMap<Shared, usize, FixedState>,
    /// Whose each record is, and its length.
    owners: Vec<(Shared, usize)>,
    /// Records one after the other: rows, then a sum for each meter.
    records: Vec<u128>,
}

impl Waiting {
    /// Adds a cell. All that share one thing have the same meters.
    pub(super) fn add(&mut self, shared: Shared, sums: &Sums<'_>) {
        let width = sums.meters.len().saturating_add(1);
        let numbers = std::iter::once(&sums.rows).chain(sums.meters).copied().map(u128::from);
        let next = self.records.len();
        let start = *self.places.entry(shared).or_insert(next);
        if start == next {
            self.owners.push((shared, width));
            self.records.extend(numbers);
            return;
        }
        let own = self.records.get_mut(start..start.saturating_add(width));
        for (sum, number) in own.unwrap_or_default().iter_mut().zip(numbers) {
            *sum = sum.saturating_add(number);
        }
    }

    /// Gives all that wait, rows and sums apart, in the order in which they came.
    pub(super) fn take<E>(
        &mut self,
        mut each: impl FnMut(Shared, u128, &[u128]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.places.clear();
        let mut rest = self.records.as_slice();
        for (shared, width) in self.owners.drain(..) {
            let Some((own, behind)) = rest.split_at_checked(width) else { break };
            rest = behind;
            let Some((rows, sums)) = own.split_first() else { continue };
            each(shared, *rows, sums)?;
        }
        self.records.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shared_is_given_once_and_then_no_more() {
        let mut waiting = Waiting::default();
        let cells: [(Shared, u64, &[u64]); 5] = [
            ((0, 1, 2), 3, &[10, 20]),
            ((1, 1, 2), 1, &[u64::MAX]),
            ((0, 1, 2), 4, &[1, 2]),
            ((0, 2, 2), 5, &[]),
            ((1, 1, 2), 1, &[u64::MAX]),
        ];
        for (shared, rows, meters) in cells {
            waiting.add(shared, &Sums { rows, billed: None, meters });
        }
        let mut found = Vec::new();
        let mut take = |waiting: &mut Waiting| {
            waiting.take(|shared, rows, sums| {
                found.push((shared, rows, sums.to_vec()));
                Ok::<(), ()>(())
            })
        };
        take(&mut waiting).unwrap();
        take(&mut waiting).unwrap();
        let twice = 2 * u128::from(u64::MAX);
        let expected =
            vec![((0, 1, 2), 7, vec![11, 22]), ((1, 1, 2), 2, vec![twice]), ((0, 2, 2), 5, vec![])];
        assert_eq!(found, expected);
    }
}
