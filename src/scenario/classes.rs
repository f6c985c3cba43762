//! The classes of one ledger's cells, each made once.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::pricer::{Class, Pricer, Unpriced};
use crate::ledger::{PriceKey, View};

/// What cells of one price key have in common, or why they have no price.
type Found<'b> = Result<Arc<Class<'b>>, Unpriced>;

/// The classes of the cells of one ledger, or of others with its symbols.
#[derive(Debug, Default)]
pub struct Classes<'b> {
    known: HashMap<PriceKey, Found<'b>, FixedState>,
}

impl<'b> Classes<'b> {
    /// The class of a cell's rows, or why they have no price.
    pub fn of(&mut self, pricer: &mut Pricer<'b>, view: &View<'_>) -> Found<'b> {
        let key = price_key(pricer, view);
        self.known.entry(key).or_insert_with(|| pricer.class(view).map(Arc::new)).clone()
    }
}

/// What decides a cell's price: instants between two price changes are one.
pub(super) fn price_key(pricer: &Pricer<'_>, view: &View<'_>) -> PriceKey {
    let (_, provider, model, tier, region, class, meters) = view.key.price_key();
    let interval = pricer.book().interval(pricer.instant(view));
    (Some(interval), provider, model, tier, region, class, meters)
}
