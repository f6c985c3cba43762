//! A published number as an exact amount per million units, or why it cannot
//! be one.
//!
//! Nothing is rounded and nothing is put right: a number that looks like a slip
//! of unit, or like what is left of binary arithmetic, is refused.

use crate::money::{Money, Rate};

/// Above this many USD per million tokens a number is in another unit.
const MOST_PER_MILLION: Money = Money::from_atto(10_000 * 1_000_000_000_000_000_000);

/// Below this many USD per million tokens a number is in another unit.
const LEAST_PER_MILLION: Money = Money::from_atto(1_000_000_000_000_000_000 / 10_000);

/// No published price has more significant digits; binary arithmetic leaves 15
/// and more.
const MOST_DIGITS: usize = 12;

/// What a number is the price of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Per {
    /// One token or character.
    Unit,
    /// A million of them.
    Million,
}

/// Reads the text of a JSON number as USD per million.
pub(super) fn per_million(text: &str, per: Per) -> Result<Money, &'static str> {
    let is_number = text.bytes().next().is_some_and(|b| b == b'-' || b.is_ascii_digit());
    if !is_number {
        return Err("is not a number");
    }
    if text.starts_with('-') {
        return Err("is negative");
    }
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    if significant(mantissa) > MOST_DIGITS {
        return Err("has more digits than a price: what binary arithmetic leaves behind");
    }
    let shift: i16 = if per == Per::Unit { 6 } else { 0 };
    let exponent = exponent.parse::<i16>().ok().and_then(|exponent| exponent.checked_add(shift));
    let out_of_range = "is out of any price's range";
    let shifted = format!("{mantissa}e{}", exponent.ok_or(out_of_range)?);
    let (amount, rounded) = Money::parse_rounded(&shifted).map_err(|_error| out_of_range)?;
    if rounded {
        return Err(out_of_range);
    }
    plausible(amount, per)
}

/// Zero is left to the caller, who knows the meter.
fn plausible(amount: Money, per: Per) -> Result<Money, &'static str> {
    if amount > MOST_PER_MILLION {
        return Err(match per {
            Per::Unit => "is above 0.01 USD each: a price of a million in a field for one?",
            Per::Million => "is above 10,000 USD per million",
        });
    }
    if amount > Money::ZERO && amount < LEAST_PER_MILLION {
        return Err(match per {
            Per::Unit => "is below 0.0000000001 USD each",
            Per::Million => {
                "is below 0.0001 USD per million: a price of one in a field for a million?"
            }
        });
    }
    let fits = Rate::parse(&amount.exact(), 1_000_000).is_ok();
    if fits { Ok(amount) } else { Err("does not give a price of one unit within 18 decimals") }
}

/// The digits between the first and the last that is not zero.
fn significant(mantissa: &str) -> usize {
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_exact_amounts() {
        for (text, per, usd) in [
            ("1.4e-07", Per::Unit, "0.14"),
            ("4e-07", Per::Unit, "0.4"),
            ("4E-7", Per::Unit, "0.4"),
            ("0.0000004", Per::Unit, "0.4"),
            ("5.46875e-07", Per::Unit, "0.546875"),
            ("0.01", Per::Unit, "10000"),
            ("1e-10", Per::Unit, "0.0001"),
            ("0", Per::Unit, "0"),
            ("0.0", Per::Million, "0"),
            ("2.50", Per::Million, "2.5"),
            ("1e+1", Per::Million, "10"),
            ("1000", Per::Million, "1000"),
        ] {
            assert_eq!(per_million(text, per).map(Money::exact), Ok(usd.to_owned()), "{text}");
        }
    }

    #[test]
    fn implausible_numbers_are_refused() {
        for (text, per, reason) in [
            ("\"0.4\"", Per::Unit, "not a number"),
            ("true", Per::Unit, "not a number"),
            ("{}", Per::Million, "not a number"),
            ("", Per::Million, "not a number"),
            ("-1e-06", Per::Unit, "negative"),
            ("1.2000000000000002e-06", Per::Unit, "binary"),
            ("9.499999999999999e-07", Per::Unit, "binary"),
            ("0.4", Per::Unit, "above 0.01 USD each"),
            ("10000.01", Per::Million, "above 10,000"),
            ("9e-11", Per::Unit, "below"),
            ("4e-07", Per::Million, "a price of one"),
            ("1e-40", Per::Unit, "range"),
            ("1e400", Per::Unit, "range"),
            ("1e-99999999999999", Per::Unit, "range"),
            ("1.23456789012e-06", Per::Unit, ""),
        ] {
            let refused = per_million(text, per);
            let said = refused.is_err_and(|why| !reason.is_empty() && why.contains(reason));
            assert_eq!(said, !reason.is_empty(), "{text}");
        }
    }
}
