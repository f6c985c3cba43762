//! The rates of some meters, looked up once for any number of quantities.
#![deny(clippy::arithmetic_side_effects, clippy::integer_division)]

use super::pricing::{NoRate, PriceList, WhyNoRate};
use crate::money::{Money, Rate};
use crate::usage::Meter;

/// The rates of some meters, in an order: for many quantities of the same meters.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rates(Vec<(Meter, Rate)>);

impl Rates {
    /// What quantities of the meters cost, in their order: the sum of quantity x
    /// rate, as [`PriceList::price`] has it.
    pub fn total<Q: Copy + Into<u128>>(&self, quantities: &[Q]) -> Result<Money, NoRate> {
        let mut total = Money::ZERO;
        for ((meter, rate), quantity) in self.0.iter().zip(quantities) {
            let overflow = NoRate { meter: *meter, why: WhyNoRate::OutOfRange };
            let cost = rate.cost((*quantity).into()).ok_or(overflow)?;
            total = total.checked_add(cost).ok_or(overflow)?;
        }
        Ok(total)
    }
}

impl Rates {
    /// The price of one unit of each meter; of a meter beyond them it is nothing.
    pub fn units(&self) -> impl Iterator<Item = Money> + '_ {
        self.0.iter().filter_map(|(_, rate)| rate.cost(1))
    }
}

/// Rates of some meters in several scenarios, for many rows that use no other meters: whole
/// multiples of one amount, all so small that no row's cost leaves the range of [`Money`].
#[derive(Debug, Clone)]
pub struct ManyRates<const N: usize> {
    /// What all rates are multiples of, in attodollars.
    unit: u64,
    /// For each meter its rate in each scenario, in units.
    rates: Vec<[u32; N]>,
}

/// Counts from here on have no cost by [`ManyRates`].
const MOST_COUNT: u64 = 1 << 27;

/// As many meters have it: so many times the largest count times the largest rate are below
/// 2^64 units.
const MOST_METERS: usize = 32;

/// A unit from here on is none of [`ManyRates`]: so many times 2^64 are below 10^38, which is
/// what 38 digits hold.
const MOST_UNIT: u64 = 1 << 62;

impl<const N: usize> ManyRates<N> {
    /// Those of as many meters in some scenarios; a scenario without rates costs nothing.
    /// `None` where there are too many, or a rate is too large.
    pub fn new(meters: usize, all: &[Option<Rates>; N]) -> Option<Self> {
        let units = |rates: &Rates| {
            rates.units().map(|unit| u64::try_from(unit.atto()).ok()).collect::<Option<Vec<u64>>>()
        };
        let of_all = all.iter().map(|rates| rates.as_ref().map_or(Some(Vec::new()), units));
        let of_all = of_all.collect::<Option<Vec<Vec<u64>>>>()?;
        let unit = of_all.iter().flatten().fold(0, |unit, rate| common_divisor(unit, *rate)).max(1);
        let mut rates = vec![[0; N]; meters];
        for (scenario, own) in of_all.iter().enumerate() {
            for (rates, rate) in rates.iter_mut().zip(own) {
                let multiple = u32::try_from(rate.checked_div(unit)?).ok()?;
                rates.get_mut(scenario).into_iter().for_each(|rate| *rate = multiple);
            }
        }
        (meters <= MOST_METERS && unit < MOST_UNIT).then_some(Self { unit, rates })
    }

    /// What counts of the meters cost, in their order: the same as [`Rates::total`] for each
    /// scenario. `None` where a count is too large.
    #[inline]
    pub fn totals(&self, counts: impl Iterator<Item = u64>) -> Option<[Money; N]> {
        let (mut sums, mut all) = ([0_u64; N], 0);
        for (rates, count) in self.rates.iter().zip(counts) {
            all |= count;
            let count = u64::from(u32::try_from(count & u64::from(u32::MAX)).unwrap_or(0));
            for (sum, rate) in sums.iter_mut().zip(rates) {
                *sum = sum.wrapping_add(u64::from(*rate).wrapping_mul(count));
            }
        }
        let unit = u128::from(self.unit);
        let money = |sum: u64| Money::from_atto(u128::from(sum).wrapping_mul(unit).cast_signed());
        (all < MOST_COUNT).then(|| sums.map(money))
    }
}

/// The largest number that divides both; the other one where one is zero.
fn common_divisor(one: u64, other: u64) -> u64 {
    let (mut one, mut other) = (one, other);
    while let Some(rest) = one.checked_rem(other) {
        (one, other) = (other, rest);
    }
    one
}

impl PriceList<'_> {
    /// The rates of meters, in their order. The first one without a rate decides
    /// that there are none.
    pub fn rates(&self, meters: impl Iterator<Item = Meter>) -> Result<Rates, NoRate> {
        let rate = |meter| match self.of(meter) {
            Ok(price) => Ok((meter, price.rate)),
            Err(why) => Err(NoRate { meter, why }),
        };
        Ok(Rates(meters.map(rate).collect::<Result<_, _>>()?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rates(atto: &[i128]) -> Rates {
        let rate = |atto: &i128| Rate::parse(&Money::from_atto(*atto).exact(), 1).unwrap();
        Rates(atto.iter().map(|atto| (Meter::Input, rate(atto))).collect())
    }

    proptest! {
        #[test]
        fn many_rates_cost_what_each_costs(
            units in proptest::collection::vec([0..600_000_i128, 0..90_i128], 0..9),
            unit in proptest::sample::select(vec![1_i128, 7, 10_i128.pow(9), 10_i128.pow(12)]),
            counts in proptest::collection::vec(0..MOST_COUNT, 9),
        ) {
            let all = [0, 1].map(|scenario: usize| {
                let own: Vec<i128> = units.iter().map(|units| units[scenario].saturating_mul(unit)).collect();
                Some(rates(&own))
            });
            let [first, second] = all.clone();
            let all = [first, None, second];
            let many = ManyRates::new(units.len(), &all).unwrap();
            let apart = all.map(|rates| rates.map_or(Ok(Money::ZERO), |own| own.total(&counts)));
            prop_assert_eq!(many.totals(counts.iter().copied()).map(|all| all.map(Ok)), Some(apart));
        }
    }

    #[test]
    fn what_is_too_large_is_left_to_other_rates() {
        let many = |atto: &[i128]| ManyRates::new(atto.len(), &[Some(rates(atto))]);
        let most = i128::from(u32::MAX);
        // Two units, of which one is as large as it may be.
        assert!(many(&[1, most]).is_some() && many(&[1, most.saturating_add(1)]).is_none());
        assert!(many(&[most.saturating_add(1)]).is_some());
        let unit = i128::from(MOST_UNIT);
        assert!(many(&[unit.saturating_sub(1)]).is_some() && many(&[unit]).is_none());
        assert!(
            many(&[0; MOST_METERS]).is_some()
                && many(&[0; MOST_METERS.saturating_add(1)]).is_none()
        );
        let rates = many(&[most, 1]).unwrap();
        assert!(rates.totals([MOST_COUNT.saturating_sub(1), 0].into_iter()).is_some());
        assert!(rates.totals([0, MOST_COUNT].into_iter()).is_none());
    }
}
