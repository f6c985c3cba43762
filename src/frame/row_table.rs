//! Rows written as a Parquet file: one row group is in memory at a time, and its size does
//! not depend on how the rows come.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

use polars_parquet::parquet::FallibleStreamingIterator;
use polars_parquet::parquet::error::ParquetError;
use polars_parquet::parquet::metadata::{Descriptor, SchemaDescriptor};
use polars_parquet::parquet::page::CompressedPage;
use polars_parquet::parquet::schema::Repetition;
use polars_parquet::parquet::schema::types::{
    IntegerType, ParquetType, PhysicalType, PrimitiveConvertedType, PrimitiveLogicalType, TimeUnit,
};
use polars_parquet::parquet::write::{
    DynIter, DynStreamingIterator, FileWriter, Version, WriteOptions,
};

use super::pages::{Level, Pages, There};
use super::register::{Entries, Register};
use super::rows::{Cells, RowColumn, TableRows};

/// Rows of a row group.
const GROUP: usize = 64 * 1024;

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
    /// Rows that wait, with how many of each part were written.
    parts: VecDeque<(usize, TableRows)>,
    /// How many wait.
    waiting: usize,
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
    /// Begins a group.
    fn begin(&mut self, all: usize) {
        for old in self.stamps.drain(..) {
            if let Some(slot) = usize::try_from(old).ok().and_then(|at| self.known.get_mut(at)) {
                *slot = 0;
            }
        }
        self.places.clear();
        self.known.resize(all, 0);
    }

    /// Takes those of some of its rows.
    fn take(&mut self, rows: &[u32]) {
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
        let none = TableRows::of(&columns);
        let sheets = none.stamps.iter().map(|_| Sheet::default()).collect();
        Ok(Self { columns, register, parts: VecDeque::new(), waiting: 0, writer, sheets })
    }

    /// Adds rows.
    pub fn push(&mut self, rows: TableRows) -> io::Result<()> {
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
        self.writer.end(None).map_err(failed)?;
        Ok(())
    }

    /// Writes so many of the rows that wait.
    fn write(&mut self, rows: usize) -> io::Result<()> {
        let Self { columns, register, parts, writer, sheets, .. } = self;
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
        writer.write(rows, DynIter::new(pages)).map_err(failed)?;
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

/// What is known of a column of a group before it is made into pages.
struct Known {
    there: Presence,
    words: Words,
}

/// Which rows have a column's cell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    All,
    None,
    /// Those of one of the group's levels.
    Level(usize),
}

/// A column's words: each once, as a dictionary, and how many; and for each stamp its code.
#[derive(Default)]
struct Words {
    texts: Vec<u8>,
    many: usize,
    codes: Vec<u32>,
}

/// The levels of a group, each once: of which sheet, and which of its stamps have the cell.
#[derive(Default)]
struct Levels {
    known: Vec<(usize, Vec<bool>)>,
    all: Vec<Level>,
}

impl Levels {
    /// That of stamps that have a cell.
    fn of(&mut self, at: usize, sheet: &Sheet, has: Vec<bool>) -> Presence {
        if has.iter().all(|has| *has) {
            return Presence::All;
        }
        if !has.contains(&true) {
            return Presence::None;
        }
        let is_own = |(of, known): &(usize, Vec<bool>)| *of == at && *known == has;
        if let Some(level) = self.known.iter().position(is_own) {
            return Presence::Level(level);
        }
        self.all.push(Level::new(&sheet.places, &has));
        self.known.push((at, has));
        Presence::Level(self.known.len().saturating_sub(1))
    }
}

/// A row group as it is before it is written.
struct Group<'g> {
    rows: usize,
    /// Its rows, some of each part.
    parts: Vec<(Range<usize>, &'g TableRows)>,
}

