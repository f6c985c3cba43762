//! The costs of one ledger cell under every scenario.

use super::comparison::{OutOfRange, Uncovered};
use super::pricer::{Class, Pricer};
use super::total::{Range, ScenarioTotal, Volume};
use super::{Caching, Scenario, TierChoice};
use crate::ledger::View;
use crate::money::Money;
use crate::rates::{Cost, NoRate, WhyNoRate};
use crate::usage::Totals;

/// A cost that became part of a total.
pub(super) struct Quoted<'b> {
    /// The cost.
    pub(super) cost: Cost<'b>,
    /// Whether it is the scenario's own, not Standard's in its place.
    pub(super) own: bool,
}

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
    ) -> Result<Option<Quoted<'b>>, OutOfRange> {
        let baseline = self.baseline()?;
        match self.class.cost(&self.totals, scenario.tier, scenario.caching) {
            Ok(cost) => {
                total.covered.add(&self.volume);
                total.add_cost(&cost, baseline)?;
                Ok(Some(Quoted { cost, own: true }))
            }
            Err(NoRate { why: WhyNoRate::OutOfRange, .. }) => Err(OutOfRange),
            Err(why) => self.fall_back(total, scenario.caching, why),
        }
    }

    fn fall_back(
        &mut self,
        total: &mut ScenarioTotal,
        caching: Caching,
        why: NoRate,
    ) -> Result<Option<Quoted<'b>>, OutOfRange> {
        let baseline = self.baseline()?;
        let standard = self.class.cost(&self.totals, TierChoice::Standard, caching);
        let cost = standard.map_err(|_no_rate| OutOfRange)?;
        total.add_fallback(&self.volume, cost.total, why)?;
        if self.uncovered == Uncovered::Exclude {
            return Ok(None);
        }
        total.add_cost(&cost, baseline)?;
        Ok(Some(Quoted { cost, own: false }))
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

/// The lowest and highest cost over all context classes and price intervals
/// that a cell's rows may be of; a tier without a price there takes Standard's.
pub(super) fn range(
    pricer: &mut Pricer<'_>,
    view: &View<'_>,
    scenario: Scenario,
    settled: Money,
) -> Range {
    let mut range = Range { low: settled, high: settled };
    if !view.key.unsettled && view.key.until.is_none() {
        return range;
    }
    let totals = view.totals();
    let all: Vec<_> = view.contexts().collect();
    let contexts = if view.key.unsettled { all } else { vec![view.context()] };
    for at in view.instants(pricer.instant(view)) {
        for context in &contexts {
            let Ok(class) = pricer.class_at(view, *context, at) else { continue };
            let own = class.cost(&totals, scenario.tier, scenario.caching);
            let standard = || class.cost(&totals, TierChoice::Standard, scenario.caching);
            // A model without any price at that time leaves the range as it is.
            let Ok(cost) = own.or_else(|_no_rate| standard()) else { continue };
            range.low = range.low.min(cost.total);
            range.high = range.high.max(cost.total);
        }
    }
    range
}

pub(super) fn volume(view: &View<'_>) -> Volume {
    Volume { rows: view.cell.rows, requests: view.cell.requests, tokens: view.totals().tokens() }
}
