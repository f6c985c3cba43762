//! The rate book: the layers of cards that a run uses.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::card::{self, CardError, CardSource, Owner};
use super::layer::{Cell, Evidence, Layer, Model, Threshold};
use super::lending;
use super::lookup::Names;
use crate::usage::Instant;

/// A model of a book: a provider and an id, whichever layers describe it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelId(pub(super) usize);

/// Where a model's descriptions are: `(layer, position)`, strongest first.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) provider: String,
    pub(super) id: String,
    pub(super) parts: Vec<(usize, usize)>,
    /// How many of the parts have a say in prices: a user's card that is complete
    /// leaves none to those after it, besides names and limits.
    pub(super) pricing: usize,
    /// The provider whose list price is taken where no layer of its own has one.
    pub(super) lender: Option<String>,
}

impl Entry {
    /// Whether a layer of its own provider describes it.
    pub(super) fn is_own(&self, layers: &[Layer]) -> bool {
        let own = |(at, _): &(usize, usize)| {
            layers.get(*at).is_some_and(|layer| layer.provider == self.provider)
        };
        self.parts.iter().any(own)
    }
}

/// The validated layers of cards that a run uses.
#[derive(Debug, Clone)]
pub struct RateBook {
    pub(super) layers: Vec<Layer>,
    pub(super) entries: Vec<Entry>,
    pub(super) names: Names,
    /// How many of the layers, the first ones, are the user's.
    pub(super) user_layers: usize,
    /// Every instant at which a price or a factor begins or ends, in order.
    boundaries: Vec<Instant>,
    sha256: String,
}

