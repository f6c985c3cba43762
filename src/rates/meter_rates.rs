//! The rates of some meters, looked up once for any number of quantities.
#![deny(clippy::arithmetic_side_effects, clippy::integer_division)]

use super::pricing::{NoRate, PriceList, WhyNoRate};
use crate::money::{Money, Rate};
use crate::usage::Meter;

/// The rates of some meters, in an order: for many quantities of the same meters.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rates(pub(super) Vec<(Meter, Rate)>);

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
