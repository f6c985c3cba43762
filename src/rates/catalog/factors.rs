//! The multipliers of a book, each with its scope.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{FactorView, when};
use crate::rates::{Factor, Layer, RateBook};
use crate::usage::Meter;

/// A multiplier and what it holds for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScopedFactor {
    /// The provider whose prices it multiplies.
    pub provider: String,
    /// The multiplier.
    #[serde(flatten)]
    pub factor: FactorView,
    /// The models; empty for all.
    pub models: Vec<String>,
    /// The tiers; empty for all, the fees of tools included.
    pub tiers: Vec<String>,
    /// The meters; empty for all.
    pub meters: Vec<&'static str>,
    /// The regions; empty for all.
    pub regions: Vec<String>,
    /// First day or instant that it holds for; null where there is none.
    pub from: Option<String>,
    /// First day or instant that it no longer holds for.
    pub to: Option<String>,
}

/// In order, each once: a card may name them in any.
fn sorted<T: Ord>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.collect::<BTreeSet<_>>().into_iter().collect()
}

impl ScopedFactor {
    fn new(layer: &Layer, factor: &Factor) -> Self {
        Self {
            provider: layer.provider.clone(),
            factor: FactorView::new(factor),
            models: sorted(factor.models.iter().cloned()),
            tiers: sorted(factor.tiers.iter().map(|tier| tier.name().to_owned())),
            meters: sorted(factor.meters.iter().copied()).into_iter().map(Meter::name).collect(),
            regions: sorted(factor.regions.iter().cloned()),
            from: factor.from.map(when),
            to: factor.to.map(when),
        }
    }

    /// Whether both multiply the same prices by the same.
    pub(super) fn same_effect(&self, other: &Self) -> bool {
        let named = |one: &Self| {
            let factor =
                FactorView { name: String::new(), source: String::new(), ..one.factor.clone() };
            Self { factor, ..one.clone() }
        };
        named(self) == named(other)
    }
}

impl RateBook {
    /// The multipliers of a book that are kept, in the order in which they apply.
    pub(super) fn scoped_factors(
        &self,
        keep: impl Fn(&Layer, &Factor) -> bool,
    ) -> Vec<ScopedFactor> {
        let all = self.every_factor().filter(|(layer, factor)| keep(layer, factor));
        all.map(|(layer, factor)| ScopedFactor::new(layer, factor)).collect()
    }
}
