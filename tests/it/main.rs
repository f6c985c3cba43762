//! The integration tests: one binary.

mod architecture;
mod asking;
mod defects;
mod estimates;
mod faults;
mod findings;
mod inputs;
mod oracle;
mod parquet;
mod properties;
mod published;
mod rate_book;
mod rates_check;
mod rates_command;
mod readme;
mod regressions;
mod run;
mod samples;
mod snapshots;
