//! A rate card: one TOML file, read and checked into absolute cells.
//!
//! The raw types mirror the file and go no further. Every error names the
//! file, the line and what was expected.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Spanned;
use toml::value::Datetime;

use super::layer::{Band, Cell, Confidence, Evidence, Factor, Layer, Model, Threshold};
use super::raw::{RawBand, RawCard, RawFactor, RawModel, RawPrice, RawTool};
use crate::money::{MoneyError, Multiplier, Rate};
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

/// Reads and checks a card. Fails at the first value that is refused, or where
/// two prices of one cell overlap in time.
pub(super) fn load(source: &CardSource) -> Result<Layer, CardError> {
    let raw: RawCard = toml::from_str(&source.text).map_err(|error| CardError::Syntax {
        name: source.name.clone(),
        source: Box::new(error),
    })?;
    let named = raw.sources.iter().map(|(name, text)| (name.as_str(), text.as_str().into()));
    let sources = Sources { default: raw.source.as_str().into(), named: named.collect() };
    Reader { source, sources }.layer(&raw)
}

/// Where a card's prices come from.
struct Sources<'r> {
    default: Arc<str>,
    named: BTreeMap<&'r str, Arc<str>>,
}

/// Turns raw values into checked ones; knows the text for line numbers.
struct Reader<'a> {
    source: &'a CardSource,
    sources: Sources<'a>,
}

/// What a line says of its prices besides amounts.
struct Terms {
    from: Option<Instant>,
    to: Option<Instant>,
    source: Arc<str>,
    confidence: Confidence,
}

type Day = Option<Spanned<Datetime>>;
type Name = Option<Spanned<String>>;

