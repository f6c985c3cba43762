//! `tierwise rates`: list, show, explain and diff, with figures worked out by
//! hand from the published tables.
#![cfg(test)]

use serde_json::Value;

use crate::run::{Done, Run};

fn rates(arguments: &str) -> Done {
    Run::new().line("rates").line(arguments).go()
}

fn view(arguments: &str) -> Value {
    let done = rates(&format!("{arguments} --format json"));
    assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""), "{done}");
    done.json().0
}

/// The text at a path such as `rows/0/model`; `-` for null or nothing.
fn at<'v>(value: &'v Value, path: &str) -> &'v str {
    value.pointer(&format!("/{path}")).and_then(Value::as_str).unwrap_or("-")
}

fn all<'v>(value: &'v Value, list: &str) -> &'v [Value] {
    value[list].as_array().expect(list)
}

/// A row as `TIER [BAND] FROM..TO METER=USD …`.
fn row(row: &Value) -> String {
    let prices = all(row, "prices").iter();
    let prices: Vec<String> =
        prices.map(|price| format!("{}={}", at(price, "meter"), at(price, "usd"))).collect();
    let (tier, band) = (at(row, "tier"), at(row, "band/name"));
    format!("{tier} {band} {}..{} {}", at(row, "from"), at(row, "to"), prices.join(" "))
}

/// A changed cell as `KIND MODEL TIER BAND METER FROM..TO OLD>NEW CHANGE`.
fn change(cell: &Value) -> String {
    let models = all(cell, "models").iter().filter_map(Value::as_str);
    format!(
        "{} {} {} {} {} {}..{} {}>{} {}",
        at(cell, "change"),
        models.collect::<Vec<_>>().join(","),
        at(cell, "tier"),
        at(cell, "band/name"),
        at(cell, "meter"),
        at(cell, "from"),
        at(cell, "to"),
        at(cell, "old_usd"),
        at(cell, "new_usd"),
        at(cell, "change_percent"),
    )
}

#[test]
fn a_model_is_listed_tier_by_tier() {
    let listing = view("list --provider openai --model gpt-4.1-mini --at 2026-10-14");
    let rows: Vec<String> = all(&listing, "rows").iter().map(row).collect();
    let article = "image_input=2 cached_image_input=0.2";
    assert_eq!(
        rows,
        [
            &format!("standard - 2025-04-14..- input=0.4 cached_input=0.1 output=1.6 {article}"),
            "flex - 2025-04-14..- input=0.2 output=0.8",
            "priority - 2025-06-27..- input=0.7 cached_input=0.175 output=2.8",
            "batch - 2025-04-14..- input=0.2 output=0.8 image_input=1",
        ]
    );
    let first = &listing["rows"][0]["prices"];
    assert_eq!((at(first, "0/evidence"), at(first, "3/evidence")), ("provider", "article"));
    assert_eq!((at(first, "0/confidence"), at(first, "0/per")), ("high", "1M tokens"));
    assert_eq!((at(first, "0/checked"), at(first, "0/layer")), ("2026-10-14", "openai"));
    let fee =
        all(&listing, "tools").iter().find(|tool| at(tool, "price/meter") == "file_search_call");
    let fee = fee.expect("a fee of every model");
    assert_eq!((at(fee, "price/usd"), at(fee, "price/per")), ("2.5", "1,000 calls"));
}

#[test]
fn a_list_takes_filters_and_says_what_it_leaves_out() {
    let only = view(
        "list --model gpt-4.1-mini-2025-04-14 --provider openai --tier batch --published-only",
    );
    let rows: Vec<String> = all(&only, "rows").iter().map(row).collect();
    assert_eq!(rows, ["batch - 2025-04-14..- input=0.2 output=0.8"]);
    let early = view("list --model gpt-5.4 --provider openai --at 2026-03-04T23:59:59Z");
    assert_eq!(all(&early, "rows").len(), 0);
    assert_eq!(early["at_other_dates"], serde_json::json!(["gpt-5.4"]));
    rates("list --tier gold").assert_fails(2, &["--tier gold", "standard, flex, priority, batch"]);
    rates("list --provider nobody").assert_fails(2, &["--provider nobody", "openai"]);
    rates("list --at yesterday").assert_fails(2, &["--at yesterday", "2026-10-15"]);
}

#[test]
fn a_list_as_text_has_a_row_a_tier() {
    let done = rates("list --provider openai --model gpt-4.1-mini --published-only");
    for line in [
        "provider  model         tier      band  from        to  evidence  input",
        "openai    gpt-4.1-mini  priority        2025-06-27      provider   0.70         0.175    2.80",
    ] {
        assert!(done.stdout.contains(line), "{line}\nis not in\n{done}");
    }
}

