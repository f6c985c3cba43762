//! The groups of a comparison.

use jiff::tz::TimeZone;

use super::comparison::{Comparison, Options};
use super::failure::PricingError;
use super::pricer::Pricer;
use super::quotes::{Quotes, volume};
use super::{Caching, Scenario, TierChoice};
use crate::ledger::{Ledger, View};
use crate::rates::ModelId;
use crate::usage::Dimension;

impl Comparison {
    /// Prices every cell again, for its group and with the assigned tiers.
    pub(super) fn add_groups(
        &mut self,
        ledger: &Ledger,
        pricer: &mut Pricer<'_>,
        options: &Options,
        cachings: &[Caching],
    ) -> Result<(), PricingError> {
        let positions = label_positions(&options.by);
        for view in ledger.views() {
            let Ok(class) = pricer.class(&view) else {
                continue;
            };
            let model = class.found.model;
            let scenarios: Vec<_> =
                Scenario::of(cachings).map(|scenario| self.settled(scenario, model)).collect();
            let values = options.by.iter().zip(&positions);
            let key = values
                .map(|(dimension, at)| value_of(&view, dimension, *at, &options.zone))
                .collect();
            let group = self.groups.entry(key).or_default();
            group.volume.add(&volume(&view));
            group.quantities.add_all(&view.totals());
            let mut quotes = Quotes::new(&view, &class, options.uncovered);
            // Cheapest is known only after the totals: so groups come second.
            for (scenario, total) in scenarios.into_iter().zip(&mut group.scenarios) {
                let quoted = quotes.quote(scenario);
                let failed = |why| PricingError::of(why, &view, &class, scenario);
                total.add_quote(&quoted.map_err(failed)?)?;
            }
        }
        Ok(())
    }

    /// The scenario of a model's rows: Cheapest stands for the assigned tier.
    fn settled(&self, scenario: Scenario, model: ModelId) -> Scenario {
        if scenario.tier != TierChoice::Cheapest {
            return scenario;
        }
        Scenario { tier: self.assigned(model, scenario.caching), ..scenario }
    }
}

/// The labels among dimensions, which a ledger holds in this order.
fn label_positions(by: &[Dimension]) -> Vec<Option<usize>> {
    let mut next: usize = 0;
    by.iter()
        .map(|dimension| {
            dimension.is_label().then(|| {
                let at = next;
                next = next.saturating_add(1);
                at
            })
        })
        .collect()
}

/// A cell's value of a dimension.
fn value_of(
    view: &View<'_>,
    dimension: &Dimension,
    label: Option<usize>,
    zone: &TimeZone,
) -> Option<String> {
    match dimension {
        Dimension::Provider => {
            Some(view.provider()).filter(|name| !name.is_empty()).map(str::to_owned)
        }
        Dimension::Model => view.model().map(str::to_owned),
        Dimension::Tier => Some(view.tier().to_owned()),
        Dimension::Endpoint => view.endpoint().map(str::to_owned),
        Dimension::Region => Some(view.region()).filter(|name| !name.is_empty()).map(str::to_owned),
        Dimension::Format => Some(view.format().to_owned()),
        Dimension::Day | Dimension::Week | Dimension::Month => {
            view.key.segment.and_then(|segment| dimension.of_time(segment, zone))
        }
        Dimension::Project | Dimension::User | Dimension::ApiKey | Dimension::Column(_) => {
            label.and_then(|at| view.label(at)).map(str::to_owned)
        }
    }
}
