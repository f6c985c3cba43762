//! Parquet logs: the same rows as CSV, and damaged files.

use polars::prelude::{Column, DataFrame, ParquetWriter};

use crate::run::Run;

const CSV: &str = "timestamp,model,service_tier,input_tokens,output_tokens,billed_cost,project\n\
    2026-10-05T10:00:00Z,gpt-4.1-mini,standard,1050000,30000,0.468,search\n\
    2026-10-06T10:00:00Z,gpt-5,flex,1000,,0.000625,\"a, b\"\n\
    2026-10-07T10:00:00Z,gpt-4o,batch,9007199254740993,1,,\n";

/// The rows of [`CSV`], with numbers as numbers.
fn parquet() -> Vec<u8> {
    let days = [5, 6, 7].map(|day| format!("2026-10-0{day}T10:00:00Z"));
    let columns = vec![
        Column::new("timestamp".into(), days.to_vec()),
        Column::new("model".into(), ["gpt-4.1-mini", "gpt-5", "gpt-4o"]),
        Column::new("service_tier".into(), ["standard", "flex", "batch"]),
        Column::new("input_tokens".into(), [1_050_000_i64, 1000, 9_007_199_254_740_993]),
        Column::new("output_tokens".into(), [Some(30_000_i64), None, Some(1)]),
        Column::new("billed_cost".into(), [Some("0.468"), Some("0.000625"), None]),
        Column::new("project".into(), [Some("search"), Some("a, b"), None]),
    ];
    let mut frame = DataFrame::new(3, columns).expect("equal lengths");
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).with_row_group_size(Some(2)).finish(&mut frame).expect("memory");
    bytes
}

#[test]
fn parquet_and_csv_of_the_same_rows_agree() {
    let by = ["--by", "project,day", "--format", "json"];
    let csv = Run::new().file("log.csv", CSV).args(["report", "log.csv"]).args(by).go().json();
    let run = Run::new().file("log.parquet", parquet()).args(["report", "log.parquet"]);
    let parquet = run.args(by).go().json();
    for part in ["rows", "scenarios", "groups", "billed_usd", "period", "notes"] {
        assert_eq!(parquet.0[part], csv.0[part], "{part}");
    }
    assert_eq!(parquet.rows("priced"), 3);
    assert_eq!(parquet.formats(), ["tierwise-csv"]);
}

#[test]
fn a_cut_parquet_file_is_refused() {
    let bytes: Vec<u8> = parquet();
    for length in [4, 100, bytes.len() - 1] {
        let run = Run::new().file("log.parquet", &bytes[..length]);
        let done = run.args(["report", "log.parquet"]).go();
        assert_eq!(done.code, Some(1), "{length}: {done}");
        assert_eq!(done.stdout, "", "{length}");
        assert!(
            done.stderr.contains("log.parquet: the file is cut or damaged"),
            "{length}: {done}"
        );
        assert!(!done.stderr.contains("panicked"), "{length}: {done}");
    }
}

/// Row groups of more text than one chunk, which the helpers load too.
#[test]
fn many_row_groups_are_read_by_any_number_of_threads() {
    let rows: Vec<i64> = (1..=60_000).collect();
    let column = |name: &str, text: &dyn Fn(i64) -> String| {
        Column::new(name.into(), rows.iter().map(|row| text(*row)).collect::<Vec<_>>())
    };
    let columns = vec![
        column("timestamp", &|row| format!("2026-10-{:02}T10:00:00Z", 1 + row % 28)),
        column("model", &|row| ["gpt-4o", "gpt-5"][usize::from(row % 2 == 0)].to_owned()),
        Column::new("input_tokens".into(), rows.clone()),
        column("project", &|row| format!("a project of many letters, number {}", row % 5)),
    ];
    let mut frame = DataFrame::new(rows.len(), columns).expect("equal lengths");
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .with_row_group_size(Some(2_000))
        .finish(&mut frame)
        .expect("memory");
    let report = |threads: &str| {
        let options = ["report", "log.parquet", "--by", "project,day", "--chunk-size", "65536"];
        let run = Run::new().file("log.parquet", &bytes).args(options);
        run.args(["--format", "json", "--threads", threads]).go()
    };
    let one = report("1");
    assert_eq!(one.code, Some(0), "{one}");
    for threads in ["2", "4", "9"] {
        let more = report(threads);
        assert_eq!(more.stdout, one.stdout, "{threads}: {}", more.stderr);
    }
    let json = one.json();
    assert_eq!(json.rows("priced"), 60_000);
    assert_eq!(json.0["groups"].as_array().map(Vec::len), Some(5 * 28));
    let input: u64 = json.0["groups"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|group| group["quantities"]["input"].as_u64())
        .sum();
    assert_eq!(input, (1..=60_000_u64).sum::<u64>());
}
