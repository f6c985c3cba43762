//! tierwise's own log format, as CSV or JSONL: one line a request, or a sum of
//! several.
//!
//! `input_tokens` is the total and includes cached, cache-write, image and audio
//! input; a modality's total includes its cached part. Only the model and one
//! count are needed; any further column is a dimension.

use super::{Count, Field, Format, MoneyUnit, Signature, Target};

const COUNTS: &[(&str, Count)] = &[
    ("input_tokens", Count::Input),
    ("cached_input_tokens", Count::Cached),
    ("cache_write_tokens", Count::CacheWrite),
    ("cache_write_5m_tokens", Count::CacheWrite5m),
    ("cache_write_1h_tokens", Count::CacheWrite1h),
    ("output_tokens", Count::Output),
    ("image_input_tokens", Count::Image),
    ("cached_image_input_tokens", Count::CachedImage),
    ("image_output_tokens", Count::ImageOutput),
    ("audio_input_tokens", Count::Audio),
    ("cached_audio_input_tokens", Count::CachedAudio),
    ("audio_output_tokens", Count::AudioOutput),
    ("training_tokens", Count::Training),
    ("web_search_calls", Count::WebSearch),
    ("file_search_calls", Count::FileSearch),
    ("code_interpreter_sessions", Count::CodeInterpreter),
];

const SIGNATURE: Signature = Signature {
    all: &["model"],
    any: &[
        "input_tokens",
        "output_tokens",
        "training_tokens",
        "image_output_tokens",
        "audio_output_tokens",
        "web_search_calls",
        "file_search_calls",
        "code_interpreter_sessions",
    ],
    none: &[
        "object",
        "start_time_iso",
        "custom_id",
        "num_model_requests",
        "usage",
        // Counts that it has under other names, or beside the input.
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
        "cached_tokens",
        "cache_read_tokens",
        "input_tokens_cached",
        "num_requests",
        "request_count",
    ],
    values: None,
    empty_header: &[],
};

/// As CSV.
pub(super) fn csv() -> Format {
    Format {
        signature: SIGNATURE,
        fields: fields(),
        ..Format::delimited("tierwise-csv", "tierwise's own log format, delimited")
    }
}

/// As JSONL.
pub(super) fn jsonl() -> Format {
    Format {
        signature: SIGNATURE,
        marks: &["model"],
        fields: fields(),
        ..Format::json("tierwise-jsonl", "tierwise's own log format, one JSON object a line", &[""])
    }
}

fn fields() -> Vec<Field> {
    let names = [
        (Target::Start, "timestamp"),
        (Target::End, "end_time"),
        (Target::Note, "request_id"),
        (Target::Provider, "provider"),
        (Target::Project, "project"),
        (Target::User, "user"),
        (Target::ApiKey, "api_key"),
        (Target::Model, "model"),
        (Target::ServedTier, "service_tier"),
        (Target::RequestedTier, "requested_tier"),
        (Target::Endpoint, "endpoint"),
        (Target::Region, "region"),
        (Target::Requests, "requests"),
        (Target::Billed(MoneyUnit::Dollars), "billed_cost"),
    ];
    let counts = COUNTS.iter().map(|(name, count)| (Target::Count(*count), *name));
    names.into_iter().chain(counts).map(|(target, name)| Field::new(target, &[name])).collect()
}
