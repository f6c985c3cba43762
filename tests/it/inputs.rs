//! Every way that a log reaches the program: where it lies, how it is packed,
//! encoded and laid out.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::run::{HEADER, ROW, ROW_USD, Report, Run};

/// The log of one row.
fn log() -> String {
    format!("{HEADER}{ROW}")
}

/// Reads one file.
fn read(name: &str, content: impl AsRef<[u8]>) -> Report {
    Run::new().file(name, content).args(["report", name]).report()
}

fn paths(report: &Report) -> Vec<&str> {
    let inputs = report.0["inputs"].as_array().expect("inputs").iter();
    inputs.map(|input| input["path"].as_str().expect("a path")).collect()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes).collect()
}

#[test]
fn a_folder_is_read_with_its_folders_without_hidden_files() {
    let report = Run::new()
        .file("logs/b.csv", log())
        .file("logs/deep/er/a.jsonl", r#"{"model": "gpt-4.1-mini", "input_tokens": 1000}"#)
        .file("logs/.hidden.csv", "no log")
        .file("logs/.git/c.csv", "no log")
        .file("logs/readme.md", "no log")
        .file("logs/old.csv.bak", "no log")
        .line("report logs")
        .report();
    assert_eq!(paths(&report), ["logs/b.csv", "logs/deep/er/a.jsonl"]);
    let skipped = "not read, as no log by its extension: logs/old.csv.bak, logs/readme.md";
    assert_eq!(report.notes("skipped_files"), [skipped]);
}

#[test]
fn a_file_that_is_named_may_have_any_extension() {
    assert_eq!(read("log.weird", log()).recorded(), ROW_USD);
}

#[test]
fn a_pattern_names_files() {
    let run = Run::new().file("a/x.csv", log()).file("b/x.csv", log()).file("b/y.log", "no log");
    let report = run.args(["report", "*/x.c?v"]).report();
    assert_eq!(paths(&report), ["a/x.csv", "b/x.csv"]);
}

#[test]
fn a_pattern_leaves_hidden_files_out() {
    let run = Run::new().file("x.csv", log()).file("._x.csv", "no log");
    assert_eq!(paths(&run.args(["report", "*.csv"]).report()), ["x.csv"]);
}

#[test]
fn what_names_no_file_fails() {
    for name in ["nope.csv", "nope/*.csv", "empty"] {
        let run = Run::new().file("empty/readme.md", "no log").args(["report", name]);
        run.go().assert_fails(1, &[name, "no "]);
    }
}

#[test]
fn standard_input_is_a_dash_packed_or_not() {
    for bytes in [log().into_bytes(), gzip(&log())] {
        let report = Run::new().stdin(bytes).line("report -").report();
        assert_eq!((paths(&report), report.recorded()), (vec!["<stdin>"], ROW_USD));
    }
    let report = Run::new().log(ROW).stdin(log()).line("report - log.csv").report();
    assert_eq!(report.recorded(), "0.00112");
}

#[test]
fn a_file_that_is_named_twice_counts_twice_and_is_noted() {
    let report = Run::new().log(ROW).line("report log.csv ./log.csv").report();
    assert_eq!(report.recorded(), "0.00112");
    assert_eq!(report.notes("repeated_input").len(), 1);
    assert!(report.notes("repeated_input")[0].contains("log.csv was named more than once"));
    let report = Run::new().file("logs/log.csv", log()).line("report logs logs/*.csv").report();
    assert_eq!((report.recorded(), report.notes("repeated_input").len()), ("0.00112", 1));
}

#[test]
fn packed_files_are_known_by_their_content() {
    let zst = zstd::encode_all(log().as_bytes(), 3).expect("memory");
    for (name, bytes) in [
        ("log.csv.gz", gzip(&log())),
        ("log.csv", gzip(&log())),
        ("log.csv.zst", zst),
        ("log.csv.gz", log().into_bytes()),
    ] {
        assert_eq!(read(name, &bytes).recorded(), ROW_USD, "{name}");
    }
    let members = [gzip(&log()), gzip(ROW), gzip(""), gzip(ROW)].concat();
    assert_eq!(read("log.csv.gz", members).recorded(), "0.00168");
    let frames =
        [log(), ROW.to_owned()].map(|text| zstd::encode_all(text.as_bytes(), 1).expect("memory"));
    assert_eq!(read("log.csv.zst", frames.concat()).recorded(), "0.00112");
}

#[test]
fn text_is_read_in_every_usual_encoding() {
    let log = log().replace("timestamp,", "timestamp,team,").replace("Z,", "Z,Café 🦀,");
    let encodings = [
        log.clone().into_bytes(),
        [b"\xef\xbb\xbf", log.as_bytes()].concat(),
        log.replace('\n', "\r\n").into_bytes(),
        log.trim_end().as_bytes().to_vec(),
        utf_16(&log, u16::to_le_bytes),
        utf_16(&log, u16::to_be_bytes),
        format!("\n\n{log}\n\n").into_bytes(),
    ];
    for bytes in encodings {
        let report = Run::new().file("log.csv", &bytes).line("report log.csv --by team").report();
        let expected = format!("Café 🦀: {ROW_USD}");
        assert_eq!(report.groups(&["team"]), [expected], "{:?}", String::from_utf8_lossy(&bytes));
        assert_eq!(report.rows("read"), 1);
    }
}

#[test]
fn quoted_newlines_and_quotes_stay_in_their_field() {
    let log =
        log().replace("timestamp,", "timestamp,team,").replace("Z,", "Z,\"a\r\n\"\"b\"\",c\",");
    for size in ["1", "4194304"] {
        let run = Run::new().file("log.csv", &log);
        let run = run.args(["report", "log.csv", "--by", "team", "--chunk-size", size]);
        assert_eq!(run.report().groups(&["team"]), [format!("a\r\n\"b\",c: {ROW_USD}")]);
    }
}

#[test]
fn other_delimiters_are_found() {
    for delimiter in ["\t", ";"] {
        let report = read("log.csv", log().replace(',', delimiter));
        assert_eq!((report.recorded(), report.formats()), (ROW_USD, vec!["tierwise-csv"]));
    }
}

/// A result of the Usage API: 1000 in, 100 out on gpt-4.1-mini.
fn result() -> Value {
    json!({"object": "organization.usage.completions.result", "input_tokens": 1000,
           "output_tokens": 100, "num_model_requests": 2, "model": "gpt-4.1-mini", "batch": false})
}

fn bucket(results: &[Value]) -> Value {
    json!({"object": "bucket", "start_time": 1_791_158_400, "end_time": 1_791_244_800, "results": results})
}

fn page(buckets: &[Value]) -> Value {
    json!({"object": "page", "data": buckets, "has_more": false, "next_page": null})
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("JSON")
}

#[test]
fn usage_api_answers_are_read_in_every_layout() {
    let one = page(&[bucket(&[result()]), bucket(&[])]);
    let mut flat = result();
    flat["start_time"] = 1_791_158_400.into();
    flat["end_time"] = 1_791_244_800.into();
    let flat_page = json!({"object": "page", "data": [flat.clone(), flat.clone()]});
    for (what, text, rows, empty) in [
        ("a page", one.to_string(), 1, 1),
        ("a pretty page", pretty(&one), 1, 1),
        ("pages one a line", format!("{one}\n{one}\n"), 2, 2),
        ("pretty pages", format!("{}\n{}\n", pretty(&one), pretty(&one)), 2, 2),
        ("an array of pages", json!([one, one]).to_string(), 2, 2),
        ("a pretty array of pages", pretty(&json!([one, one])), 2, 2),
        ("an array of buckets", pretty(&json!([bucket(&[result()]), bucket(&[])])), 1, 1),
        ("a page of flat results", flat_page.to_string(), 2, 0),
        ("an array of flat results", json!([flat, flat]).to_string(), 2, 0),
        ("flat results one a line", format!("{flat}\n{flat}\n"), 2, 0),
        ("a page without buckets", page(&[]).to_string(), 0, 1),
    ] {
        let report = read("usage.json", text);
        assert_eq!(report.formats(), ["openai-usage-api"], "{what}");
        assert_eq!((report.rows("priced"), report.rows("empty")), (rows, empty), "{what}");
        let usd = ["0", "0.00056", "0.00112"][usize::try_from(rows).expect("few")];
        assert_eq!(report.recorded(), usd, "{what}");
    }
}

#[test]
fn a_batch_flag_and_tiers_of_the_usage_api_decide() {
    let with = |key: &str, value: Value| {
        let mut result = result();
        result[key] = value;
        result
    };
    // Batch 1000 x 0.20e-6 + 100 x 0.80e-6; Flex the same (article); complimentary tokens cost nothing.
    let results = [
        with("batch", true.into()),
        with("service_tier", "flex-tier".into()),
        with("service_tier", "incentivized-tier".into()),
        with("model", Value::Null),
    ];
    let report = read("usage.json", page(&[bucket(&results)]).to_string());
    assert_eq!(report.recorded(), "0.00056");
    assert_eq!(report.0["tier_source"], json!({"absent": 1, "flag": 1, "served": 2}));
    assert_eq!(report.0["unpriced"][0]["reason"], "model_not_grouped");
    assert_eq!(report.notes("free_rows").len(), 1);
}

/// A logged Chat Completion: 1000 in, 100 out.
fn chat() -> Value {
    json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1_791_018_725,
           "model": "gpt-4.1-mini", "choices": [],
           "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}})
}

/// A logged Response: the same.
fn response() -> Value {
    json!({"id": "resp_1", "object": "response", "created_at": 1_791_018_725, "model": "gpt-4.1-mini",
           "usage": {"input_tokens": 1000, "output_tokens": 100,
                     "output_tokens_details": {"reasoning_tokens": 60}}})
}

#[test]
fn logged_responses_are_read_bare_and_wrapped() {
    for (what, value) in [
        ("chat", chat()),
        ("response", response()),
        ("with its request", json!({"request": {"model": "x"}, "response": chat()})),
        ("with an HTTP answer", json!({"response": {"status": 200, "body": response()}})),
        ("body", json!({"timestamp": "2026-10-05T00:00:00Z", "body": response()})),
        ("stream event", json!({"type": "response.completed", "response": response()})),
    ] {
        for text in [value.to_string(), pretty(&value), pretty(&json!([value]))] {
            let report = read("log.jsonl", text);
            assert_eq!(report.formats(), ["openai-response-log"], "{what}");
            assert_eq!((report.recorded(), report.rows("read")), (ROW_USD, 1), "{what}");
        }
    }
}

#[test]
fn of_a_stream_the_one_event_with_usage_counts() {
    let mut chunk = chat();
    chunk["object"] = "chat.completion.chunk".into();
    let mut without = chunk.clone();
    without["usage"] = Value::Null;
    let created =
        json!({"type": "response.created", "response": {"object": "response", "usage": null}});
    let delta = json!({"type": "response.output_text.delta", "delta": "Hello"});
    let done = json!({"type": "response.completed", "response": response()});
    for events in [vec![without.clone(), without, chunk], vec![created, delta, done]] {
        let lines: Vec<String> = events.iter().map(Value::to_string).collect();
        let report = read("stream.jsonl", lines.join("\n"));
        assert_eq!((report.rows("priced"), report.rows("empty")), (1, 2));
        assert_eq!(report.recorded(), ROW_USD);
    }
}

#[test]
fn a_requested_tier_that_was_not_served_is_a_finding() {
    let mut served = chat();
    served["service_tier"] = "default".into();
    let wrapped = json!({"request": {"service_tier": "priority"}, "response": served});
    let report = read("log.jsonl", wrapped.to_string());
    assert_eq!(report.recorded(), ROW_USD);
    let expected = json!([{"requested": "priority", "served": "standard", "rows": 1}]);
    assert_eq!(report.0["tier_mismatch"], expected);
    assert_eq!(report.notes("tier_mismatch").len(), 1);
}

const PRIVATE: &str = "when;who;tokens in;hit;tokens out;team\n\
                       2026-10-05T09:00:00Z;gpt-4.1-mini;1000;400;100;web\n";

const MEANINGS: &str = "timestamp=when,model=who,input=tokens in,cached=hit,output=tokens out";

#[test]
fn a_private_log_is_read_as_it_is_mapped() {
    // 600 x 0.40e-6 + 400 x 0.10e-6 + 100 x 1.60e-6.
    for delimiter in [";", ",", "\t"] {
        let run = Run::new().file("log.csv", PRIVATE.replace(';', delimiter));
        let report = run.args(["report", "log.csv", "--by", "team", "--map", MEANINGS]).report();
        assert_eq!(report.groups(&["team"]), ["web: 0.00044"]);
    }
    let line = r#"{"t": "2026-10-05T09:00:00Z", "m": {"id": "gpt-4.1-mini"},
                   "n": {"in": 1000, "out": 100}, "meta": {"team": "web"}}"#;
    let map = "timestamp=t,model=m.id,input=n.in,output=n.out";
    let run = Run::new().file("log.json", format!("[{line}]"));
    let report = run.args(["report", "log.json", "--by", "meta.team", "--map", map]).report();
    assert_eq!(report.groups(&["meta.team"]), [format!("web: {ROW_USD}")]);
}

