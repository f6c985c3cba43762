//! Prices pinned one by one: the published ones that look like mistakes, the
//! bands, the history, and a digest of everything that has been published.
#![cfg(test)]

use std::fmt::Write as _;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};
use tierwise::money::Money;
use tierwise::rates::{Aliases, NoRate, PriceQuery, RateBook, Threshold, WhyNoRate};
use tierwise::usage::{Instant, Meter, ServiceTier, Totals};

use crate::oracle::{Book, Interval};

static BOOK: LazyLock<RateBook> = LazyLock::new(|| RateBook::built_in().expect("the cards"));

/// What had begun by this day is history: its amounts do not change any more.
const PINNED_TO: &str = "2026-10-14";

/// The digest of that history.
const PINNED: &str = "3a3a2fdf194e794f0ba1ff649461aba07b935dfd328f580db42033b6f449f65e";

fn at(day: &str) -> Instant {
    Instant::parse_log(day).expect("a day").instant
}

/// The price of one million tokens, or why there is none.
fn million(model: &str, tier: &ServiceTier, meter: Meter, day: &str) -> Result<String, WhyNoRate> {
    million_in(None, model, (tier, meter), day)
}

/// The same in a context class.
fn million_in(
    context: Option<Threshold>,
    model: &str,
    (tier, meter): (&ServiceTier, Meter),
    day: &str,
) -> Result<String, WhyNoRate> {
    let found = BOOK.find("", model, &Aliases::default()).expect("a model of the book");
    let query = PriceQuery { tier, region: "", context, at: at(day) };
    let list = BOOK.price_list(found.model, &query);
    let mut usage = Totals::default();
    usage.add(meter, 1_000_000);
    list.price(&usage).map(|cost| cost.total.exact()).map_err(|NoRate { why, .. }| why)
}

