//! From a table back to a ledger, for any rate book: where its cuts lie within those of
//! the table, as if the logs themselves had been read.

use std::io::Read;
use std::sync::Arc;

use super::about::{CutsInfo, threshold};
use super::{CELL, CUTS, INPUT, InputInfo, LABEL, MARK, REPEATED, TEXTS};
use crate::formats::{Ask, Labels, MAX_LABELS, Reject};
use crate::ledger::{Cell, Cuts, FileAccount, Key, Ledger, Period};
use crate::money::Money;
use crate::rates::Threshold;
use crate::usage::{Instant, Meter, Origin, Quantities, ServiceTier, TierSource, Totals, UsageRow};

/// A ledger file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// It is not as it is written.
    #[error("{path}: record {record}: not a ledger file as tierwise writes it: {what}")]
    Malformed {
        /// The file.
        path: String,
        /// The record, from 1.
        record: u64,
        /// What is wrong.
        what: String,
    },
    /// It is grouped by less than is asked.
    #[error(
        "{path}: this ledger was saved without `{label}`; save it again with `tierwise ledger --by {label}`"
    )]
    NoLabel {
        /// The file.
        path: String,
        /// The property.
        label: String,
    },
    /// It has days, and a part of one is asked.
    #[error("{path}: this ledger has the sums of whole days of UTC, and {what} cuts one")]
    CutDay {
        /// The file.
        path: String,
        /// What cuts it.
        what: &'static str,
    },
}

/// Whether a text begins as a ledger's table.
pub fn is_archive(head: &[u8]) -> bool {
    head.strip_prefix(MARK.as_bytes()).is_some_and(|rest| rest.starts_with(b","))
}

/// A ledger from its table.
#[derive(Debug)]
pub struct Restored {
    /// The sums.
    pub ledger: Ledger,
    /// The sums of rows that repeat others.
    pub repeated: Ledger,
    /// What became of the rows, those that have or lack a price left out.
    pub account: FileAccount,
    /// What it was made of.
    pub inputs: Vec<InputInfo>,
}

/// Says whether a record's rows are kept, given one row of their words.
pub type Keep<'k> = dyn FnMut(&UsageRow<'_>, &Labels<'_>, &str) -> bool + 'k;

/// Reads the table `path`.
pub fn restore(
    text: impl Read,
    path: &str,
    (cuts, ask): (&Arc<Cuts>, &Ask),
    keep: &mut Keep<'_>,
) -> Result<Restored, ArchiveError> {
    let mut reader = csv::ReaderBuilder::new().has_headers(true).from_reader(text);
    let malformed =
        |record, what: String| ArchiveError::Malformed { path: path.to_owned(), record, what };
    let header = reader.headers().map_err(|error| malformed(0, error.to_string()))?.clone();
    let columns = Columns::new(&header, ask, path)?;
    let mut account = FileAccount::new(path.to_owned(), None);
    account.format = Some("tierwise-ledger");
    let mut reading = Reading {
        columns,
        thresholds: Vec::new(),
        restored: Restored {
            ledger: Ledger::new(Arc::clone(cuts)),
            repeated: Ledger::new(Arc::clone(cuts)),
            account,
            inputs: Vec::new(),
        },
        cuts,
        ask,
        keep,
        kept: Period::default(),
    };
    for (number, record) in (1_u64..).zip(reader.records()) {
        let record = record.map_err(|error| malformed(number, error.to_string()))?;
        reading.take(&record).map_err(|problem| match problem {
            Problem::What(what) => malformed(number, what),
            Problem::CutDay(what) => ArchiveError::CutDay { path: path.to_owned(), what },
        })?;
    }
    let Reading { mut restored, kept, .. } = reading;
    if restored.account.rows.filtered > 0 {
        // Of what is left no more is known than its days.
        restored.account.period = kept;
    }
    Ok(restored)
}

