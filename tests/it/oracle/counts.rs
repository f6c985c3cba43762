//! From a log's overlapping counts to disjoint ones.

use std::collections::BTreeMap;

use super::{Class, Row};

/// Counts by meter, disjoint, none of them zero.
pub(super) type Usage = BTreeMap<&'static str, i128>;

/// Meters that are part of a request's context.
const CONTEXT: [&str; 7] = [
    "input",
    "cached_input",
    "cache_write",
    "image_input",
    "cached_image_input",
    "audio_input",
    "cached_audio_input",
];

/// A row's usage, or what it is without one.
pub(super) fn usage(row: &Row) -> Result<Usage, Class> {
    if row.spoiled {
        return Err(Class::Rejected);
    }
    if row.counts.values().all(|count| *count == 0) {
        return Err(Class::Empty);
    }
    if row.model.is_none() {
        return Err(Class::Rejected);
    }
    disjoint(row).ok_or(Class::Rejected)
}

/// Text input = total - cached - writes - uncached image - uncached audio, and
/// likewise for every other total; `None` where one is negative.
fn disjoint(row: &Row) -> Option<Usage> {
    let count = |column: &str| i128::from(row.counts.get(column).copied().unwrap_or(0));
    let cached_image = count("cached_image_input_tokens");
    let cached_audio = count("cached_audio_input_tokens");
    let image = count("image_input_tokens") - cached_image;
    let audio = count("audio_input_tokens") - cached_audio;
    let cached = count("cached_input_tokens");
    let write = count("cache_write_tokens");
    let image_output = count("image_output_tokens");
    let audio_output = count("audio_output_tokens");
    let parts = [
        ("input", count("input_tokens") - cached - write - image - audio),
        ("cached_input", cached - cached_image - cached_audio),
        ("cache_write", write),
        ("output", count("output_tokens") - image_output - audio_output),
        ("image_input", image),
        ("cached_image_input", cached_image),
        ("image_output", image_output),
        ("audio_input", audio),
        ("cached_audio_input", cached_audio),
        ("audio_output", audio_output),
        ("training", count("training_tokens")),
        ("web_search_call", count("web_search_calls")),
        ("file_search_call", count("file_search_calls")),
        ("code_interpreter_session", count("code_interpreter_sessions")),
    ];
    let valid = parts.iter().all(|(_, count)| *count >= 0);
    valid.then(|| parts.into_iter().filter(|(_, count)| *count > 0).collect())
}

/// All input, cached included.
pub(super) fn total_input(usage: &Usage) -> i128 {
    CONTEXT.iter().filter_map(|meter| usage.get(meter)).sum()
}

/// Every cached or written token back in its own modality.
pub(super) fn without_caching(usage: &Usage) -> Usage {
    let mut plain = Usage::new();
    for (meter, count) in usage {
        *plain.entry(uncached(meter)).or_default() += count;
    }
    plain
}

/// The meter of the same tokens without caching.
pub(super) fn uncached(meter: &'static str) -> &'static str {
    match meter {
        "cached_input" | "cache_write" => "input",
        "cached_image_input" => "image_input",
        "cached_audio_input" => "audio_input",
        other => other,
    }
}
