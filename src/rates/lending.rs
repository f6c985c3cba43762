//! Models that another provider's list prices, where their own has nothing; and
//! that the layers of one model agree.

use std::collections::BTreeSet;

use super::book::{Entry, ModelId, RateBook};
use super::card::CardError;
use super::layer::{Band, Cell, Evidence, Layer, Model};

/// What every fine-tuned name begins with: what they cost is each provider's own.
const FINE_TUNED: &str = "ft:";

/// Adds to each model of a borrowing provider what the lender's list has of it,
/// and the lender's models that the borrower lacks. Built-in list prices alone are
/// lent, no contract's. A complete card of the borrower's own says that there is
/// nothing besides it.
pub(super) fn lend(layers: &[Layer], user_layers: usize, entries: &mut Vec<Entry>) {
    let pairs = layers.iter().filter_map(|layer| Some((&layer.provider, layer.borrows.as_ref()?)));
    for (borrower, lender) in pairs.collect::<BTreeSet<_>>() {
        let listed = entries
            .iter()
            .filter(|entry| entry.provider == *lender && !entry.id.starts_with(FINE_TUNED));
        let lent = listed.map(|entry| {
            let list = entry.parts.iter().filter(|(at, _)| *at >= user_layers).copied();
            Entry {
                provider: borrower.clone(),
                id: entry.id.clone(),
                parts: list.collect(),
                pricing: 0,
                lender: Some(lender.clone()),
            }
        });
        for lent in lent.filter(|lent| !lent.parts.is_empty()).collect::<Vec<_>>() {
            let same = |own: &&mut Entry| own.provider == lent.provider && own.id == lent.id;
            match entries.iter_mut().find(same) {
                None => entries.push(lent),
                Some(own) if is_complete(own, layers) => {}
                Some(own) => {
                    own.parts.extend(lent.parts);
                    own.lender = lent.lender;
                }
            }
        }
    }
}

fn is_complete(entry: &Entry, layers: &[Layer]) -> bool {
    entry.parts.iter().any(|(at, _)| layers.get(*at).is_some_and(|layer| layer.complete))
}

impl RateBook {
    /// Who vouches for a layer's cell as the price of a model: another provider's
    /// list is this one's by the article's word alone.
    pub(super) fn evidence(&self, model: ModelId, layer: &Layer, cell: &Cell) -> Evidence {
        let own = layer.provider == self.model_provider(model);
        if own { cell.evidence } else { Evidence::Article }
    }

    /// The layers whose tool fees a model has, the strongest first: its provider's,
    /// then the built-in ones of the provider whose list that one borrows.
    pub(super) fn tool_layers(&self, model: ModelId) -> impl Iterator<Item = &Layer> {
        let provider = self.model_provider(model);
        let own = || self.layers.iter().filter(move |layer| layer.provider == provider);
        let lender = own().find_map(|layer| layer.borrows.as_deref());
        let lent = self.layers.iter().skip(self.user_layers);
        own().chain(lent.filter(move |layer| Some(layer.provider.as_str()) == lender))
    }

    /// Whether another provider's list may price a model in a region: it is known
    /// to hold for the usual deployment alone, wherever that is.
    pub(super) fn lends_in(&self, model: ModelId, region: &str) -> bool {
        let Some(usual) = self.default_region(self.model_provider(model)) else { return true };
        let scope = region.split_once('/').map_or(region, |(scope, _)| scope);
        scope.eq_ignore_ascii_case(usual)
    }

    /// Layers that name bands of one model must agree on them: a context has one
    /// class.
    pub(super) fn check_bands(&self) -> Result<(), CardError> {
        for at in 0..self.entries.len() {
            let mut named: Option<(&Layer, &[Band])> = None;
            let parts = self.describe(ModelId(at));
            for (layer, part) in parts.filter(|(_, part)| !part.bands.is_empty()) {
                match named {
                    Some((stronger, bands)) if bands != part.bands => {
                        return Err(disagreement(stronger, layer, part));
                    }
                    _ => named = Some((layer, &part.bands)),
                }
            }
        }
        Ok(())
    }

    /// A factor or fee that names models must name those that the book has, by id:
    /// it would never hold, or for more names than it says.
    pub(super) fn check_scopes(&self, names: &[&str]) -> Result<(), CardError> {
        for (layer, name) in self.layers.iter().zip(names) {
            for scope in &layer.scopes {
                let (asked, provider) = (&scope.model, &layer.provider);
                let message = match self.find_listed(provider, asked) {
                    Some(found) if self.model_name(found.model) == *asked => continue,
                    Some(found) => format!(
                        "`{asked}` is a name of `{id}`, and prices hold for all names of a model: \
                         expected `{id}`",
                        id = self.model_name(found.model)
                    ),
                    None => format!(
                        "`{asked}` is no model of {provider}, so this would never hold: expected \
                         the id of one (`tierwise rates list --provider {provider}` shows them)"
                    ),
                };
                return Err(CardError::Value {
                    name: (*name).to_owned(),
                    line: scope.line,
                    message,
                });
            }
        }
        Ok(())
    }
}

fn disagreement(stronger: &Layer, weaker: &Layer, model: &Model) -> CardError {
    CardError::Bands {
        layer: stronger.name.clone(),
        other: weaker.name.clone(),
        model: model.id.clone(),
    }
}
