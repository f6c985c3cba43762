//! The view model, which is also the shape of the JSON report. Fields may be
//! added; those that are here keep their names.

mod group;

pub use group::{GroupInfo, GroupRow, GroupScenario, GroupTable};

use std::collections::BTreeMap;

use serde::Serialize;

use crate::ledger::RowCounts;
use crate::money::{Money, Share};

/// Version of the JSON report.
pub const SCHEMA_VERSION: u32 = 1;

/// A whole report.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Version of this shape.
    pub schema_version: u32,
    /// Program and version.
    pub tool: Tool,
    /// What was asked.
    pub arguments: super::Arguments,
    /// Always `USD`.
    pub currency: &'static str,
    /// The rates that were used.
    pub rate_book: RateBookInfo,
    /// The inputs, sorted by path.
    pub inputs: Vec<InputInfo>,
    /// The account of every row.
    pub rows: RowCounts,
    /// The time that the rows span.
    pub period: PeriodInfo,
    /// The totals.
    pub scenarios: Vec<ScenarioInfo>,
    /// The tiers of the cheapest scenario.
    pub assignments: Vec<AssignmentInfo>,
    /// What the logs say was billed, where they say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billed: Option<BilledInfo>,
    /// The sum of [`BilledInfo`], on its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billed_usd: Option<Money>,
    /// The credit that was given, where one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit: Option<CreditInfo>,
    /// The asked groups.
    pub groups: GroupTable,
    /// Rows without a price.
    pub unpriced: Vec<UnpricedInfo>,
    /// Rejected records, by file, field and reason.
    pub rejects: Vec<RejectInfo>,
    /// Dropped duplicates.
    pub duplicates: Duplicates,
    /// Names that were not exact ids.
    pub matches: Vec<MatchInfo>,
    /// Rows by where their tier came from.
    pub tier_source: BTreeMap<&'static str, u64>,
    /// Requested and served tiers that differ.
    pub tier_mismatch: Vec<MismatchInfo>,
    /// Things in the usage that deserve a look; none changes a cost.
    pub findings: Vec<Note>,
    /// What a reader needs to know.
    pub notes: Vec<Note>,
    /// Limits that were set, and whether they were passed.
    pub gates: Vec<GateInfo>,
}

/// Program and version.
#[derive(Debug, Clone, Serialize)]
pub struct Tool {
    /// `tierwise`.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// The rates that were used.
#[derive(Debug, Clone, Serialize)]
pub struct RateBookInfo {
    /// Version of the program that it is part of.
    pub version: &'static str,
    /// The newest day on which rates were checked.
    pub as_of: String,
    /// SHA-256 of all cards.
    pub sha256: String,
    /// The layers, strongest first.
    pub layers: Vec<LayerInfo>,
}

/// One layer of rates.
#[derive(Debug, Clone, Serialize)]
pub struct LayerInfo {
    /// Its name.
    pub name: String,
    /// Whose prices.
    pub provider: String,
    /// Who vouches for them.
    pub evidence: &'static str,
    /// When they were last checked.
    pub checked: String,
    /// Where they come from.
    pub source: String,
}

/// One input.
#[derive(Debug, Clone, Serialize)]
pub struct InputInfo {
    /// Its name.
    pub path: String,
    /// Its format; null for an empty file.
    pub format: Option<&'static str>,
    /// Its size as it is stored.
    pub bytes: u64,
    /// What its rows became.
    pub rows: RowCounts,
}

/// The time that rows span.
#[derive(Debug, Clone, Serialize)]
pub struct PeriodInfo {
    /// The earliest start.
    pub from: Option<String>,
    /// The latest start or end.
    pub to: Option<String>,
    /// The first day with usage, in the zone.
    pub first_day: Option<String>,
    /// The last day with usage, in the zone.
    pub last_day: Option<String>,
    /// The zone of days, weeks and months.
    pub timezone: String,
}

/// How much usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct VolumeInfo {
    /// Rows.
    pub rows: u64,
    /// Requests.
    pub requests: u128,
    /// Tokens.
    pub tokens: u128,
}

/// One scenario.
#[derive(Debug, Clone, Serialize)]
pub struct ScenarioInfo {
    /// The tier assignment.
    pub tier: &'static str,
    /// The caching assumption.
    pub caching: &'static str,
    /// The share of each modality's input that is assumed to be cached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_share: Option<Share>,
    /// Whether it rests on an assumption about the usage.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub modelled: bool,
    /// The terms of the tier.
    pub terms: &'static str,
    /// The total.
    pub total_usd: Money,
    /// Lowest and highest, where the context of aggregated rows is not settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range_usd: Option<RangeInfo>,
    /// The total at list prices; null where these do not price the same rows.
    pub list_usd: Option<Money>,
    /// The total at contracted prices.
    pub contracted_usd: Money,
    /// The total minus what the same rows cost as recorded.
    pub delta_usd: Money,
    /// The total with the providers' own rates alone, where others took part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_only_usd: Option<Money>,
    /// The usage that has a price under this tier.
    pub covered: VolumeInfo,
    /// The usage that has none.
    pub fallback: FallbackInfo,
    /// The total by meter.
    pub by_meter: Vec<MeterInfo>,
    /// The total by who vouches for the rates.
    pub by_evidence: Vec<EvidenceInfo>,
}

