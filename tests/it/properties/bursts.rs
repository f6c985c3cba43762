//! Logs whose rows come in bursts: of the usual kind, and of all others. What is summed
//! together, one by one or in another way must come to the same in any mixture.

use proptest::prelude::*;

use crate::price::{parquet, rows};
use crate::run::Run;

/// A kind of record: its time, model and input tokens.
#[derive(Debug, Clone, Copy)]
struct Kind(&'static str, &'static str, &'static str);

/// Rows of one request and 1,000,000 tokens of $2.50, on two days, and one of $0.40.
const PRICED: [Kind; 4] = [
    Kind("2026-10-05T10:00:00Z", "gpt-4o", "1000000"),
    Kind("2026-10-05T10:00:00.5Z", "gpt-4o", "1000000"),
    Kind("2026-10-06T10:00:00Z", "gpt-4o", "1000000"),
    Kind("2026-10-06T10:00:00Z", "gpt-4.1-mini", "1000000"),
];
const EMPTY: Kind = Kind("2026-10-05T10:00:00Z", "gpt-4o", "0");
const UNPRICED: Kind = Kind("2026-10-05T10:00:00Z", "no-such-model", "5");
const REJECTED: Kind = Kind("2026-10-05T10:00:00Z", "gpt-4o", "-1");

/// The largest count that is priced together with others, and a larger one; a request of a
/// long context; and the last second of a price and the first one without it.
const ODD: [Kind; 5] = [
    Kind("2026-10-05T10:00:00Z", "gpt-4o", "134217727"),
    Kind("2026-10-05T10:00:00Z", "gpt-4o", "134217728"),
    Kind("2026-10-05T10:00:00Z", "gpt-5.4", "300000"),
    Kind("2026-10-22T23:59:59Z", "gpt-4-turbo-2024-04-09", "1000"),
    Kind("2026-10-23T00:00:00Z", "gpt-4-turbo-2024-04-09", "1000"),
];

fn any_kind() -> impl Strategy<Value = Kind> {
    proptest::sample::select([&PRICED[..], &ODD, &[EMPTY, UNPRICED, REJECTED]].concat())
}

fn kind() -> impl Strategy<Value = Kind> {
    proptest::sample::select([&PRICED[..], &[EMPTY, UNPRICED, REJECTED]].concat())
}

/// Rows of some kinds, as CSV or as JSON Lines.
fn text(bursts: &[(Kind, usize, bool)], json: bool) -> String {
    let header = if json { "" } else { "timestamp,model,input_tokens,output_tokens,note\n" };
    let rows = bursts.iter().map(|(kind, many, note)| row(*kind, json, *note).repeat(*many));
    header.to_owned() + &rows.collect::<String>()
}

fn row(Kind(time, model, tokens): Kind, json: bool, note: bool) -> String {
    // A note is not asked for; its quotes and line break are still part of the record.
    match (json, note) {
        (true, false) => format!(
            "{{\"timestamp\":\"{time}\",\"model\":\"{model}\",\"input_tokens\":{tokens},\"output_tokens\":0}}\n"
        ),
        (true, true) => format!(
            "{{\"timestamp\":\"{time}\",\"model\":\"{model}\",\"note\":\"a \\\"b\\\"\\n\",\"input_tokens\":{tokens},\"output_tokens\":0}}\n"
        ),
        (false, false) => format!("{time},{model},{tokens},0,\n"),
        (false, true) => format!("{time},{model},{tokens},0,\"a, \"\"b\"\"\nc\"\n"),
    }
}

proptest! {
    #![proptest_config(super::config(48))]

    #[test]
    fn rows_in_bursts_come_to_what_they_are(
        bursts in proptest::collection::vec((kind(), 1_usize..150, any::<bool>()), 1..9),
        json in any::<bool>(),
        chunk in proptest::sample::select(vec![700_usize, 9_000, 1 << 20]),
        threads in 1..3,
    ) {
        let log = text(&bursts, json);
        let (mut cents, mut counts) = (0_usize, [0_usize; 4]);
        for (kind, many, _) in &bursts {
            let class = match kind.2 {
                "0" => 2,
                "-1" => 3,
                "5" => 1,
                _ => 0,
            };
            counts[class] += many;
            let price = if kind.1 == "gpt-4o" { 250 } else { 40 };
            cents += if class == 0 { many * price } else { 0 };
        }
        let name = if json { "log.jsonl" } else { "log.csv" };
        let line = format!("report {name} --threads {threads} --chunk-size {chunk}");
        let report = Run::new().file(name, &log).line(&line).report();
        let rows = ["priced", "unpriced", "empty", "rejected"].map(|name| report.rows(name));
        prop_assert_eq!(rows.map(|rows| usize::try_from(rows).expect("few rows")), counts);
        let usd = format!("{}.{:02}", cents / 100, cents % 100);
        let usd = usd.trim_end_matches('0').trim_end_matches('.');
        prop_assert_eq!(report.recorded(), if cents == 0 { "0" } else { usd });
    }

    /// Rows of a table are made many at once where rows like them were met before, those of
    /// text one by one.
    #[test]
    fn a_table_has_the_rows_that_text_has(
        bursts in proptest::collection::vec((any_kind(), 1_usize..150, any::<bool>()), 1..9),
        json in any::<bool>(),
        chunk in proptest::sample::select(vec![700_usize, 9_000, 1 << 20]),
        threads in 1..3,
        options in proptest::sample::select(vec!["", "--from 2026-10-06", "--where model=gpt-4o"]),
    ) {
        let name = if json { "log.jsonl" } else { "log.csv" };
        let log = text(&bursts, json);
        let line = format!("price . --threads {threads} --chunk-size {chunk} {options}");
        let log = || Run::new().file(name, &log).file(&format!("again-{name}"), &log);
        let priced = |more: &str| log().line(&line).line(more).go();
        let (csv, table) = (priced(""), priced("-o rows.parquet"));
        prop_assert_eq!((csv.code, table.code), (Some(0), Some(0)), "{}", table);
        prop_assert_eq!(&csv.stderr, &table.stderr);
        let bytes = std::fs::read(table.path("rows.parquet")).expect("the rows");
        prop_assert_eq!(parquet(bytes), rows(&csv.stdout));
    }
}
