//! The same rows in other pieces: another format, a compression, two files
//! instead of one, one file twice.

use std::io::Write as _;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;
use tierwise::report::{Report, ScenarioInfo};

use super::generator::{Record, log};
use super::harness::{Folder, Run, substance, usd};
use super::render::{COLUMNS, csv, jsonl};

fn of(paths: &[PathBuf]) -> Result<Report, TestCaseError> {
    Run::by(&["model", "team"]).of(paths).map_err(TestCaseError::fail)
}

fn gz(text: &str) -> Vec<u8> {
    // Two members: a log rotated while it was written.
    let (head, tail) = text.split_at(text.find('\n').expect("a header"));
    let member = |part: &str| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(part.as_bytes()).expect("memory");
        encoder.finish().expect("memory")
    };
    [member(head), member(tail)].concat()
}

/// What adds up over files: amounts and counts of a scenario.
fn additive(scenario: &ScenarioInfo) -> (Vec<num_rational::BigRational>, Vec<u128>) {
    let amounts = [scenario.total_usd, scenario.delta_usd, scenario.fallback.usd];
    let by_meter = scenario.by_meter.iter().map(|meter| meter.usd);
    let range = scenario.range_usd.map_or([scenario.total_usd; 2], |range| [range.low, range.high]);
    let usd = amounts.into_iter().chain(range).chain(by_meter).map(usd).collect();
    let (covered, fallback) = (&scenario.covered, &scenario.fallback);
    let volumes = [
        u128::from(covered.rows),
        covered.requests,
        covered.tokens,
        u128::from(fallback.rows),
        fallback.requests,
        fallback.tokens,
    ];
    let quantities = scenario.by_meter.iter().map(|meter| meter.quantity);
    (usd, volumes.into_iter().chain(quantities).collect())
}

fn row_counts(report: &Report) -> [u64; 8] {
    let rows = report.rows;
    [
        rows.read,
        rows.priced,
        rows.unpriced,
        rows.rejected,
        rows.duplicate,
        rows.empty,
        rows.filtered,
        rows.billed_only,
    ]
}

fn assert_doubled(once: &Report, twice: &Report) -> Result<(), TestCaseError> {
    prop_assert_eq!(row_counts(once).map(|count| count * 2), row_counts(twice));
    for (one, two) in once.scenarios.iter().zip(&twice.scenarios) {
        let (amounts, counts) = additive(one);
        let amounts = amounts.into_iter().map(|usd| &usd + &usd).collect();
        let counts = counts.into_iter().map(|count| count * 2).collect();
        prop_assert_eq!((amounts, counts), additive(two), "{} {}", one.tier, one.caching);
    }
    prop_assert_eq!(once.groups.len(), twice.groups.len());
    let billed = |report: &Report| report.billed_usd.map(usd).unwrap_or_default();
    prop_assert_eq!(billed(once) + billed(once), billed(twice));
    Ok(())
}

proptest! {
    #![proptest_config(super::config(32))]

    #[test]
    fn csv_and_json_lines_of_the_same_rows_agree(log in log(16), quoted in any::<bool>()) {
        prop_assume!(!log.is_empty());
        let folder = Folder::new();
        let csv = of(&[folder.file("log", csv(&log, &COLUMNS, quoted).as_bytes())])?;
        let jsonl = of(&[folder.file("log", jsonl(&log).as_bytes())])?;
        prop_assert_eq!(substance(&csv), substance(&jsonl));
    }

    #[test]
    fn compressed_files_agree_with_plain_ones(log in log(16)) {
        let folder = Folder::new();
        let text = csv(&log, &COLUMNS, false);
        let plain = of(&[folder.file("log.csv", text.as_bytes())])?;
        let gz = of(&[folder.file("log.csv.gz", &gz(&text))])?;
        let zst = zstd::encode_all(text.as_bytes(), 1).expect("memory");
        let zst = of(&[folder.file("log.csv.zst", &zst)])?;
        prop_assert_eq!(substance(&gz), substance(&plain));
        prop_assert_eq!(substance(&zst), substance(&plain));
    }

    #[test]
    fn two_files_of_a_log_give_the_totals_of_one(log in log(16), cut in any::<Index>()) {
        let folder = Folder::new();
        let (head, tail) = log.split_at(cut.index(log.len() + 1));
        let file = |name: &str, part: &[Record]| folder.file(name, csv(part, &COLUMNS, true).as_bytes());
        let whole = of(&[file("whole", &log)])?;
        let parts = of(&[file("head", head), file("tail", tail)])?;
        let of_all = |report: &Report| {
            let mut value = substance(report);
            // The detail of a reject is the first one's of each file; a file is said to be empty
            // by its name.
            value.as_object_mut().expect("an object").remove("rejects");
            let notes = value.get_mut("notes").and_then(Value::as_array_mut).expect("notes");
            notes.retain(|note| note.get("code").and_then(Value::as_str) != Some("no_usage"));
            value
        };
        prop_assert_eq!(of_all(&parts), of_all(&whole));
        let read: u64 = parts.inputs.iter().map(|input| input.rows.read).sum();
        prop_assert_eq!(read, parts.rows.read);
    }

    #[test]
    fn a_file_given_twice_doubles_every_total_and_count(log in log(16)) {
        let folder = Folder::new();
        let path = folder.file("log.csv", csv(&log, &COLUMNS, false).as_bytes());
        let (once, twice) = (of(std::slice::from_ref(&path))?, of(&[path.clone(), path])?);
        assert_doubled(&once, &twice)?;
        prop_assert!(twice.notes.iter().any(|note| note.code == "repeated_input"));
    }
}
