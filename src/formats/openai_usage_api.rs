//! OpenAI's Usage API for completions: a page, pages one a line, an array of
//! pages, or a bare array of buckets, on any number of lines.
//!
//! Counts are sums over a bucket; `input_image_tokens` and `input_audio_tokens`
//! count what was not cached. A dimension that the query did not group by is
//! null: without a model a result cannot be priced.

use super::count::Count;
use super::table::{CachedTokens, Field, Format, Layout, Modality, Scope, Signature, Target};

const KINDS: &[&str] = &["page", "bucket", "organization.usage.completions.result"];

/// The table.
pub(super) fn format() -> Format {
    let times = [
        Field::new(Target::Start, &["start_time"]),
        Field::new(Target::End, &["end_time"]),
        Field::new(Target::Note, &["object"]),
    ];
    Format {
        name: "openai-usage-api",
        about: "OpenAI Usage API, completions",
        layout: Layout::Json { roots: &[""], explode: &["data", "results", "result"] },
        signature: Signature {
            values: Some((&["object"], &["page", "bucket", "organization.usage.*"])),
            ..Signature::default()
        },
        scope: Scope::Aggregate,
        provider: "openai",
        cached: CachedTokens::InsideInput,
        modality: Modality::Uncached,
        envelope: None,
        marks: &["object", "start_time"],
        accepts: Some(("object", KINDS)),
        fields: times.into_iter().chain(result_fields()).collect(),
    }
}

/// The fields of one result, which the dashboard's CSV shares.
pub(super) fn result_fields() -> Vec<Field> {
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
    fields.extend(counts.map(|(name, count)| Field::new(Target::Count(count), &[name])));
    fields
}
