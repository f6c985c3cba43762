//! The sums of a file are the totals of the report, to the last digit.

use std::collections::BTreeMap;

use num_rational::BigRational;
use proptest::prelude::*;
use proptest::sample::select;

use crate::focus::checks::is_usage;
use crate::focus::sheet::{Sheet, done, odd_rows, sheets};
use crate::oracle::decimal;
use crate::run::{Report, Run};

/// The columns of the tool, and the scenarios that they add up to.
const SCENARIOS: [(&str, &str, &str); 7] = [
    ("EffectiveCost", "recorded", "recorded"),
    ("ContractedCost", "recorded", "recorded"),
    ("x_StandardCost", "standard", "recorded"),
    ("x_FlexCost", "flex", "recorded"),
    ("x_PriorityCost", "priority", "recorded"),
    ("x_BatchCost", "batch", "recorded"),
    ("x_NoCachingCost", "recorded", "none"),
];

/// Fails unless the sums of a file are those of a report of the same usage.
fn assert_sums(sheet: &Sheet, report: &Report) {
    let usage = ("ChargeCategory", "Usage");
    for (column, tier, caching) in SCENARIOS {
        let total = decimal(report.total(tier, caching));
        assert_eq!(sheet.sum_of(column, usage), total, "{column}");
    }
    let billed = report.0["billed"]["priced_billed_usd"].as_str();
    let billed = billed.map_or_else(BigRational::default, decimal);
    let mut usages = sheet.clone();
    usages.rows.retain(is_usage);
    assert_eq!(usages.sum_of("BilledCost", ("x_CostBasis", "billed")), billed);
    let computed = ("x_CostBasis", "computed");
    assert_eq!(sheet.sum_of("BilledCost", computed), sheet.sum_of("EffectiveCost", computed));
    let mut quantities: BTreeMap<String, BigRational> = BTreeMap::new();
    for row in sheet.rows.iter().filter(|row| row.contains_key("SkuMeter")) {
        *quantities.entry(row["SkuMeter"].clone()).or_default() +=
            decimal(&row["ConsumedQuantity"]);
    }
    let groups = report.0["groups"].as_array().expect("groups").iter();
    let mut expected: BTreeMap<String, BigRational> = BTreeMap::new();
    for (meter, sum) in groups.flat_map(|group| group["quantities"].as_object().expect("meters")) {
        *expected.entry(meter.clone()).or_default() += decimal(&sum.to_string());
    }
    assert_eq!(quantities, expected);
}

#[test]
fn the_samples_add_up_to_their_reports() {
    for folder in ["october-2026", "formats", "openai-dashboard-2025-10"] {
        let run = || Run::in_crate();
        let report = run().line(&format!("report sample_data/{folder}")).report();
        for arguments in ["", "--period month --sub-account user --tag project,team"] {
            let focus = run().line(&format!("focus -q sample_data/{folder} {arguments}"));
            assert_sums(&Sheet::of(focus), &report);
        }
    }
}

#[test]
fn odd_rows_add_up_to_their_report() {
    for arguments in ["", "--published-only", "--rates card.toml", "--where project=search"] {
        let report = odd_rows().line(&format!("report log.csv {arguments}")).report();
        let focus = odd_rows().line(&format!("focus -q log.csv {arguments}"));
        assert_sums(&Sheet::of(focus), &report);
    }
    let list = odd_rows().line("report log.csv --rates card.toml --where model=gpt-5.4").report();
    let list =
        list.scenario("recorded", "recorded")["list_usd"].as_str().expect("an amount").to_owned();
    let focus = odd_rows().line("focus -q log.csv --rates card.toml --where model=gpt-5.4");
    assert_eq!(Sheet::of(focus).sum("ListCost"), decimal(&list));
}

#[test]
fn all_that_usage_was_billed_is_in_the_file() {
    // 0.75 - 0.1 + 0 + 0.01 + 1e-18 + 0.003500000000000001; the 2.50 has no usage.
    let sheet = Sheet::of(odd_rows().line("focus -q log.csv"));
    let billed = sheet.sum_of("BilledCost", ("x_CostBasis", "billed"));
    assert_eq!(billed, decimal("0.663500000000000002"));
}

#[test]
fn a_file_of_a_saved_ledger_is_that_of_its_logs() {
    let by = "--sub-account project --tag user,ticket";
    let logs = done(odd_rows().line(&format!("focus -q log.csv {by}")));
    let saved = done(odd_rows().line("ledger -q log.csv --by project,user,ticket -o all.parquet"));
    let ledger = std::fs::read(saved.path("all.parquet")).expect("the ledger");
    let again = Run::new().file("all.parquet", ledger);
    assert_eq!(done(again.line(&format!("focus -q all.parquet {by}"))).stdout, logs.stdout);
}

#[test]
fn a_file_without_its_mark_is_a_bill_that_reports_can_read() {
    let sheet = sheets().swap_remove(0).1;
    let total = sheet.sum("BilledCost");
    let text = done(Run::in_crate().line("focus -q sample_data/october-2026")).stdout;
    let text = text.replacen("x_Estimate", "x_Remark", 1);
    let report = Run::new().file("focus.csv", text).line("report focus.csv").report();
    assert_eq!(report.0["inputs"][0]["format"], "focus");
    assert_eq!(decimal(report.0["billed_usd"].as_str().expect("an amount")), total);
}

/// A row of a log, at some hour of some days.
fn row() -> impl Strategy<Value = String> {
    let models =
        vec!["gpt-4.1-mini", "gpt-5.4", "gpt-4o-2024-08-06", "claude-haiku-5-5", "acme-7b"];
    let tiers = vec!["", "flex", "priority", "batch", "free", "scale"];
    let billed = vec!["", "", "0", "0.1", "-0.07", "0.333333333333333333", "1e-18"];
    let counts = (1_u64..400_000, 0_u64..1_000, 0_u64..100, 0_u64..3);
    (select(models), select(tiers), select(vec!["a", "b", ""]), select(billed), counts, 0_u32..72)
        .prop_map(|(model, tier, project, billed, (input, cached, output, calls), hour)| {
            let (day, hour, cached) = (30 + hour / 24, hour % 24, cached.min(input));
            let date = if day == 30 { "2026-09-30".to_owned() } else { format!("2026-10-{:02}", day - 30) };
            format!("{date}T{hour:02}:00:00Z,{model},{tier},{project},{input},{cached},{output},{calls},{billed}\n")
        })
}

const COLUMNS: &str = "timestamp,model,service_tier,project,input_tokens,cached_input_tokens,\
                       output_tokens,web_search_calls,billed_cost\n";

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_log_adds_up_to_its_report(rows in prop::collection::vec(row(), 1..40)) {
        let log = format!("{COLUMNS}{}", rows.concat());
        let run = || Run::new().file("log.csv", &log);
        let file = |arguments: &str| done(run().line(&format!("focus -q log.csv {arguments}"))).stdout;
        let day = file("--threads 1");
        let report = run().line("report log.csv").report();
        assert_sums(&Sheet::read(&day), &report);
        assert_sums(&Sheet::read(&file("--period month")), &report);
        prop_assert_eq!(file("--threads 3 --chunk-size 100"), day);
    }
}
