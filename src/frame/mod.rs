//! The only room that names polars.
//!
//! Reads Parquet logs as delimited text, so that they take the same path as CSV
//! from there on; writes tables as Parquet: those of groups and ledgers by polars, those of
//! rows from pages of its own. Knows nothing of log formats.

mod amounts;
mod differences;
mod pages;
mod parquet;
mod register;
mod row_group;
mod row_table;
mod rows;
mod table;

pub use amounts::Amounts;
pub use parquet::{ParquetText, quiet_reader_panics};
pub use register::{Numbering, Register, Stamp};
pub use row_group::MOST_AMOUNT;
pub use row_table::RowTable;
pub use rows::{Cells, RowColumn, TableRows, put};
pub use table::{ParquetTable, TableColumn, Texts};
