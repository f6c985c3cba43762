//! Exact money: amounts, rates, and the only rounding in the crate.
//!
//! [`Money`] is a whole number of attodollars (1e-18 USD) in an `i128`, so sums
//! neither round nor depend on their order. [`Rate`] is the price of one unit
//! of a meter. `rust_decimal` reads decimal text at the edges; nothing here
//! knows what a model, a tier or a log is. [`Share`] is an exact part of a whole.
#![deny(clippy::arithmetic_side_effects, clippy::integer_division)]

mod femto;
mod parts;
mod share;
mod text;
mod words;

pub use share::Share;
pub(crate) use text::push_whole;

use std::fmt;

use rust_decimal::Decimal;

/// Attodollars in one US dollar.
const ATTO: i128 = 1_000_000_000_000_000_000;

/// Decimal places of one attodollar.
const ATTO_PLACES: u32 = 18;

/// An exact amount of US dollars, in units of 1e-18 USD.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i128);

/// Why a text is not an amount or a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MoneyError {
    /// Not a decimal number.
    #[error("is not a decimal number")]
    NotDecimal,
    /// Outside the range that `Money` holds (about 1.7e20 USD).
    #[error("is too large")]
    TooLarge,
    /// A rate may not be negative.
    #[error("is negative")]
    Negative,
    /// The price of one unit needs more than 18 decimals.
    #[error("does not give a price of one unit within 18 decimals")]
    Inexact,
}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount from attodollars.
    pub const fn from_atto(atto: i128) -> Self {
        Self(atto)
    }

    /// The amount in attodollars.
    pub const fn atto(self) -> i128 {
        self.0
    }

    /// The sum, or `None` when it leaves the range.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or `None` when it leaves the range.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// Reads an amount as logs write it: `0.42`, `-1`, `1.2e-05`, up to any
    /// number of decimals. Digits beyond 1e-18 are rounded half away from
    /// zero; the flag says whether that happened.
    pub fn parse_rounded(text: &str) -> Result<(Self, bool), MoneyError> {
        let (negative, unsigned) = match text.as_bytes().first() {
            Some(b'-') => (true, text.get(1..).unwrap_or_default()),
            _ => (false, text),
        };
        let (digits, scale) = decimal_digits(unsigned)?;
        let (atto, rounded) = to_atto(&digits, scale)?;
        let signed = if negative { atto.checked_neg() } else { Some(atto) };
        Ok((Self(signed.ok_or(MoneyError::TooLarge)?), rounded))
    }

    /// The multiple of another amount that it is, to three decimals, rounded
    /// half away from zero; `None` where the other is nothing.
    pub fn ratio_to(self, other: Self) -> Option<String> {
        let thousandths = permille(self.0.unsigned_abs(), other.0.unsigned_abs())?;
        let text = Self(i128::try_from(thousandths).ok()?.checked_mul(ATTO.checked_div(1000)?)?);
        Some(text.exact())
    }

    /// The exact amount in its shortest form: no exponent, no trailing zeros.
    pub fn exact(self) -> String {
        let mut text = [0; text::LONGEST];
        text::write(self.0, &mut text).to_owned()
    }

    /// Adds that to a text.
    pub fn push_exact(self, into: &mut String) {
        into.push_str(text::write(self.0, &mut [0; text::LONGEST]));
    }

    /// The exact amount with at least `places` decimals.
    pub fn at_least(self, places: u32) -> String {
        let exact = self.exact();
        let decimals = exact.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        if decimals >= usize::try_from(places).unwrap_or(0) { exact } else { self.rounded(places) }
    }

    /// The amount rounded to `places` decimals (at most 18), half away from
    /// zero, for display.
    pub fn rounded(self, places: u32) -> String {
        let places = places.min(ATTO_PLACES);
        let step = 10_i128.pow(ATTO_PLACES.saturating_sub(places));
        let units = div_half_away(self.0, step);
        let scale = 10_u128.pow(places);
        let whole = units.unsigned_abs().checked_div(scale).unwrap_or(0);
        let sign = if units < 0 { "-" } else { "" };
        if places == 0 {
            return format!("{sign}{whole}");
        }
        let fraction = units.unsigned_abs().checked_rem(scale).unwrap_or(0);
        let width = usize::try_from(places).unwrap_or(0);
        format!("{sign}{whole}.{fraction:0width$}")
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(text::write(self.0, &mut [0; text::LONGEST]))
    }
}

impl serde::Serialize for Money {
    /// The exact decimal text.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(text::write(self.0, &mut [0; text::LONGEST]))
    }
}

/// The exact price of one unit of a meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(Money);

