//! A field's value as it stands in a log, and how it is read.

use std::borrow::Cow;

use super::table::{Days, MoneyUnit};
use crate::money::{Money, MoneyError};
use crate::usage::{Instant, ParsedTime};

/// Longer texts are no numbers.
const LONGEST_NUMBER: usize = 64;

/// A field's value as it stands in a log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Value<'a> {
    /// No such field, an empty one, or `null`.
    #[default]
    Absent,
    /// Text.
    Text(Cow<'a, str>),
    /// A JSON number, as written.
    Number(&'a str),
    /// A JSON boolean.
    Bool(bool),
    /// A JSON array or object, as written.
    Nested(&'a str),
}

/// Why a value is refused. The names are codes in reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// Not a number at all.
    NotANumber,
    /// Below zero.
    Negative,
    /// Not whole.
    Fraction,
    /// More than 2^64 - 1.
    TooLarge,
    /// Not an amount.
    NotAnAmount,
    /// Not a time.
    NotATime,
    /// Not true or false.
    NotABoolean,
    /// Text was expected.
    NotText,
}

impl Refusal {
    /// The code in reports.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotANumber => "not_a_number",
            Self::Negative => "negative",
            Self::Fraction => "fraction",
            Self::TooLarge => "too_large",
            Self::NotAnAmount => "not_an_amount",
            Self::NotATime => "not_a_time",
            Self::NotABoolean => "not_a_boolean",
            Self::NotText => "not_text",
        }
    }
}

impl<'a> Value<'a> {
    /// From a delimited field.
    pub fn from_text(text: &'a str) -> Self {
        match text.trim_matches([' ', '\t']) {
            "" => Self::Absent,
            trimmed => Self::Text(Cow::Borrowed(trimmed)),
        }
    }

    /// From the text of a JSON value, which is valid JSON.
    pub fn from_json(raw: &'a str) -> Self {
        match raw.as_bytes().first() {
            None | Some(b'n') => Self::Absent,
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            Some(b'{' | b'[') => Self::Nested(raw),
            Some(b'"') => Self::from_json_string(raw),
            Some(_) => Self::Number(raw),
        }
    }

    fn from_json_string(raw: &'a str) -> Self {
        let inner = raw.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        let spaces = [' ', '\t'];
        match inner.map(|text| text.trim_matches(spaces)) {
            Some("") => Self::Absent,
            Some(plain) if !plain.contains('\\') => Self::Text(Cow::Borrowed(plain)),
            _ => match serde_json::from_str::<String>(raw) {
                Err(_) => Self::Nested(raw),
                Ok(text) => match text.trim_matches(spaces) {
                    "" => Self::Absent,
                    trimmed => Self::Text(Cow::Owned(trimmed.to_owned())),
                },
            },
        }
    }

    /// Whether there is a value.
    pub const fn is_present(&self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// The value as text, as groups and filters see it.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Absent => None,
            Self::Text(text) => Some(text),
            Self::Number(raw) | Self::Nested(raw) => Some(raw),
            Self::Bool(true) => Some("true"),
            Self::Bool(false) => Some("false"),
        }
    }

    /// A whole number that is not negative, written `59200`, `59200.0`,
    /// `5.92e4`, `"40"` or `[138652]`.
    pub fn count(&self) -> Result<Option<u64>, Refusal> {
        match self {
            Self::Absent => Ok(None),
            Self::Bool(_) => Err(Refusal::NotANumber),
            Self::Text(text) => whole_number(text).map(Some),
            Self::Number(raw) => whole_number(raw).map(Some),
            Self::Nested(raw) => {
                let items: Vec<&serde_json::value::RawValue> =
                    serde_json::from_str(raw).map_err(|_source| Refusal::NotANumber)?;
                match items.as_slice() {
                    [one] => Value::from_json(one.get()).flat_count(),
                    _ => Err(Refusal::NotANumber),
                }
            }
        }
    }

    /// The same where a count of one stands for `each`, so that it need not be whole.
    pub fn count_in(&self, each: u64) -> Result<Option<u64>, Refusal> {
        if each == 1 {
            return self.count();
        }
        let text = match self {
            Self::Text(text) => text.as_ref(),
            Self::Number(raw) => raw,
            Self::Absent | Self::Bool(_) | Self::Nested(_) => return self.count(),
        };
        let (amount, rounded) =
            Money::parse_rounded(text).map_err(|_source| Refusal::NotANumber)?;
        let whole = amount.atto().checked_mul(i128::from(each)).ok_or(Refusal::TooLarge)?;
        if rounded {
            return Err(Refusal::Fraction);
        }
        whole_number(&Money::from_atto(whole).exact()).map(Some)
    }

    fn flat_count(&self) -> Result<Option<u64>, Refusal> {
        match self {
            Self::Nested(_) => Err(Refusal::NotANumber),
            Self::Absent | Self::Text(_) | Self::Number(_) | Self::Bool(_) => self.count(),
        }
    }

    /// A time in any spelling of [`Instant::parse_log`].
    pub fn time(&self) -> Result<Option<ParsedTime>, Refusal> {
        match self {
            Self::Absent => Ok(None),
            Self::Bool(_) | Self::Nested(_) => Err(Refusal::NotATime),
            Self::Text(text) => Instant::parse_log(text).map(Some).ok_or(Refusal::NotATime),
            Self::Number(raw) => Instant::parse_log(raw).map(Some).ok_or(Refusal::NotATime),
        }
    }

    /// The same, where days may be written with slashes.
    pub fn time_of(&self, days: Days) -> Result<Option<ParsedTime>, Refusal> {
        if days == Days::NoSlashes {
            return self.time();
        }
        let text = self.as_text().unwrap_or_default();
        let (day, clock) = text.split_at(text.find(['T', ' ']).unwrap_or(text.len()));
        let parts: Vec<&str> = day.split('/').collect();
        let [first, second, year] = *parts.as_slice() else { return self.time() };
        let (month, day) = if days == Days::MonthFirst { (first, second) } else { (second, first) };
        let text = format!("{year}-{month:0>2}-{day:0>2}{clock}");
        Instant::parse_log(&text).map(Some).ok_or(Refusal::NotATime)
    }

    /// An amount, and whether digits beyond 1e-18 were rounded.
    pub fn amount(&self) -> Result<Option<(Money, bool)>, Refusal> {
        match self {
            Self::Absent => Ok(None),
            Self::Bool(_) | Self::Nested(_) => Err(Refusal::NotAnAmount),
            Self::Text(text) => parse_amount(text),
            Self::Number(raw) => parse_amount(raw),
        }
    }

    /// An amount in a unit, in dollars.
    pub fn amount_in(&self, unit: MoneyUnit) -> Result<Option<(Money, bool)>, Refusal> {
        match unit {
            MoneyUnit::Dollars => self.amount(),
            MoneyUnit::Cents => self.amount().map(|amount| amount.map(hundredth)),
            MoneyUnit::DollarsOrWord => {
                let text = self.as_text().unwrap_or_default();
                let plain = text.strip_prefix('$').unwrap_or(text);
                if plain.bytes().any(|byte| byte.is_ascii_digit()) {
                    return parse_amount(plain);
                }
                Ok(None)
            }
        }
    }

    /// A flag: `true`, `FALSE`, `1`, `0`.
    pub fn flag(&self) -> Result<Option<bool>, Refusal> {
        match self {
            Self::Absent => Ok(None),
            Self::Bool(flag) => Ok(Some(*flag)),
            Self::Nested(_) => Err(Refusal::NotABoolean),
            Self::Text(text) => parse_flag(text),
            Self::Number(raw) => parse_flag(raw),
        }
    }

    /// A name.
    pub fn name(&self) -> Result<Option<&str>, Refusal> {
        match self {
            Self::Absent => Ok(None),
            Self::Text(text) => Ok(Some(text)),
            Self::Bool(_) | Self::Number(_) | Self::Nested(_) => Err(Refusal::NotText),
        }
    }
}

