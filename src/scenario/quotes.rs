//! The costs of one ledger cell under every scenario.

use super::comparison::{OutOfRange, Uncovered};
use super::pricer::{Class, Pricer};
use super::total::{Range, ScenarioTotal, Volume};
use super::{Caching, Scenario, TierChoice};
use crate::ledger::View;
use crate::money::Money;
use crate::rates::{Cost, NoRate};
use crate::usage::Totals;

/// The costs of one cell.
pub(super) struct Quotes<'v, 'b> {
    totals: Totals,
    volume: Volume,
    class: &'v Class<'b>,
    uncovered: Uncovered,
    baseline: Option<Money>,
}

impl<'v, 'b> Quotes<'v, 'b> {
    pub(super) fn new(view: &View<'_>, class: &'v Class<'b>, uncovered: Uncovered) -> Self {
        Self { totals: view.totals(), volume: volume(view), class, uncovered, baseline: None }
    }

    /// Adds the cell to the total of a scenario of one tier; gives the cost
    /// that became part of it.
    pub(super) fn add_to(
        &mut self,
        total: &mut ScenarioTotal,
        scenario: Scenario,
    ) -> Result<Option<Cost<'b>>, OutOfRange> {
        let baseline = self.baseline()?;
        match self.class.cost(&self.totals, scenario.tier, scenario.caching) {
            Ok(cost) => {
                total.covered.add(&self.volume);
                total.add_cost(&cost, baseline)?;
                Ok(Some(cost))
            }
            Err(why) => self.fall_back(total, scenario.caching, why),
        }
    }

    fn fall_back(
        &mut self,
        total: &mut ScenarioTotal,
        caching: Caching,
        why: NoRate,
    ) -> Result<Option<Cost<'b>>, OutOfRange> {
        let baseline = self.baseline()?;
        let standard = self.class.cost(&self.totals, TierChoice::Standard, caching);
        let cost = standard.map_err(|_no_rate| OutOfRange)?;
        total.add_fallback(&self.volume, cost.total, why)?;
        if self.uncovered == Uncovered::Exclude {
            return Ok(None);
        }
        total.add_cost(&cost, baseline)?;
        Ok(Some(cost))
    }

    /// What the cell costs as recorded.
    pub(super) fn baseline(&mut self) -> Result<Money, OutOfRange> {
        if let Some(known) = self.baseline {
            return Ok(known);
        }
        let Scenario { tier, caching } = Scenario::BASELINE;
        let cost = self.class.cost(&self.totals, tier, caching).map_err(|_no_rate| OutOfRange)?;
        Ok(*self.baseline.insert(cost.total))
    }
}

/// The lowest and highest cost over all context classes, for a cell whose rows
/// may be of any; a tier without a price there takes Standard's.
pub(super) fn range(
    pricer: &mut Pricer<'_>,
    view: &View<'_>,
    scenario: Scenario,
    settled: Money,
) -> Result<Range, OutOfRange> {
    let mut range = Range { low: settled, high: settled };
    if !view.key.unsettled {
        return Ok(range);
    }
    let totals = view.totals();
    for context in view.contexts() {
        let Ok(class) = pricer.class_at(view, context) else {
            continue;
        };
        let own = class.cost(&totals, scenario.tier, scenario.caching);
        let cost =
            own.or_else(|_no_rate| class.cost(&totals, TierChoice::Standard, scenario.caching));
        let usd = cost.map_err(|_no_rate| OutOfRange)?.total;
        range.low = range.low.min(usd);
        range.high = range.high.max(usd);
    }
    Ok(range)
}

pub(super) fn volume(view: &View<'_>) -> Volume {
    Volume { rows: view.cell.rows, requests: view.cell.requests, tokens: view.totals().tokens() }
}
