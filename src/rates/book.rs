//! The rate book: the layers of cards that a run uses.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::card::{self, CardError, CardSource};
use super::layer::{Band, Cell, Evidence, Layer, Model, Threshold};
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
}

/// The validated layers of cards that a run uses.
#[derive(Debug, Clone)]
pub struct RateBook {
    pub(super) layers: Vec<Layer>,
    pub(super) entries: Vec<Entry>,
    pub(super) names: Names,
    /// How many of the layers, the first ones, are the user's.
    user_layers: usize,
    sha256: String,
}

/// The cards that are part of the program.
const BUILT_IN: &[(&str, &str)] = &[
    ("openai.toml", include_str!("cards/openai.toml")),
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
        let mut known: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (layer_at, layer) in layers.iter().enumerate() {
            for (model_at, model) in layer.models.iter().enumerate() {
                let next = entries.len();
                let at = *known.entry((&layer.provider, &model.id)).or_insert(next);
                match entries.get_mut(at) {
                    Some(entry) => entry.parts.push((layer_at, model_at)),
                    None => entries.push(Entry {
                        provider: layer.provider.clone(),
                        id: model.id.clone(),
                        parts: vec![(layer_at, model_at)],
                    }),
                }
            }
        }
        let names = Names::new(&layers, &entries);
        Self { layers, entries, names, user_layers: 0, sha256 }
    }

    /// The layers, strongest first.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The SHA-256 of all card texts, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The newest day on which a provider's own table or a user's card was
    /// checked: the instant at which rows without a time are priced. Other
    /// layers decide only where there is none of these.
    pub fn as_of(&self) -> Instant {
        let own = |layer: &&Layer| layer.evidence <= Evidence::Provider;
        let newest = self.layers.iter().filter(own).map(|layer| layer.checked).max();
        let any = || self.layers.iter().map(|layer| layer.checked).max();
        newest.or_else(any).unwrap_or(Instant::EPOCH)
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
        let begins = cells.iter().filter_map(|cell| cell.from);
        let begins = begins.filter(|at| after < *at && *at <= last);
        begins.filter(|at| ends(*at)).collect()
    }

    /// Every instant at which a price begins or ends, in order.
    pub fn boundaries(&self) -> Vec<Instant> {
        let models = self.layers.iter().flat_map(|layer| &layer.models);
        let cells = models.flat_map(|model| &model.cells);
        let tools = self.layers.iter().flat_map(|layer| &layer.tools);
        let ends = cells.chain(tools).flat_map(|cell| [cell.from, cell.to]);
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
