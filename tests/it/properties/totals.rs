//! Every total is the oracle's, to the last digit.

use std::collections::BTreeMap;

use num_rational::BigRational;
use proptest::prelude::*;
use tierwise::report::Report;

use super::generator::{BOOK, Record, log, rows};
use super::harness::{Run, group_totals, scenario, usd};
use super::render::{COLUMNS, csv};
use crate::oracle::{Answer, CACHINGS, Class, TIERS};

fn run(log: &[Record], run: &Run) -> Result<Report, TestCaseError> {
    run.of_text(&csv(log, &COLUMNS, false)).map_err(TestCaseError::fail)
}

fn assert_totals(report: &Report, answer: &Answer) -> Result<(), TestCaseError> {
    assert_totals_of(report, answer, &CACHINGS)
}

pub(super) fn assert_totals_of(
    report: &Report,
    answer: &Answer,
    cachings: &[&'static str],
) -> Result<(), TestCaseError> {
    for tier in TIERS {
        for caching in cachings.iter().copied() {
            let expected = answer.totals.get(&(tier, caching)).cloned().unwrap_or_default();
            let found = scenario(report, tier, caching);
            prop_assert_eq!(usd(found.total_usd), expected.usd, "{} {}", tier, caching);
            prop_assert_eq!(found.fallback.rows, expected.fallback_rows, "{} {}", tier, caching);
            prop_assert_eq!(usd(found.fallback.usd), expected.fallback_usd, "{} {}", tier, caching);
            let range = found.range_usd.map(|range| (usd(range.low), usd(range.high)));
            let range = range.unwrap_or_else(|| (usd(found.total_usd), usd(found.total_usd)));
            prop_assert_eq!(range, (expected.low, expected.high), "{} {}", tier, caching);
        }
    }
    Ok(())
}

fn assert_classes(report: &Report, answer: &Answer) -> Result<(), TestCaseError> {
    let rows = report.rows;
    let found = [rows.priced, rows.unpriced, rows.rejected, rows.empty];
    let classes = [Class::Priced, Class::Unpriced, Class::Rejected, Class::Empty];
    prop_assert_eq!(found, classes.map(|class| answer.count(class)));
    prop_assert_eq!(rows.read, found.into_iter().sum::<u64>());
    Ok(())
}

proptest! {
    #![proptest_config(super::config(80))]

    #[test]
    fn every_scenario_total_equals_the_oracles_to_the_last_digit(log in log(24)) {
        let report = run(&log, &Run::default())?;
        let answer = BOOK.price_rows(&rows(&log));
        assert_classes(&report, &answer)?;
        assert_totals(&report, &answer)?;
        let assigned: BTreeMap<_, _> =
            report.assignments.iter().map(|a| ((a.caching, a.model.clone()), a.tier)).collect();
        prop_assert_eq!(assigned, answer.assignments);
    }

    #[test]
    fn published_rates_alone_give_the_oracles_totals_too(log in log(24)) {
        let report = run(&log, &Run { published_only: true, ..Run::default() })?;
        let answer = BOOK.published_only().price_rows(&rows(&log));
        assert_classes(&report, &answer)?;
        assert_totals(&report, &answer)?;
    }

    #[test]
    fn every_row_has_the_oracles_class_and_costs(log in log(24)) {
        let report = run(&log, &Run::by(&["serial"]))?;
        let answer = BOOK.price_rows(&rows(&log));
        let groups = report.groups.infos().map(|group| {
            let serial = group.key.first().and_then(|(_, value)| value.as_deref());
            (serial.unwrap_or_default().to_owned(), group_totals(&group))
        });
        let found: BTreeMap<String, BTreeMap<_, BigRational>> = groups.collect();
        let expected: BTreeMap<String, BTreeMap<_, BigRational>> =
            answer.by_row.into_iter().map(|(at, costs)| (format!("r{at}"), costs)).collect();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn a_period_across_a_price_change_has_a_range() {
    let text = "timestamp,end_time,model,requests,input_tokens\n\
                2025-06-09T00:00:00Z,2025-06-11T00:00:00Z,o3,10,1000000\n";
    let report = Run::default().of_text(text).expect("a report");
    let range = scenario(&report, "recorded", "recorded").range_usd;
    let range = range.map(|range| (range.low.exact(), range.high.exact()));
    assert_eq!(range, Some(("2".to_owned(), "10".to_owned())));
}

#[test]
fn an_amount_without_usage_is_billed_only() {
    let text = "model,input_tokens,billed_cost\ngpt-4o,,1.25\n";
    let rows = Run::default().of_text(text).expect("a report").rows;
    assert_eq!((rows.read, rows.priced, rows.billed_only), (1, 0, 1));
}
