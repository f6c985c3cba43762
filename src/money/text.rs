//! Exact amounts as text, without copies: reports have millions of them.
#![deny(clippy::arithmetic_side_effects, clippy::integer_division)]

use super::{ATTO, ATTO_PLACES};

/// The most bytes of an amount: a sign, 21 digits, a point, 18 decimals.
pub(super) const LONGEST: usize = 42;

/// Writes text from its end on.
struct Backwards<'b> {
    buffer: &'b mut [u8; LONGEST],
    start: usize,
}

impl<'b> Backwards<'b> {
    fn push(&mut self, byte: u8) {
        self.start = self.start.saturating_sub(1);
        if let Some(slot) = self.buffer.get_mut(self.start) {
            *slot = byte;
        }
    }

    /// Writes the last digit of a number; gives the number without it.
    fn digit(&mut self, number: u64) -> u64 {
        let rest = number.checked_div(10).unwrap_or(0);
        let digit = number.wrapping_sub(rest.wrapping_mul(10));
        self.push(b'0'.wrapping_add(u8::try_from(digit).unwrap_or(0)));
        rest
    }

    fn number(&mut self, number: u128) {
        let mut rest = number;
        loop {
            let Ok(mut small) = u64::try_from(rest) else {
                let tenth = rest.checked_div(10).unwrap_or(0);
                let digit = u64::try_from(rest.wrapping_sub(tenth.wrapping_mul(10)));
                self.digit(digit.unwrap_or(0));
                rest = tenth;
                continue;
            };
            loop {
                small = self.digit(small);
                if small == 0 {
                    return;
                }
            }
        }
    }

    fn finish(self) -> &'b str {
        let text = self.buffer.get(self.start..).unwrap_or_default();
        std::str::from_utf8(text).unwrap_or_default()
    }
}

/// Writes attodollars as an exact amount into the end of a buffer.
pub(super) fn write(atto: i128, buffer: &mut [u8; LONGEST]) -> &str {
    let amount = atto.unsigned_abs();
    // The whole part is below 1.8e20; both fit once it is taken apart.
    let whole = amount.checked_div(ATTO.unsigned_abs()).unwrap_or(0);
    let rest = amount.wrapping_sub(whole.wrapping_mul(ATTO.unsigned_abs()));
    let mut fraction = u64::try_from(rest).unwrap_or(0);
    let mut text = Backwards { buffer, start: LONGEST };
    if fraction != 0 {
        let mut places = ATTO_PLACES;
        while fraction.checked_rem(10) == Some(0) {
            fraction = fraction.checked_div(10).unwrap_or(0);
            places = places.saturating_sub(1);
        }
        for _ in 0..places {
            fraction = text.digit(fraction);
        }
        text.push(b'.');
    }
    text.number(whole);
    if atto < 0 {
        text.push(b'-');
    }
    text.finish()
}