/// The cards that are part of the program.
const BUILT_IN: &[(&str, &str)] = &[
    ("openai.toml", include_str!("cards/openai.toml")),
    ("azure.toml", include_str!("cards/azure.toml")),
    ("anthropic.toml", include_str!("cards/anthropic.toml")),
    ("bedrock.toml", include_str!("cards/bedrock.toml")),
    ("deepseek.toml", include_str!("cards/deepseek.toml")),
    ("gemini.toml", include_str!("cards/gemini.toml")),
    ("mistral.toml", include_str!("cards/mistral.toml")),
    ("xai.toml", include_str!("cards/xai.toml")),
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
        for (at, source) in sources.iter().enumerate() {
            let owner = if at < user.len() { Owner::User } else { Owner::BuiltIn };
            layers.push((source.name.as_str(), card::load(source, owner)?));
        }
        // A user's card outranks every other, whatever evidence it names.
        if let Some(built_in) = layers.get_mut(user.len()..) {
            built_in.sort_by_key(|(_, layer)| layer.evidence);
        }
        let (names, layers): (Vec<&str>, Vec<Layer>) = layers.into_iter().unzip();
        let book = Self::from_layers(layers, user.len(), digest(&sources));
        book.check_bands()?;
        book.check_scopes(&names)?;
        book.check_factors(&names)?;
        Ok(book)
    }

    /// The built-in layers alone.
    pub fn built_in() -> Result<Self, CardError> {
        Self::with_cards(&[])
    }

    /// The same book with the prices alone that providers published themselves.
    #[must_use]
    pub fn published_only(&self) -> Self {
        let published = |cell: &Cell| cell.evidence == Evidence::Provider;
        let layers = self.layers.iter().map(|layer| layer.keeping(published));
        let layers = layers.filter(|layer| layer.cells().next().is_some());
        let layers = layers.map(|layer| Layer { borrows: None, ..layer });
        Self::from_layers(layers.collect(), 0, self.sha256.clone())
    }

    /// The same book without the user's cards; `None` where there are none.
    pub fn list_prices(&self) -> Option<Self> {
        let built_in = self.layers.get(self.user_layers..)?.to_vec();
        (self.user_layers > 0).then(|| Self::from_layers(built_in, 0, self.sha256.clone()))
    }

    fn from_layers(layers: Vec<Layer>, user_layers: usize, sha256: String) -> Self {
        let mut entries: Vec<Entry> = Vec::new();
        let mut known: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (layer_at, layer) in layers.iter().enumerate() {
            for (model_at, model) in layer.models.iter().enumerate() {
                let next = entries.len();
                let at = *known.entry((&layer.provider, &model.id)).or_insert(next);
                match entries.get_mut(at) {
                    Some(entry) => entry.parts.push((layer_at, model_at)),
                    None => entries.push(Entry {
                        pricing: 0,
                        provider: layer.provider.clone(),
                        id: model.id.clone(),
                        parts: vec![(layer_at, model_at)],
                        lender: None,
                    }),
                }
            }
        }
        // A user's card does not make its provider the one of rows that name none.
        let (own, built_in) = layers.split_at(user_layers.min(layers.len()));
        let order = || built_in.iter().chain(own);
        entries.sort_by_key(|entry| order().position(|layer| layer.provider == entry.provider));
        lending::lend(&layers, user_layers, &mut entries);
        for entry in &mut entries {
            let closes = |(at, _): &(usize, usize)| {
                *at < user_layers && layers.get(*at).is_some_and(|layer| layer.complete)
            };
            let closed = entry.parts.iter().position(closes);
            entry.pricing = closed.map_or(entry.parts.len(), |at| at.saturating_add(1));
        }
        let (names, boundaries) = (Names::new(&layers, &entries), boundaries(&layers));
        Self { layers, entries, names, user_layers, boundaries, sha256 }
    }

    /// The layers, strongest first.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The SHA-256 of all card texts, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The newest day on which a price of a provider's or a user's card was
    /// checked: the instant at which rows without a time are priced. Other
    /// layers decide only where there is none of these.
    pub fn as_of(&self) -> Instant {
        let own = |layer: &&Layer| layer.evidence <= Evidence::Provider;
        let newest =
            |layer: &Layer| layer.cells().map(|cell| cell.checked).max().unwrap_or(layer.checked);
        let checked = self.layers.iter().filter(own).map(newest).max();
        let any = || self.layers.iter().map(newest).max();
        checked.or_else(any).unwrap_or(Instant::EPOCH)
    }

    /// The ids of all models, in the book's order.
    pub fn model_ids(&self) -> impl Iterator<Item = &str> + '_ {
        self.every_model().map(|model| self.model_name(model))
    }

    /// The region of a row: its own, else the one that its provider's card
    /// takes; empty where there is none.
    pub fn region<'b>(&'b self, model: ModelId, named: &'b str) -> &'b str {
        if !named.is_empty() {
            return named;
        }
        self.default_region(self.model_provider(model)).unwrap_or_default()
    }

    /// The region of a provider's rows that name none, where it prices by region.
    pub(super) fn default_region(&self, provider: &str) -> Option<&str> {
        let mut layers = self.layers.iter().filter(|layer| layer.provider == provider);
        layers.find_map(|layer| layer.default_region.as_deref())
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

    /// The descriptions of a model that have a say in its prices.
    pub(super) fn priced_parts(&self, model: ModelId) -> impl Iterator<Item = (&Layer, &Model)> {
        let pricing = self.entries.get(model.0).map_or(0, |entry| entry.pricing);
        self.describe(model).take(pricing)
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
        let begins = cells.iter().filter_map(|cell| cell.from);
        let begins = begins.filter(|at| after < *at && *at <= last);
        begins.filter(|at| ends(*at)).collect()
    }

    /// Every instant at which a price or a factor begins or ends, in order.
    pub fn boundaries(&self) -> &[Instant] {
        &self.boundaries
    }

    /// The last of the boundaries up to an instant: between them no price
    /// changes, so both have the same prices.
    pub fn interval(&self, at: Instant) -> Instant {
        let begun = self.boundaries.partition_point(|boundary| *boundary <= at);
        let last = begun.checked_sub(1).and_then(|last| self.boundaries.get(last));
        last.copied().unwrap_or(Instant::EARLIEST)
    }
}

fn boundaries(layers: &[Layer]) -> Vec<Instant> {
    let cells = layers.iter().flat_map(Layer::cells);
    let ends = cells.flat_map(|cell| [cell.from, cell.to]);
    let factors = layers.iter().flat_map(|layer| &layer.factors);
    let ends = ends.chain(factors.flat_map(|factor| [factor.from, factor.to]));
    let mut boundaries: Vec<Instant> = ends.flatten().collect();
    boundaries.sort_unstable();
    boundaries.dedup();
    boundaries
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
