//! `--assume-cached`: what tiers would cost with a stated share of cached input,
//! to the last digit.
//!
//! Each expected amount is worked out by hand in a comment, from published
//! rates in USD per million tokens.

use num_rational::BigRational;
use serde_json::{Value, json};

use crate::oracle::decimal;
use crate::run::{Done, Report, Run};

/// Input alone: 300,000 of 1,000,000 tokens cached, on Standard.
const INPUT: &str = "2026-10-05T09:00:00Z,gpt-4.1-mini,standard,1000000,300000,0\n";

fn report(rows: &str, arguments: &str) -> Report {
    Run::new().log(rows).line("report log.csv").line(arguments).report()
}

fn estimate(arguments: &str) -> Report {
    Run::new().args(["estimate"]).line(arguments).report()
}

/// Totals with the assumed share: Standard, Flex, Priority, Batch.
fn assumed(report: &Report) -> [&str; 4] {
    ["standard", "flex", "priority", "batch"].map(|tier| report.total(tier, "assumed"))
}

#[test]
fn sixty_percent_cached_blends_the_rates_of_each_tier() {
    // Standard: 0.4 x 0.40 + 0.6 x 0.10. Priority: 0.4 x 0.70 + 0.6 x 0.175.
    // Flex and Batch have no cached rate: the full 0.20.
    let expected = ["0.22", "0.2", "0.385", "0.2"];
    for share in ["60%", "0.6", "3/5", "60.0%"] {
        let report = report(INPUT, &format!("--assume-cached {share}"));
        assert_eq!(assumed(&report), expected, "{share}");
        assert_eq!(report.total("recorded", "assumed"), "0.22", "{share}");
        // 1,000,000 x 0.20 on Flex or Batch; the provider's own table decides.
        assert_eq!(report.total("cheapest", "assumed"), "0.2", "{share}");
    }
    let estimate = estimate("--model gpt-4.1-mini --input 1000000 --assume-cached 60%");
    assert_eq!(assumed(&estimate), expected);
}

#[test]
fn output_and_tools_cost_what_they_cost() {
    // 0.22 + 0.1 x 1.60; Batch 0.20 + 0.1 x 0.80.
    let rows = "2026-10-05T09:00:00Z,gpt-4.1-mini,standard,1000000,0,100000\n";
    assert_eq!(assumed(&report(rows, "--assume-cached 60%")), ["0.38", "0.28", "0.665", "0.28"]);
    // 2 x 10.00 / 1,000 more.
    let log = "timestamp,model,service_tier,input_tokens,output_tokens,web_search_calls\n\
               2026-10-05T09:00:00Z,gpt-4.1-mini,standard,1000000,100000,2\n";
    let run = Run::new().file("log.csv", log).line("report log.csv --assume-cached 60%");
    assert_eq!(assumed(&run.report()), ["0.4", "0.3", "0.685", "0.3"]);
}

#[test]
fn each_modality_is_blended_with_its_own_cached_rate() {
    // Standard: 0.4 x 2.00 + 0.6 x 0.20. Batch: image 1.00, no cached image. Priority images
    // bill as text: 0.385. Flex: the text rate 0.20.
    let image = estimate("--model gpt-4.1-mini --image 1000000 --assume-cached 60%");
    assert_eq!(assumed(&image), ["0.92", "0.2", "0.385", "1"]);
    // With the provider's own table alone Standard images bill as text too.
    let arguments = "--model gpt-4.1-mini --image 1000000 --assume-cached 60% --published-only";
    assert_eq!(estimate(arguments).total("standard", "assumed"), "0.22");
}

#[test]
fn what_was_written_to_the_cache_counts_as_input() {
    let columns = "timestamp,model,input_tokens,cached_input_tokens,cache_write_tokens\n";
    let rows = "2026-10-05T09:00:00Z,gpt-4.1-mini,1000000,200000,300000\n";
    let run = Run::new().file("log.csv", format!("{columns}{rows}"));
    let report = run.line("report log.csv --assume-cached 60%").report();
    let parts = json!([{ "meter": "input", "quantity": 1_000_000, "usd": "0.22" }]);
    assert_eq!(report.scenario("standard", "assumed")["by_meter"], parts);
}

