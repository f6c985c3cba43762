//! Exports of Helicone: requests as JSON lines or as CSV. What was read from and
//! written to the cache is part of the prompt, unless the total says that it is beside it.

use super::{CachedTokens, Count, Field, Format, MoneyUnit, Signature, Target};

/// As JSON lines.
pub(super) fn jsonl() -> Format {
    Format {
        signature: Signature {
            all: &["request_created_at", "prompt_tokens"],
            any: &["request_id", "response_id"],
            ..Signature::default()
        },
        cached: CachedTokens::ByTotalOrInside,
        marks: &["request_created_at"],
        fields: fields(),
        ..Format::json("helicone", "requests of Helicone, JSON lines", &[""])
    }
}

/// As CSV.
pub(super) fn csv() -> Format {
    let Format { signature, cached, fields, .. } = jsonl();
    Format {
        signature,
        cached,
        fields,
        ..Format::delimited("helicone-csv", "requests of Helicone, CSV")
    }
}

fn fields() -> Vec<Field> {
    vec![
        Field::new(Target::Start, &["request_created_at", "response_created_at"]),
        Field::new(Target::Key, &["request_id", "response_id"]),
        Field::new(Target::Provider, &["provider"]),
        Field::new(Target::Model, &["response_model", "request_model", "model"]),
        Field::new(Target::User, &["request_user_id"]),
        Field::new(Target::Billed(MoneyUnit::Dollars), &["costUSD", "cost"]),
        Field::count(Count::Input, &["prompt_tokens"]),
        Field::count(Count::Cached, &["prompt_cache_read_tokens"]),
        Field::count(Count::CacheWrite, &["prompt_cache_write_tokens"]),
        Field::count(Count::Audio, &["prompt_audio_tokens"]),
        Field::count(Count::Output, &["completion_tokens"]),
        Field::count(Count::AudioOutput, &["completion_audio_tokens"]),
        Field::count(Count::Total, &["total_tokens"]),
    ]
}
