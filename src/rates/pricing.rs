//! The one pricing function: quantities x rates -> quote.
//!
//! A [`PriceList`] is the price of every meter of one model under one tier, in
//! one band, at one instant. [`PriceList::price`] and, for many quantities of the
//! same meters, [`Rates::total`] and [`put_totals`] are the only places that multiply a
//! quantity by a rate.
#![deny(clippy::arithmetic_side_effects, clippy::integer_division)]

use std::sync::{Arc, OnceLock};

use super::book::{ModelId, RateBook};
use super::factors::Factors;
use super::layer::{Cell, Evidence, Layer, Threshold};
use crate::money::{Money, Rate, Share};
use crate::usage::{Instant, Meter, ServiceTier, Totals};

/// The fewest minutes that a container is billed for.
pub const SESSION_FLOOR_MINUTES: u32 = 5;

/// Why a meter has no price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WhyNoRate {
    /// The provider's table shows the model without that tier.
    NotOffered,
    /// The tier is published for the model, this cell is not.
    NotPublished,
    /// No layer of the book says anything.
    NoEvidence,
    /// Earlier than the model's first price.
    BeforeFirstRate,
    /// Later than the last price, or between two.
    NoRateAtTime,
    /// Priced in other regions.
    NotInRegion,
    /// The amount is larger than any that is held.
    OutOfRange,
    /// The rate with an assumed share of cached tokens does not fit 18 decimals.
    InexactBlend,
}

impl WhyNoRate {
    /// The code in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotOffered => "not_offered",
            Self::NotPublished => "not_published",
            Self::NoEvidence => "no_evidence",
            Self::BeforeFirstRate => "before_first_rate",
            Self::NoRateAtTime => "no_rate_at_time",
            Self::NotInRegion => "not_in_region",
            Self::OutOfRange => "out_of_range",
            Self::InexactBlend => "inexact_blend",
        }
    }
}

/// A meter without a price, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoRate {
    /// The meter.
    pub meter: Meter,
    /// Why.
    pub why: WhyNoRate,
}

/// The price of one meter, and what it rests on.
#[derive(Debug, Clone, Copy)]
pub struct Priced<'b> {
    /// The price of one unit, factors included.
    pub rate: Rate,
    /// The factors.
    pub factors: Factors,
    /// The published cell that it comes from.
    pub cell: &'b Cell,
    /// Who vouches for that cell and for the factors.
    pub evidence: Evidence,
    /// The provider whose list has that cell, where it is another one.
    pub lender: Option<&'b str>,
    /// The meter whose cell was borrowed, if not its own.
    pub borrowed_from: Option<Meter>,
    /// When that cell was last checked.
    pub checked: Instant,
}

/// The price of every meter of one model under one tier, band and instant; each
/// is looked up when it is first asked for.
#[derive(Debug, Clone)]
pub struct PriceList<'b> {
    pub(super) meters: Arc<Meters<'b>>,
    /// The share of each modality's input that is assumed to be cached.
    pub(super) cached: Option<Share>,
}

/// What a price list is of, and the prices that are known.
#[derive(Debug)]
pub(super) struct Meters<'b> {
    book: &'b RateBook,
    model: ModelId,
    tier: ServiceTier,
    region: Box<str>,
    band: usize,
    at: Instant,
    known: [OnceLock<Answer<'b>>; Meter::COUNT],
}

/// The price of one meter.
type Answer<'b> = Result<Priced<'b>, WhyNoRate>;

/// What decides a price besides the model and the meter.
#[derive(Debug, Clone, Copy)]
pub struct PriceQuery<'q> {
    /// The tier.
    pub tier: &'q ServiceTier,
    /// The region; empty for the usual one.
    pub region: &'q str,
    /// Where the context class of a request begins; `None` for the lowest.
    pub context: Option<Threshold>,
    /// When.
    pub at: Instant,
}

/// One meter's part of a cost.
#[derive(Debug, Clone, Copy)]
pub struct CostLine<'b> {
    /// The meter.
    pub meter: Meter,
    /// How much of it.
    pub quantity: u128,
    /// What it costs, exact.
    pub cost: Money,
    /// The price that decided.
    pub price: Priced<'b>,
}

/// What quantities cost, exact.
#[derive(Debug, Clone)]
pub struct Cost<'b> {
    /// The sum of the lines.
    pub total: Money,
    /// One line a meter with a quantity.
    pub lines: Vec<CostLine<'b>>,
}

