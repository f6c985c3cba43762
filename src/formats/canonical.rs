//! From the values of a record to a usage row, an empty record, or a rejection
//! that names the field and the reason.

use super::bind::Bound;
use super::calls::Calls;
use super::count::{Count, Counts, Misfit};
use super::keys::row_key;
use super::providers::provider_of;
use super::table::{Scope, Target, Times};
use super::value::{Refusal, Value};
use crate::money::Money;
use crate::usage::{Instant, Origin, Quantities, ServiceTier, TierSource, UsageRow};

/// What a record is.
#[derive(Debug, Clone)]
pub enum Reading<'a> {
    /// A row of usage. Its origin is set by the caller.
    Row(Box<UsageRow<'a>>),
    /// A record without usage: an empty bucket, a failed request, a stream
    /// event without counts; nothing is counted and nothing was billed.
    Empty,
    /// A record that must not be counted.
    Rejected(Reject),
}

/// Why a record is not counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The field, as the log names it; `record` for the whole.
    pub field: String,
    /// The code of the reason.
    pub reason: &'static str,
    /// What was found.
    pub detail: String,
}

/// What a footer calls itself.
const TOTALS: &[&str] = &["total", "totals", "grand total", "sum"];

/// Longest piece of a log that a message repeats.
const QUOTED: usize = 60;

impl Reject {
    /// A rejection.
    pub fn new(field: &str, reason: &'static str, detail: String) -> Self {
        Self { field: field.to_owned(), reason, detail }
    }
}

/// Reads a record of a bound format.
pub(super) fn read<'r>(bound: &'r Bound, values: &'r [Value<'r>]) -> Reading<'r> {
    if !may_have_usage(bound, values) {
        return Reading::Empty;
    }
    let mut parts = Parts::default();
    for (at, value) in values.iter().enumerate() {
        let only = bound.fields.get(at).and_then(|field| field.only);
        if only.is_some_and(|only| !is_of_kind(bound, only, values)) {
            continue;
        }
        if let Err(reject) = parts.take(bound, at, value) {
            return Reading::Rejected(reject);
        }
    }
    parts.count_calls();
    let billed = parts.billed.is_some_and(|(money, _)| money != Money::ZERO);
    if !parts.counts.any() && !billed {
        return empty(bound, values);
    }
    let key = parts.key.map(|key| row_key(bound, key, values));
    match parts.row(bound) {
        Ok(row) => Reading::Row(Box::new(UsageRow { key, ..row })),
        Err(reject) => Reading::Rejected(reject),
    }
}

/// The kind that a record says it is.
fn kind_of<'r>(bound: &Bound, field: &str, values: &'r [Value<'_>]) -> Option<&'r str> {
    let mut notes = bound.fields.iter().zip(values).filter(|(of, _)| of.target == Target::Note);
    let is_field = |name: &std::borrow::Cow<'_, str>| name.trim_start_matches('/') == field;
    notes.find(|(of, _)| of.names.first().is_some_and(is_field))?.1.as_text()
}

/// Whether a record says that it is of a kind.
fn is_of_kind(bound: &Bound, kind: &str, values: &[Value<'_>]) -> bool {
    bound.format.accepts.is_some_and(|(field, _)| kind_of(bound, field, values) == Some(kind))
}

/// Whether a record is of a kind that may have usage; one that does not say may.
fn may_have_usage(bound: &Bound, values: &[Value<'_>]) -> bool {
    let Some((field, kinds)) = bound.format.used_by else { return true };
    kind_of(bound, field, values).is_none_or(|kind| kinds.contains(&kind))
}

/// A record without usage, if it is one of this format.
fn empty<'r>(bound: &Bound, values: &[Value<'_>]) -> Reading<'r> {
    let marks = bound.format.marks;
    let count = |field: &super::table::Field| matches!(field.target, Target::Count(_));
    let counted =
        bound.fields.iter().zip(values).any(|(field, value)| count(field) && value.is_present());
    if marks.is_empty() && bound.framing_is_json() && !counted {
        let detail = "none of the mapped counts is in this record".to_owned();
        return Reading::Rejected(Reject::new("record", "no_counts", detail));
    }
    let is_mark = |names: &[std::borrow::Cow<'_, str>]| {
        names.iter().any(|name| marks.contains(&name.as_ref()))
    };
    let mut fields = bound.fields.iter().zip(values);
    if marks.is_empty()
        || counted
        || fields.any(|(field, value)| value.is_present() && is_mark(&field.names))
    {
        return Reading::Empty;
    }
    let detail = format!("not a record of {}: it has no {}", bound.format.name, marks.join(" or "));
    Reading::Rejected(Reject::new("record", "other_shape", detail.replace('/', "")))
}

/// What a record says of its tier besides naming it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Special {
    /// It was served fast.
    Fast,
    /// It cost nothing.
    Free,
}

