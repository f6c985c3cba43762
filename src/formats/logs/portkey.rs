//! The log export of Portkey, one request a line. Costs are in cents; what was cached
//! stands in the response alone. Its gateway gives Anthropic's input tokens without those
//! that were cached, as Anthropic does, and a total with them: the total says which it is.

use super::{CachedTokens, Count, Field, Format, MoneyUnit, Signature, Target, with_opened};

/// Where a response says what was cached.
const CACHED: [&str; 3] = [
    "response.body.usage.prompt_tokens_details.cached_tokens",
    "response.body.usage.input_tokens_details.cached_tokens",
    "response.body.usage.cache_read_input_tokens",
];

/// The table.
pub(super) fn format() -> Format {
    Format {
        signature: Signature { all: &["req_units", "res_units"], ..Signature::default() },
        marks: &["req_units", "created_at"],
        cached: CachedTokens::ByTotal,
        rewrite: Some(|record| with_opened(record, &["response.body", "response"])),
        fields: vec![
            Field::new(Target::Start, &["created_at"]),
            Field::new(Target::Provider, &["ai_org"]),
            Field::new(Target::Model, &["ai_model"]),
            Field::new(Target::ServedTier, &["response.body.service_tier"]),
            Field::new(Target::Endpoint, &["request_url"]),
            Field::new(Target::ApiKey, &["virtual_key"]),
            Field::new(Target::Billed(MoneyUnit::Cents), &["cost"]),
            Field::new(Target::FreeIf("HIT"), &["cache_status"]),
            Field::new(Target::Currency, &["cost_currency"]),
            Field::count(Count::Input, &["req_units"]),
            Field::count(Count::Cached, &CACHED),
            Field::count(Count::CacheWrites, &["response.body.usage.cache_creation_input_tokens"]),
            Field::count(Count::Total, &["response.body.usage.total_tokens"]),
            Field::count(Count::Output, &["res_units"]),
        ],
        ..Format::json("portkey", "log export of Portkey", &[""])
    }
}
