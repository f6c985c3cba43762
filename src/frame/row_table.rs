//! Rows written as a Parquet file: one row group is in memory at a time, and its size does
//! not depend on how the rows come.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use polars_parquet::parquet::FallibleStreamingIterator;
use polars_parquet::parquet::error::ParquetError;
use polars_parquet::parquet::metadata::SchemaDescriptor;
use polars_parquet::parquet::page::CompressedPage;
use polars_parquet::parquet::schema::Repetition;
use polars_parquet::parquet::schema::types::{
    IntegerType, ParquetType, PhysicalType, PrimitiveConvertedType, PrimitiveLogicalType, TimeUnit,
};
use polars_parquet::parquet::write::{
    DynIter, DynStreamingIterator, FileWriter, Version, WriteOptions,
};

use super::register::Register;
use super::row_group::{AMOUNT, Group, Sheet};
use super::rows::{Cells, RowColumn, TableRows};

/// Rows of a row group.
const GROUP: usize = 64 * 1024;

/// Digits of an amount, and those of them that are decimals: what 96 bits hold, as many
/// programs have decimals.
const DIGITS: (usize, usize) = (28, 18);

/// A Parquet file of rows being written. Text is optional `STRING`, whole numbers required
/// `UINT_64`, times optional `TIMESTAMP` in microseconds of UTC, amounts optional
/// `DECIMAL(28, 18)`.
pub struct RowTable<W: Write> {
    columns: Vec<RowColumn>,
    register: Arc<Register>,
    /// Rows that wait, with how many of each part were written.
    parts: VecDeque<(usize, TableRows)>,
    /// How many wait.
    waiting: usize,
    writer: FileWriter<Telling<W>>,
    told: Arc<Told>,
    /// For each sheet its stamps in the group.
    sheets: Vec<Sheet>,
}

impl<W: Write> std::fmt::Debug for RowTable<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowTable").field("columns", &self.columns.len()).finish_non_exhaustive()
    }
}

impl<W: Write> RowTable<W> {
    /// Begins a file with columns. The first sheet of stamps says which times and amounts are
    /// there.
    pub fn new(columns: Vec<RowColumn>, register: Arc<Register>, out: W) -> io::Result<Self> {
        let types: Result<Vec<ParquetType>, ParquetError> = columns.iter().map(type_of).collect();
        let schema = SchemaDescriptor::new("rows".into(), types.map_err(io::Error::other)?);
        let options = WriteOptions { write_statistics: false, version: Version::V1 };
        let told = Arc::<Told>::default();
        let out = Telling { out, told: Arc::clone(&told) };
        let writer = FileWriter::new(out, schema, options, Some("tierwise".to_owned()));
        let none = TableRows::of(&columns);
        let sheets = none.stamps.iter().map(|_| Sheet::default()).collect();
        Ok(Self { columns, register, parts: VecDeque::new(), waiting: 0, writer, told, sheets })
    }

    /// Adds rows.
    pub fn push(&mut self, rows: TableRows) -> io::Result<()> {
        if rows.rows == 0 {
            self.register.keep(rows);
            return Ok(());
        }
        self.waiting = self.waiting.saturating_add(rows.rows);
        self.parts.push_back((0, rows));
        while self.waiting >= GROUP {
            self.write(GROUP)?;
        }
        Ok(())
    }

    /// Writes what is left, and the end of the file.
    pub fn finish(mut self) -> io::Result<()> {
        if self.waiting > 0 {
            self.write(self.waiting)?;
        }
        self.writer.end(None).map_err(|error| self.told.of(error))?;
        Ok(())
    }

    /// Writes so many of the rows that wait.
    fn write(&mut self, rows: usize) -> io::Result<()> {
        let Self { columns, register, parts, writer, told, sheets, .. } = self;
        let mut left = rows;
        let mut own = Vec::with_capacity(parts.len());
        for (first, part) in &*parts {
            let end = first.saturating_add(left).min(part.rows);
            own.push((*first..end, part));
            left = left.saturating_sub(end.saturating_sub(*first));
        }
        let (many, group) = (rows, Group { rows, parts: own });
        let (known, levels) = group.known(columns, register, sheets)?;
        let descriptors = writer.schema().columns().to_vec();
        let all = columns.iter().zip(&descriptors).zip(&known);
        let pages = all.map(|((column, of), known)| {
            let of = (column.cells, of.descriptor.clone());
            let pages = group.pages(of, known, (sheets, &levels))?;
            Ok(DynStreamingIterator::new(Written { pages, next: 0 }))
        });
        let rows = u64::try_from(rows).unwrap_or(u64::MAX);
        writer.write(rows, DynIter::new(pages)).map_err(|error| told.of(error))?;
        self.pass(many);
        Ok(())
    }