#[test]
fn published_cells_that_look_odd_are_as_published() {
    use Meter::{CachedInput, Input, Output, Training};
    use ServiceTier::{Batch, Flex, Priority, Standard};
    for (model, tier, meter, usd) in [
        // Half of 0.25 is 0.125; the page says 0.13.
        ("gpt-5.4", Batch, CachedInput, "0.13"),
        ("gpt-5.4", Flex, CachedInput, "0.13"),
        // Half of 0.275 is 0.1375.
        ("o4-mini", Flex, CachedInput, "0.138"),
        // Two and a half times 5, 0.5 and 30, not twice.
        ("gpt-5.5", Priority, Input, "12.5"),
        ("gpt-5.5", Priority, CachedInput, "1.25"),
        ("gpt-5.5", Priority, Output, "75"),
        // As at Standard, not half.
        ("gpt-3.5-turbo-1106", Standard, Input, "1"),
        ("gpt-3.5-turbo-1106", Batch, Input, "1"),
        ("gpt-3.5-turbo-1106", Standard, Output, "2"),
        ("gpt-3.5-turbo-1106", Batch, Output, "2"),
        ("gpt-image-1.5", Batch, CachedInput, "0.63"),
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
fn bands_hold_for_the_tiers_and_in_the_way_that_is_published() {
    use Meter::Input;
    use ServiceTier::{Batch, Flex, Priority, Standard};
    let over = |tokens| Some(Threshold { tokens, exclusive: true });
    let at_least = Some(Threshold { tokens: 200_000, exclusive: false });
    for (context, model, tier, expected) in [
        (over(272_000), "gpt-5.4", Standard, Ok("5")),
        (over(200_000), "gpt-5.4", Standard, Ok("2.5")),
        (over(272_000), "gpt-5.4", Flex, Ok("2.5")),
        (over(272_000), "gpt-5.4", Priority, Err(WhyNoRate::NotPublished)),
        (over(272_000), "gpt-5.5", Priority, Err(WhyNoRate::NotPublished)),
        (over(272_000), "gpt-5.5-pro", Batch, Err(WhyNoRate::NotPublished)),
        (over(272_000), "gpt-5.6-sol", Priority, Ok("16")),
        (at_least, "grok-4.7", Standard, Ok("4")),
        (at_least, "gemini-2.5-pro", Standard, Ok("1.25")),
        (over(200_000), "gemini-2.5-pro", Standard, Ok("2.5")),
        (over(200_000), "gemini-2.5-pro", Flex, Err(WhyNoRate::NoEvidence)),
        (over(100_000), "claude-haiku-5-5", Standard, Ok("0.5")),
    ] {
        let found = million_in(context, model, (&tier, Input), "2026-10-01");
        assert_eq!(found, expected.map(str::to_owned), "{model} {tier} {context:?}");
    }
}

#[test]
fn the_cut_of_a_cache_read_and_the_end_of_an_offer_have_their_days() {
    use ServiceTier::{Batch, Standard};
    let read = |tier, day| million("claude-sonnet-5-5", tier, Meter::CachedInput, day);
    assert_eq!(read(&Standard, "2026-10-06T23:59:59Z"), Ok("0.2".to_owned()));
    assert_eq!(read(&Standard, "2026-10-07"), Ok("0.1".to_owned()));
    assert_eq!(read(&Batch, "2026-10-06T23:59:59Z"), Ok("0.1".to_owned()));
    assert_eq!(read(&Batch, "2026-10-07"), Ok("0.05".to_owned()));
    let flash = |tier, day| million("gemini-3.8-flash", tier, Meter::Output, day);
    assert_eq!(flash(&Standard, "2026-12-31T23:59:59Z"), Ok("3.75".to_owned()));
    assert_eq!(flash(&Standard, "2027-01-01"), Ok("7.5".to_owned()));
    assert_eq!(flash(&Batch, "2027-01-01"), Err(WhyNoRate::NoEvidence));
}

#[test]
fn the_last_price_of_gpt_5_6_sol_ends_with_its_promise() {
    let input = |day| million("gpt-5.6", &ServiceTier::Standard, Meter::Input, day);
    for (day, expected) in [
        ("2026-07-08T23:59:59Z", Err(WhyNoRate::BeforeFirstRate)),
        ("2026-08-20T23:59:59Z", Ok("5")),
        ("2026-08-21", Ok("4")),
        ("2026-11-21T23:59:59Z", Ok("4")),
        ("2026-11-22", Err(WhyNoRate::NoRateAtTime)),
    ] {
        assert_eq!(input(day), expected.map(str::to_owned), "{day}");
    }
}

#[test]
fn a_price_without_a_first_day_is_older_than_the_book() {
    let input = |model| million(model, &ServiceTier::Standard, Meter::Input, "1971-01-01");
    assert_eq!(input("gpt-3.5-turbo-0613"), Ok("1.5".to_owned()));
    assert_eq!(input("gpt-4.1"), Err(WhyNoRate::BeforeFirstRate));
    assert!(BOOK.boundaries().first() > Some(&at("2020-01-01")));
}

#[test]
fn units_other_than_tokens_are_priced_by_their_own() {
    use ServiceTier::{Batch, Standard};
    for (model, tier, meter, usd) in [
        ("whisper-1", Standard, Meter::AudioMinute, "0.006"),
        ("tts-1-hd", Standard, Meter::InputCharacter, "0.00003"),
        ("sora-2-pro", Batch, Meter::VideoSecond1080p, "0.35"),
        ("dall-e-3", Standard, Meter::ImageHd1024x1792, "0.12"),
        ("ft:o4-mini-2025-04-16", Standard, Meter::TrainingHour, "100"),
        ("gpt-5", Batch, Meter::ContainerMinute64g, "0.096"),
        ("gpt-5", Standard, Meter::FileSearchStorage, "0.1"),
    ] {
        let found = BOOK.find("openai", model, &Aliases::default()).expect("a model");
        let day = if model == "dall-e-3" { "2026-05-01" } else { "2026-10-01" };
        let query = PriceQuery { tier: &tier, region: "", context: None, at: at(day) };
        let price = BOOK.price_list(found.model, &query).of(meter);
        let one = price.ok().and_then(|price| price.rate.cost(1)).map(Money::exact);
        assert_eq!(one.as_deref(), Some(usd), "{model} {}", meter.name());
    }
    // The provider's estimate of a minute is not a price of one.
    let minute = million("gpt-4o-transcribe", &Standard, Meter::AudioMinute, "2026-10-01");
    assert_eq!(minute, Err(WhyNoRate::NotPublished));
}

#[test]
fn preview_searches_cost_by_context_size_until_2025_06_24() {
    use Meter::{WebSearchPreviewCall, WebSearchPreviewCallHigh, WebSearchPreviewCallLow};
    let fee = |model, meter, day| million(model, &ServiceTier::Standard, meter, day);
    let (before, after) = ("2025-06-23T23:59:59Z", "2025-06-24");
    for (model, low, high, simple) in
        [("gpt-4.1-mini", "25000", "30000", "25000"), ("gpt-4o", "30000", "50000", "25000")]
    {
        assert_eq!(fee(model, WebSearchPreviewCallLow, before), Ok(low.to_owned()));
        assert_eq!(fee(model, WebSearchPreviewCallHigh, before), Ok(high.to_owned()));
        assert_eq!(fee(model, WebSearchPreviewCall, before), Err(WhyNoRate::BeforeFirstRate));
        assert_eq!(fee(model, WebSearchPreviewCall, after), Ok(simple.to_owned()));
        assert_eq!(fee(model, WebSearchPreviewCallLow, after), Err(WhyNoRate::NoRateAtTime));
    }
    assert_eq!(fee("o3", WebSearchPreviewCall, after), Ok("10000".to_owned()));
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

/// One line a cell that had begun by [`PINNED_TO`]. An end after that day is
/// left out: a later price change adds it.
fn history() -> Vec<String> {
    let pinned_to = at(PINNED_TO).seconds();
    let mut lines = Vec::new();
    let mut add = |interval: Interval, words: &[&str]| {
        if interval.from < pinned_to {
            let to = interval.to.filter(|to| *to <= pinned_to);
            lines.push(format!("{} {:?} {to:?}", words.join("|"), interval.from));
        }
    };
    for card in Book::read().cards {
        for model in &card.models {
            for price in &model.prices {
                let band = price.band.as_deref().unwrap_or_default();
                let regions = price.regions.join(",");
                let place = [&*card.provider, &price.evidence, &model.id, &price.tier, band];
                let words = [&*price.meter, &regions, &price.published];
                add(price.interval, &[&place[..], &words[..]].concat());
            }
        }
        for fee in &card.fees {
            let models = fee.models.join(",");
            let words = [&*card.provider, &fee.evidence, &models, &fee.meter, &fee.published];
            add(fee.interval, &words);
        }
    }
    lines.sort();
    lines
}

#[test]
fn published_history_is_as_it_was() {
    let mut digest = String::new();
    for byte in Sha256::digest(history().join("\n").as_bytes()) {
        write!(digest, "{byte:02x}").expect("text");
    }
    assert_eq!(
        digest, PINNED,
        "a price that held before {PINNED_TO} was changed, added or removed in src/rates/cards. \
         A price change ends a line with `to` and adds one line. If history itself was wrong, \
         correct the card, say why in CHANGELOG.md, and set PINNED to the first digest above"
    );
}
