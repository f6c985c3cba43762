//! A model as a price list has it, before it is a card's, and what was found on
//! the way.

use std::collections::{BTreeMap, BTreeSet};

use crate::money::Money;
use crate::usage::{Instant, Meter, ServiceTier};

/// Shown of a value that is refused.
const MOST_SHOWN: usize = 60;

/// A model and its prices.
#[derive(Debug)]
pub(super) struct Draft {
    /// The id.
    pub(super) id: String,
    /// Names that the list says are the same, exactly.
    pub(super) aliases: Vec<String>,
    pub(super) context_window: Option<u64>,
    pub(super) max_output: Option<u64>,
    pub(super) prices: Vec<DraftPrice>,
    /// Above which total input the list has prices of their own, whether or not
    /// they can be taken: a price for shorter requests is not one for longer.
    pub(super) starts: BTreeSet<u64>,
}

/// A price that can be read.
#[derive(Debug, Clone)]
pub(super) struct DraftPrice {
    /// Line of the list, from 1.
    pub(super) line: usize,
    /// The field, as the list names it.
    pub(super) field: String,
    /// The number, as the list has it.
    pub(super) text: String,
    pub(super) tier: ServiceTier,
    /// Begins above this total input; `None` for the base band.
    pub(super) over: Option<u64>,
    pub(super) from: Option<Instant>,
    pub(super) to: Option<Instant>,
    pub(super) meter: Meter,
    /// USD per million.
    pub(super) usd: Money,
}

impl DraftPrice {
    /// Whether both hold at some instant.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let before = |from: Option<Instant>, to: Option<Instant>| {
            from.zip(to).is_none_or(|(from, to)| from < to)
        };
        before(self.from, other.to) && before(other.from, self.to)
    }

    /// Whether both are of one tier, band and meter.
    pub(super) fn same_cell(&self, other: &Self) -> bool {
        self.tier == other.tier && self.over == other.over && self.meter == other.meter
    }
}

/// What was left out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Line of the list, from 1.
    pub line: usize,
    /// The model.
    pub model: String,
    /// The field, where it is about one.
    pub field: String,
    /// The value, where it is about one, as far as it is shown.
    pub value: String,
    /// Why.
    pub reason: String,
}

/// What was found on the way from a list to a card.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) refusals: Vec<Refusal>,
    /// Prices that no meter of a card is for: the field, and how often.
    pub(super) unmetered: BTreeMap<String, usize>,
    /// What else a reader should know.
    pub(super) notes: Vec<String>,
}

impl Findings {
    /// Leaves something out.
    pub(super) fn refuse(
        &mut self,
        line: usize,
        model: &str,
        (field, value): (&str, &str),
        reason: impl Into<String>,
    ) {
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut shown: String = value.chars().take(MOST_SHOWN).collect();
        if shown.len() < value.len() {
            shown.push('…');
        }
        self.refusals.push(Refusal {
            line,
            model: model.to_owned(),
            field: field.to_owned(),
            value: shown,
            reason: reason.into(),
        });
    }

    /// Leaves a price out.
    pub(super) fn refuse_price(&mut self, model: &str, price: &DraftPrice, reason: String) {
        self.refuse(price.line, model, (&price.field, &price.text), reason);
    }

    /// Counts a price that no meter is for.
    pub(super) fn count_unmetered(&mut self, field: &str) {
        let count = self.unmetered.entry(field.to_owned()).or_default();
        *count = count.saturating_add(1);
    }
}
