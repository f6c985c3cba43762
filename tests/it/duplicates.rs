//! Records that are one: known by their key, counted once, and what was dropped is told.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::price::parquet;
use crate::run::{ROW, Report, Run};

/// A call of Claude Code: 3 and so many output tokens of Haiku 4.5, 1.00 and 5.00 per
/// million.
fn call(id: &str, output: u64) -> String {
    format!(
        r#"{{"type":"assistant","timestamp":"2026-10-05T10:00:0{}Z","requestId":"r","message":{{{id}"model":"claude-haiku-4-5","usage":{{"input_tokens":3,"output_tokens":{output}}}}}}}"#,
        output % 10
    )
}

fn with_id(id: &str, output: u64) -> String {
    call(&format!(r#""id":"{id}","#), output)
}

fn report(files: &[(&str, Vec<String>)], arguments: &str) -> Report {
    let mut run = Run::new();
    for (name, lines) in files {
        run = run.file(name, lines.join("\n") + "\n");
    }
    run.line(&format!("report . {arguments}")).report()
}

#[test]
fn the_row_with_the_largest_output_stays_wherever_it_is() {
    let (one, two) = (with_id("m1", 1), with_id("m1", 500));
    for files in [
        [("a.jsonl", vec![one.clone(), two.clone()]), ("b.jsonl", vec![one.clone()])],
        [("a.jsonl", vec![one.clone()]), ("b.jsonl", vec![two.clone(), one.clone()])],
        [("a.jsonl", vec![two.clone(), one.clone()]), ("b.jsonl", vec![one.clone()])],
    ] {
        let report = report(&files, "");
        assert_eq!((report.rows("priced"), report.rows("duplicate")), (1, 2));
        // 3 x 1.00 + 500 x 5.00 and twice 3 x 1.00 + 1 x 5.00, per million.
        assert_eq!(report.recorded(), "0.002503");
        assert_eq!(
            report.0["duplicates"],
            serde_json::json!({ "rows": 2, "usd": "0.000016", "differing": 2 })
        );
        assert_eq!(report.notes("duplicates").len(), 1);
        assert_eq!(report.notes("differing_duplicates").len(), 1);
    }
}

#[test]
fn rows_without_a_key_are_never_one() {
    let log = "model,input_tokens,request_id\ngpt-4o,1000,\ngpt-4o,1000,\ngpt-4o,1000,a\n\
               gpt-4o,1000,a\n";
    let run = || Run::new().file("log.csv", log);
    let all = run().line("report log.csv").report();
    assert_eq!((all.rows("priced"), all.rows("duplicate")), (4, 0));
    let once = run().line("report log.csv --dedupe request_id").report();
    assert_eq!((once.rows("priced"), once.rows("duplicate")), (3, 1));
    assert_eq!(once.0["duplicates"]["differing"], 0);
}

#[test]
fn every_record_counts_where_it_is_asked_for() {
    let lines = vec![with_id("m1", 1), with_id("m1", 1)];
    let report = report(&[("a.jsonl", lines)], "--dedupe none");
    assert_eq!((report.rows("priced"), report.rows("duplicate")), (2, 0));
}

#[test]
fn one_key_in_two_formats_is_two_rows() {
    let claude = vec![with_id("m1", 1)];
    let message = r#"{"type":"message","id":"m1","model":"claude-haiku-4-5","usage":{"input_tokens":3,"output_tokens":1}}"#;
    let report = report(&[("a.jsonl", claude), ("b.jsonl", vec![message.to_owned()])], "");
    assert_eq!((report.rows("priced"), report.rows("duplicate")), (2, 0));
}

#[test]
fn priced_rows_leave_out_what_the_report_does() {
    let lines = [with_id("m1", 1), with_id("m1", 7), with_id("m2", 3)].join("\n");
    let run = || Run::new().file("log.jsonl", &lines);
    let done = run().line("price log.jsonl --format csv").go();
    assert_eq!(done.stdout.lines().count(), 3, "{done}");
    let rejects = run().line("report log.jsonl --rejects rejects.csv").report();
    assert_eq!((rejects.rows("priced"), rejects.rows("duplicate")), (2, 1));
}

#[test]
fn a_file_of_rows_is_what_is_printed_also_where_keys_are_met_late() {
    let log = [with_id("m1", 1), with_id("m1", 7), with_id("m2", 3)].join("\n");
    let run = || Run::new().log(ROW).file("zlog.jsonl", &log);
    let printed = run().line("price log.csv zlog.jsonl --format csv").go();
    assert_eq!(printed.stdout.lines().count(), 4, "{printed}");
    assert!(printed.stderr.contains("4 records read, 3 rows written"), "{printed}");
    for to in ["-o rows.csv", "-o rows.csv --rejects rejects.csv", "-o rows.csv --chunk-size 30"] {
        let done = run().line(&format!("price log.csv zlog.jsonl {to}")).go();
        assert_eq!((done.stdout.as_str(), &done.stderr), ("", &printed.stderr), "{to}");
        assert_eq!(done.read("rows.csv"), Some(printed.stdout.clone()), "{to}");
    }
    let done = run().line("price log.csv zlog.jsonl -o rows.parquet").go();
    let written = parquet(std::fs::read(done.path("rows.parquet")).expect("a file of rows"));
    let many = |name: &str| written.iter().filter(|row| row["path"] == name).count();
    assert_eq!((many("log.csv"), many("zlog.jsonl"), written.len()), (1, 2, 3));
}

/// What is no plain file is written once.
#[cfg(unix)]
#[test]
fn a_pipe_gets_each_row_once_also_where_keys_are_met_late() {
    let log = [with_id("m1", 1), with_id("m1", 7)].join("\n");
    let run = || Run::new().log(ROW).file("zlog.jsonl", &log);
    let printed = run().line("price log.csv zlog.jsonl --format csv").go();
    let piped = run().line("price log.csv zlog.jsonl --format csv -o /dev/stdout").go();
    assert_eq!(piped.stdout, printed.stdout);
    assert_eq!(piped.stdout.lines().count(), 3);
}

#[test]
fn standard_input_that_may_repeat_is_refused_with_what_to_do() {
    let run = || Run::new().stdin(with_id("m1", 1));
    run().line("report -").go().assert_fails(1, &["claude-code", "--dedupe none"]);
    assert_eq!(run().line("report - --dedupe none").report().rows("priced"), 1);
    // A log without keys may come beside a file that has them.
    let report = Run::new()
        .stdin("model,input_tokens\ngpt-4o,1000\n")
        .file("log.jsonl", [with_id("m1", 1), with_id("m1", 1)].join("\n"))
        .line("report - log.jsonl")
        .report();
    assert_eq!((report.rows("priced"), report.rows("duplicate")), (2, 1));
}

#[test]
fn what_a_filter_leaves_out_is_filtered_not_repeated() {
    let lines = vec![with_id("m1", 1), with_id("m1", 1), with_id("m2", 5)];
    let report = report(&[("a.jsonl", lines)], "--from 2026-10-05T10:00:05Z");
    assert_eq!((report.rows("priced"), report.rows("filtered")), (1, 2));
    assert_eq!(report.rows("duplicate"), 0);
}

/// A row of some key with some output; what else it says follows from both.
type KeyedRow = (u8, u16);

fn line((key, output): KeyedRow) -> String {
    let id = if key == 0 { String::new() } else { format!("k{key}") };
    let input = 1000 + u64::from(key) * 7 + u64::from(output % 3);
    format!("gpt-4o,{input},{output},{id}\n")
}

const HEADER: &str = "model,input_tokens,output_tokens,request_id\n";

/// Of each key the row with the largest output; all of those without one.
fn kept(rows: &[KeyedRow]) -> Vec<KeyedRow> {
    let mut best: BTreeMap<u8, u16> = BTreeMap::new();
    for (key, output) in rows.iter().filter(|(key, _)| *key != 0) {
        let known = best.entry(*key).or_insert(*output);
        *known = (*known).max(*output);
    }
    let bare = rows.iter().copied().filter(|(key, _)| *key == 0);
    bare.chain(best).collect()
}

fn log(rows: &[KeyedRow]) -> String {
    format!("{HEADER}{}", rows.iter().copied().map(line).collect::<String>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_log_costs_what_its_rows_cost_once(
        rows in proptest::collection::vec((0_u8..6, 0_u16..9), 0..40),
        cut in 0_usize..40,
        threads in 1_u8..4,
    ) {
        let cut = cut.min(rows.len());
        let (first, second) = rows.split_at(cut);
        let split = Run::new().file("a.csv", log(second)).file("b.csv", log(first));
        let of = format!("report . --dedupe request_id --threads {threads}");
        let found = split.line(&of).report();
        let expected = Run::new().file("a.csv", log(&kept(&rows))).line("report .").report();
        prop_assert_eq!(&found.0["scenarios"], &expected.0["scenarios"]);
        prop_assert_eq!(found.rows("read"), u64::try_from(rows.len()).expect("few"));
        prop_assert_eq!(found.rows("duplicate"), found.rows("read") - expected.rows("read"));
        // What was dropped is the rest.
        let all = Run::new().file("a.csv", log(&rows)).line("report .").report();
        let sum = atto(found.recorded()) + atto(found.0["duplicates"]["usd"].as_str().expect("text"));
        prop_assert_eq!(sum, atto(all.recorded()));
    }
}

/// An amount in units of 1e-18 USD.
fn atto(usd: &str) -> i128 {
    let (whole, decimals) = usd.split_once('.').unwrap_or((usd, ""));
    format!("{whole}{decimals:0<18}").parse().expect("an amount")
}

#[test]
fn the_history_of_a_fork_counts_once_and_where_it_was_made() {
    let (session, fork) =
        ("sample_data/formats/codex-resumed.jsonl", "sample_data/formats/codex-forked.jsonl");
    for [one, other] in [[session, fork], [fork, session]] {
        let report = Run::in_crate().args(["report", one, other, "--by", "user"]).report();
        assert_eq!((report.rows("priced"), report.rows("duplicate")), (4, 4));
        // 0.0364 of the session, and of the fork 1,500 x 1.75 + 11,000 x 0.175 + 250 x 14
        // per million.
        assert_eq!(report.recorded(), "0.04445");
        let groups = report.0["groups"].as_array().cloned().unwrap_or_default();
        let fork = groups.iter().find(|group| group["key"]["user"] == "5e55acme-c0de-0004");
        assert_eq!(fork.expect("the fork's own")["scenarios"][0]["total_usd"], "0.00805");
    }
}
