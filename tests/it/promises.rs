//! What a report promises, each promise on the smallest log that shows it: rates
//! that are not the provider's own, tiers that a model does not have, sums of
//! requests, tiers that no list prices, and tiers that were not served.

use serde_json::json;

use crate::price::{assert_adds_up, rows};
use crate::run::{Report, Run};

const TIERS: [&str; 6] = ["recorded", "standard", "flex", "priority", "batch", "cheapest"];

const HEADER: &str = "timestamp,model,service_tier,requested_tier,input_tokens,\
                      cached_input_tokens,image_input_tokens,cached_image_input_tokens\n";

/// A log: a line a row, as `MODEL,TIER,REQUESTED,INPUT,CACHED,IMAGE,CACHED IMAGE`.
fn log(rows: &str) -> Run {
    let rows = rows.trim_end().replace('\n', "\n2026-04-15T09:00:00Z,");
    Run::new().file("log.csv", format!("{HEADER}2026-04-15T09:00:00Z,{rows}\n"))
}

fn report(rows: &str) -> Report {
    log(rows).line("report log.csv").report()
}

/// The rows of `price` on the log, which add up to its report.
fn priced(rows_of_log: &str) -> Vec<crate::price::Priced> {
    let done = log(rows_of_log).line("price log.csv").go();
    assert_eq!(done.code, Some(0), "{done}");
    let priced = rows(&done.stdout);
    assert_adds_up(&priced, &report(rows_of_log), rows_of_log);
    priced
}

const CACHED_IMAGES: &str = "gpt-4.1-mini,standard,,1000000,1000000,1000000,1000000";

#[test]
fn cached_images_cost_the_articles_rate_or_with_published_rates_that_of_cached_text() {
    // 1 x 0.20; 1 x 0.10.
    assert_eq!(report(CACHED_IMAGES).recorded(), "0.2");
    let published = log(CACHED_IMAGES).line("report log.csv --published-only").report();
    assert_eq!(published.recorded(), "0.1");
    assert!(published.notes("borrowed_rate").iter().any(|note| note.contains("cached_input")));
}

#[test]
fn a_total_that_holds_the_articles_figures_has_that_of_published_rates_beside_it() {
    // 1 x 2.00 and 1 x 0.20; as text 1 x 0.40 and 1 x 0.10.
    let images = "gpt-4.1-mini,standard,,1000000,0,1000000,0";
    let rows = format!("{images}\n{CACHED_IMAGES}\n");
    let scenario = report(&rows).scenario("recorded", "recorded").clone();
    assert_eq!(
        (&scenario["total_usd"], &scenario["published_only_usd"]),
        (&json!("2.2"), &json!("0.5"))
    );
    assert_eq!(scenario["by_evidence"], json!([{"evidence": "article", "usd": "2.2"}]));
    let shown = log(&rows).line("report log.csv").go().stdout;
    let line = |start: &str| shown.lines().find(|line| line.trim_start().starts_with(start));
    let recorded = line("As recorded ").expect("the total");
    let words: Vec<&str> = recorded.split_whitespace().collect();
    assert_eq!((words.get(2), words.last()), (Some(&"2.2000"), Some(&"0.5000")), "{shown}");
    assert!(shown.contains("published only"), "{shown}");
    assert!(shown.contains("rates of evidence `article`, not of the provider's own table"));
}

#[test]
fn a_fine_tuned_model_keeps_its_standard_price_under_priority_and_says_why() {
    // 1 x 0.80, which the base would cost 0.70 for.
    let row = "ft:gpt-4.1-mini-2025-04-14:acme::abc123,standard,,1000000,0,0,0";
    let priority = report(row).scenario("priority", "recorded").clone();
    let expected = json!({"rows": 1, "requests": 1, "tokens": 1_000_000, "usd": "0.8",
        "reasons": [{"reason": "not_offered", "meter": "input", "rows": 1}]});
    assert_eq!((&priority["total_usd"], &priority["fallback"]), (&json!("0.8"), &expected));
    let priced = &priced(row)[0];
    assert_eq!((&*priced["priority_usd"], &*priced["priority_reason"]), ("", "not_offered"));
    let shown = log(row).line("report log.csv").go().stdout;
    assert!(shown.contains("Priority has no price for 1 row (1 not offered)"), "{shown}");
}

#[test]
fn a_sum_of_requests_is_priced_by_the_average_one_and_has_its_exact_range() {
    // 3,000,000 / 10 = 300,000, more than 272,000: 3 x 5.00. All short: 3 x 2.50.
    let log = "timestamp,end_time,model,requests,input_tokens\n\
               2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,gpt-5.4,10,3000000\n";
    let run = || Run::new().file("log.csv", log).line("report log.csv");
    let report = run().report();
    let scenario = report.scenario("recorded", "recorded");
    assert_eq!(
        (&scenario["total_usd"], &scenario["range_usd"]),
        (&json!("15"), &json!({"low": "7.5", "high": "15"}))
    );
    let shown = run().go().stdout;
    assert!(shown.contains("As recorded 7.5000 to 15.0000"), "{shown}");
    // 2,720,000 / 10 is on the threshold, and short: 2.72 x 2.50; all long: 2.72 x 5.00.
    let on = Run::new().file("log.csv", log.replace("3000000", "2720000")).line("report log.csv");
    let on = on.report().scenario("recorded", "recorded").clone();
    assert_eq!(
        (&on["total_usd"], &on["range_usd"]),
        (&json!("6.8"), &json!({"low": "6.8", "high": "13.6"}))
    );
}

