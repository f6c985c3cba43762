//! The sums of one key.

use super::{MeterMask, Sums};
use crate::money::Money;
use crate::usage::{Meter, Totals, UsageRow};

/// The sums of one key. Holds one number for each meter of the key, not one for
/// each meter there is.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    /// Rows.
    pub rows: u64,
    /// Requests.
    pub requests: u128,
    /// The billed amounts of the rows that have one; `None` once their sum
    /// left the range of [`Money`].
    pub billed: BilledSum,
    sums: Vec<u128>,
}

/// A sum of billed amounts.
#[derive(Debug, Clone, Copy, Default)]
pub struct BilledSum {
    /// Rows with a billed amount.
    pub rows: u64,
    /// Their sum.
    pub usd: Money,
    /// Whether the sum left the range.
    pub overflow: bool,
}

impl BilledSum {
    /// Adds another sum.
    pub fn add(&mut self, other: &Self) {
        self.rows = self.rows.saturating_add(other.rows);
        match self.usd.checked_add(other.usd) {
            Some(usd) => self.usd = usd,
            None => self.overflow = true,
        }
        self.overflow |= other.overflow;
    }
}

impl Cell {
    /// The sums of one row.
    pub fn of_row(row: &UsageRow<'_>) -> Self {
        let mut cell = Self::default();
        cell.add_row(row);
        cell
    }

    /// Sums that were kept: rows and requests, what was billed for them where they say so,
    /// and the sum of each meter in use.
    pub(super) fn restored(
        (rows, requests): (u64, u64),
        (is_billed, usd): (bool, Money),
        totals: &Totals,
    ) -> Self {
        let billed = BilledSum { rows: if is_billed { rows } else { 0 }, usd, overflow: false };
        let sums = totals.nonzero().map(|(_, sum)| sum).collect();
        Self { rows, requests: u128::from(requests), billed, sums }
    }

    /// The sums, one for each meter of the key, in order.
    pub fn sums(&self) -> &[u128] {
        &self.sums
    }

    pub(super) fn add_row(&mut self, row: &UsageRow<'_>) {
        self.rows = self.rows.saturating_add(1);
        self.requests = self.requests.saturating_add(u128::from(row.requests));
        if let Some(usd) = row.billed {
            self.billed.add(&BilledSum { rows: 1, usd, overflow: false });
        }
        self.add_sums(row.quantities.nonzero().map(|(_, count)| u128::from(count)));
    }

    /// Adds the sums of another one of the same meters.
    pub fn add(&mut self, other: &Self) {
        self.rows = self.rows.saturating_add(other.rows);
        self.requests = self.requests.saturating_add(other.requests);
        self.billed.add(&other.billed);
        self.add_sums(other.sums.iter().copied());
    }

    /// Adds the sums of rows of one request each.
    pub(super) fn add_sums_of(&mut self, sums: &Sums<'_>) {
        self.rows = self.rows.saturating_add(sums.rows);
        self.requests = self.requests.saturating_add(u128::from(sums.rows));
        self.billed.add(&sums.billed_sum());
        self.add_sums(sums.meters.iter().map(|sum| u128::from(*sum)));
    }

    /// Adds counts of the key's meters, in their order.
    fn add_sums(&mut self, counts: impl Iterator<Item = u128>) {
        for (at, count) in counts.enumerate() {
            match self.sums.get_mut(at) {
                Some(sum) => *sum = sum.saturating_add(count),
                None => self.sums.push(count),
            }
        }
    }

    /// The sums by meter, where `mask` has the bits of the key's meters.
    pub(super) fn totals(&self, mask: MeterMask) -> Totals {
        let mut totals = Totals::default();
        for (meter, sum) in Meter::of_bits(mask).zip(&self.sums) {
            totals.add(meter, *sum);
        }
        totals
    }
}
