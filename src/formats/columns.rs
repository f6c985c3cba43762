//! Records, delimited or JSON, that are read together: a column at a time, so that each
//! loop does one thing.
#![deny(clippy::arithmetic_side_effects)]

use std::slice::ChunksExact;

use super::positions::{index, position};

/// Records that are read together: few enough that what is known of them stays
/// close at hand.
pub const TOGETHER: usize = 128;

/// The fields of records that are read together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Texts<'t> {
    pub(super) bytes: &'t [u8],
    /// As many as the records have, and behind them any others, as many as one of them has: so
    /// that those of each are taken alike.
    pub(super) positions: &'t [u32],
    /// All of them.
    pub(super) runs: &'t [Run],
}

/// Records whose positions stand one after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    /// How many they are.
    pub(super) records: usize,
    /// Whether they have all fields, and what is wanted of them stands there as it is.
    pub(super) is_plain: bool,
    /// Where the positions of the first one's fields begin.
    first: u32,
    /// How many positions a field has of its own: it stands between the position with its
    /// number and the next one, or between two of its own.
    step: u32,
    /// How far the positions of a record are from those of the next one.
    stride: u32,
}

impl Run {
    /// Records of so many columns that are split by the positions from one on.
    pub(super) const fn split(first: u32, columns: u32, records: usize) -> Self {
        Self { records, is_plain: true, first, step: 1, stride: columns }
    }

    /// Records each of whose columns has two positions of its own, from one on; so many more
    /// stand between the last one of a record and the first one of the next.
    pub(super) const fn apart(first: u32, (columns, between): (u32, u32), records: usize) -> Self {
        let stride = columns.wrapping_mul(2).wrapping_add(between);
        Self { records, is_plain: true, first, step: 2, stride }
    }

    /// Whether its records are split by positions alone: then each but the last one ends where
    /// the next one begins.
    pub(super) const fn is_split(&self) -> bool {
        self.step == 1
    }

    /// Adds those of another run at the end of a list of them.
    pub(super) fn append(self, runs: &mut Vec<Self>) {
        if let Some(last) = runs.last_mut().filter(|last| last.is_plain && self.is_plain) {
            let records = position(last.records);
            let behind = last.first.wrapping_add(last.stride.wrapping_mul(records));
            if (self.step, self.first) == (last.step, behind) {
                last.records = last.records.wrapping_add(self.records);
                return;
            }
        }
        runs.push(self);
    }
}

/// How many records runs have.
pub(super) fn records(runs: &[Run]) -> usize {
    runs.iter().fold(0, |sum, run| sum.saturating_add(run.records))
}

/// A field in its text: what stands before it can be looked at too, so that a field
/// of any length is loaded at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot<'t> {
    bytes: &'t [u8],
    start: usize,
    end: usize,
}

impl<'t> Texts<'t> {
    /// The fields of a column, in the order of the records of a run.
    #[inline]
    pub(super) fn spots(
        self,
        run: &Run,
        column: u32,
    ) -> impl Iterator<Item = Spot<'t>> + Clone + use<'t> {
        self.own(run, column).map(move |own| match *own {
            [before, end, ..] => Spot::between(self.bytes, before, end),
            _ => Spot::of(self.bytes, 0, 0),
        })
    }

    /// For each record of a run the positions of a column and of those behind it.
    #[inline]
    fn own(self, run: &Run, column: u32) -> ChunksExact<'t, u32> {
        let first = index(run.first.wrapping_add(column.wrapping_mul(run.step)));
        let stride = index(run.stride).max(1);
        let end = first.wrapping_add(stride.wrapping_mul(run.records));
        self.positions.get(first..end).unwrap_or_default().chunks_exact(stride)
    }

    /// What stands in columns side by side, the delimiters between them among it; `None` where
    /// each field has positions of its own.
    #[inline]
    pub(super) fn spans(
        self,
        run: &Run,
        column: u32,
        columns: usize,
    ) -> Option<impl Iterator<Item = Spot<'t>> + use<'t>> {
        let own = (run.step == 1).then(|| self.own(run, column))?;
        Some(own.map(move |own| match (own.first(), own.get(columns)) {
            (Some(before), Some(end)) => Spot::between(self.bytes, *before, *end),
            _ => Spot::of(self.bytes, 0, 0),
        }))
    }

    /// The field of one record; an empty one where it has none.
    pub(super) fn spot(&self, (run, at): (&Run, usize), column: u32) -> Spot<'t> {
        let own = run.stride.wrapping_mul(position(at)).wrapping_add(column.wrapping_mul(run.step));
        let first = index(run.first.wrapping_add(own));
        let pair = self.positions.get(first..).and_then(<[u32]>::first_chunk::<2>);
        let [before, end] = *pair.unwrap_or(&[u32::MAX, 0]);
        Spot::between(self.bytes, before, end)
    }

    /// A whole record of delimited text: between the positions of its first and its last field,
    /// or between the two before those of its fields.
    pub(super) fn record(&self, (run, at): (&Run, usize)) -> Spot<'t> {
        let first = index(run.first.wrapping_add(run.stride.wrapping_mul(position(at))));
        let (start, end) = match run.step {
            1 => (first, first.wrapping_add(index(run.stride))),
            _ => (first.wrapping_sub(2), first.wrapping_sub(1)),
        };
        let at = |place: usize| self.positions.get(place).copied();
        let (before, end) = at(start).zip(at(end)).unwrap_or((u32::MAX, 0));
        Spot::between(self.bytes, before, end)
    }
}

