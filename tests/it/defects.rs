//! What is wrong in a log is told with file, line, field and reason, and never
//! becomes another total.

use std::io::Write as _;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::run::{HEADER, ROW, ROW_USD, Report, Run};

/// A row with something of its own between its time and its end.
fn row(rest: &str) -> String {
    format!("2026-10-05T09:07:00Z,{rest}\n")
}

fn report(rows: &str) -> Report {
    Run::new().log(rows).line("report log.csv").report()
}

/// Fails unless the third line is the only one rejected, so and so.
fn assert_rejected(bad: &str, field: &str, reason: &str) {
    let report = report(&format!("{ROW}{bad}{ROW}"));
    assert_eq!(report.rejects(), [(3, field, reason)], "{bad}");
    assert_eq!((report.rows("priced"), report.rows("rejected")), (2, 1), "{bad}");
    assert_eq!(report.recorded(), "0.00112", "{bad}");
    assert_eq!(report.notes("rejected"), ["1 row rejected: in no total"]);
}

#[test]
fn counts_that_are_no_counts_are_rejected() {
    for (rest, field, reason) in [
        ("gpt-4o-mini,standard,1000.5,0,1", "input_tokens", "fraction"),
        ("gpt-4o-mini,standard,1000,0,-1", "output_tokens", "negative"),
        ("gpt-4o-mini,standard,1e30,0,1", "input_tokens", "too_large"),
        ("gpt-4o-mini,standard,18446744073709551616,0,1", "input_tokens", "too_large"),
        ("gpt-4o-mini,standard,1000,NaN,1", "cached_input_tokens", "not_a_number"),
        ("gpt-4o-mini,standard,true,0,1", "input_tokens", "not_a_number"),
        ("gpt-4o-mini,standard,\"1,000\",0,1", "input_tokens", "not_a_number"),
        ("gpt-4o-mini,standard,0x10,0,1", "input_tokens", "not_a_number"),
    ] {
        assert_rejected(&row(rest), field, reason);
    }
}

#[test]
fn counts_in_every_spelling_of_a_whole_number_are_read() {
    let rows = ["1000.0", "1e3", "\"1000\"", " 1000 ", "001000"];
    for count in rows {
        let report = report(&row(&format!("gpt-4.1-mini,standard,{count},0,100")));
        assert_eq!(report.recorded(), ROW_USD, "{count}");
    }
}

#[test]
fn rows_that_are_no_usage_are_rejected() {
    assert_rejected(&row(",standard,1000,0,1"), "model", "no_model");
    assert_rejected("yesterday,gpt-4o,standard,1000,0,1\n", "timestamp", "not_a_time");
    assert_rejected(&row("gpt-4o,standard,1000,1"), "record", "field_count");
    assert_rejected(&row("gpt-4o,standard,1000,0,1,7"), "record", "field_count");
    assert_rejected(HEADER, "record", "repeated_header");
    assert_rejected("Total,,,2000,0,200\n", "timestamp", "footer");
    assert_rejected("\"TOTAL\",,,2000,0,200\n", "timestamp", "footer");
    assert_rejected("Total for October,,,2000,0,200\n", "timestamp", "not_a_time");
    assert_rejected(&row("gpt-4o,\"stand\"ard,1000,0,1"), "record", "malformed_quote");
}

#[test]
fn cached_over_input_is_rejected_with_the_name_of_the_field() {
    assert_rejected(&row("gpt-4o,standard,1000,1200,1"), "input_tokens", "part_over_whole");
}

#[test]
fn cached_over_input_is_rejected() {
    let report = report(&format!("{ROW}{}", row("gpt-4o,standard,1000,1200,1")));
    assert_eq!(report.recorded(), ROW_USD);
    let (line, _, reason) = report.rejects()[0];
    assert_eq!((line, reason), (3, "part_over_whole"));
}

#[test]
fn a_field_that_is_not_utf_8_rejects_its_row() {
    let mut log = format!("{HEADER}{ROW}").into_bytes();
    log.extend(b"2026-10-05T09:07:00Z,gpt-4\xff,standard,1000,0,1\n");
    let report = Run::new().file("log.csv", log).line("report log.csv").report();
    assert_eq!(report.rejects(), [(3, "model", "not_utf8")]);
    assert_eq!(report.recorded(), ROW_USD);
}

