//! Prices that climb with the total input, and follow each other in time: from
//! the rules of a list to absolute prices with their intervals.

use std::collections::BTreeSet;

use super::draft::DraftPrice;
use crate::money::Money;
use crate::usage::{Instant, Meter, ServiceTier};

/// A price that may climb with the total input of a request.
#[derive(Debug, Clone)]
pub(super) struct Ladder {
    pub(super) line: usize,
    pub(super) field: String,
    pub(super) meter: Meter,
    pub(super) base: Money,
    pub(super) base_text: String,
    /// Above which total input which price holds, lowest first; `None` for a
    /// plain number.
    pub(super) steps: Option<Vec<(u64, Money, String)>>,
}

/// When prices begin to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Start {
    /// As long as the list knows.
    Always,
    /// At an instant.
    At(Instant),
    /// From an instant (or ever) until another one.
    Between(Option<Instant>, Instant),
}

impl Start {
    fn from(self) -> Option<Instant> {
        match self {
            Self::Always => None,
            Self::At(from) => Some(from),
            Self::Between(from, _) => from,
        }
    }

    fn to(self) -> Option<Instant> {
        match self {
            Self::Between(_, to) => Some(to),
            Self::Always | Self::At(_) => None,
        }
    }

    /// The part of it before others begin; nothing where there is none.
    fn until(self, others: impl Iterator<Item = Self>) -> Option<Self> {
        let Some(end) = others.map(Self::from).min() else {
            return Some(self);
        };
        let end = end.filter(|end| self.from().is_none_or(|from| from < *end))?;
        Some(Self::Between(self.from(), end))
    }
}

/// Prices that begin at a time.
#[derive(Debug, Clone)]
pub(super) struct Dated {
    pub(super) tier: ServiceTier,
    pub(super) start: Start,
    pub(super) ladders: Vec<Ladder>,
}

/// Of entries that hold at the same time, the last one counts, whole.
pub(super) fn last_wins(entries: Vec<Dated>) -> Vec<Dated> {
    let starts: Vec<Start> = entries.iter().map(|entry| entry.start).collect();
    let shortened = entries.into_iter().enumerate().filter_map(|(at, entry)| {
        let later = starts.iter().skip(at.saturating_add(1)).copied();
        Some(Dated { start: entry.start.until(later)?, ..entry })
    });
    shortened.collect()
}

/// Of entries that hold at the same time, the first one counts, each price on
/// its own.
pub(super) fn first_wins(entries: Vec<Dated>) -> Vec<Dated> {
    let known: Vec<(Start, Vec<Meter>)> = entries
        .iter()
        .map(|entry| (entry.start, entry.ladders.iter().map(|ladder| ladder.meter).collect()))
        .collect();
    let mut shortened = Vec::new();
    for (at, entry) in entries.into_iter().enumerate() {
        for ladder in entry.ladders {
            let earlier = known.iter().take(at).filter(|(_, own)| own.contains(&ladder.meter));
            let start = entry.start.until(earlier.map(|(start, _)| *start));
            let tier = entry.tier.clone();
            shortened.extend(start.map(|start| Dated { tier, start, ladders: vec![ladder] }));
        }
    }
    shortened
}

/// Absolute prices in every band of the model.
///
/// A step holds until the next one of its own. A plain number of the standard
/// tier holds in every band, as the list means it. One of another tier is taken
/// for the base band alone, since no provider's long context is known to cost as
/// little; the second answer counts them.
pub(super) fn expand(entries: &[Dated]) -> (Vec<DraftPrice>, usize) {
    let ladders = entries.iter().flat_map(|entry| &entry.ladders);
    let steps = ladders.filter_map(|ladder| ladder.steps.as_ref()).flatten();
    let bands: BTreeSet<u64> = steps.map(|(start, ..)| *start).collect();
    let (mut prices, mut narrowed) = (Vec::new(), 0_usize);
    for entry in entries {
        for ladder in &entry.ladders {
            prices.push(price(entry, ladder, None, (ladder.base, &ladder.base_text)));
            let everywhere = ladder.steps.is_some() || entry.tier == ServiceTier::Standard;
            let less = !everywhere && !bands.is_empty();
            narrowed = narrowed.saturating_add(usize::from(less));
            for over in bands.iter().filter(|_| everywhere) {
                let own = ladder.steps.iter().flatten().rfind(|(start, ..)| start <= over);
                let base = (ladder.base, ladder.base_text.as_str());
                let amount = own.map_or(base, |(_, usd, text)| (*usd, text));
                prices.push(price(entry, ladder, Some(*over), amount));
            }
        }
    }
    (prices, narrowed)
}

fn price(entry: &Dated, ladder: &Ladder, over: Option<u64>, amount: (Money, &str)) -> DraftPrice {
    DraftPrice {
        line: ladder.line,
        field: ladder.field.clone(),
        text: amount.1.to_owned(),
        tier: entry.tier.clone(),
        over,
        from: entry.start.from(),
        to: entry.start.to(),
        meter: ladder.meter,
        usd: amount.0,
    }
}
