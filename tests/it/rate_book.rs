//! The whole built-in rate book: what holds for every cell, and the published
//! prices that look like mistakes.
#![cfg(test)]

use std::sync::LazyLock;

use tierwise::rates::{Aliases, MatchRule, NoRate, RateBook, WhyNoRate};
use tierwise::usage::{Instant, Meter, ServiceTier, Totals};

use crate::oracle::{Book, Card, Fee, Interval, ModelCard, Price, decimal};

static BOOK: LazyLock<RateBook> = LazyLock::new(|| RateBook::built_in().expect("the cards"));
static CARDS: LazyLock<Book> = LazyLock::new(Book::read);

const TIERS: [ServiceTier; 4] =
    [ServiceTier::Standard, ServiceTier::Flex, ServiceTier::Priority, ServiceTier::Batch];

fn at(day: &str) -> Instant {
    Instant::parse_log(day).expect("a day").instant
}

/// The price of one million tokens, or why there is none.
fn million(model: &str, tier: &ServiceTier, meter: Meter, day: &str) -> Result<String, WhyNoRate> {
    let found = BOOK.find("openai", model, &Aliases::default()).expect("a model of the book");
    let list = BOOK.price_list(found.model, tier, None, at(day));
    let mut usage = Totals::default();
    usage.add(meter, 1_000_000);
    list.price(&usage).map(|cost| cost.total.exact()).map_err(|NoRate { why, .. }| why)
}

fn cards_and_models() -> impl Iterator<Item = (&'static Card, &'static ModelCard)> {
    CARDS.cards.iter().flat_map(|card| card.models.iter().map(move |model| (card, model)))
}

#[test]
fn every_alias_is_priced_as_its_model_in_every_tier() {
    let days = CARDS.changes(None).into_iter().filter_map(Instant::from_seconds);
    let days: Vec<Instant> = days.collect();
    for (card, model) in cards_and_models() {
        let by_id = BOOK.find(&card.provider, &model.id, &Aliases::default()).expect("its own id");
        assert_eq!(by_id.rule, MatchRule::Exact, "{}", model.id);
        for alias in &model.aliases {
            let found = BOOK.find(&card.provider, alias, &Aliases::default()).expect(alias);
            assert_eq!((found.model, found.rule), (by_id.model, MatchRule::Alias), "{alias}");
            let without_provider = BOOK.find("", alias, &Aliases::default());
            assert_eq!(without_provider, Some(found), "{alias}");
            for tier in &TIERS {
                let lists = days.iter().map(|day| {
                    let lists =
                        [found.model, by_id.model].map(|id| BOOK.price_list(id, tier, None, *day));
                    lists.map(|list| {
                        Meter::ALL.iter().map(|m| list.of(*m).map(|p| p.rate)).collect::<Vec<_>>()
                    })
                });
                for [of_alias, of_model] in lists {
                    assert_eq!(of_alias, of_model, "{alias} {tier}");
                }
            }
        }
    }
}

#[test]
fn no_name_is_of_two_models() {
    for card in &CARDS.cards {
        let names = card.models.iter().flat_map(|m| std::iter::once(&m.id).chain(&m.aliases));
        let mut names: Vec<&String> = names.collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count, "{}", card.source);
    }
}

#[test]
fn every_cell_has_a_source_and_evidence() {
    for layer in BOOK.layers() {
        assert!(!layer.source.is_empty() && !layer.name.is_empty());
        assert!(["provider", "article"].contains(&layer.evidence.name()), "{}", layer.name);
        let cells = layer.models.iter().flat_map(|model| &model.cells).chain(&layer.tools);
        for cell in cells {
            assert!(cell.source.len() > 10, "{}: {cell:?}", layer.name);
            assert!(["high", "medium", "low"].contains(&cell.confidence.as_str()), "{cell:?}");
        }
    }
}

#[test]
fn the_book_holds_exactly_the_cells_of_the_card_files() {
    let cells = |model: &ModelCard| model.prices.len();
    let expected: usize = CARDS.models().map(cells).sum();
    let models = BOOK.layers().iter().flat_map(|layer| &layer.models);
    assert_eq!(models.map(|model| model.cells.len()).sum::<usize>(), expected);
    let fees: usize = CARDS.cards.iter().map(|card| card.fees.len()).sum();
    assert_eq!(BOOK.layers().iter().map(|layer| layer.tools.len()).sum::<usize>(), fees);
}