#[test]
fn the_history_of_o3_is_told_interval_by_interval() {
    let sheet = view("show o3 --provider openai");
    let history: Vec<String> = all(&sheet, "history").iter().map(row).collect();
    assert_eq!(
        history,
        [
            "standard - 2025-04-16..2025-06-10 input=10 cached_input=2.5 output=40",
            "standard - 2025-06-10..- input=2 cached_input=0.5 output=8",
            "flex - 2025-04-17..2025-06-10 input=5 output=20",
            "flex - 2025-06-10..- input=1 cached_input=0.25 output=4",
            "priority - 2025-06-27..- input=3.5 cached_input=0.875 output=14",
            "batch - 2025-04-16..2025-06-10 input=5 output=20",
            "batch - 2025-06-10..- input=1 output=4",
        ]
    );
    assert_eq!(at(&sheet, "history/5/prices/0/confidence"), "medium");
    let before = view("show o3 --provider openai --at 2025-06-09T23:59:59Z");
    assert_eq!(at(&before, "bands/0/meters/0/prices/0/usd"), "10");
    let priority = |missing: &&Value| at(missing, "tier") == "priority";
    let missing = all(&before, "missing").iter().find(priority).expect("no Priority yet");
    assert_eq!(at(missing, "reason"), "not_offered");
}

#[test]
fn a_sheet_says_what_borrows_and_what_is_missing() {
    let sheet = view("show openai/gpt-5.4 --provider openai");
    assert_eq!((at(&sheet, "rule"), at(&sheet, "model")), ("provider_prefix", "gpt-5.4"));
    assert_eq!(sheet["context_window"], 1_050_000);
    assert_eq!(sheet["bands"][1]["band"], serde_json::json!({"name": "long", "over": 272_000}));
    let long = all(&sheet, "missing").iter().find(|m| at(m, "band") == "long").expect("a gap");
    assert_eq!((at(long, "tier"), at(long, "reason")), ("priority", "not_published"));
    let sheet = view("show gpt-4.1-mini --provider openai");
    let fits = |b: &&Value| at(b, "meter") == "cached_input" && at(b, "from") == "input";
    let cached = all(&sheet, "borrowing").iter().find(fits).expect("cached borrows");
    assert_eq!(cached["tiers"], serde_json::json!(["flex", "batch"]));
    assert_eq!(at(&sheet, "trains_as"), "ft:gpt-4.1-mini-2025-04-14");
    assert_eq!(sheet["aliases"], serde_json::json!(["gpt-4.1-mini-2025-04-14"]));
}

#[test]
fn names_are_found_as_logged_names_are() {
    let tuned = "ft:gpt-4.1-mini-2025-04-14";
    for (name, rule, model) in [
        ("ft:gpt-4.1-mini-2025-04-14:acme::abc123", "fine_tuned", tuned),
        ("gpt-4.1-mini-2026-01-01", "date_suffix", "gpt-4.1-mini"),
        ("gpt-4.1-mini-2025-04-14", "alias", "gpt-4.1-mini"),
        ("mine --alias mine=gpt-4.1-mini", "user_alias", "gpt-4.1-mini"),
    ] {
        let sheet = view(&format!("show {name}"));
        assert_eq!((at(&sheet, "rule"), at(&sheet, "model")), (rule, model), "{name}");
    }
    let near = ["`gpt-4.1-minimal` is no model", "gpt-4.1-mini", "never priced by resemblance"];
    for command in ["show", "explain", "list --model"] {
        rates(&format!("{command} gpt-4.1-minimal")).assert_fails(1, &near);
    }
    rates("show zzz").assert_fails(1, &["`zzz` is no model", "tierwise rates list"]);
}

