//! The sums of one time segment, by what rows have in common: a record of words for each
//! of them, side by side, and a table of where they are.

use std::iter::zip;

use super::places::{Places, mixed};
use crate::formats::bits;
use crate::money::Money;

/// What rows of one segment have in common that are summed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CellKey {
    /// The number of their head.
    pub(super) head: u32,
    /// Stands for their asked properties.
    pub(super) labels: u32,
}

impl CellKey {
    /// That of no row.
    pub(super) const NONE: Self = Self { head: u32::MAX, labels: u32::MAX };

    #[inline]
    fn hash(self) -> u64 {
        mixed(u64::from(self.head), u64::from(self.labels))
    }

    /// The key and what becomes of its rows.
    fn owner(self, fate: Fate) -> u64 {
        u64::from(self.labels).unbounded_shl(32) | u64::from(self.head << 2 | fate as u32)
    }

    fn of_owner(owner: u64) -> Self {
        let half = |bits: u64| u32::try_from(bits & u64::from(u32::MAX)).unwrap_or(0);
        Self { head: half(owner) >> 2, labels: half(owner.unbounded_shr(32)) }
    }

    /// Whether an owner is of this key.
    #[inline]
    fn owns(self, owner: u64) -> bool {
        (owner ^ self.owner(Fate::Unpriced)) & !3 == 0
    }
}

/// What becomes of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Summed, without a price.
    Unpriced,
    /// Summed, with a price.
    Priced,
    /// Left out by a filter.
    Filtered,
}

impl Fate {
    /// Of rows that are summed.
    pub(super) const fn kept(priced: bool) -> Self {
        if priced { Self::Priced } else { Self::Unpriced }
    }

    #[inline]
    const fn of_owner(owner: u64) -> Self {
        match owner & 3 {
            0 => Self::Unpriced,
            1 => Self::Priced,
            _ => Self::Filtered,
        }
    }
}

/// Where the rows of a key are summed: the number of its record, from 1 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CellAt(u32);

impl CellAt {
    /// Nowhere.
    pub(super) const NONE: Self = Self(0);
}

/// Words of a record before its sums: whose they are, the number of rows, and what was
/// billed for them as two.
const FIXED: usize = 4;

/// Heads of a segment: one fewer than the bits of an owner can tell apart.
pub(super) const MOST_HEADS: u32 = (1 << 30) - 1;

/// Sums and counts from here on are not added: so that no sum of two of them overflows.
const MOST: u64 = 1 << 63;

/// The sums of one segment.
#[derive(Debug, Default)]
pub(super) struct Cells {
    words: Vec<u64>,
    /// The meters that have sums, one bit each.
    meters: u32,
    /// Words of a record.
    width: usize,
    /// Of numbers of records.
    places: Places,
    records: u32,
}

/// The sums of one key.
#[derive(Debug)]
pub(super) struct Sums<'c> {
    pub(super) key: CellKey,
    pub(super) rows: u64,
    pub(super) billed: Money,
    /// One for each meter of the segment.
    pub(super) meters: &'c [u64],
}

impl Cells {
    /// Empty ones for some meters, one bit each.
    pub(super) fn new(meters: u32) -> Self {
        let width = FIXED.saturating_add(size(meters.count_ones()));
        Self { meters, width, ..Self::default() }
    }

    /// Makes room for sums of more meters.
    pub(super) fn widen(&mut self, meters: u32) {
        let meters = meters | self.meters;
        if meters == self.meters {
            return;
        }
        let mut wider = Self::new(meters);
        for record in self.words.chunks_exact(self.width) {
            let (fixed, sums) = record.split_at(FIXED);
            let mut sums = zip(bits(self.meters), sums).peekable();
            wider.words.extend(fixed);
            wider.words.extend(
                bits(meters)
                    .map(|bit| sums.next_if(|(own, _)| *own == bit).map_or(0, |(_, sum)| *sum)),
            );
        }
        (self.words, self.meters, self.width) = (wider.words, wider.meters, wider.width);
    }

    /// Where a key may be: the first place to look.
    #[inline]
    pub(super) fn guess(&self, key: CellKey) -> CellAt {
        CellAt(self.places.guess(key.hash()))
    }

    /// Whether a guess is right. False for none.
    #[inline]
    pub(super) fn is_of(&self, at: CellAt, key: CellKey) -> bool {
        self.words.get(self.start(at)).is_some_and(|owner| key.owns(*owner))
    }

    /// Where a key is.
    #[inline]
    pub(super) fn find(&self, key: CellKey) -> Option<CellAt> {
        self.places.find(key.hash(), |at| self.is_of(CellAt(at), key)).map(CellAt)
    }

    /// Begins the sums of a key that has none; `None` where there are too many.
    pub(super) fn begin(&mut self, key: CellKey, fate: Fate) -> Option<CellAt> {
        if key.head >= MOST_HEADS || self.records == u32::MAX {
            return None;
        }
        self.words.push(key.owner(fate));
        self.words.resize(self.words.len().saturating_add(self.width).saturating_sub(1), 0);
        self.records = self.records.saturating_add(1);
        let (words, width) = (&self.words, self.width);
        self.places.enter(self.records, |at| {
            let owner = words.get(start(CellAt(at), width)).copied().unwrap_or(0);
            CellKey::of_owner(owner).hash()
        });
        Some(CellAt(self.records))
    }

