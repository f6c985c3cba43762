//! An exact part of a whole, and the rate that two rates have in such parts.

use std::cmp::Ordering;
use std::fmt;

use super::{Money, Rate};

/// How often a last digit must be written before `...` repeats it.
const REPEATED: usize = 3;

/// An exact part of a whole, between 0 and 1, in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Share {
    part: u64,
    whole: u64,
}

impl Share {
    /// All of it.
    pub const ALL: Self = Self { part: 1, whole: 1 };

    /// Reads `60%`, `0.6`, `2/3`, or `66.666...%`, whose last digit goes on.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((part, whole)) = text.split_once('/') {
            return Self::of(count(part.trim())?, count(whole.trim())?);
        }
        let (number, percent) = match text.strip_suffix('%') {
            Some(number) => (number, 100),
            None => (text, 1),
        };
        let (part, whole) = decimal(number.trim())?;
        Self::of(part, whole.checked_mul(percent)?)
    }

    /// `part` of `whole`; `None` where that is more than all of it, or needs
    /// more than 64 bits in lowest terms.
    pub fn of(part: u128, whole: u128) -> Option<Self> {
        let common = greatest_common_divisor(part, whole);
        let part = u64::try_from(part.checked_div(common)?).ok()?;
        let whole = u64::try_from(whole.checked_div(common)?).ok()?;
        (whole > 0 && part <= whole).then_some(Self { part, whole })
    }

    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.part == 0
    }

    /// Whether `part` out of `whole` is more than this share; exact.
    pub fn is_exceeded_by(self, part: u64, whole: u64) -> bool {
        product(part, self.whole) > product(self.part, whole)
    }

    /// In percent with at most two decimals, rounded half away from zero.
    pub fn rounded_percent(self) -> String {
        let (part, whole) = (product(self.part, 20_000), u128::from(self.whole));
        let hundredths = part
            .saturating_add(whole)
            .checked_div(whole.saturating_mul(2))
            .and_then(|hundredths| Self::of(hundredths, 10_000));
        hundredths.unwrap_or(self).to_string()
    }

    /// The exact percentage in its shortest form; `None` where it has no end or
    /// too many digits.
    fn exact_percent(self) -> Option<String> {
        let whole = u128::from(self.whole);
        let mut scale = 1_u128;
        loop {
            let scaled = product(self.part, 100).checked_mul(scale)?;
            if scaled.checked_rem(whole)? == 0 {
                return decimal_text(scaled.checked_div(whole)?, scale);
            }
            scale = scale.checked_mul(10)?;
        }
    }
}

impl fmt::Display for Share {
    /// In percent where that has an end, else as a fraction: `60%`, `2/3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.exact_percent() {
            Some(percent) => write!(f, "{percent}%"),
            None => write!(f, "{}/{}", self.part, self.whole),
        }
    }
}

impl Ord for Share {
    fn cmp(&self, other: &Self) -> Ordering {
        product(self.part, other.whole).cmp(&product(other.part, self.whole))
    }
}

impl PartialOrd for Share {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl serde::Serialize for Share {
    /// The text that it is shown as.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Rate {
    /// The price of one unit of which `share` costs `other` and the rest costs
    /// this rate; `None` where it does not fit 18 decimals.
    pub fn blended(self, other: Self, share: Share) -> Option<Self> {
        let difference = other.0.0.checked_sub(self.0.0)?;
        let whole = i128::from(share.whole);
        // In lowest terms the product divides only where the difference does.
        if difference.checked_rem(whole)? != 0 {
            return None;
        }
        let change = difference.checked_div(whole)?.checked_mul(i128::from(share.part))?;
        self.0.0.checked_add(change).map(|atto| Self(Money(atto)))
    }

    /// The share of `other` with which both together cost `target`; `None`
    /// where that is not between them.
    pub fn break_even(self, other: Self, target: Self) -> Option<Share> {
        let saved = self.0.0.checked_sub(target.0.0)?;
        let most = self.0.0.checked_sub(other.0.0)?;
        Share::of(u128::try_from(saved).ok()?, u128::try_from(most).ok()?)
    }
}

/// The product, which 128 bits always hold.
fn product(a: u64, b: u64) -> u128 {
    u128::from(a).saturating_mul(u128::from(b))
}

fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while let Some(rest) = a.checked_rem(b) {
        (a, b) = (b, rest);
    }
    a
}

