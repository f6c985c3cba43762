//! The quick reader for records that are read together: each column into numbers,
//! then the rows from them.
#![deny(clippy::arithmetic_side_effects)]

use super::bind::Bound;
use super::columns::{Spot, TOGETHER};
use super::count::Count;
use super::digits::{decimal_at, number_at};
use super::names::Names;
use super::plain::{Again, Plain};
use super::quick::{Day, Quick, QuickRow, Reader, SCALES, Step, amount, digits, pair, time};
use crate::money::Money;
use crate::usage::Instant;

/// What has been read of records, one entry for each of them.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Those that are not of the usual kind.
    odd: Vec<bool>,
    names: Vec<u64>,
    labels: Vec<u32>,
    has_labels: Vec<u8>,
    starts: Vec<Option<(Instant, bool)>>,
    billed: Vec<Option<Money>>,
    counts: Vec<(Count, Vec<u64>)>,
}

impl Table {
    /// Begins some records.
    fn begin(&mut self, records: usize) {
        fn refill<T: Clone>(list: &mut Vec<T>, records: usize, value: T) {
            list.clear();
            list.resize(records, value);
        }
        let records = records.min(TOGETHER);
        refill(&mut self.odd, records, false);
        refill(&mut self.names, records, 0);
        refill(&mut self.labels, records, 0);
        refill(&mut self.has_labels, records, 0);
        // A column that there is, is there for all records; one that is not has none.
        self.starts.resize(records, None);
        self.billed.resize(records, None);
    }

    fn read_counts<'t>(&mut self, count: Count, spots: impl Iterator<Item = Spot<'t>>) {
        let known = self.counts.iter().position(|(known, _)| *known == count);
        let at = known.unwrap_or_else(|| {
            self.counts.push((count, vec![0; TOGETHER]));
            self.counts.len().saturating_sub(1)
        });
        let Some((_, values)) = self.counts.get_mut(at) else { return };
        for ((spot, odd), value) in spots.zip(&mut self.odd).zip(values) {
            *value = number_at(&spot).unwrap_or_else(|| unusual_count(spot, odd));
        }
    }
}

impl Quick {
    /// Begins records that are read together.
    pub(super) fn begin_records(&mut self, records: usize) {
        self.table.begin(records);
        self.row.counts.clear();
    }

    /// Takes the fields of a column.
    pub(super) fn column<'t>(&mut self, reader: usize, spots: impl Iterator<Item = Spot<'t>>) {
        let Self { readers, pairs, day, table, .. } = self;
        let Some(Reader { step, names, .. }) = readers.get_mut(reader) else { return };
        match *step {
            Step::Count(count) => table.read_counts(count, spots),
            Step::Name { shift, bits } => read_names(table, names, (shift, bits), spots),
            Step::Label(at) => {
                let ids = table.labels.iter_mut().zip(&mut table.has_labels);
                for ((spot, odd), (labels, has)) in spots.zip(&mut table.odd).zip(ids) {
                    let Some(id) = name(names, spot, odd) else { continue };
                    let bit = 1_u8.checked_shl(at);
                    match pair(pairs, *labels, (at, id)).zip(bit) {
                        Some((known, bit)) => (*labels, *has) = (known, *has | bit),
                        None => *odd = true,
                    }
                }
            }
            Step::Start => read_times(table, day, spots),
            Step::Billed => read_amounts(table, spots),
            Step::Requests => each(table, spots, |text| digits(text) == Some(1)),
            Step::None => each(table, spots, |_| false),
            Step::Kind(kinds) => each(table, spots, |text| {
                let Plain::Text(kind) = text else { return false };
                kinds.iter().any(|known| known.as_bytes() == kind)
            }),
        }
    }

    /// Notes which records have a JSON number in a column: no name is one.
    pub(super) fn numbers(&mut self, reader: usize, records: &mut dyn Iterator<Item = usize>) {
        let step = self.readers.get(reader).map(|reader| reader.step);
        if matches!(step, Some(Step::Name { .. } | Step::Label(_) | Step::Kind(_))) {
            for at in records {
                if let Some(odd) = self.table.odd.get_mut(at) {
                    *odd = true;
                }
            }
        }
    }

    /// A record as a row; `None` where it is not of the usual kind.
    #[inline]
    pub(super) fn record_row<'r>(
        &'r mut self,
        at: usize,
        bound: &'r Bound,
        again: &'r Again<'r>,
    ) -> Option<QuickRow<'r>> {
        let (row, table) = (&mut self.row, &self.table);
        if *table.odd.get(at)? {
            return None;
        }
        row.names = *table.names.get(at)?;
        (row.labels, row.has_labels) = (*table.labels.get(at)?, *table.has_labels.get(at)?);
        (row.start, row.billed) = (*table.starts.get(at)?, *table.billed.get(at)?);
        row.counts.begin();
        for (count, values) in &table.counts {
            row.counts.set(*count, *values.get(at)?);
        }
        self.end(bound, again)
    }
}

