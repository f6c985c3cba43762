//! Exact amounts as text, without copies: reports have millions of them.
#![deny(clippy::arithmetic_side_effects, clippy::integer_division)]

use super::ATTO_PLACES;

/// Attodollars of a dollar.
const ONE: u64 = 10_u64.pow(ATTO_PLACES);

/// The same without its twos.
const FIVES: u64 = 5_u64.pow(ATTO_PLACES);

/// The most bytes of an amount: a sign, 21 digits, a point, 18 decimals.
pub(super) const LONGEST: usize = 42;

/// `00` to `99`.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let (mut at, mut tens, mut ones) = (0_usize, b'0', b'0');
    while at < pairs.len() {
        pairs[at] = [tens, ones];
        at = at.wrapping_add(1);
        if ones == b'9' {
            (tens, ones) = (tens.wrapping_add(1), b'0');
        } else {
            ones = ones.wrapping_add(1);
        }
    }
    pairs
};

/// Powers of ten whose multiples decimals are told apart by, and their exponents.
const TRAILING: [(u64, u32); 5] =
    [(100_000_000, 8), (100_000_000, 8), (10_000, 4), (100, 2), (10, 1)];

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

    /// Writes the last two digits of a number; gives the number without them.
    fn pair(&mut self, number: u64) -> u64 {
        let rest = number.checked_div(100).unwrap_or(0);
        let pair = number.wrapping_sub(rest.wrapping_mul(100));
        let pair = usize::try_from(pair).ok().and_then(|at| PAIRS.get(at));
        self.start = self.start.saturating_sub(2);
        let place = self.buffer.get_mut(self.start..).and_then(|rest| rest.first_chunk_mut());
        if let (Some(place), Some(pair)) = (place, pair) {
            *place = *pair;
        }
        rest
    }

    fn number(&mut self, number: u128) {
        let mut rest = number;
        // Only amounts of more than 1.8e19 USD go on here.
        let mut small = loop {
            if let Ok(small) = u64::try_from(rest) {
                break small;
            }
            let tenth = rest.checked_div(10).unwrap_or(0);
            let digit = u64::try_from(rest.wrapping_sub(tenth.wrapping_mul(10)));
            self.digit(digit.unwrap_or(0));
            rest = tenth;
        };
        while small >= 100 {
            small = self.pair(small);
        }
        if small >= 10 {
            self.pair(small);
        } else {
            self.digit(small);
        }
    }

    /// Writes decimals, without the zeros at their end.
    fn decimals(&mut self, attos: u64) {
        let (mut rest, mut places) = (attos, ATTO_PLACES);
        for (power, zeros) in TRAILING {
            if rest.checked_rem(power) == Some(0) {
                rest = rest.checked_div(power).unwrap_or(0);
                places = places.saturating_sub(zeros);
            }
        }
        if places & 1 != 0 {
            rest = self.digit(rest);
        }
        for _ in 0..places.unbounded_shr(1) {
            rest = self.pair(rest);
        }
    }

    fn finish(self) -> &'b str {
        let text = self.buffer.get(self.start..).unwrap_or_default();
        std::str::from_utf8(text).unwrap_or_default()
    }
}

/// The dollars of an amount and what is left of it.
fn apart(amount: u128) -> (u128, u64) {
    // 10^18 is 2^18 x 5^18. Most amounts are below 4.8 million dollars: a division of one word.
    let whole = match u64::try_from(amount.unbounded_shr(ATTO_PLACES)) {
        Ok(small) => u128::from(small.checked_div(FIVES).unwrap_or(0)),
        Err(_) => amount.checked_div(u128::from(ONE)).unwrap_or(0),
    };
    let rest = amount.wrapping_sub(whole.wrapping_mul(u128::from(ONE)));
    (whole, u64::try_from(rest).unwrap_or(0))
}

/// Adds a whole number to a text.
pub(crate) fn push_whole(number: u128, into: &mut String) {
    let mut text = Backwards { buffer: &mut [0; LONGEST], start: LONGEST };
    text.number(number);
    into.push_str(text.finish());
}

/// Writes attodollars as an exact amount into the end of a buffer.
pub(super) fn write(atto: i128, buffer: &mut [u8; LONGEST]) -> &str {
    let (whole, fraction) = apart(atto.unsigned_abs());
    let mut text = Backwards { buffer, start: LONGEST };
    if fraction != 0 {
        text.decimals(fraction);
        text.push(b'.');
    }
    text.number(whole);
    if atto < 0 {
        text.push(b'-');
    }
    text.finish()
}
