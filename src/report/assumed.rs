//! What a report is given of the ledger's prices, as it is and with a share of
//! its input assumed to be cached.

use crate::money::{Money, Share};
use crate::scenario::{Caching, Comparison, Scenario, TierChoice};

/// A ledger, priced with different rates.
#[derive(Debug, Clone, Copy)]
pub struct Prices<'s> {
    /// With those of the run.
    pub comparison: &'s Comparison,
    /// With the providers' own alone.
    pub published_only: Option<&'s Comparison>,
    /// Without the user's cards.
    pub list_prices: Option<&'s Comparison>,
}

impl Prices<'_> {
    /// The total by the providers' own prices alone; where they price no row there
    /// is none.
    pub(super) fn published_only_usd(self, scenario: Scenario) -> Option<Money> {
        let all = self.comparison.priced.rows;
        let priced = |other: &&Comparison| other.priced.rows > 0 || all == 0;
        self.published_only.filter(priced).map(|other| other.total(scenario))
    }

    /// The total without the user's cards, if the same rows have a price there.
    pub(super) fn list_usd(self, scenario: Scenario) -> Option<Money> {
        let list = self.list_prices.unwrap_or(self.comparison);
        list.prices_the_same(self.comparison).then(|| list.total(scenario))
    }
}

/// The ledger, priced as if a share of its input were cached.
#[derive(Debug, Clone, Copy)]
pub struct Assumed<'s> {
    /// The share.
    pub share: Share,
    /// What it costs then.
    pub prices: Prices<'s>,
}

/// The scenarios with the assumed share, none where none is assumed.
pub(super) fn assumed_scenarios(
    assumed: Option<Assumed<'_>>,
) -> impl Iterator<Item = Scenario> + use<> {
    let caching = assumed.map(|assumed| Caching::Assumed(assumed.share));
    let all = TierChoice::ALL.into_iter();
    all.filter_map(move |tier| Some(Scenario { tier, caching: caching? }))
}
