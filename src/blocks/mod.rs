//! Text looked at many bytes at a time.
//!
//! Knows nothing of what the bytes mean, but which of them split delimited text.

mod lanes;
mod marks;
mod quoting;

pub(crate) use lanes::{LANES, Lanes, Usual, WIDE, WithLanes, with_lanes};
pub(crate) use marks::{BLOCK, Bits, Marks};
pub(crate) use quoting::Quoting;
