//! The costs of one ledger cell under every scenario.

use super::comparison::Uncovered;
use super::pricer::{Class, Pricer};
use super::total::{Range, Volume};
use super::{Scenario, TierChoice};
use crate::ledger::View;
use crate::money::Money;
use crate::rates::{Cost, NoRate, WhyNoRate};
use crate::usage::Totals;

/// What one cell costs under a scenario.
pub(super) struct Quoted<'b> {
    /// The usage.
    pub(super) volume: Volume,
    /// Its cost: the tier's own, or Standard's in its place.
    pub(super) cost: Cost<'b>,
    /// What it costs as recorded.
    pub(super) baseline: Money,
    /// Why the tier has no cost of its own.
    pub(super) missing: Option<NoRate>,
    /// Whether it is part of the total.
    pub(super) counted: bool,
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

    /// The cost under a scenario of one tier. Fails where an amount leaves the
    /// range of [`Money`], or an assumed share gives no exact rate.
    pub(super) fn quote(&mut self, scenario: Scenario) -> Result<Quoted<'b>, NoRate> {
        let (volume, baseline) = (self.volume, self.baseline()?);
        match self.class.cost(&self.totals, scenario.tier, scenario.caching) {
            Ok(cost) => Ok(Quoted { volume, cost, baseline, missing: None, counted: true }),
            Err(why) if is_failure(why) => Err(why),
            Err(why) => {
                let cost = self.class.cost(&self.totals, TierChoice::Standard, scenario.caching)?;
                let counted = self.uncovered == Uncovered::Standard;
                Ok(Quoted { volume, cost, baseline, missing: Some(why), counted })
            }
        }
    }

    /// What the cell costs as recorded.
    pub(super) fn baseline(&mut self) -> Result<Money, NoRate> {
        if let Some(known) = self.baseline {
            return Ok(known);
        }
        let Scenario { tier, caching } = Scenario::BASELINE;
        let cost = self.class.cost(&self.totals, tier, caching)?;
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
) -> Result<Range, NoRate> {
    let mut range = Range { low: settled, high: settled };
    let unsettled = view.highest_context().is_some();
    if !unsettled && view.key.until.is_none() {
        return Ok(range);
    }
    let totals = view.totals();
    let all: Vec<_> = view.contexts().collect();
    let contexts = if unsettled { all } else { vec![view.context()] };
    for at in view.instants(pricer.instant(view)) {
        for context in &contexts {
            let Ok(class) = pricer.class_at(view, *context, at) else { continue };
            let own = class.cost(&totals, scenario.tier, scenario.caching);
            let standard = || class.cost(&totals, TierChoice::Standard, scenario.caching);
            let own = match own {
                Err(why) if !is_failure(why) => standard(),
                own => own,
            };
            let cost = match own {
                Ok(cost) => cost,
                Err(why) if is_failure(why) => return Err(why),
                // Without any price at that time the range stays as it is.
                Err(_) => continue,
            };
            range.low = range.low.min(cost.total);
            range.high = range.high.max(cost.total);
        }
    }
    Ok(range)
}

/// Whether the lack of a cost fails the run: Standard's cannot take its place.
pub(super) fn is_failure(why: NoRate) -> bool {
    matches!(why.why, WhyNoRate::OutOfRange | WhyNoRate::InexactBlend)
}

pub(super) fn volume(view: &View<'_>) -> Volume {
    Volume { rows: view.cell.rows, requests: view.cell.requests, tokens: view.totals().tokens() }
}