#[test]
fn a_mapping_that_cannot_be_used_says_why() {
    for (map, code, word) in [
        ("model=who", 2, "at least one count"),
        ("input=hit", 2, "needs `model="),
        ("model=who,inptu=hit", 2, "`inptu` is no meaning"),
        ("model", 2, "MEANING=FIELD"),
        ("", 2, "MEANING=FIELD"),
        ("model=who,input=nope", 1, "log.csv: `--map` names `nope`"),
    ] {
        let run = Run::new().file("log.csv", PRIVATE).args(["report", "log.csv", "--map", map]);
        run.go().assert_fails(code, &[word]);
    }
}

#[test]
fn a_meaning_that_is_mapped_twice_is_refused() {
    let map = "model=who,input=tokens in,input=hit";
    let run = Run::new().file("log.csv", PRIVATE).args(["report", "log.csv", "--map", map]);
    run.go().assert_fails(2, &["input"]);
}

#[test]
fn a_mapped_path_that_no_record_has_is_told() {
    let line = r#"{"m": "gpt-4.1-mini", "in": 1000, "out": 100}"#;
    let run = Run::new().file("log.jsonl", line);
    let done = run.args(["report", "log.jsonl", "--map", "model=m,input=inn,output=out"]).go();
    assert!(format!("{}{}", done.stderr, done.stdout).contains("`inn`"), "{done}");
}

