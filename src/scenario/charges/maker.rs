//! Makes charges of a ledger's cells.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use super::{Amounts, COMPARED, Charge, Charges, MeterUsage, Split};
use crate::formats::MAX_LABELS;
use crate::ledger::{Cell, Key, LabelSet, Ledger, PriceKey, Symbol, View};
use crate::money::{Money, Rate};
use crate::rates::{Cost, Evidence, ModelId, RateBook};
use crate::scenario::classes::{Classes, price_key};
use crate::scenario::comparison::{OutOfRange, Uncovered};
use crate::scenario::pricer::{Class, Pricer};
use crate::scenario::quotes::{Quotes, volume};
use crate::scenario::total::add;
use crate::scenario::{Caching, Scenario, TierChoice};
use crate::usage::{Instant, Meter, Totals};

/// What rows have in common whose billed amounts are shared out together: their charges,
/// their prices and their meters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pile {
    start: Instant,
    labels: LabelSet,
    price: PriceKey,
    is_billed: bool,
    format: Symbol,
}

/// What tells one charge from another, in their order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct ChargeKey {
    start: Instant,
    labels: LabelSet,
    model: Option<ModelId>,
    /// As logged, where there is no model.
    provider: Symbol,
    format: Symbol,
    logged_model: Symbol,
    tier: Symbol,
    region: String,
    is_billed: bool,
    what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Used(Sku),
    Unpriced(&'static str),
}

/// What was bought, at which price.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Sku {
    meter: Meter,
    band: usize,
    list: (Option<Instant>, Rate),
    rate: Option<Rate>,
    evidence: Evidence,
    borrowed_from: Option<Meter>,
    fallback: [bool; COMPARED.len()],
}

/// A charge being summed up.
struct Sum<'c> {
    billed: Money,
    usage: Result<MeterUsage<'c>, &'static str>,
}

pub(super) fn make<'c>(
    ledger: &'c Ledger,
    (pricer, list): (Pricer<'c>, Option<Pricer<'c>>),
    split: Split,
) -> Result<Charges<'c>, OutOfRange> {
    let mut piles: BTreeMap<Pile, (Key, Cell)> = BTreeMap::new();
    for (key, cell) in ledger.by_key() {
        let pile = Pile::of(&pricer, &ledger.view(&key, &cell), split);
        piles.entry(pile).or_insert_with(|| (key, Cell::default())).1.add(&cell);
    }
    let mut maker = Maker {
        pricer,
        classes: Classes::default(),
        list: list.map(|pricer| (pricer, Classes::default())),
        split,
        charges: BTreeMap::new(),
        out: Charges::default(),
    };
    for (pile, (key, cell)) in &piles {
        maker.add(pile, &ledger.view(key, cell))?;
    }
    maker.finish(ledger)
}

impl Pile {
    fn of(pricer: &Pricer<'_>, view: &View<'_>, split: Split) -> Self {
        let key = view.key;
        let mut labels = [Symbol::ABSENT; MAX_LABELS];
        for (slot, label) in labels.iter_mut().zip(&key.labels).take(split.labels) {
            *slot = *label;
        }
        // Who sent the bill is known by the log, and who sold it where no provider is named.
        let is_told = key.billed || view.provider().is_empty();
        let format = if is_told { key.format } else { Symbol::ABSENT };
        Self {
            start: split.period.of(pricer.instant(view)).0,
            labels,
            price: price_key(pricer, view),
            is_billed: key.billed,
            format,
        }
    }
}

struct Maker<'c> {
    pricer: Pricer<'c>,
    classes: Classes<'c>,
    list: Option<(Pricer<'c>, Classes<'c>)>,
    split: Split,
    charges: BTreeMap<ChargeKey, Sum<'c>>,
    out: Charges<'c>,
}

impl<'c> Maker<'c> {
    fn add(&mut self, pile: &Pile, view: &View<'_>) -> Result<(), OutOfRange> {
        if view.cell.billed.overflow {
            return Err(OutOfRange);
        }
        match self.classes.of(&mut self.pricer, view) {
            Ok(class) => self.add_priced(pile, view, &class),
            // What it costs is not known, but what was billed is.
            Err(why) if pile.is_billed => {
                let key = ChargeKey {
                    model: self.pricer.find(view).ok().map(|found| found.model),
                    provider: view.key.provider,
                    region: view.region().to_owned(),
                    ..ChargeKey::new(pile, view.key, What::Unpriced(why.reason))
                };
                self.out.only_billed.add(&view.cell.billed);
                self.add_charge(key, view.cell.billed.usd, Err(why.reason))
            }
            Err(_) => {
                self.out.left_out.add(&volume(view));
                Ok(())
            }
        }
    }

