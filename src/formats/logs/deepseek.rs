//! The usage export of `DeepSeek`'s platform: one row for each kind of tokens of a model
//! and key in a period. Tokens read from the cache are beside the others.

use super::{CachedTokens, Count, Field, Format, Scope, Signature, Target};

const KINDS: [&str; 4] =
    ["request_count", "input_cache_hit_tokens", "input_cache_miss_tokens", "output_tokens"];

/// The table.
pub(super) fn format() -> Format {
    let [_, hit, miss, output] = KINDS;
    let amount = |count, kind| Field::count(count, &["amount"]).only_in(kind);
    Format {
        signature: Signature {
            all: &["start_time_iso", "type", "price", "amount"],
            ..Signature::default()
        },
        scope: Scope::Aggregate,
        provider: "deepseek".into(),
        cached: CachedTokens::BesideInput,
        accepts: Some(("type", &KINDS)),
        fields: vec![
            Field::new(Target::Start, &["start_time_iso"]),
            Field::new(Target::End, &["end_time_iso"]),
            Field::new(Target::Note, &["type"]),
            Field::new(Target::Model, &["model"]),
            Field::new(Target::User, &["user_id"]),
            Field::new(Target::ApiKey, &["api_key_name"]),
            amount(Count::Cached, hit),
            amount(Count::Input, miss),
            amount(Count::Output, output),
        ],
        ..Format::delimited("deepseek-usage", "usage CSV of DeepSeek's platform")
    }
}