#[test]
fn an_explanation_names_every_step() {
    let why = view("explain gpt-5.4 --provider openai --tier batch --input 272001");
    assert_eq!((at(&why, "band/name"), at(&why, "price/usd")), ("long", "2.5"));
    // 272,001 x 2.50 / 1,000,000.
    assert_eq!((at(&why, "unit_usd"), at(&why, "spend/usd")), ("0.0000025", "0.6800025"));
    let at_limit = view("explain gpt-5.4 --provider openai --tier batch --input 272000");
    assert_eq!((at(&at_limit, "band"), at(&at_limit, "spend/usd")), ("-", "0.34"));
    let why = view("explain gpt-4.1-mini --provider openai --tier flex --meter cached_input");
    let steps = all(&why, "lookups")
        .iter()
        .map(|step| format!("{} {} {}", at(step, "meter"), at(step, "layer"), at(step, "outcome")));
    assert_eq!(
        steps.collect::<Vec<_>>(),
        [
            "cached_input openai no_cell",
            "cached_input article-2026-04 no_cell",
            "input openai no_cell",
            "input article-2026-04 holds",
        ]
    );
    assert_eq!((at(&why, "price/usd"), at(&why, "price/borrowed_from")), ("0.2", "input"));
    assert_eq!((at(&why, "price/evidence"), at(&why, "price/checked")), ("article", "2026-04-30"));
    let training = view("explain gpt-4.1-mini --provider openai --meter training");
    assert_eq!(
        (at(&training, "price/usd"), at(&training, "trains_as")),
        ("5", "ft:gpt-4.1-mini-2025-04-14")
    );
}

#[test]
fn an_explanation_says_why_there_is_no_rate() {
    for (question, reason) in [
        ("ft:gpt-4.1-mini-2025-04-14:acme::x --tier priority", "not_offered"),
        ("gpt-5.4 --tier priority --input 300000", "not_published"),
        ("o3 --at 2025-04-15T23:59:59Z", "before_first_rate"),
        ("gpt-4.1-nano --at 2026-10-23", "no_rate_at_time"),
    ] {
        let why = view(&format!("explain {question} --provider openai"));
        assert_eq!((at(&why, "reason"), at(&why, "price")), (reason, "-"), "{question}");
    }
    let done = rates("explain ft:gpt-4.1-mini-2025-04-14:acme::x --tier priority");
    assert!(done.stdout.contains("input has a price at standard, batch"), "{done}");
    rates("explain o3 --meter tokens").assert_fails(2, &["--meter tokens", "cached_input"]);
}

#[test]
fn what_published_only_leaves_out_is_the_article() {
    let diff = view("diff built-in published-only");
    let all_cells = all(&diff, "cells");
    assert!(all_cells.iter().all(|cell| at(cell, "change") == "removed"));
    assert!(all_cells.iter().all(|cell| at(cell, "old_evidence") != "provider"));
    let of_model = |cell: &&Value| {
        at(cell, "provider") == "openai" && cell["models"] == serde_json::json!(["gpt-4.1-mini"])
    };
    let cells: Vec<String> = all_cells.iter().filter(of_model).map(change).collect();
    assert_eq!(
        cells,
        [
            "removed gpt-4.1-mini - - web_search_call 2025-04-14..- 10>- -",
            "removed gpt-4.1-mini - - code_interpreter_session 2025-04-14..2026-06-02 0.03>- -",
            "removed gpt-4.1-mini standard - image_input 2025-04-14..- 2>- -",
            "removed gpt-4.1-mini standard - cached_image_input 2025-04-14..- 0.2>- -",
            "removed gpt-4.1-mini flex - input 2025-04-14..- 0.2>- -",
            "removed gpt-4.1-mini flex - output 2025-04-14..- 0.8>- -",
            "removed gpt-4.1-mini batch - image_input 2025-04-14..- 1>- -",
        ]
    );
    let back = view("diff published-only built-in");
    assert_eq!((&back["added"], &back["removed"]), (&diff["removed"], &diff["added"]));
    assert_eq!(rates("diff built-in built-in --exit-code").code, Some(0));
    assert_eq!(rates("diff built-in published-only --exit-code").code, Some(3));
}

#[test]
fn a_card_changes_the_built_in_rates_from_its_first_day() {
    let diff = |a: &str, b: &str| {
        let run = Run::new().file("a.toml", crate::rates_check::CARD);
        let done = run.line(&format!("rates diff {a} {b} --format json")).go();
        assert_eq!(done.code, Some(0), "{done}");
        all(&done.json().0, "cells").iter().map(change).collect::<Vec<_>>()
    };
    // 0.36 is 10 % under 0.40; 0.12 at Batch is new for cached input.
    assert_eq!(
        diff("built-in", "a.toml"),
        [
            "changed gpt-4.1-mini standard - input 2026-09-01..- 0.4>0.36 -10.0",
            "added gpt-4.1-mini batch - cached_input 2026-09-01..2026-12-01 ->0.12 -",
        ]
    );
    // 0.40 is 11.1 % over 0.36.
    let back = diff("a.toml", "built-in");
    assert_eq!(
        back.first().expect("a change"),
        "changed gpt-4.1-mini standard - input 2026-09-01..- 0.36>0.4 +11.1"
    );
}
