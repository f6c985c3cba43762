//! The only room that names polars.
//!
//! Reads Parquet logs as delimited text, so that they take the same path as CSV
//! from there on; writes tables as Parquet. Knows nothing of log formats.

mod parquet;
mod table;

pub use parquet::{ParquetText, quiet_reader_panics};
pub use table::{ParquetTable, TableColumn, Texts};