    fn add_priced(
        &mut self,
        pile: &Pile,
        view: &View<'_>,
        class: &Class<'c>,
    ) -> Result<(), OutOfRange> {
        let listed = self.listed(view);
        let is_listed = self.list.is_none() || listed.is_some();
        let list = listed.as_deref().unwrap_or(class);
        let costs = Costs { list, is_listed, ..Costs::new(view, class)? };
        let totals = view.totals();
        let usages = totals.nonzero();
        let usages = usages.map(|(meter, sum)| costs.usage(self.pricer.book(), meter, sum));
        let usages: Vec<MeterUsage<'c>> = usages.collect::<Result<_, OutOfRange>>()?;
        let billed = if pile.is_billed {
            shared(view, &usages)
        } else {
            usages.iter().map(|usage| usage.amounts.recorded).collect()
        };
        let region = self.pricer.region(view, class.found.model);
        for (usage, billed) in usages.into_iter().zip(billed) {
            let key = ChargeKey {
                model: Some(class.found.model),
                region: region.clone(),
                ..ChargeKey::new(pile, view.key, What::Used(Sku::of(&usage)))
            };
            self.add_charge(key, billed, Ok(usage))?;
        }
        Ok(())
    }

    /// The class of a cell's rows at list price.
    fn listed(&mut self, view: &View<'_>) -> Option<Arc<Class<'c>>> {
        let (pricer, classes) = self.list.as_mut()?;
        let class = classes.of(pricer, view).ok();
        if class.is_none() {
            self.out.unlisted_rows = self.out.unlisted_rows.saturating_add(view.cell.rows);
        }
        class
    }

    fn add_charge(
        &mut self,
        key: ChargeKey,
        billed: Money,
        usage: Result<MeterUsage<'c>, &'static str>,
    ) -> Result<(), OutOfRange> {
        match self.charges.entry(key) {
            Entry::Vacant(place) => {
                place.insert(Sum { billed, usage });
                Ok(())
            }
            Entry::Occupied(mut known) => {
                let sum = known.get_mut();
                add(&mut sum.billed, billed)?;
                match (&mut sum.usage, usage) {
                    (Ok(sum), Ok(more)) => sum.amounts.add(&more.amounts),
                    _ => Ok(()),
                }
            }
        }
    }

    fn finish(self, ledger: &'c Ledger) -> Result<Charges<'c>, OutOfRange> {
        let Self { pricer, split, charges, mut out, .. } = self;
        for (key, sum) in charges {
            add(&mut out.billed_usd, sum.billed)?;
            if key.is_billed {
                add(&mut out.logged_usd, sum.billed)?;
            }
            if let Ok(usage) = &sum.usage {
                out.sums.add(&usage.amounts)?;
                if usage.price.is_none() {
                    add(&mut out.free_list_usd, usage.amounts.list)?;
                }
            }
            out.all.push(charge((ledger, pricer.book()), key, sum, split));
        }
        Ok(out)
    }
}

/// What was billed for the usage of a cell, by meter: in proportion to what each costs,
/// and where that is nothing, to what it costs at list price.
fn shared(view: &View<'_>, usages: &[MeterUsage<'_>]) -> Vec<Money> {
    let weights = |of: fn(&Amounts) -> Money| -> Vec<Money> {
        usages.iter().map(|usage| of(&usage.amounts)).collect()
    };
    let recorded = weights(|amounts| amounts.recorded);
    let costs = recorded.iter().any(|cost| *cost > Money::ZERO);
    view.cell.billed.usd.shared(&if costs { recorded } else { weights(|amounts| amounts.list) })
}

/// What the usage of a cell costs, by meter.
struct Costs<'c, 'k> {
    class: &'k Class<'c>,
    /// The same at list price.
    list: &'k Class<'c>,
    /// Whether a list has it.
    is_listed: bool,
    recorded: Cost<'c>,
    tiers: Vec<Cost<'c>>,
    fallback: [bool; COMPARED.len()],
}

impl<'c, 'k> Costs<'c, 'k> {
    /// As a report has them: a tier without a price takes Standard's.
    fn new(view: &View<'_>, class: &'k Class<'c>) -> Result<Self, OutOfRange> {
        let mut quotes = Quotes::new(view, class, Uncovered::Standard);
        let mut quote = |tier| {
            let scenario = Scenario { tier, caching: Caching::Recorded };
            quotes.quote(scenario).map_err(|_no_rate| OutOfRange)
        };
        let recorded = quote(TierChoice::Recorded)?.cost;
        let mut tiers = Vec::with_capacity(COMPARED.len());
        let mut fallback = [false; COMPARED.len()];
        for (tier, flag) in COMPARED.into_iter().zip(&mut fallback) {
            let quoted = quote(tier)?;
            *flag = quoted.missing.is_some();
            tiers.push(quoted.cost);
        }
        Ok(Self { class, list: class, is_listed: true, recorded, tiers, fallback })
    }