fn assert_apart(intervals: &[Interval], what: &str) {
    for (at, one) in intervals.iter().enumerate() {
        assert!(one.to.is_none_or(|to| one.from < to), "{what}");
        for other in intervals.iter().skip(at + 1) {
            assert!(!one.overlaps(*other), "{what}: {one:?} and {other:?}");
        }
    }
}

#[test]
fn the_intervals_of_a_cell_do_not_overlap() {
    for (card, model) in cards_and_models() {
        for (cell, prices) in model.cells() {
            let intervals: Vec<Interval> = prices.iter().map(|price| price.interval).collect();
            assert_apart(&intervals, &format!("{} {} {cell:?}", card.source, model.id));
        }
    }
    for card in &CARDS.cards {
        for fee in &card.fees {
            let same = |other: &&Fee| {
                let shared = other.models.iter().any(|model| fee.models.contains(model));
                other.meter == fee.meter
                    && (shared || other.models.is_empty() || fee.models.is_empty())
            };
            let intervals: Vec<Interval> =
                card.fees.iter().filter(same).map(|f| f.interval).collect();
            assert_apart(&intervals, &fee.meter);
        }
    }
}

#[test]
fn every_model_has_input_and_output_at_standard_from_its_first_day() {
    for (_, model) in cards_and_models().filter(|(card, _)| card.evidence == "provider") {
        let first = model.prices.iter().map(|price| price.interval.from).min();
        for meter in ["input", "output"] {
            let fits = |price: &&Price| price.tier == "standard" && price.meter == meter;
            let from = model.prices.iter().filter(fits).map(|price| price.interval.from).min();
            assert_eq!(from, first, "{} {meter}", model.id);
        }
    }
}

#[test]
fn published_cells_that_look_odd_are_as_published() {
    use Meter::{CachedInput, Input, Output, Training};
    use ServiceTier::{Batch, Flex, Priority, Standard};
    for (model, tier, meter, usd) in [
        // Half of 0.25 is 0.125; the page says 0.13.
        ("gpt-5.4", Batch, CachedInput, "0.13"),
        ("gpt-5.4", Flex, CachedInput, "0.13"),
        // Not half of 3.75, 1.875 and 15.
        ("ft:gpt-4o-2024-08-06", Batch, Input, "2.225"),
        ("ft:gpt-4o-2024-08-06", Batch, CachedInput, "0.9"),
        ("ft:gpt-4o-2024-08-06", Batch, Output, "12.5"),
        // Two thirds of 0.75.
        ("ft:gpt-4.1-2025-04-14", Batch, CachedInput, "0.5"),
        ("gpt-4.1-mini", Priority, Input, "0.7"),
        ("gpt-4.1-mini", Priority, CachedInput, "0.175"),
        ("gpt-4.1-mini", Priority, Output, "2.8"),
        // No cached cell at Batch: its own input price.
        ("gpt-4.1-mini", Batch, CachedInput, "0.2"),
        ("gpt-4.1-mini", Standard, Training, "5"),
    ] {
        let found = million(model, &tier, meter, "2026-10-01");
        assert_eq!(found, Ok(usd.to_owned()), "{model} {tier} {}", meter.name());
    }
}

#[test]
fn the_history_of_o3_is_kept() {
    use Meter::{CachedInput, Input, Output};
    use ServiceTier::{Batch, Flex, Standard};
    for (tier, meter, before, after) in [
        (Standard, Input, "10", "2"),
        (Standard, CachedInput, "2.5", "0.5"),
        (Standard, Output, "40", "8"),
        (Batch, Input, "5", "1"),
        (Flex, CachedInput, "5", "0.25"),
    ] {
        assert_eq!(million("o3", &tier, meter, "2025-06-09T23:59:59Z"), Ok(before.to_owned()));
        assert_eq!(million("o3", &tier, meter, "2025-06-10"), Ok(after.to_owned()));
    }
    let first = million("o3", &Standard, Input, "2025-04-15T23:59:59Z");
    assert_eq!(first, Err(WhyNoRate::BeforeFirstRate));
    assert_eq!(
        million("gpt-4.1-nano", &Standard, Input, "2026-10-23"),
        Err(WhyNoRate::NoRateAtTime)
    );
}

#[test]
fn amounts_are_read_as_they_are_published() {
    for layer in BOOK.layers() {
        for cell in layer.models.iter().flat_map(|model| &model.cells).chain(&layer.tools) {
            let units = u128::from(cell.meter.unit().per());
            let cost = cell.rate.cost(units).expect("a price").exact();
            assert_eq!(decimal(&cost), decimal(&cell.published), "{cell:?}");
        }
    }
}