impl<'b> PriceList<'b> {
    /// Prices quantities: the sum over meters of quantity x rate. The first
    /// meter with a quantity and no rate decides that there is none, as does an
    /// amount outside the range of [`Money`].
    pub fn price(&self, quantities: &Totals) -> Result<Cost<'b>, NoRate> {
        let mut lines = Vec::new();
        let total = self.price_each(quantities, |line| lines.push(line))?;
        Ok(Cost { total, lines })
    }

    /// The sum; `each` is given every line.
    fn price_each(
        &self,
        quantities: &Totals,
        mut each: impl FnMut(CostLine<'b>),
    ) -> Result<Money, NoRate> {
        let mut total = Money::ZERO;
        for (meter, quantity) in quantities.nonzero() {
            let price = self.of(meter).map_err(|why| NoRate { meter, why })?;
            let overflow = NoRate { meter, why: WhyNoRate::OutOfRange };
            let cost = price.rate.cost(quantity).ok_or(overflow)?;
            total = total.checked_add(cost).ok_or(overflow)?;
            each(CostLine { meter, quantity, cost, price });
        }
        Ok(total)
    }

    /// The price of one meter.
    pub fn of(&self, meter: Meter) -> Result<Priced<'b>, WhyNoRate> {
        match self.cached.zip(meter.cached()) {
            Some((share, cached)) => self.own(meter)?.blended(&self.own(cached)?, share),
            None => self.own(meter),
        }
    }

    fn own(&self, meter: Meter) -> Answer<'b> {
        let Meters { book, model, tier, region, band, at, known } = &*self.meters;
        let lookup = Lookup { book, model: *model, tier, region, band: *band, at: *at };
        match known.get(meter.index()) {
            Some(answer) => *answer.get_or_init(|| lookup.price(meter)),
            None => lookup.price(meter),
        }
    }
}

