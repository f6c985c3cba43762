//! A ledger with its rates, small enough to be carried along: whoever has it can price
//! every choice of tiers and of a cached share again, exactly.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;

use super::classes::{Classes, price_key};
use super::pricer::{Class, Pricer};
use super::{Caching, Scenario, TierChoice};
use crate::ledger::{Ledger, PriceKey, View};
use crate::money::Share;
use crate::rates::Rates;
use crate::usage::{Dimension, Meter};

/// The caching assumptions of a tariff, in its order. Between the last two, the price
/// of a cached share is on the straight line.
const CACHINGS: [Caching; 3] = [Caching::Recorded, Caching::None, Caching::Assumed(Share::ALL)];

/// The rates of usage that costs the same per unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tariff {
    /// The model as logged.
    pub model: String,
    /// The meters of the usage.
    pub meters: Vec<Meter>,
    /// For every tier (as recorded, Standard, Flex, Priority, Batch) the rates of these
    /// meters with recorded caching, without caching, and with all input cached; `None`
    /// where the tier has none. A rate of each meter, but none at all where the usage is
    /// free.
    pub rates: [[Option<Rates>; CACHINGS.len()]; TierChoice::FIXED.len()],
}

/// Usage of one tariff and one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The place of its tariff.
    pub tariff: usize,
    /// The project, where rows have one.
    pub project: Option<String>,
    /// Rows.
    pub rows: u64,
    /// How much of each of the tariff's meters.
    pub sums: Vec<u128>,
}

/// Priced usage with its rates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Workings {
    /// Each once, in order.
    pub tariffs: Vec<Tariff>,
    /// In the order of tariffs and projects.
    pub uses: Vec<Use>,
}

/// The usage of a ledger that has a price, by project where `labels`, those of its
/// keys, have that.
pub fn workings(ledger: &Ledger, pricer: &mut Pricer<'_>, labels: &[Dimension]) -> Workings {
    let project = labels.iter().position(|label| *label == Dimension::Project);
    let mut classes = Classes::default();
    let mut known: HashMap<PriceKey, Option<usize>, FixedState> = HashMap::default();
    let mut tariffs: BTreeMap<Tariff, usize> = BTreeMap::new();
    let mut sums: BTreeMap<(usize, Option<String>), (u64, Vec<u128>)> = BTreeMap::new();
    ledger.for_each(|view| {
        let key = price_key(pricer, view);
        let place = *known.entry(key).or_insert_with(|| {
            let tariff = Tariff::of(&*classes.of(pricer, view).ok()?, view);
            let next = tariffs.len();
            Some(*tariffs.entry(tariff).or_insert(next))
        });
        let Some(tariff) = place else { return };
        let project = project.and_then(|at| view.label(at)).map(str::to_owned);
        let (rows, sums) = sums.entry((tariff, project)).or_default();
        *rows = rows.saturating_add(view.cell.rows);
        sums.resize(view.cell.sums().len().max(sums.len()), 0);
        for (sum, more) in sums.iter_mut().zip(view.cell.sums()) {
            *sum = sum.saturating_add(*more);
        }
    });
    in_order(tariffs, sums)
}

/// Tariffs in order, and the usage by their new places.
fn in_order(
    tariffs: BTreeMap<Tariff, usize>,
    sums: BTreeMap<(usize, Option<String>), (u64, Vec<u128>)>,
) -> Workings {
    let places: BTreeMap<usize, usize> =
        tariffs.values().enumerate().map(|(new, old)| (*old, new)).collect();
    let uses = sums.into_iter().map(|((tariff, project), (rows, sums))| {
        let tariff = places.get(&tariff).copied().unwrap_or(tariff);
        Use { tariff, project, rows, sums }
    });
    let mut uses: Vec<Use> = uses.collect();
    uses.sort_by(|one, other| (one.tariff, &one.project).cmp(&(other.tariff, &other.project)));
    Workings { tariffs: tariffs.into_keys().collect(), uses }
}

impl Tariff {
    fn of(class: &Class<'_>, view: &View<'_>) -> Self {
        let rates = |scenario| class.rates(view.meters(), scenario).ok();
        Self {
            model: view.model().unwrap_or_default().to_owned(),
            meters: view.meters().collect(),
            rates: TierChoice::FIXED
                .map(|tier| CACHINGS.map(|caching| rates(Scenario { tier, caching }))),
        }
    }
}
