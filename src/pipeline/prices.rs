//! What reading asks of prices.

use crate::ledger::{Cell, Key, Ledger, MeterMask};
use crate::scenario::{Classes, InertMeters, Pricer};

/// What reading asks of prices: which rows have one, and which rows may be summed together.
#[derive(Debug)]
pub struct Prices<'b> {
    pricer: Pricer<'b>,
    classes: Classes<'b>,
    inert: InertMeters<'b>,
}

impl<'b> Prices<'b> {
    /// Rows are kept apart by the meters that they use: whatever the sums are priced with,
    /// they have all that decides it.
    pub fn of_each(pricer: Pricer<'b>) -> Self {
        Self::new(pricer, Vec::new())
    }

    /// Rows are summed together that differ in [inert meters](InertMeters) alone. Their
    /// sums are only good for these books, without an assumed share of cached input. Each of
    /// the others is a part of the first one: it has no price that begins or ends at another
    /// time.
    pub fn of_sums(pricer: Pricer<'b>, others: Vec<Pricer<'b>>) -> Self {
        let books = std::iter::once(pricer.another()).chain(others).collect();
        Self::new(pricer, books)
    }

    /// The same for the keys of another ledger: names have other numbers there.
    pub(super) fn of_another(&self) -> Self {
        Self::of_each(self.pricer.another())
    }

    fn new(pricer: Pricer<'b>, books: Vec<Pricer<'b>>) -> Self {
        Self { pricer, classes: Classes::default(), inert: InertMeters::new(books) }
    }

    /// Whether the rows of a key have a price. All keys are of one ledger.
    pub(super) fn has(&mut self, ledger: &Ledger, key: &Key) -> bool {
        let cell = Cell::default();
        self.classes.of(&mut self.pricer, &ledger.view(key, &cell)).is_ok()
    }

    /// Those of some meters that do not keep rows apart which have text input.
    pub(super) fn inert(&mut self, meters: MeterMask, of: (&Ledger, &Key)) -> MeterMask {
        self.inert.among(meters, of)
    }
}
