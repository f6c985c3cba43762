//! Decimal digits to numbers, eight at a time.
#![deny(clippy::arithmetic_side_effects)]

use super::columns::{Spot, UPPER, UPPER_16};

/// Eight digits, as they are written.
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// The number that 1 to 19 digits say; `None` for other text, and for more.
#[inline]
pub(super) fn number(digits: &[u8]) -> Option<u64> {
    match digits.len() {
        1..=8 => eight(word(digits)?, digits.len()),
        9..=16 => {
            let (high, low) = digits.split_last_chunk::<8>()?;
            let low = eight(u64::from_le_bytes(*low), 8)?;
            let high = eight(word(high)?, high.len())?;
            Some(high.wrapping_mul(100_000_000).wrapping_add(low))
        }
        17..=19 => {
            let (high, low) = digits.split_last_chunk::<16>()?;
            let low = number(low)?;
            // 999 x 10^16 and sixteen digits fit.
            Some(number(high)?.wrapping_mul(10_000_000_000_000_000).wrapping_add(low))
        }
        _ => None,
    }
}

/// The number that the digits of a field say, up to eight, and 0 for an empty one;
/// `None` for other text and for more, and near the beginning of a text.
#[inline]
pub(super) fn number_at(spot: &Spot<'_>) -> Option<u64> {
    let (word, mask) = spot.word()?;
    value((word ^ ZEROS) & mask)
}

/// No number: more than up to eight digits say.
pub(super) const NONE: u64 = u64::MAX;

/// The number that the last `length` bytes of a word say, the last one highest: up to
/// eight, and 0 for none. [`NONE`] for other text and for more. Without a branch, so that
/// many can be made at once.
#[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
#[inline(always)]
pub(super) fn number_of(word: u64, length: u64) -> u64 {
    let unused = 64_u64.wrapping_sub(length.wrapping_mul(8));
    let mask = if unused < 64 { u64::MAX << (unused & 63) } else { 0 };
    let digits = (word ^ ZEROS) & mask;
    let is_number = over_nine(digits) == 0 && length <= 8;
    if is_number { joined(digits) } else { NONE }
}

/// The number that up to 16 digits with a point say, and how many decimals it has;
/// `None` for other text and for more, and near the beginning of a text.
#[inline]
pub(super) fn decimal_at(spot: &Spot<'_>) -> Option<(u64, usize)> {
    let length = spot.len();
    let (word, mask) = spot.long_word().filter(|_| length > 0)?;
    let text = word & mask;
    // The lowest byte that is a point has its highest bit set here.
    let points = text ^ POINTS;
    let points = points.wrapping_sub(ONES) & !points & ONES.unbounded_shl(7);
    if points == 0 {
        return Some((sixteen((word ^ ZEROS_16) & mask)?, 0));
    }
    let at = points.trailing_zeros().unbounded_shr(3);
    let decimals = 15_usize.wrapping_sub(usize::try_from(at).ok()?);
    if decimals == 0 || length <= decimals.wrapping_add(1) {
        return None;
    }
    // Zeros stand before the text, so that those before its first digit need no mask.
    let after = UPPER_16.get(decimals)?;
    let point = 0xff_u128.unbounded_shl(at.wrapping_mul(8));
    let digits = (word ^ ZEROS_16) & mask;
    let before = digits & !after & !point;
    Some((sixteen((digits & after) | before.unbounded_shl(8))?, decimals))
}

/// How many decimals numbers have, and what follows from that.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decimals {
    count: usize,
    /// The bits of their digits in a word, the last one highest.
    mask: u64,
    /// Units of a whole.
    units: u64,
    /// Of so many parts of a whole as 18 decimals can tell apart, those of a unit.
    parts: u64,
}

impl Decimals {
    /// Up to 18.
    pub(super) fn new(count: usize) -> Option<Self> {
        let parts = *SCALES.get(18_usize.checked_sub(count)?)?;
        let mask = UPPER.get(count).copied().unwrap_or(0);
        Some(Self { count, mask, units: *SCALES.get(count)?, parts })
    }