    /// Goes behind rows that were written.
    fn pass(&mut self, rows: usize) {
        self.waiting = self.waiting.saturating_sub(rows);
        let mut left = rows;
        while let Some((first, part)) = self.parts.front_mut() {
            let own = part.rows.saturating_sub(*first);
            if own > left {
                *first = first.saturating_add(left);
                return;
            }
            left = left.saturating_sub(own);
            self.parts.pop_front().into_iter().for_each(|(_, part)| self.register.keep(part));
        }
    }
}

/// Pages that are written one after the other.
struct Written {
    pages: Vec<CompressedPage>,
    next: usize,
}

impl FallibleStreamingIterator for Written {
    type Item = CompressedPage;
    type Error = ParquetError;

    fn advance(&mut self) -> Result<(), ParquetError> {
        self.next = self.next.saturating_add(1);
        Ok(())
    }

    fn get(&self) -> Option<&CompressedPage> {
        self.pages.get(self.next.checked_sub(1)?)
    }
}

fn type_of(column: &RowColumn) -> Result<ParquetType, ParquetError> {
    use PrimitiveConvertedType as Converted;
    let (precision, scale) = DIGITS;
    let (physical, repetition, converted, logical) = match column.cells {
        Cells::Word { .. } => (
            PhysicalType::ByteArray,
            Repetition::Optional,
            Converted::Utf8,
            PrimitiveLogicalType::String,
        ),
        Cells::Count(_) => (
            PhysicalType::Int64,
            Repetition::Required,
            Converted::Uint64,
            PrimitiveLogicalType::Integer(IntegerType::UInt64),
        ),
        Cells::Time { .. } => (
            PhysicalType::Int64,
            Repetition::Optional,
            Converted::TimestampMicros,
            PrimitiveLogicalType::Timestamp {
                unit: TimeUnit::Microseconds,
                is_adjusted_to_utc: true,
            },
        ),
        Cells::Amount { .. } => (
            PhysicalType::FixedLenByteArray(AMOUNT),
            Repetition::Optional,
            Converted::Decimal(precision, scale),
            PrimitiveLogicalType::Decimal(precision, scale),
        ),
    };
    let name = column.name.as_str().into();
    ParquetType::try_from_primitive(
        name,
        physical,
        repetition,
        Some(converted),
        Some(logical),
        None,
    )
}

/// What a file said when it could not be written, which the writer of Parquet does not say.
#[derive(Debug, Default)]
struct Told(Mutex<Option<io::Error>>);

impl Told {
    /// That, or else an error of the writer.
    fn of(&self, error: ParquetError) -> io::Error {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        told.unwrap_or_else(|| io::Error::other(error))
    }
}

/// A file that is written, and whom it tells what went wrong.
struct Telling<W> {
    out: W,
    told: Arc<Told>,
}

impl<W> Telling<W> {
    fn tell<T>(&self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            let kind = error.kind();
            *self.told.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            kind.into()
        })
    }
}

