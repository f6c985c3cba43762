//! The figures of the article on GPT-4.1 mini pricing, one test a figure: what a
//! log of that usage costs in a report, what an estimate of it costs, and what
//! the rate book lists.
//!
//! The day is one of April 2026, when the article was written. A quantity is one
//! million tokens or one thousand calls, so that the amount is the figure itself.

use serde_json::{Value, json};

use crate::run::{Report, Run};

const MINI: &str = "gpt-4.1-mini";
const FINE_TUNED: &str = "ft:gpt-4.1-mini-2025-04-14:acme::abc123";
const DAY: &str = "2026-04-15";
const TIERS: [&str; 4] = ["standard", "flex", "priority", "batch"];

/// A log of one row: the model, the tier, and counts such as
/// `input_tokens=1000000 output_tokens=5`.
fn log(model: &str, tier: &str, counts: &str) -> Run {
    let counts = counts.split(' ').map(|count| count.split_once('=').expect("FIELD=COUNT"));
    let (names, values): (Vec<&str>, Vec<&str>) = counts.unzip();
    let (names, values) = (names.join(","), values.join(","));
    let text =
        format!("timestamp,model,service_tier,{names}\n{DAY}T09:00:00Z,{model},{tier},{values}\n");
    Run::new().file("log.csv", text).line("report log.csv")
}

fn report(model: &str, tier: &str, counts: &str) -> Report {
    log(model, tier, counts).report()
}

fn estimate(model: &str, arguments: &str) -> Report {
    Run::new().line(&format!("estimate --model {model} --at {DAY} {arguments}")).report()
}

/// What a tier costs in an estimate, with the caching that is given.
fn estimated(model: &str, tier: &str, arguments: &str) -> String {
    estimate(model, arguments).total(tier, "recorded").to_owned()
}

fn list(model: &str) -> Value {
    Run::new().line(&format!("rates list --provider openai --model {model} --at {DAY}")).report().0
}

/// The listed price of a tier and a meter, and what vouches for it.
fn listed(model: &str, tier: &str, meter: &str) -> (String, String) {
    let list = list(model);
    let rows = list["rows"].as_array().expect("rows").iter();
    let prices = rows.filter(|row| row["tier"] == tier).filter_map(|row| row["prices"].as_array());
    let price = prices.flatten().find(|price| price["meter"] == meter).expect("the price");
    let text = |name: &str| price[name].as_str().expect("text").to_owned();
    (text("usd"), text("evidence"))
}

/// Every listed fee of a tool.
fn listed_fees(tool: &str) -> Vec<String> {
    let list = list(MINI);
    let tools = list["tools"].as_array().expect("tools").iter().map(|tool| &tool["price"]);
    let fees = tools.filter(|price| price["meter"] == tool);
    fees.map(|price| format!("{} per {}", price["usd"], price["per"]).replace('"', "")).collect()
}

/// A figure, wherever the program shows it: `counts` in a log and `arguments` of
/// an estimate are the same usage.
fn assert_figure(
    (model, tier, meter): (&str, &str, &str),
    counts: &str,
    arguments: &str,
    (usd, evidence): (&str, &str),
) {
    let logged = report(model, tier, counts);
    assert_eq!(logged.recorded(), usd, "in a report");
    let vouched = &logged.scenario("recorded", "recorded")["by_evidence"];
    assert_eq!(*vouched, json!([{"evidence": evidence, "usd": usd}]));
    assert_eq!(estimated(model, tier, arguments), usd, "in an estimate");
    let base = model.split(":acme").next().expect("the model");
    assert_eq!(listed(base, tier, meter), (usd.to_owned(), evidence.to_owned()), "in the list");
}

#[test]
fn standard_input() {
    // 1 x 0.40.
    let of = (MINI, "standard", "input");
    assert_figure(of, "input_tokens=1000000", "--input 1000000", ("0.4", "provider"));
}

#[test]
fn standard_cached_input() {
    // 1 x 0.10: a quarter of 0.40.
    let of = (MINI, "standard", "cached_input");
    let counts = "input_tokens=1000000 cached_input_tokens=1000000";
    assert_figure(of, counts, "--input 1000000 --cached 1000000", ("0.1", "provider"));
}

#[test]
fn standard_output() {
    // 1 x 1.60.
    let of = (MINI, "standard", "output");
    assert_figure(of, "output_tokens=1000000", "--output 1000000", ("1.6", "provider"));
}

#[test]
fn flex_input() {
    // 1 x 0.20, which the provider's own table does not have.
    let of = (MINI, "flex", "input");
    assert_figure(of, "input_tokens=1000000", "--input 1000000", ("0.2", "article"));
}

#[test]
fn flex_output() {
    // 1 x 0.80, which the provider's own table does not have.
    let of = (MINI, "flex", "output");
    assert_figure(of, "output_tokens=1000000", "--output 1000000", ("0.8", "article"));
}

