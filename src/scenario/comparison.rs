//! Prices a ledger under every scenario.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use indexmap::IndexMap;
use jiff::tz::TimeZone;

use super::assignment::{Assignment, ModelTotals, assign};
use super::classes::{Classes, price_key};
use super::facts::{Facts, unchecked_from};
use super::failure::PricingError;
use super::group_places::grouped;
use super::group_prices::GroupPrices;
use super::groups::Groups;
use super::hands::Hands;
use super::pricer::{Class, Pricer, Unpriced};
use super::quotes::{Quotes, range, volume};
use super::total::{ScenarioTotal, Volume, add};
use super::{Caching, Scenario, TierChoice};
use crate::ledger::{BilledSum, Cell, Key, Ledger, PriceKey, Unlabelled, View};
use crate::money::{Money, Share};
use crate::rates::{Band, MatchRule, ModelId};
use crate::usage::{Dimension, Instant};

/// An amount left the range that [`Money`] holds (about 1.7e20 USD).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an amount is larger than 1.7e20 USD; is a count in the logs wrong?")]
pub struct OutOfRange;

/// What becomes of rows that a tier cannot price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Uncovered {
    /// They take their Standard price.
    #[default]
    Standard,
    /// They are left out of that scenario and of what it is compared with.
    Exclude,
}

/// How a ledger is compared.
#[derive(Debug, Clone)]
pub struct Options {
    /// What to group by.
    pub by: Vec<Dimension>,
    /// The labels of the ledger's keys, in their order.
    pub labels: Vec<Dimension>,
    /// The zone of days, weeks and months.
    pub zone: TimeZone,
    /// What becomes of rows that a tier cannot price.
    pub uncovered: Uncovered,
}

/// Rows without a price.
#[derive(Debug, Clone, Copy, Default)]
pub struct UnpricedRows {
    /// How much usage.
    pub volume: Volume,
    /// How many of them have a price at Standard.
    pub list_rows: u64,
    /// What those would cost there.
    pub list_usd: Money,
}

/// Billed rows that have a price, for the comparison of both.
#[derive(Debug, Clone, Copy, Default)]
pub struct BilledPriced {
    /// Rows.
    pub rows: u64,
    /// What was billed for them.
    pub billed_usd: Money,
    /// What they cost as recorded.
    pub usd: Money,
}

/// How often a logged name was priced as a model.
pub type MatchCount = BTreeMap<(String, String, MatchRule), u64>;

/// How often one tier was asked for and another served.
pub type Mismatch = BTreeMap<(String, String), u64>;

/// A ledger priced under every scenario.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// The totals.
    pub scenarios: BTreeMap<Scenario, ScenarioTotal>,
    /// The tiers of [`TierChoice::Cheapest`].
    pub assignments: Vec<Assignment>,
    /// The asked groups.
    pub groups: Arc<Groups>,
    /// All priced usage.
    pub priced: Volume,
    /// The priced rows of each cell, in the order of the ledger's totals.
    pub(super) priced_rows: Vec<u64>,
    /// Rows without a price, by model (`None`: not grouped) and reason.
    pub unpriced: BTreeMap<(Option<String>, Unpriced), UnpricedRows>,
    /// Names that were matched.
    pub matches: MatchCount,
    /// Rows by the source of their tier.
    pub tier_sources: BTreeMap<&'static str, u64>,
    /// Requested and served tiers that differ.
    pub mismatches: Mismatch,
    /// What the logs say was billed.
    pub billed: BilledSum,
    /// What the priced ones among the billed rows cost as recorded.
    pub billed_priced: BilledPriced,
    /// Rows whose context class is not settled.
    pub unsettled_rows: u64,
    /// What a reader needs to know.
    pub facts: Facts,
}

/// Prices a ledger under every scenario. Fails only where an amount leaves the
/// range of [`Money`].
pub fn compare(
    usage: &Unlabelled<'_>,
    pricer: &mut Pricer<'_>,
    options: &Options,
    hands: &dyn Hands,
) -> Result<Comparison, PricingError> {
    price((usage, hands), pricer, options, &Caching::ALL)
}

/// Prices a ledger under every tier as if a share of the input of each modality
/// were read from the cache, and compares that with what the same rows cost as
/// recorded. Fails also where a rate is not exact with that share.
pub fn assume_cached(
    usage: &Unlabelled<'_>,
    pricer: &mut Pricer<'_>,
    (options, share): (&Options, Share),
    hands: &dyn Hands,
) -> Result<Comparison, PricingError> {
    price((usage, hands), pricer, options, &[Caching::Assumed(share)])
}