/// What is wrong with a record.
enum Problem {
    What(String),
    CutDay(&'static str),
}

impl From<String> for Problem {
    fn from(what: String) -> Self {
        Self::What(what)
    }
}

/// Where the columns are.
struct Columns {
    texts: [Option<usize>; TEXTS.len()],
    /// The column of each asked property.
    labels: Vec<usize>,
    rows: Option<usize>,
    requests: Option<usize>,
    meters: Vec<(Meter, usize)>,
}

impl Columns {
    fn new(header: &csv::StringRecord, ask: &Ask, path: &str) -> Result<Self, ArchiveError> {
        let column = |name: &str| header.iter().position(|column| column == name);
        let mut labels = Vec::new();
        for label in ask.labels() {
            let at = column(&format!("{LABEL}{}", label.name()));
            let (path, label) = (path.to_owned(), label.name().to_owned());
            labels.push(at.ok_or(ArchiveError::NoLabel { path, label })?);
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
}

struct Reading<'r, 'k> {
    columns: Columns,
    /// Those of the table.
    thresholds: Vec<Threshold>,
    restored: Restored,
    cuts: &'r Arc<Cuts>,
    ask: &'r Ask,
    keep: &'r mut Keep<'k>,
    /// The days of the records that are kept.
    kept: Period,
}

/// One record's texts.
struct Texts<'t> {
    record: &'t csv::StringRecord,
    columns: &'t Columns,
}

impl<'t> Texts<'t> {
    fn get(&self, name: &str) -> Option<&'t str> {
        let at = TEXTS.iter().position(|text| *text == name)?;
        let at = self.columns.texts.get(at).copied().flatten()?;
        self.record.get(at).filter(|text| !text.is_empty())
    }

    fn instant(&self, name: &str) -> Result<Option<Instant>, String> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let parsed = Instant::parse_log(text).map(|time| Some(time.instant));
        parsed.ok_or_else(|| format!("{name} is no time"))
    }

    fn threshold(&self, name: &str) -> Result<Option<Threshold>, String> {
        let parsed = self.get(name).map(|text| threshold(text).ok_or(()));
        parsed.transpose().map_err(|()| format!("{name} is no threshold"))
    }

    fn number(&self, at: Option<usize>, name: &str) -> Result<u64, String> {
        let text = at.and_then(|at| self.record.get(at)).unwrap_or_default();
        text.parse().map_err(|_source| format!("{name} is no number"))
    }

    fn limit(&self, name: &str) -> Result<u64, String> {
        let parsed = self.get(name).map_or(Ok(0), str::parse);
        parsed.map_err(|_source| format!("{name} is no number"))
    }
}

impl Reading<'_, '_> {
    fn take(&mut self, record: &csv::StringRecord) -> Result<(), Problem> {
        let about = || {
            let texts = Texts { record, columns: &self.columns };
            texts.get("about").unwrap_or_default().to_owned()
        };
        match record.get(0) {
            Some(CUTS) => {
                let cuts: CutsInfo = serde_json::from_str(&about()).map_err(|e| e.to_string())?;
                if !cuts.is_known() {
                    return Err(Problem::What("it is of a newer version".to_owned()));
                }
                self.thresholds = cuts.thresholds().ok_or_else(|| "its cuts".to_owned())?;
            }
            Some(INPUT) => {
                let input: InputInfo = serde_json::from_str(&about()).map_err(|e| e.to_string())?;
                let account = &mut self.restored.account;
                input.add_to(account).ok_or_else(|| "what became of an input".to_owned())?;
                let detail = format!("rejected when {} was read", input.path());
                let reject = Reject::new("record", "rejected_before", detail);
                account.rejected.add_many(1, &reject, input.rejected());
                self.restored.inputs.push(input);
            }
            Some(kind @ (CELL | REPEATED)) => self.cell(record, kind == REPEATED)?,
            _ => return Err(Problem::What("its kind is unknown".to_owned())),
        }
        Ok(())
    }

