//! A rate card: one TOML file, read and checked into absolute cells.
//!
//! The raw types mirror the file and stay in this module. Every error names the
//! file, the line and what was expected.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use super::book::{Band, Cell, Evidence, Layer, Model, Threshold};
use crate::money::{MoneyError, Rate};
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCard {
    schema: Spanned<u32>,
    layer: String,
    provider: String,
    evidence: Spanned<String>,
    table: Spanned<String>,
    source: String,
    checked: Spanned<Datetime>,
    #[serde(default)]
    models: Vec<Spanned<RawModel>>,
    #[serde(default)]
    tools: Vec<RawTool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawModel {
    id: String,
    #[serde(default)]
    aliases: Vec<String>,
    context_window: Option<u64>,
    max_output: Option<u64>,
    #[serde(default)]
    images_bill_as_text: bool,
    web_search_block: Option<u32>,
    #[serde(default)]
    bands: BTreeMap<String, Spanned<RawBand>>,
    prices: Vec<RawPrice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBand {
    /// Strict: the band begins above this total input.
    over: Option<u64>,
    /// Inclusive: the band begins at this total input.
    at_least: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPrice {
    tier: Spanned<String>,
    band: Option<Spanned<String>>,
    from: Spanned<Datetime>,
    to: Option<Spanned<Datetime>>,
    usd: BTreeMap<String, Spanned<String>>,
    source: Option<String>,
    confidence: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTool {
    meter: Spanned<String>,
    /// The models it holds for; without it, every model of the provider.
    #[serde(default)]
    models: Vec<String>,
    prices: Vec<RawToolPrice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawToolPrice {
    from: Spanned<Datetime>,
    to: Option<Spanned<Datetime>>,
    usd: Spanned<String>,
}

/// Reads and checks a card. Fails at the first value that is refused, or where
/// two prices of one cell overlap in time.
pub(super) fn load(source: &CardSource) -> Result<Layer, CardError> {
    let raw: RawCard = toml::from_str(&source.text).map_err(|error| CardError::Syntax {
        name: source.name.clone(),
        source: Box::new(error),
    })?;
    Reader { source }.layer(raw)
}

/// Turns raw values into checked ones; knows the text for line numbers.
struct Reader<'a> {
    source: &'a CardSource,
}

impl Reader<'_> {
    fn layer(&self, raw: RawCard) -> Result<Layer, CardError> {
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
        let mut models = Vec::with_capacity(raw.models.len());
        for model in raw.models {
            models.push(self.model(model.into_inner(), &raw.source)?);
        }
        let mut tools = Vec::new();
        for tool in &raw.tools {
            self.tool(tool, &raw.source, &mut tools)?;
        }
        Ok(Layer {
            name: raw.layer,
            provider: raw.provider,
            evidence,
            complete,
            checked: self.instant(&raw.checked)?,
            source: raw.source,
            models,
            tools,
        })
    }

    fn model(&self, raw: RawModel, source: &str) -> Result<Model, CardError> {
        let mut bands = Vec::with_capacity(raw.bands.len());
        for (name, band) in &raw.bands {
            bands.push(Band { name: name.clone(), start: self.threshold(band)? });
        }
        bands.sort_by_key(|band| band.start);
        let mut model = Model {
            id: raw.id,
            aliases: raw.aliases,
            context_window: raw.context_window,
            max_output: raw.max_output,
            images_bill_as_text: raw.images_bill_as_text,
            web_search_block: raw.web_search_block,
            bands,
            cells: Vec::new(),
        };
        for price in &raw.prices {
            self.price(price, source, &mut model)?;
        }
        Ok(model)
    }

    fn threshold(&self, band: &Spanned<RawBand>) -> Result<Threshold, CardError> {
        match (band.get_ref().over, band.get_ref().at_least) {
            (Some(tokens), None) => Ok(Threshold { tokens, exclusive: true }),
            (None, Some(tokens)) => Ok(Threshold { tokens, exclusive: false }),
            _ => Err(self.error(band, "expected one of `over = N` and `at_least = N`")),
        }
    }

    fn price(&self, raw: &RawPrice, source: &str, model: &mut Model) -> Result<(), CardError> {
        let tier = ServiceTier::from_card(raw.tier.get_ref()).ok_or_else(|| {
            self.error(&raw.tier, "expected `standard`, `flex`, `priority`, `batch` or `ultrafast`")
        })?;
        let band = match &raw.band {
            None => 0,
            Some(name) => model
                .bands
                .iter()
                .position(|band| band.name == *name.get_ref())
                .map(|at| at.saturating_add(1))
                .ok_or_else(|| self.error(name, "expected a band named in the model's `bands`"))?,
        };
        let (from, to) = self.interval(&raw.from, raw.to.as_ref())?;
        for (name, amount) in &raw.usd {
            let meter = Meter::from_name(name)
                .ok_or_else(|| self.error(amount, &format!("`{name}` is not a meter")))?;
            let cell = Cell {
                tier: Some(tier.clone()),
                band,
                meter,
                from,
                to,
                rate: self.rate(amount, meter)?,
                published: amount.get_ref().clone(),
                source: raw.source.clone().unwrap_or_else(|| source.to_owned()),
                confidence: raw.confidence.clone().unwrap_or_else(|| "high".to_owned()),
                models: Vec::new(),
            };
            self.check_overlap(&model.cells, &cell, amount)?;
            model.cells.push(cell);
        }
        Ok(())
    }

    fn tool(&self, raw: &RawTool, source: &str, tools: &mut Vec<Cell>) -> Result<(), CardError> {
        let meter = Meter::from_name(raw.meter.get_ref())
            .filter(|meter| meter.is_tool())
            .ok_or_else(|| self.error(&raw.meter, "expected the meter of a tool"))?;
        for price in &raw.prices {
            let (from, to) = self.interval(&price.from, price.to.as_ref())?;
            let cell = Cell {
                tier: None,
                band: 0,
                meter,
                from,
                to,
                rate: self.rate(&price.usd, meter)?,
                published: price.usd.get_ref().clone(),
                source: source.to_owned(),
                confidence: "high".to_owned(),
                models: raw.models.clone(),
            };
            self.check_overlap(tools, &cell, &price.usd)?;
            tools.push(cell);
        }
        Ok(())
    }

    fn rate(&self, amount: &Spanned<String>, meter: Meter) -> Result<Rate, CardError> {
        Rate::parse(amount.get_ref(), meter.unit().per()).map_err(|error: MoneyError| {
            let priced_per = meter.unit().priced_per();
            self.error(amount, &format!("`{}` USD per {priced_per} {error}", amount.get_ref()))
        })
    }

    fn interval(
        &self,
        from: &Spanned<Datetime>,
        to: Option<&Spanned<Datetime>>,
    ) -> Result<(Instant, Option<Instant>), CardError> {
        let start = self.instant(from)?;
        let Some(to) = to else {
            return Ok((start, None));
        };
        let end = self.instant(to)?;
        if end <= start {
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
        let overlaps = |other: &&Cell| {
            other.same_cell(cell)
                && other.to.is_none_or(|to| cell.from < to)
                && cell.to.is_none_or(|to| other.from < to)
        };
        match cells.iter().find(overlaps) {
            None => Ok(()),
            Some(other) => Err(self.error(
                at,
                &format!(
                    "`{}` overlaps the price that holds from {}",
                    cell.meter.name(),
                    other.from
                ),
            )),
        }
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
