//! What a format's records can tell, read from its table.

use serde::Serialize;

use super::count::Count;
use super::table::{CachedTokens, Format, Layout, Scope, Target};

/// What a format is, and what its records can and cannot tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Tells {
    /// Its name in reports.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// `csv` or `json`.
    pub layout: &'static str,
    /// What a record is: `request`, `sum` over a period, `bill` (an amount without
    /// usage), or `refused`.
    pub record: &'static str,
    /// What was read from a cache: `inside` the input, `beside` it, `either` as the total
    /// says, or `no` where records do not say.
    pub cached: &'static str,
    /// The service tier: `yes`, `batch` where all are, or `no`.
    pub tier: &'static str,
    /// Whether they say what was billed.
    pub billed: bool,
    /// Whether repeated records are known by a key and count once.
    pub key: bool,
}

impl Format {
    /// Whose logs it is one of: what its name begins with.
    pub fn family(&self) -> &'static str {
        self.name.split_once('-').map_or(self.name, |(family, _)| family)
    }

    /// What its records can tell.
    pub fn tells(&self) -> Tells {
        let has = |wanted: fn(&Target) -> bool| self.fields.iter().any(|f| wanted(&f.target));
        let counts = has(|target| matches!(target, Target::Count(_)));
        let record = match self.scope {
            _ if self.refusal.is_some() => "refused",
            _ if !counts => "bill",
            Scope::Request => "request",
            Scope::Aggregate => "sum",
        };
        let cached = match self.cached {
            _ if !has(|target| *target == Target::Count(Count::Cached)) => "no",
            CachedTokens::InsideInput => "inside",
            CachedTokens::BesideInput => "beside",
            CachedTokens::ByTotal | CachedTokens::ByTotalOrInside => "either",
        };
        let said = has(|target| matches!(target, Target::ServedTier | Target::RequestedTier));
        let tier = match &self.envelope {
            Some(_) => "batch",
            None if said => "yes",
            None => "no",
        };
        Tells {
            name: self.name,
            about: self.about,
            layout: if self.layout == Layout::Delimited { "csv" } else { "json" },
            record,
            cached,
            tier,
            billed: has(|target| matches!(target, Target::Billed(_))),
            key: has(|target| *target == Target::Key),
        }
    }
}
