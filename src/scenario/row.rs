//! What one row costs under every fixed scenario: the same price lists as its
//! ledger cell has, and no tier in another one's place.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::comparison::OutOfRange;
use super::pricer::{Class, Pricer, Unpriced};
use super::quotes::range;
use super::total::Range;
use super::{Scenario, TierChoice};
use crate::ledger::{PriceKey, View};
use crate::rates::{Cost, Match, NoRate, WhyNoRate};

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
    classes: HashMap<PriceKey, Known<'b>, FixedState>,
}

/// What rows of one price key have in common.
#[derive(Debug, Clone)]
struct Known<'b> {
    found: Option<Match>,
    class: Result<Class<'b>, Unpriced>,
}

impl<'b> RowPricer<'b> {
    /// For the rows of one ledger.
    pub fn new(pricer: Pricer<'b>) -> Self {
        Self { pricer, classes: HashMap::default() }
    }

    /// The pricer of the rows.
    pub fn pricer(&self) -> &Pricer<'b> {
        &self.pricer
    }

    /// Prices a row, given as a cell of its own. Fails only where an amount
    /// leaves the range of [`crate::money::Money`].
    pub fn quote(&mut self, view: &View<'_>) -> Result<RowQuote<'b>, OutOfRange> {
        let Known { found, class } = self.known(view).clone();
        let costs = match class {
            Ok(class) => Ok(self.costs(view, &class)?),
            Err(why) => Err(why),
        };
        Ok(RowQuote { found, costs })
    }

    fn known(&mut self, view: &View<'_>) -> &Known<'b> {
        let pricer = &mut self.pricer;
        self.classes
            .entry(view.key.price_key())
            .or_insert_with(|| Known { found: pricer.find(view).ok(), class: pricer.class(view) })
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
