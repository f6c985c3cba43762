//! Names in two columns side by side, which are known by the bytes of both at once.
#![deny(clippy::arithmetic_side_effects)]

use super::columns::Spot;
use super::names::{Word, keep};

/// Pairs of names that are at hand, as a power of two.
const BITS: u32 = 10;

/// Two columns side by side of names.
#[derive(Debug, Clone)]
pub(super) struct TwoNames {
    /// The first one.
    pub(super) column: u32,
    /// The readers of both.
    pub(super) readers: [usize; 2],
    /// Pairs met last, each at the place that its bytes say, with what stands for its names.
    at_hand: Vec<(Word, u64)>,
}

impl TwoNames {
    /// The first two among columns of names, each with its reader.
    pub(super) fn among(columns: impl Iterator<Item = (u32, usize)>) -> Option<Self> {
        let mut columns: Vec<(u32, usize)> = columns.collect();
        columns.sort_unstable();
        columns.array_windows().find_map(|[(column, one), (next, other)]| {
            let (column, readers) = (*column, [*one, *other]);
            (column.checked_add(1) == Some(*next)).then(|| Self {
                column,
                readers,
                at_hand: Vec::new(),
            })
        })
    }

    /// Both columns.
    pub(super) fn columns(&self) -> [u32; 2] {
        [self.column, self.column.wrapping_add(1)]
    }

    /// What stands for the names of a pair that is at hand, else 0.
    #[inline]
    pub(super) fn known_at(&self, span: &Spot<'_>) -> u64 {
        let Some(word) = Word::at(span) else { return 0 };
        let known = self.at_hand.get(word.place(BITS)).filter(|(known, _)| known.is(&word));
        known.map_or(0, |(_, names)| *names)
    }

    /// Keeps what stands for the names of a pair at hand.
    pub(super) fn keep(&mut self, span: &Spot<'_>, names: u64) {
        if let Some(word) = Word::at(span) {
            keep(&mut self.at_hand, 1 << BITS, word.place(BITS), (word, names));
        }
    }
}
