//! The only room that names polars.
//!
//! Reads Parquet logs as delimited text, so that they take the same path as CSV
//! from there on. Knows nothing of log formats.

mod parquet;

pub use parquet::{ParquetText, quiet_reader_panics};