    fn cell(&mut self, record: &csv::StringRecord, repeated: bool) -> Result<(), Problem> {
        let texts = Texts { record, columns: &self.columns };
        let mut labels = [None; MAX_LABELS];
        for (slot, at) in labels.iter_mut().zip(&self.columns.labels) {
            *slot = record.get(*at).filter(|text| !text.is_empty());
        }
        let (rows, requests) = (
            texts.number(self.columns.rows, "rows")?,
            texts.number(self.columns.requests, "requests")?,
        );
        let mut totals = Totals::default();
        for (meter, at) in &self.columns.meters {
            totals.add(*meter, u128::from(texts.number(Some(*at), meter.name())?));
        }
        let billed = texts.get("billed_usd").map(|text| Money::parse_rounded(text).map(|m| m.0));
        let billed = billed.transpose().map_err(|_source| "billed_usd is no amount".to_owned())?;
        let (start, end) = (texts.instant("start")?, texts.instant("end")?);
        self.check_day(start, end)?;
        let row = row_of(&texts, start);
        let format = texts.get("format").unwrap_or_default();
        let kept = (self.keep)(&row, &labels, format);
        let account = &mut self.restored.account;
        if !kept {
            if !repeated {
                account.rows.filtered = account.rows.filtered.saturating_add(rows);
                account.rows.read = account.rows.read.saturating_add(rows);
            }
            return Ok(());
        }
        self.kept.add(&Period::of_row(start, end));
        for (seen, label) in account.labels_seen.iter_mut().zip(&labels) {
            *seen |= label.is_some();
        }
        let texts = Texts { record, columns: &self.columns };
        let input = totals.total_input();
        let class = self.class(&texts, (input, requests))?;
        let (until, time_settled) = self.until(&texts, start, end)?;
        if !(class.settled && time_settled) {
            let account = &mut self.restored.account;
            account.tally.cut_apart = account.tally.cut_apart.saturating_add(rows);
        }
        let ledger = if repeated { &mut self.restored.repeated } else { &mut self.restored.ledger };
        let limits = self.cuts.limits(texts.limit("window")?, texts.limit("cap")?);
        let kept_labels = self.ask.grouped(&labels);
        let key = ledger.key(&row, format, &kept_labels, (None, None));
        let key = Key {
            segment: start.map(|start| self.cuts.segment(start).start),
            until,
            class: class.average,
            highest: class.highest,
            limits,
            billed: billed.is_some(),
            meters: totals
                .nonzero()
                .fold(0, |mask, (meter, _)| mask | crate::ledger::meter_bit(meter)),
            ..key
        };
        let billed = billed.unwrap_or_default();
        ledger.add_cell(key, &Cell::restored((rows, requests), (key.billed, billed), &totals));
        Ok(())
    }

    /// The sums of a day of UTC are of no day elsewhere.
    fn check_day(&self, start: Option<Instant>, end: Option<Instant>) -> Result<(), Problem> {
        let Some((start, end)) = start.zip(end) else { return Ok(()) };
        let zone = self.cuts.zone();
        if start.date(zone) != end.later(-1).date(zone) {
            return Err(Problem::CutDay("a midnight of `--timezone`"));
        }
        let inside = |limit: Option<Instant>| limit.is_some_and(|at| start < at && at < end);
        if inside(self.ask.from) {
            return Err(Problem::CutDay("`--from`"));
        }
        if inside(self.ask.to) {
            return Err(Problem::CutDay("`--to`"));
        }
        Ok(())
    }

    /// The class of requests by these cuts, of those of the table.
    fn class(&self, texts: &Texts<'_>, (input, requests): (u128, u64)) -> Result<Class, String> {
        let (from, to) = (texts.threshold("context_from")?, texts.threshold("context_to")?);
        let highest = texts.threshold("context_highest")?;
        let reached = |limit: Option<Threshold>| self.cuts.reached_by(limit);
        let inside = |one: &&Threshold| Some(**one) > from && to.is_none_or(|to| **one < to);
        // The context of one request is its own.
        let settled = requests == 1 || !self.cuts.thresholds().iter().any(|one| inside(&one));
        let by_bounds = settled && requests != 1;
        let average = if by_bounds { reached(from) } else { self.cuts.class(input, requests) };
        // The highest class of the table reaches up to its next threshold.
        let above = match highest {
            Some(highest) => self.thresholds.iter().find(|one| **one > highest).copied(),
            None if settled => return Ok(Class { average, highest: 0, settled }),
            None => to,
        };
        let below = |above: Threshold| {
            let all = self.cuts.thresholds().iter();
            u8::try_from(all.filter(|one| **one < above).count()).unwrap_or(u8::MAX)
        };
        let top = self.cuts.class(input, 1);
        Ok(Class { average, highest: above.map_or(top, below).min(top), settled })
    }

    /// The segment that the last instants of a record's rows are in, where prices change
    /// within it; and whether they do not change within its segment of the table.
    fn until(
        &self,
        texts: &Texts<'_>,
        start: Option<Instant>,
        end: Option<Instant>,
    ) -> Result<(Option<Instant>, bool), String> {
        let until = texts.instant("until")?;
        let Some((start, end)) = start.zip(end) else { return Ok((None, true)) };
        let settled = !self.cuts.changes_within(start, end);
        let last = until.or_else(|| (!settled).then(|| end.later(-1)));
        let last = last.filter(|last| self.cuts.changes_within(start, last.later(1)));
        Ok((last.map(|last| self.cuts.segment(last).start), settled))
    }
}

/// The context of a record's requests.
struct Class {
    average: u8,
    highest: u8,
    settled: bool,
}

/// A row with the words of a record.
fn row_of<'t>(texts: &Texts<'t>, start: Option<Instant>) -> UsageRow<'t> {
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
