//! Read-only views of a rate book, for those who ask what it holds and why.
//!
//! A view is what a renderer shows and what JSON carries: amounts per published
//! unit, days, names. Nothing here decides a price; that is
//! [`RateBook::price_list`] alone.

mod check;
mod difference;
mod explanation;
mod factors;
mod listing;
mod sheet;

pub use check::{CardCheck, Problem, Warning};
pub use difference::{CellChange, ChangeKind, Difference, FactorChange, SettingChange};
pub use explanation::{Explanation, LayerStep, MatchStep, Outcome, Question, Spend};
pub use factors::ScopedFactor;
pub use listing::{BookView, ListQuery, Listing, RowView, ToolView};
pub use sheet::{BandTable, Borrowing, MeterLine, Missing, Sheet, SourceView};

use std::collections::BTreeSet;

use serde::Serialize;

use super::lookup::{Aliases, Match};
use super::pricing::Priced;
use super::{Band, Cell, Factor, Layer, ModelId, RateBook};
use crate::money::{Money, Rate};
use crate::usage::{Instant, Meter};

/// A commented card that is valid: the format by example.
pub const CARD_TEMPLATE: &str = include_str!("template.toml");

/// Names that are shown beside an unknown one.
const MOST_NEAR_NAMES: usize = 5;

/// A shorter shared beginning makes no name near.
const SHORTEST_PREFIX: usize = 3;

/// A context band.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BandView {
    /// Name in the card.
    pub name: String,
    /// Begins above this total input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over: Option<u64>,
    /// Begins at this total input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u64>,
}

impl BandView {
    fn new(band: &Band) -> Self {
        let tokens = Some(band.start.tokens);
        let (over, at_least) = if band.start.exclusive { (tokens, None) } else { (None, tokens) };
        Self { name: band.name.clone(), over, at_least }
    }
}

/// The price of a meter, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PriceView {
    /// The meter.
    pub meter: &'static str,
    /// The amount per `per`.
    pub usd: Money,
    /// What the amount is for, for example `1M tokens`.
    pub per: &'static str,
    /// First day or instant that it holds for.
    pub from: String,
    /// First day or instant that it no longer holds for.
    pub to: Option<String>,
    /// The meter whose cell was borrowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub borrowed_from: Option<&'static str>,
    /// Who vouches for it.
    pub evidence: &'static str,
    /// `high`, `medium` or `low`.
    pub confidence: &'static str,
    /// The layer.
    pub layer: String,
    /// Where it was published.
    pub source: String,
    /// When it was last checked.
    pub checked: String,
    /// What the published amount was multiplied by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<FactorView>,
}

/// A multiplier of a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FactorView {
    /// Its name.
    pub name: String,
    /// What the rate was multiplied by.
    pub multiplier: String,
    /// Who vouches for it.
    pub evidence: &'static str,
    /// Where it was published or agreed.
    pub source: String,
}

impl FactorView {
    /// A factor as its layer has it.
    pub fn new(factor: &Factor) -> Self {
        Self {
            name: factor.name.clone(),
            multiplier: factor.multiplier.to_string(),
            evidence: factor.evidence.name(),
            source: factor.source.to_string(),
        }
    }
}

impl PriceView {
    /// A cell as its layer has it.
    fn of_cell(layer: &Layer, cell: &Cell) -> Self {
        Self {
            meter: cell.meter.name(),
            usd: published_amount(cell.rate, cell.meter),
            per: cell.meter.unit().priced_per(),
            from: begins(cell.from),
            to: cell.to.map(when),
            borrowed_from: None,
            evidence: cell.evidence.name(),
            confidence: cell.confidence.name(),
            layer: layer.name.clone(),
            source: cell.source.to_string(),
            checked: when(cell.checked),
            factors: Vec::new(),
        }
    }

    /// The book's answer for a meter, which may rest on another meter's cell.
    fn of_price(book: &RateBook, meter: Meter, price: Priced<'_>) -> Self {
        Self {
            meter: meter.name(),
            usd: published_amount(price.rate, meter),
            per: meter.unit().priced_per(),
            from: begins(price.cell.from),
            to: price.cell.to.map(when),
            borrowed_from: price.borrowed_from.map(Meter::name),
            evidence: price.evidence.name(),
            confidence: price.cell.confidence.name(),
            layer: book.layer_of(price.cell).map_or_else(String::new, |layer| layer.name.clone()),
            source: price.cell.source.to_string(),
            checked: when(price.checked),
            factors: book.factors(price.factors).map(FactorView::new).collect(),
        }
    }
}