#[test]
fn priority_input() {
    // 1 x 0.70.
    let of = (MINI, "priority", "input");
    assert_figure(of, "input_tokens=1000000", "--input 1000000", ("0.7", "provider"));
}

#[test]
fn priority_output() {
    // 1 x 2.80.
    let of = (MINI, "priority", "output");
    assert_figure(of, "output_tokens=1000000", "--output 1000000", ("2.8", "provider"));
}

#[test]
fn batch_input() {
    // 1 x 0.20.
    let of = (MINI, "batch", "input");
    assert_figure(of, "input_tokens=1000000", "--input 1000000", ("0.2", "provider"));
}

#[test]
fn batch_output() {
    // 1 x 0.80.
    let of = (MINI, "batch", "output");
    assert_figure(of, "output_tokens=1000000", "--output 1000000", ("0.8", "provider"));
}

#[test]
fn fine_tuning_training() {
    // 1 x 5.00, whether a log names the base or what came of it.
    let of = (FINE_TUNED, "standard", "training");
    assert_figure(of, "training_tokens=1000000", "--training 1000000", ("5", "provider"));
    assert_eq!(report(MINI, "standard", "training_tokens=1000000").recorded(), "5");
}

#[test]
fn fine_tuning_input() {
    // 1 x 0.80: twice the base's.
    let of = (FINE_TUNED, "standard", "input");
    assert_figure(of, "input_tokens=1000000", "--input 1000000", ("0.8", "provider"));
}

#[test]
fn fine_tuning_output() {
    // 1 x 3.20: twice the base's.
    let of = (FINE_TUNED, "standard", "output");
    assert_figure(of, "output_tokens=1000000", "--output 1000000", ("3.2", "provider"));
}

#[test]
fn standard_image_input() {
    // 1 x 2.00; the provider bills image tokens as text, 1 x 0.40.
    let of = (MINI, "standard", "image_input");
    let counts = "input_tokens=1000000 image_input_tokens=1000000";
    assert_figure(of, counts, "--image 1000000", ("2", "article"));
    assert_eq!(estimated(MINI, "standard", "--image 1000000 --published-only"), "0.4");
}

#[test]
fn standard_cached_image_input() {
    // 1 x 0.20; the provider bills them as cached text, 1 x 0.10.
    let of = (MINI, "standard", "cached_image_input");
    let counts = "input_tokens=1000000 cached_input_tokens=1000000 image_input_tokens=1000000 \
                  cached_image_input_tokens=1000000";
    let arguments = "--image 1000000 --cached-image 1000000";
    assert_figure(of, counts, arguments, ("0.2", "article"));
    let published = format!("{arguments} --published-only");
    assert_eq!(estimated(MINI, "standard", &published), "0.1");
}

#[test]
fn any_web_search_call_low() {
    // 1,000 calls at 10.00 a thousand, in every tier.
    for tier in TIERS {
        let logged = report(MINI, tier, "web_search_calls=1000");
        assert_eq!((logged.recorded(), logged.total(tier, "recorded")), ("10", "10"), "{tier}");
        let arguments = "--web-search 1000 --no-search-content";
        assert_eq!(estimated(MINI, tier, arguments), "10", "{tier}");
    }
    assert!(listed_fees("web_search_call").iter().all(|fee| fee == "10 per 1,000 calls"));
}

#[test]
fn any_web_search_call_high() {
    // 1,000 calls at 25.00 a thousand, in every tier: 15.00 more than the lower figure.
    for tier in TIERS {
        let log = format!("when,name,tier,searches\n{DAY},gpt-4.1-mini,{tier},1000\n");
        let map = "timestamp=when,model=name,service_tier=tier,web_search_preview=searches";
        let run = Run::new().file("log.csv", log).args(["report", "log.csv", "--map", map]);
        assert_eq!(run.report().recorded(), "25", "{tier}");
    }
    assert_eq!(listed_fees("web_search_preview_call"), ["25 per 1,000 calls"]);
    let unnamed = report(MINI, "standard", "web_search_calls=1000");
    assert!(unnamed.notes("web_search_kind")[0].contains("15.00 USD more"));
    let notes = estimate(MINI, "--web-search 1000").0["models"][0]["notes"].to_string();
    assert!(notes.contains("the fee is 25.00 USD"), "{notes}");
}

#[test]
fn any_code_interpreter_container_1gb() {
    // 1 x 0.03, in every tier.
    for tier in TIERS {
        let logged = report(MINI, tier, "code_interpreter_sessions=1");
        assert_eq!((logged.recorded(), logged.total(tier, "recorded")), ("0.03", "0.03"));
        assert_eq!(estimated(MINI, tier, "--code-interpreter 1"), "0.03", "{tier}");
    }
    assert!(listed_fees("code_interpreter_session").iter().all(|fee| fee == "0.03 per session"));
}