impl RateBook {
    /// The price of every meter of a model, as a query asks.
    pub fn price_list(&self, model: ModelId, query: &PriceQuery<'_>) -> PriceList<'_> {
        let PriceQuery { tier, region, context, at } = *query;
        let (band, region) = (self.band(model, context), self.region(model, region).into());
        let known = [const { OnceLock::new() }; Meter::COUNT];
        let meters = Meters { book: self, model, tier: tier.clone(), region, band, at, known };
        PriceList { meters: Arc::new(meters), cached: None }
    }

    /// The band that a context class falls in: 0 for the base one.
    pub fn band(&self, model: ModelId, context: Option<Threshold>) -> usize {
        let bands =
            self.describe(model).map(|(_, part)| &part.bands).max_by_key(|bands| bands.len());
        bands.map_or(0, |bands| bands.iter().filter(|band| Some(band.start) <= context).count())
    }
}

/// One question to the book.
pub(super) struct Lookup<'b, 'q> {
    pub(super) book: &'b RateBook,
    pub(super) model: ModelId,
    pub(super) tier: &'q ServiceTier,
    pub(super) region: &'q str,
    pub(super) band: usize,
    pub(super) at: Instant,
}

impl<'b> Lookup<'b, '_> {
    /// The meter's own cell, else one that it may borrow: within the same tier
    /// and band, cached from its uncached modality, a cache write from input,
    /// an image from text where the card says that images bill as text.
    fn price(&self, meter: Meter) -> Result<Priced<'b>, WhyNoRate> {
        if meter.is_tool() {
            return self.tool(meter).ok_or_else(|| self.why_no_tool(meter));
        }
        if meter == Meter::Training {
            return self.training();
        }
        self.lenders(meter)
            .into_iter()
            .find_map(|lender| self.own(lender, meter))
            .or_else(|| self.second(meter))
            .ok_or_else(|| self.why(meter))
    }

    /// The meters whose cell may price this one, the first that has one wins.
    pub(super) fn lenders(&self, meter: Meter) -> Vec<Meter> {
        let mut lenders = vec![meter];
        let uncached = meter.without_caching();
        if uncached != meter {
            lenders.push(uncached);
        }
        if uncached == Meter::ImageInput && self.images_bill_as_text() {
            if meter == Meter::CachedImageInput {
                lenders.push(Meter::CachedInput);
            }
            lenders.push(Meter::Input);
        }
        lenders
    }

    fn images_bill_as_text(&self) -> bool {
        self.book.describe(self.model).any(|(_, part)| part.images_bill_as_text)
    }

    /// The strongest layer's cell for `lender`, as the price of `meter`: one of
    /// the region by name before one of all regions. Another provider's list has no
    /// say where a layer of its own prices it for other regions.
    pub(super) fn own(&self, lender: Meter, meter: Meter) -> Option<Priced<'b>> {
        let mut elsewhere = false;
        self.book.priced_parts(self.model).find_map(|(layer, part)| {
            if self.is_lent(layer) && (elsewhere || !self.lends()) {
                return None;
            }
            let fits = |cell: &&Cell| {
                cell.meter == lender
                    && cell.tier.as_ref() == Some(self.tier)
                    && cell.band == self.band
                    && cell.holds_at(self.at)
            };
            let mut cells = part.cells.iter().filter(fits);
            elsewhere |= cells.clone().next().is_some();
            let named = cells.clone().find(|cell| cell.is_of(self.region));
            let cell = named.or_else(|| cells.find(|cell| cell.regions.is_empty()))?;
            self.priced(layer, cell, (lender != meter).then_some(lender))
        })
    }

    fn is_lent(&self, layer: &Layer) -> bool {
        layer.provider != self.book.model_provider(self.model)
    }

    fn lends(&self) -> bool {
        self.book.lends_in(self.model, self.region)
    }

    pub(super) fn priced(
        &self,
        layer: &'b Layer,
        cell: &'b Cell,
        borrowed_from: Option<Meter>,
    ) -> Option<Priced<'b>> {
        let (book, checked) = (self.book, cell.checked);
        let entry = book.entries.get(self.model.0)?;
        let (rate, factors) = book.contracted(entry, cell, self.region, self.at)?;
        let behind = book.factors(factors).map(|factor| factor.evidence);
        let evidence = weakest(book.evidence(self.model, layer, cell), behind);
        let lender = Some(layer.provider.as_str()).filter(|name| *name != entry.provider);
        Some(Priced { rate, factors, cell, evidence, lender, borrowed_from, checked })
    }

    /// What cells that do not hold say by their times; `None` where there are none.
    pub(super) fn when<'c>(&self, cells: impl Iterator<Item = &'c Cell>) -> Option<WhyNoRate> {
        let begun = cells.map(|cell| cell.from.is_none_or(|from| from <= self.at));
        let begun = begun.reduce(|one, other| one || other)?;
        Some(if begun { WhyNoRate::NoRateAtTime } else { WhyNoRate::BeforeFirstRate })
    }

    /// A model trains at the price of its fine-tuned twin.
    fn training(&self) -> Result<Priced<'b>, WhyNoRate> {
        if let Some(price) = self.own(Meter::Training, Meter::Training) {
            return Ok(price);
        }
        let twin = self.book.trained_as(self.model).ok_or_else(|| self.why(Meter::Training))?;
        let lookup = Lookup { model: twin, band: 0, ..*self };
        lookup.own(Meter::Training, Meter::Training).ok_or_else(|| lookup.why(Meter::Training))
    }

    /// Why no layer prices a meter.
    fn why(&self, meter: Meter) -> WhyNoRate {
        let parts: Vec<_> = self.book.priced_parts(self.model).collect();
        let complete = parts.iter().any(|(layer, _)| layer.complete);
        let all = || parts.iter().flat_map(|(_, part)| &part.cells);
        let here = parts.iter().filter(|(layer, _)| !self.is_lent(layer) || self.lends());
        let cells = here.flat_map(|(_, part)| &part.cells);
        let cells: Vec<&Cell> = cells.filter(|cell| cell.holds_in(self.region)).collect();
        let elsewhere = |cell: &Cell| cell.meter == meter && cell.holds_at(self.at);
        if cells.is_empty() && all().any(elsewhere) {
            return WhyNoRate::NotInRegion;
        }
        let of = |tier: &ServiceTier| -> Vec<&&Cell> {
            cells.iter().filter(|cell| cell.tier.as_ref() == Some(tier)).collect()
        };
        let (tier, standard) = (of(self.tier), of(&ServiceTier::Standard));
        if !tier.iter().any(|cell| cell.holds_at(self.at)) {
            let sold = standard.iter().any(|cell| cell.holds_at(self.at));
            if sold || tier.is_empty() {
                let known = complete && !standard.is_empty();
                return if known { WhyNoRate::NotOffered } else { WhyNoRate::NoEvidence };
            }
            return self.when(tier.iter().map(|cell| **cell)).unwrap_or(WhyNoRate::NoEvidence);
        }
        let once = tier.iter().filter(|cell| cell.meter == meter && cell.band == self.band);
        let otherwise = if complete { WhyNoRate::NotPublished } else { WhyNoRate::NoEvidence };
        self.when(once.map(|cell| **cell)).unwrap_or(otherwise)
    }
}

/// Who vouches for a price of a cell with factors: the weakest of them, but a
/// user's word makes a provider's price the user's.
fn weakest(cell: Evidence, factors: impl Iterator<Item = Evidence>) -> Evidence {
    let all: Vec<Evidence> = std::iter::once(cell).chain(factors).collect();
    let weakest = all.iter().copied().max().unwrap_or(cell);
    let contracted = weakest == Evidence::Provider && all.contains(&Evidence::User);
    if contracted { Evidence::User } else { weakest }
}