#[test]
fn complimentary_tokens_cost_nothing_in_any_scenario_and_count_as_priced() {
    for tier in ["free", "incentivized-tier"] {
        let row = format!("gpt-4.1-mini,{tier},,1000000,400000,0,0");
        let report = report(&row);
        for scenario in TIERS {
            for caching in ["recorded", "none"] {
                assert_eq!(report.total(scenario, caching), "0", "{scenario} {caching}");
            }
        }
        assert_eq!((report.rows("priced"), report.rows("unpriced")), (1, 0));
        // 0.6 x 0.40 + 0.4 x 0.10.
        assert!(report.notes("free_rows")[0].contains("(at Standard 0.28 USD)"));
        assert_eq!(priced(&row)[0]["tier"], "free");
    }
}

#[test]
fn prepaid_tokens_have_no_price_and_their_list_cost_stands_beside_them() {
    // 1 x 0.40 in no total; the other row is 1 x 0.40 too.
    let rows = "gpt-4.1-mini,scale,,1000000,0,0,0\ngpt-4.1-mini,standard,,1000000,0,0,0\n";
    let report = report(rows);
    let expected = json!([{"model": "gpt-4.1-mini", "reason": "prepaid_tier", "tier": "scale",
        "rows": 1, "tokens": 1_000_000, "list_rows": 1, "list_usd": "0.4"}]);
    assert_eq!(report.0["unpriced"], expected);
    assert_eq!((report.rows("priced"), report.rows("unpriced")), (1, 1));
    assert_eq!((report.recorded(), report.total("standard", "none")), ("0.4", "0.4"));
    let priced = priced(rows);
    let shown = ["class", "tier", "recorded_usd", "recorded_reason"].map(|name| &*priced[0][name]);
    assert_eq!(shown, ["unpriced", "scale", "", "prepaid_tier"]);
    let text = log(rows).line("report log.csv").go().stdout;
    assert!(text.contains("(prepaid tier) under scale; at Standard 0.40 USD"), "{text}");
}

#[test]
fn where_a_tier_came_from_is_counted() {
    // A flag, a served tier, a requested one alone, none: 0.20, 0.70, 0.20 (Flex) and 0.40.
    let log = "name,served,asked,batch,tokens\n\
               gpt-4.1-mini,default,,true,1000000\n\
               gpt-4.1-mini,priority,auto,false,1000000\n\
               gpt-4.1-mini,,flex,false,1000000\n\
               gpt-4.1-mini,,auto,,1000000\n";
    let map = "model=name,service_tier=served,requested_tier=asked,batch=batch,input=tokens";
    let run = |command| Run::new().file("log.csv", log).args([command, "log.csv", "--map", map]);
    let report = run("report").report();
    assert_eq!(report.recorded(), "1.5");
    let expected = json!({"absent": 1, "flag": 1, "requested": 1, "served": 1});
    assert_eq!(report.0["tier_source"], expected);
    assert_eq!(report.notes("tier_assumed").len(), 1);
    let priced = rows(&run("price").go().stdout);
    let tiers: Vec<String> =
        priced.iter().map(|row| format!("{} {}", row["tier"], row["tier_source"])).collect();
    assert_eq!(tiers, ["batch flag", "priority served", "flex requested", "standard absent"]);
}

#[test]
fn what_was_asked_for_and_what_was_served_are_told_apart() {
    // The served tier is priced: 0.40, and 0.70.
    let rows = "gpt-4.1-mini,standard,priority,1000000,0,0,0\n\
                gpt-4.1-mini,priority,priority,1000000,0,0,0\n";
    let report = report(rows);
    assert_eq!(report.recorded(), "1.1");
    let expected = json!([{"requested": "priority", "served": "standard", "rows": 1}]);
    assert_eq!(report.0["tier_mismatch"], expected);
    let told = report.notes("tier_mismatch").join("");
    assert_eq!(told, "1 row asked for priority and served standard: the served tier is priced");
    let priced = priced(rows);
    let tiers = ["requested_tier", "tier", "tier_source"].map(|name| &*priced[0][name]);
    assert_eq!(tiers, ["priority", "standard", "served"]);
    let shown = log(rows).line("report log.csv").go().stdout;
    assert!(shown.contains("1 row asked for priority and served standard"), "{shown}");
}

#[test]
fn an_alias_changes_the_price_and_not_the_name() {
    let run = log("my-deployment,standard,,1000000,0,0,0");
    let line = "report log.csv --by model --alias my-deployment=gpt-4.1-mini";
    let report = run.line(line).report();
    assert_eq!(report.groups(&["model"]), ["my-deployment: 0.4"]);
    assert_eq!(report.0["matches"][0]["rule"], "user_alias");
    // An alias is of the whole name alone.
    let report = log("my-deployment-2,standard,,1000000,0,0,0").line(line).report();
    assert_eq!(report.0["unpriced"][0]["model"], "my-deployment-2");
    assert_eq!((report.rows("unpriced"), report.0["matches"].clone()), (1, json!([])));
}
