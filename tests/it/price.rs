//! `tierwise price`: the rows add up to the report, every output has the same
//! rows, and nothing that a chunk or a thread does shows.
#![cfg(test)]

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use std::process::{Command, Stdio};

use polars::prelude::{AnyValue, ParquetReader, SerReader as _, TimeUnit, TimeZone};
use serde_json::Value;

use crate::run::{Done, HEADER, PROGRAM, ROW, ROW_USD, Report, Run, crate_folder};

/// A priced row, by column.
pub(crate) type Priced = BTreeMap<String, String>;

const TIERS: [&str; 5] = ["recorded", "standard", "flex", "priority", "batch"];

/// The caching assumptions, and what their columns are called.
const CACHINGS: [(&str, &str); 2] = [("recorded", ""), ("none", "no_caching_")];

/// The rows of the CSV output.
pub(crate) fn rows(csv: &str) -> Vec<Priced> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let row = |record: csv::StringRecord| {
        header.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect()
    };
    reader.records().map(|record| row(record.expect("a row"))).collect()
}

/// An amount in units of 1e-18 USD.
fn atto(usd: &str) -> i128 {
    let (sign, usd) = usd.strip_prefix('-').map_or((1, usd), |usd| (-1, usd));
    let (whole, decimals) = usd.split_once('.').unwrap_or((usd, ""));
    sign * format!("{whole}{decimals:0<18}").parse::<i128>().expect("an amount")
}

