//! Price lists for the classes of a ledger, each looked up once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use foldhash::fast::FixedState;

use super::{Caching, Scenario, TierChoice};
use crate::ledger::View;
use crate::money::Share;
use crate::rates::{
    Aliases, Cost, Match, ModelId, NoRate, PriceList, PriceQuery, RateBook, Rates, Threshold,
};
use crate::usage::{Instant, Meter, ServiceTier, Totals};

/// Why rows have no price, neither as recorded nor otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unpriced {
    /// The code of the reason.
    pub reason: &'static str,
    /// The meter without a rate.
    pub meter: Option<Meter>,
    /// The tier that has none.
    pub tier: Option<ServiceTier>,
}

/// What the rows of a ledger cell have in common: a model, and a price list for
/// each tier.
#[derive(Debug, Clone)]
pub struct Class<'b> {
    /// The model, and how its name was matched.
    pub found: Match,
    /// Complimentary tokens: cost nothing under any tier.
    pub free: bool,
    /// Whether neither the log nor the user names a region.
    pub region_assumed: bool,
    recorded: Arc<PriceList<'b>>,
    tiers: [Arc<PriceList<'b>>; 4],
}

type ListKey = (ModelId, ServiceTier, String, Option<Threshold>, Instant);

/// Price lists that were asked for.
type Lists<'b> = HashMap<ListKey, Arc<PriceList<'b>>, FixedState>;

/// Answers what a ledger cell costs.
#[derive(Debug)]
pub struct Pricer<'b> {
    book: &'b RateBook,
    aliases: &'b Aliases,
    /// When rows without a time are priced.
    assumed: Instant,
    models: HashMap<(String, String), Option<Match>, FixedState>,
    /// Shared with those that were made of this one.
    lists: Arc<Mutex<Lists<'b>>>,
}

impl<'b> Pricer<'b> {
    /// Over a book. Rows without a time are priced at `assumed`.
    pub fn new(book: &'b RateBook, aliases: &'b Aliases, assumed: Instant) -> Self {
        Self { book, aliases, assumed, models: HashMap::default(), lists: Arc::default() }
    }

    /// Another one that answers the same, each price looked up once by both.
    #[must_use]
    pub fn another(&self) -> Self {
        Self { lists: Arc::clone(&self.lists), ..Self::new(self.book, self.aliases, self.assumed) }
    }

    /// The book.
    pub const fn book(&self) -> &'b RateBook {
        self.book
    }

    /// When the rows of a cell are priced.
    pub fn instant(&self, view: &View<'_>) -> Instant {
        view.key.segment.unwrap_or(self.assumed)
    }

    /// The region that a cell's rows of a model are priced as; empty where its
    /// provider knows none.
    pub fn region(&self, view: &View<'_>, model: ModelId) -> String {
        self.book.region(model, self.aliases.region(view.region())).to_owned()
    }

    /// The class of a cell's rows, by their average context; or why they have
    /// no price.
    pub fn class(&mut self, view: &View<'_>) -> Result<Class<'b>, Unpriced> {
        let class = self.class_at(view, view.context(), self.instant(view))?;
        let recorded = || ServiceTier::from_log(view.tier(), view.provider());
        for meter in view.meters() {
            for meter in [meter, meter.without_caching()] {
                check(&class.recorded, meter, recorded)?;
                check(class.list(TierChoice::Standard), meter, || Some(ServiceTier::Standard))?;
            }
        }
        Ok(class)
    }

    /// The class of a cell's rows as if every request had the context
    /// `context` and was made at `at`.
    pub fn class_at(
        &mut self,
        view: &View<'_>,
        context: Option<Threshold>,
        at: Instant,
    ) -> Result<Class<'b>, Unpriced> {
        let found = self.find(view)?;
        let tier =
            ServiceTier::from_log(view.tier(), view.provider()).unwrap_or(ServiceTier::Standard);
        let free = tier == ServiceTier::Free;
        let billed = match tier {
            ServiceTier::Free => ServiceTier::Standard,
            ServiceTier::Scale => return Err(unpriced("prepaid_tier", Some(tier))),
            ServiceTier::Other(_) => return Err(unpriced("unknown_tier", Some(tier))),
            ServiceTier::Standard
            | ServiceTier::Flex
            | ServiceTier::Priority
            | ServiceTier::Batch
            | ServiceTier::Ultrafast => tier,
        };
        let region = self.aliases.region(view.region());
        let mut list = |tier| self.list((found.model, tier, region.to_owned(), context, at));
        let compared =
            [ServiceTier::Standard, ServiceTier::Flex, ServiceTier::Priority, ServiceTier::Batch];
        let tiers = compared.map(&mut list);
        let region_assumed = region.is_empty();
        Ok(Class { found, free, region_assumed, recorded: list(billed), tiers })
    }

    /// The price list of the cell's tier at list price, for rows that are
    /// unpriced because they were prepaid.
    pub fn list_price(&mut self, view: &View<'_>) -> Option<Arc<PriceList<'b>>> {
        let found = self.find(view).ok()?;
        let region = self.aliases.region(view.region()).to_owned();
        let key = (found.model, ServiceTier::Standard, region, view.context(), self.instant(view));
        Some(self.list(key))
    }

    /// The model of a cell's rows.
    pub(super) fn find(&mut self, view: &View<'_>) -> Result<Match, Unpriced> {
        let name = view.model().ok_or_else(|| unpriced("model_not_grouped", None))?;
        let key = (view.provider().to_owned(), name.to_owned());
        let (book, aliases) = (self.book, self.aliases);
        let found = self
            .models
            .entry(key)
            .or_insert_with_key(|(provider, name)| book.find(provider, name, aliases));
        found.ok_or_else(|| unpriced("unknown_model", None))
    }

    fn list(&mut self, (model, tier, region, context, at): ListKey) -> Arc<PriceList<'b>> {
        let book = self.book;
        let key = (model, tier, region, context, book.interval(at));
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        let list = lists.entry(key).or_insert_with_key(|(model, tier, region, context, at)| {
            let query = PriceQuery { tier, region, context: *context, at: *at };
            Arc::new(book.price_list(*model, &query))
        });
        Arc::clone(list)
    }
}

