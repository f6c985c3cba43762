//! Rates: from card files to the price of a meter.
//!
//! [`card`](self) files are data; a [`RateBook`] is the validated layers of
//! cards that a run uses. The book answers two questions: which model a logged
//! name is ([`RateBook::find`]), and what each meter of that model costs under
//! a tier, in a band, at an instant ([`RateBook::price_list`]). It never
//! computes a price from another tier's.

mod blend;
mod book;
mod card;
pub mod catalog;
mod factors;
pub mod import;
mod layer;
mod lending;
mod lookup;
mod many_rates;
mod meter_rates;
mod other_units;
mod pricing;
mod raw;
mod values;

pub use book::{ModelId, RateBook};
pub use card::{CardError, CardSource};
pub use factors::Factors;
pub use layer::{Band, Cell, Confidence, Evidence, Factor, Layer, Model, Threshold};
pub use lookup::{Aliases, Match, MatchRule};
pub use many_rates::{ManyRates, put_totals};
pub use meter_rates::Rates;
pub use pricing::{
    Cost, CostLine, NoRate, PriceList, PriceQuery, Priced, SESSION_FLOOR_MINUTES, WhyNoRate,
};
