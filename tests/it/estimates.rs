//! `tierwise estimate`: the cases that the project promises, to the last digit.
//!
//! Each expected amount is worked out by hand in a comment, from published
//! rates in USD per million tokens.

use serde_json::Value;

use crate::run::{Done, Report, Run};

fn estimate(arguments: &str) -> Report {
    Run::new().args(["estimate"]).line(arguments).report()
}

fn failed(arguments: &str) -> Done {
    Run::new().args(["estimate"]).line(arguments).go()
}

/// Totals with recorded caching, in the order Standard, Flex, Priority, Batch.
fn totals(report: &Report) -> [&str; 4] {
    ["standard", "flex", "priority", "batch"].map(|tier| report.total(tier, "recorded"))
}

/// The notes of the only model, as one text.
fn notes(report: &Report) -> String {
    let notes = report.0["models"][0]["notes"].as_array().expect("notes").iter();
    notes.map(|note| note.as_str().expect("a note")).collect::<Vec<_>>().join("\n")
}

/// The lines of Standard, as `meter quantity usd`.
fn lines(report: &Report) -> Vec<String> {
    let lines = report.scenario("standard", "recorded")["by_meter"].as_array().expect("lines");
    let text = |line: &Value| {
        let (meter, usd) = (line["meter"].as_str(), line["usd"].as_str());
        format!("{} {} {}", meter.expect("a meter"), line["quantity"], usd.expect("an amount"))
    };
    lines.iter().map(text).collect()
}

#[test]
fn a_long_request_on_gpt_4_1_mini_costs_what_the_article_says() {
    // Standard: 1.05 x 0.40 = 0.42, 0.03 x 1.60 = 0.048. Flex and Batch are half of each.
    // Priority: 1.05 x 0.70 = 0.735, 0.03 x 2.80 = 0.084.
    let report = estimate("--model gpt-4.1-mini --input 1050000 --output 30000");
    assert_eq!(totals(&report), ["0.468", "0.234", "0.819", "0.234"]);
    assert_eq!(lines(&report), ["input 1050000 0.42", "output 30000 0.048"]);
}

#[test]
fn cached_tokens_cost_the_cached_rate_where_there_is_one_and_the_full_rate_where_not() {
    // Standard: 0.25 x 0.40 + 0.8 x 0.10 + 0.048 = 0.1 + 0.08 + 0.048.
    // Priority: 0.25 x 0.70 + 0.8 x 0.175 + 0.084 = 0.175 + 0.14 + 0.084.
    // Flex and Batch publish no cached rate: as without caching.
    let report = estimate("--model gpt-4.1-mini --input 1050000 --cached 800000 --output 30000");
    assert_eq!(totals(&report), ["0.228", "0.234", "0.399", "0.234"]);
    for (tier, without) in
        [("standard", "0.468"), ("flex", "0.234"), ("priority", "0.819"), ("batch", "0.234")]
    {
        assert_eq!(report.total(tier, "none"), without, "{tier}");
    }
    let notes = notes(&report);
    for tier in ["flex", "batch"] {
        let expected =
            format!("{tier}: no cached_input rate is published, the {tier} input rate is taken");
        assert!(notes.contains(&expected), "{notes}");
    }
}

#[test]
fn a_fine_tuned_model_is_priced_by_its_base_and_offered_on_two_tiers() {
    // Standard: 0.80 + 3.20. Batch: 0.40 + 1.60.
    let model = "ft:gpt-4.1-mini-2025-04-14:acme::abc123";
    let report = estimate(&format!("--model {model} --input 1000000 --output 1000000"));
    assert_eq!(totals(&report), ["4", "not_offered", "not_offered", "2"]);
    assert_eq!(report.0["models"][0]["priced_as"], "ft:gpt-4.1-mini-2025-04-14");
    assert_eq!(report.0["models"][0]["rule"], "fine_tuned");
}

#[test]
fn training_costs_five_dollars_a_million_tokens_for_the_base_and_its_fine_tuned_twin() {
    for model in ["ft:gpt-4.1-mini-2025-04-14:acme::abc123", "gpt-4.1-mini"] {
        let report = estimate(&format!("--model {model} --training 1000000"));
        assert_eq!(report.total("standard", "recorded"), "5", "{model}");
    }
}

#[test]
fn image_tokens_follow_the_article_or_with_published_rates_only_the_text_rates() {
    for (arguments, expected, note) in [
        ("--image 1000000", "2", "not from the provider's own table but `article`"),
        ("--cached-image 1000000", "0.2", "not from the provider's own table but `article`"),
        ("--image 1000000 --published-only", "0.4", "the standard input rate is taken"),
        ("--cached-image 1000000 --published-only", "0.1", "the standard cached_input rate"),
    ] {
        let report = estimate(&format!("--model gpt-4.1-mini {arguments}"));
        assert_eq!(report.total("standard", "recorded"), expected, "{arguments}");
        let notes = notes(&report);
        let noted = notes.lines().any(|line| line.starts_with("standard: ") && line.contains(note));
        assert!(noted, "{arguments}: {notes}");
    }
}

