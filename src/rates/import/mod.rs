//! Cards from the price lists of other projects.
//!
//! A list is read by its text, number by number, into [`draft`](self) models;
//! what is implausible is left out and named; the rest is written as a card of
//! third-party evidence, which is loaded once before it is given away. Nothing
//! here is downloaded, rounded, put right or filled in.

mod amount;
mod bands;
mod card_text;
mod comparison;
mod draft;
mod genai_prices;
mod ladder;
mod litellm;
mod members;
mod names;

pub use draft::Refusal;

use std::collections::BTreeMap;

use self::bands::Bands;
use self::draft::{Draft, Findings};
use super::card::{CardError, CardSource};
use super::{Aliases, RateBook};
use crate::money::Money;
use crate::usage::{Instant, Meter};

/// Providers that are told of a name that a list does not have.
const MOST_PROVIDERS: usize = 12;

/// Providers whose name in genai-prices is another one than in cards.
const GENAI_NAMES: [(&str, &str); 3] = [("bedrock", "aws"), ("gemini", "google"), ("xai", "x-ai")];

/// The project whose list it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriceList {
    /// litellm.
    Litellm,
    /// genai-prices.
    GenaiPrices,
}

impl PriceList {
    /// The project's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Litellm => "litellm",
            Self::GenaiPrices => "genai-prices",
        }
    }

    /// What the list calls a provider.
    fn provider_name(self, provider: &str) -> &str {
        let own =
            GENAI_NAMES.iter().find(|(ours, _)| self == Self::GenaiPrices && *ours == provider);
        own.map_or(provider, |(_, theirs)| theirs)
    }

    /// What cards call a provider of the list.
    fn card_provider(self, provider: &str) -> &str {
        let own = GENAI_NAMES.iter().find(|(_, theirs)| *theirs == provider);
        own.filter(|_| self == Self::GenaiPrices).map_or(provider, |(ours, _)| ours)
    }
}

/// A price list to read.
#[derive(Debug, Clone, Copy)]
pub struct PriceFile<'a> {
    /// Whose list it is.
    pub list: PriceList,
    /// Its name in messages.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// A price list from which nothing can be taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// Not JSON.
    #[error("{name}:{line}: not JSON: {problem}; expected {shape}")]
    NotJson {
        /// The file.
        name: String,
        /// Line, from 1.
        line: usize,
        /// What the reader says.
        problem: String,
        /// What was expected.
        shape: &'static str,
    },
    /// JSON, but not this list.
    #[error("{name}: not a list of {list}: {problem}; expected {shape}")]
    WrongShape {
        /// The file.
        name: String,
        /// Whose list it should be.
        list: &'static str,
        /// What is wrong.
        problem: String,
        /// What was expected.
        shape: &'static str,
    },
    /// No such provider.
    #[error("{name}: no model of the provider `{provider}`; with --provider, the list has {known}")]
    NoProvider {
        /// The file.
        name: String,
        /// The provider.
        provider: String,
        /// Those that it has.
        known: String,
    },
    /// A card that its own reader refuses: a bug.
    #[error("the card that was made cannot be used: {0}. This is a bug")]
    Card(#[from] CardError),
}

/// What came of a list.
#[derive(Debug)]
pub struct Imported {
    /// The card's text.
    pub card: String,
    /// How many models it has.
    pub models: usize,
    /// How many prices it has.
    pub prices: usize,
    /// What was left out, each with its reason.
    pub refusals: Vec<Refusal>,
    /// Fields about prices that a card has no place for, and how often.
    pub unmetered: BTreeMap<String, usize>,
    /// Models without a price that a card can have.
    pub without_price: Vec<String>,
    /// What else a reader should know.
    pub notes: Vec<String>,
}

/// What the card says of itself.
struct Head {
    layer: String,
    provider: String,
    source: String,
    checked: String,
    /// Where the plain names of the list hold, where the provider prices by region.
    region: Option<String>,
}

/// Makes a card of the prices that a list has of one provider.
pub fn import(
    file: &PriceFile<'_>,
    provider: &str,
    checked: Instant,
    built_in: &RateBook,
) -> Result<Imported, ImportError> {
    let theirs = file.list.provider_name(provider);
    let provider = file.list.card_provider(theirs);
    let mut findings = Findings::default();
    let drafts = match file.list {
        PriceList::Litellm => litellm::drafts(file, theirs, &mut findings)?,
        PriceList::GenaiPrices => genai_prices::drafts(file, theirs, &mut findings)?,
    };
    let (models, without_price) = settled(drafts, provider, built_in, &mut findings);
    let short_name = file.name.rsplit(['/', '\\']).next().unwrap_or(file.name);
    let head = Head {
        layer: format!("{}-import", file.list.name()),
        provider: provider.to_owned(),
        source: format!("{}, {short_name}", file.list.name()),
        checked: checked.utc_date(),
        region: built_in.default_region(provider).map(str::to_owned),
    };
    let card = card_text::card_text(&head, &models);
    RateBook::with_cards(&[CardSource { name: head.layer, text: card.clone() }])?;
    Ok(Imported {
        card,
        models: models.len(),
        prices: models.iter().map(|(draft, _)| draft.prices.len()).sum(),
        refusals: findings.refusals,
        unmetered: findings.unmetered,
        without_price,
        notes: findings.notes,
    })
}

