//! Rows of a table, by column, as they are before they are written.

use std::ops::Range;

use super::amounts::Amounts;

/// A column of a table of rows, and where its cells are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowColumn {
    /// Its name.
    pub name: String,
    /// Where its cells are.
    pub cells: Cells,
}

/// Where the cells of a column are: the places count those of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cells {
    /// Text: a word of the stamps of a sheet, where there is one.
    Word {
        /// Which of the stamps that each row has.
        sheet: usize,
        /// Which of its words.
        at: usize,
    },
    /// Whole numbers, always there.
    Count(usize),
    /// Seconds since 1970, where the first stamp of a row has the bit.
    Time {
        /// Which of the times.
        at: usize,
        /// The bit.
        bit: u32,
    },
    /// Amounts, where the first stamp of a row has the bit.
    Amount {
        /// Which of the amounts.
        at: usize,
        /// The bit.
        bit: u32,
    },
}

/// Some rows. A column of numbers may end before the last row: the others are zero.
#[derive(Debug, Default)]
pub struct TableRows {
    /// How many there are.
    pub rows: usize,
    /// The numbers of the stamps of each row, a list for each sheet.
    pub stamps: Vec<Vec<u32>>,
    /// Whole numbers.
    pub counts: Vec<Vec<u64>>,
    /// Seconds since 1970.
    pub times: Vec<Vec<i64>>,
    /// Amounts.
    pub amounts: Vec<Amounts>,
}

impl TableRows {
    /// Takes all rows out; their memory stays.
    pub(super) fn clear(&mut self) {
        self.rows = 0;
        self.stamps.iter_mut().for_each(Vec::clear);
        self.counts.iter_mut().for_each(Vec::clear);
        self.times.iter_mut().for_each(Vec::clear);
        self.amounts.iter_mut().for_each(Amounts::clear);
    }

    /// None, with room for the cells of some columns.
    pub fn of(columns: &[RowColumn]) -> Self {
        let mut places = [0_usize; 4];
        for column in columns {
            let (kind, at) = match column.cells {
                Cells::Word { sheet, .. } => (0, sheet),
                Cells::Count(at) => (1, at),
                Cells::Time { at, .. } => (2, at),
                Cells::Amount { at, .. } => (3, at),
            };
            if let Some(places) = places.get_mut(kind) {
                *places = (*places).max(at.saturating_add(1));
            }
        }
        let [sheets, counts, times, amounts] = places;
        Self {
            rows: 0,
            stamps: vec![Vec::new(); sheets],
            counts: vec![Vec::new(); counts],
            times: vec![Vec::new(); times],
            amounts: std::iter::repeat_with(Amounts::default).take(amounts).collect(),
        }
    }
}

/// Puts a number of a row into a column that has those of rows before it.
pub fn put<T: Copy + Default + PartialEq>(column: &mut Vec<T>, row: usize, value: T) {
    if value != T::default() {
        column.resize(row, T::default());
        column.push(value);
    }
}

/// The numbers of some rows, but for those after the last one.
pub(super) fn within<T>(numbers: &[T], rows: Range<usize>) -> &[T] {
    numbers.get(rows.start..rows.end.min(numbers.len())).unwrap_or_default()
}
