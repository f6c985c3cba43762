//! The rate book: the layers of cards that a run uses.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::card::{self, CardError, CardSource};
use crate::money::Rate;
use crate::usage::{Instant, Meter, ServiceTier};

/// Who vouches for a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// A card of the user's own.
    User,
    /// The provider's own published table.
    Provider,
    /// Another price list.
    ThirdParty,
    /// The article that the project starts from.
    Article,
}

impl Evidence {
    const ALL: [Self; 4] = [Self::User, Self::Provider, Self::ThirdParty, Self::Article];

    /// The name in cards and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Provider => "provider",
            Self::ThirdParty => "third_party",
            Self::Article => "article",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|evidence| evidence.name() == name)
    }
}

/// Where a context band begins: compared with the total input of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Threshold {
    /// Input tokens, cached included.
    pub tokens: u64,
    /// Whether the band begins above the number (true) or at it.
    pub exclusive: bool,
}

impl Threshold {
    /// Whether `requests` requests with `input` tokens together reach it on
    /// average; for one request, whether it reaches it.
    pub fn is_reached(self, input: u128, requests: u64) -> bool {
        let limit = u128::from(self.tokens).saturating_mul(u128::from(requests.max(1)));
        if self.exclusive { input > limit } else { input >= limit }
    }
}

/// A context band above the base one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// Name in the card.
    pub name: String,
    /// Where it begins.
    pub start: Threshold,
}

/// One published price: a meter of a model under a tier, in a band, for an
/// interval.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The tier; `None` for a tool fee, which is the same in all.
    pub tier: Option<ServiceTier>,
    /// The context band: 0 for the base one, else its position in the model's
    /// list, from 1.
    pub band: usize,
    /// The meter.
    pub meter: Meter,
    /// First instant that it holds for.
    pub from: Instant,
    /// First instant that it no longer holds for.
    pub to: Option<Instant>,
    /// The price of one unit.
    pub rate: Rate,
    /// The amount as published, per the meter's number of units.
    pub published: String,
    /// Where it was published.
    pub source: String,
    /// `high`, `medium` or `low`.
    pub confidence: String,
    /// For a tool fee: the models it holds for; empty for all.
    pub models: Vec<String>,
}

impl Cell {
    /// Whether it holds at an instant.
    pub fn holds_at(&self, at: Instant) -> bool {
        self.from <= at && self.to.is_none_or(|to| at < to)
    }

    pub(super) fn same_cell(&self, other: &Self) -> bool {
        let same_models = self.models == other.models
            || self.models.iter().any(|model| other.models.contains(model));
        self.tier == other.tier
            && self.band == other.band
            && self.meter == other.meter
            && same_models
    }
}

/// A model as one layer describes it.
#[derive(Debug, Clone)]
pub struct Model {
    /// The id that it is priced as.
    pub id: String,
    /// Snapshot ids and other names that share its prices.
    pub aliases: Vec<String>,
    /// The most input and output tokens of one request.
    pub context_window: Option<u64>,
    /// The most output tokens of one request.
    pub max_output: Option<u64>,
    /// Whether image tokens without a price of their own bill as text.
    pub images_bill_as_text: bool,
    /// Input tokens that the provider bills for each web search call.
    pub web_search_block: Option<u32>,
    /// The context bands above the base one, lowest first.
    pub bands: Vec<Band>,
    /// Its prices.
    pub cells: Vec<Cell>,
}

/// One card, checked.
#[derive(Debug, Clone)]
pub struct Layer {
    /// Name in reports.
    pub name: String,
    /// The provider whose prices they are.
    pub provider: String,
    /// Who vouches for them.
    pub evidence: Evidence,
    /// Whether a missing cell means that the provider publishes none.
    pub complete: bool,
    /// When the prices were last checked.
    pub checked: Instant,
    /// Where they come from.
    pub source: String,
    /// The models.
    pub models: Vec<Model>,
    /// Tool fees.
    pub tools: Vec<Cell>,
}

/// A model of a book: a provider and an id, whichever layers describe it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelId(pub(super) usize);

/// Where a model's descriptions are: `(layer, position)`, strongest first.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) provider: String,
    pub(super) id: String,
    pub(super) parts: Vec<(usize, usize)>,
}

/// The validated layers of cards that a run uses.
#[derive(Debug, Clone)]
pub struct RateBook {
    pub(super) layers: Vec<Layer>,
    pub(super) entries: Vec<Entry>,
    /// How many of the layers, the first ones, are the user's.
    user_layers: usize,
    sha256: String,
}

/// The cards that are part of the program.
const BUILT_IN: &[(&str, &str)] = &[
    ("openai.toml", include_str!("cards/openai.toml")),
    ("article-2026-04.toml", include_str!("cards/article-2026-04.toml")),
];

impl RateBook {
    /// The built-in layers, and the user's cards on top (the last one is the
    /// strongest).
    pub fn with_cards(user: &[CardSource]) -> Result<Self, CardError> {
        let mut sources: Vec<CardSource> = user.iter().rev().cloned().collect();
        sources.extend(
            BUILT_IN.iter().map(|(name, text)| CardSource {
                name: (*name).to_owned(),
                text: (*text).to_owned(),
            }),
        );
        let mut layers = Vec::with_capacity(sources.len());
        for source in &sources {
            layers.push(card::load(source)?);
        }
        // A user's card outranks every other, whatever evidence it names.
        let (mut own, mut built_in): (Vec<_>, Vec<_>) =
            layers.into_iter().enumerate().partition(|(index, _)| *index < user.len());
        built_in.sort_by_key(|(_, layer)| layer.evidence);
        own.append(&mut built_in);
        let layers: Vec<Layer> = own.into_iter().map(|(_, layer)| layer).collect();
        check_bands(&layers)?;
        Ok(Self { user_layers: user.len(), ..Self::from_layers(layers, digest(&sources)) })
    }

