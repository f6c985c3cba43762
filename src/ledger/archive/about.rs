//! What an archive says of itself: its cuts, and what became of each input.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Read};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::ledger::{BilledSum, Cuts, FileAccount, Period, RowCounts, Tally};
use crate::money::Money;
use crate::rates::Threshold;
use crate::usage::Instant;

/// The version of the table.
const VERSION: u32 = 1;

/// The cuts that a ledger was made with.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct CutsInfo {
    version: u32,
    zone: String,
    thresholds: Vec<String>,
    /// The names of all columns, in their order.
    columns: Vec<String>,
    /// Rows, and sums by meter, of all records of both kinds.
    rows: u64,
    sums: BTreeMap<String, String>,
}

impl CutsInfo {
    /// Of cuts, the columns of a table, and what its records sum up to.
    pub(super) fn of(
        cuts: &Cuts,
        columns: Vec<String>,
        (rows, sums): (u64, &BTreeMap<&str, u128>),
    ) -> Self {
        let zone = cuts.zone().iana_name().unwrap_or("UTC").to_owned();
        let thresholds = cuts.thresholds().iter().map(|threshold| shown(*threshold));
        let sums = sums.iter().map(|(meter, sum)| ((*meter).to_owned(), sum.to_string()));
        let (thresholds, sums) = (thresholds.collect(), sums.collect());
        Self { version: VERSION, zone, thresholds, columns, rows, sums }
    }

    /// Whether this program reads the table.
    pub(super) const fn is_known(&self) -> bool {
        self.version == VERSION
    }

    /// Whether a table has these columns.
    pub(super) fn has_columns(&self, header: &csv::StringRecord) -> bool {
        header.iter().eq(self.columns.iter().map(String::as_str))
    }

    /// Whether the records that were read are all that were written.
    pub(super) fn is_whole(&self, rows: u64, sums: &BTreeMap<&str, u128>) -> bool {
        let same = |(meter, sum): (&String, &String)| {
            sums.get(meter.as_str()).copied().unwrap_or(0).to_string() == *sum
        };
        rows == self.rows && self.sums.iter().all(same)
    }

    pub(super) fn thresholds(&self) -> Option<Vec<Threshold>> {
        self.thresholds.iter().map(|text| threshold(text)).collect()
    }
}

/// A threshold as text: `>272000`, or `>=200000`.
pub(super) fn shown(threshold: Threshold) -> String {
    let sign = if threshold.exclusive { ">" } else { ">=" };
    format!("{sign}{}", threshold.tokens)
}

/// The threshold of a text.
pub(super) fn threshold(text: &str) -> Option<Threshold> {
    let (digits, exclusive) = match text.strip_prefix(">=") {
        Some(digits) => (digits, false),
        None => (text.strip_prefix('>')?, true),
    };
    Some(Threshold { tokens: digits.parse().ok()?, exclusive })
}

/// What became of an input.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InputInfo {
    path: String,
    sha256: String,
    format: Option<String>,
    bytes: u64,
    rows: RowCounts,
    tally: Tally,
    differing: u64,
    from: Option<i64>,
    to: Option<i64>,
    last: Option<i64>,
    billed_only_rows: u64,
    billed_only_usd: String,
}

impl InputInfo {
    /// Of an account, and the digest of its file.
    pub fn new(account: &FileAccount, sha256: String) -> Self {
        let seconds = |at: Option<Instant>| at.map(Instant::seconds);
        Self {
            path: account.path.clone(),
            sha256,
            format: account.format.map(str::to_owned),
            bytes: account.bytes,
            rows: account.rows,
            tally: account.tally,
            differing: account.differing,
            from: seconds(account.period.from),
            to: seconds(account.period.to),
            last: seconds(account.period.last()),
            billed_only_rows: account.billed_only.rows,
            billed_only_usd: account.billed_only.usd.exact(),
        }
    }

    /// The input's name.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its format.
    pub fn format(&self) -> Option<&str> {
        self.format.as_deref()
    }

    /// Its size in bytes.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether some of its rows are usage.
    pub const fn is_used(&self) -> bool {
        self.rows.priced > 0 || self.rows.unpriced > 0
    }

    /// The time that its rows span.
    pub fn period(&self) -> Option<Period> {
        let at = |seconds: Option<i64>| seconds.map(|at| Instant::from_seconds(at).ok_or(()));
        Some(Period::restored(
            at(self.from).transpose().ok()?,
            at(self.to).transpose().ok()?,
            at(self.last).transpose().ok()?,
        ))
    }

    /// Whether it has amounts without usage.
    pub(super) const fn has_bills(&self) -> bool {
        self.billed_only_rows > 0
    }

    /// The digest of its file; empty where it was a stream.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Adds all but the rows that have or lack a price to an account.
    pub(super) fn add_to(&self, account: &mut FileAccount) -> Option<()> {
        let (usd, _) = Money::parse_rounded(&self.billed_only_usd).ok()?;
        let rows = RowCounts { priced: 0, unpriced: 0, ..self.rows };
        let used = self.rows.priced.checked_add(self.rows.unpriced)?;
        let rows = RowCounts { read: rows.read.checked_sub(used)?, ..rows };
        let tally = Tally { cut_apart: 0, ..self.tally };
        account.add(&rows, &tally, &self.period()?);
        account.differing = account.differing.saturating_add(self.differing);
        account.billed_only.add(&BilledSum { rows: self.billed_only_rows, usd, overflow: false });
        Some(())
    }

    /// Rejected rows.
    pub(super) const fn rejected(&self) -> u64 {
        self.rows.rejected
    }
}

/// The SHA-256 of a stream, in hexadecimal.
pub fn sha256_of(mut stream: impl Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let read = match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(buffer.get(..read).unwrap_or_default());
    }
    let mut text = String::new();
    for byte in hash.finalize() {
        // Writing to a `String` does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}
