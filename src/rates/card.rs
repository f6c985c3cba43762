//! A rate card: one TOML file, read and checked into absolute cells.
//!
//! The raw types mirror the file and go no further. Every error names the
//! file, the line and what was expected.

use std::sync::Arc;

use toml::Spanned;

use super::layer::{Band, Cell, Confidence, Factor, Layer, Model, Scope};
use super::raw::{RawCard, RawFactor, RawModel, RawPrice, RawTool};
use super::values::{Day, Source, Sources, Values};
use crate::money::Multiplier;
use crate::usage::{Instant, Meter, ServiceTier};

/// A card's name in messages, and its text.
#[derive(Debug, Clone)]
pub struct CardSource {
    /// File name or path.
    pub name: String,
    /// The TOML text.
    pub text: String,
}

/// A card that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// Not TOML, or not the shape of a card.
    #[error("{name}: {source}")]
    Syntax {
        /// The card.
        name: String,
        /// What the TOML reader says, with line and caret.
        source: Box<toml::de::Error>,
    },
    /// Two layers that disagree on the context bands of a model.
    #[error(
        "the layers `{layer}` and `{other}` give `{model}` different bands; use those of `{other}`"
    )]
    Bands {
        /// The layer.
        layer: String,
        /// The other one.
        other: String,
        /// The model.
        model: String,
    },
    /// A value that is refused.
    #[error("{name}:{line}: {message}")]
    Value {
        /// The card.
        name: String,
        /// Line, from 1.
        line: usize,
        /// What is wrong and what is expected.
        message: String,
    },
}

/// Whose card it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// Part of the program.
    BuiltIn,
    /// The user's, who cannot vouch in a provider's name.
    User,
}

/// Reads and checks a card. Fails at the first value that is refused, or where
/// two prices of one cell overlap in time.
pub(super) fn load(source: &CardSource, owner: Owner) -> Result<Layer, CardError> {
    let raw: RawCard = toml::from_str(&source.text).map_err(|error| CardError::Syntax {
        name: source.name.clone(),
        source: Box::new(error),
    })?;
    let values = Values { source, owner };
    let sources = values.sources(&raw)?;
    Reader { values, sources }.layer(&raw)
}

/// Puts a card together from its values.
struct Reader<'a> {
    values: Values<'a>,
    sources: Sources<'a>,
}

/// What a line says of its prices besides amounts.
struct Terms {
    from: Option<Instant>,
    to: Option<Instant>,
    source: Source,
    confidence: Confidence,
    regions: Arc<[String]>,
    models: Vec<String>,
}

type Name = Option<Spanned<String>>;