#[test]
fn a_web_search_call_costs_its_fee_and_the_input_that_the_provider_bills_with_it() {
    // 1,000 calls x 10.00 / 1,000; 1,000 x 8,000 tokens x 0.40e-6 = 3.20; preview calls 25.00.
    let report = estimate("--model gpt-4.1-mini --web-search 1000");
    assert_eq!(report.total("standard", "recorded"), "13.2");
    assert_eq!(lines(&report), ["web_search_call 1000 10", "web_search_content 8000000 3.2"]);
    assert!(notes(&report).contains("upper figure: as calls of the preview tool the fee is 25"));

    let report = estimate("--model gpt-4.1-mini --web-search 1000 --no-search-content");
    assert_eq!(report.total("standard", "recorded"), "10");
    assert_eq!(lines(&report), ["web_search_call 1000 10"]);
    assert!(notes(&report).contains("25.00"), "{}", notes(&report));
}

#[test]
fn the_upper_figure_of_one_search_call_is_exact() {
    // 25.00 / 1,000.
    let report = estimate("--model gpt-4.1-mini --web-search 1");
    assert!(notes(&report).contains("the fee is 0.025 USD"), "{}", notes(&report));
}

#[test]
fn search_content_at_a_rate_that_is_not_the_providers_is_footnoted() {
    let report = estimate("--model gpt-4.1-mini --web-search 1000");
    assert!(notes(&report).contains("flex: not from the provider's own table"));
}

#[test]
fn a_code_interpreter_session_costs_three_cents_before_and_after_billing_by_the_minute() {
    // Until 2026-06-02 0.03 a session; since then 20 minutes x 0.0015, at least 5 x 0.0015.
    let report = estimate("--model gpt-4.1-mini --code-interpreter 1 --at 2026-04-15");
    assert_eq!(report.total("standard", "recorded"), "0.03");
    assert_eq!(notes(&report), "");
    let report = estimate("--model gpt-4.1-mini --code-interpreter 1 --at 2026-10-15");
    assert_eq!(report.total("standard", "recorded"), "0.03");
    assert!(notes(&report).contains("0.0075 USD (5 minutes)"), "{}", notes(&report));
}

#[test]
fn the_quantity_and_rate_of_a_session_give_its_cost() {
    let report = estimate("--model gpt-4.1-mini --code-interpreter 1 --at 2026-10-15");
    let line = &report.scenario("standard", "recorded")["by_meter"][0];
    let shown = [&line["quantity"].to_string(), line["rate"].as_str().expect("a rate")];
    assert!(shown == ["20", "0.0015"] || shown == ["1", "0.03"], "{line}");
}

#[test]
fn three_models_stand_side_by_side() {
    // 0.15 + 0.60, 0.40 + 1.60, 2 + 8.
    let models = "--model gpt-4o-mini --model gpt-4.1-mini --model gpt-4.1";
    let report = estimate(&format!("{models} --input 1000000 --output 1000000"));
    let scenarios = report.0["scenarios"].as_array().expect("scenarios").iter();
    let standard = scenarios.filter(|s| s["tier"] == "standard" && s["caching"] == "recorded");
    let totals: Vec<_> = standard.map(|s| s["total_usd"].as_str()).collect();
    assert_eq!(totals, [Some("0.75"), Some("2"), Some("10")]);
}

#[test]
fn the_ratio_of_two_models_is_shown() {
    let done = failed("--model gpt-4.1-mini --model gpt-4.1 --input 1000000 --output 1000000");
    assert_eq!(done.code, Some(0), "{done}");
    let row = done.stdout.lines().rfind(|line| line.trim_start().starts_with("gpt-4.1 "));
    let row: Vec<_> = row.unwrap_or_default().split_whitespace().collect();
    assert_eq!(row, ["gpt-4.1", "10.00", "5x", "1x"], "{done}");
}

#[test]
fn of_three_models_the_ratio_between_neighbours_is_shown_too() {
    let models = "--model gpt-4o-mini --model gpt-4.1-mini --model gpt-4.1";
    let done = failed(&format!("{models} --input 1000000 --output 1000000"));
    assert!(done.stdout.split_whitespace().any(|word| word == "5x"), "{done}");
}

#[test]
fn a_price_change_holds_from_its_very_second() {
    // Until 2025-06-10 10 + 40, then 2 + 8; Flex and Batch half of each.
    for (at, expected) in [
        ("2025-06-09T23:59:59Z", ["50", "25", "not_offered", "25"]),
        ("2025-06-10T00:00:00Z", ["10", "5", "not_offered", "5"]),
    ] {
        let report = estimate(&format!("--model o3 --input 1000000 --output 1000000 --at {at}"));
        assert_eq!(totals(&report), expected, "{at}");
    }
}