    #[inline]
    fn start(&self, at: CellAt) -> usize {
        start(at, self.width)
    }

    /// Adds a row: what was billed, and counts of meters, each once with its place among them;
    /// says what becomes of it. `None`, and nothing added, where a sum would not fit or has no
    /// place.
    #[inline]
    pub(super) fn add(
        &mut self,
        at: CellAt,
        billed: Money,
        counts: impl Iterator<Item = (usize, u64)> + Clone,
    ) -> Option<Fate> {
        let start = self.start(at);
        let record = self.words.get_mut(start..start.wrapping_add(self.width))?;
        let ([owner, rows, low, high], sums) = record.split_first_chunk_mut::<FIXED>()?;
        let total = Money::from_words([*low, *high]).checked_add(billed)?;
        let mut all = 0;
        for (place, count) in counts.clone() {
            match sums.get_mut(place) {
                Some(sum) => {
                    *sum = sum.wrapping_add(count);
                    all |= *sum | count;
                }
                None => all = MOST,
            }
        }
        if all >= MOST {
            for (place, count) in counts {
                let Some(sum) = sums.get_mut(place) else { continue };
                *sum = sum.wrapping_sub(count);
            }
            return None;
        }
        [*low, *high] = total.words();
        *rows = rows.wrapping_add(1);
        Some(Fate::of_owner(*owner))
    }

    /// All sums but of what is left out.
    pub(super) fn kept(&self) -> impl Iterator<Item = Sums<'_>> + '_ {
        self.words.chunks_exact(self.width.max(1)).filter_map(|record| {
            let ([owner, rows, low, high], sums) = record.split_first_chunk::<FIXED>()?;
            let kept = Fate::of_owner(*owner) != Fate::Filtered;
            kept.then(|| Sums {
                key: CellKey::of_owner(*owner),
                rows: *rows,
                billed: Money::from_words([*low, *high]),
                meters: sums,
            })
        })
    }
}

/// Where a record begins among the words of records of one width.
#[inline]
fn start(at: CellAt, width: usize) -> usize {
    size(at.0.wrapping_sub(1)).wrapping_mul(width)
}

/// A number as a place in a list.
pub(super) fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_key_has_sums_of_its_own(rows in proptest::collection::vec((0..40_u32, 0..9_u32, 0..9_u64), 1..600)) {
            let mut cells = Cells::new(0b10);
            let mut plain = std::collections::BTreeMap::new();
            for (at, (head, labels, count)) in rows.iter().enumerate() {
                let key = CellKey { head: *head, labels: *labels };
                let kept = Fate::kept(head % 2 == 0);
                let place = cells.find(key).or_else(|| cells.begin(key, kept)).unwrap();
                prop_assert!(cells.is_of(place, key));
                if at == rows.len() / 2 {
                    cells.widen(0b111);
                }
                let counts = if cells.meters == 0b10 { vec![*count] } else { vec![1, *count, 0] };
                let fate = cells.add(place, Money::from_atto(3), counts.into_iter().enumerate());
                prop_assert_eq!(fate, Some(kept));
                let sums: &mut (u64, u64) = plain.entry((*head, *labels)).or_default();
                *sums = (sums.0 + 1, sums.1 + count);
            }
            let found = cells.kept().map(|sums| {
                assert_eq!(sums.billed, Money::from_atto(3 * i128::from(sums.rows)));
                let own = sums.meters[usize::from(cells.meters == 0b111)];
                ((sums.key.head, sums.key.labels), (sums.rows, own))
            });
            prop_assert_eq!(found.collect::<std::collections::BTreeMap<_, _>>(), plain);
        }
    }

    #[test]
    fn a_row_that_does_not_fit_changes_nothing() {
        let mut cells = Cells::new(0b11);
        let kept = Fate::Priced;
        for labels in 1..=3 {
            cells.begin(CellKey { head: 1, labels }, kept).unwrap();
        }
        let at = cells.find(CellKey { head: 1, labels: 2 }).unwrap();
        let usd = Money::from_atto(7);
        let mut add = |usd, counts: [u64; 2]| cells.add(at, usd, counts.into_iter().enumerate());
        assert_eq!(add(usd, [1, MOST - 3]), Some(kept));
        for (usd, counts) in [
            (usd, [1, 3]),
            (usd, [MOST, 0]),
            (usd, [u64::MAX, u64::MAX]),
            (Money::from_atto(i128::MAX), [1, 1]),
        ] {
            assert_eq!(add(usd, counts), None);
        }
        assert_eq!(add(usd, [1, 2]), Some(kept));
        assert_eq!(cells.add(at, usd, [(0, 5), (2, 1)].into_iter()), None);
        let all: Vec<Sums<'_>> = cells.kept().collect();
        assert_eq!((all[1].rows, all[1].billed), (2, Money::from_atto(14)));
        assert_eq!(all[1].meters, [2, MOST - 1]);
        assert!(all[0].meters.iter().chain(all[2].meters).all(|sum| *sum == 0));
    }
}
