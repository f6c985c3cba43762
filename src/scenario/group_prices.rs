//! What cells of groups cost: the rates of each price key, looked up once, for
//! any number of cells.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::classes::{Classes, price_key};
use super::comparison::{Comparison, Uncovered};
use super::failure::PricingError;
use super::groups::Group;
use super::pricer::{Class, Pricer};
use super::quotes::is_failure;
use super::total::add;
use super::{Scenario, TierChoice};
use crate::ledger::{PriceKey, View};
use crate::rates::{NoRate, Rates};

/// The rates of a scenario.
struct Line {
    /// Its own, or Standard's in their place.
    rates: Rates,
    /// Whether the tier has none of its own.
    missing: bool,
    scenario: Scenario,
}

/// The rates of a price key.
struct Prices<'b> {
    class: Arc<Class<'b>>,
    /// As recorded.
    baseline: Rates,
    lines: Vec<Line>,
}

/// Prices the cells of groups.
pub(super) struct GroupPrices<'c, 'b> {
    scenarios: &'c [Scenario],
    uncovered: Uncovered,
    totals: &'c Comparison,
    known: HashMap<PriceKey, Option<Prices<'b>>, FixedState>,
}

impl<'c, 'b> GroupPrices<'c, 'b> {
    /// For some scenarios. `totals` knows which tier Cheapest stands for.
    pub(super) fn new(
        scenarios: &'c [Scenario],
        uncovered: Uncovered,
        totals: &'c Comparison,
    ) -> Self {
        Self { scenarios, uncovered, totals, known: HashMap::default() }
    }

    /// Adds a cell to the group that `group` gives; none for rows without a price.
    pub(super) fn add<'g>(
        &mut self,
        (pricer, classes): (&mut Pricer<'b>, &mut Classes<'b>),
        view: &View<'_>,
        group: impl FnOnce() -> Option<&'g mut Group>,
    ) -> Result<(), PricingError> {
        let key = price_key(pricer, view);
        let prices = match self.known.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let class = classes.of(pricer, view).ok();
                let prices = class.map(|class| prices(class, view, self.scenarios, self.totals));
                place.insert(prices.transpose()?)
            }
        };
        let Some(prices) = prices else { return Ok(()) };
        group().map_or(Ok(()), |group| prices.add(view, self.uncovered, group))
    }
}

fn prices<'b>(
    class: Arc<Class<'b>>,
    view: &View<'_>,
    scenarios: &[Scenario],
    totals: &Comparison,
) -> Result<Prices<'b>, PricingError> {
    let rates = |scenario| class.rates(view.key.meters(), scenario);
    let mut lines = Vec::with_capacity(scenarios.len());
    for scenario in scenarios {
        let scenario = totals.settled(*scenario, class.found.model);
        let standard = || rates(Scenario { tier: TierChoice::Standard, ..scenario });
        let (rates, missing) = match rates(scenario) {
            Err(why) if !is_failure(why) => (standard(), true),
            own => (own, false),
        };
        let rates = rates.map_err(|why| PricingError::of(why, view, &class, scenario))?;
        lines.push(Line { rates, missing, scenario });
    }
    let failed = |why| PricingError::of(why, view, &class, Scenario::BASELINE);
    let baseline = rates(Scenario::BASELINE).map_err(failed)?;
    Ok(Prices { class, baseline, lines })
}

impl Prices<'_> {
    fn add(
        &self,
        view: &View<'_>,
        uncovered: Uncovered,
        group: &mut Group,
    ) -> Result<(), PricingError> {
        let (rows, sums) = (view.cell.rows, view.cell.sums());
        group.add_usage(view);
        let failed =
            |scenario| move |why: NoRate| PricingError::of(why, view, &self.class, scenario);
        let baseline = self.baseline.total(sums).map_err(failed(Scenario::BASELINE))?;
        for (line, total) in self.lines.iter().zip(&mut group.scenarios) {
            if line.missing {
                total.fallback_rows = total.fallback_rows.saturating_add(rows);
            }
            if !line.missing || uncovered == Uncovered::Standard {
                let usd = line.rates.total(sums).map_err(failed(line.scenario))?;
                add(&mut total.usd, usd)?;
                add(&mut total.baseline, baseline)?;
            }
        }
        Ok(())
    }
}
