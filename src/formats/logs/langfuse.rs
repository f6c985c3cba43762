//! Observations of Langfuse as its exports and its API write them, `snake_case` or
//! `camelCase`; `usage_details` may be JSON as text.
//!
//! Its buckets stand beside each other, but some clients send an input that includes
//! what was cached: each row's total decides, and a row that fits neither is rejected.

use super::{CachedTokens, Count, Field, Format, MoneyUnit, Signature, Target, with_opened};

/// As JSON.
pub(super) fn jsonl() -> Format {
    Format {
        signature: Signature {
            any: &["usage_details", "usageDetails", "data.usageDetails"],
            none: &["call_type"],
            ..Signature::default()
        },
        cached: CachedTokens::ByTotal,
        marks: &["id", "totalItems"],
        rewrite: Some(|record| {
            with_opened(record, &["usage_details", "usageDetails", "model_parameters"])
        }),
        fields: fields(),
        ..Format::json_below("langfuse", "observations of Langfuse, JSON", &[""], &["data"])
    }
}

/// As CSV.
pub(super) fn csv() -> Format {
    Format {
        cached: CachedTokens::ByTotal,
        signature: Signature { any: &["usage_details", "usageDetails"], ..Signature::default() },
        fields: fields(),
        ..Format::delimited("langfuse-csv", "observations of Langfuse, CSV")
    }
}

fn fields() -> Vec<Field> {
    let mut fields = vec![
        Field::new(Target::Start, &["start_time", "startTime"]),
        Field::new(Target::Note, &["type"]),
        Field::new(Target::Key, &["id"]),
        Field::new(Target::Model, &["provided_model_name", "model", "internalModelId"]),
        Field::new(Target::RequestedTier, &["model_parameters.service_tier"]),
        Field::new(Target::Project, &["project_id", "projectId"]),
        Field::new(Target::User, &["user_id", "userId"]),
        Field::new(
            Target::Billed(MoneyUnit::Dollars),
            &["total_cost", "totalCost", "calculatedTotalCost"],
        ),
    ];
    let counts: [(Count, &[&str]); 6] = [
        (Count::Input, &["input"]),
        (Count::Cached, &["input_cached_tokens", "cache_read_input_tokens", "input_cache_read"]),
        (Count::CacheWrites, &["cache_creation_input_tokens", "input_cache_creation"]),
        (Count::Output, &["output"]),
        (Count::Reasoning, &["output_reasoning_tokens"]),
        (Count::Total, &["total"]),
    ];
    fields.extend(counts.into_iter().map(|(count, names)| {
        let below = |root: &str| names.iter().map(move |name| format!("{root}.{name}")).collect();
        let both: [Vec<String>; 2] = [below("usage_details"), below("usageDetails")];
        let names = both.into_iter().flatten().map(Into::into).collect();
        Field { names, ..Field::count(count, &[]) }
    }));
    fields
}
