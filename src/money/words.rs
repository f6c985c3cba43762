//! An amount as two words, as tables of numbers keep it.

use super::Money;

impl Money {
    /// The amount as two words, the lower one first.
    #[inline]
    pub fn words(self) -> [u64; 2] {
        let bits = self.0.cast_unsigned();
        let word = |bits: u128| u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0);
        [word(bits), word(bits.unbounded_shr(64))]
    }

    /// The amount of two words.
    #[inline]
    pub fn from_words([low, high]: [u64; 2]) -> Self {
        let bits = u128::from(low) | u128::from(high).unbounded_shl(64);
        Self(bits.cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn amounts_are_the_same_after_two_words(atto in any::<i128>()) {
            let amount = Money::from_atto(atto);
            prop_assert_eq!(Money::from_words(amount.words()), amount);
        }
    }
}
