//! A stated share of cached input, on any log.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;
use proptest::sample::select;
use tierwise::money::Share;
use tierwise::report::Report;

use super::generator::{BOOK, Record, log, rows};
use super::grouping::assert_groups_sum;
use super::harness::{Run, group_totals, scenario, usd};
use super::render::{COLUMNS, csv};
use super::totals::assert_totals_of;
use crate::oracle::TIERS;

/// Shares with few decimals, which are exact with any published rate.
const SHARES: &[(u32, u32)] =
    &[(0, 1), (1, 2), (3, 5), (1, 4), (37, 100), (999, 1000), (1, 8), (1, 1)];

fn share((part, whole): (u32, u32)) -> (Share, BigRational) {
    let number = BigRational::new(BigInt::from(part), BigInt::from(whole));
    (Share::of(part.into(), whole.into()).expect("a share"), number)
}

fn report(log: &[Record], share: Share, by: &[&'static str]) -> Result<Report, String> {
    let run = Run { assume_cached: Some(share), ..Run::by(by) };
    run.of_text(&csv(log, &COLUMNS, false))
}

proptest! {
    #![proptest_config(super::config(60))]

    #[test]
    fn every_total_with_an_assumed_share_is_the_oracles(log in log(20), of in select(SHARES)) {
        let (share, number) = share(of);
        let report = report(&log, share, &[]).map_err(TestCaseError::fail)?;
        let answer = BOOK.price_rows_assuming(&rows(&log), &number);
        assert_totals_of(&report, &answer, &["recorded", "none", "assumed"])?;
        let assigned: BTreeMap<_, _> =
            report.assignments.iter().map(|a| ((a.caching, a.model.clone()), a.tier)).collect();
        prop_assert_eq!(assigned, answer.assignments);
    }

    #[test]
    fn a_fraction_gives_the_oracles_totals_or_no_report(
        log in log(8),
        (part, whole) in (1_u32..40).prop_flat_map(|whole| (0..=whole, Just(whole))),
    ) {
        let (share, number) = share((part, whole));
        match report(&log, share, &[]) {
            Ok(report) => {
                let answer = BOOK.price_rows_assuming(&rows(&log), &number);
                assert_totals_of(&report, &answer, &["assumed"])?;
            }
            Err(message) => prop_assert!(message.contains("more than 18 decimals"), "{message}"),
        }
    }

    #[test]
    fn a_share_of_nothing_is_no_caching_to_the_last_part(log in log(20)) {
        let (share, _) = share((0, 1));
        let report = report(&log, share, &["model"]).map_err(TestCaseError::fail)?;
        for tier in TIERS {
            let (none, assumed) = (scenario(&report, tier, "none"), scenario(&report, tier, "assumed"));
            let mut value = serde_json::to_value(assumed).expect("JSON");
            let fields = value.as_object_mut().expect("an object");
            fields.remove("cached_share");
            fields.remove("modelled");
            fields.insert("caching".to_owned(), "none".into());
            prop_assert_eq!(value, serde_json::to_value(none).expect("JSON"));
        }
        for group in report.groups.infos() {
            let totals = group_totals(&group);
            for tier in TIERS {
                prop_assert_eq!(totals.get(&(tier, "none")), totals.get(&(tier, "assumed")));
            }
        }
    }

    #[test]
    fn groups_and_parts_sum_to_the_totals_with_an_assumed_share(
        log in log(20),
        of in select(SHARES),
        by in select(vec!["model", "tier", "team", "day"]),
    ) {
        let (share, _) = share(of);
        let report = report(&log, share, &[by]).map_err(TestCaseError::fail)?;
        assert_groups_sum(&report)?;
        let recorded = usd(scenario(&report, "recorded", "recorded").total_usd);
        for tier in TIERS {
            let whole = scenario(&report, tier, "assumed");
            prop_assert_eq!(whole.cached_share, Some(share));
            prop_assert!(whole.modelled);
            let by_meter: BigRational = whole.by_meter.iter().map(|part| usd(part.usd)).sum();
            let by_evidence: BigRational = whole.by_evidence.iter().map(|part| usd(part.usd)).sum();
            let total = usd(whole.total_usd);
            prop_assert_eq!(usd(whole.delta_usd), &total - &recorded);
            prop_assert_eq!((by_meter, by_evidence), (total.clone(), total));
        }
    }
}