/// The groups of a ledger by other properties than those of its comparison.
pub fn group(
    (ledger, comparison): (&Ledger, &Comparison),
    pricer: &Pricer<'_>,
    options: &Options,
    hands: &dyn Hands,
) -> Result<Groups, PricingError> {
    let scenarios: Vec<Scenario> = Scenario::all().collect();
    let prices = GroupPrices::new(&scenarios, options.uncovered, comparison);
    grouped(ledger, pricer, (options, &prices), hands)
}

fn price(
    (usage, hands): (&Unlabelled<'_>, &dyn Hands),
    pricer: &mut Pricer<'_>,
    options: &Options,
    cachings: &[Caching],
) -> Result<Comparison, PricingError> {
    let mut comparer = Comparer {
        pricer,
        classes: Classes::default(),
        options,
        cachings,
        by_model: ModelTotals::new(),
        alike: IndexMap::default(),
        out: Comparison::default(),
    };
    // No price depends on the asked properties.
    for view in usage.views() {
        comparer.add(&view)?;
    }
    comparer.finish(usage.ledger(), hands)
}

/// What cells have in common that cost the same per unit in every scenario, ranges
/// included: the price key and whether they say what was billed; and for those whose
/// context or price is not settled, their highest class and their period.
type CostKey = (PriceKey, bool, u8, Option<(Option<Instant>, Instant)>);

/// Cells that cost the same per unit.
struct Alike<'b> {
    class: Arc<Class<'b>>,
    /// The day after one of the prices was last checked, the earliest of them.
    unchecked_from: Option<Instant>,
    /// The key of one of them.
    key: Key,
    cell: Cell,
}

fn cost_key(pricer: &Pricer<'_>, view: &View<'_>) -> CostKey {
    let key = view.key;
    let period = key.until.map(|until| (key.segment, until));
    let highest = if view.highest_context().is_some() { key.highest } else { 0 };
    (price_key(pricer, view), key.billed, highest, period)
}

/// A comparison being made.
struct Comparer<'c, 'b> {
    pricer: &'c mut Pricer<'b>,
    classes: Classes<'b>,
    options: &'c Options,
    cachings: &'c [Caching],
    by_model: ModelTotals,
    /// Cells with a price, those together that cost the same per unit.
    alike: IndexMap<CostKey, Option<Alike<'b>>, FixedState>,
    out: Comparison,
}

impl Comparer<'_, '_> {
    fn add(&mut self, view: &View<'_>) -> Result<(), OutOfRange> {
        self.note_tier(view);
        self.out.billed.add(&view.cell.billed);
        let rows = view.cell.rows;
        let (pricer, classes) = (&mut *self.pricer, &mut self.classes);
        let alike = self.alike.entry(cost_key(pricer, view)).or_insert_with(|| {
            let class = classes.of(pricer, view).ok()?;
            let unchecked_from = unchecked_from(view, &class);
            Some(Alike { class, unchecked_from, key: *view.key, cell: Cell::default() })
        });
        let Some(Alike { class, unchecked_from, cell, .. }) = alike else {
            self.out.priced_rows.push(0);
            return self.add_unpriced(view);
        };
        self.out.priced_rows.push(rows);
        cell.add(view.cell);
        let at = self.pricer.instant(view);
        self.out.facts.note_cell(self.pricer.book(), view, class, (at, *unchecked_from));
        Ok(())
    }

    fn finish(mut self, ledger: &Ledger, hands: &dyn Hands) -> Result<Comparison, PricingError> {
        let alike = std::mem::take(&mut self.alike);
        for alike in alike.values().flatten() {
            let view = ledger.view(&alike.key, &alike.cell);
            self.note_alike(&view, &alike.class)?;
            self.add_costs(&view, &alike.class)?;
        }
        let Self { pricer, options, cachings, by_model, mut out, .. } = self;
        out.assignments = assign(&by_model, cachings, options.uncovered);
        out.add_totals(&by_model, cachings)?;
        if !options.by.is_empty() {
            let scenarios: Vec<Scenario> = Scenario::of(cachings).collect();
            let prices = GroupPrices::new(&scenarios, options.uncovered, &out);
            out.groups = grouped(ledger, pricer, (options, &prices), hands)?.into();
        }
        Ok(out)
    }

    fn note_tier(&mut self, view: &View<'_>) {
        let rows = view.cell.rows;
        let source = self.out.tier_sources.entry(view.key.tier_source.name()).or_default();
        *source = source.saturating_add(rows);
        if let Some(requested) = view.requested_tier().filter(|requested| *requested != view.tier())
        {
            let pair = (requested.to_owned(), view.tier().to_owned());
            let count = self.out.mismatches.entry(pair).or_default();
            *count = count.saturating_add(rows);
        }
    }

