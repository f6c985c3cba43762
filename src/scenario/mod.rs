//! Scenarios: a tier assignment x a caching assumption, and their comparison.
//!
//! One set of rows serves all: those that can be priced both as recorded and at
//! Standard. A tier that cannot price a row takes its Standard price, which is
//! stated beside the total. Asks the rate book for price lists; has no
//! arithmetic of rates of its own.

mod assignment;
mod charges;
mod classes;
mod comparison;
mod estimate;
mod facts;
mod failure;
mod group_places;
mod group_prices;
mod group_sums;
mod groups;
mod hands;
mod inert;
mod pricer;
mod quotes;
mod row;
mod total;
mod workings;

pub use assignment::Assignment;
pub use charges::{Amounts, COMPARED, Charge, ChargePeriod, Charges, MeterUsage, Split, charges};
pub use classes::Classes;
pub use comparison::{
    BilledPriced, Comparison, MatchCount, Mismatch, Options, OutOfRange, Uncovered, UnpricedRows,
    assume_cached, compare, group,
};
pub use estimate::{
    BreakEven, Estimate, EstimateError, EstimateLine, EstimateModel, EstimateScenario, Ratio,
    Request, estimate,
};
pub use facts::{Borrowing, Facts, WebSearch};
pub use failure::{Inexact, PricingError};
pub use groups::{Group, GroupTotal, Groups};
pub use hands::{Hands, OneByOne, made_beside, made_by};
pub use inert::InertMeters;
pub use pricer::{Class, Pricer, Unpriced};
pub use row::{RowCost, RowPricer, RowQuote};
pub use total::{Fallback, Range, ScenarioTotal, Volume};
pub use workings::{Tariff, Use, Workings, workings};

use crate::money::Share;
use crate::usage::ServiceTier;

/// Which tier every row is priced under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TierChoice {
    /// The tier that the log says.
    Recorded,
    /// Standard.
    Standard,
    /// Flex.
    Flex,
    /// Priority.
    Priority,
    /// Batch.
    Batch,
    /// For each model the tier that makes the run cheapest.
    Cheapest,
}

impl TierChoice {
    /// All, in the order of reports.
    pub const ALL: [Self; 6] =
        [Self::Recorded, Self::Standard, Self::Flex, Self::Priority, Self::Batch, Self::Cheapest];

    /// Those that need no other rows to be known: all but Cheapest.
    pub const FIXED: [Self; 5] =
        [Self::Recorded, Self::Standard, Self::Flex, Self::Priority, Self::Batch];

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Standard => "standard",
            Self::Flex => "flex",
            Self::Priority => "priority",
            Self::Batch => "batch",
            Self::Cheapest => "cheapest",
        }
    }

    /// The one tier that it stands for.
    pub const fn tier(self) -> Option<ServiceTier> {
        match self {
            Self::Standard => Some(ServiceTier::Standard),
            Self::Flex => Some(ServiceTier::Flex),
            Self::Priority => Some(ServiceTier::Priority),
            Self::Batch => Some(ServiceTier::Batch),
            Self::Recorded | Self::Cheapest => None,
        }
    }

    /// What one agrees to with the tier.
    pub const fn terms(self) -> &'static str {
        match self {
            Self::Recorded => "as the logs say",
            Self::Standard => "pay as you go",
            Self::Flex => "slower, may be refused",
            Self::Priority => "may be downgraded to Standard and billed so",
            Self::Batch => "answered within 24 hours",
            Self::Cheapest => "one tier for each model, on its terms",
        }
    }
}

/// What is assumed of caching.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Caching {
    /// The hits and writes that the log says.
    Recorded,
    /// Every cached and written token returned to its input: arithmetic, exact.
    None,
    /// This share of each modality's input read from the cache, and nothing
    /// written to it: modelled, only where it is asked for.
    Assumed(Share),
}

impl Caching {
    /// Those of every report, in its order.
    pub const ALL: [Self; 2] = [Self::Recorded, Self::None];

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::None => "none",
            Self::Assumed(_) => "assumed",
        }
    }

    /// The share of cached input that it assumes.
    pub const fn cached_share(self) -> Option<Share> {
        match self {
            Self::Assumed(share) => Some(share),
            Self::Recorded | Self::None => None,
        }
    }
}

/// A tier assignment x a caching assumption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scenario {
    /// The tier assignment.
    pub tier: TierChoice,
    /// The caching assumption.
    pub caching: Caching,
}

impl Scenario {
    /// What every other scenario is compared with.
    pub const BASELINE: Self = Self { tier: TierChoice::Recorded, caching: Caching::Recorded };

    /// How many there are in every report.
    pub const COUNT: usize = TierChoice::ALL.len() * Caching::ALL.len();

    /// The twelve of every report, in its order.
    pub fn all() -> impl Iterator<Item = Self> + Clone {
        Self::of(&Caching::ALL)
    }

    /// Every tier with each of some caching assumptions, in the order of reports.
    pub fn of(cachings: &[Caching]) -> impl Iterator<Item = Self> + Clone {
        TierChoice::ALL.into_iter().flat_map(move |tier| {
            cachings.iter().map(move |caching| Self { tier, caching: *caching })
        })
    }
}
