//! What usage is summed by.

use super::{Cell, Cuts, MeterMask, Symbol, Symbols};
use crate::formats::MAX_LABELS;
use crate::rates::Threshold;
use crate::usage::{Instant, Meter, TierSource, Totals};

/// What usage is summed by. All rows of a key have the same price per unit in
/// every scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Key {
    /// Start of the time segment; `None` for rows without a time.
    pub segment: Option<Instant>,
    /// For rows that sum up a period in which a price begins or ends: start of
    /// the segment that the period ends in.
    pub until: Option<Instant>,
    /// Provider as logged.
    pub provider: Symbol,
    /// Model as logged; absent in an aggregate that is not grouped by it.
    pub model: Symbol,
    /// The tier that is billed.
    pub tier: Symbol,
    /// Where it came from.
    pub tier_source: TierSource,
    /// The tier that was asked for.
    pub requested_tier: Symbol,
    /// Endpoint or operation.
    pub endpoint: Symbol,
    /// Where the requests were served.
    pub region: Symbol,
    /// The log format.
    pub format: Symbol,
    /// The asked properties.
    pub labels: [Symbol; MAX_LABELS],
    /// The context class, by the average request.
    pub class: u8,
    /// For rows that sum up requests: the highest class that some of them may
    /// be in.
    pub highest: u8,
    /// For single requests: how many models' context windows and output caps
    /// they reach.
    pub limits: (u8, u8),
    /// Whether the rows say what was billed.
    pub billed: bool,
    /// The meters that the rows use. Where rows were summed together that differ in inert
    /// meters, those that one of them uses.
    pub meters: MeterMask,
}

/// The part of a key that decides its price.
pub type PriceKey = (Option<Instant>, Symbol, Symbol, Symbol, Symbol, u8, MeterMask);

impl Key {
    /// The part that decides the price, in the symbols of one ledger.
    pub const fn price_key(&self) -> PriceKey {
        (self.segment, self.provider, self.model, self.tier, self.region, self.class, self.meters)
    }

    /// The meters that the rows use.
    pub fn meters(&self) -> impl Iterator<Item = Meter> + Clone + use<> {
        Meter::of_bits(self.meters)
    }

    /// The same, apart from the asked properties.
    #[must_use]
    pub fn unlabelled(&self) -> Self {
        Self { labels: [Symbol::ABSENT; MAX_LABELS], ..*self }
    }

    pub(super) fn translate(&self, table: &[Symbol]) -> Self {
        let other = |symbol| Symbols::translated(symbol, table);
        Self {
            provider: other(self.provider),
            model: other(self.model),
            tier: other(self.tier),
            requested_tier: other(self.requested_tier),
            endpoint: other(self.endpoint),
            region: other(self.region),
            format: other(self.format),
            labels: self.labels.map(other),
            ..*self
        }
    }
}

/// A cell with its key, in words.
#[derive(Debug, Clone, Copy)]
pub struct View<'l> {
    /// The key.
    pub key: &'l Key,
    /// The sums.
    pub cell: &'l Cell,
    pub(super) symbols: &'l Symbols,
    pub(super) cuts: &'l Cuts,
}

impl<'l> View<'l> {
    /// Provider as logged, empty when unknown.
    pub fn provider(&self) -> &'l str {
        self.symbols.name(self.key.provider).unwrap_or_default()
    }

    /// Model as logged.
    pub fn model(&self) -> Option<&'l str> {
        self.symbols.name(self.key.model)
    }

    /// The tier that is billed.
    pub fn tier(&self) -> &'l str {
        self.symbols.name(self.key.tier).unwrap_or_default()
    }

    /// The tier that was asked for.
    pub fn requested_tier(&self) -> Option<&'l str> {
        self.symbols.name(self.key.requested_tier)
    }

    /// Endpoint, `None` when the log has none.
    pub fn endpoint(&self) -> Option<&'l str> {
        self.symbols.name(self.key.endpoint).filter(|name| !name.is_empty())
    }

    /// Where the requests were served, empty when the log does not say.
    pub fn region(&self) -> &'l str {
        self.symbols.name(self.key.region).unwrap_or_default()
    }

    /// The log format.
    pub fn format(&self) -> &'l str {
        self.symbols.name(self.key.format).unwrap_or_default()
    }

    /// An asked property.
    pub fn label(&self, at: usize) -> Option<&'l str> {
        self.key.labels.get(at).and_then(|symbol| self.symbols.name(*symbol))
    }

    /// Where the context class begins; `None` for the lowest one.
    pub fn context(&self) -> Option<Threshold> {
        self.cuts.threshold(self.key.class)
    }

    /// The instants whose prices the rows may have: `start`, and every one after
    /// it at which a price begins or ends within their period.
    pub fn instants(&self, start: Instant) -> impl Iterator<Item = Instant> + 'l {
        let until = self.key.until.unwrap_or(start);
        let changes = self.cuts.boundaries().iter().copied();
        std::iter::once(start).chain(changes.filter(move |at| start < *at && *at <= until))
    }

    /// The largest context window that the requests reach, of any model.
    pub fn reached_window(&self) -> Option<u64> {
        self.cuts.window(self.key.limits.0)
    }

    /// The largest output cap that the requests reach, of any model.
    pub fn reached_cap(&self) -> Option<u64> {
        self.cuts.cap(self.key.limits.1)
    }

    /// Where the highest context class begins that some of the requests may be
    /// in; `None` where all are in the lowest, or the rows sum up none.
    pub fn highest_context(&self) -> Option<Threshold> {
        self.cuts.threshold(self.key.highest)
    }

    /// Where each context class begins that some of the requests may be in.
    pub fn contexts(&self) -> impl Iterator<Item = Option<Threshold>> + 'l {
        let reached = usize::from(self.key.highest).saturating_add(1);
        self.cuts.classes().take(reached)
    }

    /// The sums by meter.
    pub fn totals(&self) -> Totals {
        self.cell.totals(self.key.meters)
    }

    /// The meters that the rows use.
    pub fn meters(&self) -> impl Iterator<Item = Meter> + Clone + use<> {
        Meter::of_bits(self.key.meters)
    }
}