#[test]
fn the_band_stays_that_of_the_whole_input() {
    // 272,001 tokens are over the threshold: 0.5 x 5 + 0.5 x 0.50 = 2.75 for each million.
    let report = estimate("--model gpt-5.4 --input 272001 --assume-cached 50%");
    assert_eq!(report.total("standard", "assumed"), "0.74800275");
}

#[test]
fn an_assumed_scenario_is_labelled_and_has_every_field() {
    let report = report(INPUT, "--assume-cached 60%");
    // As recorded 0.7 x 0.40 + 0.3 x 0.10 = 0.31; assumed 0.22.
    let expected = json!({
        "tier": "standard",
        "caching": "assumed",
        "cached_share": "60%",
        "modelled": true,
        "terms": "pay as you go",
        "total_usd": "0.22",
        "list_usd": "0.22",
        "contracted_usd": "0.22",
        "delta_usd": "-0.09",
        // Flex rests on the article, so this is stated for every tier.
        "published_only_usd": "0.22",
        "covered": { "rows": 1, "requests": 1, "tokens": 1_000_000 },
        "fallback": { "rows": 0, "requests": 0, "tokens": 0, "usd": "0", "reasons": [] },
        "by_meter": [{ "meter": "input", "quantity": 1_000_000, "usd": "0.22" }],
        "by_evidence": [{ "evidence": "provider", "usd": "0.22" }],
    });
    assert_eq!(report.scenario("standard", "assumed"), &expected);
    let scenarios = report.0["scenarios"].as_array().expect("scenarios");
    let modelled: Vec<_> = scenarios.iter().map(|s| s["modelled"] == true).collect();
    assert_eq!(modelled, [[false; 12].as_slice(), &[true; 6]].concat());
    let assignment = json!({
        "caching": "assumed", "provider": "openai", "model": "gpt-4.1-mini", "tier": "batch",
    });
    assert!(report.0["assignments"].as_array().expect("some").contains(&assignment));
    let group = &report.0["groups"][0]["scenarios"];
    let parts = json!({
        "tier": "standard", "caching": "assumed", "total_usd": "0.22", "delta_usd": "-0.09",
        "fallback_rows": 0,
    });
    assert!(group.as_array().expect("some").contains(&parts), "{group}");
    assert_eq!(report.0["arguments"]["assume_cached"], "60%");
    let [note] = report.notes("assumed_cached")[..] else { unreachable!("one note") };
    assert!(note.starts_with("60% cached is modelled, not what the logs say"), "{note}");
}

#[test]
fn an_amount_is_vouched_for_by_the_weaker_of_both_rates() {
    // The article has Standard's image rates; text is the provider's: 0.92 and 0.22.
    let log = "timestamp,model,service_tier,input_tokens,image_input_tokens\n\
               2026-10-05T09:00:00Z,gpt-4.1-mini,standard,2000000,1000000\n";
    let run = Run::new().file("log.csv", log).line("report log.csv --assume-cached 60%");
    let report = run.report();
    let expected = json!([{ "evidence": "provider", "usd": "0.22" }, { "evidence": "article", "usd": "0.92" }]);
    assert_eq!(report.scenario("standard", "assumed")["by_evidence"], expected);
    let evidence = report.notes("evidence").join("\n");
    assert!(evidence.contains("Standard cached_image_input"), "{evidence}");
    let card = "schema = 1\nlayer = \"own\"\nprovider = \"openai\"\nevidence = \"article\"\n\
                table = \"partial\"\nsource = \"a letter\"\nchecked = 2026-10-01\n\n[[models]]\n\
                id = \"gpt-4.1-mini\"\nprices = [{ tier = \"standard\", from = 2025-04-14, usd = \
                { cached_input = \"0.05\" } }]\n";
    let run = Run::new().log(INPUT).file("own.toml", card);
    let report = run.line("report log.csv --assume-cached 60% --rates own.toml").report();
    // 0.4 x 0.40 + 0.6 x 0.05 = 0.19; at list prices 0.22.
    let standard = report.scenario("standard", "assumed");
    assert_eq!(standard["by_evidence"], json!([{ "evidence": "article", "usd": "0.19" }]));
    assert_eq!(standard["list_usd"], "0.22");
}

