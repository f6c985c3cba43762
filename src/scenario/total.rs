//! The running total of one scenario.

use std::collections::BTreeMap;

use super::comparison::OutOfRange;
use super::quotes::Quoted;
use crate::money::Money;
use crate::rates::{Evidence, NoRate};
use crate::usage::{Meter, Totals};

/// How much usage something covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Volume {
    /// Rows.
    pub rows: u64,
    /// Requests.
    pub requests: u128,
    /// Tokens.
    pub tokens: u128,
}

impl Volume {
    /// Adds another volume.
    pub fn add(&mut self, other: &Self) {
        self.rows = self.rows.saturating_add(other.rows);
        self.requests = self.requests.saturating_add(other.requests);
        self.tokens = self.tokens.saturating_add(other.tokens);
    }
}

/// The lowest and the highest amount that an unsettled context allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Range {
    /// All requests short, or whichever is less.
    pub low: Money,
    /// All requests long, or whichever is more.
    pub high: Money,
}

/// Rows that a tier cannot price.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fallback {
    /// How much usage.
    pub volume: Volume,
    /// What it costs at Standard.
    pub usd: Money,
    /// Why, and how many rows each.
    pub reasons: BTreeMap<NoRate, u64>,
}

/// The running total of one scenario.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScenarioTotal {
    /// The total.
    pub usd: Money,
    /// What the same rows cost as recorded.
    pub baseline: Money,
    /// The range, equal to the total on both sides when all is settled.
    pub range: Range,
    /// The usage that has a price under the scenario's own tier.
    pub covered: Volume,
    /// The usage that has none.
    pub fallback: Fallback,
    /// The usage in the total.
    pub quantities: Totals,
    /// The total by meter.
    pub by_meter: BTreeMap<Meter, Money>,
    /// The total by who vouches for the rates.
    pub by_evidence: BTreeMap<Evidence, Money>,
}

impl ScenarioTotal {
    /// Adds what one cell costs.
    pub(super) fn add_quote(&mut self, quoted: &Quoted<'_>) -> Result<(), OutOfRange> {
        match quoted.missing {
            None => self.covered.add(&quoted.volume),
            Some(why) => self.add_fallback(&quoted.volume, quoted.cost.total, why)?,
        }
        if !quoted.counted {
            return Ok(());
        }
        add(&mut self.usd, quoted.cost.total)?;
        add(&mut self.baseline, quoted.baseline)?;
        for line in &quoted.cost.lines {
            add(self.by_meter.entry(line.meter).or_default(), line.cost)?;
            add(self.by_evidence.entry(line.price.evidence).or_default(), line.cost)?;
            self.quantities.add(line.meter, line.quantity);
        }
        Ok(())
    }

    /// Adds a range.
    pub(super) fn add_range(&mut self, range: Range) -> Result<(), OutOfRange> {
        add(&mut self.range.low, range.low)?;
        add(&mut self.range.high, range.high)
    }

    /// Notes usage that the tier cannot price, and what it costs at Standard.
    fn add_fallback(&mut self, volume: &Volume, usd: Money, why: NoRate) -> Result<(), OutOfRange> {
        self.fallback.volume.add(volume);
        let rows = self.fallback.reasons.entry(why).or_default();
        *rows = rows.saturating_add(volume.rows);
        add(&mut self.fallback.usd, usd)
    }

    /// Adds another total.
    pub(super) fn add(&mut self, other: &Self) -> Result<(), OutOfRange> {
        add(&mut self.usd, other.usd)?;
        add(&mut self.baseline, other.baseline)?;
        self.add_range(other.range)?;
        self.covered.add(&other.covered);
        self.fallback.volume.add(&other.fallback.volume);
        add(&mut self.fallback.usd, other.fallback.usd)?;
        for (why, more) in &other.fallback.reasons {
            let rows = self.fallback.reasons.entry(*why).or_default();
            *rows = rows.saturating_add(*more);
        }
        self.quantities.add_all(&other.quantities);
        for (meter, usd) in &other.by_meter {
            add(self.by_meter.entry(*meter).or_default(), *usd)?;
        }
        for (evidence, usd) in &other.by_evidence {
            add(self.by_evidence.entry(*evidence).or_default(), *usd)?;
        }
        Ok(())
    }

    /// What the scenario costs more than the same rows as recorded.
    pub fn delta(&self) -> Option<Money> {
        self.usd.checked_sub(self.baseline)
    }

    /// Whether the range is more than one amount.
    pub fn is_range(&self) -> bool {
        self.range.low != self.range.high
    }
}

/// Adds money, or says that the range of amounts is left.
pub(super) fn add(sum: &mut Money, more: Money) -> Result<(), OutOfRange> {
    *sum = sum.checked_add(more).ok_or(OutOfRange)?;
    Ok(())
}