/// A name that no layer of the book has.
#[derive(Debug, thiserror::Error)]
#[error("{}", unknown_text(self))]
pub struct UnknownModel {
    /// As typed.
    pub name: String,
    /// Ids that begin alike; never priced by that.
    pub near: Vec<String>,
    /// Providers of which it is a model.
    pub others: Vec<String>,
}

fn unknown_text(unknown: &UnknownModel) -> String {
    let UnknownModel { name, near, others } = unknown;
    if !others.is_empty() {
        return format!(
            "`{name}` is no model of the asked provider; it is one of {}",
            others.join(", ")
        );
    }
    let near = near_text(name, near);
    format!("`{name}` is no model of the rate book; {near}")
}

fn near_text(name: &str, near: &[String]) -> String {
    match near.first() {
        None => "`tierwise rates list` shows those it has".to_owned(),
        Some(first) => format!(
            "names that begin alike: {}. Names are never priced by resemblance; if it is one \
             of them, say so with --alias {name}={first}",
            near.join(", ")
        ),
    }
}

impl RateBook {
    /// Every model with prices of its own, in the book's order.
    pub fn every_model(&self) -> impl Iterator<Item = ModelId> + '_ {
        let all = self.entries.iter().enumerate();
        all.filter(|(_, entry)| entry.is_own(&self.layers)).map(|(at, _)| ModelId(at))
    }

    /// Every model, those of another provider's list included.
    fn entry_ids(&self) -> impl Iterator<Item = ModelId> + use<> {
        (0..self.entries.len()).map(ModelId)
    }

    /// The model that a name is, or which names begin like it.
    pub fn find_or_near(
        &self,
        provider: &str,
        name: &str,
        aliases: &Aliases,
    ) -> Result<Match, UnknownModel> {
        self.find(provider, name, aliases).ok_or_else(|| UnknownModel {
            name: name.to_owned(),
            near: self.near_names(name),
            others: self.providers_of(name, aliases),
        })
    }

    fn providers_of(&self, name: &str, aliases: &Aliases) -> Vec<String> {
        let providers: BTreeSet<&str> =
            self.every_model().map(|model| self.model_provider(model)).collect();
        let having = providers.into_iter().filter(|of| self.find(of, name, aliases).is_some());
        having.map(str::to_owned).collect()
    }

    /// The ids that share the longest beginning with a name.
    fn near_names(&self, name: &str) -> Vec<String> {
        let name = name.split_once('/').map_or(name, |(_, rest)| rest);
        let shared = |id: &str| id.chars().zip(name.chars()).take_while(|(a, b)| a == b).count();
        let mut near: Vec<(usize, &str)> = self.model_ids().map(|id| (shared(id), id)).collect();
        near.retain(|(length, _)| *length >= SHORTEST_PREFIX);
        near.sort_by_key(|(length, id)| (std::cmp::Reverse(*length), id.len(), *id));
        near.dedup();
        near.into_iter().take(MOST_NEAR_NAMES).map(|(_, id)| id.to_owned()).collect()
    }

    /// The layer that a cell of this book is in.
    fn layer_of(&self, cell: &Cell) -> Option<&Layer> {
        let has = |cells: &[Cell]| cells.iter().any(|own| std::ptr::eq(own, cell));
        self.layers
            .iter()
            .find(|layer| has(&layer.tools) || layer.models.iter().any(|model| has(&model.cells)))
    }

    /// The bands of a model above the base one, lowest first.
    pub fn bands(&self, model: ModelId) -> &[Band] {
        let bands = self.describe(model).map(|(_, part)| part.bands.as_slice());
        bands.max_by_key(|bands| bands.len()).unwrap_or_default()
    }

    /// The band of a cell; `None` for the base one.
    fn band_view(&self, model: ModelId, band: usize) -> Option<BandView> {
        self.bands(model).get(band.checked_sub(1)?).map(BandView::new)
    }
}

/// A rate per published unit. A rate is read as such an amount, so it fits.
fn published_amount(rate: Rate, meter: Meter) -> Money {
    rate.cost(u128::from(meter.unit().per())).unwrap_or_default()
}

/// When a price begins: `earlier` where it is older than the book knows.
fn begins(from: Option<Instant>) -> String {
    when(from.unwrap_or(Instant::EARLIEST))
}

/// A day where it is one (as `--at` takes it), else the instant.
fn when(instant: Instant) -> String {
    if instant == Instant::EARLIEST {
        return "earlier".to_owned();
    }
    if instant == instant.utc_midnight() { instant.utc_date() } else { instant.to_string() }
}
