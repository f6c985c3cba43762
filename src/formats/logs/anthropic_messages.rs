//! Responses of Anthropic's Messages API, bare or wrapped (`{"timestamp": …,
//! "response": …}`), one a line or as a document.
//!
//! `input_tokens` leaves out what was read from and written to the cache.
//! `cache_creation_input_tokens` is all that was written; by how long it is kept
//! stands in `cache_creation`.

use super::{CachedTokens, Count, Field, Format, Signature, Target};

/// Where a message may stand, the innermost first.
const ROOTS: &[&str] = &["response.body", "response", "body", "message", ""];

/// The table.
pub(super) fn format() -> Format {
    let own = [
        Field::new(Target::Start, &["/timestamp", "/time", "/created_at"]),
        Field::new(Target::Note, &["type"]),
        Field::new(Target::Key, &["id"]),
        Field::new(Target::Project, &["/metadata.project", "/project"]),
        Field::new(Target::User, &["/metadata.user_id", "/metadata.user", "/user"]),
        Field::new(Target::ApiKey, &["/api_key"]),
    ];
    Format {
        signature: Signature {
            any: &[
                "usage.input_tokens",
                "response.usage.input_tokens",
                "body.usage.input_tokens",
                "response.body.usage.input_tokens",
            ],
            none: &["sessionId", "requestId", "uuid", "custom_id", "req_units"],
            values: Some((
                &["type", "response.type", "body.type", "response.body.type"],
                &["message"],
            )),
            ..Signature::default()
        },
        provider: "anthropic".into(),
        cached: CachedTokens::BesideInput,
        marks: &["type"],
        accepts: Some(("type", &["message", "error"])),
        fields: own.into_iter().chain(usage_fields()).collect(),
        ..Format::json("anthropic-messages", "logged responses of Anthropic's Messages API", ROOTS)
    }
}

/// The fields of a message's usage, which sessions of Claude Code share.
pub(super) fn usage_fields() -> Vec<Field> {
    let mut fields = vec![
        Field::new(Target::Model, &["model"]),
        Field::new(Target::ServedTier, &["usage.service_tier"]),
        Field::new(Target::Speed, &["usage.speed"]),
    ];
    let counts = [
        (Count::Input, "usage.input_tokens"),
        (Count::Cached, "usage.cache_read_input_tokens"),
        (Count::CacheWrites, "usage.cache_creation_input_tokens"),
        (Count::CacheWrite5m, "usage.cache_creation.ephemeral_5m_input_tokens"),
        (Count::CacheWrite1h, "usage.cache_creation.ephemeral_1h_input_tokens"),
        (Count::Output, "usage.output_tokens"),
        (Count::WebSearch, "usage.server_tool_use.web_search_requests"),
    ];
    fields.extend(counts.map(|(count, name)| Field::count(count, &[name])));
    fields
}
