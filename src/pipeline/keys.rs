//! Which of the rows with one key counts: the one with the largest output, then with the
//! most tokens, then the earliest, then by what it says, then the first. All rows are
//! looked at once before any is counted, so that the answer does not depend on threads.
//!
//! Memory is 56 bytes a key in tables that are at least seven sixteenths full, so about
//! 65 to 130 bytes a key. There are many tables, so that few keys are moved when one
//! grows.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::PipelineError;
use crate::formats::Bound;
use crate::input::Source;
use crate::usage::RowKey;

/// Where a row with a key is; rows are in the order of their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The file, among those of the run.
    pub(super) file: u32,
    /// The chunk of the file.
    pub(super) chunk: u32,
    /// The number of the row among those with keys or sessions in the chunk.
    pub(super) at: u32,
}

/// A row with a key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keyed {
    pub(super) key: RowKey,
    /// Its output tokens, and all of them.
    pub(super) tokens: (u64, u64),
    /// When it began, as far as seconds tell.
    pub(super) second: u32,
    pub(super) place: Place,
}

/// The row that counts of those with one key.
#[derive(Debug, Clone, Copy)]
struct Best {
    tokens: (u64, u64),
    content: u64,
    second: u32,
    place: Place,
}

/// Tables of keys.
const TABLES: usize = 256;

/// Of each key the row that counts, in the table that its first byte says.
#[derive(Debug)]
pub(super) struct Keys(Vec<HashMap<[u64; 2], Best, FixedState>>);

impl Default for Keys {
    fn default() -> Self {
        Self(vec![HashMap::default(); TABLES])
    }
}

/// What a run knows of keys.
#[derive(Debug, Clone, Default)]
pub(super) enum Stage {
    /// Nothing yet: an input that has keys ends the run.
    #[default]
    Unknown,
    /// They are being gathered, and nothing is counted.
    Gathering,
    /// All of them.
    Known(Arc<Keys>),
}

/// What becomes of a row with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It counts.
    Counts,
    /// Another one counts, which says the same or something else.
    Repeats {
        /// Whether it says something else.
        differs: bool,
    },
}

impl Stage {
    /// Whether an input is read now. Fails where its keys have to be known first.
    pub(super) fn reads(&self, bound: &Bound, source: &Source) -> Result<bool, PipelineError> {
        let (path, has_keys) = (source.name(), bound.has_keys());
        match self {
            Self::Gathering => Ok(has_keys || bound.has_sessions()),
            _ if !has_keys => Ok(true),
            _ if source.is_stream() => {
                Err(PipelineError::KeysOfStdin { path, format: bound.format.name })
            }
            Self::Unknown => Err(PipelineError::KeysUnknown { path }),
            Self::Known(_) => Ok(true),
        }
    }
}

impl Keys {
    /// Takes a row into account.
    pub(super) fn offer(&mut self, row: &Keyed) {
        let content = halves(row.key.content)[0];
        let one = Best { tokens: row.tokens, content, second: row.second, place: row.place };
        let key = halves(row.key.key);
        let Some(table) = self.0.get_mut(table_of(key)) else { return };
        let best = table.entry(key).or_insert(one);
        let rank =
            |best: &Best| (best.tokens, Reverse(best.second), best.content, Reverse(best.place));
        if rank(&one) > rank(best) {
            *best = one;
        }
    }

    /// What becomes of a row.
    pub(super) fn judge(&self, key: &RowKey, place: Place) -> Verdict {
        let halves_of_key = halves(key.key);
        let table = self.0.get(table_of(halves_of_key));
        match table.and_then(|table| table.get(&halves_of_key)) {
            Some(best) if best.place != place => {
                Verdict::Repeats { differs: best.content != halves(key.content)[0] }
            }
            _ => Verdict::Counts,
        }
    }
}

/// The table of a key.
fn table_of([first, _]: [u64; 2]) -> usize {
    usize::try_from(first.unbounded_shr(56)).unwrap_or(0)
}

/// The lower and the upper half.
fn halves(digest: u128) -> [u64; 2] {
    let half = |bits: u128| u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0);
    [half(digest), half(digest.unbounded_shr(64))]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(output: u64, second: u32, content: u128, at: u32) -> Keyed {
        let tokens = (output, output);
        let place = Place { file: 0, chunk: 0, at };
        Keyed { key: RowKey { key: 7, content }, tokens, second, place }
    }

    #[test]
    fn the_largest_output_counts_then_the_earliest_then_the_content_then_the_first() {
        let rows =
            [row(1, 1, 9, 0), row(5, 7, 3, 1), row(5, 8, 9, 2), row(5, 7, 4, 3), row(5, 7, 4, 4)];
        for turned in 0..rows.len() {
            let mut keys = Keys::default();
            rows.iter().cycle().skip(turned).take(rows.len()).for_each(|row| keys.offer(row));
            let verdicts = rows.map(|row| keys.judge(&row.key, row.place));
            let repeats = |differs| Verdict::Repeats { differs };
            let others = [repeats(true), repeats(true), repeats(true)];
            assert_eq!(verdicts[..3], others);
            assert_eq!(verdicts[3..], [Verdict::Counts, repeats(false)]);
        }
    }
}
