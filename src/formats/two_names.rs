//! Names in two columns side by side, which are known by the bytes of both at once.
#![deny(clippy::arithmetic_side_effects)]

use super::at_hand::AtHand;
use super::columns::Spot;
use super::names::Word;

/// Two columns side by side of names.
#[derive(Debug, Clone)]
pub(super) struct TwoNames {
    /// The first one.
    pub(super) column: u32,
    /// The readers of both.
    pub(super) readers: [usize; 2],
    /// What stands for the names of pairs that were met last.
    at_hand: AtHand<Word, u64, 10>,
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
                at_hand: AtHand::default(),
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
        Word::at(span).map_or(0, |word| self.at_hand.get(&word))
    }

    /// Keeps what stands for the names of a pair at hand.
    pub(super) fn keep(&mut self, span: &Spot<'_>, names: u64) {
        if let Some(word) = Word::at(span) {
            self.at_hand.keep(word, names);
        }
    }
}
