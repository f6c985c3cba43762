//! Output and error files of OpenAI's Batch API: one line a request.
//!
//! The body says `service_tier: "default"` or nothing although it is billed as
//! Batch: the shape of the line decides. Expired and failed requests have no
//! usage and count as empty.

use super::openai_response_log::response_fields;
use super::{Field, Format, ServiceTier, Signature, Target};

/// The table.
pub(super) fn format() -> Format {
    let mut fields = response_fields();
    fields.push(Field::new(Target::Key, &["/id"]));
    fields.push(Field::new(Target::Note, &["/custom_id"]));
    fields.push(Field::new(Target::Note, &["/error"]));
    fields.push(Field::new(Target::User, &["user", "safety_identifier"]));
    fields.push(Field::new(Target::Endpoint, &["object"]));
    Format {
        signature: Signature {
            all: &["custom_id"],
            any: &["response.body", "response.status_code", "error"],
            ..Signature::default()
        },
        provider: "openai".into(),
        envelope: Some(ServiceTier::Batch),
        marks: &["/custom_id"],
        fields,
        ..Format::json(
            "openai-batch-output",
            "output and error files of OpenAI's Batch API",
            &["response.body"],
        )
    }
}
