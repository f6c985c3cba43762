//! A slow reference pricer, written from the design and the card files alone.
//!
//! Prices row by row with rational numbers, every row under every scenario, and
//! adds up. Must not use tierwise's rates, ledger or scenarios: it is what
//! these are compared with.
#![cfg(test)]

mod cards;
mod counts;
mod rates;
mod scenarios;

use std::collections::BTreeMap;

use num_rational::BigRational;

pub(crate) use cards::{Book, Card, Fee, Interval, ModelCard, Price, decimal};

/// One record as a log writes it, before anything is read into it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// Seconds since 1970; `None` when the log has no time.
    pub(crate) start: Option<i64>,
    /// End of the period that the row sums up.
    pub(crate) end: Option<i64>,
    /// Provider column.
    pub(crate) provider: Option<String>,
    /// Model column.
    pub(crate) model: Option<String>,
    /// `service_tier`.
    pub(crate) served: Option<String>,
    /// `requested_tier`.
    pub(crate) requested: Option<String>,
    /// `requests`.
    pub(crate) requests: Option<u64>,
    /// The counts that the log has, by column.
    pub(crate) counts: BTreeMap<&'static str, u64>,
    /// Whether some field holds what cannot be read.
    pub(crate) spoiled: bool,
}

/// What a row becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// In every total.
    Priced,
    /// In none: something has no rate, as recorded or at Standard.
    Unpriced,
    /// Refused.
    Rejected,
    /// Without usage.
    Empty,
}

/// The tier names of reports, in their order.
pub(crate) const TIERS: [&str; 6] =
    ["recorded", "standard", "flex", "priority", "batch", "cheapest"];

/// The caching names of reports, in their order.
pub(crate) const CACHINGS: [&str; 2] = ["recorded", "none"];

/// `(tier, caching)`.
pub(crate) type ScenarioName = (&'static str, &'static str);

/// A scenario's total and what is said beside it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Total {
    /// The total.
    pub(crate) usd: BigRational,
    /// All short.
    pub(crate) low: BigRational,
    /// All long.
    pub(crate) high: BigRational,
    /// Rows at their Standard price for want of a price under the tier.
    pub(crate) fallback_rows: u64,
    /// What these rows cost.
    pub(crate) fallback_usd: BigRational,
}

/// What a run's rows cost.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    /// What each row became, in order.
    pub(crate) classes: Vec<Class>,
    /// All twelve scenarios.
    pub(crate) totals: BTreeMap<ScenarioName, Total>,
    /// For each caching assumption and model its cheapest tier.
    pub(crate) assignments: BTreeMap<(&'static str, String), &'static str>,
    /// All twelve costs of each priced row, by its position.
    pub(crate) by_row: BTreeMap<usize, BTreeMap<ScenarioName, BigRational>>,
}

impl Answer {
    /// How many rows became `class`.
    pub(crate) fn count(&self, class: Class) -> u64 {
        let rows = self.classes.iter().filter(|found| **found == class).count();
        u64::try_from(rows).expect("a small log")
    }
}