/// Usage of every meter that has tokens where a share of the input is cached;
/// how many of them is of no account.
pub(super) fn touched(totals: &Totals, share: Share) -> Totals {
    let mut touched = totals.without_caching();
    let reads: Vec<Meter> = touched.nonzero().filter_map(|(meter, _)| meter.cached()).collect();
    for meter in reads.into_iter().filter(|_| !share.is_zero()) {
        touched.add(meter, 1);
    }
    touched
}

fn check(
    list: &PriceList<'_>,
    meter: Meter,
    tier: impl Fn() -> Option<ServiceTier>,
) -> Result<(), Unpriced> {
    match list.of(meter) {
        Ok(_) => Ok(()),
        Err(why) => Err(Unpriced { reason: why.name(), meter: Some(meter), tier: tier() }),
    }
}

fn unpriced(reason: &'static str, tier: Option<ServiceTier>) -> Unpriced {
    Unpriced { reason, meter: None, tier }
}

impl<'b> Class<'b> {
    /// The price list of a tier; of the recorded one for the others.
    pub fn list(&self, tier: TierChoice) -> &PriceList<'b> {
        let [standard, flex, priority, batch] = &self.tiers;
        match tier {
            TierChoice::Standard => standard,
            TierChoice::Flex => flex,
            TierChoice::Priority => priority,
            TierChoice::Batch => batch,
            TierChoice::Recorded | TierChoice::Cheapest => &self.recorded,
        }
    }

    /// What quantities cost under a tier and a caching assumption. Free rows
    /// cost nothing under any.
    pub fn cost(
        &self,
        totals: &Totals,
        tier: TierChoice,
        caching: Caching,
    ) -> Result<Cost<'b>, NoRate> {
        if self.free {
            return Ok(Cost { total: crate::money::Money::ZERO, lines: Vec::new() });
        }
        let list = self.list(tier);
        match caching {
            Caching::Recorded => list.price(totals),
            Caching::None => list.price(&totals.without_caching()),
            Caching::Assumed(share) => {
                let plain = totals.without_caching();
                // A meter that has no rate at all comes before one without an exact mix.
                let blended = list.with_cached(share).price(&plain);
                blended.map_err(|none| list.price(&plain).err().unwrap_or(none))
            }
        }
    }

    /// The rates of meters under a tier and a caching assumption, for quantities in
    /// their order. Free rows have none to pay.
    pub(super) fn rates(
        &self,
        meters: impl Iterator<Item = Meter> + Clone,
        scenario: Scenario,
    ) -> Result<Rates, NoRate> {
        if self.free {
            return Ok(Rates::default());
        }
        let list = self.list(scenario.tier);
        let plain = || meters.clone().map(Meter::without_caching);
        match scenario.caching {
            Caching::Recorded => list.rates(meters),
            Caching::None => list.rates(plain()),
            Caching::Assumed(share) => {
                let blended = list.with_cached(share).rates(plain());
                blended.map_err(|none| list.rates(plain()).err().unwrap_or(none))
            }
        }
    }

    /// The prices that a cost with an assumed share rests on: those of cached
    /// tokens as well. `None` where nothing is assumed.
    pub(super) fn grounds(&self, totals: &Totals, scenario: Scenario) -> Option<Cost<'b>> {
        let share = scenario.caching.cached_share().filter(|_| !self.free)?;
        self.list(scenario.tier).price(&touched(totals, share)).ok()
    }
}
