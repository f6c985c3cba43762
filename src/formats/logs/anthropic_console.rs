//! The CSV exports of Anthropic's console: usage by day, model and key, and what it
//! cost by kind of token.

use super::{CachedTokens, Count, Field, Format, MoneyUnit, Scope, Signature, Target};

/// Usage by day.
pub(super) fn usage() -> Format {
    Format {
        signature: Signature {
            all: &["usage_date_utc", "usage_input_tokens_no_cache"],
            ..Signature::default()
        },
        scope: Scope::Aggregate,
        provider: "anthropic".into(),
        cached: CachedTokens::BesideInput,
        fields: vec![
            Field::new(Target::Start, &["usage_date_utc"]),
            Field::new(Target::Model, &["model_version", "model"]),
            Field::new(Target::ServedTier, &["usage_type"]),
            Field::new(Target::Speed, &["speed"]),
            Field::new(Target::Project, &["workspace"]),
            Field::new(Target::ApiKey, &["api_key"]),
            Field::count(Count::Input, &["usage_input_tokens_no_cache"]),
            Field::count(Count::Cached, &["usage_input_tokens_cache_read"]),
            Field::count(Count::CacheWrite5m, &["usage_input_tokens_cache_write_5m"]),
            Field::count(Count::CacheWrite1h, &["usage_input_tokens_cache_write_1h"]),
            Field::count(Count::Output, &["usage_output_tokens"]),
            Field::count(Count::WebSearch, &["web_search_count"]),
        ],
        ..Format::delimited("anthropic-console-usage", "usage CSV of Anthropic's console")
    }
}

/// Costs by day.
pub(super) fn costs() -> Format {
    Format {
        signature: Signature { all: &["usage_date_utc", "cost_usd"], ..Signature::default() },
        scope: Scope::Aggregate,
        provider: "anthropic".into(),
        fields: vec![
            Field::new(Target::Start, &["usage_date_utc"]),
            Field::new(Target::Note, &["model"]),
            Field::new(Target::Note, &["token_type"]),
            Field::new(Target::Project, &["workspace"]),
            Field::new(Target::ApiKey, &["api_key"]),
            Field::new(Target::Billed(MoneyUnit::Dollars), &["cost_usd"]),
        ],
        ..Format::delimited("anthropic-console-costs", "cost CSV of Anthropic's console")
    }
}
