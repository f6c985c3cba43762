//! OpenAI fine-tuning jobs: objects one a line, a document, or a list.
//!
//! `trained_tokens` is what is billed, epochs included; it is null until a job
//! ends, and for jobs billed by time. Such jobs count as empty.

use super::{Count, Field, Format, Signature, Target};

/// The table.
pub(super) fn format() -> Format {
    Format {
        signature: Signature {
            values: Some((&["object", "data.object"], &["fine_tuning.job"])),
            ..Signature::default()
        },
        provider: "openai".into(),
        marks: &["object"],
        accepts: Some(("object", &["list", "fine_tuning.job"])),
        fields: vec![
            Field::new(Target::Start, &["finished_at", "created_at"]),
            Field::new(Target::Key, &["id"]),
            Field::new(Target::Note, &["object"]),
            Field::new(Target::Note, &["status"]),
            Field::new(Target::Model, &["model"]),
            Field::new(Target::Project, &["metadata.project"]),
            Field::count(Count::Training, &["trained_tokens"]),
        ],
        ..Format::json_below("openai-fine-tuning", "OpenAI fine-tuning jobs", &[""], &["data"])
    }
}