fn parse_amount(text: &str) -> Result<Option<(Money, bool)>, Refusal> {
    Money::parse_rounded(text).map(Some).map_err(|_source| Refusal::NotAnAmount)
}

/// The hundredth part of an amount, rounded to 18 decimals half away from zero.
fn hundredth((cents, rounded): (Money, bool)) -> (Money, bool) {
    let (dollars, here) = cents.rounded_part(100);
    (dollars, rounded || here)
}

fn parse_flag(text: &str) -> Result<Option<bool>, Refusal> {
    match text {
        "1" => Ok(Some(true)),
        "0" => Ok(Some(false)),
        _ if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        _ if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        _ => Err(Refusal::NotABoolean),
    }
}

/// A whole number in `u64`, exact.
fn whole_number(text: &str) -> Result<u64, Refusal> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().map_err(|_source| Refusal::TooLarge);
    }
    if text.len() > LONGEST_NUMBER {
        return Err(Refusal::NotANumber);
    }
    let (money, rounded) = Money::parse_rounded(text).map_err(|error| match error {
        MoneyError::TooLarge => Refusal::TooLarge,
        MoneyError::NotDecimal | MoneyError::Negative | MoneyError::Inexact => Refusal::NotANumber,
    })?;
    if money < Money::ZERO {
        return Err(Refusal::Negative);
    }
    let exact = money.exact();
    if rounded || exact.contains('.') {
        return Err(Refusal::Fraction);
    }
    exact.parse().map_err(|_source| Refusal::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_in_every_spelling() {
        for (raw, expected) in [
            ("59200", Ok(Some(59_200))),
            ("59200.0", Ok(Some(59_200))),
            ("5.92e4", Ok(Some(59_200))),
            ("\"40\"", Ok(Some(40))),
            ("[138652]", Ok(Some(138_652))),
            ("18446744073709551615", Ok(Some(u64::MAX))),
            ("18446744073709551615.0", Ok(Some(u64::MAX))),
            ("18446744073709551616", Err(Refusal::TooLarge)),
            ("1e30", Err(Refusal::TooLarge)),
            ("1e19", Ok(Some(10_000_000_000_000_000_000))),
            ("1.5", Err(Refusal::Fraction)),
            ("1e-30", Err(Refusal::Fraction)),
            ("-1", Err(Refusal::Negative)),
            ("-0", Ok(Some(0))),
            ("true", Err(Refusal::NotANumber)),
            ("\"NaN\"", Err(Refusal::NotANumber)),
            ("\"1,234\"", Err(Refusal::NotANumber)),
            ("\"0x1F\"", Err(Refusal::NotANumber)),
            ("[1,2]", Err(Refusal::NotANumber)),
            ("[[1]]", Err(Refusal::NotANumber)),
            ("{}", Err(Refusal::NotANumber)),
            ("null", Ok(None)),
            ("\"\"", Ok(None)),
        ] {
            assert_eq!(Value::from_json(raw).count(), expected, "{raw}");
        }
    }

    #[test]
    fn text_is_unescaped_only_where_needed() {
        assert_eq!(Value::from_json("\"a\\n\\u00e9\""), Value::Text("a\né".into()));
        assert!(matches!(Value::from_json("\"plain\""), Value::Text(Cow::Borrowed("plain"))));
        assert_eq!(Value::from_text("  x "), Value::Text("x".into()));
        assert_eq!(Value::from_text("  "), Value::Absent);
    }
}
