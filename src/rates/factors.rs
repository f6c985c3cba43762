//! Multipliers of rates: which apply to a price, in which order, and that every
//! product is exact.

use std::collections::BTreeSet;

use super::book::{Entry, RateBook};
use super::card::CardError;
use super::layer::{Cell, Factor, Layer};
use crate::money::Rate;
use crate::usage::Instant;

/// The most factors of a book.
const MOST: usize = 64;

/// The most factors that one price may have.
const MOST_OF_ONE: usize = 8;

/// Which factors of a book multiplied a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Factors(u64);

impl Factors {
    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl RateBook {
    /// Every factor with its layer, in the order in which they apply: those of
    /// the weakest layer first, within a card as they stand there.
    pub(super) fn every_factor(&self) -> impl Iterator<Item = (&Layer, &Factor)> {
        let layers = self.layers.iter().rev();
        layers.flat_map(|layer| layer.factors.iter().map(move |factor| (layer, factor)))
    }

    /// The factors that multiplied a rate, in their order.
    pub fn factors(&self, which: Factors) -> impl Iterator<Item = &Factor> {
        let all = self.every_factor().enumerate();
        all.filter(move |(at, _)| which.0 & (1 << at) != 0).map(|(_, (_, factor))| factor)
    }

    /// A cell's rate with the factors that apply to it, in a region at an
    /// instant; `None` where a product is not exact, which loading rules out.
    pub(super) fn contracted(
        &self,
        entry: &Entry,
        cell: &Cell,
        region: &str,
        at: Instant,
    ) -> Option<(Rate, Factors)> {
        let (mut rate, mut which) = (cell.rate, 0_u64);
        for (bit, (layer, factor)) in self.every_factor().enumerate() {
            let hers = layer.provider == entry.provider && factor.covers(Some(&entry.id), cell);
            if hers && factor.applies(cell, region, at) {
                rate = rate.times(factor.multiplier)?;
                which |= 1 << bit;
            }
        }
        Some((rate, Factors(which)))
    }

    /// Fails where some of the factors that may come together make a rate that
    /// does not fit 18 decimals.
    pub(super) fn check_factors(&self, names: &[&str]) -> Result<(), CardError> {
        if self.every_factor().count() > MOST {
            let name = names.first().copied().unwrap_or_default().to_owned();
            let message = format!("expected at most {MOST} factors in all cards together");
            return Err(CardError::Value { name, line: 1, message });
        }
        for entry in &self.entries {
            let cells = self.cells_of(entry).map(|cell| (Some(entry.id.as_str()), cell));
            for (model, cell) in cells {
                self.check_products(&entry.provider, model, cell, names)?;
            }
        }
        for layer in &self.layers {
            let borrowers = self.layers.iter();
            let borrowers =
                borrowers.filter(|other| other.borrows.as_deref() == Some(&*layer.provider));
            let providers = borrowers.map(|other| &other.provider).chain([&layer.provider]);
            for provider in providers.collect::<BTreeSet<_>>() {
                for tool in &layer.tools {
                    self.check_products(provider, None, tool, names)?;
                }
            }
        }
        Ok(())
    }

    /// Every subset of the factors that cover a cell has an exact product.
    fn check_products(
        &self,
        provider: &str,
        model: Option<&str>,
        cell: &Cell,
        names: &[&str],
    ) -> Result<(), CardError> {
        let mut rates = vec![cell.rate];
        let mut taken: usize = 0;
        for (at, layer) in self.layers.iter().enumerate().rev() {
            for factor in layer.factors.iter().filter(|_| layer.provider == provider) {
                if !factor.covers(model, cell) {
                    continue;
                }
                taken = taken.saturating_add(1);
                let products = rates.iter().map(|rate| rate.times(factor.multiplier));
                let products: Option<Vec<Rate>> = products.collect();
                let Some(products) = products.filter(|_| taken <= MOST_OF_ONE) else {
                    let name = names.get(at).copied().unwrap_or_default();
                    return Err(inexact(name, factor, model, cell));
                };
                rates.extend(products);
            }
        }
        Ok(())
    }

    fn cells_of<'b>(&'b self, entry: &'b Entry) -> impl Iterator<Item = &'b Cell> {
        let parts = entry.parts.iter().filter_map(|(layer, model)| {
            self.layers.get(*layer).and_then(|layer| layer.models.get(*model))
        });
        parts.flat_map(|model| &model.cells)
    }
}

fn inexact(name: &str, factor: &Factor, model: Option<&str>, cell: &Cell) -> CardError {
    let (meter, published) = (cell.meter.name(), &cell.published);
    let tier = cell.tier.as_ref().map_or_else(String::new, |tier| format!(" {}", tier.name()));
    let message = format!(
        "`{}`: {published} USD ({}{tier} {meter}) x {}, with the factors before it, does not give \
         a price of one unit within 18 decimals, or has more than {MOST_OF_ONE} factors; narrow \
         its models, tiers or meters, or use fewer decimals",
        factor.name,
        model.unwrap_or("tool"),
        factor.multiplier,
    );
    CardError::Value { name: name.to_owned(), line: factor.line, message }
}
