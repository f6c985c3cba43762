//! Rows written as a Parquet file: one row group is in memory at a time, and its size does
//! not depend on how the rows come.

use std::io::{self, Write};
use std::sync::Arc;

use polars_parquet::parquet::error::ParquetError;
use polars_parquet::parquet::fallible_streaming_iterator::convert;
use polars_parquet::parquet::metadata::{Descriptor, SchemaDescriptor};
use polars_parquet::parquet::page::CompressedPage;
use polars_parquet::parquet::schema::Repetition;
use polars_parquet::parquet::schema::types::{
    IntegerType, ParquetType, PhysicalType, PrimitiveConvertedType, PrimitiveLogicalType, TimeUnit,
};
use polars_parquet::parquet::write::{
    DynIter, DynStreamingIterator, FileWriter, Version, WriteOptions,
};

use super::pages::{Codes, Pages, Stamped, There};
use super::register::{Entries, Register};
use super::rows::{Cells, RowColumn, TableRows};

/// Rows of a row group.
const GROUP: usize = 32 * 1024;

/// Digits of an amount, and those of them that are decimals.
const DIGITS: (usize, usize) = (38, 18);

/// Microseconds of a second.
const MICROS: i64 = 1_000_000;

/// A Parquet file of rows being written. Text is optional `STRING`, whole numbers required
/// `UINT_64`, times optional `TIMESTAMP` in microseconds of UTC, amounts optional
/// `DECIMAL(38, 18)`.
pub struct RowTable<W: Write> {
    columns: Vec<RowColumn>,
    register: Arc<Register>,
    waiting: TableRows,
    writer: FileWriter<W>,
    /// For each sheet its stamps in the group.
    sheets: Vec<Sheet>,
}

impl<W: Write> std::fmt::Debug for RowTable<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowTable").field("columns", &self.columns.len()).finish_non_exhaustive()
    }
}

/// The stamps of one sheet that a group has.
#[derive(Debug, Default)]
struct Sheet {
    /// Their numbers, in the order in which they are met.
    stamps: Vec<u32>,
    /// For each row the place of its stamp among them.
    places: Vec<u32>,
    /// For each number of a stamp its place and one; 0 for one that the group does not have.
    known: Vec<u32>,
}

impl Sheet {
    /// Takes those of a group's rows.
    fn take(&mut self, rows: &[u32], all: usize) {
        for old in self.stamps.drain(..) {
            if let Some(slot) = usize::try_from(old).ok().and_then(|at| self.known.get_mut(at)) {
                *slot = 0;
            }
        }
        self.places.clear();
        self.known.resize(all, 0);
        for stamp in rows {
            let slot = usize::try_from(*stamp).ok().and_then(|at| self.known.get_mut(at));
            let Some(slot) = slot else { continue };
            if *slot == 0 {
                self.stamps.push(*stamp);
                *slot = u32::try_from(self.stamps.len()).unwrap_or(u32::MAX);
            }
            self.places.push(slot.saturating_sub(1));
        }
    }

    /// The words at a place of the stamps.
    fn words(&self, at: usize, entries: &Entries) -> Vec<u32> {
        let stamps = self.stamps.iter().map(|stamp| entries.stamp(*stamp));
        let word = |stamp: &super::register::Stamp| stamp.words.get(at).copied();
        stamps.map(|stamp| stamp.and_then(word).unwrap_or(0)).collect()
    }

    /// Which of the stamps have a bit.
    fn has(&self, bit: u32, entries: &Entries) -> Vec<bool> {
        let stamps = self.stamps.iter().map(|stamp| entries.stamp(*stamp));
        let has = |stamp: &super::register::Stamp| stamp.there & 1_u64.unbounded_shl(bit) != 0;
        stamps.map(|stamp| stamp.is_some_and(has)).collect()
    }
}

impl<W: Write> RowTable<W> {
    /// Begins a file with columns. The first sheet of stamps says which times and amounts are
    /// there.
    pub fn new(columns: Vec<RowColumn>, register: Arc<Register>, out: W) -> io::Result<Self> {
        let types: Result<Vec<ParquetType>, ParquetError> = columns.iter().map(type_of).collect();
        let schema = SchemaDescriptor::new("rows".into(), types.map_err(failed)?);
        let options = WriteOptions { write_statistics: false, version: Version::V1 };
        let writer = FileWriter::new(out, schema, options, Some("tierwise".to_owned()));
        let waiting = TableRows::of(&columns);
        let sheets = waiting.stamps.iter().map(|_| Sheet::default()).collect();
        Ok(Self { columns, register, waiting, writer, sheets })
    }

    /// Adds rows.
    pub fn push(&mut self, rows: &TableRows) -> io::Result<()> {
        let mut first = 0;
        while first < rows.rows {
            let room = GROUP.saturating_sub(self.waiting.rows);
            let end = first.saturating_add(room).min(rows.rows);
            self.waiting.append(rows, first..end);
            first = end;
            if self.waiting.rows >= GROUP {
                self.write()?;
            }
        }
        Ok(())
    }

    /// Writes what is left, and the end of the file.
    pub fn finish(mut self) -> io::Result<()> {
        if self.waiting.rows > 0 {
            self.write()?;
        }
        self.writer.end(None).map_err(failed)?;
        Ok(())
    }

