//! The whole built-in rate book: what holds for every cell of it.
#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use tierwise::rates::{Aliases, CardSource, Layer, MatchRule, PriceQuery, RateBook};
use tierwise::usage::{Instant, Meter, ServiceTier};

use crate::oracle::{Book, Card, Fee, Interval, ModelCard, Price, decimal};

static BOOK: LazyLock<RateBook> = LazyLock::new(|| RateBook::built_in().expect("the cards"));
static CARDS: LazyLock<Book> = LazyLock::new(Book::read);

const TIERS: [ServiceTier; 4] =
    [ServiceTier::Standard, ServiceTier::Flex, ServiceTier::Priority, ServiceTier::Batch];

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
            let known = without_provider.map(|first| BOOK.model_name(first.model));
            assert_eq!(known, Some(&*model.id), "{alias}");
            for tier in &TIERS {
                let lists = days.iter().map(|day| {
                    let lists = [found.model, by_id.model].map(|id| {
                        let query = PriceQuery { tier, region: "", context: None, at: *day };
                        BOOK.price_list(id, &query)
                    });
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
fn no_name_is_of_two_models_or_two_providers() {
    let mut owners: BTreeMap<&str, BTreeSet<(&str, &str)>> = BTreeMap::new();
    for (card, model) in cards_and_models() {
        for name in std::iter::once(&model.id).chain(&model.aliases) {
            // Azure sells the same models under the same names.
            if card.provider != "azure" {
                owners.entry(name).or_default().insert((&card.provider, &model.id));
            }
        }
    }
    owners.retain(|_, models| models.len() > 1);
    assert_eq!(owners, BTreeMap::new());
    for card in &CARDS.cards {
        let ids: BTreeSet<&String> = card.models.iter().map(|model| &model.id).collect();
        assert_eq!(ids.len(), card.models.len(), "{}", card.source);
    }
}

#[test]
fn every_cell_has_a_source_a_date_and_evidence() {
    for layer in BOOK.layers() {
        let vouchers = ["provider", "third_party", "article"];
        assert!(vouchers.contains(&layer.evidence.name()), "{}", layer.name);
        assert!(layer.checked > Instant::EPOCH && !layer.name.is_empty());
        let models = || layer.models.iter();
        let cells = models().flat_map(|model| model.cells.iter().chain(&model.estimates));
        for cell in cells.chain(&layer.tools) {
            assert!(cell.source.len() > 10, "{}: {cell:?}", layer.name);
            assert!(vouchers.contains(&cell.evidence.name()), "{}: {cell:?}", layer.name);
            assert!(cell.checked > Instant::EPOCH, "{}: {cell:?}", layer.name);
            // Where only other price lists are named, the provider was not heard.
            let heard = ["official page", "changelog"].iter().any(|own| cell.source.contains(own));
            let list = cell.source.starts_with("litellm") || cell.source.starts_with("genai");
            let third = cell.evidence.name() == "third_party";
            assert!(!list || heard || third, "{}: {cell:?}", layer.name);
        }
    }
}

/// What is counted, compared and pinned of a cell: tier, meter, source and
/// confidence.
type Kind = (String, String, String, String);
type Counts = BTreeMap<(String, Kind), usize>;

fn cells_of_the_files() -> Counts {
    let mut counts = Counts::new();
    for card in &CARDS.cards {
        let words = |tier: &str, meter: &str, source: &str, confidence: &str| {
            let kind = [tier, meter, source, confidence].map(str::to_owned).into();
            (card.provider.clone(), kind)
        };
        for price in card.models.iter().flat_map(|model| &model.prices) {
            let key = words(&price.tier, &price.meter, &price.source, &price.confidence);
            *counts.entry(key).or_default() += 1;
        }
        for fee in &card.fees {
            let key = words("any", &fee.meter, &fee.source, &fee.confidence);
            *counts.entry(key).or_default() += 1;
        }
    }
    counts
}

fn cells_of_the_book() -> Counts {
    let mut counts = Counts::new();
    for layer in BOOK.layers() {
        for cell in layer.models.iter().flat_map(|model| &model.cells).chain(&layer.tools) {
            let tier = cell.tier.as_ref().map_or("any", ServiceTier::name);
            let words = [tier, cell.meter.name(), &*cell.source, cell.confidence.name()];
            let kind = words.map(str::to_owned).into();
            *counts.entry((layer.provider.clone(), kind)).or_default() += 1;
        }
    }
    counts
}

#[test]
fn the_book_holds_exactly_the_cells_of_the_card_files() {
    assert_eq!(cells_of_the_book(), cells_of_the_files());
    let of = |provider: &str| {
        let counts = cells_of_the_files();
        let own = counts.iter().filter(|((owner, _), _)| owner == provider);
        own.map(|(_, count)| count).sum::<usize>()
    };
    // 1,127 published rows: these, 3 estimates, a token block, a multiplier.
    // The article adds 5 prices and 2 fees.
    assert_eq!(of("openai"), 1_127 - 5 + 7);
    let others = ["anthropic", "bedrock", "deepseek", "gemini", "mistral", "xai"].map(of);
    // Anthropic's 54 rows, of which 12 stand under a second name, and 2 prices of
    // before a cut; Gemini's 78 rows and 3 announced prices.
    assert_eq!(others, [54 + 12 + 2, 19, 4, 78 + 3, 3, 30]);
    // 61 meters of Azure, 24 prices of a gateway under two names and an alias,
    // and the fee of a search.
    assert_eq!(of("azure"), 61 + 16 + 1);
}

#[test]
fn estimates_and_multipliers_are_kept_apart_from_prices() {
    let estimates = |layer: &Layer| layer.models.iter().map(|m| m.estimates.len()).sum::<usize>();
    assert_eq!(BOOK.layers().iter().map(estimates).sum::<usize>(), 3);
    assert_eq!(CARDS.models().map(|model| model.estimates.len()).sum::<usize>(), 3);
    let factors = |card: &'static Card| card.factors.iter().map(move |factor| (card, factor));
    for (card, factor) in CARDS.cards.iter().flat_map(factors) {
        let layer = BOOK.layers().iter().find(|layer| layer.source == card.source).expect("a card");
        let found = layer.factors.iter().find(|own| own.name == factor.name).expect("a factor");
        assert_eq!(decimal(&found.multiplier.to_string()), decimal(&factor.multiplier));
        assert_eq!((&found.models, &*found.source), (&factor.models, factor.source.as_str()));
        assert_eq!(found.from.map(Instant::seconds), Some(factor.interval.from));
        assert!(factor.interval.to.is_none() && found.to.is_none());
    }
}

#[test]
fn lists_of_models_name_models_of_their_card() {
    for card in &CARDS.cards {
        let ids: BTreeSet<&String> = card.models.iter().map(|model| &model.id).collect();
        let fees = card.fees.iter().flat_map(|fee| &fee.models);
        for name in fees.chain(card.factors.iter().flat_map(|factor| &factor.models)) {
            assert!(ids.contains(name), "{}: {name}", card.source);
        }
    }
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
            let mut places: BTreeSet<&str> =
                prices.iter().flat_map(|p| &p.regions).map(String::as_str).collect();
            if places.is_empty() {
                places.insert("");
            }
            for place in places {
                let held =
                    |p: &&&Price| p.regions.is_empty() || p.regions.iter().any(|r| r == place);
                let intervals: Vec<Interval> =
                    prices.iter().filter(held).map(|price| price.interval).collect();
                assert_apart(&intervals, &format!("{} {} {cell:?} {place}", card.source, model.id));
            }
        }
    }
    for card in &CARDS.cards {
        for fee in &card.fees {
            // A fee that names models comes before one of all.
            let same = |other: &&Fee| {
                let shared = other.models.iter().any(|model| fee.models.contains(model));
                other.meter == fee.meter && (shared || other.models == fee.models)
            };
            let intervals: Vec<Interval> =
                card.fees.iter().filter(same).map(|f| f.interval).collect();
            assert_apart(&intervals, &fee.meter);
        }
    }
}

#[test]
fn output_has_a_price_where_input_has_one() {
    for (card, model) in cards_and_models() {
        let cells = model.cells();
        for ((tier, band, _), prices) in cells.iter().filter(|((.., meter), _)| *meter == "output")
        {
            let input = cells.get(&(*tier, *band, "input"));
            for price in prices {
                let same = |other: &&&Price| other.interval == price.interval;
                let found = input.into_iter().flatten().find(same);
                assert!(found.is_some(), "{} {} {tier} {band:?}", card.source, model.id);
            }
        }
    }
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

/// A card of one line and one factor.
fn own_card(line: &str, multiplier: &str) -> String {
    format!(
        r#"schema = 1
layer = "own"
provider = "openai"
evidence = "user"
table = "partial"
source = "contract 42"
checked = 2026-10-01
[sources]
annex = {{ text = "contract 42, annex B" }}
[[models]]
id = "acme"
prices = [
  {{ tier = "standard", usd = {{ input = "1.00" }}, {line} }},
]
[[factors]]
name = "discount"
multiplier = "{multiplier}"
"#
    )
}

#[test]
fn a_card_is_refused_with_the_line_and_what_was_expected() {
    let load = |line: &str, multiplier: &str| {
        let text = own_card(line, multiplier);
        RateBook::with_cards(&[CardSource { name: "own.toml".into(), text }])
    };
    assert!(load("source = \"annex\", confidence = \"low\"", "0.875").is_ok());
    for (line, multiplier, expected) in [
        ("source = \"anex\"", "1", "own.toml:13: expected a name of `[sources]`"),
        ("confidence = \"sure\"", "1", "own.toml:13: expected `high`, `medium` or `low`"),
        ("band = \"long\"", "1", "own.toml:13: expected a band named in the model's `bands`"),
        ("", "0", "own.toml:17: expected a number above 0, for example \"1.10\""),
        ("", "-1", "own.toml:17: expected a number above 0, for example \"1.10\""),
        ("", "12.5%", "own.toml:17: expected a number above 0, for example \"1.10\""),
    ] {
        let error = load(line, multiplier).map(|_| ()).expect_err(expected);
        assert_eq!(error.to_string(), expected);
    }
}