impl Group<'_> {
    /// What the register knows of its columns.
    fn known(
        &self,
        columns: &[RowColumn],
        register: &Register,
        sheets: &mut [Sheet],
    ) -> io::Result<(Vec<Known>, Vec<Level>)> {
        let entries = register.entries();
        if entries.is_full {
            return Err(io::Error::other("there are more different texts than 4294967294"));
        }
        for (at, sheet) in sheets.iter_mut().enumerate() {
            sheet.begin(entries.stamps());
            for (rows, part) in &self.parts {
                let stamps = part.stamps.get(at).and_then(|stamps| stamps.get(rows.clone()));
                sheet.take(stamps.unwrap_or_default());
            }
        }
        let mut levels = Levels::default();
        let mut known = |column: &RowColumn| {
            let (at, words, has) = match column.cells {
                Cells::Word { sheet, at } => {
                    let own = sheets.get(sheet).map(|sheet| sheet.words(at, &entries));
                    let own = own.unwrap_or_default();
                    let has = own.iter().map(|word| *word != 0).collect();
                    (sheet, words(&own, &entries)?, has)
                }
                Cells::Count(_) => (0, Words::default(), Vec::new()),
                Cells::Time { bit, .. } | Cells::Amount { bit, .. } => {
                    let has = sheets.first().map(|sheet| sheet.has(bit, &entries));
                    (0, Words::default(), has.unwrap_or_default())
                }
            };
            let there = match sheets.get(at) {
                Some(sheet) => levels.of(at, sheet, has),
                None => Presence::None,
            };
            Ok(Known { there, words })
        };
        let known = columns.iter().map(&mut known).collect::<io::Result<Vec<Known>>>()?;
        Ok((known, levels.all))
    }

    /// The pages of a column.
    fn pages(
        &self,
        (cells, descriptor): (Cells, Descriptor),
        known: &Known,
        (sheets, levels): (&[Sheet], &[Level]),
    ) -> Result<Vec<CompressedPage>, ParquetError> {
        let pages = Pages::new(self.rows, descriptor, !matches!(cells, Cells::Count(_)));
        let there = match known.there {
            Presence::All => There::All,
            Presence::None => There::None,
            Presence::Level(level) => levels.get(level).map_or(There::None, There::Some),
        };
        let made = match cells {
            Cells::Word { .. } if known.there == Presence::None => {
                pages.plain(std::iter::empty(), there, |_: u8| [0])
            }
            Cells::Word { sheet, .. } => {
                let Words { texts, many, codes } = &known.words;
                let places = sheets.get(sheet).map_or(&[][..], |sheet| &sheet.places);
                match *many {
                    1 => pages.same(texts.clone(), there),
                    many => pages.coded((texts.clone(), many), (places, codes), there),
                }
            }
            Cells::Count(at) => {
                let counts = || self.numbers(at, |part| &part.counts);
                match same(counts()) {
                    Some(count) => pages.same(count.to_le_bytes().to_vec(), there),
                    None => pages.plain(counts(), there, u64::to_le_bytes),
                }
            }
            Cells::Time { at, .. } => {
                let bytes = |seconds: i64| seconds.saturating_mul(MICROS).to_le_bytes();
                pages.plain(self.numbers(at, |part| &part.times), there, bytes)
            }
            Cells::Amount { at, .. } => {
                pages.plain(self.numbers(at, |part| &part.amounts), there, i128::to_be_bytes)
            }
        };
        made.map_err(ParquetError::from)
    }

    /// The numbers of a column: for each part how many rows it has, and the numbers but for
    /// zeros at the end.
    fn numbers<'n, T: 'n>(
        &'n self,
        at: usize,
        of: impl Fn(&'n TableRows) -> &'n Vec<Vec<T>> + 'n,
    ) -> impl Iterator<Item = (usize, &'n [T])> {
        self.parts.iter().map(move |(rows, part)| {
            let all = of(part).get(at).map_or(&[][..], Vec::as_slice);
            let own = all.get(rows.start..rows.end.min(all.len()));
            (rows.len(), own.unwrap_or_default())
        })
    }
}

/// The number that all rows have, if there is one.
fn same<'n>(parts: impl Iterator<Item = (usize, &'n [u64])>) -> Option<u64> {
    let mut same = None;
    for (rows, numbers) in parts {
        let rest = (numbers.len() < rows).then_some(&0);
        for number in numbers.iter().chain(rest) {
            if *same.get_or_insert(*number) != *number {
                return None;
            }
        }
    }
    same
}

/// What is known of a column of words, from the word of each stamp.
fn words(words: &[u32], entries: &Entries) -> io::Result<Words> {
    let (mut order, mut codes) = (indexmap::IndexSet::new(), Vec::with_capacity(words.len()));
    for word in words {
        let (code, _) = if *word == 0 { (0, false) } else { order.insert_full(*word) };
        codes.push(u32::try_from(code).unwrap_or(u32::MAX));
    }
    let mut texts = Vec::new();
    for word in &order {
        let text = entries.word(*word).unwrap_or_default();
        let length = u32::try_from(text.len()).map_err(io::Error::other)?;
        texts.extend_from_slice(&length.to_le_bytes());
        texts.extend_from_slice(text.as_bytes());
    }
    Ok(Words { texts, many: order.len(), codes })
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
