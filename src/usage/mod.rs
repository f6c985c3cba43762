//! What one record of usage is, in canonical form: meters, tiers, quantities,
//! instants and the row itself.
//!
//! Knows nothing of prices, files or formats.

mod dimension;
mod instant;
mod meter;
mod quantities;
mod row;
mod tier;

pub use dimension::{Dimension, DimensionError};
pub use instant::{Instant, ParsedTime};
pub use meter::{Meter, Unit};
pub use quantities::{Quantities, Totals};
pub use row::{Origin, RowKey, Session, UsageRow};
pub use tier::{ServiceTier, TierSource};