/// Fields that have to be something where they have a value.
fn each<'t>(
    table: &mut Table,
    spots: impl Iterator<Item = Spot<'t>>,
    is_usual: impl Fn(Plain<'_>) -> bool,
) {
    for (spot, odd) in spots.zip(&mut table.odd) {
        let text = Plain::of_text(spot.text());
        *odd |= text != Plain::Absent && !is_usual(text);
    }
}

#[cold]
fn unusual_count(spot: Spot<'_>, odd: &mut bool) -> u64 {
    let text = Plain::of_text(spot.text());
    let value = if text == Plain::Absent { Some(0) } else { digits(text) };
    *odd |= value.is_none();
    value.unwrap_or(0)
}

/// The number of a name; `None` for none, and for one that is not of the usual kind.
#[expect(clippy::inline_always, reason = "a call for each name of each row costs as much again")]
#[inline(always)]
fn name(names: &mut Names, spot: Spot<'_>, odd: &mut bool) -> Option<u32> {
    names.known_at(&spot).or_else(|| unusual_name(names, spot, odd))
}

#[inline(never)]
fn unusual_name(names: &mut Names, spot: Spot<'_>, odd: &mut bool) -> Option<u32> {
    let id = names.id_at(&spot);
    if id.is_none() {
        *odd |= Plain::of_text(spot.text()) != Plain::Absent;
    }
    id
}

fn read_names<'t>(
    table: &mut Table,
    names: &mut Names,
    (shift, bits): (u32, u32),
    spots: impl Iterator<Item = Spot<'t>>,
) {
    let rows = table.odd.iter_mut().zip(&mut table.names);
    for (spot, (odd, row)) in spots.zip(rows) {
        let Some(id) = name(names, spot, odd) else { continue };
        *odd |= id.unbounded_shr(bits) != 0;
        *row |= u64::from(id).unbounded_shl(shift);
    }
}

fn read_amounts<'t>(table: &mut Table, spots: impl Iterator<Item = Spot<'t>>) {
    let rows = table.odd.iter_mut().zip(&mut table.billed);
    for (spot, (odd, billed)) in spots.zip(rows) {
        *billed = decimal_at(&spot).and_then(|(units, decimals)| {
            let scale = *SCALES.get(18_usize.checked_sub(decimals)?)?;
            Some(Money::from_atto(i128::from(units).wrapping_mul(i128::from(scale))))
        });
        if billed.is_none() {
            let text = Plain::of_text(spot.text());
            *billed = amount(text);
            *odd |= billed.is_none() && text != Plain::Absent;
        }
    }
}

fn read_times<'t>(table: &mut Table, day: &mut Day, spots: impl Iterator<Item = Spot<'t>>) {
    let rows = table.odd.iter_mut().zip(&mut table.starts);
    for (spot, (odd, start)) in spots.zip(rows) {
        let text = Plain::of_text(spot.text());
        *start = time(text, day);
        *odd |= start.is_none() && text != Plain::Absent;
    }
}
