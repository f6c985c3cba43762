//! Session files of Claude Code: one event a line, of which those of the assistant
//! have usage.
//!
//! A message is written once for each of its blocks, and again where another session
//! goes on from it: lines with one message id are one call, and the one with the most
//! output is the last. What a session cost in all stands in lines of their own, which
//! have no part in it.

use super::anthropic_messages::usage_fields;
use super::{CachedTokens, Count, Field, Format, MoneyUnit, Signature, Target};

/// The kinds of lines that may have usage.
const KINDS: &[&str] = &["assistant", "message"];

/// The kinds of lines of a session file.
const LINES: &[&str] = &[
    "user",
    "assistant",
    "system",
    "summary",
    "progress",
    "queue-operation",
    "file-history-snapshot",
];

/// The table.
pub(super) fn format() -> Format {
    let mut fields = vec![
        Field::new(Target::Start, &["/timestamp"]),
        Field::new(Target::Note, &["/type"]),
        Field::new(Target::Key, &["/message.id", "/requestId", "/uuid"]),
        Field::new(Target::Project, &["/cwd"]),
        Field::new(Target::User, &["/sessionId"]),
        Field::new(Target::Billed(MoneyUnit::Dollars), &["/costUSD"]),
    ];
    fields.extend(usage_fields().into_iter().map(|field| {
        let Target::Count(count) = field.target else { return field };
        with_old_name(field, count)
    }));
    Format {
        signature: Signature {
            any: &[
                "sessionId",
                "leafUuid",
                "messageId",
                "uuid",
                "requestId",
                "message.usage.cache_read_input_tokens",
            ],
            none: &["payload", "response", "usage", "custom_id"],
            values: Some((&["type", "message.role"], LINES)),
            ..Signature::default()
        },
        provider: "anthropic".into(),
        cached: CachedTokens::BesideInput,
        marks: &["/type", "/timestamp"],
        used_by: Some(("type", KINDS)),
        fields,
        ..Format::json("claude-code", "session files of Claude Code", &["message", ""])
    }
}

/// The name that a count had before, at the top of the line.
fn with_old_name(mut field: Field, count: Count) -> Field {
    let old = [
        (Count::Input, "/inputTokens"),
        (Count::Cached, "/cacheReadInputTokens"),
        (Count::CacheWrites, "/cacheCreationInputTokens"),
        (Count::Output, "/outputTokens"),
    ];
    let old = old.into_iter().find(|(known, _)| *known == count);
    field.names.extend(old.map(|(_, name)| name.into()));
    field
}
