//! Digests that tell rows apart. A digest is part of SHA-256, so that two rows of a log
//! are never taken for one by chance.

use sha2::{Digest as _, Sha256};

use super::bind::Bound;
use super::table::Target;
use super::value::Value;
use crate::usage::RowKey;

/// The digests of a row with a key.
pub(super) fn row_key(bound: &Bound, key: &str, values: &[Value<'_>]) -> RowKey {
    let priced = bound.fields.iter().zip(values).filter(|(field, _)| decides(field.target));
    let words = priced.map(|(_, value)| value.as_text().unwrap_or_default());
    // One call may be in several logs of one kind, such as JSON and CSV.
    RowKey { key: digest([bound.format.family(), key]), content: digest(words) }
}

/// Whether a field takes part in what a row costs.
const fn decides(target: Target) -> bool {
    match target {
        Target::Provider
        | Target::Model
        | Target::ModelIs(_)
        | Target::ServedTier
        | Target::RequestedTier
        | Target::BatchFlag
        | Target::Requests
        | Target::Region
        | Target::Billed(_)
        | Target::FreeIf(_)
        | Target::Speed
        | Target::Count(_) => true,
        Target::Start
        | Target::End
        | Target::Endpoint
        | Target::Project
        | Target::User
        | Target::ApiKey
        | Target::Currency
        | Target::Key
        | Target::Output
        | Target::Tools
        | Target::Column
        | Target::Note => false,
    }
}

/// The first half of the SHA-256 of some words, each with its length before it.
pub(super) fn digest<'w>(words: impl IntoIterator<Item = &'w str>) -> u128 {
    let mut hash = Sha256::new();
    for word in words {
        hash.update(word.len().to_le_bytes());
        hash.update(word.as_bytes());
    }
    let hash: [u8; 32] = hash.finalize().into();
    hash.first_chunk().copied().map_or(0, u128::from_le_bytes)
}
