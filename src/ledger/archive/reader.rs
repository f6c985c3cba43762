//! From a table back to a ledger, for any rate book: where its cuts lie within those of
//! the table, as if the logs themselves had been read.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use super::about::{CutsInfo, InputInfo};
use super::mapping::{Mapping, check_day};
use super::record::{Columns, Texts, row_of};
use super::{CELL, CUTS, INPUT, MARK, REPEATED};
use crate::formats::{Ask, Labels, Reject};
use crate::ledger::{Cell, Cuts, FileAccount, Key, Ledger, Period, RowCounts, meter_bit};
use crate::rates::Threshold;
use crate::usage::UsageRow;

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
    /// It has amounts without usage, and they cannot be filtered.
    #[error(
        "{path}: this ledger has amounts without usage, of which no more than their sum is \
         known; leave out `--from`, `--to` and `--where`, or read the logs"
    )]
    Bills {
        /// The file.
        path: String,
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
        header: &header,
        about: None,
        rows: 0,
        sums: BTreeMap::new(),
    };
    for (number, record) in (1_u64..).zip(reader.records()) {
        let record = record.map_err(|error| malformed(number, error.to_string()))?;
        reading.take(&record).map_err(|problem| match problem {
            Problem::What(what) => malformed(number, what),
            Problem::CutDay(what) => ArchiveError::CutDay { path: path.to_owned(), what },
            Problem::Bills => ArchiveError::Bills { path: path.to_owned() },
        })?;
    }
    let whole =
        reading.about.as_ref().is_some_and(|about| about.is_whole(reading.rows, &reading.sums));
    if !whole {
        return Err(malformed(0, "its records are not those that were written".to_owned()));
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
    Bills,
}

impl From<String> for Problem {
    fn from(what: String) -> Self {
        Self::What(what)
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
    header: &'r csv::StringRecord,
    /// What the table says of itself.
    about: Option<CutsInfo>,
    /// What its records sum up to.
    rows: u64,
    sums: BTreeMap<&'static str, u128>,
}

impl Reading<'_, '_> {
    fn take(&mut self, record: &csv::StringRecord) -> Result<(), Problem> {
        match record.get(0) {
            Some(CUTS) => self.cuts_of_table(self.columns.about(record)),
            Some(INPUT) => self.input(self.columns.about(record)),
            Some(kind @ (CELL | REPEATED)) => self.cell(record, kind == REPEATED),
            _ => Err(Problem::What("its kind is unknown".to_owned())),
        }
    }

    fn cuts_of_table(&mut self, about: &str) -> Result<(), Problem> {
        let cuts: CutsInfo = serde_json::from_str(about).map_err(|e| e.to_string())?;
        if !cuts.is_known() {
            return Err(Problem::What("it is of a newer version".to_owned()));
        }
        if !cuts.has_columns(self.header) {
            let what = "its columns are not those it was written with";
            return Err(Problem::What(what.to_owned()));
        }
        self.thresholds = cuts.thresholds().ok_or_else(|| "its cuts".to_owned())?;
        self.about = Some(cuts);
        Ok(())
    }

    fn input(&mut self, about: &str) -> Result<(), Problem> {
        let input: InputInfo = serde_json::from_str(about).map_err(|e| e.to_string())?;
        if self.ask.leaves_out() && input.has_bills() {
            return Err(Problem::Bills);
        }
        let account = &mut self.restored.account;
        input.add_to(account).ok_or_else(|| "what became of an input".to_owned())?;
        let detail = format!("rejected when {} was read", input.path());
        let reject = Reject::new("record", "rejected_before", detail);
        account.rejected.add_many(1, &reject, input.rejected());
        self.restored.inputs.push(input);
        Ok(())
    }

    fn cell(&mut self, record: &csv::StringRecord, repeated: bool) -> Result<(), Problem> {
        let texts = Texts { record, columns: &self.columns };
        let labels = texts.labels();
        let (rows, requests) = texts.counts()?;
        let totals = texts.totals()?;
        let billed = texts.billed()?;
        let (start, end) = (texts.instant("start")?, texts.instant("end")?);
        check_day(self.cuts, self.ask, (start, end)).map_err(Problem::CutDay)?;
        self.rows = self.rows.saturating_add(rows);
        for (meter, sum) in totals.nonzero() {
            let all = self.sums.entry(meter.name()).or_default();
            *all = all.saturating_add(sum);
        }
        let row = row_of(&texts, start);
        let format = texts.get("format").unwrap_or_default();
        let account = &mut self.restored.account;
        if !(self.keep)(&row, &labels, format) {
            leave_out(&mut account.rows, rows, repeated);
            return Ok(());
        }
        if !repeated {
            self.kept.add(&Period::of_row(start, end));
        }
        for (seen, label) in account.labels_seen.iter_mut().zip(&labels) {
            *seen |= label.is_some();
        }
        let mapping = Mapping { cuts: self.cuts, theirs: &self.thresholds };
        let single = rows == 1 && requests == 1;
        let class = mapping.class(&texts, (totals.total_input(), requests), single)?;
        let (until, time_settled) = mapping.until(texts.instant("until")?, (start, end));
        if !(class.settled && time_settled) {
            account.tally.cut_apart = account.tally.cut_apart.saturating_add(rows);
        }
        let ledger = if repeated { &mut self.restored.repeated } else { &mut self.restored.ledger };
        let kept_labels = self.ask.grouped(&labels);
        let key = Key {
            segment: start.map(|start| self.cuts.segment(start).start),
            until,
            class: class.average,
            highest: class.highest,
            limits: self.cuts.limits(texts.limit("window")?, texts.limit("cap")?),
            billed: billed.is_some(),
            meters: totals.nonzero().fold(0, |mask, (meter, _)| mask | meter_bit(meter)),
            ..ledger.key(&row, format, &kept_labels, (None, None))
        };
        let billed = (key.billed, billed.unwrap_or_default());
        ledger.add_cell(key, &Cell::restored((rows, requests), billed, &totals));
        Ok(())
    }
}

/// Counts a record's rows as filtered; those that repeat others are no longer duplicates.
fn leave_out(counts: &mut RowCounts, rows: u64, repeated: bool) {
    let moved = if repeated { rows.min(counts.duplicate) } else { rows };
    counts.filtered = counts.filtered.saturating_add(moved);
    if repeated {
        counts.duplicate = counts.duplicate.saturating_sub(moved);
    } else {
        counts.read = counts.read.saturating_add(moved);
    }
}
