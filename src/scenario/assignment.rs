//! Cheapest: for each model the one tier that makes the run cheapest.

use std::collections::BTreeMap;

use super::comparison::Uncovered;
use super::total::ScenarioTotal;
use super::{Caching, Scenario, TierChoice};
use crate::money::Money;
use crate::rates::{Evidence, ModelId};

/// The order in which equal tiers are preferred.
const PREFERRED: [TierChoice; 4] =
    [TierChoice::Standard, TierChoice::Flex, TierChoice::Batch, TierChoice::Priority];

/// The tier that a model is assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Assignment {
    /// For which caching assumption.
    pub caching: Caching,
    /// The model.
    pub model: ModelId,
    /// The tier.
    pub tier: TierChoice,
}

/// The totals of each model under each fixed scenario.
pub(super) type ModelTotals = BTreeMap<(ModelId, Scenario), ScenarioTotal>;

/// Chooses the cheapest tier of each model, once for each caching assumption,
/// from the run's totals. Ties go to the better evidence, then to Standard, Flex,
/// Batch, Priority. Rows that a tier cannot price count at their
/// Standard price, even where they are left out of its total: a tier is not
/// cheap because it drops rows.
pub(super) fn assign(
    totals: &ModelTotals,
    cachings: &[Caching],
    uncovered: Uncovered,
) -> Vec<Assignment> {
    let mut models: Vec<ModelId> = totals.keys().map(|(model, _)| *model).collect();
    models.dedup();
    let mut assignments = Vec::new();
    for caching in cachings.iter().copied() {
        for model in &models {
            let cost = |tier: &TierChoice| {
                let total = totals.get(&(*model, Scenario { tier: *tier, caching }));
                let usd = total.map(|total| comparable(total, uncovered)).unwrap_or_default();
                let vouchers = total.and_then(|total| total.by_evidence.keys().max().copied());
                // A contract on a provider's price is no weaker than that price.
                (usd, vouchers.unwrap_or(Evidence::Provider).max(Evidence::Provider))
            };
            // `min_by_key` keeps the first of equals.
            let tier = PREFERRED.into_iter().min_by_key(cost).unwrap_or(TierChoice::Standard);
            assignments.push(Assignment { caching, model: *model, tier });
        }
    }
    assignments
}

/// A total with the rows that the tier cannot price.
fn comparable(total: &ScenarioTotal, uncovered: Uncovered) -> Money {
    let left_out = match uncovered {
        Uncovered::Standard => Money::ZERO,
        Uncovered::Exclude => total.fallback.usd,
    };
    total.usd.checked_add(left_out).unwrap_or(total.usd)
}