/// The drafts that are models of a card, with their bands; and the ids of those
/// that have no price.
fn settled(
    mut drafts: Vec<Draft>,
    provider: &str,
    built_in: &RateBook,
    findings: &mut Findings,
) -> (Vec<(Draft, Bands)>, Vec<String>) {
    refuse_repeated(&mut drafts, findings);
    for draft in &mut drafts {
        comparison::sift(draft, findings);
        finish(draft, provider, built_in);
    }
    let (mut drafts, empty): (Vec<_>, Vec<_>) =
        drafts.into_iter().partition(|draft| !draft.prices.is_empty());
    let folded = names::fold_snapshots(&mut drafts, provider, built_in);
    if folded > 0 {
        let note = format!("snapshots made names of the model whose prices they have: {folded}");
        findings.notes.push(note);
    }
    names::drop_taken(&mut drafts, provider, built_in, findings);
    let settled = drafts.into_iter().map(|mut draft| {
        let bands = bands::settle(&mut draft, provider, built_in, findings);
        (draft, bands)
    });
    let (models, emptied): (Vec<_>, Vec<_>) =
        settled.partition(|(draft, _)| !draft.prices.is_empty());
    let emptied = emptied.into_iter().map(|(draft, _)| draft);
    (models, empty.into_iter().chain(emptied).map(|draft| draft.id).collect())
}

/// A list that has an id twice does not say which one counts.
fn refuse_repeated(drafts: &mut Vec<Draft>, findings: &mut Findings) {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for draft in drafts.iter() {
        let times = known.entry(draft.id.clone()).or_default();
        *times = times.saturating_add(1);
    }
    drafts.retain(|draft| {
        let once = known.get(&draft.id).is_some_and(|times| *times == 1);
        if !once {
            let line = draft.prices.first().map_or(1, |price| price.line);
            findings.refuse(line, &draft.id, ("", ""), "is in the list more than once");
        }
        once
    });
}

/// What depends on whose model it is.
fn finish(draft: &mut Draft, provider: &str, built_in: &RateBook) {
    // The provider's own limits are better than those of a list.
    if built_in.find(provider, &draft.id, &Aliases::default()).is_some() {
        draft.context_window = None;
        draft.max_output = None;
    }
    // Anthropic's usual write is kept for 5 minutes, and logs say so.
    let named = draft.prices.iter().any(|price| price.meter == Meter::CacheWrite5m);
    if provider == "anthropic" && !named {
        let writes = draft.prices.iter().filter(|price| price.meter == Meter::CacheWrite);
        let writes: Vec<_> = writes.cloned().collect();
        let short = |write| draft::DraftPrice { meter: Meter::CacheWrite5m, ..write };
        draft.prices.extend(writes.into_iter().map(short));
    }
}

/// A zero says that something is free. Writes to a cache are with some
/// providers; of the rest of a paid model it is a gap.
fn is_free(usd: Money, meter: Meter) -> Result<Money, &'static str> {
    let may_be_free = matches!(
        meter,
        Meter::CacheWrite | Meter::CacheWrite5m | Meter::CacheWrite1h | Meter::CacheWrite12h
    );
    if usd > Money::ZERO || may_be_free {
        return Ok(usd);
    }
    Err("is zero, which would make it free")
}

/// A day where it is one, else the instant.
fn day(at: Instant) -> String {
    if at == at.utc_midnight() { at.utc_date() } else { at.to_string() }
}

impl PriceFile<'_> {
    /// The line of a part of the text.
    fn line_of(&self, part: &str) -> usize {
        let at = part.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        memchr::memchr_iter(b'\n', before).count().saturating_add(1)
    }

    /// An error of the JSON reader: of form, or of shape.
    fn shape(&self, error: &serde_json::Error, shape: &'static str) -> ImportError {
        if error.is_data() {
            return self.wrong_shape(&error.to_string(), shape);
        }
        ImportError::NotJson {
            name: self.name.to_owned(),
            line: error.line().max(1),
            problem: error.to_string(),
            shape,
        }
    }

    fn wrong_shape(&self, problem: &str, shape: &'static str) -> ImportError {
        ImportError::WrongShape {
            name: self.name.to_owned(),
            list: self.list.name(),
            problem: problem.to_owned(),
            shape,
        }
    }

    /// None of the provider; the ones with most models are named.
    fn no_provider(&self, provider: &str, owners: &BTreeMap<String, usize>) -> ImportError {
        let mut known: Vec<(&String, &usize)> = owners.iter().collect();
        known.sort_by_key(|(name, models)| (std::cmp::Reverse(**models), *name));
        let more = known.len().saturating_sub(MOST_PROVIDERS);
        let named = known.iter().take(MOST_PROVIDERS).map(|(name, _)| name.as_str());
        let named = named.collect::<Vec<_>>().join(", ");
        let known = if more > 0 { format!("{named} and {more} more") } else { named };
        let known = if known.is_empty() { "none".to_owned() } else { known };
        ImportError::NoProvider { name: self.name.to_owned(), provider: provider.to_owned(), known }
    }
}
