//! What a request of given quantities costs under each tier.

mod caching;
mod model;

pub use model::{
    BreakEven, Estimate, EstimateError, EstimateLine, EstimateModel, EstimateScenario, Ratio,
    Request,
};

use std::collections::BTreeMap;

use caching::show_blended;

use super::comparison::OutOfRange;
use super::{Caching, TierChoice};
use crate::money::{Money, thousands};
use crate::rates::{
    Aliases, Evidence, Match, Model, NoRate, PriceList, PriceQuery, Priced, RateBook,
    SESSION_FLOOR_MINUTES, Threshold, WhyNoRate,
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
            let mut shown = estimate_line(meter.name(), line.quantity, line.cost, price);
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
        Ok(Some(estimate_line("web_search_content", tokens, usd, &input)))
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

    fn notes(&self) -> Result<Vec<String>, OutOfRange> {
        let mut notes = Vec::new();
        self.note_assumed(&mut notes);
        self.note_limits(&mut notes);
        if let Some(lender) = self.lender() {
            let own = self.book.model_provider(self.found.model);
            notes.push(format!(
                "{lender}'s list price is taken where no {own} price is known, as the article says \
                 that they are generally synchronized (evidence `article`)"
            ));
        }
        for tier in TIERS {
            self.note_rates(tier, &mut notes);
        }
        self.note_tools(&mut notes)?;
        Ok(notes)
    }

    /// The other provider whose list prices are taken.
    fn lender(&self) -> Option<&str> {
        let costs = TIERS.iter().filter_map(|tier| self.list(*tier)?.price(&self.touched()).ok());
        costs.flat_map(|cost| cost.lines).find_map(|line| line.price.lender)
    }

    fn note_limits(&self, notes: &mut Vec<String>) {
        let (input, output) = (self.request.quantities.total_input(), self.output());
        if let Some(window) =
            self.part(|part| part.context_window).filter(|w| input > u128::from(*w))
        {
            notes.push(format!(
                "{} input tokens a request are more than the context window of {}",
                thousands(input),
                thousands(u128::from(window))
            ));
        }
        if let Some(cap) = self.part(|part| part.max_output).filter(|cap| output > u128::from(*cap))
        {
            notes.push(format!(
                "{} output tokens a request are more than the output cap of {}",
                thousands(output),
                thousands(u128::from(cap))
            ));
        }
        let band = self.book.band(self.found.model, self.context);
        if let Some(band) = band.checked_sub(1).and_then(|at| self.part(|part| part.bands.get(at)))
        {
            let over = if band.start.exclusive { "over" } else { "at or over" };
            notes.push(format!(
                "the `{}` rates hold for requests {over} {} input tokens, for all of their tokens",
                band.name,
                thousands(u128::from(band.start.tokens))
            ));
        }
    }

    fn output(&self) -> u128 {
        [Meter::Output, Meter::ImageOutput, Meter::AudioOutput]
            .into_iter()
            .fold(0, |sum, meter| sum.saturating_add(self.request.quantities.get(meter)))
    }

    /// Borrowed rates, and rates that others vouch for.
    fn note_rates(&self, tier: TierChoice, notes: &mut Vec<String>) {
        let Some(list) = self.list(tier) else { return };
        let Ok(cost) = list.price(&self.touched()) else {
            return;
        };
        let name = tier.name();
        let mut vouched: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        let has_content = self.request.search_content
            && self.part(|part| part.web_search_block).is_some()
            && self.request.quantities.get(Meter::WebSearchCall) > 0;
        if let Ok(input) = list.of(Meter::Input)
            && has_content
            && input.evidence != Evidence::Provider
            && input.lender.is_none()
        {
            let key = (input.evidence.name(), &*input.cell.source);
            vouched.entry(key).or_default().push("web_search_content");
        }
        for line in cost.lines.iter().filter(|line| line.meter.is_token()) {
            let evidence = line.price.evidence.name();
            if let Some(from) = line.price.borrowed_from {
                let (meter, from) = (line.meter.name(), from.name());
                notes.push(format!(
                    "{name}: no {meter} rate is published, the {name} {from} rate is taken"
                ));
            }
            if evidence != "provider" && line.price.lender.is_none() {
                vouched
                    .entry((evidence, &line.price.cell.source))
                    .or_default()
                    .push(line.meter.name());
            }
        }
        for ((evidence, source), meters) in vouched {
            let meters = meters.join(", ");
            notes.push(format!(
                "{name}: not from the provider's own table but `{evidence}` ({source}): {meters}"
            ));
        }
    }

    fn note_tools(&self, notes: &mut Vec<String>) -> Result<(), OutOfRange> {
        let Some(list) = self.list(TierChoice::Standard) else {
            return Ok(());
        };
        let quantities = self.quantities(Caching::Recorded);
        let calls = quantities.get(Meter::WebSearchCall);
        if let (Ok(plain), Ok(preview)) =
            (list.of(Meter::WebSearchCall), list.of(Meter::WebSearchPreviewCall))
            && calls > 0
            && preview.rate > plain.rate
        {
            let upper = preview.rate.cost(calls).ok_or(OutOfRange)?.at_least(2);
            notes.push(format!(
                "upper figure: as calls of the preview tool the fee is {upper} USD ({} per 1,000)",
                preview.cell.published
            ));
        }
        let block = self.part(|part| part.web_search_block);
        if let Some(block) = block.filter(|_| calls > 0 && self.request.search_content) {
            let block = thousands(u128::from(block));
            notes.push(format!(
                "web_search_content: the provider bills {block} input tokens a call on this model; \
                 leave it out with --no-search-content"
            ));
        }
        let sessions = quantities.get(Meter::CodeInterpreterSession);
        if let Ok(session) = list.of(Meter::CodeInterpreterSession)
            && sessions > 0
            && session.borrowed_from == Some(Meter::ContainerMinute)
        {
            let minutes = sessions.saturating_mul(u128::from(SESSION_FLOOR_MINUTES));
            let floor = session.cell.rate.cost(minutes).ok_or(OutOfRange)?;
            notes.push(format!("sessions are billed by the minute; each is taken as 20 minutes, the least is {floor} USD (5 minutes)"));
        }
        Ok(())
    }
}

fn estimate_line(
    meter: &'static str,
    quantity: u128,
    usd: Money,
    price: &Priced<'_>,
) -> EstimateLine {
    let mut line = EstimateLine {
        meter,
        quantity,
        rate: price.cell.published.clone(),
        per: price.cell.meter.unit().priced_per(),
        usd,
        evidence: price.evidence.name(),
        borrowed_from: price.borrowed_from.map(Meter::name),
    };
    if price.borrowed_from == Some(Meter::ContainerMinute) {
        line.rate = price.rate.cost(1).map(Money::exact).unwrap_or_default();
        line.per = "session of 20 minutes";
    }
    line
}
