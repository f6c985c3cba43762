//! The words of one record of a ledger's table.

use super::about::threshold;
use super::reader::ArchiveError;
use super::{LABEL, TEXTS};
use crate::formats::{Ask, Labels, MAX_LABELS};
use crate::money::Money;
use crate::rates::Threshold;
use crate::usage::{Instant, Meter, Origin, Quantities, ServiceTier, TierSource, Totals, UsageRow};

/// Where the columns are.
pub(super) struct Columns {
    texts: [Option<usize>; TEXTS.len()],
    /// The column of each asked property, where it has one.
    labels: Vec<Option<usize>>,
    rows: Option<usize>,
    requests: Option<usize>,
    meters: Vec<(Meter, usize)>,
}

impl Columns {
    pub(super) fn new(
        header: &csv::StringRecord,
        ask: &Ask,
        path: &str,
    ) -> Result<Self, ArchiveError> {
        let column = |name: &str| header.iter().position(|column| column == name);
        let mut labels = Vec::new();
        for label in ask.labels() {
            let at = column(&format!("{LABEL}{}", label.name()));
            if at.is_none() && !ask.also.contains(&label) {
                let (path, label) = (path.to_owned(), label.name().to_owned());
                return Err(ArchiveError::NoLabel { path, label });
            }
            labels.push(at);
        }
        let meters = header.iter().enumerate();
        let meters = meters.filter_map(|(at, name)| Some((Meter::from_name(name)?, at)));
        Ok(Self {
            texts: TEXTS.map(column),
            labels,
            rows: column("rows"),
            requests: column("requests"),
            meters: meters.collect(),
        })
    }

    /// What a record says of the table or of an input.
    pub(super) fn about<'t>(&self, record: &'t csv::StringRecord) -> &'t str {
        let at = TEXTS.iter().position(|text| *text == "about");
        let at = at.and_then(|at| self.texts.get(at).copied().flatten());
        at.and_then(|at| record.get(at)).unwrap_or_default()
    }
}

/// One record's texts.
pub(super) struct Texts<'t> {
    pub(super) record: &'t csv::StringRecord,
    pub(super) columns: &'t Columns,
}

impl<'t> Texts<'t> {
    pub(super) fn get(&self, name: &str) -> Option<&'t str> {
        let at = TEXTS.iter().position(|text| *text == name)?;
        let at = self.columns.texts.get(at).copied().flatten()?;
        self.record.get(at).filter(|text| !text.is_empty())
    }

    pub(super) fn instant(&self, name: &str) -> Result<Option<Instant>, String> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let parsed = Instant::parse_log(text).map(|time| Some(time.instant));
        parsed.ok_or_else(|| format!("{name} is no time"))
    }

    pub(super) fn threshold(&self, name: &str) -> Result<Option<Threshold>, String> {
        let parsed = self.get(name).map(|text| threshold(text).ok_or(()));
        parsed.transpose().map_err(|()| format!("{name} is no threshold"))
    }

    /// The asked properties.
    pub(super) fn labels(&self) -> Labels<'t> {
        let mut labels = [None; MAX_LABELS];
        for (slot, at) in labels.iter_mut().zip(&self.columns.labels) {
            *slot = at.and_then(|at| self.record.get(at)).filter(|text| !text.is_empty());
        }
        labels
    }

    /// Rows and requests.
    pub(super) fn counts(&self) -> Result<(u64, u64), String> {
        let rows = self.number(self.columns.rows, "rows")?;
        Ok((rows, self.number(self.columns.requests, "requests")?))
    }

    /// The sums by meter.
    pub(super) fn totals(&self) -> Result<Totals, String> {
        let mut totals = Totals::default();
        for (meter, at) in &self.columns.meters {
            totals.add(*meter, u128::from(self.number(Some(*at), meter.name())?));
        }
        Ok(totals)
    }

    /// The sum of the logged costs, of rows that have them.
    pub(super) fn billed(&self) -> Result<Option<Money>, String> {
        let billed = self.get("billed_usd").map(|text| Money::parse_rounded(text).map(|m| m.0));
        billed.transpose().map_err(|_source| "billed_usd is no amount".to_owned())
    }

    fn number(&self, at: Option<usize>, name: &str) -> Result<u64, String> {
        let text = at.and_then(|at| self.record.get(at)).unwrap_or_default();
        text.parse().map_err(|_source| format!("{name} is no number"))
    }

    pub(super) fn limit(&self, name: &str) -> Result<u64, String> {
        let parsed = self.get(name).map_or(Ok(0), str::parse);
        parsed.map_err(|_source| format!("{name} is no number"))
    }
}

/// A row with the words of a record.
pub(super) fn row_of<'t>(texts: &Texts<'t>, start: Option<Instant>) -> UsageRow<'t> {
    let provider = texts.get("provider").unwrap_or_default();
    let tier = |name: &str| ServiceTier::from_log(name, provider);
    UsageRow {
        origin: Origin { file: 0, line: 0 },
        key: None,
        start,
        end: None,
        zone_assumed: false,
        requests: 1,
        aggregate: false,
        provider,
        model: texts.get("model"),
        tier: texts.get("tier").and_then(tier).unwrap_or(ServiceTier::Standard),
        tier_source: texts.get("tier_source").and_then(TierSource::from_name).unwrap_or_default(),
        requested_tier: texts.get("requested_tier").and_then(tier),
        endpoint: texts.get("endpoint").unwrap_or_default(),
        region: texts.get("region").unwrap_or_default(),
        quantities: Quantities::default(),
        sessions: Vec::new(),
        billed: None,
        billed_rounded: false,
    }
}
