//! The spend report of Vercel's AI Gateway: sums by day and one of model, user, tag,
//! provider. Only the grouping by model can be priced.

use super::{Count, Field, Format, MoneyUnit, Scope, Signature, Target};

/// The table.
pub(super) fn format() -> Format {
    Format {
        signature: Signature {
            any: &["results.market_cost", "market_cost"],
            ..Signature::default()
        },
        scope: Scope::Aggregate,
        marks: &["day"],
        fields: vec![
            Field::new(Target::Start, &["day"]),
            Field::new(Target::Requests, &["request_count"]),
            Field::new(Target::Provider, &["provider"]),
            Field::new(Target::Model, &["model"]),
            Field::new(Target::Project, &["tag"]),
            Field::new(Target::User, &["user"]),
            Field::new(Target::Billed(MoneyUnit::Dollars), &["total_cost"]),
            Field::count(Count::Input, &["input_tokens"]),
            Field::count(Count::Cached, &["cached_input_tokens"]),
            Field::count(Count::CacheWrite, &["cache_creation_input_tokens"]),
            Field::count(Count::Output, &["output_tokens"]),
        ],
        ..Format::json_below(
            "vercel-report",
            "spend report of Vercel's AI Gateway",
            &[""],
            &["results"],
        )
    }
}