#[test]
fn a_cached_rate_that_only_the_assumption_borrows_is_noted() {
    let rows = "2026-10-05T09:00:00Z,gpt-4.1-mini,standard,1000000,0,0\n";
    assert_eq!(report(rows, "").notes("borrowed_rate"), [""; 0]);
    let report = report(rows, "--assume-cached 60%");
    let note = report.notes("borrowed_rate").join("\n");
    assert!(note.contains("no cached_input rate is published under Batch, Flex"), "{note}");
}

#[test]
fn without_the_option_nothing_is_assumed() {
    let report = report(INPUT, "");
    let text = report.0.to_string();
    assert!(!text.contains("assumed_cached") && !text.contains("modelled"), "{text}");
    assert_eq!(report.0["arguments"]["assume_cached"], Value::Null);
    let estimate = estimate("--model gpt-4.1-mini --input 1000000");
    assert!(!estimate.0.to_string().contains("assumed"), "{:?}", estimate.0);
}

#[test]
fn shares_that_are_none_are_refused() {
    for share in ["1.2", "120%", "-1", "-0.5", "abc", "2/0", "3/2", "60", "0.66...", ""] {
        for command in ["report log.csv", "estimate --model o3 --input 1"] {
            let run = Run::new().log(INPUT).line(command).args(["--assume-cached", share]);
            run.go().assert_fails(2, &["--assume-cached", "60%, 0.1%, 0.6 or 2/3"]);
        }
    }
    let price = Run::new().log(INPUT).line("price log.csv --assume-cached 60%").go();
    price.assert_fails(2, &["--assume-cached"]);
}

#[test]
fn a_share_without_an_exact_rate_fails_the_run_and_says_where() {
    // (2 x 2.50 + 1.25) / 3 has no end.
    let words = ["1/3", "gpt-4o", "input", "standard", "18 decimals", "such as 33.33%"];
    let rows = "2026-10-05T09:00:00Z,gpt-4o,standard,1000000,0,0\n";
    let run =
        |share: &str| Run::new().log(rows).line("report log.csv --assume-cached").args([share]);
    run("1/3").go().assert_fails(1, &words);
    // 0.6667 x 2.50 + 0.3333 x 1.25 = 1.66675 + 0.416625.
    assert_eq!(run("33.33%").report().total("standard", "assumed"), "2.083375");
    let model = "estimate --model gpt-4o --input 1000000 --assume-cached 1/3";
    Run::new().line(model).go().assert_fails(1, &words);
    // Only rates of meters in use matter: a row of output alone has none to blend.
    let rows = "2026-10-05T09:00:00Z,gpt-4o,standard,0,0,1000000\n";
    assert_eq!(report(rows, "--assume-cached 1/3").total("standard", "assumed"), "10");
}

/// Standard with `part/whole` of its input cached, and Batch without caching.
fn standard_and_batch(part: u64, whole: u64) -> (String, String) {
    let rows = "2026-10-05T09:00:00Z,gpt-4.1-mini,standard,1234567,0,0\n\
                2026-10-06T09:00:00Z,gpt-4.1-mini,batch,89012345,6789,0\n";
    let report = report(rows, &format!("--assume-cached {part}/{whole}"));
    (report.total("standard", "assumed").to_owned(), report.total("batch", "none").to_owned())
}

/// Walks the tree of all fractions between 0 and 1 to the one with which the
/// program gives both tiers the same total.
fn break_even() -> Option<(u64, u64)> {
    let (mut low, mut high) = ((0, 1), (1, 1));
    for _ in 0..12 {
        let middle = (low.0 + high.0, low.1 + high.1);
        let (standard, batch) = standard_and_batch(middle.0, middle.1);
        match decimal(&standard).cmp(&decimal(&batch)) {
            std::cmp::Ordering::Equal => return Some(middle),
            // More caching makes Standard cheaper.
            std::cmp::Ordering::Greater => low = middle,
            std::cmp::Ordering::Less => high = middle,
        }
    }
    None
}

