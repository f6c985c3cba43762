//! A saved ledger: the same report as the logs, with the same rates or with others, and
//! what it refuses.

use std::io::Read as _;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::Value;
use tierwise::formats::Ask;
use tierwise::frame::ParquetText;
use tierwise::ledger::{Cuts, Restored, restore};
use tierwise::rates::RateBook;

use crate::run::{Report, Run};

/// The parts of a report that say what was read from where.
const INPUTS: [&str; 5] = ["inputs", "rejects", "arguments", "notes", "findings"];

/// A report apart from these.
fn answer(report: &Report) -> Value {
    let mut answer = report.0.clone();
    let fields = answer.as_object_mut().expect("an object");
    for input in INPUTS {
        fields.remove(input);
    }
    answer
}

/// The report of files, and that of a ledger that was saved of them.
fn both(files: &[(&str, &str)], save: &str, arguments: &str) -> (Report, Report) {
    let run = || {
        let run = Run::new();
        files.iter().fold(run, |run, (name, text)| run.file(&format!("logs/{name}"), text))
    };
    let saved = run().line(&format!("ledger logs -q -o ledger.parquet {save}")).go();
    assert_eq!(saved.code, Some(0), "{saved}");
    let ledger = std::fs::read(saved.path("ledger.parquet")).expect("the ledger");
    let cards = files.iter().filter(|(name, _)| name.contains("card"));
    let again = cards.fold(Run::new(), |run, (name, text)| run.file(&format!("logs/{name}"), text));
    let again = again.file("ledger.parquet", ledger);
    let again = again.line(&format!("report ledger.parquet {arguments}")).report();
    (run().line(&format!("report logs {arguments}")).report(), again)
}

#[test]
fn a_ledger_of_the_samples_gives_their_report() {
    for (folder, by) in [
        ("october-2026", "project,user,api-key,team"),
        ("formats", "project"),
        ("openai-dashboard-2025-10", "user"),
        ("real-bills", "project"),
    ] {
        let map = if folder == "real-bills" {
            "--map timestamp=asked,model=model,input=prompt_tokens,output=completion_tokens,billed_cost=charged_usd"
        } else {
            ""
        };
        let file = tempfile::tempdir().expect("a folder");
        let path = file.path().join("ledger.parquet");
        let path = path.to_str().expect("UTF-8");
        let of = format!("sample_data/{folder} {map}");
        let save = Run::in_crate().line(&format!("ledger {of} --by {by} -q -o {path}")).go();
        assert_eq!(save.code, Some(0), "{save}");
        for arguments in ["", "--published-only", "--by day,tier", "--uncovered exclude --by month"]
        {
            let report = Run::in_crate().line(&format!("report {of} {arguments}")).report();
            let again = Run::in_crate().line(&format!("report {path} {arguments}")).report();
            assert_eq!(answer(&again), answer(&report), "{folder} {arguments}");
        }
        for label in by.split(',') {
            let grouped = |of: &str| {
                let report = Run::in_crate().line(&format!("report {of} --by {label}")).report();
                report.0["groups"].clone()
            };
            assert_eq!(grouped(path), grouped(&of), "{folder} {label}");
        }
    }
}

const LOG: &str = "timestamp,model,input_tokens,output_tokens,project\n\
                   2026-10-05T10:00:00Z,gpt-4o,1000,100,a\n\
                   2026-10-06T10:00:00Z,gpt-5.4,300000,100,b\n\
                   2026-10-06T11:00:00Z,gpt-5.4,1000,100,b\n";

#[test]
fn filters_and_their_classes_are_those_of_the_logs() {
    for arguments in
        ["--where model=gpt-4o", "--from 2026-10-06", "--to 2026-10-06", "--where project=b"]
    {
        let (mut report, mut again) = both(&[("log.csv", LOG)], "--by project", arguments);
        for report in [&mut report, &mut again] {
            // Of what is left of a ledger the days are known.
            let period = report.0["period"].as_object_mut().expect("a period");
            period.retain(|key, _| !["from", "to"].contains(&key.as_str()));
        }
        assert_eq!(answer(&again), answer(&report), "{arguments}");
        assert!(again.rows("filtered") > 0);
    }
}

/// A card that moves the long band of a model, and begins another price within a day.
const CARD: &str = "schema = 1\nlayer = \"own\"\nprovider = \"openai\"\nevidence = \"user\"\n\
                    source = \"contract\"\nchecked = 2026-10-01\ntable = \"partial\"\n[[models]]\nid = \"own-1\"\n\
                    bands = { long = { over = 100_000 } }\nprices = [\n\
                    { tier = \"standard\", usd = { input = \"1.00\", output = \"2.00\" } },\n\
                    { tier = \"standard\", band = \"long\", usd = { input = \"3.00\", output = \"4.00\" } },\n]\n";