    /// Units as parts of a whole.
    #[inline]
    pub(super) fn parts(&self, units: u64) -> i128 {
        i128::from(units).wrapping_mul(i128::from(self.parts))
    }

    /// The units of a number with so many decimals, 1 to 8, and up to eight digits before them:
    /// the same as [`decimal_at`] has.
    #[inline]
    pub(super) fn units_at(&self, spot: &Spot<'_>) -> Option<u64> {
        let text = spot.last::<16>()?;
        let point = text.get(15_usize.wrapping_sub(self.count))?;
        let digit = text.get(14_usize.wrapping_sub(self.count))?;
        let before = spot.len().wrapping_sub(self.count);
        if *point != b'.' || !(2..=9).contains(&before) || self.mask == 0 {
            return None;
        }
        let after = value((u64::from_le_bytes(*text.last_chunk()?) ^ ZEROS) & self.mask)?;
        let digit = u64::from(digit.wrapping_sub(b'0'));
        let whole = if before == 2 && digit < 10 {
            digit
        } else {
            number_at(&spot.without_last(self.count.wrapping_add(1))?)?
        };
        Some(whole.wrapping_mul(self.units).wrapping_add(after))
    }
}

/// Powers of ten, by their exponent.
pub(super) const SCALES: [u64; 19] = {
    let mut scales = [1_u64; 19];
    let mut at = 1_usize;
    while at < scales.len() {
        scales[at] = scales[at.wrapping_sub(1)].wrapping_mul(10);
        at = at.wrapping_add(1);
    }
    scales
};

/// A byte in each place.
const ONES: u128 = u128::MAX / 0xff;
const POINTS: u128 = ONES * 0x2e;
const ZEROS_16: u128 = ONES * 0x30;

/// The number that the sixteen bytes say, the first digit lowest.
#[inline]
fn sixteen(digits: u128) -> Option<u64> {
    let half = |bits: u128| u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0);
    let (high, low) = (value(half(digits))?, value(half(digits.unbounded_shr(64)))?);
    Some(high.wrapping_mul(100_000_000).wrapping_add(low))
}

/// Text of up to eight bytes, the first one lowest.
#[inline]
fn word(text: &[u8]) -> Option<u64> {
    let length = u32::try_from(text.len()).ok()?;
    let up = |bits: u64, bytes: u32| bits.unbounded_shl(bytes.wrapping_mul(8));
    match length {
        8 => Some(u64::from_le_bytes(*text.first_chunk()?)),
        4..=7 => {
            // Where both overlap they are the same.
            let four = |chunk: &[u8; 4]| u64::from(u32::from_le_bytes(*chunk));
            let last = four(text.last_chunk()?);
            Some(four(text.first_chunk()?) | up(last, length.wrapping_sub(4)))
        }
        2 | 3 => {
            let two = |chunk: &[u8; 2]| u64::from(u16::from_le_bytes(*chunk));
            let last = two(text.last_chunk()?);
            Some(two(text.first_chunk()?) | up(last, length.wrapping_sub(2)))
        }
        1 => Some(u64::from(*text.first()?)),
        _ => None,
    }
}

/// The number that the `length` lowest bytes of a word say.
#[inline]
fn eight(word: u64, length: usize) -> Option<u64> {
    let unused = u32::try_from(8_usize.wrapping_sub(length)).ok()?.wrapping_mul(8);
    // The first digit is the lowest byte: moved up, zeros come before it.
    value((word ^ ZEROS.unbounded_shr(unused)).unbounded_shl(unused))
}

/// The number that eight digits say, each a byte from 0 to 9, the first one lowest.
#[inline]
fn value(digits: u64) -> Option<u64> {
    (over_nine(digits) == 0).then(|| joined(digits))
}

