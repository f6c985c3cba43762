//! Charges: what each meter of usage costs, by period, by who used it, and by price.
//!
//! They are the report's costs taken apart: their sums are its totals, to the last
//! digit, and what logs say was billed is shared among the meters without a rest.

mod maker;

use super::comparison::{Comparison, OutOfRange};
use super::pricer::Pricer;
use super::total::{Volume, add};
use super::{Caching, Scenario, TierChoice};
use crate::ledger::{BilledSum, Ledger};
use crate::money::Money;
use crate::rates::Priced;
use crate::usage::{Instant, Meter};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// The tiers that charges are compared under, in the order of their amounts.
pub const COMPARED: [TierChoice; 4] =
    [TierChoice::Standard, TierChoice::Flex, TierChoice::Priority, TierChoice::Batch];

/// The length of a charge's period, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChargePeriod {
    /// A day.
    Day,
    /// A calendar month.
    Month,
}

impl ChargePeriod {
    /// The period of an instant: its start, and the first instant after it.
    fn of(self, at: Instant) -> (Instant, Instant) {
        match self {
            Self::Day => (at.utc_midnight(), at.utc_midnight().later(DAY)),
            Self::Month => at.utc_month(),
        }
    }
}

/// What tells charges apart besides what decides their price.
#[derive(Debug, Clone, Copy)]
pub struct Split {
    /// The length of a period.
    pub period: ChargePeriod,
    /// How many of the ledger's asked properties, the first ones.
    pub labels: usize,
}

/// What some usage costs, or what was billed for usage without a price.
#[derive(Debug, Clone)]
pub struct Charge<'c> {
    /// First instant of its period.
    pub start: Instant,
    /// First instant after it.
    pub end: Instant,
    /// The asked properties.
    pub labels: Vec<Option<&'c str>>,
    /// Whose prices it has; for usage without a price as logged, which may be empty.
    pub provider: &'c str,
    /// The log's format, where the log says what was billed or names no provider.
    pub format: &'c str,
    /// The model that it is priced as, or would be.
    pub model: Option<&'c str>,
    /// The model as logged.
    pub logged_model: Option<&'c str>,
    /// The tier that is billed.
    pub tier: &'c str,
    /// The region that it is priced as, empty where there is none.
    pub region: String,
    /// Whether the logs say what was billed.
    pub is_billed: bool,
    /// What was billed: as the logs say, else what it costs.
    pub billed_usd: Money,
    /// The usage with its costs, or the code of the reason why it has no price.
    pub usage: Result<MeterUsage<'c>, &'static str>,
}

/// What one meter of usage costs.
#[derive(Debug, Clone)]
pub struct MeterUsage<'c> {
    /// The meter.
    pub meter: Meter,
    /// The name of the context band; `None` for the base one.
    pub band: Option<&'c str>,
    /// The list price: that of the built-in cards, else of the user's before discounts.
    pub list: Priced<'c>,
    /// The price that holds; `None` for complimentary tokens.
    pub price: Option<Priced<'c>>,
    /// Which of [`COMPARED`] have no price for the rows: Standard's stands there.
    pub fallback: [bool; COMPARED.len()],
    /// How much, and what it costs.
    pub amounts: Amounts,
}

/// Amounts of one meter.
#[derive(Debug, Clone, Copy, Default)]
pub struct Amounts {
    /// How much of it.
    pub quantity: u128,
    /// What it costs at list price.
    pub list: Money,
    /// What it costs as recorded.
    pub recorded: Money,
    /// What it costs under each of [`COMPARED`].
    pub tiers: [Money; COMPARED.len()],
    /// What it costs as recorded, but without caching.
    pub no_caching: Money,
}

impl Amounts {
    /// What it costs under one of [`COMPARED`].
    pub fn under(&self, tier: TierChoice) -> Option<Money> {
        let at = COMPARED.iter().position(|compared| *compared == tier)?;
        self.tiers.get(at).copied()
    }

    fn add(&mut self, other: &Self) -> Result<(), OutOfRange> {
        self.quantity = self.quantity.saturating_add(other.quantity);
        add(&mut self.list, other.list)?;
        add(&mut self.recorded, other.recorded)?;
        for (sum, more) in self.tiers.iter_mut().zip(&other.tiers) {
            add(sum, *more)?;
        }
        add(&mut self.no_caching, other.no_caching)
    }
}

/// The charges of a ledger.
#[derive(Debug, Default)]
pub struct Charges<'c> {
    /// In the order of their periods, their asked properties, and what was used.
    pub all: Vec<Charge<'c>>,
    /// The sums of those with a price.
    pub sums: Amounts,
    /// The sum of all that was billed: as the logs say, else what it costs.
    pub billed_usd: Money,
    /// The part of it that the logs say.
    pub logged_usd: Money,
    /// The list cost of complimentary tokens.
    pub free_list_usd: Money,
    /// Rows with a price that no built-in card has.
    pub unlisted_rows: u64,
    /// Rows without a price whose billed amount is known: charges without usage.
    pub only_billed: BilledSum,
    /// Usage without a price and without a billed amount: in no charge.
    pub left_out: Volume,
}

/// The charges of a ledger. `list` prices with the built-in cards alone; `None` where
/// there are no others. Fails only where an amount leaves the range of [`Money`].
pub fn charges<'c>(
    ledger: &'c Ledger,
    (pricer, list): (Pricer<'c>, Option<Pricer<'c>>),
    split: Split,
) -> Result<Charges<'c>, OutOfRange> {
    maker::make(ledger, (pricer, list), split)
}

impl Charges<'_> {
    /// Whether the sums are the totals of a comparison of the same ledger.
    pub fn agree_with(&self, comparison: &Comparison) -> bool {
        let total = |tier, caching| comparison.total(Scenario { tier, caching });
        let tiers = COMPARED.map(|tier| total(tier, Caching::Recorded));
        self.sums.recorded == comparison.total(Scenario::BASELINE)
            && self.sums.tiers == tiers
            && self.sums.no_caching == total(TierChoice::Recorded, Caching::None)
            && self.logged_usd == comparison.billed.usd
    }
}
