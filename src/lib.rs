//! Prices exported LLM usage logs under every service tier, with exact money.
//!
//! Price is linear: once a row's model, tier, rate interval and context band are
//! settled, its cost is a dot product of quantities and rates. So a month of
//! logs collapses without loss into a small [`ledger`], and every tier and
//! caching assumption is a re-pricing of it, to the last digit the same as
//! pricing row by row and adding up.
//!
//! ```text
//! files -> input -> formats -> UsageRow -> ledger -> scenario -> report
//!          bytes    records    one shape   sums      prices      faces
//! ```
//!
//! Imports run one way: a room knows those to its left.
//!
//! [`money`] <- [`usage`] <- [`rates`], [`frame`], `blocks` <- [`input`] <- [`formats`] <-
//! [`ledger`] <- [`scenario`] <- [`report`] <- [`pipeline`] <- [`cli`]
//!
//! | to add | touch |
//! |---|---|
//! | a log format | a file in `formats/`, and its line in [`formats::registry`] |
//! | a meter | its line in the vocabulary of `usage/meter.rs`; if logs count it, also `formats/count.rs` |
//! | a price | one line of a card in `rates/cards/` |
//! | a price list to import | a file in `rates/import/`, and its line in [`rates::import::PriceList`] |
//! | a column of the FOCUS file | its line in `report/focus/columns.rs` |
//! | a grouping | its entry of [`usage::Dimension`], and its value in `pipeline/filters.rs` and `scenario/group_places.rs` |
//!
//! # Example
//!
//! ```
//! use tierwise::rates::{Aliases, PriceQuery, RateBook};
//! use tierwise::usage::{Meter, ServiceTier, Totals};
//!
//! let book = RateBook::built_in()?;
//! let found = book.find("openai", "gpt-4.1-mini", &Aliases::default()).expect("a model of the book");
//! let (tier, at) = (&ServiceTier::Standard, book.as_of());
//! let list = book.price_list(found.model, &PriceQuery { tier, region: "", context: None, at });
//! let mut usage = Totals::default();
//! usage.add(Meter::Input, 1_050_000);
//! usage.add(Meter::Output, 30_000);
//! let cost = list.price(&usage).expect("both meters have a rate");
//! assert_eq!(cost.total.exact(), "0.468");
//! # Ok::<(), tierwise::rates::CardError>(())
//! ```

mod blocks;
pub mod cli;
pub mod formats;
pub mod frame;
pub mod input;
pub mod ledger;
pub mod money;
pub mod pipeline;
pub mod rates;
pub mod report;
pub mod scenario;
pub mod usage;
