//! The report: one view model, and one renderer an output.
//!
//! [`Report`] is the contract of the JSON output; every other renderer shows a
//! part of it. Renderers have no arithmetic beyond rounding for display.

mod assumed;
mod blocks;
mod build;
mod doubles;
mod estimate_terminal;
mod explain;
mod focus;
mod formats;
mod groups;
mod html;
mod json;
mod markdown;
mod model;
mod notes;
pub mod rates;
mod rows;
mod statements;
mod style;
mod table;
mod tables;
mod terminal;

pub use assumed::{Assumed, Prices};
pub use build::{Arguments, Gates, Sources, build};
pub use estimate_terminal::estimate_terminal;
pub use explain::{Explanation, Record, explain, explain_json, explain_terminal};
pub use focus::{ACCOUNT, FocusFile, FocusRun, focus_account};
pub use formats::formats_terminal;
pub use html::{Detail, write_html};
pub use json::{SCHEMA, estimate_json, write_json};
pub use markdown::markdown;
pub use model::*;
pub use rows::{
    Batch, BatchContent, BatchMaker, KnownRow, KnownRows, PricedRow, RowForm, RowKind, USD,
    row_columns, row_scenarios, rows_header,
};
pub use style::{Style, amount, plain};
pub use tables::{write_csv, write_parquet};
pub use terminal::terminal;
