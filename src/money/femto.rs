//! Small amounts in one machine word.

use super::Money;

/// Attodollars of a femtodollar.
const ATTO: i64 = 1_000;

impl Money {
    /// An amount of femtodollars (1e-15 USD).
    #[must_use]
    pub fn from_femto(femto: i64) -> Self {
        Self(i128::from(femto).wrapping_mul(i128::from(ATTO)))
    }

    /// The amount in femtodollars; `None` where they are no whole number, or more than a word
    /// holds (about 9,223 USD).
    #[must_use]
    pub fn femto(self) -> Option<i64> {
        if let Ok(atto) = i64::try_from(self.0) {
            let femto = atto.checked_div(ATTO)?;
            return (femto.wrapping_mul(ATTO) == atto).then_some(femto);
        }
        let atto = i128::from(ATTO);
        let femto = i64::try_from(self.0.checked_div(atto)?).ok()?;
        (Self::from_femto(femto) == self).then_some(femto)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_femtodollars_that_fit_a_word() {
        let most = i128::from(i64::MAX);
        for (atto, femto) in [
            (0, Some(0)),
            (1, None),
            (999, None),
            (1_000, Some(1)),
            (-1_001, None),
            (-5_000, Some(-5)),
            (most, None),
            (most - 807, Some(9_223_372_036_854_775)),
            (most * 1_000, Some(i64::MAX)),
            (most * 1_000 + 1, None),
            ((most + 1) * 1_000, None),
            (-(most + 1) * 1_000, Some(i64::MIN)),
            (i128::MAX, None),
        ] {
            assert_eq!(Money::from_atto(atto).femto(), femto, "{atto}");
            assert!(femto.is_none_or(|femto| Money::from_femto(femto).atto() == atto));
        }
    }
}
