//! Anthropic's Admin API: usage of messages by bucket, and cost reports. What was read from and written
//! to the cache stands beside the input.

use super::{CachedTokens, Count, Field, Format, MoneyUnit, Scope, Signature, Target};

/// The table.
pub(super) fn format() -> Format {
    Format {
        signature: Signature {
            any: &["starting_at", "data.starting_at", "uncached_input_tokens"],
            ..Signature::default()
        },
        scope: Scope::Aggregate,
        provider: "anthropic".into(),
        cached: CachedTokens::BesideInput,
        marks: &["starting_at"],
        fields: vec![
            Field::new(Target::Start, &["starting_at"]),
            Field::new(Target::End, &["ending_at"]),
            Field::new(Target::Model, &["model"]),
            Field::new(Target::ServedTier, &["service_tier"]),
            Field::new(Target::Speed, &["speed"]),
            Field::new(Target::Project, &["workspace_id"]),
            Field::new(Target::ApiKey, &["api_key_id"]),
            Field::count(Count::Input, &["uncached_input_tokens"]),
            Field::count(Count::Cached, &["cache_read_input_tokens"]),
            Field::count(Count::CacheWrite5m, &["cache_creation.ephemeral_5m_input_tokens"]),
            Field::count(Count::CacheWrite1h, &["cache_creation.ephemeral_1h_input_tokens"]),
            Field::count(Count::Output, &["output_tokens"]),
            Field::count(Count::WebSearch, &["server_tool_use.web_search_requests"]),
            // Of its cost report, whose amounts are in cents.
            Field::new(Target::Billed(MoneyUnit::Cents), &["amount"]),
            Field::new(Target::Currency, &["currency"]),
        ],
        ..Format::json_below(
            "anthropic-usage-api",
            "Anthropic's Admin API, usage and cost reports",
            &[""],
            &["data", "results"],
        )
    }
}
