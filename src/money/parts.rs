//! Parts of an amount: equal ones, and shares by weight.

use super::Money;

impl Money {
    /// The amount in parts that are as the weights to each other, none of which is
    /// negative. Each is rounded down to 1e-18 USD, and what is left goes to those that
    /// lost most, of equals to the first: the parts sum up to the amount. Without any
    /// weight the first part is all of it.
    pub fn shared(self, weights: &[Self]) -> Vec<Self> {
        let weight = |weight: &Self| weight.0.max(0).unsigned_abs();
        let total = weights.iter().map(weight).fold(0, u128::saturating_add);
        let amount = self.0.unsigned_abs();
        let mut parts: Vec<(u128, u128)> =
            weights.iter().map(|one| proportion(amount, weight(one), total)).collect();
        let given = parts.iter().map(|(part, _)| *part).fold(0, u128::saturating_add);
        let mut left = amount.saturating_sub(given);
        if total == 0 {
            if let Some((first, _)) = parts.first_mut() {
                *first = left;
            }
            left = 0;
        }
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by_key(|at| std::cmp::Reverse(parts.get(*at).map(|(_, lost)| *lost)));
        for at in order {
            if let Some((part, _)) = parts.get_mut(at).filter(|_| left > 0) {
                *part = part.saturating_add(1);
                left = left.saturating_sub(1);
            }
        }
        let signed = |part: u128| {
            let part = i128::try_from(part).unwrap_or(i128::MAX);
            Self(if self.0 < 0 { part.saturating_neg() } else { part })
        };
        parts.into_iter().map(|(part, _)| signed(part)).collect()
    }

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

/// `amount` x `weight` / `total`, rounded down, and the rest of the division. The weight is
/// no more than the total, which is at most half of what is held. Digit by digit, as the
/// product has up to 256 of them.
fn proportion(amount: u128, weight: u128, total: u128) -> (u128, u128) {
    let (mut part, mut rest) = (0_u128, 0_u128);
    if total == 0 {
        return (part, rest);
    }
    for digit in (0..u128::BITS).rev() {
        let is_set = amount.unbounded_shr(digit) & 1 == 1;
        part = part.saturating_mul(2);
        rest = rest.saturating_mul(2);
        for more in [0, if is_set { weight } else { 0 }] {
            rest = rest.saturating_add(more);
            if rest >= total {
                rest = rest.saturating_sub(total);
                part = part.saturating_add(1);
            }
        }
    }
    (part, rest)
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "big integers have no end")]
mod tests {
    use num_bigint::BigUint;
    use proptest::prelude::*;

    use super::*;

    fn shared(amount: i128, weights: &[i128]) -> Vec<i128> {
        let weights: Vec<Money> = weights.iter().map(|atto| Money::from_atto(*atto)).collect();
        Money::from_atto(amount).shared(&weights).into_iter().map(Money::atto).collect()
    }

    #[test]
    fn shares_are_as_the_weights_and_lose_nothing() {
        assert_eq!(shared(10, &[1, 1, 2]), [3, 2, 5]);
        assert_eq!(shared(-10, &[1, 1, 2]), [-3, -2, -5]);
        assert_eq!(shared(2, &[1, 1, 1]), [1, 1, 0]);
        assert_eq!(shared(100, &[1, 2]), [33, 67]);
        assert_eq!(shared(7, &[0, 0]), [7, 0]);
        assert_eq!(shared(7, &[0, 5]), [0, 7]);
        assert_eq!(shared(7, &[]), [0; 0]);
        assert_eq!(shared(i128::MAX, &[i128::MAX]), [i128::MAX]);
    }

    proptest! {
        #[test]
        fn shares_sum_up_to_the_amount(
            amount in any::<i128>().prop_filter("has an opposite", |atto| *atto != i128::MIN),
            weights in prop::collection::vec(0..i128::MAX.unbounded_shr(3), 1..8),
        ) {
            let parts = shared(amount, &weights);
            prop_assert_eq!(parts.iter().sum::<i128>(), amount);
            let total: u128 = weights.iter().map(|weight| weight.unsigned_abs()).sum();
            for (part, weight) in parts.iter().zip(&weights).filter(|_| total > 0) {
                // No part is as much as 1e-18 USD away from its share.
                let share = BigUint::from(amount.unsigned_abs()) * weight.unsigned_abs();
                let part = BigUint::from(part.unsigned_abs()) * total;
                let apart = if part > share { part - share } else { share - part };
                prop_assert!(apart < BigUint::from(total));
            }
        }
    }

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
