//! Rows under all twelve scenarios, added up.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;
use num_rational::BigRational;

use super::cards::Book;
use super::counts::{Usage, total_input, usage, without_caching};
use super::rates::{Named, Spot};
use super::{Answer, CACHINGS, Class, Row, TIERS, Total};

/// Ties go to the provider's own prices, then in this order.
const PREFERRED: [&str; 4] = ["standard", "flex", "batch", "priority"];

/// Quantities by meter, of which an assumed share leaves fractions.
type Parts = BTreeMap<&'static str, BigRational>;

/// The caching assumptions that are asked for.
fn cachings(share: Option<&BigRational>) -> impl Iterator<Item = &'static str> + use<> {
    CACHINGS.into_iter().chain(share.map(|_| "assumed"))
}

fn parts(usage: &Usage) -> Parts {
    let whole = |count: &i128| BigRational::from_integer(BigInt::from(*count));
    usage.iter().map(|(meter, count)| (*meter, whole(count))).collect()
}

/// Moves a share of every modality's input to its cached meter.
fn split(usage: &Usage, share: &BigRational) -> Parts {
    let mut parts = parts(usage);
    for (plain, cached) in [
        ("input", "cached_input"),
        ("image_input", "cached_image_input"),
        ("audio_input", "cached_audio_input"),
    ] {
        if let Some(all) = parts.remove(plain) {
            parts.insert(cached, &all * share);
            parts.insert(plain, &all - &all * share);
        }
    }
    parts.retain(|_, count| *count != BigRational::default());
    parts
}

/// What a row costs under one tier and caching assumption.
#[derive(Debug, Clone, Default)]
struct Quote {
    usd: BigRational,
    low: BigRational,
    high: BigRational,
    fell_back: bool,
    /// Whether the provider vouches for every price in it.
    own: bool,
}

/// A row that is in the totals.
struct Priced {
    model: String,
    quotes: BTreeMap<(&'static str, &'static str), Quote>,
}

/// What decides a row's prices.
struct Settled {
    model: Named,
    billed: &'static str,
    free: bool,
    at: i64,
    /// The other instants of its period at which some price begins or ends.
    changes: Vec<i64>,
    usage: Usage,
    requests: i128,
    contexts: Vec<(i128, i128)>,
}

impl Book {
    /// What rows cost under every scenario.
    pub(crate) fn price_rows(&self, rows: &[Row]) -> Answer {
        self.price_with(rows, None)
    }

    /// The same, and with a share of the input of each modality read from the
    /// cache: caching `assumed`.
    pub(crate) fn price_rows_assuming(&self, rows: &[Row], share: &BigRational) -> Answer {
        self.price_with(rows, Some(share))
    }

