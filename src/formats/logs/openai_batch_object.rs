//! OpenAI batch objects: what a batch used in all. Its output lines say the same
//! request by request, so that both together count twice.

use super::{Count, Field, Format, Scope, ServiceTier, Signature, Target};

/// The table.
pub(super) fn format() -> Format {
    Format {
        signature: Signature {
            values: Some((&["object", "data.object"], &["batch"])),
            ..Signature::default()
        },
        scope: Scope::Aggregate,
        provider: "openai".into(),
        envelope: Some(ServiceTier::Batch),
        marks: &["object"],
        accepts: Some(("object", &["list", "batch"])),
        fields: vec![
            Field::new(Target::Start, &["created_at"]),
            Field::new(Target::Note, &["object"]),
            Field::new(Target::Key, &["id"]),
            Field::new(Target::Model, &["model"]),
            Field::new(Target::Endpoint, &["endpoint"]),
            Field::new(Target::Requests, &["request_counts.completed"]),
            Field::count(Count::Input, &["usage.input_tokens"]),
            Field::count(Count::Cached, &["usage.input_tokens_details.cached_tokens"]),
            Field::count(Count::Output, &["usage.output_tokens"]),
        ],
        ..Format::json_below(
            "openai-batch-object",
            "OpenAI batch objects with their usage",
            &[""],
            &["data"],
        )
    }
}
