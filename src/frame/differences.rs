//! Whole numbers by their differences: `DELTA_BINARY_PACKED` of the Parquet format.
//!
//! Blocks have one miniblock of whole bytes a difference, so that no bits are moved; by the
//! bit, counts of tokens would take about a quarter less.

use polars_parquet::parquet::encoding::uleb128;

use crate::blocks::{Lanes, WithLanes, with_lanes};

/// Differences of a block.
const BLOCK: usize = 128;

/// Numbers of a page, which come in parts.
pub(super) struct Differences {
    body: Vec<u8>,
    /// How many there are.
    all: usize,
    last: Option<u64>,
    /// Differences that wait until there are a block full of them, and how many.
    block: ([i64; BLOCK], usize),
}

impl Differences {
    /// A page of so many numbers.
    pub(super) fn new(all: usize) -> Self {
        let body = Vec::with_capacity(all.saturating_mul(4));
        Self { body, all, last: None, block: ([0; BLOCK], 0) }
    }

    /// Begins with the first number.
    fn begin(&mut self, first: u64) {
        for word in [BLOCK, 1, self.all] {
            put_word(&mut self.body, u64::try_from(word).unwrap_or(u64::MAX));
        }
        put_word(&mut self.body, zigzag(first.cast_signed()));
        self.last = Some(first);
    }

    /// Adds the next numbers.
    pub(super) fn add(&mut self, numbers: &[u64]) {
        let mut numbers = numbers;
        if self.last.is_none()
            && let Some((first, rest)) = numbers.split_first()
        {
            self.begin(*first);
            numbers = rest;
        }
        with_lanes(Adding { to: self, numbers });
    }

    /// Adds zeros.
    pub(super) fn add_zeros(&mut self, many: usize) {
        let mut left = many;
        while left > 0 {
            let some = left.min(BLOCK);
            self.add([0; BLOCK].get(..some).unwrap_or_default());
            left = left.saturating_sub(some);
        }
    }

    /// The page.
    pub(super) fn end(mut self) -> Vec<u8> {
        if self.last.is_none() {
            self.begin(0);
        }
        let (block, many) = self.block;
        if many > 0 {
            put_block(&mut self.body, block.get(..many).unwrap_or_default());
        }
        self.body
    }

    /// Adds numbers that all go into the block that waits.
    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    fn fill(&mut self, numbers: &[u64]) {
        let (block, many) = &mut self.block;
        let last = self.last.unwrap_or(0);
        let slots = block.get_mut(*many..).unwrap_or_default();
        if let (Some(slot), Some(first)) = (slots.first_mut(), numbers.first()) {
            *slot = first.wrapping_sub(last).cast_signed();
        }
        for (slot, [before, next]) in slots.iter_mut().skip(1).zip(numbers.array_windows()) {
            *slot = next.wrapping_sub(*before).cast_signed();
        }
        self.last = numbers.last().copied().or(self.last);
        *many = many.saturating_add(numbers.len());
        if *many >= BLOCK {
            put_block(&mut self.body, block);
            *many = 0;
        }
    }
}

/// Numbers that are added.
struct Adding<'a> {
    to: &'a mut Differences,
    numbers: &'a [u64],
}

impl WithLanes for Adding<'_> {
    type Output = ();

    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    fn run<L: Lanes>(self, _: L) {
        let mut left = self.numbers;
        while !left.is_empty() {
            let room = BLOCK.saturating_sub(self.to.block.1);
            let (some, rest) = left.split_at(room.min(left.len()));
            self.to.fill(some);
            left = rest;
        }
    }
}

