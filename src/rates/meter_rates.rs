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

/// Rates of some meters in several scenarios, for many rows that use no other meters. They
/// are so small that no row's cost leaves the range of [`Money`].
#[derive(Debug, Clone)]
pub struct ManyRates<const N: usize>(Vec<[u64; N]>);

/// Rates from here on, in attodollars, are none of [`ManyRates`].
const MOST_RATE: u64 = 1 << 56;

/// Counts from here on have no cost by [`ManyRates`].
const MOST_COUNT: u64 = 1 << 63;

/// As many meters times the largest count times the largest rate are below 10^38, which
/// is what 38 digits hold.
const MOST_METERS: usize = 32;

impl<const N: usize> ManyRates<N> {
    /// Those of as many meters in some scenarios; a scenario without rates costs nothing.
    /// `None` where there are too many, or a rate is too large.
    pub fn new(meters: usize, all: &[Option<Rates>; N]) -> Option<Self> {
        let mut rates = vec![[0; N]; meters];
        for (scenario, own) in all.iter().enumerate() {
            let units = own.iter().flat_map(Rates::units);
            for (rates, unit) in rates.iter_mut().zip(units) {
                let unit = u64::try_from(unit.atto()).ok().filter(|unit| *unit < MOST_RATE)?;
                rates.get_mut(scenario).into_iter().for_each(|rate| *rate = unit);
            }
        }
        (meters <= MOST_METERS).then_some(Self(rates))
    }

    /// What counts of the meters cost, in their order: the same as [`Rates::total`] for each
    /// scenario. `None` where a count is too large.
    #[inline]
    pub fn totals(&self, counts: impl Iterator<Item = u64>) -> Option<[Money; N]> {
        let (mut sums, mut all) = ([0_u128; N], 0);
        for (rates, count) in self.0.iter().zip(counts) {
            all |= count;
            for (sum, rate) in sums.iter_mut().zip(rates) {
                *sum = sum.wrapping_add(u128::from(*rate).wrapping_mul(u128::from(count)));
            }
        }
        let money = |sum: u128| Money::from_atto(i128::try_from(sum).unwrap_or(i128::MAX));
        (all < MOST_COUNT).then(|| sums.map(money))
    }
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
