//! Decimal digits to numbers, eight at a time.
#![deny(clippy::arithmetic_side_effects)]

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
    let digits = (word ^ ZEROS.unbounded_shr(unused)).unbounded_shl(unused);
    let over_nine = digits.wrapping_add(0x7676_7676_7676_7676) | digits;
    if over_nine & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    let pairs =
        digits.wrapping_mul(10).wrapping_add(digits.unbounded_shr(8)) & 0x00ff_00ff_00ff_00ff;
    let fours =
        pairs.wrapping_mul(100).wrapping_add(pairs.unbounded_shr(16)) & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000).wrapping_add(fours.unbounded_shr(32)) & 0xffff_ffff)
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

    proptest! {
        #[test]
        fn numbers_are_what_their_digits_say(value in any::<u64>(), width in 0_usize..20) {
            let text = format!("{:0width$}", value >> (value % 64));
            prop_assert_eq!(number(text.as_bytes()), plainly(text.as_bytes()));
        }
    }
}