#[test]
fn one_token_over_the_threshold_reprices_the_whole_request() {
    // 0.272 x 2.50 + 0.001 x 15 = 0.68 + 0.015; 0.272001 x 5 + 0.001 x 22.50 = 1.360005 + 0.0225.
    for (input, expected) in [(272_000, "0.695"), (272_001, "1.382505")] {
        let report = estimate(&format!("--model gpt-5.4 --input {input} --output 1000"));
        assert_eq!(report.total("standard", "recorded"), expected, "{input}");
        let noted = notes(&report).contains("`long` rates hold for requests over");
        assert_eq!(noted, input > 272_000);
    }
    // Cached tokens count towards the threshold: 1 x 5 + 272,000 x 0.50 + 1,000 x 22.50, per million.
    let report = estimate("--model gpt-5.4 --input 272001 --cached 272000 --output 1000");
    assert_eq!(report.total("standard", "recorded"), "0.158505");
}

#[test]
fn limits_of_the_model_are_shown_and_noted_when_a_request_passes_them() {
    let report = estimate("--model gpt-4.1-mini --input 1050000 --output 33000");
    let model = &report.0["models"][0];
    assert_eq!(
        (&model["context_window"], &model["max_output"]),
        (&1_047_576.into(), &32_768.into())
    );
    let text = notes(&report).replace(',', "");
    assert!(text.contains("1050000 input tokens a request are more than the context window"));
    assert!(text.contains("33000 output tokens a request are more than the output cap"));
    let within = estimate("--model gpt-4.1-mini --input 1047576 --output 32768");
    assert!(!notes(&within).contains("more than"), "{}", notes(&within));
}

#[test]
fn quantities_are_those_of_one_request_and_times_the_number_of_requests() {
    // 3 x (272,000 x 2.50e-6): none of them is over the threshold, though all together are.
    let report = estimate("--model gpt-5.4 --input 272000 --requests 3");
    assert_eq!(report.total("standard", "recorded"), "2.04");
}

#[test]
fn the_date_is_that_of_the_rate_book_and_not_of_the_clock() {
    let report = estimate("--model gpt-4.1-mini --input 1");
    assert_eq!(report.0["at"], "2026-11-08T00:00:00Z");
}

#[test]
fn before_its_first_and_after_its_last_price_a_model_has_none() {
    let before = estimate("--model gpt-4.1-nano --input 1 --at 2025-04-13");
    assert_eq!(before.total("standard", "recorded"), "before_first_rate");
    let after = estimate("--model gpt-4.1-nano --input 1 --at 2026-10-23");
    assert_eq!(after.total("standard", "recorded"), "no_rate_at_time");
}

#[test]
fn an_unknown_model_fails_and_names_those_that_are_known() {
    failed("--model gpt-4.1-min --input 1")
        .assert_fails(1, &["`gpt-4.1-min`", "gpt-4.1-mini", "gpt-4o-mini", "o3"]);
}

#[test]
fn what_does_not_go_together_is_a_usage_error() {
    for (arguments, word) in [
        ("--input 5", "--model"),
        ("--model gpt-4.1-mini", "nothing to estimate"),
        ("--model gpt-4.1-mini --input 0", "nothing to estimate"),
        ("--model gpt-4.1-mini --input 5 --cached 6", "--input"),
        ("--model gpt-4.1-mini --image 5 --cached-image 6", "--image"),
        ("--model gpt-4.1-mini --input 5 --at tomorrow", "2026-10-15T12:00:00Z"),
        ("--model gpt-4.1-mini --input 1,000", "1,000"),
        ("--model gpt-4.1-mini --input 5 --alias x=gpt-9", "gpt-9"),
    ] {
        failed(arguments).assert_fails(2, &[word]);
    }
}

#[test]
fn an_amount_that_does_not_fit_is_an_error() {
    let most = u64::MAX;
    let arguments = format!("--model gpt-4.1-mini --input {most} --requests {most}");
    failed(&arguments).assert_fails(1, &[]);
}

#[test]
fn a_model_that_is_named_twice_is_shown_once_in_each_table() {
    let done = failed("--model o3 --model o3 --input 1000000");
    let standard = done.stdout.lines().filter(|line| line.trim_start().starts_with("Standard  "));
    assert!(standard.count() <= 2, "{done}");
}

#[test]
fn an_estimate_keeps_to_the_width() {
    let arguments = "estimate --model gpt-4.1-mini --input 1050000 --cached 800000";
    let done = Run::new().env("COLUMNS", "80").line(arguments).go();
    let longest = done.stdout.lines().map(|line| line.chars().count()).max();
    assert!(longest <= Some(80), "{done}");
}
