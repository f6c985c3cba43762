//! What one row costs under every fixed scenario: the same price lists as its
//! ledger cell has, and no tier in another one's place.

use super::classes::Classes;
use super::comparison::OutOfRange;
use super::pricer::{Class, Pricer, Unpriced};
use super::quotes::range;
use super::total::Range;
use super::{Scenario, TierChoice};
use crate::ledger::View;
use crate::rates::{Cost, ManyRates, Match, NoRate, WhyNoRate};

/// What a row costs in one scenario.
#[derive(Debug, Clone)]
pub struct RowCost<'b> {
    /// The scenario.
    pub scenario: Scenario,
    /// The cost, or the meter that the tier has no price for.
    pub cost: Result<Cost<'b>, NoRate>,
    /// The lowest and the highest cost, where the row does not settle which of
    /// several prices it has and they differ.
    pub range: Option<Range>,
}

/// A row priced under every fixed scenario.
#[derive(Debug, Clone)]
pub struct RowQuote<'b> {
    /// The model, and how its name was matched.
    pub found: Option<Match>,
    /// The costs, in the order of [`Scenario::fixed`]; or why the row has none.
    pub costs: Result<Vec<RowCost<'b>>, Unpriced>,
}

/// Prices the rows of one ledger one by one.
#[derive(Debug)]
pub struct RowPricer<'b> {
    pricer: Pricer<'b>,
    classes: Classes<'b>,
}

impl<'b> RowPricer<'b> {
    /// For the rows of one ledger.
    pub fn new(pricer: Pricer<'b>) -> Self {
        Self { pricer, classes: Classes::default() }
    }

    /// The pricer of the rows.
    pub fn pricer(&self) -> &Pricer<'b> {
        &self.pricer
    }

    /// Prices a row, given as a cell of its own. Fails only where an amount
    /// leaves the range of [`crate::money::Money`].
    pub fn quote(&mut self, view: &View<'_>) -> Result<RowQuote<'b>, OutOfRange> {
        match self.classes.of(&mut self.pricer, view) {
            Ok(class) => {
                let costs = self.costs(view, &class)?;
                Ok(RowQuote { found: Some(class.found), costs: Ok(costs) })
            }
            Err(why) => Ok(RowQuote { found: self.pricer.find(view).ok(), costs: Err(why) }),
        }
    }

    /// The rates of a row's meters, which are at `places` among the counts of a row, in some
    /// scenarios, for rows like it; a scenario without a price has none. `None` where such rows are to be priced one by one.
    pub fn rates<const N: usize>(
        &mut self,
        view: &View<'_>,
        places: &[usize],
        scenarios: impl Iterator<Item = Scenario>,
    ) -> Option<ManyRates<N>> {
        let mut all = [const { None }; N];
        if let Ok(class) = self.classes.of(&mut self.pricer, view) {
            for (rates, scenario) in all.iter_mut().zip(scenarios) {
                *rates = class.rates(view.meters(), scenario).ok();
            }
        }
        ManyRates::new(places.iter().copied(), &all)
    }

    fn costs(
        &mut self,
        view: &View<'_>,
        class: &Class<'b>,
    ) -> Result<Vec<RowCost<'b>>, OutOfRange> {
        let totals = view.totals();
        let mut costs = Vec::with_capacity(10);
        for scenario in Scenario::fixed() {
            let cost = class.cost(&totals, scenario.tier, scenario.caching);
            if matches!(cost, Err(NoRate { why: WhyNoRate::OutOfRange, .. })) {
                return Err(OutOfRange);
            }
            let range = match &cost {
                Ok(cost) => {
                    let range = range(&mut self.pricer, view, scenario, cost.total);
                    Some(range.map_err(|_no_rate| OutOfRange)?)
                }
                Err(_) => None,
            };
            let range = range.filter(|range| range.low != range.high);
            costs.push(RowCost { scenario, cost, range });
        }
        Ok(costs)
    }
}

impl Scenario {
    /// The scenarios that do not depend on other rows: all but the cheapest.
    pub fn fixed() -> impl Iterator<Item = Self> {
        Self::all().filter(|scenario| scenario.tier != TierChoice::Cheapest)
    }
}