/// What has been read of a record.
#[derive(Default)]
struct Parts<'r> {
    start: Option<Instant>,
    end: Option<Instant>,
    zone_assumed: bool,
    requests: Option<u64>,
    provider: Option<&'r str>,
    model: Option<&'r str>,
    served: Option<&'r str>,
    requested: Option<&'r str>,
    batch: Option<bool>,
    endpoint: Option<&'r str>,
    region: Option<&'r str>,
    billed: Option<(Money, bool)>,
    special: Option<Special>,
    key: Option<&'r str>,
    counts: Counts,
    /// Whether the record says how many web searches there were.
    searches_known: bool,
    calls: Calls,
}

impl<'r> Parts<'r> {
    fn take(&mut self, bound: &Bound, at: usize, value: &'r Value<'r>) -> Result<(), Reject> {
        let Some(field) = bound.fields.get(at) else {
            return Ok(());
        };
        let name = || field.names.first().map_or("record", |name| name.trim_start_matches('/'));
        let refuse = |refusal| refused(name(), refusal, value);
        let is_total = matches!(field.target, Target::Start | Target::Model)
            && value
                .as_text()
                .is_some_and(|text| TOTALS.iter().any(|total| text.eq_ignore_ascii_case(total)));
        if is_total {
            return Err(Reject::new(name(), "footer", "a total, not a row of usage".to_owned()));
        }
        match field.target {
            Target::Start => self.start = self.time(bound, value).map_err(refuse)?,
            Target::End => self.end = self.time(bound, value).map_err(refuse)?,
            Target::Provider => self.provider = value.name().map_err(refuse)?,
            Target::Model => self.model = value.name().map_err(refuse)?,
            Target::ModelIs(model) => {
                self.model = self.model.or(value.is_present().then_some(model));
            }
            Target::ServedTier => self.served = value.name().map_err(refuse)?,
            Target::RequestedTier => self.requested = value.name().map_err(refuse)?,
            Target::BatchFlag => self.batch = value.flag().map_err(refuse)?,
            Target::Requests => self.requests = value.count().map_err(refuse)?,
            Target::Endpoint => self.endpoint = value.as_text(),
            Target::Region => self.region = value.name().map_err(refuse)?,
            Target::Billed(unit) => self.billed = value.amount_in(unit).map_err(refuse)?,
            Target::Currency => return check_currency(name(), value),
            Target::FreeIf(word) => {
                self.special = self.special.max(says(value, word).then_some(Special::Free));
            }
            Target::Speed => {
                self.special = self.special.max(says(value, "fast").then_some(Special::Fast));
            }
            Target::Key => self.key = value.as_text(),
            Target::Output => self.calls.add_output(value.as_text().unwrap_or_default()),
            Target::Tools => self.calls.add_tools(value.as_text().unwrap_or_default()),
            Target::Count(count) => {
                if let Some(number) = value.count_in(bound.format.counts_in).map_err(refuse)? {
                    self.searches_known |= count == Count::WebSearch;
                    self.counts.set_any(count, number);
                }
            }
            Target::Note => return check_kind(bound, name(), value),
            Target::Project | Target::User | Target::ApiKey | Target::Column => {}
        }
        Ok(())
    }

    fn time(&mut self, bound: &Bound, value: &Value<'_>) -> Result<Option<Instant>, Refusal> {
        let Times { days, zone } = &bound.format.times;
        let Some(time) = value.time_of(*days)? else { return Ok(None) };
        if let Some(zone) = zone.as_ref().filter(|_| time.zone_assumed) {
            return time.instant.by_the_clock_of(zone).map(Some).ok_or(Refusal::NotATime);
        }
        self.zone_assumed |= time.zone_assumed;
        Ok(Some(time.instant))
    }

    /// Counts the calls of tools that the record does not count itself.
    fn count_calls(&mut self) {
        if !self.searches_known && self.calls.web > 0 {
            self.counts.set(Count::WebSearch, self.calls.web);
        }
        if self.calls.file > 0 {
            self.counts.set(Count::FileSearch, self.calls.file);
        }
        if self.calls.images > 0 {
            self.counts.set(Count::Picture, self.calls.images);
        }
    }