#[test]
fn json_lines_are_rejected_one_by_one() {
    let good = r#"{"model": "gpt-4.1-mini", "input_tokens": 1000, "output_tokens": 100}"#;
    for (bad, field, reason) in [
        (r#"{"model": "gpt-4o", "input_tokens": true}"#, "input_tokens", "not_a_number"),
        (r#"{"model": "gpt-4o", "input_tokens": 1.5}"#, "input_tokens", "fraction"),
        (r#"{"model": "gpt-4o", "input_tokens": [1, 2]}"#, "input_tokens", "not_a_number"),
        (r#"{"model": 4, "input_tokens": 1}"#, "model", "not_text"),
        (r#"{"input_tokens": 1}"#, "model", "no_model"),
        (r#"{"model": "gpt-4o", "input_tokens": 1, "input_tokens": 2}"#, "record", "not_json"),
        (r#"{"model": "gpt-4o", "input_tokens": 1"#, "record", "not_json"),
        (r#"{"model": "gpt-4o", "input_tokens": NaN}"#, "record", "not_json"),
        ("42", "record", "not_json"),
    ] {
        let run = Run::new().file("log.jsonl", format!("{good}\n{bad}\n{good}\n"));
        let report = run.line("report log.jsonl").report();
        assert_eq!(report.rejects(), [(2, field, reason)], "{bad}");
        assert_eq!(report.recorded(), "0.00112", "{bad}");
    }
}

#[test]
fn a_duplicate_key_is_named() {
    let log = r#"{"model": "gpt-4o", "input_tokens": 1, "input_tokens": 2}"#;
    let report = Run::new().file("log.jsonl", log).line("report log.jsonl").report();
    let detail = report.0["rejects"][0]["detail"].as_str().expect("a detail");
    assert!(detail.starts_with("the key `input_tokens` occurs twice"), "{detail}");
}

/// A logged response with the given keys after its model.
fn response(usage: &str) -> String {
    let head = r#"{"object": "chat.completion", "created": 1791018725, "model": "gpt-4.1-mini""#;
    format!("{head}, {usage}}}\n")
}

#[test]
fn counts_that_contradict_each_other_are_rejected() {
    let log = response(r#""usage": {"prompt_tokens": 10, "input_tokens": 11}"#);
    let report = Run::new().file("log.jsonl", log).line("report log.jsonl").report();
    assert_eq!(report.rejects(), [(1, "usage.prompt_tokens / usage.input_tokens", "conflict")]);
    let log = response(r#""usage": {"prompt_tokens": 10, "input_tokens": 10}"#);
    let report = Run::new().file("log.jsonl", log).line("report log.jsonl").report();
    assert_eq!(report.recorded(), "0.000004");
}

#[test]
fn a_duplicate_usage_object_is_rejected() {
    for second in [r#"{"completion_tokens": 100}"#, "null"] {
        let log = response(&format!(r#""usage": {{"prompt_tokens": 1000}}, "usage": {second}"#));
        let report = Run::new().file("log.jsonl", log).line("report log.jsonl").report();
        assert_eq!(report.rejects(), [(1, "record", "not_json")], "{second}");
    }
}

#[test]
fn all_rejected_records_are_written_to_a_file() {
    let rows = format!("{ROW}{}{ROW}{}", row("a,standard,1.5,0,1"), row("b,standard,2.5,0,1"));
    let done = Run::new().log(&rows).line("report log.csv --rejects rejects.csv").go();
    assert_eq!(done.code, Some(0), "{done}");
    let expected = "path,line,field,reason,detail\n\
                    log.csv,3,input_tokens,fraction,`1.5`\n\
                    log.csv,5,input_tokens,fraction,`2.5`\n";
    assert_eq!(done.read("rejects.csv").as_deref(), Some(expected));
    let all = "log.csv:3: input_tokens: fraction: `1.5` (the first of 2)";
    assert!(done.stdout.contains(all), "{done}");
}

#[test]
fn a_refused_run_leaves_an_older_file_of_rejects_as_it_was() {
    let run = Run::new().log("\"").file("rejects.csv", "old");
    let done = run.line("report log.csv --rejects rejects.csv -o out.json").go();
    done.assert_fails(1, &["log.csv:2"]);
    assert_eq!(done.read("rejects.csv").as_deref(), Some("old"));
    assert_eq!(done.files(), ["log.csv", "rejects.csv"]);
}

#[test]
fn lines_are_counted_over_quoted_newlines() {
    let log = "timestamp,model,input_tokens,team\n\
               2026-10-05T09:00:00Z,gpt-4o,1,\"a\nb\"\n\
               2026-10-05T09:00:00Z,gpt-4o,x,c\n";
    let report = Run::new().file("log.csv", log).line("report log.csv").report();
    assert_eq!(report.rejects(), [(4, "input_tokens", "not_a_number")]);
}

#[test]
fn lines_are_counted_over_crlf_whatever_the_chunks() {
    let log = format!("{HEADER}{ROW}{ROW}{}", row("a,standard,1.5,0,1")).replace('\n', "\r\n");
    for size in ["1", "60", "100", "4194304"] {
        let run = Run::new().file("log.csv", &log);
        let report = run.args(["report", "log.csv", "--chunk-size", size]).report();
        assert_eq!(report.rejects(), [(4, "input_tokens", "fraction")], "{size}");
    }
}

#[test]
fn lines_are_counted_over_blank_ones() {
    let report = report(&format!("{ROW}\n\n{}", row("a,standard,1.5,0,1")));
    assert_eq!(report.rejects(), [(5, "input_tokens", "fraction")]);
}

#[test]
fn a_quote_that_never_closes_refuses_the_file_and_names_the_line_that_opens_it() {
    let rows = format!("{ROW}2026-10-05T09:07:00Z,\"gpt-4o,standard,1,0,1\n{ROW}{ROW}");
    for size in ["10", "4194304"] {
        let run = Run::new().log(&rows).args(["report", "log.csv", "--chunk-size", size]);
        run.go().assert_fails(1, &["log.csv:3: a quote opens here and is never closed"]);
    }
}

#[test]
fn a_large_file_with_an_open_quote_is_refused_at_once() {
    let row = "2026-10-05T09:07:00Z,\"gpt-4o,standard,1,0,1\n";
    let rows = format!("{ROW}{row}{}", ROW.repeat(20_000_000 / ROW.len()));
    let run = Run::new().log(&rows).line("report log.csv");
    let begun = Instant::now();
    run.go().assert_fails(1, &["log.csv:3: ", "quote"]);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

#[test]
fn a_compressed_file_that_is_cut_or_goes_on_in_garbage_is_refused() {
    let whole = gzip(&format!("{HEADER}{}", ROW.repeat(500)));
    let with_garbage = [whole.as_slice(), b"garbage"].concat();
    let cut = |length: usize| whole.get(..length).expect("a part").to_vec();
    for bytes in [cut(whole.len() - 4), cut(whole.len() / 2), cut(3), with_garbage] {
        let run = Run::new().file("log.csv.gz", bytes).line("report log.csv.gz");
        run.go().assert_fails(1, &["log.csv.gz", "cut or damaged", "nothing is reported"]);
    }
    let zst = zstd::encode_all(format!("{HEADER}{ROW}").as_bytes(), 1).expect("memory");
    let run = Run::new().file("log.csv.zst", &zst[..zst.len() - 3]).line("report log.csv.zst");
    run.go().assert_fails(1, &["log.csv.zst", "cut or damaged"]);
}

#[test]
fn a_json_document_that_is_cut_or_goes_on_is_refused() {
    let item = r#"{"model": "gpt-4.1-mini", "input_tokens": 1000}"#;
    for (text, word) in [
        (format!("[\n{item},\n{item}"), "the document ends inside"),
        (format!("[\n{item},\n{}", item.replace('}', "")), "log.json:3: the document ends inside"),
        (format!("[{item}]\n[{item}]"), "log.json:2: not JSON: text after the end of the array"),
    ] {
        let run = Run::new().file("log.json", text).line("report log.json");
        run.go().assert_fails(1, &[word]);
    }
}

#[test]
fn an_unknown_file_fails_with_what_it_has_and_what_it_is_nearest_to() {
    let run = Run::new().file("log.csv", "time,name,prompt_tokens,output_tokens\n1,2,3,4\n");
    run.line("report log.csv").go().assert_fails(
        1,
        &["log.csv: ", "time, name, prompt_tokens, output_tokens", "tierwise-csv", "--map"],
    );
    let run = Run::new().file("log.jsonl", "{\"name\": 1, \"output_tokens\": 3}\n");
    run.line("report log.jsonl").go().assert_fails(
        1,
        &["log.jsonl: ", "name, output_tokens", "tierwise-jsonl", "openai-usage-api", "--map"],
    );
}

#[test]
fn messages_and_inspect_show_no_control_characters_of_a_file() {
    let done = Run::new().file("log.csv", "\u{1b}[31mfoo,bar\n").line("report log.csv").go();
    done.assert_fails(1, &["foo"]);
    assert!(!done.stderr.contains('\u{1b}'), "{:?}", done.stderr);
    let run = Run::new().log(&ROW.replace("gpt", "\u{1b}[31mgpt"));
    let done = run.line("inspect log.csv").go();
    assert!(!done.stdout.contains('\u{1b}'), "{:?}", done.stdout);
}

#[test]
fn a_column_that_occurs_twice_is_refused() {
    let log = "model,input_tokens,model\ngpt-4o,1,gpt-5\n";
    let run = Run::new().file("log.csv", log).line("report log.csv");
    run.go().assert_fails(1, &["log.csv:1: ", "`model`", "twice"]);
}

#[test]
fn an_empty_file_is_noted_and_costs_nothing() {
    for text in ["", " \n\n", "\u{feff}"] {
        let run = Run::new().file("empty.csv", text).log(ROW);
        let report = run.line("report empty.csv log.csv").report();
        assert_eq!(report.notes("empty_file"), ["empty.csv is empty"]);
        assert_eq!((report.recorded(), report.formats()), (ROW_USD, vec!["-", "tierwise-csv"]));
    }
}

#[test]
fn an_unknown_model_is_unpriced_and_named_with_rows_and_tokens() {
    let rows = format!("{ROW}{0}{0}", row("acme-7b,standard,1000,0,100"));
    let report = report(&rows);
    assert_eq!(report.recorded(), ROW_USD);
    let expected = serde_json::json!([
        {"model": "acme-7b", "reason": "unknown_model", "rows": 2, "tokens": 2200,
         "list_rows": 0, "list_usd": null}
    ]);
    assert_eq!(report.0["unpriced"], expected);
    assert_eq!(report.notes("unpriced"), ["2 rows without a price, 2,200 tokens: in no total"]);
}

#[test]
fn batch_output_is_batch_whatever_tier_it_names() {
    // 1000 x 0.20e-6 + 100 x 0.80e-6 a line.
    let line = |id: u32, tier: &str| {
        let body = response(&format!(
            r#"{tier} "usage": {{"prompt_tokens": 1000, "completion_tokens": 100}}"#
        ));
        let body = body.trim();
        format!(r#"{{"id": "batch_req_{id}", "custom_id": "a", "response": {{"body": {body}}}}}"#)
    };
    let log = [line(1, r#""service_tier": "default","#), line(2, "")].join("\n");
    let report = Run::new().file("log.jsonl", log).line("report log.jsonl").report();
    assert_eq!(report.formats(), ["openai-batch-output"]);
    assert_eq!(report.0["tier_source"], serde_json::json!({"envelope": 2}));
    assert_eq!(report.recorded(), "0.00056");
    assert_eq!(report.total("standard", "recorded"), "0.00112");
}

#[test]
fn a_record_of_another_shape_is_not_taken_for_an_empty_one() {
    let body = response(r#""usage": {"prompt_tokens": 1000}"#);
    let body = body.trim();
    let batch = format!(r#"{{"custom_id": "a", "response": {{"body": {body}}}}}"#);
    let own = r#"{"model": "gpt-4o", "input_tokens": 1000}"#;
    for (first, second) in [(batch.as_str(), body), (body, own)] {
        let run = Run::new().file("log.jsonl", format!("{first}\n{second}\n"));
        let report = run.line("report log.jsonl").report();
        assert_eq!(report.rows("empty"), 0, "{first} and {second}");
        assert_eq!(report.rejects().len(), 1, "{first} and {second}");
    }
}

#[test]
fn a_billed_amount_without_usage_is_a_class_of_its_own() {
    let log = "timestamp,model,input_tokens,billed_cost\n\
               2026-10-05T09:00:00Z,gpt-4o,0,1.5\n\
               2026-10-05T09:00:00Z,,,2.5\n";
    let report = Run::new().file("log.csv", log).line("report log.csv").report();
    assert_eq!((report.rows("billed_only"), report.rows("priced")), (2, 0));
    assert_eq!(report.0["billed_usd"], "4");
}

#[test]
fn what_was_billed_stands_beside_what_is_priced() {
    let log = "timestamp,model,input_tokens,billed_cost\n\
               2026-10-05T09:00:00Z,gpt-4o,1000,0.0030\n\
               2026-10-05T09:00:00Z,gpt-4o,1000,\n\
               2026-10-05T09:00:00Z,acme-7b,1000,1e-3\n\
               2026-10-05T09:00:00Z,gpt-4o,1000,$1\n";
    let report = Run::new().file("log.csv", log).line("report log.csv").report();
    assert_eq!(report.rejects(), [(5, "billed_cost", "not_an_amount")]);
    let billed = &report.0["billed"];
    assert_eq!((&billed["usd"], &billed["priced_billed_usd"]), (&"0.004".into(), &"0.003".into()));
    // 1000 x 2.50e-6.
    assert_eq!(
        (&billed["priced_usd"], &billed["difference_usd"]),
        (&"0.0025".into(), &"0.0005".into())
    );
}
