//! What people see, as files under `tests/snapshots`: the report of the main
//! sample at two widths, an estimate, an inspection, and every help.
//!
//! After a wanted change: `INSTA_UPDATE=always cargo test --test it snapshots`,
//! then read the difference as a reader of the report would.

use crate::run::{ROW, Run};

/// Compares what a run prints with the snapshot of that name.
fn assert_shown(name: &str, columns: &'static str, arguments: &str) {
    let done = Run::in_crate().env("COLUMNS", columns).line(arguments).go();
    assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""), "{done}");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, stable(&done.stdout)));
}

/// The text without what changes with every release and every rate.
fn stable(text: &str) -> String {
    let words = text.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    let mut stable = String::new();
    let mut rest = words.as_str();
    while let Some((before, after)) = rest.split_once("ook ") {
        let hash = after.bytes().take_while(u8::is_ascii_hexdigit).count();
        let hash = if hash == 12 { 12 } else { 0 };
        stable = format!("{stable}{before}ook {}", if hash == 0 { "" } else { "HASH" });
        rest = after.split_at(hash).1;
    }
    format!("{stable}{rest}")
}

#[test]
fn the_report_of_the_main_sample_is_as_it_was() {
    assert_shown("october_100", "100", "report sample_data/october-2026");
}

#[test]
fn the_report_of_the_main_sample_is_as_it_was_on_a_narrow_terminal() {
    assert_shown("october_60", "60", "report sample_data/october-2026");
}

#[test]
fn the_report_by_day_of_the_dashboard_sample_is_as_it_was() {
    assert_shown("dashboard_by_day", "100", "report sample_data/openai-dashboard-2025-10 --by day");
}

#[test]
fn an_estimate_is_as_it_was() {
    let quantities = "--input 1050000 --cached 800000 --output 30000";
    assert_shown("estimate", "100", &format!("estimate --model gpt-4.1-mini {quantities}"));
}

#[test]
fn assumed_caching_is_shown_as_it_was() {
    let share = "--assume-cached 60%";
    assert_shown("assumed_100", "100", &format!("report sample_data/october-2026 {share}"));
    assert_shown("assumed_60", "60", &format!("report sample_data/october-2026 {share}"));
    let quantities = "--input 1000000 --output 30000 --image 10000";
    let model = "estimate --model gpt-4.1-mini";
    assert_shown("estimate_assumed", "80", &format!("{model} {quantities} {share}"));
}

#[test]
fn models_side_by_side_are_as_they_were() {
    let models = "--model gpt-4o-mini --model gpt-4.1-mini --model gpt-4.1";
    let quantities = "--input 100000 --output 10000";
    assert_shown("side_by_side", "100", &format!("estimate {models} {quantities}"));
}

#[test]
fn an_inspection_of_the_dashboard_sample_is_as_it_was() {
    let file = "sample_data/openai-dashboard-2025-10/completions_usage.csv";
    assert_shown("inspect_dashboard", "100", &format!("inspect {file}"));
}

#[test]
fn a_model_of_the_rate_book_is_shown_as_it_was() {
    assert_shown("rates_show", "100", "rates show gpt-4.1-mini");
}

#[test]
fn a_rate_is_explained_as_it_was() {
    let question = "gpt-4.1-mini --tier flex --meter cached_input --input 1050000";
    assert_shown("rates_explain", "100", &format!("rates explain {question}"));
}

#[test]
fn the_explanation_of_a_row_is_as_it_was() {
    let row = "sample_data/october-2026/app-responses.jsonl:1";
    assert_shown("explain_response", "100", &format!("explain --row {row}"));
}

#[test]
fn every_help_is_as_it_was() {
    assert_shown("help", "100", "--help");
    for command in [
        "report",
        "price",
        "focus",
        "explain",
        "estimate",
        "inspect",
        "formats",
        "ledger",
        "completions",
        "man",
        "schema",
    ] {
        assert_shown(&format!("help_{command}"), "100", &format!("{command} --help"));
    }
    assert_shown("help_rates", "100", "rates --help");
    for command in ["list", "show", "explain", "check", "diff", "import", "template"] {
        assert_shown(&format!("help_rates_{command}"), "100", &format!("rates {command} --help"));
    }
}

#[test]
fn a_month_by_day_shows_all_of_its_days() {
    let day = |day: u32| ROW.replace("2026-10-05", &format!("2026-10-{day:02}"));
    let done = Run::new().log(&(1..=31).map(day).collect::<String>());
    let done = done.line("report log.csv --by day").go();
    assert!(done.stdout.contains("\n  2026-10-31  "), "{done}");
}
