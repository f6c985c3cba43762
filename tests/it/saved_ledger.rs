//! A saved ledger: the same report as the logs, with the same rates or with others, and
//! what it refuses.

use proptest::prelude::*;
use serde_json::Value;

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

#[test]
fn a_damaged_ledger_is_refused() {
    let header = "tierwise_ledger,start,model,about,rows,requests,input\n";
    for record in
        ["cell,,gpt-4o,,x,1,5\n", "cell,never,gpt-4o,,1,1,5\n", "other,,,,,,\n", "cuts,,,{},,,\n"]
    {
        let run = Run::new().file("l.csv", format!("{header}{record}"));
        run.line("report l.csv").go().assert_fails(1, &["l.csv: record 1: not a ledger file"]);
    }
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