impl Reader<'_> {
    fn layer(&self, raw: &RawCard) -> Result<Layer, CardError> {
        if *raw.schema.get_ref() != 1 {
            return Err(self.error(&raw.schema, "expected `schema = 1`"));
        }
        let evidence = Evidence::from_name(raw.evidence.get_ref()).ok_or_else(|| {
            self.error(&raw.evidence, "expected `provider`, `third_party`, `article` or `user`")
        })?;
        let complete = match raw.table.get_ref().as_str() {
            "complete" => true,
            "partial" => false,
            _ => return Err(self.error(&raw.table, "expected `complete` or `partial`")),
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
            evidence,
            complete,
            checked: self.instant(&raw.checked)?,
            source: raw.source.clone(),
            models,
            tools,
            factors: factors.collect::<Result<_, _>>()?,
        })
    }

    fn model(&self, raw: &RawModel) -> Result<Model, CardError> {
        let mut bands = Vec::with_capacity(raw.bands.len());
        for (name, band) in &raw.bands {
            bands.push(Band { name: name.clone(), start: self.threshold(band)? });
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

    fn threshold(&self, band: &Spanned<RawBand>) -> Result<Threshold, CardError> {
        match (band.get_ref().over, band.get_ref().at_least) {
            (Some(tokens), None) => Ok(Threshold { tokens, exclusive: true }),
            (None, Some(tokens)) => Ok(Threshold { tokens, exclusive: false }),
            _ => Err(self.error(band, "expected one of `over = N` and `at_least = N`")),
        }
    }

    fn price(
        &self,
        raw: &RawPrice,
        bands: &[Band],
        cells: &mut Vec<Cell>,
    ) -> Result<(), CardError> {
        let tier = ServiceTier::from_card(raw.tier.get_ref()).ok_or_else(|| {
            self.error(
                &raw.tier,
                "expected `standard`, `flex`, `priority`, `batch`, `ultrafast` or `decisions`",
            )
        })?;
        let band = match &raw.band {
            None => 0,
            Some(name) => bands
                .iter()
                .position(|band| band.name == *name.get_ref())
                .map(|at| at.saturating_add(1))
                .ok_or_else(|| self.error(name, "expected a band named in the model's `bands`"))?,
        };
        let terms = self.terms(&raw.from, &raw.to, &raw.source, &raw.confidence)?;
        for (name, amount) in &raw.usd {
            let meter = Meter::from_name(name)
                .filter(|meter| !meter.is_tool())
                .ok_or_else(|| self.error(amount, &format!("`{name}` is not a model's meter")))?;
            let key = (Some(tier.clone()), band, meter);
            self.add_cell(cells, key, amount, (&terms, &[]))?;
        }
        Ok(())
    }

    fn tool(&self, raw: &RawTool, tools: &mut Vec<Cell>) -> Result<(), CardError> {
        let meter = Meter::from_name(raw.meter.get_ref())
            .filter(|meter| meter.is_tool())
            .ok_or_else(|| self.error(&raw.meter, "expected the meter of a tool"))?;
        for price in &raw.prices {
            let terms = self.terms(&price.from, &price.to, &price.source, &price.confidence)?;
            self.add_cell(tools, (None, 0, meter), &price.usd, (&terms, &raw.models))?;
        }
        Ok(())
    }

    /// Adds a price, unless one of its cell holds at the same time.
    fn add_cell(
        &self,
        cells: &mut Vec<Cell>,
        (tier, band, meter): (Option<ServiceTier>, usize, Meter),
        amount: &Spanned<String>,
        (terms, models): (&Terms, &[String]),
    ) -> Result<(), CardError> {
        let cell = Cell {
            tier,
            band,
            meter,
            from: terms.from,
            to: terms.to,
            rate: self.rate(amount, meter)?,
            published: amount.get_ref().clone(),
            source: Arc::clone(&terms.source),
            confidence: terms.confidence,
            models: models.to_vec(),
        };
        self.check_overlap(cells, &cell, amount)?;
        cells.push(cell);
        Ok(())
    }

    fn factor(&self, raw: &RawFactor) -> Result<Factor, CardError> {
        let multiplier = Multiplier::parse(raw.multiplier.get_ref()).ok_or_else(|| {
            self.error(&raw.multiplier, "expected a number above 0, for example \"1.10\"")
        })?;
        let Terms { from, to, source, confidence } =
            self.terms(&raw.from, &raw.to, &raw.source, &raw.confidence)?;
        let (name, models) = (raw.name.clone(), raw.models.clone());
        Ok(Factor { name, multiplier, models, from, to, source, confidence })
    }

    fn terms(
        &self,
        from: &Day,
        to: &Day,
        source: &Name,
        confidence: &Name,
    ) -> Result<Terms, CardError> {
        let source = match source {
            None => Arc::clone(&self.sources.default),
            Some(name) => self
                .sources
                .named
                .get(name.get_ref().as_str())
                .map(Arc::clone)
                .ok_or_else(|| self.error(name, "expected a name of `[sources]`"))?,
        };
        let confidence = match confidence {
            None => Confidence::default(),
            Some(name) => Confidence::from_name(name.get_ref())
                .ok_or_else(|| self.error(name, "expected `high`, `medium` or `low`"))?,
        };
        let (from, to) = self.interval(from.as_ref(), to.as_ref())?;
        Ok(Terms { from, to, source, confidence })
    }

    fn rate(&self, amount: &Spanned<String>, meter: Meter) -> Result<Rate, CardError> {
        Rate::parse(amount.get_ref(), meter.unit().per()).map_err(|error: MoneyError| {
            let priced_per = meter.unit().priced_per();
            self.error(amount, &format!("`{}` USD per {priced_per} {error}", amount.get_ref()))
        })
    }

    fn interval(
        &self,
        from: Option<&Spanned<Datetime>>,
        to: Option<&Spanned<Datetime>>,
    ) -> Result<(Option<Instant>, Option<Instant>), CardError> {
        let start = from.map(|from| self.instant(from)).transpose()?;
        let Some(to) = to else {
            return Ok((start, None));
        };
        let end = self.instant(to)?;
        if start.is_some_and(|start| end <= start) {
            return Err(self.error(to, "`to` is not after `from`"));
        }
        Ok((start, Some(end)))
    }

    /// A day (its midnight in UTC) or an instant with an offset.
    fn instant(&self, value: &Spanned<Datetime>) -> Result<Instant, CardError> {
        let date = value.get_ref();
        if date.date.is_none() || (date.time.is_some() && date.offset.is_none()) {
            return Err(self.error(value, "expected a day, or an instant with its offset"));
        }
        Instant::parse_log(&date.to_string())
            .map(|time| time.instant)
            .ok_or_else(|| self.error(value, "expected a day, or an instant with its offset"))
    }

    fn check_overlap(
        &self,
        cells: &[Cell],
        cell: &Cell,
        at: &Spanned<String>,
    ) -> Result<(), CardError> {
        let overlaps = |other: &&Cell| other.same_cell(cell) && other.overlaps(cell);
        let Some(other) = cells.iter().find(overlaps) else {
            return Ok(());
        };
        let meter = cell.meter.name();
        let since = other.from.map_or_else(String::new, |from| format!(" from {from}"));
        Err(self.error(at, &format!("`{meter}` overlaps the price that holds{since}")))
    }

    fn error<T>(&self, value: &Spanned<T>, message: &str) -> CardError {
        let before = self.source.text.get(..value.span().start).unwrap_or_default();
        CardError::Value {
            name: self.source.name.clone(),
            line: before.matches('\n').count().saturating_add(1),
            message: message.to_owned(),
        }
    }
}
