//! What a request of given quantities costs under each tier.

mod caching;
mod model;
mod notes;

pub use model::{
    BreakEven, Estimate, EstimateError, EstimateLine, EstimateModel, EstimateScenario, Ratio,
    Request,
};

use caching::show_blended;

use super::comparison::OutOfRange;
use super::{Caching, TierChoice};
use crate::money::Money;
use crate::rates::{
    Aliases, Match, Model, NoRate, PriceList, PriceQuery, Priced, RateBook, Threshold, WhyNoRate,
};
use crate::usage::{Meter, Totals};

/// The tiers of an estimate.
const TIERS: [TierChoice; 4] =
    [TierChoice::Standard, TierChoice::Flex, TierChoice::Priority, TierChoice::Batch];

/// Makes an estimate. Fails for a model that the book does not have.
pub fn estimate(
    book: &RateBook,
    aliases: &Aliases,
    request: &Request,
) -> Result<Estimate, EstimateError> {
    let mut estimate = Estimate {
        schema_version: 1,
        currency: "USD",
        at: request.at.to_string(),
        requests: request.requests,
        rate_book_sha256: book.sha256().to_owned(),
        models: Vec::new(),
        scenarios: Vec::new(),
    };
    let mut models: Vec<&String> = Vec::new();
    for name in &request.models {
        if !models.contains(&name) {
            models.push(name);
        }
    }
    for name in models {
        let found =
            book.find(&request.provider, name, aliases).ok_or_else(|| unknown(book, name))?;
        let one = OneModel { book, request, name, found, context: context(book, request) };
        let assumed = request.assume_cached.map(Caching::Assumed);
        for tier in TIERS {
            for caching in Caching::ALL.into_iter().chain(assumed) {
                estimate.scenarios.push(one.scenario(tier, caching)?);
            }
        }
        estimate.models.push(one.describe()?);
    }
    add_ratios(&mut estimate);
    Ok(estimate)
}

/// Each model's Standard cost as a multiple of the others'.
fn add_ratios(estimate: &mut Estimate) {
    let is_standard = |s: &&EstimateScenario| s.tier == "standard" && s.caching == "recorded";
    let totals =
        estimate.scenarios.iter().filter(is_standard).map(|s| (s.model.clone(), s.total_usd));
    let totals: Vec<_> = totals.collect();
    for (model, (_, own)) in estimate.models.iter_mut().zip(&totals) {
        model.standard_usd = *own;
        let ratio = |other: &Option<Money>| (*own).zip(*other).and_then(|(a, b)| a.ratio_to(b));
        model.ratios = totals
            .iter()
            .map(|(to, other)| Ratio { to: to.clone(), ratio: ratio(other) })
            .collect();
    }
}

fn unknown(book: &RateBook, model: &str) -> EstimateError {
    EstimateError::UnknownModel {
        model: model.to_owned(),
        known: book.model_ids().collect::<Vec<_>>().join(", "),
    }
}

/// The class of one request's total input.
fn context(book: &RateBook, request: &Request) -> Option<Threshold> {
    let input = request.quantities.total_input();
    book.thresholds().into_iter().rfind(|threshold| threshold.is_reached(input, 1))
}

/// One model of an estimate.
struct OneModel<'e> {
    book: &'e RateBook,
    request: &'e Request,
    name: &'e str,
    found: Match,
    context: Option<Threshold>,
}