    fn add_unpriced(&mut self, view: &View<'_>) -> Result<(), OutOfRange> {
        let Err(why) = self.classes.of(self.pricer, view) else { return Ok(()) };
        let list = self.pricer.list_price(view).and_then(|list| list.price(&view.totals()).ok());
        let key = (view.model().map(str::to_owned), why);
        let rows = self.out.unpriced.entry(key).or_default();
        rows.volume.add(&volume(view));
        if let Some(list) = list {
            rows.list_rows = rows.list_rows.saturating_add(view.cell.rows);
            add(&mut rows.list_usd, list.total)?;
        }
        Ok(())
    }

    /// What cells with a price add besides costs.
    fn note_alike(&mut self, view: &View<'_>, class: &Class<'_>) -> Result<(), OutOfRange> {
        let (book, rows, model) = (self.pricer.book(), view.cell.rows, class.found.model);
        self.out.priced.add(&volume(view));
        if class.found.rule != MatchRule::Exact {
            let logged = view.model().unwrap_or_default().to_owned();
            let key = (logged, book.model_name(model).to_owned(), class.found.rule);
            let count = self.out.matches.entry(key).or_default();
            *count = count.saturating_add(rows);
        }
        let highest = view.highest_context();
        let reached = |band: &Band| Some(band.start) <= highest;
        if book.describe(model).any(|(_, part)| part.bands.iter().any(reached)) {
            self.out.unsettled_rows = self.out.unsettled_rows.saturating_add(rows);
        }
        self.out.facts.note_alike(book, view, class)
    }

    /// Adds cells that cost the same per unit to the totals of their model.
    fn add_costs(&mut self, view: &View<'_>, class: &Class<'_>) -> Result<(), PricingError> {
        let model = (self.pricer.book(), class.found.model);
        let (cachings, totals) = (self.cachings, view.totals());
        let mut quotes = Quotes::new(view, class, self.options.uncovered);
        if view.key.billed {
            let priced = &mut self.out.billed_priced;
            priced.rows = priced.rows.saturating_add(view.cell.rows);
            add(&mut priced.billed_usd, view.cell.billed.usd)?;
            add(&mut priced.usd, quotes.baseline().map_err(|_no_rate| OutOfRange)?)?;
        }
        let fixed = |scenario: &Scenario| scenario.tier != TierChoice::Cheapest;
        for scenario in Scenario::of(cachings).filter(fixed) {
            let failed = |why| PricingError::of(why, view, class, scenario);
            let total = self.by_model.entry((class.found.model, scenario)).or_default();
            let quoted = quotes.quote(scenario).map_err(failed)?;
            total.add_quote(&quoted)?;
            if quoted.counted {
                let range = range(self.pricer, view, scenario, quoted.cost.total);
                total.add_range(range.map_err(failed)?)?;
            }
            if quoted.missing.is_none() {
                let grounds = class.grounds(&totals, scenario);
                let cost = grounds.as_ref().unwrap_or(&quoted.cost);
                self.out.facts.note_cost(model, scenario, cost);
            }
        }
        Ok(())
    }
}

impl Comparison {
    /// The total of a scenario.
    pub fn total(&self, scenario: Scenario) -> Money {
        self.scenarios.get(&scenario).map(|total| total.usd).unwrap_or_default()
    }

    /// How many rows have a price here and none in another comparison of the same
    /// ledger.
    pub fn priced_here_alone(&self, other: &Self) -> u64 {
        let pairs = self.priced_rows.iter().zip(&other.priced_rows);
        pairs.fold(0, |sum, (own, others)| sum.saturating_add(own.saturating_sub(*others)))
    }

    /// Whether two comparisons of one ledger price the same rows.
    pub fn prices_the_same(&self, other: &Self) -> bool {
        self.priced_rows == other.priced_rows
    }

    /// The scenarios from the totals of the models.
    fn add_totals(
        &mut self,
        by_model: &ModelTotals,
        cachings: &[Caching],
    ) -> Result<(), OutOfRange> {
        for scenario in Scenario::of(cachings) {
            self.scenarios.insert(scenario, ScenarioTotal::default());
        }
        for ((model, scenario), total) in by_model {
            self.scenarios.entry(*scenario).or_default().add(total)?;
            if self.assigned(*model, scenario.caching) == scenario.tier {
                let cheapest = Scenario { tier: TierChoice::Cheapest, caching: scenario.caching };
                self.scenarios.entry(cheapest).or_default().add(total)?;
            }
        }
        Ok(())
    }

    /// The tier that Cheapest gives a model.
    pub(super) fn assigned(&self, model: ModelId, caching: Caching) -> TierChoice {
        let of_model = self.assignments.iter().find(|a| a.model == model && a.caching == caching);
        of_model.map_or(TierChoice::Standard, |assignment| assignment.tier)
    }
}