    fn price_with(&self, rows: &[Row], share: Option<&BigRational>) -> Answer {
        let mut answer = Answer::default();
        let mut priced = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let found =
                self.settle(row).and_then(|row| self.quotes(&row, share).ok_or(Class::Unpriced));
            answer.classes.push(found.as_ref().err().copied().unwrap_or(Class::Priced));
            priced.extend(found.ok().map(|found| (at, found)));
        }
        answer.assignments = assign(&priced, cachings(share));
        for (at, row) in &priced {
            answer.add(*at, row);
        }
        answer
    }

    fn settle(&self, row: &Row) -> Result<Settled, Class> {
        let usage = usage(row)?;
        let name = row.model.as_deref().ok_or(Class::Rejected)?;
        let provider = row.provider.as_deref().unwrap_or_default();
        let model = self.resolve(provider, name).ok_or(Class::Unpriced)?;
        let said =
            |tier: &Option<String>| tier.clone().filter(|tier| !tier.eq_ignore_ascii_case("auto"));
        let tier = said(&row.served).or_else(|| said(&row.requested));
        let (billed, free) = billed_as(&tier.unwrap_or_else(|| "standard".to_owned()))?;
        let requests = i128::from(row.requests.unwrap_or(1));
        let contexts = self.contexts(&usage, requests);
        let at = row.start.unwrap_or(self.as_of);
        let within = |change: &i64| row.end.is_some_and(|end| at < *change && *change < end);
        let changes = self.changes(None).into_iter().filter(within).collect();
        let requests = requests.max(1);
        Ok(Settled { model, billed, free, at, changes, usage, requests, contexts })
    }

    /// The contexts that a row's requests may have, where several are summed up:
    /// one per band that the whole input of the row reaches.
    fn contexts(&self, usage: &Usage, requests: i128) -> Vec<(i128, i128)> {
        let total = total_input(usage);
        let thresholds = self.thresholds().into_iter();
        let starts = thresholds.map(|(tokens, above)| i128::from(tokens) + i128::from(above));
        let reached: Vec<i128> = starts.filter(|start| total >= *start).collect();
        if requests <= 1 || reached.is_empty() {
            return Vec::new();
        }
        std::iter::once(0).chain(reached).map(|start| (start, 1)).collect()
    }

    /// All quotes of a row; `None` if it has no price as recorded or at
    /// Standard.
    fn quotes(&self, row: &Settled, share: Option<&BigRational>) -> Option<Priced> {
        let mut quotes = BTreeMap::new();
        for caching in cachings(share) {
            let usage = match (caching, share) {
                ("assumed", Some(share)) => split(&without_caching(&row.usage), share),
                ("none", _) => parts(&without_caching(&row.usage)),
                _ => parts(&row.usage),
            };
            let recorded = self.quote(row, &usage, row.billed)?;
            if recorded.fell_back {
                return None;
            }
            quotes.insert(("recorded", caching), recorded);
            for tier in PREFERRED {
                // Free tokens cost nothing under any tier: none has to offer them.
                let tier_of_rates = if row.free { row.billed } else { tier };
                quotes.insert((tier, caching), self.quote(row, &usage, tier_of_rates)?);
            }
        }
        Some(Priced { model: row.model.id.clone(), quotes })
    }

    /// With the range over the row's contexts. A context without a price under
    /// the tier takes Standard's; `None` where that has none either.
    fn quote(&self, row: &Settled, usage: &Parts, tier: &str) -> Option<Quote> {
        let in_context = |at, context| {
            let own = self.cost((row, at), usage, tier, context).map(|cost| (cost, false));
            own.or_else(|| Some((self.cost((row, at), usage, "standard", context)?, true)))
        };
        let average = (total_input(&row.usage), row.requests);
        let ((usd, own), fell_back) = in_context(row.at, average)?;
        let (mut low, mut high) = (usd.clone(), usd.clone());
        let contexts = if row.contexts.is_empty() { vec![average] } else { row.contexts.clone() };
        for at in std::iter::once(&row.at).chain(&row.changes) {
            for ((cost, _), _) in contexts.iter().filter_map(|context| in_context(*at, *context)) {
                low = low.min(cost.clone());
                high = high.max(cost);
            }
        }
        Some(Quote { usd, low, high, fell_back, own })
    }

    fn cost(
        &self,
        (row, at): (&Settled, i64),
        usage: &Parts,
        tier: &str,
        context: (i128, i128),
    ) -> Option<(BigRational, bool)> {
        let spot = Spot { model: &row.model, tier, context, at };
        let (mut sum, mut own) = (BigRational::default(), true);
        for (meter, count) in usage {
            let price = self.price(spot, meter)?;
            sum += price.unit * count;
            own &= price.own;
        }
        Some(if row.free { (BigRational::default(), true) } else { (sum, own) })
    }
}

/// The tier that a name in a log is billed as, and whether it is free.
fn billed_as(name: &str) -> Result<(&'static str, bool), Class> {
    match name.to_ascii_lowercase().as_str() {
        "standard" | "default" | "on_demand" => Ok(("standard", false)),
        "flex" | "flex-tier" => Ok(("flex", false)),
        "priority" | "fast" => Ok(("priority", false)),
        "batch" => Ok(("batch", false)),
        "ultrafast" => Ok(("ultrafast", false)),
        "free" | "incentivized-tier" => Ok(("standard", true)),
        _ => Err(Class::Unpriced),
    }
}

/// One tier a model, chosen from the totals of the run.
fn assign(
    rows: &[(usize, Priced)],
    cachings: impl Iterator<Item = &'static str>,
) -> BTreeMap<(&'static str, String), &'static str> {
    let mut chosen = BTreeMap::new();
    for caching in cachings {
        for (_, row) in rows {
            let of_model = || rows.iter().filter(|(_, other)| other.model == row.model);
            let cost = |tier: &&'static str| {
                let quotes = of_model().filter_map(|(_, row)| row.quotes.get(&(*tier, caching)));
                let quotes: Vec<&Quote> = quotes.collect();
                let usd: BigRational = quotes.iter().map(|quote| &quote.usd).sum();
                (usd, quotes.iter().any(|quote| !quote.own))
            };
            chosen
                .entry((caching, row.model.clone()))
                .or_insert_with(|| PREFERRED.into_iter().min_by_key(cost).expect("four tiers"));
        }
    }
    chosen
}

impl Answer {
    fn add(&mut self, at: usize, row: &Priced) {
        let cachings: BTreeSet<_> = row.quotes.keys().map(|(_, caching)| *caching).collect();
        for tier in TIERS {
            for caching in cachings.iter().copied() {
                let assigned = self.assignments.get(&(caching, row.model.clone()));
                let own =
                    if tier == "cheapest" { assigned.copied().expect("assigned") } else { tier };
                let quote = row.quotes.get(&(own, caching)).expect("every tier is quoted");
                self.totals.entry((tier, caching)).or_default().add(quote);
                let costs = self.by_row.entry(at).or_default();
                costs.insert((tier, caching), quote.usd.clone());
            }
        }
    }
}

impl Total {
    fn add(&mut self, quote: &Quote) {
        self.usd += &quote.usd;
        self.low += &quote.low;
        self.high += &quote.high;
        if quote.fell_back {
            self.fallback_rows += 1;
            self.fallback_usd += &quote.usd;
        }
    }
}
