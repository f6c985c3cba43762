//! What an estimate is asked, and what it answers: the shape of its JSON.

use serde::Serialize;

use crate::money::{Money, Share};
use crate::scenario::{Inexact, OutOfRange};
use crate::usage::{Instant, Totals};

/// What is estimated.
#[derive(Debug, Clone)]
pub struct Request {
    /// Whose models; empty for any.
    pub provider: String,
    /// The models, as typed.
    pub models: Vec<String>,
    /// Quantities of one request, disjoint.
    pub quantities: Totals,
    /// How many such requests.
    pub requests: u64,
    /// Where; empty for the usual region.
    pub region: String,
    /// When.
    pub at: Instant,
    /// Whether the input that providers bill for search content is added.
    pub search_content: bool,
    /// The share of each modality's input that is assumed to be cached.
    pub assume_cached: Option<Share>,
}

/// An estimate that cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EstimateError {
    /// A model that the book does not have.
    #[error("`{model}` is no model of the rate book; it has {known}")]
    UnknownModel {
        /// As typed.
        model: String,
        /// The ids it has.
        known: String,
    },
    /// An amount left the range of [`Money`].
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// The assumed share of cached input gives no exact rate.
    #[error(transparent)]
    Inexact(#[from] Inexact),
}

/// An estimate.
#[derive(Debug, Clone, Serialize)]
pub struct Estimate {
    /// Version of the JSON shape.
    pub schema_version: u32,
    /// Always `USD`.
    pub currency: &'static str,
    /// When.
    pub at: String,
    /// How many requests.
    pub requests: u64,
    /// SHA-256 of the rate book.
    pub rate_book_sha256: String,
    /// The models.
    pub models: Vec<EstimateModel>,
    /// Their costs.
    pub scenarios: Vec<EstimateScenario>,
}

/// A model of an estimate.
#[derive(Debug, Clone, Serialize)]
pub struct EstimateModel {
    /// As typed.
    pub model: String,
    /// What it is priced as.
    pub priced_as: String,
    /// By which rule.
    pub rule: &'static str,
    /// The most input and output tokens of one request.
    pub context_window: Option<u64>,
    /// The most output tokens of one request.
    pub max_output: Option<u64>,
    /// What it costs at Standard with recorded caching.
    pub standard_usd: Option<Money>,
    /// That cost as a multiple of each model's, in the order of the models.
    pub ratios: Vec<Ratio>,
    /// Where Standard input with caching costs what a cheaper tier's does.
    pub break_even: Vec<BreakEven>,
    /// What a reader needs to know.
    pub notes: Vec<String>,
}

/// The share of cached input with which Standard's text input costs what that
/// of a cheaper tier costs without caching.
#[derive(Debug, Clone, Serialize)]
pub struct BreakEven {
    /// The cheaper tier.
    pub tier: &'static str,
    /// The share, exact.
    pub cached_share: Share,
}

/// A cost as a multiple of another model's.
#[derive(Debug, Clone, Serialize)]
pub struct Ratio {
    /// The other model, as typed.
    pub to: String,
    /// The multiple, to three decimals; null where one has no price.
    pub ratio: Option<String>,
}

/// What a model costs under one tier and caching assumption.
#[derive(Debug, Clone, Serialize)]
pub struct EstimateScenario {
    /// The model, as typed.
    pub model: String,
    /// The tier.
    pub tier: &'static str,
    /// The caching assumption.
    pub caching: &'static str,
    /// The assumed share of cached input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_share: Option<Share>,
    /// Whether it rests on an assumption about the usage.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub modelled: bool,
    /// The total; null when there is no price.
    pub total_usd: Option<Money>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// The meter that has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meter: Option<&'static str>,
    /// The total by meter.
    pub by_meter: Vec<EstimateLine>,
}

/// A meter's part of an estimate.
#[derive(Debug, Clone, Serialize)]
pub struct EstimateLine {
    /// The meter; `web_search_content` for the input billed with search calls.
    pub meter: &'static str,
    /// How much of it.
    pub quantity: u128,
    /// The published rate.
    pub rate: String,
    /// What the rate is for.
    pub per: &'static str,
    /// What the published rate is multiplied by, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<String>,
    /// What it costs.
    pub usd: Money,
    /// Who vouches for the rate.
    pub evidence: &'static str,
    /// The meter whose rate was borrowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub borrowed_from: Option<&'static str>,
}