impl Rate {
    /// Reads a published price of `per` units, for example `"0.40"` per
    /// 1,000,000 tokens. Fails if it is negative, or if one unit's price does
    /// not fit 18 decimals.
    pub fn parse(text: &str, per: u32) -> Result<Self, MoneyError> {
        if text.contains('_') || text.starts_with('+') {
            return Err(MoneyError::NotDecimal);
        }
        let decimal = Decimal::from_str_exact(text).map_err(|_source| MoneyError::NotDecimal)?;
        if decimal.is_sign_negative() && !decimal.is_zero() {
            return Err(MoneyError::Negative);
        }
        let places = ATTO_PLACES.checked_sub(decimal.scale()).ok_or(MoneyError::Inexact)?;
        let atto =
            decimal.mantissa().checked_mul(10_i128.pow(places)).ok_or(MoneyError::TooLarge)?;
        let per = i128::from(per);
        match (atto.checked_rem(per), atto.checked_div(per)) {
            (Some(0), Some(unit)) => Ok(Self(Money(unit))),
            (Some(_), _) => Err(MoneyError::Inexact),
            (None, _) => Err(MoneyError::TooLarge),
        }
    }

    /// What `quantity` units cost, or `None` when it leaves the range.
    #[inline]
    pub fn cost(self, quantity: u128) -> Option<Money> {
        // Both are below 2^64, but for amounts that nobody has seen.
        if let (Ok(rate), Ok(quantity)) = (u64::try_from(self.0.0), u64::try_from(quantity)) {
            let product = u128::from(rate).wrapping_mul(u128::from(quantity));
            return i128::try_from(product).ok().map(Money);
        }
        let quantity = i128::try_from(quantity).ok()?;
        self.0.0.checked_mul(quantity).map(Money)
    }

    /// The rate multiplied, or `None` where the price of one unit does not fit 18
    /// decimals or leaves the range.
    pub fn times(self, multiplier: Multiplier) -> Option<Self> {
        let scale = 10_i128.checked_pow(multiplier.0.scale())?;
        let product = self.0.0.checked_mul(multiplier.0.mantissa())?;
        let exact = product.checked_rem(scale) == Some(0);
        product.checked_div(scale).filter(|_| exact).map(|unit| Self(Money(unit)))
    }

    /// The price of `units` units, exact.
    pub fn of(self, units: u32) -> Option<Self> {
        self.cost(u128::from(units)).map(Self)
    }

    /// The rate of one of some equal parts of a unit; `None` where it does not fit 18
    /// decimals.
    pub fn of_part(self, parts: u32) -> Option<Self> {
        self.0.part(parts).map(Self)
    }
}

/// What a rate is multiplied by, exact and above zero, for example `1.10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Multiplier(Decimal);

impl Multiplier {
    /// Reads decimal text.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let value = Decimal::from_str_exact(text).ok().filter(|_| plain)?;
        (value > Decimal::ZERO).then_some(Self(value))
    }
}

impl fmt::Display for Multiplier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.normalize(), f)
    }
}

/// `part / whole` in tenths of a percent, rounded half away from zero.
pub fn permille(part: u128, whole: u128) -> Option<u128> {
    let scaled = part.checked_mul(2000)?.checked_add(whole)?;
    scaled.checked_div(whole.checked_mul(2)?)
}

/// A count with thousands separators.
pub fn thousands(count: u128) -> String {
    thousands_of(&count.to_string())
}

/// Digits with thousands separators.
pub fn thousands_of(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len().saturating_mul(2));
    for (at, digit) in digits.chars().enumerate() {
        let left = digits.len().saturating_sub(at);
        if at > 0 && left.checked_rem(3) == Some(0) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Splits unsigned decimal text into its digits and the number of decimals
/// (negative when an exponent makes it a multiple of ten).
fn decimal_digits(text: &str) -> Result<(String, i64), MoneyError> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
            (mantissa, exponent.parse::<i16>().map_err(|_source| MoneyError::NotDecimal)?)
        }
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(MoneyError::NotDecimal);
    }
    let decimals = i64::try_from(fraction.len()).map_err(|_source| MoneyError::NotDecimal)?;
    let scale = decimals.saturating_sub(i64::from(exponent));
    Ok((digits, scale))
}

/// `digits` x 10^-`scale` in attodollars, and whether digits were rounded off.
fn to_atto(digits: &str, scale: i64) -> Result<(i128, bool), MoneyError> {
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Ok((0, false));
    }
    let shift = i64::from(ATTO_PLACES).saturating_sub(scale);
    if let Ok(zeros) = u32::try_from(shift) {
        let value: i128 = digits.parse().map_err(|_source| MoneyError::TooLarge)?;
        let factor = 10_i128.checked_pow(zeros).ok_or(MoneyError::TooLarge)?;
        return Ok((value.checked_mul(factor).ok_or(MoneyError::TooLarge)?, false));
    }
    let dropped = usize::try_from(shift.unsigned_abs()).unwrap_or(usize::MAX);
    let kept = digits.len().saturating_sub(dropped);
    let (head, tail) = digits.split_at(kept);
    let rounded = tail.bytes().any(|b| b != b'0');
    let up = dropped <= digits.len() && tail.as_bytes().first().is_some_and(|b| *b >= b'5');
    let value: i128 =
        if head.is_empty() { 0 } else { head.parse().map_err(|_source| MoneyError::TooLarge)? };
    Ok((value.checked_add(i128::from(up)).ok_or(MoneyError::TooLarge)?, rounded))
}

