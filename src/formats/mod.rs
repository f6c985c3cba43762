//! Log formats: tables that say which field means what.
//!
//! A format is one file here and one line in [`registry`]. It lists the fields
//! it knows, whether cached tokens are inside the input, how it is recognised
//! by content, and nothing about prices. One reader serves all delimited
//! formats and one all JSON formats; [`canonical`](self) turns what they
//! extract into a [`UsageRow`](crate::usage::UsageRow) or a rejection.

#[cfg(test)]
mod agreement;
mod bind;
mod canonical;
mod columns;
mod count;
mod delimited;
mod detect;
mod digits;
mod json;
mod json_quick;
mod json_scan;
mod json_strings;
mod json_together;
mod json_tree;
mod mapping;
mod marks;
mod names;
mod openai_batch_output;
mod openai_dashboard_usage;
mod openai_fine_tuning;
mod openai_response_log;
mod openai_usage_api;
mod plain;
mod quick;
mod quick_columns;
mod split;
mod table;
mod tierwise;
mod value;

pub use bind::{Ask, Bound, Filter, Labels, MAX_LABELS, QuickReader, ReadField, RecordSink};
pub use canonical::{Reading, Reject};
pub use count::{COUNTED, Count, Parts, taken_from};
pub use detect::{DetectError, Detected, detect};
pub use mapping::{MapError, mapped};
pub use quick::QuickRow;
pub use table::{
    CachedTokens, Field, Format, Layout, Modality, MoneyUnit, Scope, Signature, Target,
};
pub use value::Value;

/// Every format that is recognised by content.
pub fn registry() -> Vec<Format> {
    vec![
        tierwise::csv(),
        tierwise::jsonl(),
        openai_dashboard_usage::format(),
        openai_usage_api::format(),
        openai_response_log::format(),
        openai_batch_output::format(),
        openai_fine_tuning::format(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = registry().into_iter().map(|format| format.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
