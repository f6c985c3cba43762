//! Where the values of JSON records end, foretold by those of the records before.
//!
//! Most values of a log are as long in one record as in the next: times, identifiers, zeros. A
//! processor that is told so goes on behind such a value while it still looks for its end.
#![deny(clippy::arithmetic_side_effects)]

use super::json_scan::{digits_at_first, number_end};
use super::json_strings::string_end;
use crate::blocks::{Lanes, WIDE};

/// Values of another length before it is asked whether too many are.
const FEW: u64 = 16;

/// How long a value was in the last record that was not as foretold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Foretold {
    /// [`NONE`] where its length varies.
    length: usize,
    /// How many were of another length than the one before.
    others: u64,
}

/// No length that is foretold.
const NONE: usize = usize::MAX;

impl Foretold {
    /// Nothing yet.
    pub(super) const NOTHING: Self = Self { length: NONE, others: 0 };

    /// Where a string ends whose first byte, or closing quote, is at `start`, and whether it has
    /// escapes: the same as [`string_end`]. `records` is how many there were.
    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    pub(super) fn string_end<L: Lanes>(
        &mut self,
        lanes: L,
        (bytes, start): (&[u8], usize),
        records: u64,
    ) -> Option<(usize, bool)> {
        if self.is_string(lanes, bytes.get(start..)?) {
            return Some((start.wrapping_add(self.length), false));
        }
        let found = string_end(lanes, bytes, start)?;
        self.was(found.0.wrapping_sub(start), records);
        Some(found)
    }

    /// Where a number ends that begins at `start`: the same as [`number_end`].
    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    pub(super) fn number_end(
        &mut self,
        (bytes, start): (&[u8], usize),
        records: u64,
    ) -> Option<usize> {
        if self.is_number(bytes.get(start..)?) {
            return Some(start.wrapping_add(self.length));
        }
        let end = number_end(bytes, start)?;
        self.was(end.wrapping_sub(start), records);
        Some(end)
    }

    /// Whether text begins with a string of that length, without escapes and all ASCII, and its
    /// closing quote. What is found is compared with what is foretold, and not used instead:
    /// else what follows would wait for it.
    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    fn is_string<L: Lanes>(&self, lanes: L, rest: &[u8]) -> bool {
        let (Some(block), true) = (rest.first_chunk::<WIDE>(), self.length < WIDE) else {
            return false;
        };
        let block = lanes.wide(block);
        let end = bit(self.length);
        let before = end.wrapping_sub(1);
        lanes.wide_stops(block) & (before | end) == end
            && lanes.wide_high(block) & before == 0
            && rest.get(self.length) == Some(&b'"')
    }

    /// Whether text begins with a whole number of that length.
    #[inline]
    fn is_number(&self, rest: &[u8]) -> bool {
        let (Some(block), true) = (rest.first_chunk(), self.length < 8) else { return false };
        let next = rest.get(self.length).copied().unwrap_or(b'.');
        let begins_well = self.length == 1 || rest.first() != Some(&b'0');
        begins_well
            && self.length > 0
            && digits_at_first(*block, self.length)
            && next != b'.'
            && next | 0x20 != b'e'
    }

    /// Notes how long one was.
    #[inline]
    fn was(&mut self, length: usize, records: u64) {
        if self.length != length {
            self.others = self.others.saturating_add(1);
            let varies = self.others.saturating_sub(FEW) > records / 8;
            self.length = if varies { NONE } else { length };
        }
    }
}

/// A bit of a word.
fn bit(at: usize) -> u64 {
    1_u64.unbounded_shl(u32::try_from(at).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::blocks::{WithLanes, with_lanes};

    struct Strings<'s>(&'s mut Foretold, &'s [u8], usize);

    impl WithLanes for Strings<'_> {
        type Output = [Option<(usize, bool)>; 2];

        #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
        #[inline(always)]
        fn run<L: Lanes>(self, lanes: L) -> Self::Output {
            let Self(foretold, text, start) = self;
            [foretold.string_end(lanes, (text, start), 0), string_end(lanes, text, start)]
        }
    }

    fn foretold(length: usize) -> Foretold {
        Foretold { length, others: 0 }
    }

    proptest! {
        #[test]
        fn strings_end_where_they_would_without(
            text in "[a\"\\\\nü\u{1}]{0,40}[a]{0,40}\"?[a]{0,80}",
            start in 0..9_usize,
            length in prop_oneof![0..90_usize, Just(NONE)],
        ) {
            let [own, plain] = with_lanes(Strings(&mut foretold(length), text.as_bytes(), start));
            prop_assert_eq!(own, plain);
            // And where it is foretold as it is.
            let length = plain.map_or(0, |(end, _)| end.wrapping_sub(start));
            let [own, plain] = with_lanes(Strings(&mut foretold(length), text.as_bytes(), start));
            prop_assert_eq!(own, plain);
        }

        #[test]
        fn numbers_end_where_they_would_without(
            text in "-?[0-9]{0,10}[.]?[0-9]{0,9}(e[0-9])?[,} a]{0,20}",
            length in prop_oneof![0..12_usize, Just(NONE)],
        ) {
            let at = (text.as_bytes(), 0);
            let plain = number_end(at.0, at.1);
            prop_assert_eq!(foretold(length).number_end(at, 0), plain);
            prop_assert_eq!(foretold(plain.unwrap_or(0)).number_end(at, 0), plain);
        }
    }

    #[test]
    fn lengths_are_foretold_while_most_are_alike() {
        let mut own = Foretold::NOTHING;
        own.was(3, 0);
        assert_eq!(own, Foretold { length: 3, others: 1 });
        (0..FEW).for_each(|at| own.was(if at % 2 == 0 { 4 } else { 5 }, 0));
        assert_eq!(own, Foretold { length: NONE, others: FEW + 1 });
        own.was(4, 8 * 2);
        assert_eq!(own, Foretold { length: 4, others: FEW + 2 });
    }
}
