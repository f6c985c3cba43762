//! `tierwise explain`: the arithmetic of one row, as done by hand.
#![cfg(test)]

use serde_json::Value;

use crate::run::{HEADER, Run};

/// The records of the log that is explained here.
const LOG: &str = "timestamp,end_time,model,service_tier,requests,input_tokens,cached_input_tokens,output_tokens\n\
    2026-10-05T09:00:00Z,,gpt-4.1-mini,standard,1,1000,400,100\n\
    2026-10-05T09:00:00Z,,acme-7b,flex,1,1000,400,100\n\
    2026-10-05T09:00:00Z,,gpt-4.1-mini,standard,1,100,400,100\n\
    2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,gpt-5.4,,10,3000000,0,0\n\
    2026-10-05T09:00:00Z,,gpt-4.1-mini,standard,1,0,0,0\n";

fn shown(line: u64) -> String {
    let row = format!("log.csv:{line}");
    let done = Run::new().file("log.csv", LOG).args(["explain", "--row", &row]).go();
    assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""), "{done}");
    done.stdout
}

fn json(line: u64) -> Value {
    let row = format!("log.csv:{line}");
    let run = Run::new().file("log.csv", LOG).args(["explain", "log.csv", "--row", &row]);
    let done = run.args(["--format", "json"]).go();
    assert_eq!(done.code, Some(0), "{done}");
    done.json().0[0].clone()
}

fn scenario<'v>(explanation: &'v Value, tier: &str, caching: &str) -> &'v Value {
    let all = explanation["scenarios"].as_array().expect("scenarios");
    let mut all = all.iter();
    all.find(|s| s["tier"] == tier && s["caching"] == caching).expect("every fixed scenario")
}

/// The lines of a scenario: `METER QUANTITY x RATE = COST`.
fn steps(explanation: &Value, tier: &str, caching: &str) -> Vec<String> {
    let lines = scenario(explanation, tier, caching)["lines"].as_array().expect("lines");
    let text = |line: &Value, name: &str| line[name].as_str().expect("text").to_owned();
    let step = |line: &Value| {
        let [meter, rate, usd] = ["meter", "rate_usd", "usd"].map(|name| text(line, name));
        format!("{meter} {} x {rate} = {usd}", line["quantity"])
    };
    lines.iter().map(step).collect()
}

#[test]
fn a_priced_row_is_quantity_times_rate_for_each_meter() {
    let explanation = json(2);
    assert_eq!(explanation["class"], "priced");
    assert_eq!(
        steps(&explanation, "standard", "recorded"),
        [
            "input 600 x 0.4 = 0.00024",
            "cached_input 400 x 0.1 = 0.00004",
            "output 100 x 1.6 = 0.00016"
        ]
    );
    assert_eq!(scenario(&explanation, "standard", "recorded")["total_usd"], "0.00044");
    assert_eq!(
        steps(&explanation, "standard", "none"),
        ["input 1000 x 0.4 = 0.0004", "output 100 x 1.6 = 0.00016"]
    );
    assert_eq!(scenario(&explanation, "standard", "none")["total_usd"], "0.00056");
    // Batch publishes no cached rate: a cached token costs its input rate.
    let batch = &scenario(&explanation, "batch", "recorded")["lines"][1];
    assert_eq!((&batch["borrowed_from"], &batch["usd"]), (&"input".into(), &"0.00008".into()));
    let flex = &scenario(&explanation, "flex", "recorded")["lines"][0];
    assert_eq!(
        (&flex["evidence"], &flex["from"]),
        (&"article".into(), &"2025-04-14T00:00:00Z".into())
    );
}