#[test]
fn another_book_within_the_cuts_gives_the_report_of_the_logs() {
    let log = "timestamp,model,input_tokens,output_tokens\n\
               2026-10-05T10:00:00Z,own-1,100000,100\n2026-10-05T10:00:00Z,own-1,100001,100\n\
               2026-10-05T11:00:00Z,own-1,250000,100\n";
    let files = [("log.csv", log), ("card.toml", CARD)];
    let (report, again) = both(&files, "", "--rates logs/card.toml --by model");
    assert_eq!(answer(&again), answer(&report));
    // 0.1 + 0.0002, and (100001 + 250000) x 3 + 200 x 4, per million.
    assert_eq!(again.recorded(), "1.151003");
    assert!(again.notes("cut_apart").is_empty());
}

#[test]
fn a_book_that_cuts_what_was_summed_gives_a_range_and_says_so() {
    let card = CARD.replace("100_000", "150_000");
    let log = "timestamp,model,input_tokens,output_tokens\n\
               2026-10-05T10:00:00Z,own-1,140000,0\n2026-10-05T10:00:00Z,own-1,160000,0\n";
    let files = [("log.csv", log), ("card.toml", card.as_str())];
    let (_, again) = both(&files, "", "--rates logs/card.toml");
    let range = &again.scenario("recorded", "recorded")["range_usd"];
    // All short, and all long; 150,000 on average are short.
    assert_eq!(range, &serde_json::json!({ "low": "0.3", "high": "0.9" }));
    assert_eq!(again.recorded(), "0.3");
    assert_eq!(again.notes("cut_apart").len(), 1);
}

#[test]
fn ledgers_merge_and_two_of_one_input_do_not() {
    let other = LOG.replace("gpt-4o", "gpt-4o-mini");
    let run = |name: &str, text: &str| {
        let done =
            Run::new().file("log.csv", text).line(&format!("ledger log.csv -q -o {name}")).go();
        std::fs::read(done.path(name)).expect("the ledger")
    };
    let (one, two) = (run("one.parquet", LOG), run("two.parquet", &other));
    let merged = Run::new().file("one.parquet", &one).file("two.parquet", &two);
    let merged = merged.line("report one.parquet two.parquet --by model").report();
    let logs = Run::new().file("a.csv", LOG).file("b.csv", &other).line("report . --by model");
    assert_eq!(answer(&merged), answer(&logs.report()));
    let twice = Run::new().file("one.parquet", &one).file("copy.parquet", &one);
    let done = twice.line("report one.parquet copy.parquet").go();
    done.assert_fails(1, &["one.parquet", "copy.parquet", "log.csv", "twice"]);
}

#[test]
fn each_ledger_says_for_itself_which_of_its_rows_have_a_price() {
    let row = |model: &str| {
        format!("timestamp,model,input_tokens\n2026-10-05T10:00:00Z,{model},1000000\n")
    };
    let saved = |model: &str| {
        let run = Run::new().file("log.csv", row(model)).line("ledger log.csv -q -o l.parquet");
        std::fs::read(run.go().path("l.parquet")).expect("the ledger")
    };
    let (unknown, known) = (saved("acme-7b"), saved("gpt-4o"));
    let run = Run::new().file("a.parquet", &unknown).file("b.parquet", &known);
    let run = run.file("c.csv", row("gpt-4o-mini"));
    let report = run.line("report a.parquet b.parquet c.csv --threads 1").report();
    // 2.50 and 0.15 for 1M tokens.
    assert_eq!(report.recorded(), "2.65");
    let priced: Vec<_> = report.0["inputs"].as_array().expect("inputs").iter().collect();
    let priced: Vec<_> = priced.iter().map(|input| &input["rows"]["priced"]).collect();
    assert_eq!(priced, [0, 1, 1]);
}

