//! Log formats: tables that say which field means what.
//!
//! A format is one file in `logs` and one line in [`registry`]. It lists the fields
//! it knows, whether cached tokens are inside the input, how it is recognised
//! by content, and nothing about prices. One reader serves all delimited
//! formats and one all JSON formats; [`canonical`](self) turns what they
//! extract into a [`UsageRow`](crate::usage::UsageRow) or a rejection.

#[cfg(test)]
mod agreement;
mod ask;
mod at_hand;
mod bind;
mod calls;
mod canonical;
mod columns;
mod count;
mod delimited;
mod delimited_together;
mod detect;
mod digits;
mod fold;
mod index;
mod json;
mod json_foretold;
mod json_forms;
mod json_met;
mod json_quick;
mod json_scan;
mod json_strings;
mod json_together;
mod json_tree;
mod keys;
mod logs;
mod map_file;
mod mapping;
mod names;
mod numbers;
mod parts;
mod pass;
mod plain;
mod positions;
mod probe;
mod providers;
mod quick;
mod quick_columns;
mod quick_rows;
mod quoted;
mod recognise;
mod reconcile;
mod rewrite;
mod side_by_side;
mod split;
mod suggest;
mod table;
mod tells;
mod value;
mod zeros;

pub use ask::{Ask, Dedupe, Filter, Labels, MAX_LABELS};
pub use bind::{Bound, QuickReader, ReadField, RecordSink};
pub use canonical::{Reading, Reject};
pub use columns::TOGETHER;
pub use count::{Count, taken_from};
pub use detect::{DetectError, Detected};
pub use logs::registry;
pub use map_file::mapped_by_file;
pub use mapping::{MapError, mapped};
pub use parts::{COUNTED, Parts, bits};
pub use quick::{QuickRow, labels_at};
pub use quick_rows::{Brief, QuickCounts, QuickRows};
pub use recognise::recognise;
pub use suggest::suggest_mapping;
pub use table::{
    CachedTokens, Days, Field, Fold, Format, Layout, MakeFold, Modality, MoneyUnit, Rewrite, Scope,
    Signature, Target, Times,
};
pub use tells::Tells;
pub use value::Value;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = registry().iter().map(|format| format.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
