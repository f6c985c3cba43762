//! The names of the drafts, beside each other and beside those of the built-in
//! rates.

use std::collections::BTreeSet;

use super::draft::{Draft, DraftPrice, Findings};
use crate::rates::{Aliases, MatchRule, RateBook};

/// Makes a snapshot that the built-in rates have as a name of another model a
/// name of that one here too, where the list has both and they do not
/// contradict: as a model of its own it would lose what only the other one has.
pub(super) fn fold_snapshots(
    drafts: &mut Vec<Draft>,
    provider: &str,
    built_in: &RateBook,
) -> usize {
    let mut folded: usize = 0;
    let mut at = 0;
    while let Some(draft) = drafts.get(at) {
        let target = target(draft, drafts, provider, built_in);
        let Some(target) = target else {
            at = at.saturating_add(1);
            continue;
        };
        let snapshot = drafts.remove(at);
        if let Some(target) = drafts.iter_mut().find(|draft| draft.id == target) {
            target.aliases.push(snapshot.id);
            target.aliases.extend(snapshot.aliases);
        }
        folded = folded.saturating_add(1);
    }
    folded
}

fn target(draft: &Draft, all: &[Draft], provider: &str, built_in: &RateBook) -> Option<String> {
    let found = built_in.find(provider, &draft.id, &Aliases::default())?;
    let name = built_in.model_name(found.model);
    let target = all.iter().find(|other| other.id == name)?;
    let own = name != draft.id && found.rule == MatchRule::Alias;
    let agrees = |price: &DraftPrice| {
        let other = target.prices.iter().find(|other| other.same_cell(price));
        other.is_some_and(|other| {
            (other.usd, other.from, other.to) == (price.usd, price.from, price.to)
        })
    };
    (own && draft.prices.iter().all(agrees)).then(|| name.to_owned())
}

/// Takes away the aliases that are models of their own, here or in the built-in
/// rates: an id counts before an alias.
pub(super) fn drop_taken(
    drafts: &mut [Draft],
    provider: &str,
    built_in: &RateBook,
    findings: &mut Findings,
) {
    let ids: BTreeSet<String> = drafts.iter().map(|draft| draft.id.clone()).collect();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let is_id = |name: &str| {
        let found = built_in.find(provider, name, &Aliases::default());
        let exact = found.filter(|found| found.rule == MatchRule::Exact);
        ids.contains(name) || exact.is_some_and(|found| built_in.model_name(found.model) == name)
    };
    for draft in drafts {
        let Draft { id, aliases, .. } = draft;
        aliases.retain(|alias| {
            if is_id(alias) {
                findings.notes.push(format!(
                    "`{alias}`, a name of `{id}` in the list, is a model of its own: its prices \
                     are not those of `{id}`"
                ));
                return false;
            }
            seen.insert(alias.clone())
        });
    }
}
