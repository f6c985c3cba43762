//! A row group before it is written: what its columns have in common, then their pages, one
//! column after the other.

use std::io;
use std::ops::Range;

use indexmap::IndexSet;
use polars_parquet::parquet::error::ParquetError;
use polars_parquet::parquet::metadata::Descriptor;
use polars_parquet::parquet::page::CompressedPage;

use super::amounts::SomeAmounts;
use super::pages::{Level, Pages, Plain, There, Word};
use super::register::{Entries, Register, Stamp};
use super::rows::{Cells, RowColumn, TableRows, within};

/// Bytes of an amount: the lowest ones of an `i128`, the highest first.
pub(super) const AMOUNT: usize = 12;

/// The largest amount, in attodollars: 28 digits.
pub const MOST_AMOUNT: u128 = 10_u128.pow(28) - 1;

/// Attodollars of a femtodollar.
const ATTO: u64 = 1_000;

/// Microseconds of a second.
const MICROS: i64 = 1_000_000;

/// The stamps of one sheet that a group has.
#[derive(Debug, Default)]
pub(super) struct Sheet {
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
        let Self { stamps, places, known } = self;
        places.extend(rows.iter().map_while(|stamp| {
            let slot = usize::try_from(*stamp).ok().and_then(|at| known.get_mut(at))?;
            if *slot == 0 {
                stamps.push(*stamp);
                *slot = u32::try_from(stamps.len()).unwrap_or(u32::MAX);
            }
            Some(slot.wrapping_sub(1))
        }));
    }

    /// The words at a place of the stamps.
    fn words(&self, at: usize, entries: &Entries) -> Vec<u32> {
        let stamps = self.stamps.iter().map(|stamp| entries.stamp(*stamp));
        let word = |stamp: &Stamp| stamp.words.get(at).copied();
        stamps.map(|stamp| stamp.and_then(word).unwrap_or(0)).collect()
    }

    /// Which of the stamps have a bit.
    fn has(&self, bit: u32, entries: &Entries) -> Vec<bool> {
        let stamps = self.stamps.iter().map(|stamp| entries.stamp(*stamp));
        let has = |stamp: &Stamp| stamp.there & 1_u64.unbounded_shl(bit) != 0;
        stamps.map(|stamp| stamp.is_some_and(has)).collect()
    }
}

/// What is known of a column of a group before it is made into pages.
pub(super) struct Known {
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
pub(super) struct Group<'g> {
    pub(super) rows: usize,
    /// Its rows, some of each part.
    pub(super) parts: Vec<(Range<usize>, &'g TableRows)>,
}

impl Group<'_> {
    /// What the register knows of its columns.
    pub(super) fn known(
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
            if sheet.places.len() != self.rows {
                return Err(io::Error::other("a row has no stamp of its own"));
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
    pub(super) fn pages(
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
                pages.plain::<1>(there).map(Plain::end)
            }
            Cells::Word { sheet, .. } => {
                let Words { texts, many, codes } = &known.words;
                let places = sheets.get(sheet).map_or(&[][..], |sheet| &sheet.places);
                match *many {
                    1 => pages.same(texts.clone(), there),
                    many => pages.coded((texts.clone(), many), (places, codes), there),
                }
            }
            Cells::Count(at) => self.counts(at, pages),
            Cells::Time { at, .. } => pages.plain(there).map(|mut page| {
                for (rows, part) in &self.parts {
                    let times = part.times.get(at).map_or(&[][..], Vec::as_slice);
                    page.add(rows.len(), within(times, rows.clone()), micros);
                }
                page.end()
            }),
            Cells::Amount { at, .. } => self.amounts(at, pages, there),
        };
        made.map_err(ParquetError::from)
    }

    /// The pages of a column of amounts.
    fn amounts(
        &self,
        at: usize,
        pages: Pages,
        there: There<'_>,
    ) -> io::Result<Vec<CompressedPage>> {
        let mut page = pages.plain(there)?;
        for (rows, part) in &self.parts {
            match part.amounts.get(at).map(|amounts| amounts.of(rows.clone())) {
                None => page.add(rows.len(), &[], decimal),
                Some(SomeAmounts::Small(femto)) => {
                    page.add(rows.len(), femto, decimal_of_femto);
                }
                Some(SomeAmounts::Large(atto)) => {
                    if atto.iter().any(|atto| atto.unsigned_abs() > MOST_AMOUNT) {
                        return Err(io::Error::other("an amount has more than 28 digits"));
                    }
                    page.add(rows.len(), atto, decimal);
                }
            }
        }
        Ok(page.end())
    }

    /// The pages of a column of counts.
    fn counts(&self, at: usize, pages: Pages) -> io::Result<Vec<CompressedPage>> {
        let own = self.parts.iter().map(|(rows, part)| {
            let counts = part.counts.get(at).map_or(&[][..], Vec::as_slice);
            (rows.len(), within(counts, rows.clone()))
        });
        let first = own.clone().next().and_then(|(_, counts)| counts.first().copied());
        let first = first.unwrap_or(0);
        let is_same = |(rows, counts): (usize, &[u64])| {
            counts.iter().all(|count| *count == first) && (first == 0 || counts.len() == rows)
        };
        if own.clone().all(is_same) {
            pages.same(first.to_le_bytes().to_vec(), There::All)
        } else {
            Ok(pages.differences(own))
        }
    }
}

/// An amount as its column has it.
fn decimal(atto: i128) -> [Word; AMOUNT / 4] {
    let bytes = atto.to_be_bytes();
    let (words, _) = bytes.as_chunks();
    words.last_chunk().copied().unwrap_or_default()
}

/// An amount in femtodollars as its column has it: the same as that of its attodollars, word by
/// word, as lanes make it of several amounts at once.
#[inline]
fn decimal_of_femto(femto: i64) -> [Word; AMOUNT / 4] {
    const LOW: u64 = 0xffff_ffff;
    let times = |word: u64| word.wrapping_mul(ATTO);
    let words = femto.cast_unsigned();
    let carried = times(words & LOW) >> 32;
    let upper = (femto >> 32).wrapping_mul(ATTO.cast_signed()).wrapping_add(carried.cast_signed());
    let all = times(words);
    [upper.cast_unsigned() >> 32, all >> 32, all].map(|word| {
        let [.., a, b, c, d] = word.to_be_bytes();
        [a, b, c, d]
    })
}

/// A time in seconds as its column has it.
fn micros(seconds: i64) -> [Word; 2] {
    let bytes = seconds.saturating_mul(MICROS).to_le_bytes();
    let (words, _) = bytes.as_chunks();
    words.first_chunk().copied().unwrap_or_default()
}

/// What is known of a column of words, from the word of each stamp.
fn words(words: &[u32], entries: &Entries) -> io::Result<Words> {
    let (mut order, mut codes) = (IndexSet::new(), Vec::with_capacity(words.len()));
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::money::Money;

    proptest! {
        #[test]
        fn femtodollars_are_written_as_their_attodollars(
            femto in prop_oneof![any::<i64>(), -9..9_i64, Just(i64::MAX), Just(i64::MIN)],
        ) {
            prop_assert_eq!(decimal_of_femto(femto), decimal(Money::from_femto(femto).atto()));
        }
    }
}
