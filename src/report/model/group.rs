//! Groups in the JSON report.

use std::sync::Arc;

use serde::Serialize;

use crate::money::Money;

/// One group.
#[derive(Debug, Clone, Serialize)]
pub struct GroupInfo {
    /// The asked properties and their values, null where a row has none.
    #[serde(serialize_with = "as_object")]
    pub key: Vec<(Arc<str>, Option<Arc<str>>)>,
    /// Rows.
    pub rows: u64,
    /// Requests.
    pub requests: u128,
    /// Usage by meter.
    #[serde(serialize_with = "as_object")]
    pub quantities: Vec<(&'static str, u128)>,
    /// The totals.
    pub scenarios: Vec<GroupScenario>,
}

/// One scenario of a group.
#[derive(Debug, Clone, Serialize)]
pub struct GroupScenario {
    /// The tier assignment.
    pub tier: &'static str,
    /// The caching assumption.
    pub caching: &'static str,
    /// The total.
    pub total_usd: Money,
    /// The total minus what the same rows cost as recorded.
    pub delta_usd: Money,
    /// Rows that the tier cannot price.
    pub fallback_rows: u64,
}

/// Pairs as a JSON object, in their order.
fn as_object<S: serde::Serializer, N: Serialize, V: Serialize>(
    pairs: &[(N, V)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}
