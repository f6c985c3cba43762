//! A ledger as a table of text: one record a key, so that a month of logs can be kept,
//! merged with others and priced with another rate book without the logs.
//!
//! Besides its keys a table has a record with the cuts that it was made with, and one for
//! each input with what became of its rows.

mod about;
mod mapping;
mod reader;
mod record;
mod writer;

pub use about::{InputInfo, sha256_of};
pub use reader::{ArchiveError, Keep, Restored, is_archive, restore};
pub use writer::{Archive, write_archive};

/// The name of the first column, which says what each record is.
const MARK: &str = "tierwise_ledger";

/// The columns of text, after the first.
const TEXTS: [&str; 18] = [
    "start",
    "end",
    "until",
    "provider",
    "model",
    "tier",
    "tier_source",
    "requested_tier",
    "endpoint",
    "region",
    "format",
    "context_from",
    "context_to",
    "context_highest",
    "window",
    "cap",
    "billed_usd",
    "about",
];

/// What stands before the names of asked properties.
const LABEL: &str = "by:";

/// The kinds of records.
const CELL: &str = "cell";
const REPEATED: &str = "repeated";
const INPUT: &str = "input";
const CUTS: &str = "cuts";