    fn row(self, bound: &'r Bound) -> Result<UsageRow<'r>, Reject> {
        let format = &bound.format;
        let quantities = self.quantities(bound)?;
        let aggregate = format.scope == Scope::Aggregate;
        if !aggregate && self.model.is_none() && self.counts.any() {
            return Err(Reject::new(
                "model",
                "no_model",
                "the row has usage but no model".to_owned(),
            ));
        }
        if aggregate && self.start.is_none() {
            let detail = "the row sums up a period but has no start".to_owned();
            return Err(Reject::new("start_time", "no_time", detail));
        }
        if let (Some(start), Some(end)) = (self.start, self.end)
            && end < start
        {
            let detail = format!("ends at {end}, before its start at {start}");
            return Err(Reject::new("end_time", "ends_before_start", detail));
        }
        let provider = self.provider.map_or(&*format.provider, provider_of);
        let requested_tier = self.requested.and_then(|text| ServiceTier::from_log(text, provider));
        let (tier, tier_source) = self.tier(bound, provider, requested_tier.as_ref());
        let requests = self.requests.unwrap_or(1);
        Ok(UsageRow {
            key: None,
            origin: Origin { file: 0, line: 0 },
            start: self.start,
            end: self.end,
            zone_assumed: self.zone_assumed,
            requests,
            // A sum that does not say of how many requests may be of any number.
            aggregate: requests > 1 || (aggregate && self.requests.unwrap_or(0) == 0),
            provider,
            model: self.model,
            tier,
            tier_source,
            requested_tier,
            endpoint: self.endpoint.unwrap_or_default(),
            region: self.region.unwrap_or_default(),
            quantities,
            sessions: self.calls.sessions(),
            billed: self.billed.map(|(money, _)| money),
            billed_rounded: self.billed.is_some_and(|(_, rounded)| rounded),
        })
    }

    fn quantities(&self, bound: &Bound) -> Result<Quantities, Reject> {
        let parts = self.counts.disjoint(bound.format.cached, bound.format.modality);
        parts.map_err(|overlap| {
            let whole = overlap.whole;
            let verb = match overlap.misfit {
                Misfit::Exceeds => "exceed",
                Misfit::Differs => "do not add up to the",
            };
            let detail = format!("{} {verb} {}", overlap.part, whole.describe());
            let field = bound.fields.iter().find(|field| field.target == Target::Count(whole));
            let name = field.and_then(|field| field.names.first());
            let reason = match overlap.misfit {
                Misfit::Exceeds => "part_over_whole",
                Misfit::Differs => "parts_differ",
            };
            Reject::new(name.map_or("record", |name| name), reason, detail)
        })
    }

    /// The tier that is billed: the envelope's, the batch flag's, the served
    /// one, the requested one, and without any of them Standard.
    fn tier(
        &self,
        bound: &Bound,
        provider: &str,
        requested: Option<&ServiceTier>,
    ) -> (ServiceTier, TierSource) {
        if self.special == Some(Special::Free) {
            return (ServiceTier::Free, TierSource::Flag);
        }
        if let Some(tier) = &bound.format.envelope {
            return (tier.clone(), TierSource::Envelope);
        }
        if self.special == Some(Special::Fast)
            && let Some(fast) = ServiceTier::from_log("fast", provider)
        {
            return (fast, TierSource::Served);
        }
        if self.batch == Some(true) {
            return (ServiceTier::Batch, TierSource::Flag);
        }
        // A sum that is not grouped by its batch flag may hold Batch usage.
        let ungrouped = bound.format.scope == Scope::Aggregate && self.batch.is_none();
        let served = self.served.and_then(|text| ServiceTier::from_log(text, provider));
        match (served, requested) {
            (Some(ServiceTier::Standard), _) if ungrouped => {
                (ServiceTier::Standard, TierSource::Absent)
            }
            (Some(served), _) => (served, TierSource::Served),
            (None, Some(requested)) => (requested.clone(), TierSource::Requested),
            (None, None) => (ServiceTier::Standard, TierSource::Absent),
        }
    }
}

/// A record whose kind the format does not read.
fn check_kind(bound: &Bound, name: &str, value: &Value<'_>) -> Result<(), Reject> {
    let Some((field, kinds)) = bound.format.accepts else {
        return Ok(());
    };
    match value.as_text() {
        Some(kind) if name == field && !kinds.contains(&kind) => {
            let detail = format!("`{}` is not read as {}", shown(kind), bound.format.name);
            Err(Reject::new(field, "other_kind", detail))
        }
        _ => Ok(()),
    }
}

/// Whether a value is a word, however it is written.
fn says(value: &Value<'_>, word: &str) -> bool {
    value.as_text().is_some_and(|text| text.eq_ignore_ascii_case(word))
}

/// Amounts in another currency would be added to dollars.
fn check_currency(name: &str, value: &Value<'_>) -> Result<(), Reject> {
    if !value.is_present() || says(value, "usd") {
        return Ok(());
    }
    let found = shown(value.as_text().unwrap_or_default());
    Err(Reject::new(name, "not_usd", format!("`{found}`: amounts are read in USD alone")))
}

fn refused(name: &str, refusal: Refusal, value: &Value<'_>) -> Reject {
    Reject::new(name, refusal.code(), format!("`{}`", shown(value.as_text().unwrap_or_default())))
}

/// A piece of a log for a message: short, and without control characters.
fn shown(text: &str) -> String {
    let mut out: String =
        text.chars().take(QUOTED).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(QUOTED).is_some() {
        out.push('…');
    }
    out
}
