//! OpenAI's Usage and Costs API: a page, pages one a line, an array of pages, or a
//! bare array of buckets, on any number of lines.
//!
//! Counts are sums over a bucket; `input_image_tokens` and `input_audio_tokens`
//! count what was not cached. A dimension that the query did not group by is
//! null: without a model a result cannot be priced. Results of the Costs API are
//! amounts that were billed, never usage.

use super::{Count, Field, Format, HOSTED_TOOLS, Modality, MoneyUnit, Scope, Signature, Target};

const WEB_SEARCHES: &str = "organization.usage.web_searches.result";
const FILE_SEARCHES: &str = "organization.usage.file_searches.result";

const KINDS: &[&str] = &[
    "page",
    "bucket",
    "organization.usage.completions.result",
    "organization.usage.embeddings.result",
    "organization.usage.moderations.result",
    "organization.usage.images.result",
    "organization.usage.audio_speeches.result",
    "organization.usage.audio_transcriptions.result",
    "organization.usage.vector_stores.result",
    "organization.usage.code_interpreter_sessions.result",
    WEB_SEARCHES,
    FILE_SEARCHES,
    "organization.costs.result",
];

/// The table.
pub(super) fn format() -> Format {
    let times = [
        Field::new(Target::Start, &["start_time"]),
        Field::new(Target::End, &["end_time"]),
        Field::new(Target::Note, &["object"]),
    ];
    Format {
        signature: Signature {
            values: Some((
                &["object"],
                &["page", "bucket", "organization.usage.*", "organization.costs.*"],
            )),
            ..Signature::default()
        },
        scope: Scope::Aggregate,
        provider: "openai".into(),
        modality: Modality::Uncached,
        marks: &["object", "start_time"],
        accepts: Some(("object", KINDS)),
        fields: times.into_iter().chain(completions()).chain(others()).collect(),
        ..Format::json_below(
            "openai-usage-api",
            "OpenAI Usage and Costs API, all endpoints",
            &[""],
            &["data", "results", "result"],
        )
    }
}

/// The fields of a result for completions, which the dashboard's CSV shares.
pub(super) fn completions() -> Vec<Field> {
    let mut fields = vec![
        Field::new(Target::Requests, &["num_model_requests"]),
        Field::new(Target::Model, &["model"]),
        Field::new(Target::ServedTier, &["service_tier"]),
        Field::new(Target::BatchFlag, &["batch"]),
        Field::new(Target::Project, &["project_id", "project_name"]),
        Field::new(Target::User, &["user_id", "user_email"]),
        Field::new(Target::ApiKey, &["api_key_id", "api_key_name"]),
    ];
    let counts: [(&'static str, Count); 11] = [
        ("input_tokens", Count::Input),
        ("input_cached_tokens", Count::Cached),
        ("input_cache_write_tokens", Count::CacheWrite),
        ("input_cache_write_12h_tokens", Count::CacheWrite12h),
        ("output_tokens", Count::Output),
        ("input_image_tokens", Count::Image),
        ("input_cached_image_tokens", Count::CachedImage),
        ("output_image_tokens", Count::ImageOutput),
        ("input_audio_tokens", Count::Audio),
        ("input_cached_audio_tokens", Count::CachedAudio),
        ("output_audio_tokens", Count::AudioOutput),
    ];
    fields.extend(counts.map(|(name, count)| Field::count(count, &[name])));
    fields
}

/// Those of the other endpoints.
fn others() -> Vec<Field> {
    vec![
        Field::count(Count::Picture, &["images"]),
        Field::count(Count::Character, &["characters"]),
        Field::count(Count::AudioSecond, &["seconds"]),
        Field::count(Count::StoredByteDay, &["usage_bytes"]),
        Field::count(Count::CodeInterpreter, &["num_sessions"]),
        Field::count(Count::WebSearch, &["num_requests"]).only_in(WEB_SEARCHES),
        Field::count(Count::FileSearch, &["num_requests"]).only_in(FILE_SEARCHES),
        Field::new(Target::ModelIs(HOSTED_TOOLS), &["num_sessions"]),
        Field::new(Target::ModelIs(HOSTED_TOOLS), &["num_requests"]).only_in(FILE_SEARCHES),
        Field::new(Target::Billed(MoneyUnit::Dollars), &["amount.value"]),
        Field::new(Target::Currency, &["amount.currency"]),
        Field::new(Target::Note, &["line_item"]),
    ]
}
