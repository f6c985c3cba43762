//! The integration tests: one binary.

mod architecture;
mod article;
mod asking;
mod bills;
mod contracts;
mod defects;
mod estimates;
mod explain;
mod faults;
mod findings;
mod inputs;
mod oracle;
mod parquet;
mod price;
mod promises;
mod properties;
mod published;
mod rate_book;
mod rates_check;
mod rates_command;
mod readme;
mod regions;
mod regressions;
mod run;
mod samples;
mod snapshots;
