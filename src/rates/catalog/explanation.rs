//! Why a rate is what it is: every step from a name to an amount.

use serde::Serialize;

use super::{BandView, PriceView, UnknownModel, when};
use crate::money::Money;
use crate::rates::lookup::{Aliases, Match, MatchRule};
use crate::rates::pricing::{Lookup, Priced, WhyNoRate};
use crate::rates::{Cell, Layer, ModelId, PriceQuery, RateBook, Threshold};
use crate::usage::{Instant, Meter, ServiceTier};

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question<'q> {
    /// The provider; empty for any.
    pub provider: &'q str,
    /// The name, as logged.
    pub model: &'q str,
    /// The tier.
    pub tier: ServiceTier,
    /// The meter.
    pub meter: Meter,
    /// Where; empty for the usual region.
    pub region: &'q str,
    /// When.
    pub at: Instant,
    /// The total input tokens of the request.
    pub input: Option<u64>,
}

/// Why a rate is what it is, or why there is none.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// Version of the JSON shape.
    pub schema_version: u32,
    /// Always `USD`.
    pub currency: &'static str,
    /// The name that was asked for.
    pub asked: String,
    /// The tier.
    pub tier: String,
    /// The meter.
    pub meter: &'static str,
    /// What its price is for.
    pub per: &'static str,
    /// When.
    pub at: String,
    /// Where; null where the model has one price for all regions.
    pub region: Option<String>,
    /// The total input tokens of the request.
    pub input: Option<u64>,
    /// The rules that were tried, up to the one that matched.
    pub matching: Vec<MatchStep>,
    /// The model.
    pub model: String,
    /// Its provider.
    pub provider: String,
    /// The model whose training price it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trains_as: Option<String>,
    /// The bands of the model above the base one.
    pub bands: Vec<BandView>,
    /// The chosen one; null for the base one.
    pub band: Option<BandView>,
    /// What was looked at, up to the cell that decided.
    pub lookups: Vec<LayerStep>,
    /// The price.
    pub price: Option<PriceView>,
    /// The price of one unit.
    pub unit_usd: Option<Money>,
    /// What the asked quantity costs.
    pub spend: Option<Spend>,
    /// Why there is no price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// The tiers that have one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub priced_tiers: Vec<String>,
    /// Whether the instant is after the day on which the price was checked.
    pub after_checked: bool,
}

/// A rule that was tried.
#[derive(Debug, Clone, Serialize)]
pub struct MatchStep {
    /// The rule.
    pub rule: &'static str,
    /// The model that it leads to.
    pub found: Option<String>,
}

/// A layer that was looked at for a meter.
#[derive(Debug, Clone, Serialize)]
pub struct LayerStep {
    /// The meter.
    pub meter: &'static str,
    /// The layer.
    pub layer: String,
    /// What it has.
    pub outcome: Outcome,
    /// The cells of the meter, tier and band that it has.
    pub cells: Vec<PriceView>,
}

/// What a layer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A price that holds: the first one decides.
    Holds,
    /// Prices at other dates.
    OtherDates,
    /// No such cell.
    NoCell,
}

/// What a quantity costs.
#[derive(Debug, Clone, Serialize)]
pub struct Spend {
    /// How much.
    pub quantity: u64,
    /// The cost.
    pub usd: Option<Money>,
}

impl RateBook {
    /// Every step from a name to its rate. Fails for a name that the book does
    /// not have.
    pub fn explain(
        &self,
        question: &Question<'_>,
        aliases: &Aliases,
    ) -> Result<Explanation, UnknownModel> {
        let found = self.find_or_near(question.provider, question.model, aliases)?;
        let (model, meter, at) = (found.model, question.meter, question.at);
        let context = self.class_of(question.input);
        let region = question.region;
        let query = PriceQuery { tier: &question.tier, region, context, at };
        let answer = self.price_list(model, &query).of(meter);
        let price = answer.ok();
        let band = self.band(model, context);
        let trace = Trace { book: self, question, model, band };
        Ok(Explanation {
            schema_version: 1,
            currency: "USD",
            asked: question.model.to_owned(),
            tier: question.tier.name().to_owned(),
            meter: meter.name(),
            per: meter.unit().priced_per(),
            at: when(at),
            region: Some(self.region(model, region)).filter(|r| !r.is_empty()).map(str::to_owned),
            input: question.input,
            matching: self.matching(found),
            model: self.model_name(model).to_owned(),
            provider: self.model_provider(model).to_owned(),
            trains_as: trace.twin().map(|twin| self.model_name(twin).to_owned()),
            bands: self.bands(model).iter().map(BandView::new).collect(),
            band: self.band_view(model, band),
            lookups: trace.lookups(price),
            price: price.map(|price| PriceView::of_price(self, meter, price)),
            unit_usd: price.and_then(|price| price.rate.cost(1)),
            spend: price.and_then(|price| spend(question, price)),
            reason: answer.err().map(WhyNoRate::name),
            priced_tiers: if price.is_some() { Vec::new() } else { trace.priced_tiers(context) },
            after_checked: price.is_some_and(|price| at > price.checked),
        })
    }