#[test]
fn what_a_ledger_does_not_hold_is_refused_with_what_to_do() {
    let saved = Run::new().file("log.csv", LOG).line("ledger log.csv -q -o l.parquet").go();
    let ledger = std::fs::read(saved.path("l.parquet")).expect("the ledger");
    for (arguments, words) in [
        ("report l.parquet --by project", "`tierwise ledger --by project`"),
        ("report l.parquet --where project=a", "`tierwise ledger --by project`"),
        ("report l.parquet --from 2026-10-05T12:00:00Z", "`--from` cuts one"),
        ("report l.parquet --timezone America/New_York", "`--timezone` cuts one"),
    ] {
        let done = Run::new().file("l.parquet", &ledger).line(arguments).go();
        done.assert_fails(1, &["l.parquet", words]);
    }
    let done = Run::new().file("l.parquet", &ledger).line("price l.parquet").go();
    assert_eq!(done.code, Some(1), "{done}");
    assert!(done.stderr.contains("l.parquet: a saved ledger has sums, no rows"), "{done}");
}

/// The table of a saved ledger as text.
fn table_of(log: &str) -> String {
    let saved = Run::new().file("log.csv", log).line("ledger log.csv -q -o l.parquet").go();
    let mut text = String::new();
    let mut table = ParquetText::open(&saved.path("l.parquet")).expect("the ledger");
    table.read_to_string(&mut text).expect("text");
    text
}

/// What is said of a table; its rows where nothing is.
fn restored(table: &str) -> Result<u64, String> {
    let book = RateBook::built_in().expect("the book");
    let cuts = Arc::new(Cuts::new(&book, jiff::tz::TimeZone::UTC));
    let restored = restore(table.as_bytes(), "l", (&cuts, &Ask::default()), &mut |_, _, _| true);
    let rows = |restored: Restored| restored.ledger.cells().map(|cell| cell.cell.rows).sum();
    restored.map(rows).map_err(|error| error.to_string())
}

#[test]
fn a_damaged_ledger_is_refused() {
    let table = table_of(LOG);
    assert_eq!(restored(&table), Ok(3));
    let lines: Vec<&str> = table.lines().collect();
    let without = |at: usize| {
        let kept = lines.iter().enumerate().filter(|(line, _)| *line != at);
        kept.map(|(_, line)| format!("{line}\n")).collect::<Vec<_>>().concat()
    };
    let last = lines.last().expect("a record");
    for damaged in [
        without(1),
        without(lines.len() - 1),
        format!("{table}{last}\n"),
        table.replacen(",input,", ",inputs,", 1),
        table.replacen(",start,", ",begin,", 1),
        table.replacen(",1000,", ",1001,", 1),
        table.replacen("2026-10-05T00:00:00Z", "never", 1),
        table.replacen("cell,", "cells,", 1),
        table.replacen("\"\"version\"\":1", "\"\"version\"\":2", 1),
    ] {
        assert_ne!(damaged, table);
        let error = restored(&damaged).expect_err("refused");
        assert!(error.starts_with("l: record ") && error.contains("not a ledger file"), "{error}");
    }
}

#[test]
fn a_ledger_and_what_it_is_made_of_are_not_read_together() {
    let saved = Run::new().file("log.csv", LOG).line("ledger log.csv -q -o l.parquet").go();
    let ledger = std::fs::read(saved.path("l.parquet")).expect("the ledger");
    let with = || Run::new().file("l.parquet", &ledger);
    for (name, args) in [("log.csv", "report log.csv l.parquet"), ("a/other.csv", "report .")] {
        with().file(name, LOG).line(args).go().assert_fails(1, &["log.csv", "l.parquet", "twice"]);
    }
    // A year's ledger holds its months.
    let year = with().line("ledger l.parquet -q -o year.parquet").go();
    let year = std::fs::read(year.path("year.parquet")).expect("the ledger");
    let both = with().file("year.parquet", &year).line("report l.parquet year.parquet").go();
    both.assert_fails(1, &["l.parquet", "year.parquet", "twice"]);
    let again = Run::new().file("year.parquet", &year).line("report year.parquet").report();
    let logs = Run::new().file("log.csv", LOG).line("report log.csv").report();
    assert_eq!(answer(&again), answer(&logs));
    // From a stream no digest is known, but the ledger itself is.
    let stream = Run::new().stdin(LOG).line("ledger - -q -o s.parquet").go();
    let stream = std::fs::read(stream.path("s.parquet")).expect("the ledger");
    let twice = Run::new().file("a.parquet", &stream).file("b.parquet", &stream);
    twice.line("report a.parquet b.parquet").go().assert_fails(1, &["a.parquet", "b.parquet"]);
}

