//! The usage CSV of Cursor, old or new columns. `Input (w/ Cache Write)` counts what was
//! written to the cache, `Input (w/o Cache Write)` the rest of what was not read from
//! it; all four counts make the total. The cost is a word where a plan covers it.

use super::{CachedTokens, Count, Field, Format, MoneyUnit, Signature, Target};

/// The table.
pub(super) fn format() -> Format {
    Format {
        signature: Signature {
            all: &["Date", "Model", "Input (w/o Cache Write)", "Cache Read", "Output Tokens"],
            ..Signature::default()
        },
        cached: CachedTokens::BesideInput,
        fields: vec![
            Field::new(Target::Start, &["Date"]),
            Field::new(Target::Model, &["Model"]),
            Field::new(Target::User, &["User"]),
            Field::new(Target::Endpoint, &["Kind"]),
            Field::new(Target::Billed(MoneyUnit::DollarsOrWord), &["Cost to you", "Cost"]),
            Field::count(Count::Input, &["Input (w/o Cache Write)"]),
            Field::count(Count::CacheWrite, &["Input (w/ Cache Write)"]),
            Field::count(Count::Cached, &["Cache Read"]),
            Field::count(Count::Output, &["Output Tokens"]),
            Field::count(Count::Total, &["Total Tokens"]),
        ],
        ..Format::delimited("cursor", "usage CSV of Cursor")
    }
}