    /// The context class of a request.
    fn class_of(&self, input: Option<u64>) -> Option<Threshold> {
        let input = u128::from(input?);
        self.thresholds().into_iter().rfind(|threshold| threshold.is_reached(input, 1))
    }

    /// The rules in the order in which they are tried, up to the one that
    /// matched.
    fn matching(&self, found: Match) -> Vec<MatchStep> {
        use MatchRule::{Alias, DateSuffix, Exact, FineTuned, ProviderPrefix, UserAlias};
        let mut steps = Vec::new();
        for rule in [UserAlias, Exact, Alias, FineTuned, DateSuffix, ProviderPrefix] {
            let matched = rule == found.rule;
            let id = matched.then(|| self.model_name(found.model).to_owned());
            steps.push(MatchStep { rule: rule.name(), found: id });
            if matched {
                break;
            }
        }
        steps
    }
}

fn spend(question: &Question<'_>, price: Priced<'_>) -> Option<Spend> {
    let quantity = question.input.filter(|_| question.meter.is_token())?;
    Some(Spend { quantity, usd: price.rate.cost(u128::from(quantity)) })
}

/// Follows one lookup.
struct Trace<'b, 'q> {
    book: &'b RateBook,
    question: &'q Question<'q>,
    model: ModelId,
    band: usize,
}

impl<'b> Trace<'b, '_> {
    /// The fine-tuned twin whose training price decides.
    fn twin(&self) -> Option<ModelId> {
        let mut cells = self.book.describe(self.model).flat_map(|(_, part)| &part.cells);
        let own = cells.any(|cell| cell.meter == Meter::Training);
        let asked = self.question.meter == Meter::Training && !own;
        self.book.trained_as(self.model).filter(|_| asked)
    }

    /// The meters whose cells may decide, in order.
    fn lenders(&self) -> Vec<Meter> {
        let meter = self.question.meter;
        let (tier, at) = (&self.question.tier, self.question.at);
        let region = self.book.region(self.model, self.question.region);
        let (book, model, band) = (self.book, self.model, self.band);
        let lookup = Lookup { book, model, tier, region, band, at };
        if meter == Meter::CodeInterpreterSession {
            return vec![meter, Meter::ContainerMinute];
        }
        let alone = meter == Meter::Training || meter.is_tool();
        if alone { vec![meter] } else { lookup.lenders(meter) }
    }

    fn lookups(&self, price: Option<Priced<'b>>) -> Vec<LayerStep> {
        let mut steps = Vec::new();
        for meter in self.lenders() {
            for (layer, cells) in self.layers(meter) {
                steps.push(self.step(meter, layer, &cells));
                let decided =
                    price.is_some_and(|p| cells.iter().any(|cell| std::ptr::eq(*cell, p.cell)));
                if decided {
                    return steps;
                }
            }
        }
        steps
    }

    fn step(&self, meter: Meter, layer: &Layer, cells: &[&Cell]) -> LayerStep {
        let holds = cells.iter().any(|cell| cell.holds_at(self.question.at));
        let outcome = match (holds, cells.is_empty()) {
            (true, _) => Outcome::Holds,
            (false, false) => Outcome::OtherDates,
            (false, true) => Outcome::NoCell,
        };
        let shown = cells.iter().filter(|cell| !holds || cell.holds_at(self.question.at));
        let cells = shown.map(|cell| PriceView::of_cell(layer, cell)).collect();
        LayerStep { meter: meter.name(), layer: layer.name.clone(), outcome, cells }
    }

    /// The layers that are looked at for a meter, each with its cells.
    fn layers(&self, meter: Meter) -> Vec<(&'b Layer, Vec<&'b Cell>)> {
        if meter.is_tool() {
            return self.tool_layers(meter);
        }
        let (model, band) = self.twin().map_or((self.model, self.band), |twin| (twin, 0));
        let fits = |cell: &&Cell| {
            cell.meter == meter
                && cell.band == band
                && cell.tier.as_ref() == Some(&self.question.tier)
                && cell.holds_in(self.book.region(self.model, self.question.region))
        };
        let parts = self.book.describe(model);
        parts.map(|(layer, part)| (layer, part.cells.iter().filter(fits).collect())).collect()
    }

    fn tool_layers(&self, meter: Meter) -> Vec<(&'b Layer, Vec<&'b Cell>)> {
        let id = self.book.model_name(self.model);
        let fits = |cell: &&Cell| cell.meter == meter && cell.is_of_model(id);
        let layers = self.book.tool_layers(self.model);
        layers.map(|layer| (layer, layer.tools.iter().filter(fits).collect())).collect()
    }

    fn priced_tiers(&self, context: Option<Threshold>) -> Vec<String> {
        let tiers = self.book.tiers_of(self.model).into_iter().filter(|tier| {
            let Question { region, at, .. } = *self.question;
            let query = PriceQuery { tier, region, context, at };
            let list = self.book.price_list(self.model, &query);
            list.of(self.question.meter).is_ok()
        });
        tiers.map(|tier| tier.name().to_owned()).collect()
    }
}
