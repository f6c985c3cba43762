//! A Parquet file as a stream of comma-separated text: a header, then its rows.
//!
//! Whole numbers, decimals and text keep every digit; times are written with
//! their zone. A nested column becomes text that no count accepts. One row group
//! is in memory at a time. Whatever the reader does with a damaged file, panics
//! included, is an error here.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use polars::prelude::{AnyValue, DataFrame, ParquetReader, PolarsError, SerReader, TimeUnit};

/// Rows that are turned into text at a time.
const BATCH: usize = 8 * 1024;

/// A Parquet file as a stream of comma-separated text.
#[derive(Debug)]
pub struct ParquetText {
    path: PathBuf,
    /// First row and number of rows of the row groups that are left.
    groups: VecDeque<(usize, usize)>,
    frame: DataFrame,
    /// The next row of `frame`.
    row: usize,
    /// Some records, and how much of them has been read.
    text: Cursor<Vec<u8>>,
}

impl ParquetText {
    /// Opens a file. Fails where it is no Parquet file, or a damaged one.
    pub fn open(path: &Path) -> io::Result<Self> {
        let groups = guarded(|| {
            let mut reader = ParquetReader::new(File::open(path)?);
            let mut first: usize = 0;
            let groups = reader.get_metadata()?.row_groups.iter().map(|group| {
                let rows = group.num_rows();
                let start = first;
                first = first.saturating_add(rows);
                (start, rows)
            });
            Ok(groups.collect())
        })?;
        let mut text = Self {
            path: path.to_owned(),
            groups,
            frame: DataFrame::empty(),
            row: 0,
            text: Cursor::default(),
        };
        // A file without rows still has its header.
        text.load((0, 0))?;
        let names: Vec<String> =
            text.frame.get_column_names().iter().map(ToString::to_string).collect();
        text.write(names.iter().map(String::as_bytes))?;
        Ok(text)
    }

    fn load(&mut self, slice: (usize, usize)) -> io::Result<()> {
        let path = &self.path;
        self.frame =
            guarded(|| ParquetReader::new(File::open(path)?).with_slice(Some(slice)).finish())?;
        self.row = 0;
        Ok(())
    }

    fn write<'f>(&mut self, fields: impl Iterator<Item = &'f [u8]>) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(self.text.get_mut());
        writer.write_record(fields)?;
        writer.flush()
    }

    /// Makes more text; false at the end.
    fn more(&mut self) -> io::Result<bool> {
        self.text.set_position(0);
        self.text.get_mut().clear();
        while self.row >= self.frame.height() {
            match self.groups.pop_front() {
                None => return Ok(false),
                Some(group) => self.load(group)?,
            }
        }
        let end = self.row.saturating_add(BATCH).min(self.frame.height());
        for row in self.row..end {
            let fields = guarded(|| {
                let columns = self.frame.columns().iter();
                columns
                    .map(|column| column.get(row).map(|value| text_of(&value)))
                    .collect::<Result<Vec<_>, _>>()
            })?;
            self.write(fields.iter().map(String::as_bytes))?;
        }
        self.row = end;
        Ok(true)
    }
}

impl Read for ParquetText {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.text.read(buffer)?;
            if count > 0 || buffer.is_empty() || !self.more()? {
                return Ok(count);
            }
        }
    }
}

thread_local! {
    /// Whether a panic of this thread is caught and told as an error.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Keeps panics that become errors off standard error: those of the Parquet
/// reader on a damaged file, on its own threads or under a guard.
pub fn quiet_reader_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let thread = std::thread::current();
        let of_reader = thread.name().is_some_and(|name| name.starts_with("polars-"));
        if !of_reader && !GUARDED.get() {
            before(info);
        }
    }));
}

/// Runs a reader; its errors and panics become "invalid data".
fn guarded<T>(run: impl FnOnce() -> Result<T, PolarsError>) -> io::Result<T> {
    GUARDED.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(run));
    GUARDED.set(false);
    match outcome {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(io::Error::new(io::ErrorKind::InvalidData, error.to_string())),
        Err(_panic) => Err(io::Error::new(io::ErrorKind::InvalidData, "the Parquet reader failed")),
    }
}

/// A value as a log would write it.
#[expect(clippy::wildcard_enum_match_arm, reason = "polars adds types; those write themselves")]
fn text_of(value: &AnyValue<'_>) -> String {
    match value {
        AnyValue::Null => String::new(),
        AnyValue::String(text) => (*text).to_owned(),
        AnyValue::Boolean(flag) => flag.to_string(),
        // The shortest text that reads back as the same number.
        AnyValue::Float64(number) => format!("{number}"),
        AnyValue::Float32(number) => format!("{number}"),
        AnyValue::Date(days) => date(*days),
        AnyValue::Datetime(ticks, unit, zone) => datetime(*ticks, *unit, zone.is_some()),
        other => other.str_value().into_owned(),
    }
}

fn date(days: i32) -> String {
    let epoch = Date::constant(1970, 1, 1);
    let date =
        epoch.checked_add(jiff::SignedDuration::from_hours(i64::from(days).saturating_mul(24)));
    date.map_or_else(|_| days.to_string(), |date| date.to_string())
}

/// A time in RFC 3339, without a zone where the column has none.
fn datetime(ticks: i64, unit: TimeUnit, zoned: bool) -> String {
    let timestamp = match unit {
        TimeUnit::Nanoseconds => Timestamp::from_nanosecond(i128::from(ticks)),
        TimeUnit::Microseconds => Timestamp::from_microsecond(ticks),
        TimeUnit::Milliseconds => Timestamp::from_millisecond(ticks),
    };
    let Ok(timestamp) = timestamp else { return ticks.to_string() };
    let text = timestamp.to_string();
    if zoned { text } else { text.trim_end_matches('Z').to_owned() }
}
