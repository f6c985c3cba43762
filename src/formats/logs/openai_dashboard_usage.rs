//! The completions usage CSV of OpenAI's dashboard, comma or tab separated.
//!
//! One row a day (or hour) and group. The image and audio input columns count
//! what was not cached; counts may be written `59200.0`; a day without use has
//! its times only. Exports of different years have more or fewer columns.

use super::openai_usage_api;
use super::{Field, Format, Modality, Scope, Signature, Target};

/// The columns of an export without activity.
const EMPTY: &[&str] = &["start_time", "end_time", "start_time_iso", "end_time_iso"];

/// The table.
pub(super) fn format() -> Format {
    let times = [
        Field::new(Target::Start, &["start_time", "start_time_iso"]),
        Field::new(Target::End, &["end_time", "end_time_iso"]),
    ];
    Format {
        signature: Signature {
            all: &["start_time", "input_tokens", "output_tokens", "num_model_requests"],
            any: &[],
            none: &["amount_value"],
            values: None,
            empty_header: EMPTY,
        },
        fields: times.into_iter().chain(openai_usage_api::completions()).collect(),
        scope: Scope::Aggregate,
        provider: "openai".into(),
        modality: Modality::Uncached,
        ..Format::delimited("openai-dashboard-usage", "completions usage CSV of OpenAI's dashboard")
    }
}