/// The same as text.
fn usd(atto: i128) -> String {
    let (sign, atto) = (if atto < 0 { "-" } else { "" }, atto.unsigned_abs());
    let (whole, decimals) = (atto / 10_u128.pow(18), atto % 10_u128.pow(18));
    let text = format!("{sign}{whole}.{decimals:018}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The law of the sums: in every fixed scenario the priced rows, each at its own
/// price or else at its Standard one, add up to the report's total.
pub(crate) fn assert_adds_up(rows: &[Priced], report: &Report, what: &str) {
    let priced: Vec<&Priced> = rows.iter().filter(|row| row["class"] == "priced").collect();
    let count =
        |class: &str| u64::try_from(rows.iter().filter(|row| row["class"] == class).count());
    assert_eq!(count("priced"), Ok(report.rows("priced")), "{what}");
    assert_eq!(count("unpriced"), Ok(report.rows("unpriced")), "{what}");
    for tier in TIERS {
        for (caching, column) in CACHINGS {
            let own = |row: &Priced, tier: &str| row[&format!("{tier}_{column}usd")].clone();
            let price = |row: &&Priced| {
                let usd = own(row, tier);
                assert!(!usd.is_empty() || !row[&format!("{tier}_reason")].is_empty(), "{row:?}");
                atto(&if usd.is_empty() { own(row, "standard") } else { usd })
            };
            let sum: i128 = priced.iter().map(price).sum();
            assert_eq!(sum, atto(report.total(tier, caching)), "{what}: {tier} {caching}");
        }
    }
}

fn price(run: Run, arguments: &str) -> Done {
    let done = run.args(["price"]).line(arguments).go();
    assert_eq!(done.code, Some(0), "{done}");
    done
}

/// The one row of a log of one row, given below [`HEADER`].
fn one(log: &str, arguments: &str) -> Priced {
    let done = price(Run::new().log(log), &format!("log.csv {arguments}"));
    let mut rows = rows(&done.stdout);
    assert_eq!(rows.len(), 1, "{done}");
    rows.remove(0)
}

/// The folders of samples that are formats of their own, damaged ones apart.
fn samples() -> Vec<String> {
    let folder = crate_folder().join("sample_data");
    let entries = std::fs::read_dir(folder).expect("the samples").map(|entry| entry.expect("one"));
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> =
        folders.map(|entry| entry.file_name().into_string().expect("UTF-8")).collect();
    names.retain(|name| !["defects", "real-bills", "refused"].contains(&name.as_str()));
    names.sort();
    assert!(names.len() >= 3, "{names:?}");
    names
}

#[test]
fn the_rows_of_every_sample_add_up_to_its_report() {
    for sample in samples() {
        for rates in ["", "--published-only"] {
            let log = format!("sample_data/{sample} {rates}");
            let done = price(Run::in_crate(), &log);
            let report = Run::in_crate().args(["report"]).line(&log).report();
            assert_adds_up(&rows(&done.stdout), &report, &log);
        }
    }
}

#[test]
fn the_rows_of_every_damaged_sample_add_up_or_are_refused_as_by_report() {
    let folder = crate_folder().join("sample_data/defects");
    for entry in std::fs::read_dir(folder).expect("the defects") {
        let name = entry.expect("an entry").file_name().into_string().expect("UTF-8");
        let log = format!("sample_data/defects/{name}");
        let report = Run::in_crate().args(["report", &log, "--format", "json"]).go();
        let priced = Run::in_crate().args(["price", &log]).go();
        assert_eq!(priced.code, report.code, "{priced}");
        if report.code == Some(0) {
            assert_adds_up(&rows(&priced.stdout), &report.json(), &name);
        }
    }
}

#[test]
fn a_row_has_its_fields_its_meters_and_its_exact_costs() {
    // 1000 input of which 400 cached, 100 output, gpt-4.1-mini:
    // standard 600 x 0.40 + 400 x 0.10 + 100 x 1.60 = 440 per million.
    let row = one("2026-10-05T09:00:00Z,gpt-4.1-mini,standard,1000,400,100\n", "");
    for (column, expected) in [
        ("path", "log.csv"),
        ("line", "2"),
        ("class", "priced"),
        ("start", "2026-10-05T09:00:00Z"),
        ("end", ""),
        ("model", "gpt-4.1-mini"),
        ("priced_as", "gpt-4.1-mini"),
        ("tier", "standard"),
        ("tier_source", "served"),
        ("requests", "1"),
        ("input", "600"),
        ("cached_input", "400"),
        ("output", "100"),
        ("recorded_usd", "0.00044"),
        ("standard_no_caching_usd", "0.00056"),
        ("recorded_low_usd", ""),
        ("standard_reason", ""),
        ("billed_usd", ""),
    ] {
        assert_eq!(row[column], expected, "{column}");
    }
}

#[test]
fn a_tier_without_a_price_is_empty_and_says_why() {
    let row = one("2026-10-05T09:00:00Z,gpt-4o-mini,,1000,0,100\n", "");
    assert_eq!((&*row["flex_usd"], &*row["flex_no_caching_usd"]), ("", ""));
    assert_eq!((&*row["flex_reason"], &*row["flex_reason_meter"]), ("not_offered", "input"));
    assert_eq!(row["standard_usd"], "0.00021");
    let row = one("2026-10-05T09:00:00Z,acme-7b,,1000,0,100\n", "");
    assert_eq!(row["class"], "unpriced");
    for tier in TIERS {
        assert_eq!(row[&format!("{tier}_usd")], "", "{tier}");
        assert_eq!(row[&format!("{tier}_reason")], "unknown_model", "{tier}");
    }
}

#[test]
fn an_aggregate_over_a_threshold_has_its_range() {
    // 10 requests, 3,000,000 input on gpt-5.4: 300,000 on average is long
    // (5.00 per million), all short 2.50.
    let log = "timestamp,end_time,model,requests,input_tokens\n\
               2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,gpt-5.4,10,3000000\n";
    let done = price(Run::new().file("log.csv", log), "log.csv");
    let row = rows(&done.stdout).remove(0);
    let range = ["recorded_low_usd", "recorded_usd", "recorded_high_usd"].map(|c| &*row[c]);
    assert_eq!(range, ["7.5", "15", "15"]);
}

#[test]
fn csv_jsonl_and_parquet_have_the_same_rows() {
    let log = "sample_data/october-2026";
    let csv = rows(&price(Run::in_crate(), log).stdout);
    let jsonl = price(Run::in_crate(), &format!("{log} --format jsonl")).stdout;
    let objects = jsonl.lines().map(|line| {
        let object: BTreeMap<String, Value> = serde_json::from_str(line).expect("JSON");
        let text = |value: Value| match value.as_str() {
            Some(text) => text.to_owned(),
            None if value.is_null() => String::new(),
            None => value.to_string(),
        };
        object.into_iter().map(|(name, value)| (name, text(value))).collect::<Priced>()
    });
    assert_eq!(objects.collect::<Vec<_>>(), csv);
    let run = Run::in_crate();
    let file = run.path("rows.parquet");
    let done = price(run, &format!("{log} -o {}", file.display()));
    let bytes = std::fs::read(&file).expect("the file");
    assert_eq!(done.stdout, "");
    assert_eq!(parquet(bytes), csv);
}

/// A time as CSV has it.
fn time(micros: i64, zone: Option<&TimeZone>) -> String {
    let zone = zone.map(|zone| zone.as_str());
    assert!(matches!(zone, Some("UTC" | "+00:00")), "{zone:?}");
    jiff::Timestamp::from_microsecond(micros).expect("a time").to_string()
}

/// The rows of a Parquet output, each cell as CSV has it.
#[expect(clippy::wildcard_enum_match_arm, reason = "polars adds types")]
pub(crate) fn parquet(bytes: Vec<u8>) -> Vec<Priced> {
    let frame = ParquetReader::new(Cursor::new(bytes)).finish().expect("a Parquet file");
    let text = |value: AnyValue<'_>| match value {
        AnyValue::Null => String::new(),
        AnyValue::UInt64(count) => count.to_string(),
        AnyValue::Decimal(atto, 28, 18) => usd(atto),
        AnyValue::Datetime(micros, TimeUnit::Microseconds, zone) => time(micros, zone),
        AnyValue::DatetimeOwned(micros, TimeUnit::Microseconds, zone) => {
            time(micros, zone.as_deref())
        }
        AnyValue::String(text) => text.to_owned(),
        AnyValue::StringOwned(text) => text.to_string(),
        value => panic!("{value:?} is none of the types of columns"),
    };
    let row = |at: usize| {
        let columns = frame.columns().iter();
        columns.map(|c| (c.name().to_string(), text(c.get(at).expect("a row")))).collect()
    };
    (0..frame.height()).map(row).collect()
}

/// Rows that are alike, of which the last one was billed something else.
fn billed(last: &str) -> String {
    let row = |usd: &str| format!("2026-10-05T09:00:00Z,gpt-4o,1000,{usd}\n");
    let header = "timestamp,model,input_tokens,billed_cost\n";
    [header, &row("1").repeat(200), &row(last)].concat()
}

#[test]
fn parquet_refuses_what_28_digits_do_not_hold_and_says_where() {
    let run = |last: &str| Run::new().file("log.csv", billed(last)).args(["price", "log.csv"]);
    for (usd, code) in [("9999999999.99", 0), ("10000000000", 1)] {
        let table = run(usd).line("-o rows.parquet").go();
        assert_eq!(table.code, Some(code), "{table}");
        let text = run(usd).go();
        assert_eq!(rows(&text.stdout).pop().expect("the last row")["billed_usd"], usd);
    }
    let table = run("10000000000").line("-o rows.parquet").go();
    table.assert_fails(1, &["log.csv:202: ", "in Parquet 1e10"]);
}

#[test]
fn threads_and_chunks_change_no_byte() {
    for format in ["csv", "jsonl", "parquet"] {
        let bytes = |tuning: &str| {
            let run = Run::in_crate();
            let file = run.path("rows");
            let arguments = format!("-o {} --format {format} {tuning}", file.display());
            let _done = price(run, &format!("sample_data/october-2026 {arguments}"));
            std::fs::read(&file).expect("the file")
        };
        let whole = bytes("--threads 1");
        for tuning in ["--threads 1 --chunk-size 1", "--threads 4 --chunk-size 500", "--threads 3"]
        {
            assert!(bytes(tuning) == whole, "{format} {tuning}");
        }
    }
}

#[test]
fn text_that_a_spreadsheet_would_run_gets_an_apostrophe() {
    let log = "timestamp,model,input_tokens,project,user\n\
               2026-10-05T09:00:00Z,gpt-4.1-mini,1000,\"=cmd|' /C calc'!A0\",@x\n\
               2026-10-05T09:00:00Z,gpt-4.1-mini,1000,a=b,-1+1\n";
    let texts = |arguments: &str| -> Vec<String> {
        let done = price(Run::new().file("log.csv", log), &format!("log.csv {arguments}"));
        let all = rows(&done.stdout).into_iter();
        all.flat_map(|row| [row["project"].clone(), row["user"].clone()]).collect()
    };
    assert_eq!(texts(""), ["'=cmd|' /C calc'!A0", "'@x", "a=b", "'-1+1"]);
    assert_eq!(texts("--raw"), ["=cmd|' /C calc'!A0", "@x", "a=b", "-1+1"]);
}

#[test]
fn rows_come_in_the_order_of_the_inputs_and_the_rest_is_counted() {
    let bad = "2026-10-05T09:00:00Z,gpt-4.1-mini,standard,-1,0,100\n";
    let empty = "2026-10-05T09:00:00Z,gpt-4.1-mini,standard,0,0,0\n";
    let old = ROW.replace("2026", "2025");
    let run = Run::new()
        .file("b.csv", format!("{HEADER}{ROW}{bad}{ROW}"))
        .file("a.csv", format!("{HEADER}{empty}{old}{ROW}"));
    let done = price(run, "b.csv a.csv --from 2026-10-01 --rejects bad.csv -o rows.csv");
    let found: Vec<_> = rows(&done.read("rows.csv").expect("the rows"))
        .into_iter()
        .map(|row| (row["path"].clone(), row["line"].clone(), row["recorded_usd"].clone()))
        .collect();
    let row = |path: &str, line: &str| (path.to_owned(), line.to_owned(), ROW_USD.to_owned());
    assert_eq!(found, [row("a.csv", "4"), row("b.csv", "2"), row("b.csv", "4")]);
    let rejects = done.read("bad.csv").expect("the rejects");
    assert_eq!(rejects, "path,line,field,reason,detail\nb.csv,3,input_tokens,negative,`-1`\n");
    assert_eq!(
        done.stderr,
        "tierwise: 6 records read, 3 rows written (3 priced, 0 unpriced); \
         not written: 1 rejected, 0 duplicate, 1 empty, 1 filtered, 0 billed only\n"
    );
}

#[test]
fn what_cannot_be_written_is_refused_before_anything_is_read() {
    for (arguments, words) in [
        ("log.csv --format parquet", "-o FILE"),
        ("log.csv -o rows.xlsx", ".parquet"),
        ("log.csv -o log.csv", "is an input of this run"),
        ("log.csv -o x.csv --rejects x.csv", "a file of its own"),
    ] {
        let done = Run::new().log(ROW).args(["price"]).line(arguments).go();
        done.assert_fails(2, &[words]);
        assert_eq!(done.files(), ["log.csv"]);
    }
}

#[test]
fn a_failed_run_leaves_no_file() {
    let run = Run::new().file("log.csv", format!("{HEADER}{ROW}\"open"));
    let done = run.line("price log.csv -o rows.csv --rejects bad.csv").go();
    done.assert_fails(1, &["log.csv:3: a quote opens here"]);
    assert_eq!(done.files(), ["log.csv"]);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let run = Run::new().log(&ROW.repeat(3000));
    let mut child = Command::new(PROGRAM)
        .args(["price", "--chunk-size", "1000"])
        .arg(run.path("log.csv"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut first = [0; 10];
    let mut stdout = child.stdout.take().expect("standard output");
    stdout.read_exact(&mut first).expect("some rows");
    drop(stdout);
    let output = child.wait_with_output().expect("an end");
    assert_eq!(&first, b"path,line,");
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}
