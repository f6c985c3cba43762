//! What can be asked of a report: groups, filters, zones, names, rates, gates
//! and outputs.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::run::{Done, PROGRAM, ROW, ROW_USD, Report, Run, crate_folder};

/// Three rows that differ in everything: 0.00056 on Standard, 0.00175 as Batch
/// (1000 x 1.25e-6 + 100 x 5e-6), and 0.00028 on Flex.
const LOG: &str = "\
timestamp,model,service_tier,project,user,api_key,endpoint,provider,input_tokens,output_tokens,team
2026-10-05T23:30:00Z,gpt-4.1-mini,standard,p1,ann,k1,/v1/chat,openai,1000,100,web
2026-10-06T00:30:00Z,gpt-4o,batch,p2,bob,k2,/v1/responses,openai,1000,100,
2026-11-02T12:00:00Z,gpt-4.1-mini,flex,p1,,k1,,,1000,100,ops
";

const FIRST: &str = "0.00056";
const SECOND: &str = "0.00175";
const THIRD: &str = "0.00028";

fn ask(arguments: &str) -> Report {
    Run::new().file("log.csv", LOG).line("report log.csv").line(arguments).report()
}

fn asked(arguments: &str) -> Done {
    Run::new().file("log.csv", LOG).line("report log.csv").line(arguments).go()
}

#[test]
fn every_built_in_dimension_and_every_column_can_be_grouped_by() {
    // The most expensive group first, but times in their order.
    for (by, expected) in [
        ("provider", ["openai: 0.00231", "-: 0.00028", ""]),
        ("model", ["gpt-4o: 0.00175", "gpt-4.1-mini: 0.00084", ""]),
        ("tier", ["batch: 0.00175", "standard: 0.00056", "flex: 0.00028"]),
        ("project", ["p2: 0.00175", "p1: 0.00084", ""]),
        ("user", ["bob: 0.00175", "ann: 0.00056", "-: 0.00028"]),
        ("api-key", ["k2: 0.00175", "k1: 0.00084", ""]),
        ("endpoint", ["/v1/responses: 0.00175", "/v1/chat: 0.00056", "-: 0.00028"]),
        ("day", ["2026-10-05: 0.00056", "2026-10-06: 0.00175", "2026-11-02: 0.00028"]),
        ("week", ["2026-W41: 0.00231", "2026-W45: 0.00028", ""]),
        ("month", ["2026-10: 0.00231", "2026-11: 0.00028", ""]),
        ("format", ["tierwise-csv: 0.00259", "", ""]),
        ("team", ["-: 0.00175", "web: 0.00056", "ops: 0.00028"]),
    ] {
        let expected: Vec<_> = expected.into_iter().filter(|group| !group.is_empty()).collect();
        assert_eq!(ask(&format!("--by {by}")).groups(&[by]), expected, "{by}");
    }
}

#[test]
fn several_dimensions_group_together() {
    let groups = ask("--by month,team --by project").groups(&["month", "team", "project"]);
    assert_eq!(
        groups,
        ["2026-10 - p2: 0.00175", "2026-10 web p1: 0.00056", "2026-11 ops p1: 0.00028"]
    );
}

#[test]
fn a_groups_key_is_an_object_with_null_for_what_is_absent() {
    let report = ask("--by day,team");
    assert_eq!(report.0["groups"][1]["key"], json!({"day": "2026-10-06", "team": null}));
}

#[test]
fn a_column_that_does_not_exist_is_noted() {
    let report = ask("--by nope");
    assert_eq!(report.notes("missing_column"), ["no row of log.csv has a `nope`"]);
    assert_eq!(report.groups(&["nope"]), ["-: 0.00259"]);
}

