//! Any grouping sums to the total, in every scenario and in every count.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use num_rational::BigRational;
use proptest::prelude::*;
use proptest::sample::select;
use tierwise::report::Report;

use super::generator::{BOOK, Record, log, log_of_instants, rows};
use super::harness::{Run, group_totals, scenario, usd};
use super::render::{COLUMNS, csv};
use crate::oracle::Class;

const DIMENSIONS: &[&str] = &[
    "provider",
    "model",
    "tier",
    "project",
    "user",
    "api-key",
    "endpoint",
    "day",
    "week",
    "month",
    "format",
    "team",
    "requested_tier",
    "no_such_column",
];
const ZONES: &[&str] =
    &["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati", "Australia/Lord_Howe"];

fn report(log: &[Record], run: &Run) -> Result<Report, TestCaseError> {
    run.of_text(&csv(log, &COLUMNS, false)).map_err(TestCaseError::fail)
}

pub(super) fn assert_groups_sum(report: &Report) -> Result<(), TestCaseError> {
    let mut sums: BTreeMap<(&str, &str), BigRational> = BTreeMap::new();
    let mut fallback: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut quantities: BTreeMap<&str, u128> = BTreeMap::new();
    for group in report.groups.infos() {
        for (scenario, usd) in group_totals(&group) {
            *sums.entry(scenario).or_default() += usd;
        }
        for one in &group.scenarios {
            *fallback.entry((one.tier, one.caching)).or_default() += one.fallback_rows;
        }
        for (meter, count) in &group.quantities {
            *quantities.entry(meter).or_default() += count;
        }
    }
    for whole in &report.scenarios {
        let name = (whole.tier, whole.caching);
        prop_assert_eq!(usd(whole.total_usd), sums.remove(&name).unwrap_or_default(), "{:?}", name);
        prop_assert_eq!(whole.fallback.rows, fallback.remove(&name).unwrap_or_default());
    }
    let recorded = scenario(report, "recorded", "recorded");
    let tokens = quantities
        .iter()
        .filter(|(meter, _)| !meter.ends_with("call") && !meter.ends_with("session"));
    prop_assert_eq!(recorded.covered.tokens, tokens.map(|(_, count)| count).sum::<u128>());
    let rows: u64 = report.groups.infos().map(|group| group.rows).sum();
    let requests: u128 = report.groups.infos().map(|group| group.requests).sum();
    prop_assert_eq!((rows, requests), (report.rows.priced, recorded.covered.requests));
    Ok(())
}

/// Rows by civil day, week and month, from the rows themselves.
fn rows_by_time(log: &[Record], unit: &str, zone: &str) -> BTreeMap<Option<String>, u64> {
    let zone = TimeZone::get(zone).expect("a zone");
    let classes = BOOK.price_rows(&rows(log)).classes;
    let mut found = BTreeMap::new();
    for (record, class) in log.iter().zip(classes) {
        let name = record.row.start.map(|at| {
            let instant = jiff::Timestamp::from_second(at).expect("a year before 9999");
            let format = match unit {
                "day" => "%Y-%m-%d",
                "week" => "%G-W%V",
                _ => "%Y-%m",
            };
            instant.to_zoned_datetime(zone.clone()).strftime(format).to_string()
        });
        if class == Class::Priced {
            *found.entry(name).or_default() += 1;
        }
    }
    found
}

proptest! {
    #![proptest_config(super::config(40))]

    #[test]
    fn any_one_grouping_sums_to_the_total(
        log in log(20),
        by in select(DIMENSIONS),
    ) {
        assert_groups_sum(&report(&log, &Run::by(&[by]))?)?;
    }

    #[test]
    fn any_two_groupings_sum_to_the_total(
        log in log_of_instants(20),
        first in select(DIMENSIONS),
        second in select(DIMENSIONS),
        zone in select(ZONES),
    ) {
        prop_assume!(first != second);
        let run = Run { zone, ..Run::by(&[first, second]) };
        assert_groups_sum(&report(&log, &run)?)?;
    }

    #[test]
    fn a_day_week_or_month_holds_the_rows_that_begin_in_it(
        log in log_of_instants(20),
        unit in select(vec!["day", "week", "month"]),
        zone in select(ZONES),
    ) {
        let report = report(&log, &Run { zone, ..Run::by(&[unit]) })?;
        let key = |group: &tierwise::report::GroupInfo<'_>| {
            group.key.first().and_then(|(_, value)| Some((*value)?.to_owned()))
        };
        let found: BTreeMap<_, _> = report.groups.infos().map(|g| (key(&g), g.rows)).collect();
        prop_assert_eq!(found, rows_by_time(&log, unit, zone));
    }

    #[test]
    fn a_zone_changes_no_total(log in log_of_instants(20), zone in select(ZONES)) {
        let there = report(&log, &Run { zone, ..Run::default() })?;
        let here = report(&log, &Run::default())?;
        for (one, other) in there.scenarios.iter().zip(&here.scenarios) {
            prop_assert_eq!(one.total_usd, other.total_usd);
        }
    }

    #[test]
    fn the_values_of_a_filter_divide_the_rows(
        log in log(20),
        dimension in select(vec!["project", "team", "tier", "provider", "month"]),
    ) {
        let whole = report(&log, &Run::by(&[dimension]))?;
        let mut priced = 0;
        for group in whole.groups.infos() {
            let value = group.key.first().and_then(|(_, value)| value.as_deref());
            let only = Some((dimension, value.unwrap_or_default().to_owned()));
            let part = report(&log, &Run { only, ..Run::default() })?;
            prop_assert_eq!(part.rows.read, whole.rows.read);
            let found: Vec<_> = part.scenarios.iter().map(|s| (s.tier, s.caching, s.total_usd)).collect();
            // A part may be cheapest on another tier than the whole.
            for (tier, caching, total) in found.into_iter().filter(|(tier, ..)| *tier != "cheapest") {
                let expected = group.scenarios.iter().find(|s| (s.tier, s.caching) == (tier, caching));
                prop_assert_eq!(Some(total), expected.map(|s| s.total_usd));
            }
            priced += part.rows.priced;
        }
        prop_assert_eq!(priced, whole.rows.priced);
    }
}