impl<'t> Spot<'t> {
    /// How many bytes it has.
    #[inline]
    pub(super) const fn len(&self) -> usize {
        self.end.wrapping_sub(self.start)
    }

    /// The same as a number like those of its digits.
    #[inline]
    pub(super) fn length(&self) -> u64 {
        u64::try_from(self.len()).unwrap_or(u64::MAX)
    }

    /// Its bytes.
    #[inline]
    pub(super) fn text(&self) -> &'t [u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// The same without some bytes at its end; `None` where it has fewer.
    #[inline]
    pub(super) fn without_last(&self, bytes: usize) -> Option<Self> {
        let end = self.end.wrapping_sub(bytes);
        (bytes <= self.len()).then_some(Self { end, ..*self })
    }

    /// The last bytes up to its end, which may be more than its own; `None` near the
    /// beginning of the text.
    #[inline]
    pub(super) fn last<const N: usize>(&self) -> Option<[u8; N]> {
        self.bytes.get(self.end.wrapping_sub(N)..self.end)?.first_chunk().copied()
    }
}

/// For each number of bytes, ones in as many upper bytes of a word.
pub(super) const UPPER: [u64; 9] = {
    let mut masks = [0_u64; 9];
    let mut bytes = 1_usize;
    while bytes < 9 {
        masks[bytes] = masks[bytes.wrapping_sub(1)].unbounded_shr(8) | 0xff00_0000_0000_0000;
        bytes = bytes.wrapping_add(1);
    }
    masks
};

/// The same of a word of 16 bytes.
pub(super) const UPPER_16: [u128; 17] = {
    let mut masks = [0_u128; 17];
    let mut bytes = 1_usize;
    while bytes < 17 {
        masks[bytes] = masks[bytes.wrapping_sub(1)].unbounded_shr(8) | 0xff_u128.unbounded_shl(120);
        bytes = bytes.wrapping_add(1);
    }
    masks
};

/// The same of four words, the last of which are filled first.
const UPPER_4: [[u64; 4]; 33] = {
    let mut masks = [[0; 4]; 33];
    let mut bytes = 0_usize;
    while bytes < 33 {
        let mut word = 0_usize;
        while word < 4 {
            let before = word.wrapping_mul(8);
            let own = bytes.saturating_sub(before);
            masks[bytes][3_usize.wrapping_sub(word)] = UPPER[if own > 8 { 8 } else { own }];
            word = word.wrapping_add(1);
        }
        bytes = bytes.wrapping_add(1);
    }
    masks
};

impl Spot<'_> {
    /// Its bytes where it has up to eight, the last one highest, zeros below; `None` for
    /// longer fields, and near the beginning of the text.
    #[inline]
    pub(super) fn word(&self) -> Option<(u64, u64)> {
        let mask = *UPPER.get(self.len())?;
        Some((u64::from_le_bytes(self.last()?), mask))
    }

    /// The same of up to 16 bytes.
    #[inline]
    pub(super) fn long_word(&self) -> Option<(u128, u128)> {
        let mask = *UPPER_16.get(self.len())?;
        Some((u128::from_le_bytes(self.last()?), mask))
    }

    /// Its bytes where it has up to 16, in two words, the last one highest, zeros below;
    /// `None` as for one word.
    #[inline]
    pub(super) fn two_words(&self) -> Option<[u64; 2]> {
        let (word, mask) = self.long_word()?;
        let half = |bits: u128| u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0);
        Some([half(word & mask), half((word & mask).unbounded_shr(64))])
    }

    /// The same of up to 32 bytes, in four words.
    #[inline]
    pub(super) fn words(&self) -> Option<[u64; 4]> {
        let mask = UPPER_4.get(self.len())?;
        let bytes = self.last::<32>()?;
        let (words, _) = bytes.as_chunks::<8>();
        let [a, b, c, d] = *words.first_chunk::<4>()?;
        let own = |word: [u8; 8], mask: u64| u64::from_le_bytes(word) & mask;
        Some([own(a, mask[0]), own(b, mask[1]), own(c, mask[2]), own(d, mask[3])])
    }
}

impl<'t> Spot<'t> {
    /// Its text with all around it, where it begins and where it ends: for what is called
    /// seldom, so that it need not be kept in memory for that.
    #[inline]
    pub(super) const fn apart(self) -> (&'t [u8], usize, usize) {
        (self.bytes, self.start, self.end)
    }

    /// The field behind one position and before another one.
    #[inline]
    fn between(bytes: &'t [u8], before: u32, end: u32) -> Self {
        Self { bytes, start: index(before.wrapping_add(1)), end: index(end) }
    }

    /// The field between some bytes of a text.
    pub(super) const fn of(bytes: &'t [u8], start: usize, end: usize) -> Self {
        Self { bytes, start, end }
    }
}