#[test]
fn a_priced_row_is_explained_in_words() {
    let text = shown(2);
    for line in [
        "log.csv:2: priced (tierwise-csv)",
        "  cached input tokens    400                   cached_input_tokens",
        "  input 600 = 1000 input tokens - 400 cached_input",
        "  model: gpt-4.1-mini, priced as gpt-4.1-mini of openai (exact)",
        "  tier: standard (served)",
        "  context: base band, by 1,000 input tokens in 1 request(s)",
        "Standard, recorded caching: 0.00044 USD",
        "  cached_input       400  0.10 per 1M tokens  0.00004     [1]",
        "Standard, no caching: 0.00056 USD",
    ] {
        assert!(text.lines().any(|found| found == line), "`{line}` is not in\n{text}");
    }
}

#[test]
fn an_unpriced_row_says_why() {
    let explanation = json(3);
    assert_eq!(explanation["class"], "unpriced");
    assert_eq!(explanation["unpriced"]["reason"], "unknown_model");
    assert_eq!(explanation["scenarios"], Value::Array(Vec::new()));
    assert!(
        shown(3).ends_with("  model: acme-7b\n  tier: flex (served)\n  no price: unknown model\n")
    );
}

#[test]
fn a_rejected_and_an_empty_record_say_why() {
    let explanation = json(4);
    assert_eq!(explanation["class"], "rejected");
    assert_eq!(explanation["rejected"]["field"], "input_tokens");
    assert_eq!(explanation["rejected"]["reason"], "part_over_whole");
    let text = shown(4);
    let head = "log.csv:4: rejected (tierwise-csv)\n  input_tokens: part over whole: \
                cached tokens exceed input tokens\n";
    assert!(text.starts_with(head), "{text}");
    assert_eq!(json(6)["class"], "empty");
}

#[test]
fn an_aggregate_shows_what_it_leaves_open() {
    let explanation = json(5);
    assert_eq!(explanation["rate"]["band"], "long");
    let standard = scenario(&explanation, "standard", "recorded");
    assert_eq!(steps(&explanation, "standard", "recorded"), ["input 3000000 x 5 = 15"]);
    assert_eq!((&standard["low_usd"], &standard["high_usd"]), (&"7.5".into(), &"15".into()));
    let priority = scenario(&explanation, "priority", "recorded");
    assert_eq!(priority["total_usd"], Value::Null);
    assert_eq!(priority["no_price"]["reason"], "not_published");
    assert!(shown(5).contains("  the row leaves open which price it has: 7.5 to 15 USD\n"));
}

#[test]
fn a_row_that_is_not_there_is_named() {
    for (row, words) in [
        ("log.csv:99", "--row log.csv:99: no record begins on that line"),
        ("log.csv:1", "no record begins on that line"),
        ("log.csv", "expected FILE:LINE"),
        ("log.csv:0", "expected FILE:LINE"),
    ] {
        let run = Run::new().log("").args(["explain", "log.csv", "--row", row]);
        run.go().assert_fails(2, &[words]);
    }
    let run = Run::new().file("a.csv", HEADER).args(["explain", "a.csv", "--row", "b.csv:2"]);
    run.go().assert_fails(2, &["`b.csv` is not among the logs"]);
}

#[test]
fn every_priced_row_of_a_sample_is_explained_as_it_is_priced() {
    let log = "sample_data/october-2026/gateway.csv";
    let priced = Run::in_crate().args(["price", log]).go();
    for row in crate::price::rows(&priced.stdout).iter().take(12) {
        let place = format!("{log}:{}", row["line"]);
        let run = Run::in_crate().args(["explain", "--row", &place, "--format", "json"]);
        let explanation = run.go().json().0[0].clone();
        assert_eq!(explanation["class"], row["class"].as_str(), "{place}");
        for tier in ["recorded", "standard", "flex", "priority", "batch"] {
            if row["class"] == "unpriced" {
                continue;
            }
            for (caching, column) in [("recorded", "usd"), ("none", "no_caching_usd")] {
                let usd = scenario(&explanation, tier, caching)["total_usd"].as_str();
                assert_eq!(usd.unwrap_or(""), row[&format!("{tier}_{column}")], "{place} {tier}");
            }
        }
    }
}
