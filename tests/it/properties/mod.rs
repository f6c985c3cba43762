//! Laws that hold for any log, tried on generated ones.
//!
//! Logs are in tierwise's own format; the library is called in this process.
#![cfg(test)]

mod assumed;
mod bursts;
mod generator;
mod grouping;
mod harness;
mod laws;
mod pieces;
mod priced_rows;
mod render;
mod sameness;
mod totals;

use proptest::test_runner::Config;

/// So many cases; failures are printed, not filed.
fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}
