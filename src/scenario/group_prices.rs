//! What cells of groups cost: the rates of each price key, looked up once, for
//! any number of cells.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::classes::{Classes, price_key};
use super::comparison::{Comparison, OutOfRange, Uncovered};
use super::failure::PricingError;
use super::groups::Group;
use super::pricer::{Class, Pricer};
use super::quotes::is_failure;
use super::total::{Volume, add};
use super::{Scenario, TierChoice};
use crate::ledger::{PriceKey, View};
use crate::money::Money;
use crate::rates::Rates;
use crate::usage::Meter;

/// The most rates of one price key: of each scenario, and as recorded.
const MOST_RATES: usize = Scenario::COUNT + 1;

/// The rates of a scenario.
#[derive(Clone, Copy)]
struct Line {
    /// Its own, or Standard's in their place.
    rates: usize,
    /// Whether the tier has none of its own.
    missing: bool,
}

/// The rates of a price key.
#[derive(Clone)]
pub(super) struct Prices {
    meters: Vec<Meter>,
    /// Each once: many scenarios have the same.
    rates: Vec<Rates>,
    /// Those as recorded.
    baseline: usize,
    lines: Vec<Line>,
    uncovered: Uncovered,
}

/// Prices the cells of groups.
#[derive(Clone)]
pub(super) struct GroupPrices<'c> {
    scenarios: &'c [Scenario],
    uncovered: Uncovered,
    totals: &'c Comparison,
    /// Where the prices of each key are; none where it has none.
    places: HashMap<PriceKey, Option<usize>, FixedState>,
    known: Vec<Prices>,
}

impl<'c> GroupPrices<'c> {
    /// For some scenarios. `totals` knows which tier Cheapest stands for.
    pub(super) fn new(
        scenarios: &'c [Scenario],
        uncovered: Uncovered,
        totals: &'c Comparison,
    ) -> Self {
        Self { scenarios, uncovered, totals, places: HashMap::default(), known: Vec::new() }
    }

    /// Where the prices of a cell's rows are; `None` for rows without a price.
    pub(super) fn of<'b>(
        &mut self,
        pricer: &mut Pricer<'b>,
        classes: &mut Classes<'b>,
        view: &View<'_>,
    ) -> Result<Option<usize>, PricingError> {
        let key = price_key(pricer, view);
        if let Some(known) = self.places.get(&key) {
            return Ok(*known);
        }
        let mut place = None;
        if let Ok(class) = classes.of(pricer, view) {
            place = Some(self.known.len());
            self.known.push(self.prices(&class, view)?);
        }
        self.places.insert(key, place);
        Ok(place)
    }

    pub(super) fn get(&self, place: usize) -> Option<&Prices> {
        self.known.get(place)
    }

    fn prices(&self, class: &Class<'_>, view: &View<'_>) -> Result<Prices, PricingError> {
        let mut all = Vec::with_capacity(MOST_RATES);
        let own = |scenario| class.rates(view.meters(), scenario);
        let mut lines = Vec::with_capacity(self.scenarios.len());
        for scenario in self.scenarios {
            let scenario = self.totals.settled(*scenario, class.found.model);
            let standard = || own(Scenario { tier: TierChoice::Standard, ..scenario });
            let (rates, missing) = match own(scenario) {
                Err(why) if !is_failure(why) => (standard(), true),
                own => (own, false),
            };
            let rates = rates.map_err(|why| PricingError::of(why, view, class, scenario))?;
            lines.push(Line { rates: place_of(&mut all, rates), missing });
        }
        let failed = |why| PricingError::of(why, view, class, Scenario::BASELINE);
        let baseline = place_of(&mut all, own(Scenario::BASELINE).map_err(failed)?);
        let (meters, uncovered) = (view.meters().collect(), self.uncovered);
        Ok(Prices { meters, rates: all, baseline, lines, uncovered })
    }
}

/// Where rates are among others, added if they are not.
fn place_of(all: &mut Vec<Rates>, rates: Rates) -> usize {
    all.iter().position(|known| *known == rates).unwrap_or_else(|| {
        all.push(rates);
        all.len().saturating_sub(1)
    })
}

impl Prices {
    /// Adds a cell of some rows and requests, by its sum of each meter.
    pub(super) fn add<Q: Copy + Into<u128>>(
        &self,
        (rows, requests): (u64, u128),
        sums: &[Q],
        group: &mut Group,
    ) -> Result<(), OutOfRange> {
        let usage = self.meters.iter().copied().zip(sums.iter().copied());
        let tokens = usage.clone().filter(|(meter, _)| meter.is_token());
        let tokens = tokens.fold(0, |all: u128, (_, sum)| all.saturating_add(sum.into()));
        group.add_usage(&Volume { rows, requests, tokens }, usage);
        let mut usd = [Money::ZERO; MOST_RATES];
        for (usd, rates) in usd.iter_mut().zip(&self.rates) {
            *usd = rates.total(sums).map_err(|_no_rate| OutOfRange)?;
        }
        let usd = |at: usize| usd.get(at).copied().unwrap_or_default();
        let baseline = usd(self.baseline);
        add(&mut group.baseline, baseline)?;
        for (at, (line, total)) in self.lines.iter().zip(&mut group.usd).enumerate() {
            if !line.missing || self.uncovered == Uncovered::Standard {
                add(total, usd(line.rates))?;
            } else if let Some(sum) = group.left_out.get_or_insert_default().get_mut(at) {
                add(sum, baseline)?;
            }
            if let Some(sum) = group.fallback_rows.get_mut(at).filter(|_| line.missing) {
                *sum = sum.saturating_add(rows);
            }
        }
        Ok(())
    }
}
