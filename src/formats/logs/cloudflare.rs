//! Logs of Cloudflare's AI Gateway as its API gives them. `cached` is the gateway's own
//! cache: such a request cost nothing. Logpush encrypts what holds the counts.

use super::{Count, Field, Format, MoneyUnit, Signature, Target};

/// The logs of the API.
pub(super) fn logs() -> Format {
    Format {
        signature: Signature {
            any: &["tokens_in", "result.tokens_in"],
            values: Some((&["provider", "result.provider"], &["*"])),
            ..Signature::default()
        },
        marks: &["id"],
        fields: vec![
            Field::new(Target::Start, &["created_at"]),
            Field::new(Target::Key, &["id"]),
            Field::new(Target::Provider, &["provider"]),
            Field::new(Target::Model, &["model"]),
            Field::new(Target::FreeIf("true"), &["cached"]),
            Field::new(Target::Endpoint, &["path"]),
            Field::new(Target::Billed(MoneyUnit::Dollars), &["cost"]),
            Field::count(Count::Input, &["tokens_in"]),
            Field::count(Count::Output, &["tokens_out"]),
        ],
        ..Format::json_below(
            "cloudflare-ai-gateway",
            "logs of Cloudflare's AI Gateway, by its API",
            &[""],
            &["result"],
        )
    }
}

/// What Logpush writes.
pub(super) fn logpush() -> Format {
    Format {
        signature: Signature {
            all: &["Gateway", "Provider", "Model"],
            none: &["tokens_in"],
            ..Signature::default()
        },
        refusal: Some(
            "Logpush encrypts request and response bodies, so this log has no token counts; \
             export the logs through the AI Gateway API (`/ai-gateway/gateways/ID/logs`)",
        ),
        ..Format::json(
            "cloudflare-logpush",
            "Logpush of Cloudflare's AI Gateway (refused: encrypted)",
            &[""],
        )
    }
}