#[test]
fn requests_that_are_not_counted_stay_in_their_class() {
    // A hundred sums of unknown many, and one request.
    let rows = "2026-10-05T10:00:00Z,gpt-5.4,0,3000\n".repeat(100);
    let log = format!(
        "timestamp,model,requests,input_tokens\n{rows}2026-10-05T10:00:00Z,gpt-5.4,1,3000\n"
    );
    let (report, again) = both(&[("log.csv", &log)], "", "");
    assert_eq!(answer(&again), answer(&report));
}

#[test]
fn what_filters_cannot_tell_of_a_ledger_is_refused() {
    let log = "timestamp,model,input_tokens,billed_cost\n2026-10-05T10:00:00Z,gpt-4o,1000,1\n\
               2026-10-05T10:00:00Z,gpt-4o,,100\n";
    let saved = Run::new().file("log.csv", log).line("ledger log.csv -q -o l.parquet").go();
    let ledger = std::fs::read(saved.path("l.parquet")).expect("the ledger");
    let run = |arguments: &str| Run::new().file("l.parquet", &ledger).line(arguments);
    assert_eq!(run("report l.parquet").report().0["billed_usd"], "101");
    let refused = run("report l.parquet --from 2026-10-06").go();
    refused.assert_fails(1, &["l.parquet", "amounts without usage"]);
    for option in ["--dedupe none", "--map model=model,input=input"] {
        let done = run(&format!("report l.parquet {option}")).go();
        done.assert_fails(1, &["l.parquet", "`tierwise ledger`"]);
    }
    for option in ["--alias a=gpt-4o", "--assume-date 2026-10-05", "--region global"] {
        let done =
            Run::new().file("log.csv", log).line(&format!("ledger log.csv -o l.parquet {option}"));
        done.go().assert_fails(2, &["for the reports of a ledger"]);
    }
    let done = Run::new().file("log.csv", log).line("ledger log.csv -o l.csv").go();
    done.assert_fails(2, &[".parquet"]);
    let inspected = run("inspect l.parquet").go();
    assert!(inspected.stdout.contains("l.parquet: a saved ledger"), "{inspected}");
}

#[test]
fn keys_that_a_ledger_does_not_keep_are_noted() {
    let call = |id: &str| {
        format!(
            r#"{{"type":"assistant","timestamp":"2026-10-05T10:00:00Z","sessionId":"s","message":{{"id":"{id}","model":"claude-haiku-4-5","usage":{{"input_tokens":3,"output_tokens":5}}}}}}"#
        )
    };
    let one = [call("m1"), call("m1"), call("m2")].join("\n");
    let saved = Run::new().file("a.jsonl", &one).line("ledger a.jsonl -q -o a.parquet").go();
    let ledger = std::fs::read(saved.path("a.parquet")).expect("the ledger");
    let alone = Run::new().file("a.parquet", &ledger).line("report a.parquet").report();
    assert_eq!((alone.rows("priced"), alone.rows("duplicate")), (2, 1));
    assert_eq!(alone.0["duplicates"]["usd"], "0.000028");
    assert!(alone.notes("double_count").is_empty());
    let beside = Run::new().file("a.parquet", &ledger).file("b.jsonl", call("m1"));
    let beside = beside.line("report a.parquet b.jsonl").report();
    assert!(beside.notes("double_count")[0].contains("without the keys"));
    let filtered = Run::new().file("a.parquet", &ledger).line("report a.parquet --from 2026-10-06");
    let filtered = filtered.report();
    assert_eq!(["duplicate", "filtered", "read"].map(|class| filtered.rows(class)), [0, 3, 3]);
}

fn row() -> impl Strategy<Value = String> {
    let models = ["gpt-4o", "gpt-5.4", "o3", "claude-haiku-5-5", "acme"];
    let tiers = ["", "flex", "priority", "batch"];
    (0_u32..70, 0..models.len(), 0..tiers.len(), 0_u32..400_000, 0_u32..5, 1_u32..4, 0_u32..3)
        .prop_map(move |(day, model, tier, input, cached, requests, project)| {
            let start = 1_748_736_000 + u64::from(day) * 40_000;
            let (model, tier) = (models[model], tiers[tier]);
            let cached = input * cached / 5;
            format!("{start},{model},{tier},{requests},{input},{cached},{day},p{project}\n")
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_log_gives_the_report_of_its_ledger(rows in proptest::collection::vec(row(), 1..40)) {
        let header =
            "timestamp,model,service_tier,requests,input_tokens,cached_input_tokens,output_tokens,project\n";
        let log = format!("{header}{}", rows.concat());
        let (report, again) = both(&[("log.csv", &log)], "--by project", "--by project,day,model");
        prop_assert_eq!(answer(&again), answer(&report));
    }
}