#[test]
fn a_full_context_window_costs_42_cents() {
    // 1.05 x 0.40; the window is 1,047,576 tokens, so that the request is a finding.
    let logged = report(MINI, "standard", "input_tokens=1050000");
    assert_eq!(logged.recorded(), "0.42");
    assert_eq!(logged.notes("context_window").len(), 1);
    assert_eq!(estimated(MINI, "standard", "--input 1050000"), "0.42");
    // To the last token of the window: 1.047576 x 0.40.
    assert_eq!(estimated(MINI, "standard", "--input 1047576"), "0.4190304");
}

#[test]
fn thirty_thousand_tokens_of_output_cost_less_than_a_nickel() {
    // 0.03 x 1.60.
    let logged = report(MINI, "standard", "output_tokens=30000");
    assert_eq!((logged.recorded(), logged.notes("output_cap").len()), ("0.048", 0));
    assert_eq!(estimated(MINI, "standard", "--output 30000"), "0.048");
}

#[test]
fn thirty_three_thousand_tokens_of_output_pass_the_cap() {
    // 0.033 x 1.60; the cap is 32,768, which is 33 thousand when rounded.
    let logged = report(MINI, "standard", "output_tokens=33000");
    assert_eq!((logged.recorded(), logged.notes("output_cap").len()), ("0.0528", 1));
    let model = &estimate(MINI, "--output 33000").0["models"][0];
    assert_eq!(
        (&model["max_output"], &model["context_window"]),
        (&json!(32_768), &json!(1_047_576))
    );
    assert!(model["notes"].to_string().contains("more than the output cap"), "{model}");
}

#[test]
fn a_long_prompt_has_the_rate_of_a_short_one() {
    // 10 x 0.40: no band begins anywhere in the window.
    let long = "--input 1000000 --requests 10";
    let short = "--input 1000 --requests 10000";
    let of = |arguments| estimated(MINI, "standard", arguments);
    assert_eq!((of(long), of(short)), ("4".to_owned(), "4".to_owned()));
}

#[test]
fn a_cached_token_is_75_percent_cheaper() {
    // 0.10 of 0.40.
    let logged = report(MINI, "standard", "input_tokens=1000000 cached_input_tokens=1000000");
    assert_eq!((logged.recorded(), logged.total("recorded", "none")), ("0.1", "0.4"));
    assert_eq!(logged.scenario("recorded", "none")["delta_usd"], "0.3");
}

#[test]
fn a_batch_is_50_percent_cheaper() {
    // 0.40 + 1.60, and 0.20 + 0.80.
    let counts = "input_tokens=1000000 output_tokens=1000000";
    let logged = report(MINI, "standard", counts);
    assert_eq!((logged.recorded(), logged.total("batch", "recorded")), ("2", "1"));
    let shown = log(MINI, "standard", counts).go().stdout;
    let batch = shown.lines().find(|line| line.trim_start().starts_with("Batch ")).expect("Batch");
    assert!(batch.contains("-50.0 %"), "{shown}");
}

#[test]
fn gpt_4o_mini_costs_15_and_60_cents() {
    // 1 x 0.15 and 1 x 0.60.
    let of = |meter| ("gpt-4o-mini", "standard", meter);
    assert_figure(of("input"), "input_tokens=1000000", "--input 1000000", ("0.15", "provider"));
    assert_figure(of("output"), "output_tokens=1000000", "--output 1000000", ("0.6", "provider"));
}

#[test]
fn the_flagship_costs_five_times_as_much() {
    // 2 and 0.40, 0.50 and 0.10, 8 and 1.60, 3.50 and 0.70: each five times the other.
    for (tier, arguments, mini, flagship) in [
        ("standard", "--input 1000000", "0.4", "2"),
        ("standard", "--input 1000000 --cached 1000000", "0.1", "0.5"),
        ("standard", "--output 1000000", "1.6", "8"),
        ("priority", "--input 1000000", "0.7", "3.5"),
    ] {
        assert_eq!(estimated(MINI, tier, arguments), mini, "{tier} {arguments}");
        assert_eq!(estimated("gpt-4.1", tier, arguments), flagship, "{tier} {arguments}");
    }
    let models = "--model gpt-4.1-mini --model gpt-4.1 --input 1000000 --output 1000000";
    let shown = Run::new().line(&format!("estimate {models} --at {DAY}")).go().stdout;
    assert!(shown.split_whitespace().any(|word| word == "5x"), "{shown}");
}

#[test]
fn a_fine_tuned_model_costs_twice_its_base() {
    // 0.80 + 3.20 of 0.40 + 1.60, and its training once: 5.00.
    let counts = "input_tokens=1000000 output_tokens=1000000";
    assert_eq!(report(FINE_TUNED, "standard", counts).recorded(), "4");
    assert_eq!(report(MINI, "standard", counts).recorded(), "2");
    let with_training = format!("{counts} training_tokens=1000000");
    assert_eq!(report(FINE_TUNED, "standard", &with_training).recorded(), "9");
}