impl Reader<'_> {
    fn layer(&self, raw: &RawCard) -> Result<Layer, CardError> {
        if *raw.schema.get_ref() != 1 {
            return Err(self.values.error(&raw.schema, "expected `schema = 1`"));
        }
        let complete = match raw.table.get_ref().as_str() {
            "complete" => true,
            "partial" => false,
            _ => return Err(self.values.error(&raw.table, "expected `complete` or `partial`")),
        };
        let models = raw.models.iter().map(|model| self.model(model.get_ref()));
        let models = models.collect::<Result<_, _>>()?;
        let mut tools = Vec::new();
        for tool in &raw.tools {
            self.tool(tool, &mut tools)?;
        }
        let factors = raw.factors.iter().map(|factor| self.factor(factor));
        Ok(Layer {
            name: raw.layer.clone(),
            provider: raw.provider.clone(),
            evidence: self.sources.own.evidence,
            complete,
            checked: self.sources.own.checked,
            source: raw.source.clone(),
            models,
            tools,
            factors: factors.collect::<Result<_, _>>()?,
            default_region: raw.default_region.clone(),
            borrows: raw.borrows.clone(),
            scopes: self.scopes(raw),
        })
    }

    fn scopes(&self, raw: &RawCard) -> Vec<Scope> {
        let tools = raw.tools.iter().flat_map(|tool| &tool.models);
        let named = tools.chain(raw.factors.iter().flat_map(|factor| &factor.models));
        let scope = |name: &Spanned<String>| Scope {
            line: self.values.line(name),
            model: name.get_ref().clone(),
        };
        named.map(scope).collect()
    }

    fn model(&self, raw: &RawModel) -> Result<Model, CardError> {
        let mut bands = Vec::with_capacity(raw.bands.len());
        for (name, band) in &raw.bands {
            bands.push(Band { name: name.clone(), start: self.values.threshold(band)? });
        }
        bands.sort_by_key(|band| band.start);
        let (mut cells, mut estimates) = (Vec::new(), Vec::new());
        for price in &raw.prices {
            self.price(price, &bands, &mut cells)?;
        }
        for estimate in &raw.estimates {
            self.price(estimate, &bands, &mut estimates)?;
        }
        Ok(Model {
            id: raw.id.clone(),
            aliases: raw.aliases.clone(),
            context_window: raw.context_window,
            max_output: raw.max_output,
            images_bill_as_text: raw.images_bill_as_text,
            web_search_block: raw.web_search_block,
            bands,
            cells,
            estimates,
        })
    }

    fn price(
        &self,
        raw: &RawPrice,
        bands: &[Band],
        cells: &mut Vec<Cell>,
    ) -> Result<(), CardError> {
        let tier = self.values.tier(&raw.tier)?;
        let band = match &raw.band {
            None => 0,
            Some(name) => bands
                .iter()
                .position(|band| band.name == *name.get_ref())
                .map(|at| at.saturating_add(1))
                .ok_or_else(|| {
                    self.values.error(name, "expected a band named in the model's `bands`")
                })?,
        };
        let terms = self.terms(&raw.from, &raw.to, &raw.source, &raw.confidence)?;
        let terms = Terms { regions: raw.regions.clone().into(), ..terms };
        for (name, amount) in &raw.usd {
            let meter =
                Meter::from_name(name).filter(|meter| !meter.is_tool()).ok_or_else(|| {
                    self.values.error(amount, &format!("`{name}` is not a model's meter"))
                })?;
            let key = (Some(tier.clone()), band, meter);
            self.add_cell(cells, key, amount, &terms)?;
        }
        Ok(())
    }

    fn tool(&self, raw: &RawTool, tools: &mut Vec<Cell>) -> Result<(), CardError> {
        let meter = Meter::from_name(raw.meter.get_ref())
            .filter(|meter| meter.is_tool())
            .ok_or_else(|| self.values.error(&raw.meter, "expected the meter of a tool"))?;
        for price in &raw.prices {
            let terms = self.terms(&price.from, &price.to, &price.source, &price.confidence)?;
            let terms = Terms { models: plain(&raw.models), ..terms };
            self.add_cell(tools, (None, 0, meter), &price.usd, &terms)?;
        }
        Ok(())
    }

    /// Adds a price, unless one of its cell holds at the same time.
    fn add_cell(
        &self,
        cells: &mut Vec<Cell>,
        (tier, band, meter): (Option<ServiceTier>, usize, Meter),
        amount: &Spanned<String>,
        terms: &Terms,
    ) -> Result<(), CardError> {
        let cell = Cell {
            tier,
            band,
            meter,
            from: terms.from,
            to: terms.to,
            rate: self.values.rate(amount, meter)?,
            published: amount.get_ref().clone(),
            source: Arc::clone(&terms.source.text),
            evidence: terms.source.evidence,
            checked: terms.source.checked,
            confidence: terms.confidence,
            regions: Arc::clone(&terms.regions),
            models: terms.models.clone(),
        };
        self.values.check_overlap(cells, &cell, amount)?;
        cells.push(cell);
        Ok(())
    }

    fn factor(&self, raw: &RawFactor) -> Result<Factor, CardError> {
        let multiplier = Multiplier::parse(raw.multiplier.get_ref()).ok_or_else(|| {
            self.values.error(&raw.multiplier, "expected a number above 0, for example \"1.10\"")
        })?;
        let terms = self.terms(&raw.from, &raw.to, &raw.source, &raw.confidence)?;
        let tiers = raw.tiers.iter().map(|tier| self.values.tier(tier));
        let meters = raw.meters.iter().map(|name| {
            let known = Meter::from_name(name.get_ref());
            known.ok_or_else(|| {
                self.values.error(name, "expected a meter, for example `cached_input`")
            })
        });
        Ok(Factor {
            name: raw.name.clone(),
            multiplier,
            models: plain(&raw.models),
            tiers: tiers.collect::<Result<_, _>>()?,
            meters: meters.collect::<Result<_, _>>()?,
            regions: raw.regions.clone(),
            from: terms.from,
            to: terms.to,
            source: terms.source.text,
            evidence: terms.source.evidence,
            confidence: terms.confidence,
            line: self.values.line(&raw.multiplier),
        })
    }

    fn terms(
        &self,
        from: &Day,
        to: &Day,
        source: &Name,
        confidence: &Name,
    ) -> Result<Terms, CardError> {
        let source = match source {
            None => self.sources.own.clone(),
            Some(name) => self
                .sources
                .named
                .get(name.get_ref().as_str())
                .cloned()
                .ok_or_else(|| self.values.error(name, "expected a name of `[sources]`"))?,
        };
        let confidence = match confidence {
            None => Confidence::default(),
            Some(name) => Confidence::from_name(name.get_ref())
                .ok_or_else(|| self.values.error(name, "expected `high`, `medium` or `low`"))?,
        };
        let (from, to) = self.values.interval(from.as_ref(), to.as_ref())?;
        let (regions, models) = (Arc::default(), Vec::new());
        Ok(Terms { from, to, source, confidence, regions, models })
    }
}

fn plain(names: &[Spanned<String>]) -> Vec<String> {
    names.iter().map(|name| name.get_ref().clone()).collect()
}
