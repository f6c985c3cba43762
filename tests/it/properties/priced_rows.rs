//! The rows of `price` add up to the report, for any log.

use proptest::prelude::*;
use proptest::sample::select;

use super::generator::log;
use super::render::{COLUMNS, csv};
use crate::price::{assert_adds_up, rows};
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
}