/// Nothing where no byte is over 9.
#[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
#[inline(always)]
const fn over_nine(digits: u64) -> u64 {
    (digits.wrapping_add(0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080
}

/// Eight digits together.
#[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
#[inline(always)]
const fn joined(digits: u64) -> u64 {
    let pairs = digits.wrapping_mul(10).wrapping_add(digits.unbounded_shr(8));
    let pairs = pairs & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs.unbounded_shr(16));
    let fours = fours & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(10_000).wrapping_add(fours.unbounded_shr(32)) & 0xffff_ffff
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same, digit by digit.
    fn plainly(text: &[u8]) -> Option<u64> {
        let text = std::str::from_utf8(text).ok()?;
        let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= 19;
        text.parse().ok().filter(|_| digits)
    }

    #[test]
    fn every_byte_at_every_place_is_judged() {
        for length in 1..=20 {
            for at in 0..length {
                for byte in 0..=255 {
                    let mut text = b"12345678901234567890"[..length].to_vec();
                    text[at] = byte;
                    assert_eq!(number(&text), plainly(&text), "{text:?}");
                }
            }
        }
        assert_eq!(number(b""), None);
        assert_eq!(number(b"9999999999999999999"), Some(9_999_999_999_999_999_999));
    }

    #[test]
    fn fields_in_a_text_are_read_as_alone() {
        let fields = [
            "0",
            "7",
            "42",
            "1065",
            "59200",
            "12345678",
            "123456789",
            "",
            "1a",
            "a1",
            "-1",
            "1.",
            ".5",
            ".",
            "0.5",
            "0.00490250",
            "12.5",
            "1.2.3",
            "1..2",
            "123456789.123456",
            "1234567890.123456",
            "00000000.0000001",
            "99999999.9999999",
            "1234567890123456",
            "12345678901234567",
            "1.234567890123456",
            "/5",
            "5:",
            "0.5 ",
            "\u{7f}.5",
            "5.\u{80}",
        ];
        for field in fields {
            for before in ["", "9", "9.9999999999999999", "..................", "\0\0\0\0\0\0\0\0"]
            {
                let text = format!("{before}{field}9.9");
                let spot = Spot::of(text.as_bytes(), before.len(), before.len() + field.len());
                is_read_as_alone(&spot, (before, field));
            }
        }
    }

    fn is_read_as_alone(spot: &Spot<'_>, (before, field): (&str, &str)) {
        let text = format!("{before}{field}");
        let alone = if field.is_empty() { Some(0) } else { plainly(field.as_bytes()) };
        let number = number_at(spot);
        assert_eq!(number, alone.filter(|_| number.is_some()), "{text:?}");
        let found = decimal_at(spot);
        let (whole, decimals) = field.split_once('.').unwrap_or((field, ""));
        let plain = format!("{whole}{decimals}");
        let point = field.contains('.');
        let good = !whole.is_empty() && point != decimals.is_empty();
        let value = plainly(plain.as_bytes()).filter(|_| good && !plain.is_empty());
        let value = value.map(|value| (value, decimals.len()));
        assert_eq!(found, value.filter(|_| found.is_some()), "{text:?}");
        for places in 0..=18 {
            let decimals = Decimals::new(places).unwrap();
            let zeros = "0".repeat(18_usize.wrapping_sub(places));
            assert_eq!(decimals.parts(7).to_string(), format!("7{zeros}"));
            let units = decimals.units_at(spot).map(|units| (units, places));
            assert!(units.is_none() || units == value, "{text:?} {places}");
        }
        if before.len() >= 16 && field.len() <= 16 {
            assert_eq!(found, value, "{text:?}");
        }
        if before.len() >= 8 && field.len() <= 8 {
            assert_eq!(number, alone, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn numbers_are_what_their_digits_say(value in any::<u64>(), width in 0_usize..20) {
            let text = format!("{:0width$}", value >> (value % 64));
            prop_assert_eq!(number(text.as_bytes()), plainly(text.as_bytes()));
        }
    }
}