    fn write(&mut self) -> io::Result<()> {
        let Self { columns, register, waiting, writer, sheets } = self;
        let pages = {
            let entries = register.entries();
            if entries.is_full {
                return Err(io::Error::other("there are more different texts than 4294967294"));
            }
            for (sheet, rows) in sheets.iter_mut().zip(&waiting.stamps) {
                sheet.take(rows, entries.stamps());
            }
            let descriptors = writer.schema().columns().iter();
            let group = Group { waiting, sheets, entries: &entries };
            let own = columns.iter().zip(descriptors);
            let own = own.map(|(column, of)| group.pages(column.cells, of.descriptor.clone()));
            own.collect::<io::Result<Vec<Vec<CompressedPage>>>>()?
        };
        let pages = pages.iter().map(|own| {
            let own = own.iter().map(Ok::<_, ParquetError>);
            Ok(DynStreamingIterator::new(convert(own)))
        });
        let rows = u64::try_from(waiting.rows).unwrap_or(u64::MAX);
        writer.write(rows, DynIter::new(pages)).map_err(failed)?;
        waiting.clear();
        Ok(())
    }
}

/// A row group as it is before it is written.
struct Group<'g> {
    waiting: &'g mut TableRows,
    sheets: &'g [Sheet],
    entries: &'g Entries,
}

impl Group<'_> {
    fn pages(&self, cells: Cells, descriptor: Descriptor) -> io::Result<Vec<CompressedPage>> {
        let TableRows { rows, counts, times, amounts, .. } = &*self.waiting;
        let is_optional = !matches!(cells, Cells::Count(_));
        let pages = Pages::new(*rows, descriptor, is_optional);
        match cells {
            Cells::Word { sheet, at } => self.words(pages, sheet, at),
            Cells::Count(at) => counted(pages, *rows, counts.get(at)),
            Cells::Time { at, bit } => self.there(bit, |there| {
                let bytes = |seconds: i64| seconds.saturating_mul(MICROS).to_le_bytes();
                pages.plain(&whole(*rows, times.get(at), there), there, bytes)
            }),
            Cells::Amount { at, bit } => self.there(bit, |there| {
                pages.plain(&whole(*rows, amounts.get(at), there), there, i128::to_be_bytes)
            }),
        }
    }

    /// Gives which cells are there, by a bit of the first sheet.
    fn there<T>(&self, bit: u32, then: impl FnOnce(There<'_>) -> T) -> T {
        let Some(sheet) = self.sheets.first() else { return then(There::None) };
        let has = sheet.has(bit, self.entries);
        some_of(&Stamped { places: &sheet.places, has: &has }, then)
    }

    fn words(&self, pages: Pages, sheet: usize, at: usize) -> io::Result<Vec<CompressedPage>> {
        let Some(sheet) = self.sheets.get(sheet) else { return pages.plain(&[], There::None, none) };
        let words = sheet.words(at, self.entries);
        let (mut order, mut codes) = (indexmap::IndexSet::new(), Vec::with_capacity(words.len()));
        for word in &words {
            let (code, _) = if *word == 0 { (0, false) } else { order.insert_full(*word) };
            codes.push(u32::try_from(code).unwrap_or(u32::MAX));
        }
        let has: Vec<bool> = words.iter().map(|word| *word != 0).collect();
        let mut texts = Vec::new();
        for word in &order {
            let text = self.entries.word(*word).unwrap_or_default();
            let length = u32::try_from(text.len()).map_err(io::Error::other)?;
            texts.extend_from_slice(&length.to_le_bytes());
            texts.extend_from_slice(text.as_bytes());
        }
        some_of(&Stamped { places: &sheet.places, has: &has }, |there| match there {
            There::None => pages.plain(&[], There::None, none),
            There::All if order.len() == 1 => pages.same(texts),
            There::All | There::Some(_) => {
                let codes = Codes { places: &sheet.places, codes: &codes };
                pages.coded(texts, order.len(), (codes, there))
            }
        })
    }
}

/// The bytes of no number.
const fn none(_: u8) -> [u8; 1] {
    [0]
}

fn some_of<T>(stamped: &Stamped<'_>, then: impl FnOnce(There<'_>) -> T) -> T {
    match stamped.has {
        has if has.iter().all(|has| *has) => then(There::All),
        has if has.contains(&true) => then(There::Some(stamped)),
        _ => then(There::None),
    }
}

/// Whole numbers: those of all rows where they are not all the same.
fn counted(
    pages: Pages,
    rows: usize,
    counts: Option<&Vec<u64>>,
) -> io::Result<Vec<CompressedPage>> {
    let counts = whole(rows, counts, There::All);
    let first = counts.first().copied().unwrap_or(0);
    if counts.iter().all(|count| *count == first) {
        return pages.same(first.to_le_bytes().to_vec());
    }
    pages.plain(&counts, There::All, u64::to_le_bytes)
}

/// The numbers of all rows; none where none is there.
fn whole<'n, T: Copy + Default>(
    rows: usize,
    numbers: Option<&'n Vec<T>>,
    there: There<'_>,
) -> std::borrow::Cow<'n, [T]> {
    match numbers.map(Vec::as_slice).unwrap_or_default() {
        _ if there == There::None => [].as_slice().into(),
        numbers if numbers.len() == rows => numbers.into(),
        numbers => {
            let mut own = numbers.to_vec();
            own.resize(rows, T::default());
            own.into()
        }
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
            PhysicalType::FixedLenByteArray(16),
            Repetition::Optional,
            Converted::Decimal(precision, scale),
            PrimitiveLogicalType::Decimal(precision, scale),
        ),
    };
    let name = column.name.as_str().into();
    ParquetType::try_from_primitive(name, physical, repetition, Some(converted), Some(logical), None)
}

fn failed(error: ParquetError) -> io::Error {
    io::Error::other(error.to_string())
}