    /// The built-in layers alone.
    pub fn built_in() -> Result<Self, CardError> {
        Self::with_cards(&[])
    }

    /// The same book with the providers' own tables alone.
    #[must_use]
    pub fn published_only(&self) -> Self {
        let layers = self.layers.iter().filter(|layer| layer.evidence == Evidence::Provider);
        Self::from_layers(layers.cloned().collect(), self.sha256.clone())
    }

    /// The same book without the user's cards; `None` where there are none.
    pub fn list_prices(&self) -> Option<Self> {
        let built_in = self.layers.get(self.user_layers..)?.to_vec();
        (self.user_layers > 0).then(|| Self::from_layers(built_in, self.sha256.clone()))
    }

    fn from_layers(layers: Vec<Layer>, sha256: String) -> Self {
        let mut entries: Vec<Entry> = Vec::new();
        for (layer_at, layer) in layers.iter().enumerate() {
            for (model_at, model) in layer.models.iter().enumerate() {
                let known = entries
                    .iter_mut()
                    .find(|entry| entry.provider == layer.provider && entry.id == model.id);
                match known {
                    Some(entry) => entry.parts.push((layer_at, model_at)),
                    None => entries.push(Entry {
                        provider: layer.provider.clone(),
                        id: model.id.clone(),
                        parts: vec![(layer_at, model_at)],
                    }),
                }
            }
        }
        Self { layers, entries, user_layers: 0, sha256 }
    }

    /// The layers, strongest first.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The SHA-256 of all card texts, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The newest day on which a layer was checked: the instant at which rows
    /// without a time are priced.
    pub fn as_of(&self) -> Instant {
        self.layers.iter().map(|layer| layer.checked).max().unwrap_or(Instant::EPOCH)
    }

    /// The ids of all models, in the book's order.
    pub fn model_ids(&self) -> impl Iterator<Item = &str> + '_ {
        self.entries.iter().map(|entry| entry.id.as_str())
    }

    /// The id that a model is priced as.
    pub fn model_name(&self, model: ModelId) -> &str {
        self.entries.get(model.0).map_or("", |entry| entry.id.as_str())
    }

    /// The provider whose prices a model has.
    pub fn model_provider(&self, model: ModelId) -> &str {
        self.entries.get(model.0).map_or("", |entry| entry.provider.as_str())
    }

    /// The descriptions of a model, strongest layer first.
    pub fn describe(&self, model: ModelId) -> impl Iterator<Item = (&Layer, &Model)> + '_ {
        let parts = self.entries.get(model.0).map_or(&[][..], |entry| entry.parts.as_slice());
        parts.iter().filter_map(|(layer_at, model_at)| {
            let layer = self.layers.get(*layer_at)?;
            Some((layer, layer.models.get(*model_at)?))
        })
    }

    /// Where any model's band begins, in order. A row's context class is the
    /// number of them that its total input reaches.
    pub fn thresholds(&self) -> Vec<Threshold> {
        let models = self.layers.iter().flat_map(|layer| &layer.models);
        let starts = models.flat_map(|model| &model.bands).map(|band| band.start);
        starts.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Every context window of a model, in order.
    pub fn context_windows(&self) -> Vec<u64> {
        self.limits(|model| model.context_window)
    }

    /// Every output cap of a model, in order.
    pub fn output_caps(&self) -> Vec<u64> {
        self.limits(|model| model.max_output)
    }

    fn limits(&self, pick: impl Fn(&Model) -> Option<u64>) -> Vec<u64> {
        let models = self.layers.iter().flat_map(|layer| &layer.models);
        models.filter_map(pick).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The instants after `after` and up to `last` at which a price of a model
    /// begins where another one ended.
    pub fn price_changes(
        &self,
        model: ModelId,
        after: Instant,
        last: Instant,
    ) -> BTreeSet<Instant> {
        let cells: Vec<&Cell> = self.describe(model).flat_map(|(_, part)| &part.cells).collect();
        let ends = |at: Instant| cells.iter().any(|cell| cell.to == Some(at));
        let begins = cells.iter().map(|cell| cell.from).filter(|at| after < *at && *at <= last);
        begins.filter(|at| ends(*at)).collect()
    }

    /// Every instant at which a price begins or ends, in order.
    pub fn boundaries(&self) -> Vec<Instant> {
        let models = self.layers.iter().flat_map(|layer| &layer.models);
        let cells = models.flat_map(|model| &model.cells);
        let tools = self.layers.iter().flat_map(|layer| &layer.tools);
        let ends = cells.chain(tools).flat_map(|cell| [Some(cell.from), cell.to]);
        ends.flatten().collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// Layers that name bands of one model must agree on them: a context has one
/// band.
fn check_bands(layers: &[Layer]) -> Result<(), CardError> {
    let mut known: BTreeMap<(&str, &str), (&str, &[Band])> = BTreeMap::new();
    for layer in layers {
        for model in layer.models.iter().filter(|model| !model.bands.is_empty()) {
            let key = (layer.provider.as_str(), model.id.as_str());
            let (other, bands) = *known.entry(key).or_insert((&layer.name, &model.bands));
            if bands != model.bands {
                let (layer, other, model) =
                    (layer.name.clone(), other.to_owned(), model.id.clone());
                return Err(CardError::Bands { layer, other, model });
            }
        }
    }
    Ok(())
}

fn digest(sources: &[CardSource]) -> String {
    let mut hasher = Sha256::new();
    for source in sources {
        hasher.update(source.text.as_bytes());
        hasher.update([0]);
    }
    let mut hex = String::with_capacity(64);
    for byte in hasher.finalize() {
        // Writing to a `String` does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