/// A daily sum of the dashboard: model, requests, input and output tokens.
fn sum(start: &str, end: &str, rest: &str) -> String {
    let header = "start_time,end_time,model,num_model_requests,input_tokens,output_tokens";
    format!("{header}\n{start},{end},{rest}\n")
}

#[test]
fn a_sum_of_requests_around_a_threshold_is_the_average_and_a_range() {
    // All short 0.4 x 2.50 + 0.002 x 15 = 1.03; all long 0.4 x 5 + 0.002 x 22.50 = 2.045.
    for (rest, expected) in [
        ("gpt-5.4,2,400000,2000", json!({"low": "1.03", "high": "2.045"})),
        ("gpt-5.4,1,272000,2000", Value::Null),
        // Over the thresholds of other models alone.
        ("gpt-5.4,2,272000,2000", Value::Null),
        ("gpt-4o,2,400000,2000", Value::Null),
    ] {
        let report = read("log.csv", sum("2026-10-09T00:00:00Z", "2026-10-10T00:00:00Z", rest));
        assert_eq!(report.scenario("recorded", "recorded")["range_usd"], expected, "{rest}");
        let noted = usize::from(!expected.is_null());
        assert_eq!(report.notes("context_unsettled").len(), noted, "{rest}");
    }
}

#[test]
fn a_sum_that_begins_before_the_end_of_the_question_counts_whole_and_is_noted() {
    let log = sum("2026-10-09T00:00:00Z", "2026-10-10T00:00:00Z", "gpt-4o,2,1000000,0");
    let run = Run::new().file("log.csv", log);
    let report = run.line("report log.csv --to 2026-10-09T12:00:00Z").report();
    assert_eq!((report.recorded(), report.notes("straddling").len()), ("2.5", 1));
}

#[test]
fn a_sum_over_a_price_change_is_a_range() {
    // o3 fell from 10 to 2 a million on 2025-06-10.
    let log = sum("2025-06-09T12:00:00Z", "2025-06-10T12:00:00Z", "o3,10,1000000,0");
    let report = read("log.csv", log);
    assert_eq!(report.notes("across_price_change").len(), 1);
    let range = &report.scenario("recorded", "recorded")["range_usd"];
    assert_eq!(*range, json!({"low": "2", "high": "10"}));
}
