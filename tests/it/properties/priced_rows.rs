//! The rows of `price` add up to the report, for any log.

use proptest::prelude::*;
use proptest::sample::select;

use super::generator::{Record, log};
use super::render::{COLUMNS, csv};
use crate::price::{assert_adds_up, parquet, rows};
use crate::run::Run;

proptest! {
    #![proptest_config(super::config(24))]

    #[test]
    fn priced_rows_add_up_to_the_report(
        log in log(24),
        size in 1_usize..4000,
        rates in select(&["", "--published-only"][..]),
    ) {
        let text = csv(&log, &COLUMNS, false);
        let run =
            |arguments: &str| Run::new().file("log.csv", &text).line(arguments).line(rates);
        let size = format!("price log.csv --threads 2 --chunk-size {size}");
        let priced = run(&size).go();
        prop_assert_eq!(priced.code, Some(0), "{}", priced);
        assert_adds_up(&rows(&priced.stdout), &run("report log.csv").report(), &text);
    }

    #[test]
    fn a_table_has_the_rows_that_text_has(
        log in log(24),
        times in 1_usize..12,
        threads in 1..3,
        size in select(vec![1_usize, 900, 1 << 20]),
    ) {
        let log: Vec<Record> = log.iter().cycle().take(log.len() * times).cloned().collect();
        let text = csv(&log, &COLUMNS, false);
        let line = format!("price log.csv --threads {threads} --chunk-size {size}");
        let priced = |more: &str| Run::new().file("log.csv", &text).line(&line).line(more).go();
        let (csv, table) = (priced("--raw"), priced("-o rows.parquet"));
        prop_assert_eq!((csv.code, table.code), (Some(0), Some(0)), "{}", table);
        prop_assert_eq!(&csv.stderr, &table.stderr);
        let bytes = std::fs::read(table.path("rows.parquet")).expect("the rows");
        prop_assert_eq!(parquet(bytes), rows(&csv.stdout));
    }
}