#[test]
fn a_field_that_no_json_record_has_is_noted_too() {
    let run = Run::new().file("log.jsonl", r#"{"model": "gpt-4o", "input_tokens": 1}"#);
    let report = run.line("report log.jsonl --by nope").report();
    assert_eq!(report.notes("missing_column").len(), 1);
}

#[test]
fn time_filters_keep_their_first_instant_and_leave_their_last_out() {
    for (filter, expected) in [
        ("--from 2026-10-05T23:30:00Z --to 2026-10-06T00:30:00Z", FIRST),
        ("--from 2026-10-05T23:30:01Z --to 2026-10-06T00:30:01Z", SECOND),
        ("--from 2026-10-06 --to 2026-11-01", SECOND),
        ("--from 2026-11-01", THIRD),
        ("--to 2026-10-06", FIRST),
        // Midnight in Berlin is 22:00 UTC the day before.
        ("--to 2026-10-06 --timezone Europe/Berlin", "0"),
        ("--from 2026-10-06 --to 2026-10-07 --timezone Europe/Berlin", "0.00231"),
    ] {
        let report = ask(filter);
        assert_eq!(report.recorded(), expected, "{filter}");
        assert_eq!(report.rows("priced") + report.rows("filtered"), 3, "{filter}");
    }
}

#[test]
fn filters_on_values_are_alternatives_of_one_field_and_conditions_of_several() {
    for (filter, expected) in [
        ("--where project=p1", "0.00084"),
        ("--where project=p1 --where project=p2", "0.00259"),
        ("--where project=p1 --where team=web", FIRST),
        ("--where project=p2 --where team=web", "0"),
        ("--where team=", SECOND),
        ("--where team= --where team=web", "0.00231"),
        ("--where user=", THIRD),
        ("--where tier=batch", SECOND),
        ("--where model=gpt-4.1-mini --where day=2026-10-05", FIRST),
        ("--where api-key=k2", SECOND),
        ("--where endpoint=/v1/chat", FIRST),
        ("--where week=2026-W45", THIRD),
    ] {
        assert_eq!(ask(filter).recorded(), expected, "{filter}");
    }
}

#[test]
fn a_time_zone_moves_days() {
    let days = |zone: &str| ask(&format!("--by day --timezone {zone}")).groups(&["day"]);
    assert_eq!(days("Europe/Berlin"), ["2026-10-06: 0.00231", "2026-11-02: 0.00028"]);
    assert_eq!(days("America/Los_Angeles"), ["2026-10-05: 0.00231", "2026-11-02: 0.00028"]);
    asked("--timezone Mars/Base").assert_fails(2, &["Mars/Base", "Europe/Berlin"]);
}

#[test]
fn the_period_of_the_header_is_in_the_asked_zone() {
    let done = asked("--timezone Europe/Berlin");
    assert!(
        done.stdout.starts_with("LLM usage, 2026-10-06 to 2026-11-02 (Europe/Berlin)"),
        "{done}"
    );
}

#[test]
fn a_daily_sum_has_no_day_in_another_zone() {
    let folder = "sample_data/openai-dashboard-2025-10";
    let run = Run::in_crate().args(["report", folder, "--timezone", "Europe/Berlin"]);
    run.go().assert_fails(1, &["completions_usage.csv:2: ", "crosses midnight", "--timezone"]);
}

#[test]
fn an_alias_prices_a_private_name() {
    let run = || Run::new().log(&ROW.replace("gpt-4.1-mini", "prod")).line("report log.csv");
    assert_eq!(run().report().rows("unpriced"), 1);
    let report = run().line("--alias prod=gpt-4.1-mini").report();
    assert_eq!(report.recorded(), ROW_USD);
    let expected =
        json!([{"logged": "prod", "priced_as": "gpt-4.1-mini", "rule": "user_alias", "rows": 1}]);
    assert_eq!(report.0["matches"], expected);
    run().line("--alias prod=gpt-9").go().assert_fails(2, &["no model `gpt-9`"]);
    run().line("--alias prod").go().assert_fails(2, &["--alias prod"]);
}

#[test]
fn rows_without_a_time_are_priced_when_they_are_assumed_to_be() {
    let run =
        || Run::new().file("log.csv", "model,input_tokens\no3,1000000\n").line("report log.csv");
    for (arguments, usd, day) in [
        ("", "2", "2026-11-08"),
        ("--assume-date 2025-06-09", "10", "2025-06-09"),
        ("--assume-date 2025-06-10", "2", "2025-06-10"),
    ] {
        let report = run().line(arguments).report();
        assert_eq!(report.recorded(), usd, "{arguments}");
        let note = report.notes("without_time")[0];
        assert!(note.starts_with(&format!("1 row without a time: priced as of {day}")), "{note}");
    }
}

#[test]
fn rows_that_a_tier_cannot_price_take_their_standard_price_or_are_left_out() {
    // gpt-4o has no Flex: 1000 x 2.50e-6 + 100 x 10e-6 = 0.0035 at Standard.
    let report = ask("");
    let flex = report.scenario("flex", "recorded");
    assert_eq!(
        (flex["total_usd"].as_str(), flex["fallback"]["rows"].as_u64()),
        (Some("0.00406"), Some(1))
    );
    assert_eq!(flex["fallback"]["usd"], "0.0035");
    let report = ask("--uncovered exclude");
    let flex = report.scenario("flex", "recorded");
    // 2 x 0.00028, compared with 0.00056 + 0.00028 as recorded.
    assert_eq!(
        (flex["total_usd"].as_str(), flex["delta_usd"].as_str()),
        (Some("0.00056"), Some("-0.00028"))
    );
    assert_eq!(flex["covered"]["rows"], 2);
}

#[test]
fn the_change_of_what_is_left_is_in_percent_of_what_is_left() {
    // 0.00056 of 0.00084.
    let done = asked("--uncovered exclude");
    let flex = done.stdout.lines().find(|line| line.starts_with("  Flex ")).unwrap_or_default();
    assert!(flex.contains("-33.3 %"), "{flex}");
}

#[test]
fn a_group_that_a_tier_cannot_price_is_not_shown_as_free() {
    let done = asked("--uncovered exclude");
    let row = done.stdout.lines().find(|line| line.starts_with("  gpt-4o ")).unwrap_or_default();
    assert!(!row.contains("0.000000"), "{row}");
}

const CARD: &str = r#"schema = 1
layer = "contract"
provider = "openai"
evidence = "user"
table = "partial"
source = "contract 42"
checked = 2026-10-01

[[models]]
id = "gpt-4.1-mini"
prices = [{ tier = "standard", from = 2026-10-01, usd = { input = "0.30", output = "1.20" } }]

[[models]]
id = "acme-7b"
prices = [{ tier = "standard", from = 2026-01-01, usd = { input = "0.01", output = "0.02" } }]
"#;

fn contract(rows: &str) -> Run {
    Run::new().file("card.toml", CARD).log(rows).line("report log.csv --rates card.toml")
}

#[test]
fn a_contract_price_wins_from_its_first_day_and_the_list_holds_before() {
    // 1000 x 0.30e-6 + 100 x 1.20e-6; a day before that the list price; Batch has no other.
    assert_eq!(contract(ROW).report().recorded(), "0.00042");
    let before = ROW.replace("2026-10-05T09:00:00Z", "2026-09-30T23:59:59Z");
    assert_eq!(contract(&before).report().recorded(), ROW_USD);
    assert_eq!(contract(ROW).report().total("batch", "recorded"), "0.00028");
    let own = ROW.replace("gpt-4.1-mini", "acme-7b");
    assert_eq!(contract(&own).report().recorded(), "0.000012");
    let by_evidence = &contract(ROW).report().0["scenarios"][0]["by_evidence"];
    assert_eq!(*by_evidence, json!([{"evidence": "user", "usd": "0.00042"}]));
}

#[test]
fn the_total_at_list_prices_stands_beside_the_contracted_one() {
    let report = contract(ROW).report();
    let scenario = report.scenario("recorded", "recorded");
    assert_eq!(
        (&scenario["list_usd"], &scenario["contracted_usd"]),
        (&json!(ROW_USD), &json!("0.00042"))
    );
}

#[test]
fn a_fallback_is_not_noted_as_a_rate_of_its_tier() {
    let report = contract(&ROW.replace("gpt-4.1-mini", "acme-7b")).report();
    let notes = report.notes("evidence").join("\n");
    assert!(notes.contains("Standard input") && !notes.contains("Batch"), "{notes}");
}

#[test]
fn a_bad_card_is_refused_with_file_and_line() {
    for (good, bad, word) in [
        ("\"0.30\"", "\"abc\"", "card.toml:11: `abc`"),
        ("\"0.30\"", "\"-1\"", "card.toml:11: `-1`"),
        ("input = \"0.30\"", "inptu = \"0.30\"", "card.toml:11: `inptu`"),
        ("tier = \"standard\"", "tier = \"std\"", "card.toml:11: expected `standard`"),
        ("schema = 1", "schema = 2", "card.toml:1: "),
        ("\"0.30\"", "0.30", "line 11"),
        ("layer = \"contract\"\n", "", "missing field `layer`"),
    ] {
        let card = CARD.replacen(good, bad, 1);
        let run = Run::new().file("card.toml", card).log(ROW);
        let done = run.line("report log.csv --rates card.toml").go();
        done.assert_fails(1, &["card.toml", word]);
    }
}

#[test]
fn a_gate_that_trips_ends_with_3_and_the_report_is_still_written() {
    let rows = format!("{ROW}{}{}", ROW.replace("gpt-4.1-mini", "acme"), ROW.replace("1000", "x"));
    for (gate, code) in [
        ("--max-unpriced 0.1%", 3),
        ("--max-unpriced 49.9%", 3),
        ("--max-unpriced 50%", 0),
        ("--max-unpriced 0.5", 0),
        ("--max-rejected 0", 3),
        ("--max-rejected 1", 0),
    ] {
        let run = Run::new().log(&rows).line("report log.csv --format json -o report.json");
        let done = run.line(gate).go();
        assert_eq!(done.code, Some(code), "{gate}: {done}");
        let report: Value =
            serde_json::from_str(&done.read("report.json").expect("a report")).expect("JSON");
        assert_eq!(report["gates"][0]["tripped"], json!(code == 3), "{gate}");
    }
    let done = Run::new().log(&rows).line("report log.csv --max-rejected 0").go();
    assert!(done.stdout.contains("GATE --max-rejected 0: 1"), "{done}");
    Run::new().log(ROW).line("report log.csv --max-unpriced x").go().assert_fails(2, &["0.1%"]);
}

#[test]
fn a_report_is_written_whole_and_to_no_input() {
    let done = asked("--format json -o report.json");
    assert_eq!((done.code, done.stdout.as_str()), (Some(0), ""), "{done}");
    assert_eq!(done.read("report.json"), Some(asked("--format json").stdout));
    for output in ["-o log.csv", "-o ./log.csv", "--rejects log.csv"] {
        let done = asked(output);
        done.assert_fails(2, &["log.csv", "input"]);
        assert_eq!(done.read("log.csv").as_deref(), Some(LOG), "{output}");
    }
    asked("-o nowhere/report.txt").assert_fails(1, &["nowhere/report.txt"]);
}

#[test]
fn outputs_replace_neither_a_card_nor_each_other() {
    contract(ROW).line("-o card.toml").go().assert_fails(2, &["card.toml"]);
    contract(ROW).line("--rejects card.toml").go().assert_fails(2, &["card.toml"]);
    asked("--rejects out -o out").assert_fails(2, &["out"]);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = Command::new(PROGRAM)
        .args(["report", "sample_data/october-2026", "--format", "json"])
        .current_dir(crate_folder())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}

#[test]
fn colours_are_used_when_asked_for_alone() {
    let coloured = |run: Run| run.log(ROW).line("report log.csv").go().stdout.contains('\u{1b}');
    assert!(!coloured(Run::new()), "not a terminal");
    assert!(coloured(Run::new().args(["--color", "always"])));
    assert!(!coloured(Run::new().args(["--color", "never"]).env("CLICOLOR_FORCE", "1")));
    assert!(!coloured(Run::new().env("NO_COLOR", "1")));
    let done = Run::new().log(ROW).line("report log.csv --color always -o report.txt").go();
    assert!(done.read("report.txt").is_some_and(|text| text.contains('\u{1b}')));
}

/// The lines that are wider than `width` though they could be broken.
fn too_wide(text: &str, width: usize) -> Vec<&str> {
    let breakable = |line: &&str| line.split_whitespace().all(|word| word.len() < width / 2);
    text.lines().filter(|line| line.chars().count() > width).filter(breakable).collect()
}

#[test]
fn a_narrow_terminal_gets_fewer_columns() {
    let narrow = Run::new().file("log.csv", LOG).env("COLUMNS", "60").line("report log.csv").go();
    let wide = asked("");
    for word in ["change", "published rates only", "format"] {
        assert!(
            wide.stdout.contains(word) && !narrow.stdout.contains(&format!("{word}  ")),
            "{word}"
        );
    }
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for columns in ["60", "100"] {
        let width = columns.parse().expect("a number");
        let run = Run::in_crate().env("COLUMNS", columns).line("report sample_data/october-2026");
        assert_eq!(too_wide(&run.go().stdout, width), Vec::<&str>::new());
        let run = Run::new().file("log.csv", LOG).env("COLUMNS", columns).line("report log.csv");
        assert_eq!(too_wide(&run.go().stdout, width), Vec::<&str>::new());
    }
}

#[test]
fn what_is_asked_wrongly_is_a_usage_error() {
    for (arguments, word) in [
        ("--from 2026-11-01 --to 2026-10-01", "--to is not after --from"),
        ("--from yesterday", "--from yesterday"),
        ("--where project", "--where project"),
        ("--by project,,day", "--by"),
        ("--format xml", "terminal, json"),
        ("--published-only --rates card.toml", "--published-only"),
    ] {
        asked(arguments).assert_fails(2, &[word]);
    }
    Run::new().args(["report"]).go().assert_fails(2, &["LOGS"]);
}