impl<W: Write> Write for Telling<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.out.write(buffer);
        self.tell(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.out.flush();
        self.tell(flushed)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use polars::prelude::{AnyValue, ParquetReader, SerReader as _};
    use proptest::prelude::*;

    use super::*;
    use crate::frame::{Numbering, Stamp, put};
    use crate::money::Money;

    /// A row: two words, the second on a sheet of its own, a count, and a time and an amount
    /// that may be absent.
    type Row = (Option<&'static str>, Option<u32>, u64, Option<i64>, Option<i128>);

    fn columns() -> Vec<RowColumn> {
        let cells = [
            ("word", Cells::Word { sheet: 0, at: 0 }),
            ("label", Cells::Word { sheet: 1, at: 0 }),
            ("count", Cells::Count(0)),
            ("unused", Cells::Count(1)),
            ("time", Cells::Time { at: 0, bit: 0 }),
            ("amount", Cells::Amount { at: 0, bit: 1 }),
            ("never", Cells::Amount { at: 1, bit: 2 }),
        ];
        let column = |(name, cells): (&str, Cells)| RowColumn { name: name.to_owned(), cells };
        cells.into_iter().map(column).collect()
    }

    fn rows(of: &[Row], numbering: &mut Numbering) -> TableRows {
        let mut rows = TableRows::of(&columns());
        for (row, (word, label, count, time, amount)) in of.iter().enumerate() {
            let there = u64::from(time.is_some()) | u64::from(amount.is_some()) << 1;
            let word = numbering.word(*word);
            let label = numbering.word(label.map(|label| label.to_string()).as_deref());
            let first = numbering.stamp(Stamp { words: [word].into(), there });
            rows.stamps[0].push(first);
            rows.stamps[1].push(numbering.stamp(Stamp { words: [label].into(), there: 0 }));
            put(&mut rows.counts[0], row, *count);
            put(&mut rows.times[0], row, time.unwrap_or(0));
            rows.amounts[0].put(row, Money::from_atto(amount.unwrap_or(0)));
            rows.rows = row + 1;
        }
        rows
    }

    /// A file of rows that come in parts.
    fn file(parts: &[&[Row]]) -> Vec<u8> {
        let (register, mut bytes) = (Arc::<Register>::default(), Vec::new());
        let mut table = RowTable::new(columns(), Arc::clone(&register), &mut bytes).unwrap();
        let mut numbering = Numbering::new(register);
        for part in parts {
            table.push(rows(part, &mut numbering)).unwrap();
        }
        table.finish().unwrap();
        bytes
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "polars adds types")]
    fn read(bytes: Vec<u8>) -> Vec<String> {
        let frame = ParquetReader::new(Cursor::new(bytes)).finish().unwrap();
        let text = |value: AnyValue<'_>| match value {
            AnyValue::Null => "-".to_owned(),
            AnyValue::UInt64(count) => count.to_string(),
            AnyValue::Datetime(micros, ..) | AnyValue::DatetimeOwned(micros, ..) => {
                micros.to_string()
            }
            AnyValue::Decimal(atto, 28, 18) => atto.to_string(),
            value => value.get_str().unwrap().to_owned(),
        };
        let row = |at| {
            let cells = frame.columns().iter().map(|column| text(column.get(at).unwrap()));
            cells.collect::<Vec<_>>().join(" ")
        };
        (0..frame.height()).map(row).collect()
    }

    fn said((word, label, count, time, amount): &Row) -> String {
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let time = time.map(|seconds| (seconds * 1_000_000).to_string());
        let label = label.map(|label| label.to_string());
        let amount = amount.map(|amount| amount.to_string());
        let [label, time, amount] = [label, time, amount].map(or_none);
        format!("{} {label} {count} 0 {time} {amount} -", word.unwrap_or("-"))
    }

    fn row() -> impl Strategy<Value = Row> {
        let largest = 10_i128.pow(28) - 1;
        (
            proptest::option::of(proptest::sample::select(vec!["gpt-4o", "ü", "=1"])),
            proptest::option::of(0..40_u32),
            prop_oneof![Just(0), 0..9_u64, Just(u64::MAX)],
            proptest::option::of(-62_135_596_800..253_402_207_200_i64),
            proptest::option::of(prop_oneof![0..99_i128, Just(-largest), Just(largest)]),
        )
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            log in proptest::collection::vec(row(), 0..90),
            parts in proptest::collection::vec(1_usize..40, 1..5),
        ) {
            let (mut left, mut own) = (log.as_slice(), Vec::new());
            for many in parts {
                let (part, rest) = left.split_at(many.min(left.len()));
                own.push(part);
                left = rest;
            }
            own.push(left);
            prop_assert_eq!(read(file(&own)), log.iter().map(said).collect::<Vec<_>>());
        }
    }

    /// A disk that is full.
    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_the_disk_says_is_told() {
        let mut table = RowTable::new(columns(), Arc::default(), Full).unwrap();
        table.push(TableRows::of(&columns())).unwrap();
        assert_eq!(table.finish().unwrap_err().kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn an_amount_that_the_column_does_not_hold_is_an_error() {
        let register = Arc::<Register>::default();
        let mut table = RowTable::new(columns(), Arc::clone(&register), Vec::new()).unwrap();
        let mut numbering = Numbering::new(register);
        let log = [(None, None, 0, None, Some(10_i128.pow(28)))];
        table.push(rows(&log, &mut numbering)).unwrap();
        assert!(table.finish().unwrap_err().to_string().contains("28 digits"));
    }

    #[test]
    fn row_groups_do_not_depend_on_how_the_rows_come() {
        let row = |at: u32| -> Row {
            let word = if at.is_multiple_of(7) { None } else { Some("a") };
            (
                word,
                Some(at % 1000),
                u64::from(at),
                Some(at.into()),
                at.is_multiple_of(3).then_some(1),
            )
        };
        let log: Vec<Row> = (0..).map(row).take(2 * GROUP + 5).collect();
        let whole = file(&[&log]);
        for size in [GROUP, GROUP - 1, 1 + GROUP / 3] {
            assert!(file(&log.chunks(size).collect::<Vec<_>>()) == whole, "{size}");
        }
        assert_eq!(read(whole), log.iter().map(said).collect::<Vec<_>>());
    }
}