/// Lowest and highest.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct RangeInfo {
    /// All requests short, or whichever is less.
    pub low: Money,
    /// All requests long, or whichever is more.
    pub high: Money,
}

/// Usage that a tier cannot price.
#[derive(Debug, Clone, Serialize)]
pub struct FallbackInfo {
    /// Rows.
    pub rows: u64,
    /// Requests.
    pub requests: u128,
    /// Tokens.
    pub tokens: u128,
    /// What it costs at Standard.
    pub usd: Money,
    /// Why.
    pub reasons: Vec<ReasonInfo>,
}

/// Why rows have no price under a tier.
#[derive(Debug, Clone, Serialize)]
pub struct ReasonInfo {
    /// The code.
    pub reason: &'static str,
    /// The meter without a rate.
    pub meter: &'static str,
    /// Rows.
    pub rows: u64,
}

/// A meter's part.
#[derive(Debug, Clone, Serialize)]
pub struct MeterInfo {
    /// The meter.
    pub meter: &'static str,
    /// How much of it.
    pub quantity: u128,
    /// What it costs.
    pub usd: Money,
}

/// The part of one kind of evidence.
#[derive(Debug, Clone, Serialize)]
pub struct EvidenceInfo {
    /// Who vouches.
    pub evidence: &'static str,
    /// The part.
    pub usd: Money,
}

/// A model's cheapest tier.
#[derive(Debug, Clone, Serialize)]
pub struct AssignmentInfo {
    /// For which caching assumption.
    pub caching: &'static str,
    /// The provider whose prices it has.
    pub provider: String,
    /// The model.
    pub model: String,
    /// The tier.
    pub tier: &'static str,
}

/// What the logs say was billed.
#[derive(Debug, Clone, Serialize)]
pub struct BilledInfo {
    /// Rows that say so.
    pub rows: u64,
    /// Their sum.
    pub usd: Money,
    /// Those of them that have a price.
    pub priced_rows: u64,
    /// What these were billed.
    pub priced_billed_usd: Money,
    /// What these cost as recorded.
    pub priced_usd: Money,
    /// Billed minus priced, of these.
    pub difference_usd: Money,
}

/// A credit, on a line of its own: it changes no rate and no scenario.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct CreditInfo {
    /// The credit.
    pub usd: Money,
    /// What of it the recorded cost uses up.
    pub used_usd: Money,
    /// The recorded cost after it.
    pub recorded_after_usd: Money,
}

/// Rows without a price.
#[derive(Debug, Clone, Serialize)]
pub struct UnpricedInfo {
    /// The model as logged; null when the aggregate is not grouped by it.
    pub model: Option<String>,
    /// The code of the reason.
    pub reason: &'static str,
    /// The meter without a rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meter: Option<&'static str>,
    /// The tier without a rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// Rows.
    pub rows: u64,
    /// Tokens.
    pub tokens: u128,
    /// How many of them have a price at Standard.
    pub list_rows: u64,
    /// What those would cost there; null where none has.
    pub list_usd: Option<Money>,
}

/// Rejected records of one file, field and reason.
#[derive(Debug, Clone, Serialize)]
pub struct RejectInfo {
    /// The file.
    pub path: String,
    /// The first one's line.
    pub line: u64,
    /// The field.
    pub field: String,
    /// The code of the reason.
    pub reason: &'static str,
    /// What the first one has there.
    pub detail: String,
    /// How many.
    pub rows: u64,
}

/// Dropped duplicates.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Duplicates {
    /// Rows.
    pub rows: u64,
    /// What they would have cost, as recorded.
    pub usd: Money,
    /// Those that say something else than the row that counts.
    pub differing: u64,
    /// What the logs say was billed for them, where they say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billed_usd: Option<Money>,
}

/// A logged name that is not an exact id.
#[derive(Debug, Clone, Serialize)]
pub struct MatchInfo {
    /// As logged.
    pub logged: String,
    /// What it is priced as.
    pub priced_as: String,
    /// By which rule.
    pub rule: &'static str,
    /// Rows.
    pub rows: u64,
}

/// A tier that was asked for, and another that was served.
#[derive(Debug, Clone, Serialize)]
pub struct MismatchInfo {
    /// Asked for.
    pub requested: String,
    /// Served.
    pub served: String,
    /// Rows.
    pub rows: u64,
}

/// Something to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The code.
    pub code: &'static str,
    /// The text.
    pub message: String,
}

/// A limit.
#[derive(Debug, Clone, Serialize)]
pub struct GateInfo {
    /// Its name.
    pub name: &'static str,
    /// The limit.
    pub limit: String,
    /// The value.
    pub value: String,
    /// Whether the value is over the limit.
    pub tripped: bool,
}
