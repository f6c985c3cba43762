//! One record of usage in canonical form.

use super::{Instant, Meter, Quantities, ServiceTier, TierSource};
use crate::money::Money;

/// Where a row stands: the file's number in the run, and its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Position in the run's sorted list of inputs.
    pub file: u32,
    /// Line of the record's first byte, from 1.
    pub line: u64,
}

/// What tells a row from all others, as digests of 128 bits: of its format and key, and
/// of all that was read of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowKey {
    /// Rows with one of these are one row.
    pub key: u128,
    /// Rows with one of these too say the same.
    pub content: u128,
}

/// A container that code ran in: one session, however many rows used it. Which row it
/// counts for is known only beside the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// A digest of its name.
    pub key: u128,
    /// The meter of a container of its size.
    pub meter: Meter,
}

/// One record of usage in canonical form, whatever log it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageRow<'a> {
    /// Where it stands.
    pub origin: Origin,
    /// What tells it from all others, where its log says so.
    pub key: Option<RowKey>,
    /// Start of the request, or of the period that the row sums up.
    pub start: Option<Instant>,
    /// End (exclusive) of the period that the row sums up.
    pub end: Option<Instant>,
    /// Whether the time had no zone and was taken as UTC.
    pub zone_assumed: bool,
    /// Number of requests in the row.
    pub requests: u64,
    /// Whether the row sums up several requests.
    pub aggregate: bool,
    /// Provider, as logged or as the format implies; empty when unknown.
    pub provider: &'a str,
    /// Model as logged; `None` in an aggregate that is not grouped by model.
    pub model: Option<&'a str>,
    /// The tier that is billed.
    pub tier: ServiceTier,
    /// Where the tier came from.
    pub tier_source: TierSource,
    /// The tier that was asked for, where the log says so.
    pub requested_tier: Option<ServiceTier>,
    /// Endpoint or operation, empty when the log has none.
    pub endpoint: &'a str,
    /// Where it was served, empty when the log does not say.
    pub region: &'a str,
    /// Disjoint counts. The sessions are not among them.
    pub quantities: Quantities,
    /// The containers that code ran in.
    pub sessions: Vec<Session>,
    /// What the log says was billed.
    pub billed: Option<Money>,
    /// Whether digits beyond 1e-18 USD of the billed amount were rounded.
    pub billed_rounded: bool,
}

impl UsageRow<'_> {
    /// Counts a session.
    pub fn count_session(&mut self, session: &Session) {
        let known = self.quantities.get(session.meter);
        self.quantities.set(session.meter, known.saturating_add(1));
    }

    /// Counts all its sessions, as where no other row shares them.
    pub fn count_all_sessions(&mut self) {
        for session in std::mem::take(&mut self.sessions) {
            self.count_session(&session);
        }
    }
}

#[cfg(test)]
impl<'a> UsageRow<'a> {
    /// One request of a model at Standard, without usage or a time.
    pub(crate) fn of_model(provider: &'a str, model: &'a str) -> Self {
        Self {
            origin: Origin { file: 0, line: 0 },
            key: None,
            start: None,
            end: None,
            zone_assumed: false,
            requests: 1,
            aggregate: false,
            provider,
            model: Some(model),
            tier: ServiceTier::Standard,
            tier_source: TierSource::Absent,
            requested_tier: None,
            endpoint: "",
            region: "",
            quantities: Quantities::default(),
            sessions: Vec::new(),
            billed: None,
            billed_rounded: false,
        }
    }
}
