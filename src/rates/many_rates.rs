//! The cost of many rows that use the same meters, in several scenarios at once.
#![deny(clippy::arithmetic_side_effects, clippy::integer_division)]

use super::meter_rates::Rates;
use crate::blocks::{Lanes, WithLanes, with_lanes};
use crate::money::Rate;

/// Rates of some meters in several scenarios, for many rows that use no other meters: whole
/// multiples of a number of femtodollars (1e-15 USD), so that a row costs a word full of them.
#[derive(Debug, Clone)]
pub struct ManyRates<const N: usize> {
    /// What all rates are multiples of, in femtodollars.
    unit: i64,
    /// For each meter its place among the counts of a row, and its rate in each scenario, in
    /// units.
    rates: Vec<(usize, [u32; N])>,
    /// The largest count: of as many units of each meter as this no scenario costs more than a
    /// word holds.
    most: u32,
}

impl<const N: usize> ManyRates<N> {
    /// Those of meters at some places among the counts of a row; a scenario without rates costs
    /// nothing. `None` where a rate is no whole number of femtodollars, or too large.
    pub fn new(places: impl Iterator<Item = usize>, all: &[Option<Rates>; N]) -> Option<Self> {
        let unit = |rate: &Rate| rate.cost(1)?.femto();
        let femto = |rates: &Rates| rates.0.iter().map(|(_, rate)| unit(rate)).collect();
        let of_all = all.iter().map(|rates| rates.as_ref().map_or(Some(Vec::new()), femto));
        let of_all = of_all.collect::<Option<Vec<Vec<i64>>>>()?;
        let unit = of_all.iter().flatten().fold(0, |unit, rate| common_divisor(unit, *rate)).max(1);
        let mut rates: Vec<(usize, [u32; N])> = places.map(|place| (place, [0; N])).collect();
        let mut most = u64::from(u32::MAX);
        for (scenario, own) in of_all.iter().enumerate() {
            let mut sum: u64 = 0;
            for ((_, rates), rate) in rates.iter_mut().zip(own) {
                sum = sum.checked_add(u64::try_from(*rate).ok()?)?;
                let multiple = u32::try_from(rate.checked_div(unit)?).ok()?;
                rates.get_mut(scenario).into_iter().for_each(|rate| *rate = multiple);
            }
            most = most.min(i64::MAX.cast_unsigned().checked_div(sum).unwrap_or(most));
        }
        Some(Self { unit, rates, most: u32::try_from(most).ok()? })
    }

    /// What the row at a place of columns of counts costs, in femtodollars: the same as
    /// [`Rates::total`] for each scenario. `None` where a count is too large.
    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    fn totals(&self, counts: &[&[u64]], row: usize) -> Option<[i64; N]> {
        let (mut sums, mut largest) = ([0_u64; N], 0);
        for (place, rates) in &self.rates {
            let count = counts.get(*place).and_then(|counts| counts.get(row)).copied();
            let count = count.unwrap_or(0);
            largest = largest.max(count);
            let count = count & u64::from(u32::MAX);
            for (sum, rate) in sums.iter_mut().zip(rates) {
                *sum = sum.wrapping_add(u64::from(*rate).wrapping_mul(count));
            }
        }
        let unit = self.unit;
        let femto = |sum: u64| sum.cast_signed().wrapping_mul(unit);
        (largest <= u64::from(self.most)).then(|| sums.map(femto))
    }
}

/// Puts what rows cost, in femtodollars: `rates` are those of each, `counts` the columns of
/// their counts, which may be empty. `false`, and not all put, where a row is to be priced on
/// its own.
pub fn put_totals<'r, const N: usize>(
    rates: impl Iterator<Item = Option<&'r ManyRates<N>>>,
    counts: &[&[u64]],
    totals: &mut Vec<[i64; N]>,
) -> bool {
    with_lanes(Pricing { rates, counts, totals })
}

/// Rows that are priced together.
struct Pricing<'p, R, const N: usize> {
    rates: R,
    counts: &'p [&'p [u64]],
    totals: &'p mut Vec<[i64; N]>,
}

