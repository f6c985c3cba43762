//! The raw shape of a card file, for the reader alone. Spans are kept where a
//! value may be refused, for the line in the message.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCard {
    pub(super) schema: Spanned<u32>,
    pub(super) layer: String,
    pub(super) provider: String,
    pub(super) evidence: Spanned<String>,
    pub(super) table: Spanned<String>,
    /// Where a price comes from whose line names no other source.
    pub(super) source: String,
    pub(super) checked: Spanned<Datetime>,
    /// Short names for the other sources.
    #[serde(default)]
    pub(super) sources: BTreeMap<String, RawSource>,
    /// The region of rows that name none.
    pub(super) default_region: Option<String>,
    /// The provider whose list prices models without a price here have.
    pub(super) borrows: Option<String>,
    #[serde(default)]
    pub(super) models: Vec<Spanned<RawModel>>,
    #[serde(default)]
    pub(super) tools: Vec<RawTool>,
    #[serde(default)]
    pub(super) factors: Vec<RawFactor>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSource {
    pub(super) text: String,
    /// Without it: the card's.
    pub(super) evidence: Option<Spanned<String>>,
    /// Without it: the card's.
    pub(super) checked: Option<Spanned<Datetime>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawModel {
    pub(super) id: String,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    pub(super) context_window: Option<u64>,
    pub(super) max_output: Option<u64>,
    #[serde(default)]
    pub(super) images_bill_as_text: bool,
    pub(super) web_search_block: Option<u32>,
    #[serde(default)]
    pub(super) bands: BTreeMap<String, Spanned<RawBand>>,
    pub(super) prices: Vec<RawPrice>,
    /// What the provider states as an estimate: never used for a price.
    #[serde(default)]
    pub(super) estimates: Vec<RawPrice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBand {
    /// Strict: the band begins above this total input.
    pub(super) over: Option<u64>,
    /// Inclusive: the band begins at this total input.
    pub(super) at_least: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPrice {
    pub(super) tier: Spanned<String>,
    pub(super) band: Option<Spanned<String>>,
    /// Where it holds; without it, in every region.
    #[serde(default)]
    pub(super) regions: Vec<String>,
    /// Without it: since before the book.
    pub(super) from: Option<Spanned<Datetime>>,
    pub(super) to: Option<Spanned<Datetime>>,
    pub(super) usd: BTreeMap<String, Spanned<String>>,
    pub(super) source: Option<Spanned<String>>,
    pub(super) confidence: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTool {
    pub(super) meter: Spanned<String>,
    /// The models it holds for; without it, every model of the provider.
    #[serde(default)]
    pub(super) models: Vec<Spanned<String>>,
    pub(super) prices: Vec<RawToolPrice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawToolPrice {
    pub(super) from: Option<Spanned<Datetime>>,
    pub(super) to: Option<Spanned<Datetime>>,
    pub(super) usd: Spanned<String>,
    pub(super) source: Option<Spanned<String>>,
    pub(super) confidence: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFactor {
    pub(super) name: String,
    pub(super) multiplier: Spanned<String>,
    #[serde(default)]
    pub(super) models: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) tiers: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) meters: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) regions: Vec<String>,
    pub(super) from: Option<Spanned<Datetime>>,
    pub(super) to: Option<Spanned<Datetime>>,
    pub(super) source: Option<Spanned<String>>,
    pub(super) confidence: Option<Spanned<String>>,
}
