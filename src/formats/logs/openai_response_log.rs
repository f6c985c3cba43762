//! Logged response objects of OpenAI: Chat Completions, Responses, embeddings, images,
//! transcriptions and realtime events, bare or wrapped (`{"request": …, "response": …}`,
//! `{"timestamp": …, "body": …}`, stream events), one a line or as a document.
//!
//! A stream has its usage in one event; the others have none and count as
//! empty, as do failed responses. The tier of the response is the served one.

use super::{Count, Field, Format, Signature, Target};

/// Where a response object may stand, the innermost first.
const ROOTS: &[&str] = &["response.body", "response", "body", "data", ""];

/// The kinds of response objects.
const KINDS: &[&str] =
    &["chat.completion", "chat.completion.chunk", "response", "list", "realtime.response"];

const SIGNATURE: Signature = Signature {
    all: &[],
    any: &[],
    none: &["custom_id", "call_type", "req_units", "request_created_at"],
    values: Some((
        &[
            "object",
            "response.object",
            "body.object",
            "response.body.object",
            "data.object",
            "type",
        ],
        &[
            "chat.completion",
            "chat.completion.chunk",
            "response",
            "response.*",
            "realtime.*",
            "embedding",
        ],
    )),
    empty_header: &[],
};

/// The table.
pub(super) fn format() -> Format {
    Format {
        signature: SIGNATURE,
        provider: "openai".into(),
        marks: &["object", "/type"],
        accepts: Some(("object", KINDS)),
        fields: fields(),
        ..Format::json(
            "openai-response-log",
            "logged OpenAI responses (Chat Completions, Responses, embeddings, realtime, …)",
            ROOTS,
        )
    }
}

fn fields() -> Vec<Field> {
    let mut fields = response_fields();
    fields.push(Field::new(
        Target::RequestedTier,
        &[
            "/request.service_tier",
            "/request.body.service_tier",
            "/requested_tier",
            "/service_tier",
        ],
    ));
    fields.push(Field::new(
        Target::Project,
        &["/metadata.project", "/project", "/request.metadata.project"],
    ));
    fields.push(Field::new(
        Target::User,
        &["user", "safety_identifier", "/request.user", "/metadata.user"],
    ));
    fields.push(Field::new(Target::Note, &["/type"]));
    fields.push(Field::new(Target::ApiKey, &["/api_key", "/metadata.api_key"]));
    fields.push(Field::new(Target::Endpoint, &["/endpoint", "/request.url", "/url", "object"]));
    fields
}

/// The fields of a response object, which Batch output lines share.
pub(super) fn response_fields() -> Vec<Field> {
    let mut fields = vec![
        Field::new(Target::Start, &["created", "created_at", "/timestamp", "/time"]),
        Field::new(Target::Model, &["model", "/model", "/request.model", "/request.body.model"]),
        Field::new(Target::ServedTier, &["service_tier"]),
        Field::new(Target::Note, &["object"]),
        Field::new(Target::Note, &["id"]),
        Field::new(Target::Output, &["output"]),
        Field::new(Target::Tools, &["tools"]),
    ];
    fields.extend(COUNTS.iter().map(|(count, names)| Field::count(*count, names)));
    fields
}

/// The counts of the shapes that usage has.
const COUNTS: &[(Count, &[&str])] = &[
    (Count::Input, &["usage.prompt_tokens", "usage.input_tokens"]),
    (Count::Output, &["usage.completion_tokens", "usage.output_tokens"]),
    (
        Count::Cached,
        &[
            "usage.prompt_tokens_details.cached_tokens",
            "usage.input_tokens_details.cached_tokens",
            "usage.input_token_details.cached_tokens",
        ],
    ),
    (
        Count::CacheWrite,
        &[
            "usage.prompt_tokens_details.cache_write_tokens",
            "usage.input_tokens_details.cache_write_tokens",
        ],
    ),
    (
        Count::Audio,
        &[
            "usage.prompt_tokens_details.audio_tokens",
            "usage.input_tokens_details.audio_tokens",
            "usage.input_token_details.audio_tokens",
        ],
    ),
    (Count::CachedAudio, &["usage.input_token_details.cached_tokens_details.audio_tokens"]),
    (
        Count::AudioOutput,
        &[
            "usage.completion_tokens_details.audio_tokens",
            "usage.output_tokens_details.audio_tokens",
            "usage.output_token_details.audio_tokens",
        ],
    ),
    (
        Count::Image,
        &[
            "usage.prompt_tokens_details.image_tokens",
            "usage.input_tokens_details.image_tokens",
            "usage.input_token_details.image_tokens",
        ],
    ),
    (Count::CachedImage, &["usage.input_token_details.cached_tokens_details.image_tokens"]),
    (Count::ImageOutput, &["usage.output_tokens_details.image_tokens"]),
    (Count::AudioSecond, &["usage.seconds"]),
    (Count::WebSearch, &["tool_usage.web_search.num_requests"]),
];
