//! The integration tests: one binary.

mod asking;
mod defects;
mod estimates;
mod inputs;
mod run;
mod samples;
mod snapshots;
