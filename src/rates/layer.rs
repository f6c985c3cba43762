//! What one card says, checked: models with their bands and prices, tool fees,
//! multipliers.

use std::sync::Arc;

use crate::money::{Multiplier, Rate};
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

/// How sure a rate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Confidence {
    /// Published by the provider, or by sources that agree.
    #[default]
    High,
    /// By one other source, or with a date that is not certain.
    Medium,
    /// By one other source that others contradict.
    Low,
}

impl Confidence {
    const ALL: [Self; 3] = [Self::High, Self::Medium, Self::Low];

    /// The name in cards and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|confidence| confidence.name() == name)
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
    /// First instant that it holds for; `None` where it is older than the book
    /// knows.
    pub from: Option<Instant>,
    /// First instant that it no longer holds for.
    pub to: Option<Instant>,
    /// The price of one unit.
    pub rate: Rate,
    /// The amount as published, per the meter's number of units.
    pub published: String,
    /// Where it was published.
    pub source: Arc<str>,
    /// Who vouches for it.
    pub evidence: Evidence,
    /// When it was last checked.
    pub checked: Instant,
    /// How sure it is.
    pub confidence: Confidence,
    /// The regions it holds in; empty for all.
    pub regions: Arc<[String]>,
    /// For a tool fee: the models it holds for; empty for all.
    pub models: Vec<String>,
}

impl Cell {
    /// Whether it holds at an instant.
    pub fn holds_at(&self, at: Instant) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
    }

    /// Whether both hold at some instant.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let before = |from: Option<Instant>, to: Option<Instant>| {
            from.zip(to).is_none_or(|(from, to)| from < to)
        };
        before(self.from, other.to) && before(other.from, self.to)
    }

    /// Whether it holds in a region.
    pub(super) fn holds_in(&self, region: &str) -> bool {
        self.regions.is_empty() || self.is_of(region)
    }

    /// Whether it is published for a region by name.
    pub(super) fn is_of(&self, region: &str) -> bool {
        self.regions.iter().any(|name| name.eq_ignore_ascii_case(region))
    }

    /// For a tool fee: whether it holds for a model.
    pub(super) fn is_of_model(&self, id: &str) -> bool {
        self.models.is_empty() || self.models.iter().any(|model| model == id)
    }

    pub(super) fn same_cell(&self, other: &Self) -> bool {
        let one_region = (self.regions.is_empty() && other.regions.is_empty())
            || self.regions.iter().any(|name| other.is_of(name));
        let one_model = self.models == other.models
            || self.models.iter().any(|name| other.models.contains(name));
        self.tier == other.tier
            && self.band == other.band
            && self.meter == other.meter
            && one_region
            && one_model
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
    /// What its provider states as an estimate of them in another unit. Shown,
    /// never used for a price.
    pub estimates: Vec<Cell>,
}

/// A multiplier of rates: a regional surcharge, a contract's discount.
#[derive(Debug, Clone)]
pub struct Factor {
    /// Name in the card.
    pub name: String,
    /// What the rate is multiplied by.
    pub multiplier: Multiplier,
    /// The models whose rates it multiplies; empty for all of the provider.
    pub models: Vec<String>,
    /// The tiers; empty for all, the fees of tools included.
    pub tiers: Vec<ServiceTier>,
    /// The meters; empty for all.
    pub meters: Vec<Meter>,
    /// The regions; empty for all.
    pub regions: Vec<String>,
    /// First instant that it holds for.
    pub from: Option<Instant>,
    /// First instant that it no longer holds for.
    pub to: Option<Instant>,
    /// Where it was published.
    pub source: Arc<str>,
    /// Who vouches for it.
    pub evidence: Evidence,
    /// How sure it is.
    pub confidence: Confidence,
    /// Its line in the card.
    pub(super) line: usize,
}

impl Factor {
    /// Whether it multiplies such cells of a model, or of some model, somewhere
    /// at some time.
    pub(super) fn covers(&self, model: Option<&str>, cell: &Cell) -> bool {
        let tier = cell.tier.as_ref().is_some_and(|tier| self.tiers.contains(tier));
        let named = |model: &str| self.models.iter().any(|name| name == model);
        (self.models.is_empty() || model.is_none_or(named))
            && (self.tiers.is_empty() || tier)
            && (self.meters.is_empty() || self.meters.contains(&cell.meter))
    }

    /// Whether it holds at an instant.
    pub(super) fn holds_at(&self, at: Instant) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
    }

    /// Whether it multiplies a cell that it covers, in a region at an instant.
    /// A price that was published for a region has its surcharge in it.
    pub(super) fn applies(&self, cell: &Cell, region: &str, at: Instant) -> bool {
        let named = |name: &String| name.eq_ignore_ascii_case(region);
        let published = !cell.regions.is_empty() && self.evidence != Evidence::User;
        self.holds_at(at)
            && (self.regions.is_empty() || (!published && self.regions.iter().any(named)))
    }
}

/// A model that a factor or fee names as its scope.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    /// As the card has it.
    pub(super) model: String,
    /// Its line in the card.
    pub(super) line: usize,
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
    /// Multipliers, in the order in which they apply.
    pub factors: Vec<Factor>,
    /// The region of rows that name none.
    pub default_region: Option<String>,
    /// The provider whose list prices models without a price here have.
    pub borrows: Option<String>,
    /// The models that its factors and fees name.
    pub(super) scopes: Vec<Scope>,
}

impl Layer {
    /// Every price: of the models, then of the tools.
    pub fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.models.iter().flat_map(|model| &model.cells).chain(&self.tools)
    }

    /// The same with the cells that a test keeps.
    pub(super) fn keeping(&self, keep: impl Fn(&Cell) -> bool) -> Self {
        let mut layer = self.clone();
        layer.tools.retain(&keep);
        for model in &mut layer.models {
            model.cells.retain(&keep);
        }
        layer.models.retain(|model| !model.cells.is_empty());
        layer
    }
}
