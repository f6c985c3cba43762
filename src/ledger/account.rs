//! The account of every row: what each record became, per file and in total.

use std::collections::BTreeMap;

use super::{BilledSum, InputInfo};
use crate::formats::{MAX_LABELS, Reject};
use crate::usage::Instant;

/// A rejected record.
pub type Rejection = Reject;

/// What the records of a file became.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct RowCounts {
    /// Records read.
    pub read: u64,
    /// With a price.
    pub priced: u64,
    /// Without one.
    pub unpriced: u64,
    /// Refused, with a reason.
    pub rejected: u64,
    /// Dropped as duplicates.
    pub duplicate: u64,
    /// Without usage.
    pub empty: u64,
    /// Left out by a filter.
    pub filtered: u64,
    /// Billed amounts without usage.
    pub billed_only: u64,
}

impl RowCounts {
    /// Adds other counts.
    pub fn add(&mut self, other: &Self) {
        let pairs = [
            (&mut self.read, other.read),
            (&mut self.priced, other.priced),
            (&mut self.unpriced, other.unpriced),
            (&mut self.rejected, other.rejected),
            (&mut self.duplicate, other.duplicate),
            (&mut self.empty, other.empty),
            (&mut self.filtered, other.filtered),
            (&mut self.billed_only, other.billed_only),
        ];
        for (sum, more) in pairs {
            *sum = sum.saturating_add(more);
        }
    }

    /// The law of conservation: every record read became exactly one thing.
    pub fn is_conserved(&self) -> bool {
        let parts = [
            self.priced,
            self.unpriced,
            self.rejected,
            self.duplicate,
            self.empty,
            self.filtered,
            self.billed_only,
        ];
        parts.into_iter().try_fold(0_u64, u64::checked_add) == Some(self.read)
    }
}

/// Things about rows that a reader should know; none changes a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Tally {
    /// Rows whose time has no zone and was taken as UTC.
    pub zone_assumed: u64,
    /// Rows without a time.
    pub without_time: u64,
    /// Rows whose billed amount has digits beyond 1e-18 USD.
    pub billed_rounded: u64,
    /// Rows whose period begins within the asked one and ends after it, or
    /// began before it.
    pub straddling: u64,
    /// Rows without a time that `--from` or `--to` left out.
    pub untimed_filtered: u64,
    /// Rows whose period spans more than one day of the report's zone.
    pub several_days: u64,
    /// Rows whose period spans a price change.
    pub across_price_change: u64,
    /// Rows of saved sums that another rate book cuts apart.
    pub cut_apart: u64,
}

impl Tally {
    /// Adds another tally.
    pub fn add(&mut self, other: &Self) {
        let pairs = [
            (&mut self.zone_assumed, other.zone_assumed),
            (&mut self.without_time, other.without_time),
            (&mut self.billed_rounded, other.billed_rounded),
            (&mut self.straddling, other.straddling),
            (&mut self.untimed_filtered, other.untimed_filtered),
            (&mut self.several_days, other.several_days),
            (&mut self.across_price_change, other.across_price_change),
            (&mut self.cut_apart, other.cut_apart),
        ];
        for (sum, more) in pairs {
            *sum = sum.saturating_add(more);
        }
    }
}

/// The time that rows span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Period {
    /// The earliest start.
    pub from: Option<Instant>,
    /// The latest start, or the latest end of a row that has one.
    pub to: Option<Instant>,
    /// The last second with usage.
    last: Option<Instant>,
}

impl Period {
    /// The period of one row.
    pub fn of_row(start: Option<Instant>, end: Option<Instant>) -> Self {
        let last = end.map(|end| end.later(-1)).max(start);
        Self { from: start, to: end.or(start), last }
    }

    /// A period that was kept.
    pub(super) const fn restored(
        from: Option<Instant>,
        to: Option<Instant>,
        last: Option<Instant>,
    ) -> Self {
        Self { from, to, last }
    }

    /// The last second with usage.
    pub const fn last(&self) -> Option<Instant> {
        self.last
    }

    /// Adds an instant.
    pub fn add_instant(&mut self, at: Instant) {
        self.from = Some(self.from.map_or(at, |from| from.min(at)));
        self.to = self.to.max(Some(at));
        self.last = self.last.max(Some(at));
    }

    /// Adds another period.
    pub fn add(&mut self, other: &Self) {
        self.from = match (self.from, other.from) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.to = self.to.max(other.to);
        self.last = self.last.max(other.last);
    }
}

/// Rejections of one field and reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRows {
    /// How many.
    pub rows: u64,
    /// The first one's line.
    pub line: u64,
    /// What was found there.
    pub detail: String,
}

/// The rejections of a file, by field and reason.
#[derive(Debug, Clone, Default)]
pub struct RejectedByReason(BTreeMap<(String, &'static str), RejectedRows>);

impl RejectedByReason {
    /// Adds one; lines come in order.
    pub fn add(&mut self, line: u64, rejection: &Rejection) {
        self.add_many(line, rejection, 1);
    }

    /// Adds some.
    pub fn add_many(&mut self, line: u64, rejection: &Rejection, many: u64) {
        if many == 0 {
            return;
        }
        let key = (rejection.field.clone(), rejection.reason);
        let rows = self.0.entry(key).or_insert_with(|| RejectedRows {
            rows: 0,
            line,
            detail: rejection.detail.clone(),
        });
        rows.rows = rows.rows.saturating_add(many);
    }

    /// Field, reason, rows; by the first line.
    pub fn sorted(&self) -> Vec<(&str, &'static str, &RejectedRows)> {
        let mut all: Vec<_> =
            self.0.iter().map(|((field, reason), rows)| (field.as_str(), *reason, rows)).collect();
        all.sort_by_key(|(field, reason, rows)| (rows.line, *field, *reason));
        all
    }
}

/// The account of one input.
#[derive(Debug, Clone)]
pub struct FileAccount {
    /// Its name.
    pub path: String,
    /// Its format; `None` for an empty file.
    pub format: Option<&'static str>,
    /// Its size in bytes, compressed as it is.
    pub bytes: u64,
    /// What its records became.
    pub rows: RowCounts,
    /// Rejections.
    pub rejected: RejectedByReason,
    /// Things to know.
    pub tally: Tally,
    /// The time that its rows span.
    pub period: Period,
    /// Which of the asked properties some row has.
    pub labels_seen: [bool; MAX_LABELS],
    /// Billed amounts of records without usage.
    pub billed_only: BilledSum,
    /// Rows that repeat others and say something else.
    pub differing: u64,
    /// Of a saved ledger: the inputs that it was made of.
    pub made_of: Vec<InputInfo>,
}

impl FileAccount {
    /// Adds what a part of its records became.
    pub fn add(&mut self, rows: &RowCounts, tally: &Tally, period: &Period) {
        self.rows.add(rows);
        self.tally.add(tally);
        self.period.add(period);
    }

    /// An account without rows.
    pub fn new(path: String, bytes: Option<u64>) -> Self {
        Self {
            path,
            format: None,
            bytes: bytes.unwrap_or(0),
            rows: RowCounts::default(),
            rejected: RejectedByReason::default(),
            tally: Tally::default(),
            period: Period::default(),
            labels_seen: [false; MAX_LABELS],
            billed_only: BilledSum::default(),
            differing: 0,
            made_of: Vec::new(),
        }
    }
}
