//! The context bands of a draft, so that they fit those that the built-in rates
//! have for the same model: a context has one band.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, DraftPrice, Findings};
use crate::rates::{Aliases, Band, Model, RateBook, Threshold};

/// The bands of a model, and the name of the one that begins above a total.
#[derive(Debug, Default)]
pub(super) struct Bands {
    pub(super) all: Vec<Band>,
    pub(super) names: BTreeMap<u64, String>,
}

/// Gives a draft its bands; prices of a band that the built-in rates do not have
/// are left out.
pub(super) fn settle(
    draft: &mut Draft,
    provider: &str,
    built_in: &RateBook,
    findings: &mut Findings,
) -> Bands {
    let known = built_in_bands(built_in, provider, &draft.id);
    if draft.starts.is_empty() {
        return Bands::default();
    }
    if known.is_empty() {
        return own(&draft.starts);
    }
    let mut bands = Bands { all: known, names: BTreeMap::new() };
    for over in draft.starts.iter().copied() {
        let alike = bands.all.iter().find(|band| first_token(band.start) == over.checked_add(1));
        let beside = || bands.all.iter().find(|band| band.start.tokens == over);
        let taken = |band: &&Band| bands.names.values().any(|name| *name == band.name);
        let Some(band) = alike.or_else(beside).filter(|band| !taken(band)) else {
            continue;
        };
        if alike.is_none() {
            findings.notes.push(format!(
                "`{}`: the longer requests begin at {over} tokens, as the built-in rates have it, \
                 not above them",
                draft.id
            ));
        }
        bands.names.insert(over, band.name.clone());
    }
    refuse_others(draft, &bands, findings);
    bands
}

/// Leaves out the prices that change where no band begins, those for shorter
/// requests included: they would be taken for too long ones.
fn refuse_others(draft: &mut Draft, bands: &Bands, findings: &mut Findings) {
    let is_lost = |over: Option<u64>| over.is_some_and(|over| !bands.names.contains_key(&over));
    let all = std::mem::take(&mut draft.prices);
    for price in &all {
        let same = |other: &&DraftPrice| other.tier == price.tier && other.meter == price.meter;
        match all.iter().filter(same).find_map(|other| other.over.filter(|_| is_lost(other.over))) {
            None => draft.prices.push(price.clone()),
            Some(over) => {
                let reason = format!(
                    "is of a price that changes above {over} tokens, where the built-in rates \
                     have no context band"
                );
                findings.refuse_price(&draft.id, price, reason);
            }
        }
    }
}

/// The first total input that is in a band.
fn first_token(start: Threshold) -> Option<u64> {
    start.tokens.checked_add(u64::from(start.exclusive))
}

/// The bands of the built-in model of exactly this id.
fn built_in_bands(built_in: &RateBook, provider: &str, id: &str) -> Vec<Band> {
    let found = built_in.find(provider, id, &Aliases::default());
    let found = found.filter(|found| built_in.model_name(found.model) == id);
    let parts = found.into_iter().flat_map(|found| built_in.describe(found.model));
    let bands = parts.map(|(_, part): (_, &Model)| part.bands.as_slice());
    bands.max_by_key(|bands| bands.len()).unwrap_or_default().to_vec()
}

fn own(starts: &BTreeSet<u64>) -> Bands {
    let name = |over: u64| {
        if starts.len() == 1 { "long".to_owned() } else { format!("over-{over}") }
    };
    let band = |over: &u64| Band {
        name: name(*over),
        start: Threshold { tokens: *over, exclusive: true },
    };
    Bands {
        all: starts.iter().map(band).collect(),
        names: starts.iter().map(|over| (*over, name(*over))).collect(),
    }
}
