//! Laws between the numbers of one report.

use std::collections::BTreeSet;

use num_rational::BigRational;
use proptest::prelude::*;
use tierwise::report::{Report, ScenarioInfo};
use tierwise::scenario::Uncovered;

use super::generator::{BOOK, Record, log};
use super::harness::{Run, scenario, usd};
use super::render::{COLUMNS, csv};
use crate::oracle::{CACHINGS, ModelCard, TIERS, decimal};

fn report(log: &[Record], uncovered: Uncovered) -> Result<Report, TestCaseError> {
    let run = Run { uncovered, ..Run::default() };
    run.of_text(&csv(log, &COLUMNS, false)).map_err(TestCaseError::fail)
}

fn assert_rows_conserved(report: &Report) -> Result<(), TestCaseError> {
    let mut read = 0;
    for rows in report.inputs.iter().map(|input| input.rows).chain([report.rows]) {
        let without_usage = rows.rejected + rows.duplicate + rows.empty + rows.filtered;
        let parts = rows.priced + rows.unpriced + without_usage + rows.billed_only;
        prop_assert_eq!(rows.read, parts);
        read += rows.read;
    }
    prop_assert_eq!(read, report.rows.read * 2);
    let rejected: u64 = report.rejects.iter().map(|reject| reject.rows).sum();
    let unpriced: u64 = report.unpriced.iter().map(|unpriced| unpriced.rows).sum();
    prop_assert_eq!((rejected, unpriced), (report.rows.rejected, report.rows.unpriced));
    let sources: u64 = report.tier_source.values().sum();
    prop_assert_eq!(sources, report.rows.priced + report.rows.unpriced);
    Ok(())
}

fn assert_parts_sum(whole: &ScenarioInfo) -> Result<(), TestCaseError> {
    let by_meter: BigRational = whole.by_meter.iter().map(|part| usd(part.usd)).sum();
    let by_evidence: BigRational = whole.by_evidence.iter().map(|part| usd(part.usd)).sum();
    prop_assert_eq!(&by_meter, &usd(whole.total_usd));
    prop_assert_eq!(&by_evidence, &usd(whole.total_usd));
    let reasons: u64 = whole.fallback.reasons.iter().map(|reason| reason.rows).sum();
    prop_assert_eq!(reasons, whole.fallback.rows);
    if let Some(range) = whole.range_usd {
        prop_assert!(range.low <= whole.total_usd && whole.total_usd <= range.high);
    }
    Ok(())
}

proptest! {
    #![proptest_config(super::config(40))]

    #[test]
    fn every_row_is_one_thing_and_every_part_adds_up(log in log(20)) {
        let report = report(&log, Uncovered::Standard)?;
        assert_rows_conserved(&report)?;
        let recorded = usd(scenario(&report, "recorded", "recorded").total_usd);
        for whole in &report.scenarios {
            assert_parts_sum(whole)?;
            prop_assert_eq!(whole.covered.rows + whole.fallback.rows, report.rows.priced);
            prop_assert_eq!(usd(whole.delta_usd), usd(whole.total_usd) - &recorded);
        }
    }

    #[test]
    fn recorded_and_standard_never_fall_back(log in log(20)) {
        let report = report(&log, Uncovered::Standard)?;
        for whole in report.scenarios.iter().filter(|s| ["recorded", "standard"].contains(&s.tier)) {
            prop_assert_eq!(whole.fallback.rows, 0);
        }
    }

    #[test]
    fn cheapest_is_never_above_a_tier(log in log(20)) {
        for uncovered in [Uncovered::Standard, Uncovered::Exclude] {
            let report = report(&log, uncovered)?;
            for caching in CACHINGS {
                let cost = |tier| {
                    let whole = scenario(&report, tier, caching);
                    let left_out = uncovered == Uncovered::Exclude;
                    usd(whole.total_usd) + if left_out { usd(whole.fallback.usd) } else { BigRational::default() }
                };
                for tier in ["standard", "flex", "priority", "batch"] {
                    prop_assert!(cost("cheapest") <= cost(tier), "{tier} {caching}");
                }
            }
        }
    }

    #[test]
    fn rows_left_out_are_left_out_of_both_sides(log in log(20)) {
        let (kept, left) = (report(&log, Uncovered::Standard)?, report(&log, Uncovered::Exclude)?);
        for tier in TIERS.into_iter().filter(|tier| *tier != "cheapest") {
            for caching in CACHINGS {
                let (with, without) = (scenario(&kept, tier, caching), scenario(&left, tier, caching));
                prop_assert_eq!(usd(without.total_usd) + usd(without.fallback.usd), usd(with.total_usd));
                prop_assert_eq!(&with.covered, &without.covered);
                prop_assert_eq!(with.fallback.rows, without.fallback.rows);
                assert_parts_sum(without)?;
            }
        }
        let unchanged = |report: &Report| (report.rows, report.unpriced.len(), report.tier_source.clone());
        prop_assert_eq!(unchanged(&kept), unchanged(&left));
    }

    #[test]
    fn the_delta_without_uncovered_rows_is_that_of_a_log_without_them(log in log(12)) {
        // Row by row: a row that flex does not cover adds nothing to its delta.
        let run = Run { uncovered: Uncovered::Exclude, ..Run::by(&["serial"]) };
        let report = run.of_text(&csv(&log, &COLUMNS, false)).map_err(TestCaseError::fail)?;
        for group in report.groups.infos() {
            let of = |tier: &str| group.scenarios.iter().find(|s| (s.tier, s.caching) == (tier, "recorded"));
            let recorded = of("recorded").map(|s| usd(s.total_usd)).unwrap_or_default();
            for one in group.scenarios.iter().filter(|s| s.tier != "cheapest") {
                let expected = if one.fallback_rows > 0 { BigRational::default() } else { usd(one.total_usd) - &recorded };
                prop_assert_eq!(usd(one.delta_usd), expected, "{} {}", one.tier, one.caching);
            }
        }
    }

    #[test]
    fn caching_never_costs_more_where_no_rate_of_a_cache_is_above_its_input(log in log(20)) {
        let dear = models_whose_cache_is_dearer();
        let tame: Vec<Record> = log.into_iter().filter(|record| {
            let name = record.row.model.as_deref().unwrap_or_default();
            BOOK.resolve("", name).is_none_or(|named| !dear.contains(&named.id))
        }).collect();
        let report = report(&tame, Uncovered::Standard)?;
        for tier in ["recorded", "standard", "priority", "batch", "flex"] {
            let total = |caching| scenario(&report, tier, caching).total_usd;
            prop_assert!(total("recorded") <= total("none"), "{tier}");
        }
    }
}

/// Models of which some price of a cache is above an input price of its tier, band
/// and time.
fn models_whose_cache_is_dearer() -> BTreeSet<String> {
    let dearer = |model: &&ModelCard| {
        model.prices.iter().any(|cached| {
            let meter = match cached.meter.strip_prefix("cached_") {
                Some(meter) => meter,
                // Writing to a cache costs more than not to, in most cards.
                None if cached.meter == "cache_write" => "input",
                None => return false,
            };
            model.prices.iter().any(|input| {
                let same_cell = (&input.tier, &input.band, input.meter.as_str())
                    == (&cached.tier, &cached.band, meter);
                same_cell
                    && input.interval.overlaps(cached.interval)
                    && decimal(&cached.published) > decimal(&input.published)
            })
        })
    };
    BOOK.models().filter(dearer).map(|model| model.id.clone()).collect()
}
