//! Private logs: mapping files, and the ones that `inspect` proposes.

use crate::run::Run;

/// A log in thousands, cents, days with slashes and Berlin time, whose input leaves out
/// what was cached.
const LOG: &str = "When;Model;In;Cached;Out;Cents;Id\n\
                   1/11/2026 00:30;gpt-4.1-mini;2.5;1;0.4;0.175;a\n\
                   31/10/2026 23:30;gpt-4.1-mini;2.5;1;0.4;0.175;b\n";

const MAPPING: &str = "provider = 'openai'\ncached = 'beside'\ncounts = 'thousands'\n\
                       money = 'cents'\ndays = 'day-first'\nzone = 'Europe/Berlin'\n\
                       [fields]\ntimestamp = 'When'\nmodel = ['Deployment', 'Model']\n\
                       input = 'In'\ncached = 'Cached'\noutput = 'Out'\nbilled_cost = 'Cents'\n";

fn mapped(log: &str, mapping: &str) -> Run {
    Run::new().file("log.csv", log).file("mapping.toml", mapping)
}

#[test]
fn a_mapping_file_says_how_counts_amounts_and_times_are_written() {
    let report = mapped(LOG, MAPPING).line("report log.csv --map-file mapping.toml --by day");
    let report = report.report();
    // 2500 x 0.40 + 1000 x 0.10 + 400 x 1.60 a row, per million: 0.00174.
    assert_eq!(report.recorded(), "0.00348");
    assert_eq!(report.0["billed_usd"], "0.0035");
    // 00:30 in Berlin is 23:30 the day before in UTC, and 23:30 in summer time is 21:30.
    assert_eq!(report.0["period"]["from"], "2026-10-31T22:30:00Z");
    assert_eq!(report.0["period"]["to"], "2026-10-31T23:30:00Z");
    assert_eq!(report.groups(&["day"]), ["2026-10-31: 0.00348"]);
    assert!(report.notes("zone_assumed").is_empty());
}

#[test]
fn a_count_that_is_not_whole_in_thousands_is_rejected() {
    let log = LOG.replace(";2.5;1;0.4;0.175;b", ";2.5555;1;0.4;0.175;b");
    let report = mapped(&log, MAPPING).line("report log.csv --map-file mapping.toml").report();
    assert_eq!((report.rows("priced"), report.rows("rejected")), (1, 1));
    assert_eq!(report.0["rejects"][0]["reason"], "fraction");
}

#[test]
fn a_key_of_a_mapping_counts_its_records_once() {
    let mapping = format!("{MAPPING}key = 'Model'\n");
    let report = mapped(LOG, &mapping).line("report log.csv --map-file mapping.toml").report();
    assert_eq!((report.rows("priced"), report.rows("duplicate")), (1, 1));
    assert_eq!(report.0["duplicates"]["usd"], "0.00174");
}

#[test]
fn json_pointers_and_dotted_paths_name_the_same_fields() {
    let log = r#"{"llm":{"name":"gpt-4o"},"use":{"in":1000,"out":100}}"#;
    for fields in [
        "model = '/llm/name'\ninput = '/use/in'\noutput = '/use/out'",
        "model = 'llm.name'\ninput = 'use.in'\noutput = 'use.out'",
    ] {
        let run = Run::new().file("log.jsonl", log).file("m.toml", format!("[fields]\n{fields}"));
        // 1000 x 2.50 + 100 x 10.00, per million.
        assert_eq!(run.line("report log.jsonl --map-file m.toml").report().recorded(), "0.0035");
    }
}

#[test]
fn what_is_wrong_with_a_mapping_is_told() {
    for (mapping, what) in [
        ("[fields]\nmodel = 'Model'\ninput = 'Inn'\n", "`Inn`"),
        ("fields = 3\n", "mapping.toml:1: "),
        ("[fields]\nmodel = 'Model'\n", "at least one count"),
    ] {
        let done = mapped(LOG, mapping).line("report log.csv --map-file mapping.toml").go();
        assert_ne!(done.code, Some(0));
        assert!(done.stderr.contains(what), "{done}");
    }
    let done = Run::new().file("log.csv", LOG).line("report log.csv --map-file none.toml").go();
    done.assert_fails(1, &["none.toml"]);
}

#[test]
fn an_unknown_log_gets_a_mapping_that_reads_it() {
    let log = r#"{"at":"2026-10-05T10:00:00Z","llm":{"modelName":"gpt-4o"},"usage":{"prompt_tokens":1000,"completion_tokens":100},"req":{"id":"a"}}"#;
    let done = Run::new().file("log.jsonl", log).line("inspect log.jsonl").go();
    assert_eq!(done.code, Some(0), "{done}");
    for line in [
        "# log.jsonl: not a log format that is known",
        "timestamp = \"at\"",
        "model = \"llm.modelName\"",
        "input = \"usage.prompt_tokens\"",
        "# key = \"req.id\"   # if records with one value are one record",
    ] {
        assert!(done.stdout.lines().any(|shown| shown == line), "{line}\n{done}");
    }
    let run = Run::new().file("log.jsonl", log).file("mapping.toml", &done.stdout);
    let report = run.line("report log.jsonl --map-file mapping.toml").report();
    assert_eq!(report.recorded(), "0.0035");
}