impl<'r, R: Iterator<Item = Option<&'r ManyRates<N>>>, const N: usize> WithLanes
    for Pricing<'_, R, N>
{
    /// Whether all have a price.
    type Output = bool;

    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    fn run<L: Lanes>(self, _: L) -> bool {
        for (row, rates) in self.rates.enumerate() {
            let Some(totals) = rates.and_then(|rates| rates.totals(self.counts, row)) else {
                return false;
            };
            self.totals.push(totals);
        }
        true
    }
}

/// The largest number that divides both; the other one where one is zero.
fn common_divisor(one: i64, other: i64) -> i64 {
    let (mut one, mut other) = (one, other);
    while let Some(rest) = one.checked_rem(other) {
        (one, other) = (other, rest);
    }
    one
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::money::Money;
    use crate::usage::Meter;

    fn rates(atto: &[i128]) -> Rates {
        let rate = |atto: &i128| Rate::parse(&Money::from_atto(*atto).exact(), 1).unwrap();
        Rates(atto.iter().map(|atto| (Meter::Input, rate(atto))).collect())
    }

    /// What one row costs.
    fn totals_of<const N: usize>(rates: &ManyRates<N>, counts: &[u64]) -> Option<[i64; N]> {
        let counts: Vec<&[u64]> = counts.chunks(1).collect();
        let mut totals = Vec::new();
        let priced = put_totals(std::iter::once(Some(rates)), &counts, &mut totals);
        totals.pop().filter(|_| priced)
    }

    const MOST_COUNT: u64 = 1 << 27;

    proptest! {
        #[test]
        fn many_rates_cost_what_each_costs(
            units in proptest::collection::vec([0..600_000_i128, 0..90_i128], 0..9),
            unit in proptest::sample::select(vec![1_i128, 7, 11, 100]),
            counts in proptest::collection::vec(0..MOST_COUNT, 9),
        ) {
            let all = [0, 1].map(|scenario: usize| {
                let of = |units: &[i128; 2]| units[scenario].saturating_mul(unit).saturating_mul(1_000);
                Some(rates(&units.iter().map(of).collect::<Vec<_>>()))
            });
            let [first, second] = all.clone();
            let all = [first, None, second];
            let many = ManyRates::new(0..units.len(), &all).unwrap();
            let apart = all.map(|rates| rates.map_or(Ok(Money::ZERO), |own| own.total(&counts)));
            let totals = totals_of(&many, &counts);
            prop_assert_eq!(totals.map(|all| all.map(|femto| Ok(Money::from_femto(femto)))), Some(apart));
        }
    }

    #[test]
    fn what_is_too_large_is_left_to_other_rates() {
        let many = |atto: &[i128]| ManyRates::new(0..atto.len(), &[Some(rates(atto))]);
        let (femto, most): (i128, i128) = (1_000, i128::from(u32::MAX).saturating_mul(1_000));
        // Two units, of which one is as large as it may be.
        assert!(many(&[femto, most]).is_some());
        assert!(many(&[femto, most.saturating_add(femto)]).is_none());
        assert!(many(&[most.saturating_add(femto)]).is_some());
        assert!(many(&[femto.saturating_add(1)]).is_none());
        let word = i128::from(i64::MAX).saturating_mul(femto);
        assert!(many(&[word]).is_some() && many(&[word, femto]).is_none());
        assert!(many(&[word.saturating_add(femto)]).is_none());
    }

    #[test]
    fn counts_that_may_leave_a_word_have_no_cost() {
        // A third of what a word holds (2^63 - 1).
        let third: i64 = 3_074_457_345_618_258_602;
        let own = [i128::from(third).saturating_sub(1), 1].map(|femto| femto.saturating_mul(1_000));
        let rates = ManyRates::new(0..2, &[Some(rates(&own))]);
        assert!(rates.is_none(), "the unit is one femtodollar, and the other rate is no u32");
        let own = [i128::from(third).saturating_mul(1_000)];
        let rates = ManyRates::new(0..1, &[Some(self::rates(&own))]).unwrap();
        assert_eq!(totals_of(&rates, &[3]), Some([9_223_372_036_854_775_806]));
        assert_eq!(totals_of(&rates, &[4]), None);
        let rates = ManyRates::new(0..1, &[Some(self::rates(&[1_000]))]).unwrap();
        assert_eq!(totals_of(&rates, &[u64::from(u32::MAX)]), Some([i64::from(u32::MAX)]));
        assert_eq!(totals_of(&rates, &[1 << 32]), None);
    }
}
