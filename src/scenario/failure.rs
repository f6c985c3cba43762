//! Why a ledger cannot be priced as asked.

use super::comparison::OutOfRange;
use super::{Class, Scenario, TierChoice};
use crate::ledger::View;
use crate::money::Share;
use crate::rates::{NoRate, WhyNoRate};
use crate::usage::Meter;

/// A ledger or a request that cannot be priced as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PricingError {
    /// An amount left the range of [`crate::money::Money`].
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// An assumed share of cached input gives no exact rate.
    #[error(transparent)]
    Inexact(#[from] Inexact),
}

/// An assumed share of cached input that gives no exact rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a cached share of {share} gives {model} no exact {} rate under {tier}: it needs more than 18 \
     decimals, and no rate is rounded; assume a share with few decimals{}",
    meter.name(),
    example(*share)
)]
pub struct Inexact {
    /// The share.
    pub share: Share,
    /// The model, as logged or typed.
    pub model: String,
    /// The tier.
    pub tier: String,
    /// The meter without caching.
    pub meter: Meter,
}

/// A share near by that has few decimals.
fn example(share: Share) -> String {
    let near = share.rounded_percent();
    if near == share.to_string() { String::new() } else { format!(", such as {near}") }
}

impl PricingError {
    /// Why a cell with a price has no cost in a scenario.
    pub(super) fn of(why: NoRate, view: &View<'_>, class: &Class<'_>, scenario: Scenario) -> Self {
        let NoRate { meter, why: WhyNoRate::InexactBlend } = why else {
            return OutOfRange.into();
        };
        let Some(share) = scenario.caching.cached_share() else {
            return OutOfRange.into();
        };
        // A tier without a price took that of Standard.
        let own = class.list(scenario.tier).of(meter).is_ok();
        let tier = if own { scenario.tier } else { TierChoice::Standard };
        let tier = if tier == TierChoice::Recorded { view.tier() } else { tier.name() };
        let model = view.model().unwrap_or_default().to_owned();
        Inexact { share, model, tier: tier.to_owned(), meter }.into()
    }
}