/// `value / step` rounded half away from zero; `step` is positive.
fn div_half_away(value: i128, step: i128) -> i128 {
    let quotient = value.checked_div(step).unwrap_or(0);
    let rest = value.checked_rem(step).unwrap_or(0).unsigned_abs();
    if rest.saturating_mul(2) >= step.unsigned_abs() {
        quotient.saturating_add(value.signum())
    } else {
        quotient
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_text_is_shortest() {
        for (atto, text) in [
            (0, "0"),
            (1, "0.000000000000000001"),
            (-420_000_000_000_000_000, "-0.42"),
            (10 * ATTO, "10"),
            (i128::from(u64::MAX), "18.446744073709551615"),
            (i128::from(u64::MAX) + 1, "18.446744073709551616"),
            (-19 * ATTO, "-19"),
            (i128::MAX, "170141183460469231731.687303715884105727"),
            (i128::MIN, "-170141183460469231731.687303715884105728"),
        ] {
            assert_eq!(Money(atto).exact(), text);
        }
    }

    #[test]
    fn exact_text_has_every_digit_and_no_zero_at_its_end() {
        let mut seed: u128 = 1;
        for round in 0..20_000_u32 {
            seed = seed.wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645).wrapping_add(1);
            let zeros = 10_i128.pow(round % 25);
            let atto = seed.cast_signed().unbounded_shr(round % 120);
            let atto = atto - atto % zeros;
            let digits = format!("{:019}", atto.unsigned_abs());
            let (whole, decimals) = digits.split_at(digits.len() - 18);
            let plain = format!("{}{whole}.{decimals}", if atto < 0 { "-" } else { "" });
            let plain = plain.trim_end_matches('0').trim_end_matches('.');
            assert_eq!(Money(atto).exact(), plain);
        }
    }

    #[test]
    fn amounts_parse_as_logs_write_them() {
        for (text, exact, rounded) in [
            ("0.42", "0.42", false),
            ("-1", "-1", false),
            ("5.", "5", false),
            (".5", "0.5", false),
            ("1.2000000000000002e-05", "0.000012", true),
            ("1E3", "1000", false),
            ("0.003835980000000000000000000000", "0.00383598", false),
            ("0.0000000000000000005", "0.000000000000000001", true),
            ("-0.0000000000000000005", "-0.000000000000000001", true),
            ("0.00000000000000000049", "0", true),
            ("1e-40", "0", true),
            ("9e-30", "0", true),
        ] {
            let (money, was_rounded) = Money::parse_rounded(text).unwrap();
            assert_eq!((money.exact().as_str(), was_rounded), (exact, rounded), "{text}");
        }
        for text in
            ["", "-", ".", "abc", "1_000", "+1", "1,5", "NaN", "inf", "0x1", "1e", "1e99999", " 1"]
        {
            assert_eq!(Money::parse_rounded(text), Err(MoneyError::NotDecimal), "{text}");
        }
        for text in ["1e30", "999999999999999999999999999999999999999999"] {
            assert_eq!(Money::parse_rounded(text), Err(MoneyError::TooLarge), "{text}");
        }
    }

    #[test]
    fn rounding_is_half_away_from_zero() {
        for (text, places, shown) in [
            ("0.005", 2, "0.01"),
            ("-0.005", 2, "-0.01"),
            ("0.00499999", 2, "0.00"),
            ("-0.001", 2, "0.00"),
            ("1234.5", 0, "1235"),
            ("2.04584475", 4, "2.0458"),
        ] {
            let (money, _) = Money::parse_rounded(text).unwrap();
            assert_eq!(money.rounded(places), shown, "{text}");
        }
    }

    #[test]
    fn rates_are_exact_or_refused() {
        let rate = Rate::parse("0.40", 1_000_000).unwrap();
        assert_eq!(rate.cost(1_050_000).unwrap().exact(), "0.42");
        assert_eq!(Rate::parse("0.0000000000001", 1_000_000), Err(MoneyError::Inexact));
        assert_eq!(Rate::parse("0.05", 60), Err(MoneyError::Inexact));
        assert_eq!(Rate::parse("-1", 1), Err(MoneyError::Negative));
        assert_eq!(Rate::parse("1_000", 1), Err(MoneyError::NotDecimal));
        assert_eq!(Rate::parse("5e-07", 1), Err(MoneyError::NotDecimal));
        assert_eq!(rate.cost(u128::MAX), None);
    }

    #[test]
    fn tenths_of_a_percent_are_rounded() {
        assert_eq!(permille(2, 3), Some(667));
        assert_eq!(permille(1, 0), None);
    }
}