impl<'e> OneModel<'e> {
    fn list(&self, tier: TierChoice) -> Option<PriceList<'e>> {
        let tier = tier.tier()?;
        let Request { region, at, .. } = self.request;
        let query = PriceQuery { tier: &tier, region, context: self.context, at: *at };
        Some(self.book.price_list(self.found.model, &query))
    }

    fn part<T>(&self, pick: impl Fn(&'e Model) -> Option<T>) -> Option<T> {
        self.book.describe(self.found.model).find_map(|(_, part)| pick(part))
    }

    /// The quantities of all requests.
    fn quantities(&self, caching: Caching) -> Totals {
        let mut all = Totals::default();
        for (meter, count) in self.request.quantities.nonzero() {
            all.add(meter, count.saturating_mul(u128::from(self.request.requests)));
        }
        match caching {
            Caching::Recorded => all,
            Caching::None | Caching::Assumed(_) => all.without_caching(),
        }
    }

    fn scenario(
        &self,
        tier: TierChoice,
        caching: Caching,
    ) -> Result<EstimateScenario, EstimateError> {
        let share = caching.cached_share();
        let mut scenario = EstimateScenario {
            model: self.name.to_owned(),
            tier: tier.name(),
            caching: caching.name(),
            cached_share: share,
            modelled: share.is_some(),
            total_usd: None,
            reason: None,
            meter: None,
            by_meter: Vec::new(),
        };
        let Some(list) = self.list(tier) else {
            return Ok(scenario);
        };
        let quantities = self.quantities(caching);
        // A meter that has no rate at all comes before one without an exact mix.
        let cost = list.price(&quantities).and_then(|cost| match share {
            Some(share) => list.with_cached(share).price(&quantities),
            None => Ok(cost),
        });
        let cost = match (cost, share) {
            (Ok(cost), _) => cost,
            (Err(NoRate { why: WhyNoRate::OutOfRange, .. }), _) => return Err(OutOfRange.into()),
            (Err(NoRate { why: WhyNoRate::InexactBlend, meter }), Some(share)) => {
                return Err(self.inexact(tier, meter, share).into());
            }
            (Err(why), _) => {
                scenario.reason = Some(why.why.name());
                scenario.meter = Some(why.meter.name());
                return Ok(scenario);
            }
        };
        // A tool fee alone is no offer of the tier.
        if let Err(why) = list.of(Meter::Input).or_else(|_| list.of(Meter::Training)) {
            scenario.reason = Some(why.name());
            return Ok(scenario);
        }
        let mut total = cost.total;
        for line in &cost.lines {
            let (meter, price) = (line.meter, &line.price);
            let of = (self.book, price);
            let mut shown = estimate_line(meter.name(), line.quantity, line.cost, of);
            if share.is_some() && meter.cached().is_some() {
                show_blended(&mut shown, price);
            }
            scenario.by_meter.push(shown);
        }
        if let Some(content) = self.search_content(&list, &quantities)? {
            total = total.checked_add(content.usd).ok_or(OutOfRange)?;
            scenario.by_meter.push(content);
        }
        scenario.total_usd = Some(total);
        Ok(scenario)
    }

    /// The block of input that is billed with each search call.
    fn search_content(
        &self,
        list: &PriceList<'_>,
        quantities: &Totals,
    ) -> Result<Option<EstimateLine>, OutOfRange> {
        let calls = quantities.get(Meter::WebSearchCall);
        let block = self
            .part(|part| part.web_search_block)
            .filter(|_| self.request.search_content && calls > 0);
        let (Some(block), Ok(input)) = (block, list.of(Meter::Input)) else {
            return Ok(None);
        };
        let tokens = calls.saturating_mul(u128::from(block));
        let usd = input.rate.cost(tokens).ok_or(OutOfRange)?;
        Ok(Some(estimate_line("web_search_content", tokens, usd, (self.book, &input))))
    }

    fn describe(&self) -> Result<EstimateModel, OutOfRange> {
        Ok(EstimateModel {
            model: self.name.to_owned(),
            priced_as: self.book.model_name(self.found.model).to_owned(),
            rule: self.found.rule.name(),
            context_window: self.part(|part| part.context_window),
            max_output: self.part(|part| part.max_output),
            standard_usd: None,
            ratios: Vec::new(),
            break_even: self.break_even(),
            notes: self.notes()?,
        })
    }
}

fn estimate_line(
    meter: &'static str,
    quantity: u128,
    usd: Money,
    (book, price): (&RateBook, &Priced<'_>),
) -> EstimateLine {
    let mut line = EstimateLine {
        meter,
        quantity,
        rate: price.cell.published.clone(),
        per: price.cell.meter.unit().priced_per(),
        factors: book.factors(price.factors).map(|factor| factor.multiplier.to_string()).collect(),
        usd,
        evidence: price.evidence.name(),
        borrowed_from: price.borrowed_from.map(Meter::name),
    };
    if price.borrowed_from == Some(Meter::ContainerMinute) {
        line.rate = price.rate.cost(1).map(Money::exact).unwrap_or_default();
        line.factors.clear();
        line.per = "session of 20 minutes";
    }
    line
}
