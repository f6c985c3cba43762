//! Equal parts of an amount.

use super::Money;

impl Money {
    /// One of some equal parts of the amount; `None` where it does not fit 18 decimals.
    pub fn part(self, parts: u32) -> Option<Self> {
        let (part, rounded) = self.rounded_part(parts);
        (!rounded).then_some(part)
    }

    /// The same, rounded to 18 decimals half away from zero; and whether it was.
    pub fn rounded_part(self, parts: u32) -> (Self, bool) {
        let parts = i128::from(parts.max(1));
        let (whole, rest) = (self.0.div_euclid(parts), self.0.rem_euclid(parts));
        let twice = rest.saturating_mul(2);
        let up = twice > parts || (twice == parts && self.0 > 0);
        (Self(whole.saturating_add(i128::from(up))), rest != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_exact_or_said_to_be_rounded() {
        for (atto, parts, part, rounded) in [
            (600, 100, 6, false),
            (649, 100, 6, true),
            (650, 100, 7, true),
            (-650, 100, -7, true),
            (-649, 100, -6, true),
            (1, 0, 1, false),
        ] {
            let money = Money::from_atto(atto);
            assert_eq!(money.rounded_part(parts), (Money::from_atto(part), rounded), "{atto}");
            let exact = (!rounded).then_some(Money::from_atto(part));
            assert_eq!(money.part(parts), exact, "{atto}");
        }
    }
}