/// The rate of a meter under a tier, as `rates show` has it.
fn rate(sheet: &Value, meter: &str, tier: &str) -> BigRational {
    let tiers = sheet["tiers"].as_array().expect("tiers");
    let at = tiers.iter().position(|name| name == tier).expect("the tier");
    let meters = sheet["bands"][0]["meters"].as_array().expect("meters");
    let line = meters.iter().find(|line| line["meter"] == meter).expect("the meter");
    decimal(line["prices"][at]["usd"].as_str().expect("an amount"))
}

#[test]
fn at_two_thirds_cached_standard_input_costs_what_batch_input_costs() {
    let (part, whole) = break_even().expect("a share with equal totals");
    // The same from the rates: the s of plain - s x (plain - cached) = batch.
    let sheet = Run::new().line("rates show gpt-4.1-mini").report().0;
    let plain = rate(&sheet, "input", "standard");
    let solved = (&plain - rate(&sheet, "input", "batch"))
        / (&plain - rate(&sheet, "cached_input", "standard"));
    assert_eq!(BigRational::new(part.into(), whole.into()), solved);
    // And what `estimate` says of it.
    let estimate = estimate("--model gpt-4.1-mini --input 1000000");
    let expected = format!("{part}/{whole}");
    let shares = json!([
        { "tier": "flex", "cached_share": expected }, { "tier": "batch", "cached_share": expected },
    ]);
    assert_eq!(estimate.0["models"][0]["break_even"], shares);
    // (1,234,567 + 89,012,345) x 0.20 / 1,000,000, both of them.
    assert_eq!((part, whole), (2, 3));
    let (standard, batch) = standard_and_batch(part, whole);
    assert_eq!((standard.as_str(), batch.as_str()), ("18.0493824", "18.0493824"));
}

#[test]
fn a_break_even_is_stated_only_where_there_is_one() {
    let shown = |arguments: &str| -> Done { Run::new().args(["estimate"]).line(arguments).go() };
    let done = shown("--model gpt-4.1-mini --input 1000000");
    let text = done.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = "break-even: Standard text input with 66.67% (2/3) of it cached costs what Flex and \
                Batch text input costs without caching";
    assert!(text.contains(line), "{done}");
    // Output alone; and a model without a cached rate.
    for arguments in ["--model gpt-4.1-mini --output 5", "--model gpt-4o-2024-05-13 --input 5"] {
        let done = shown(arguments);
        assert!(done.code == Some(0) && !done.stdout.contains("break-even"), "{done}");
    }
}

#[test]
fn every_width_shows_the_assumed_column() {
    for columns in ["60", "75", "90", "100", "140"] {
        let run = Run::in_crate().env("COLUMNS", columns);
        let done = run.line("report sample_data/october-2026 --assume-cached 60%").go();
        let width: usize = columns.parse().expect("a number");
        let (head, _) = done.stdout.split_once("By model").expect("groups");
        assert!(head.contains("60% cached*"), "{done}");
        assert!(head.lines().all(|line| line.chars().count() <= width), "{done}");
    }
}

#[test]
fn rows_that_are_left_out_do_not_fail_a_report() {
    // So small a share is exact for o1, and not for gpt-4o-mini.
    let log = "timestamp,user,model,input_tokens,output_tokens\n\
               2026-10-01T00:00:00Z,ann,o1,1000,10\n\
               2026-10-01T00:00:00Z,bob,gpt-4o-mini,1000,10\n\
               2026-10-01T00:00:00Z,ann,o1,1000,10\n";
    let run = |options: &str| {
        let run = Run::new().file("log.csv", log);
        run.line("report log.csv --by model --assume-cached 0.0000000001").line(options)
    };
    run("").go().assert_fails(1, &["gives gpt-4o-mini no exact input rate"]);
    for filter in ["--where user=ann", "--where model=o1"] {
        // 2 x (1000 x 15e-6 + 10 x 60e-6).
        assert_eq!(run(filter).report().groups(&["model"]), ["o1: 0.0312"], "{filter}");
    }
}