/// Digits alone.
fn count(digits: &str) -> Option<u128> {
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

/// Decimal text as a fraction. With `...` its last digit goes on: after `k`
/// decimals that adds one ninth of it at that place.
fn decimal(text: &str) -> Option<(u128, u128)> {
    let endless = text.strip_suffix("...").or_else(|| text.strip_suffix('…'));
    let (whole, decimals) = endless.unwrap_or(text).split_once('.').unwrap_or((text, ""));
    let part = count(&format!("{whole}{decimals}"))?;
    let scale = 10_u128.checked_pow(u32::try_from(decimals.len()).ok()?)?;
    if endless.is_none() {
        return Some((part, scale));
    }
    let last = repeated(decimals)?;
    Some((part.checked_mul(9)?.checked_add(last)?, scale.checked_mul(9)?))
}

/// The digit that decimals end with, if it is there often enough.
fn repeated(decimals: &str) -> Option<u128> {
    let last = decimals.chars().last()?;
    let times = decimals.chars().rev().take_while(|digit| *digit == last).count();
    last.to_digit(10).filter(|_| times >= REPEATED).map(u128::from)
}

/// `value / scale`, a power of ten, as decimal text.
fn decimal_text(value: u128, scale: u128) -> Option<String> {
    let (whole, rest) = (value.checked_div(scale)?, value.checked_rem(scale)?);
    let places = usize::try_from(scale.checked_ilog10()?).ok()?;
    Some(if places == 0 { whole.to_string() } else { format!("{whole}.{rest:0places$}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_and_shown_exactly() {
        for (text, shown) in [
            ("60%", "60%"),
            ("60 %", "60%"),
            ("0.6", "60%"),
            ("3/5", "60%"),
            ("0", "0%"),
            ("1", "100%"),
            ("100%", "100%"),
            ("2/3", "2/3"),
            ("66.666...%", "2/3"),
            ("0.666…", "2/3"),
            ("0.1666...", "1/6"),
            ("0.999...", "100%"),
            ("1/8", "12.5%"),
            ("12.50%", "12.5%"),
            ("0.1%", "0.1%"),
            ("20000000000000000000/30000000000000000000", "2/3"),
        ] {
            assert_eq!(Share::parse(text).unwrap().to_string(), shown, "{text}");
        }
        for text in [
            "",
            "%",
            ".",
            "/",
            "abc",
            "60",
            "1.2",
            "101%",
            "-1",
            "-0.5",
            "+0.5",
            "1e-1",
            "2/0",
            "0/0",
            "3/2",
            "1/2/3",
            "1/2%",
            "0.66...",
            "0.123...",
            "...",
            "0,5",
            "NaN",
            "0.1234567890123456789012345678901234567890",
        ] {
            assert_eq!(Share::parse(text), None, "{text}");
        }
    }

    #[test]
    fn shares_compare_exactly() {
        let share = |text| Share::parse(text).unwrap();
        assert!(!share("0.1%").is_exceeded_by(1, 1000));
        assert!(share("0.1%").is_exceeded_by(2, 1000));
        assert!(!share("2/3").is_exceeded_by(2, 3));
        assert!(share("2/3").is_exceeded_by(u64::MAX, u64::MAX));
        assert!(share("66%") < share("2/3") && share("2/3") < share("67%"));
        assert_eq!(
            ["2/3", "60%", "1/8", "0", "1/100000"].map(|text| share(text).rounded_percent()),
            ["66.67%", "60%", "12.5%", "0%", "0%"]
        );
    }

    #[test]
    fn a_blend_is_exact_or_refused() {
        let rate = |text| Rate::parse(text, 1_000_000).unwrap();
        let blend = |plain, cached, share| {
            let share = Share::parse(share).unwrap();
            rate(plain).blended(rate(cached), share)
        };
        // 0.4 x 0.40 + 0.6 x 0.10 = 0.16 + 0.06.
        assert_eq!(blend("0.40", "0.10", "60%"), Some(rate("0.22")));
        // 0.4 x 0.70 + 0.6 x 0.175 = 0.28 + 0.105.
        assert_eq!(blend("0.70", "0.175", "60%"), Some(rate("0.385")));
        // (0.40 + 2 x 0.10) / 3.
        assert_eq!(blend("0.40", "0.10", "2/3"), Some(rate("0.2")));
        assert_eq!(blend("0.40", "0.10", "0"), Some(rate("0.40")));
        assert_eq!(blend("0.40", "0.10", "1"), Some(rate("0.10")));
        assert_eq!(blend("0.20", "0.20", "1/7"), Some(rate("0.20")));
        // Cached may be the dearer one.
        assert_eq!(blend("0.10", "0.40", "1/3"), Some(rate("0.20")));
        // (2.50 + 2 x 1.25) / 3 has no end.
        assert_eq!(blend("2.50", "1.25", "2/3"), None);
        assert_eq!(
            blend("170000000000000000000", "0", "1/1000"),
            Some(rate("169830000000000000000"))
        );
    }

    #[test]
    fn the_break_even_is_the_share_whose_blend_is_the_target() {
        let rate = |text| Rate::parse(text, 1_000_000).unwrap();
        let share = rate("0.40").break_even(rate("0.10"), rate("0.20")).unwrap();
        assert_eq!(share.to_string(), "2/3");
        assert_eq!(rate("0.40").blended(rate("0.10"), share), Some(rate("0.20")));
        assert_eq!(rate("0.40").break_even(rate("0.10"), rate("0.05")), None);
        assert_eq!(rate("0.40").break_even(rate("0.10"), rate("0.50")), None);
        assert_eq!(rate("0.40").break_even(rate("0.40"), rate("0.20")), None);
    }
}