/// Puts a block of differences.
#[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
#[inline(always)]
fn put_block(body: &mut Vec<u8>, block: &[i64]) {
    let (mut least, mut most) = (i64::MAX, i64::MIN);
    for difference in block {
        (least, most) = (least.min(*difference), most.max(*difference));
    }
    let bits = u64::BITS.saturating_sub(most.wrapping_sub(least).cast_unsigned().leading_zeros());
    let bytes = bits.div_ceil(8);
    put_word(body, zigzag(least));
    body.push(u8::try_from(bytes.saturating_mul(8)).unwrap_or(u8::MAX));
    match bytes {
        0 => {}
        1 => put_bytes::<1>(body, block, least),
        2 => put_bytes::<2>(body, block, least),
        3 => put_bytes::<3>(body, block, least),
        4 => put_bytes::<4>(body, block, least),
        5 => put_bytes::<5>(body, block, least),
        6 => put_bytes::<6>(body, block, least),
        7 => put_bytes::<7>(body, block, least),
        _ => put_bytes::<8>(body, block, least),
    }
}

/// Puts the lowest bytes of what up to a block of differences is above the least one, and zeros
/// for those that are missing.
#[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
#[inline(always)]
fn put_bytes<const N: usize>(body: &mut Vec<u8>, block: &[i64], least: i64) {
    let mut all = [[0; N]; BLOCK];
    for (slot, difference) in all.iter_mut().zip(block) {
        let above = difference.wrapping_sub(least).cast_unsigned();
        if let Some(low) = above.to_le_bytes().first_chunk() {
            *slot = *low;
        }
    }
    body.extend_from_slice(all.as_flattened());
}

fn put_word(body: &mut Vec<u8>, word: u64) {
    let mut bytes = [0; 10];
    let used = uleb128::encode(word, &mut bytes);
    body.extend_from_slice(bytes.get(..used).unwrap_or_default());
}

/// A number as one that is small where its distance from zero is.
const fn zigzag(number: i64) -> u64 {
    (number.cast_unsigned() << 1) ^ (number >> 63).cast_unsigned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(numbers: &[u64]) -> Vec<u8> {
        let mut all = Differences::new(numbers.len());
        all.add(numbers);
        all.end()
    }

    #[test]
    fn a_page_begins_with_its_sizes_and_the_first_number() {
        // 128 a block, 1 miniblock, so many numbers, and the first one as 2n.
        assert_eq!(put(&[]), [0x80, 0x01, 1, 0, 0]);
        assert_eq!(put(&[3]), [0x80, 0x01, 1, 1, 6]);
        // The least difference is 1 (2n), and all are that: no bits.
        assert_eq!(put(&[1, 2, 3, 4, 5]), [0x80, 0x01, 1, 5, 2, 2, 0]);
    }

    #[test]
    fn differences_stand_above_the_least_one_in_whole_bytes() {
        // -3, 300: the least is -3 (5 in zigzag), above it 0 and 303.
        let mut expected = vec![0x80, 0x01, 1, 3, 20, 5, 16, 0, 0, 0x2f, 0x01];
        expected.resize(7 + 2 * BLOCK, 0);
        assert_eq!(put(&[10, 7, 307]), expected);
    }

    #[test]
    fn the_largest_numbers_wrap_around() {
        // From 0 to 2^64 - 1 is one back; then up by one.
        let mut expected = vec![0x80, 0x01, 1, 3, 0, 1, 8, 0, 2];
        expected.resize(7 + BLOCK, 0);
        assert_eq!(put(&[0, u64::MAX, 0]), expected);
    }

    #[test]
    fn a_block_ends_where_it_is_full() {
        let numbers: Vec<u64> = (0..130).collect();
        assert_eq!(put(&numbers), [0x80, 0x01, 1, 0x82, 0x01, 0, 2, 0, 2, 0]);
    }

    #[test]
    fn a_page_does_not_depend_on_how_its_numbers_come() {
        let mut numbers: Vec<u64> = (0..1000).map(|at| at * at % 313).collect();
        numbers.resize(1300, 0);
        let whole = put(&numbers);
        for size in [1, 2, 127, 128, 129, 299] {
            let mut all = Differences::new(numbers.len());
            numbers[..1000].chunks(size).for_each(|part| all.add(part));
            all.add_zeros(size);
            all.add(&[]);
            all.add_zeros(300 - size);
            assert!(all.end() == whole, "{size}");
        }
    }
}