    /// What one meter costs.
    fn usage(
        &self,
        book: &'c RateBook,
        meter: Meter,
        quantity: u128,
    ) -> Result<MeterUsage<'c>, OutOfRange> {
        let mut alone = Totals::default();
        alone.add(meter, quantity);
        let list = self.list.list(TierChoice::Recorded).price(&alone);
        let list = list.map_err(|_no_rate| OutOfRange)?;
        let mut list = *list.lines.first().ok_or(OutOfRange)?;
        if !self.is_listed && list.price.cell.meter.unit() == meter.unit() {
            // Of a price that only the user's cards have, the list price is theirs before
            // discounts.
            list.price.rate = list.price.cell.rate;
            list.cost = list.price.rate.cost(quantity).ok_or(OutOfRange)?;
        }
        let plain = self.class.cost(&alone, TierChoice::Recorded, Caching::None);
        let mut amounts = Amounts {
            quantity,
            list: list.cost,
            recorded: cost_of(&self.recorded, meter),
            no_caching: plain.map_err(|_no_rate| OutOfRange)?.total,
            ..Amounts::default()
        };
        for (usd, cost) in amounts.tiers.iter_mut().zip(&self.tiers) {
            *usd = cost_of(cost, meter);
        }
        let price = self.recorded.lines.iter().find(|line| line.meter == meter);
        let price = price.map(|line| line.price);
        let band = price.unwrap_or(list.price).cell.band.checked_sub(1);
        let band = band.and_then(|at| book.bands(self.class.found.model).get(at));
        Ok(MeterUsage {
            meter,
            band: band.map(|band| band.name.as_str()),
            list: list.price,
            price,
            fallback: self.fallback,
            amounts,
        })
    }
}

/// The part of a meter in a cost; nothing in that of complimentary tokens.
fn cost_of(cost: &Cost<'_>, meter: Meter) -> Money {
    let line = cost.lines.iter().find(|line| line.meter == meter);
    line.map(|line| line.cost).unwrap_or_default()
}

impl ChargeKey {
    /// Of rows whose model and region are still to be named.
    fn new(pile: &Pile, key: &Key, what: What) -> Self {
        Self {
            start: pile.start,
            labels: pile.labels,
            model: None,
            provider: Symbol::ABSENT,
            format: pile.format,
            logged_model: key.model,
            tier: key.tier,
            region: String::new(),
            is_billed: pile.is_billed,
            what,
        }
    }
}

impl Sku {
    fn of(usage: &MeterUsage<'_>) -> Self {
        let decides = usage.price.unwrap_or(usage.list);
        Self {
            meter: usage.meter,
            band: decides.cell.band,
            list: (usage.list.cell.from, usage.list.rate),
            rate: usage.price.map(|price| price.rate),
            evidence: decides.evidence,
            borrowed_from: decides.borrowed_from,
            fallback: usage.fallback,
        }
    }
}

/// A charge in words.
fn charge<'c>(
    (ledger, book): (&'c Ledger, &'c RateBook),
    key: ChargeKey,
    sum: Sum<'c>,
    split: Split,
) -> Charge<'c> {
    let name = |symbol| ledger.name(symbol);
    let provider = key.model.map(|model| book.model_provider(model));
    Charge {
        start: key.start,
        end: split.period.of(key.start).1,
        labels: key.labels.into_iter().take(split.labels).map(name).collect(),
        provider: provider.or_else(|| name(key.provider)).unwrap_or_default(),
        format: name(key.format).unwrap_or_default(),
        model: key.model.map(|model| book.model_name(model)),
        logged_model: name(key.logged_model),
        tier: name(key.tier).unwrap_or_default(),
        region: key.region,
        is_billed: key.is_billed,
        billed_usd: sum.billed,
        usage: sum.usage,
    }
}
