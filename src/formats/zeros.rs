//! Counts in columns side by side that are zero in most records: looked at together.
#![deny(clippy::arithmetic_side_effects)]

use super::columns::{Spot, TOGETHER, UPPER};

/// The most columns that are looked at together: so many zeros and what stands between them
/// fit a word.
const MOST: usize = 4;

/// Columns side by side of counts that are zero in most records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Zeros {
    /// The first one.
    pub(super) column: u32,
    /// The readers of all, in order.
    pub(super) readers: Vec<usize>,
}

impl Zeros {
    /// Those among columns, each with its reader. One alone is left to itself.
    pub(super) fn among(columns: impl Iterator<Item = (u32, usize)>) -> Vec<Self> {
        let mut columns: Vec<(u32, usize)> = columns.collect();
        columns.sort_unstable();
        let mut found: Vec<Self> = Vec::new();
        for (column, reader) in columns {
            let is_next = |last: &&mut Self| {
                last.readers.len() < MOST && last.columns().nth(last.readers.len()) == Some(column)
            };
            match found.last_mut().filter(is_next) {
                Some(last) => last.readers.push(reader),
                None => found.push(Self { column, readers: vec![reader] }),
            }
        }
        found.retain(|one| one.readers.len() > 1);
        found
    }

    /// The columns, in order, and all behind them.
    pub(super) fn columns(&self) -> impl Iterator<Item = u32> + use<> {
        self.column..
    }

    /// Which of some records, by their number, have something else there than a zero in each
    /// column: `spans` are theirs, from the first column up to the end of the last.
    pub(super) fn others<'t, 'l>(
        &self,
        spans: impl Iterator<Item = Spot<'t>>,
        delimiter: u8,
        list: &'l mut [u8; TOGETHER],
    ) -> &'l [u8] {
        let (zeros, mask, length) = self.text(delimiter);
        let mut many: usize = 0;
        for (at, span) in (0_u8..).zip(spans) {
            let word = span.last().map_or(0, u64::from_le_bytes);
            let are_zeros = (word & mask) ^ zeros | (span.length() ^ length) == 0;
            if let Some(slot) = list.get_mut(many) {
                *slot = at;
            }
            many = many.wrapping_add(usize::from(!are_zeros));
        }
        list.get(..many).unwrap_or_default()
    }

    /// Zeros with a delimiter between them, the last one highest, the bits of these bytes, and
    /// how many they are.
    fn text(&self, delimiter: u8) -> (u64, u64, u64) {
        let bytes = self.readers.len().wrapping_mul(2).wrapping_sub(1);
        let pair = u64::from(u16::from_be_bytes([b'0', delimiter]));
        let all = pair.wrapping_mul(0x0001_0001_0001_0001);
        let mask = UPPER.get(bytes).copied().unwrap_or(0);
        (all & mask, mask, u64::try_from(bytes).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn columns_side_by_side_are_found_in_any_order() {
        let of = |columns: &[(u32, usize)]| {
            let found = Zeros::among(columns.iter().copied());
            found.into_iter().map(|one| (one.column, one.readers)).collect::<Vec<_>>()
        };
        assert_eq!(of(&[]), []);
        assert_eq!(of(&[(3, 0), (5, 1)]), []);
        assert_eq!(of(&[(6, 0), (2, 1), (5, 7), (9, 2)]), [(5, vec![7, 0])]);
        let many: Vec<(u32, usize)> = (0..7).zip(10..).collect();
        assert_eq!(of(&many), [(0, vec![10, 11, 12, 13]), (4, vec![14, 15, 16])]);
    }

    proptest! {
        #[test]
        fn records_with_anything_but_zeros_are_told(
            rows in proptest::collection::vec(proptest::collection::vec("0|0|0|0|[0-9;,]{0,3}", 2..=4), 1..40),
            delimiter in proptest::sample::select(vec![b',', b';', b'\t']),
        ) {
            let many = rows[0].len();
            let zeros = Zeros { column: 0, readers: (0..many).collect() };
            let (mut text, mut spans, mut plain) = (b"12345678".to_vec(), Vec::new(), Vec::new());
            for (at, row) in rows.iter().enumerate() {
                let mut fields = row.clone();
                fields.resize(many, "0".to_owned());
                let own = fields.join(&char::from(delimiter).to_string());
                if own != vec!["0"; many].join(&char::from(delimiter).to_string()) {
                    plain.push(u8::try_from(at).unwrap());
                }
                let start = text.len();
                text.extend_from_slice(own.as_bytes());
                spans.push((start, text.len()));
                text.push(b'0');
            }
            let spans = spans.iter().map(|(start, end)| Spot::of(&text, *start, *end));
            let mut list = [0; TOGETHER];
            prop_assert_eq!(zeros.others(spans, delimiter, &mut list), plain.as_slice());
        }
    }
}
