//! Priced rows as rows of a table.

use std::sync::Arc;

use super::{Cell, Kind, columns};
use crate::formats::{COUNTED, bits};
use crate::frame::{Cells, MOST_AMOUNT, Numbering, Register, RowColumn, Stamp, TableRows, put};
use crate::money::Money;
use crate::scenario::OutOfRange;
use crate::usage::{Instant, Meter};

/// How many costs a row has: one for each of its scenarios.
pub const USD: usize = 10;

/// Text columns that have a sheet of stamps of their own: labels, which are many, and the path,
/// which is one for many rows.
const LABELS: [&str; 3] = ["project", "user", "api_key"];
const PATH: &str = "path";

/// The sheets of stamps: of all other text and of what is there, of labels, and of the path.
const SHEETS: usize = 3;

/// What rows have in common that differ in numbers alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowKind {
    /// Its number among those that one worker knows.
    pub number: u32,
    /// The number of the first stamp of its rows.
    pub stamp: u32,
    /// Whether its rows have a price.
    pub priced: bool,
}

/// A row of a kind that was met before.
#[derive(Debug, Clone, Copy)]
pub struct KnownRow {
    /// Its kind.
    pub kind: RowKind,
    /// The number of the stamp of its labels.
    pub labels: u32,
    /// Its line.
    pub line: u64,
    /// When it began.
    pub start: Instant,
    /// What was billed; nothing where it does not say.
    pub billed: Money,
}

/// Rows of one request each, of kinds that were met before.
#[derive(Debug)]
pub struct KnownRows<'r> {
    /// The input's name.
    pub path: &'r str,
    /// The rows.
    pub rows: &'r [KnownRow],
    /// Meters that they may use, one bit each by their places in [`COUNTED`].
    pub meters: u32,
    /// What each row uses of such a meter, by its place; nothing for others.
    pub counts: &'r [&'r [u64]; 32],
}

/// The columns of a table of rows.
pub fn row_columns() -> Vec<RowColumn> {
    layout().0
}

/// The columns, and how many words the stamps of each sheet have.
fn layout() -> (Vec<RowColumn>, [usize; SHEETS]) {
    let mut next = Places::default();
    let column = |(name, kind): (String, Kind)| RowColumn { cells: next.take(&name, kind), name };
    let all = columns().into_iter().map(column).collect();
    (all, next.words)
}

/// The places of the next cells of each kind.
#[derive(Debug, Default)]
struct Places {
    words: [usize; SHEETS],
    counts: usize,
    times: usize,
    amounts: usize,
    bits: u32,
}

impl Places {
    fn take(&mut self, name: &str, kind: Kind) -> Cells {
        let next = |place: &mut usize| {
            let at = *place;
            *place = at.saturating_add(1);
            at
        };
        match kind {
            Kind::Text => {
                let sheet = if name == PATH { 2 } else { usize::from(LABELS.contains(&name)) };
                let at = self.words.get_mut(sheet).map_or(0, next);
                Cells::Word { sheet, at }
            }
            Kind::Count => Cells::Count(next(&mut self.counts)),
            Kind::Time => Cells::Time { at: next(&mut self.times), bit: self.bit() },
            Kind::Amount => Cells::Amount { at: next(&mut self.amounts), bit: self.bit() },
        }
    }

    fn bit(&mut self) -> u32 {
        let bit = self.bits;
        self.bits = bit.saturating_add(1);
        bit
    }
}

/// Turns rows into rows of a table.
#[derive(Debug)]
pub(super) struct TableMaker {
    columns: Vec<RowColumn>,
    register: Arc<Register>,
    numbering: Numbering,
    rows: TableRows,
    places: KnownPlaces,
    /// The input's name, and its stamp.
    path: (String, u32),
    /// How many words each stamp has.
    words: [usize; SHEETS],
}

/// Where the numbers of known rows are.
#[derive(Debug)]
struct KnownPlaces {
    line: usize,
    requests: usize,
    start: usize,
    billed: usize,
    meters: [usize; COUNTED.len()],
    usd: [usize; USD],
}

impl KnownPlaces {
    fn among(columns: &[RowColumn]) -> Self {
        let place = |name: &str| {
            let column = columns.iter().find(|column| column.name == name);
            column.map_or(usize::MAX, |column| match column.cells {
                Cells::Word { at, .. }
                | Cells::Count(at)
                | Cells::Time { at, .. }
                | Cells::Amount { at, .. } => at,
            })
        };
        // After the billed amount each cost is followed by its range.
        let mut usd = [place("recorded_usd"); USD];
        for (at, usd) in usd.iter_mut().enumerate() {
            *usd = usd.saturating_add(at.saturating_mul(3));
        }
        Self {
            line: place("line"),
            requests: place("requests"),
            start: place("start"),
            billed: place("billed_usd"),
            meters: COUNTED.map(|meter: Meter| place(meter.name())),
            usd,
        }
    }
}

impl TableMaker {
    pub(super) fn new(register: Arc<Register>) -> Self {
        let (columns, words) = layout();
        Self {
            rows: TableRows::of(&columns),
            places: KnownPlaces::among(&columns),
            columns,
            numbering: Numbering::new(Arc::clone(&register)),
            register,
            path: (String::new(), u32::MAX),
            words,
        }
    }

    /// Adds a row by its cells. Fails where an amount has more than 28 digits.
    pub(super) fn push(&mut self, cells: &[Cell<'_>]) -> Result<(), OutOfRange> {
        let Self { columns, numbering, rows, words, .. } = self;
        let row = rows.rows;
        let mut stamps = words.map(|words| Stamp { words: vec![0; words].into(), there: 0 });
        let mut there = 0;
        for (column, cell) in columns.iter().zip(cells) {
            match column.cells {
                Cells::Word { sheet, at } => {
                    let slot = stamps.get_mut(sheet).and_then(|stamp| stamp.words.get_mut(at));
                    if let Some(slot) = slot {
                        *slot = numbering.word(text_of(cell));
                    }
                }
                Cells::Count(at) => {
                    let count = if let Cell::Count(count) = cell { *count } else { 0 };
                    rows.counts.get_mut(at).into_iter().for_each(|own| put(own, row, count));
                }
                Cells::Time { at, bit } => {
                    let Cell::Time(time) = cell else { continue };
                    there |= 1_u64.unbounded_shl(bit);
                    let own = rows.times.get_mut(at).into_iter();
                    own.for_each(|own| put(own, row, time.seconds()));
                }
                Cells::Amount { at, bit } => {
                    let Cell::Money(amount) = cell else { continue };
                    if !is_held(*amount) {
                        return Err(OutOfRange);
                    }
                    there |= 1_u64.unbounded_shl(bit);
                    let own = rows.amounts.get_mut(at).into_iter();
                    own.for_each(|own| own.put(row, *amount));
                }
            }
        }
        let [first, ..] = &mut stamps;
        first.there = there;
        for (sheet, stamp) in rows.stamps.iter_mut().zip(stamps) {
            sheet.push(numbering.stamp(stamp));
        }
        rows.rows = row.saturating_add(1);
        Ok(())
    }

    /// Adds rows of known kinds: `usd` is what each costs in each of its scenarios, in
    /// femtodollars. `false`, and nothing added, where there are not as many costs, or the columns
    /// do not hold what one was billed.
    pub(super) fn push_known(&mut self, known: &KnownRows<'_>, usd: &[[i64; USD]]) -> bool {
        let is_held = known.rows.iter().all(|row| is_held(row.billed));
        if usd.len() != known.rows.len() || !is_held {
            return false;
        }
        let path = self.path(known.path);
        let Self { rows, places, .. } = self;
        let before = rows.rows;
        let all = before.saturating_add(known.rows.len());
        for (scenario, place) in places.usd.iter().enumerate() {
            let own = usd.iter().map(|usd| usd.get(scenario).copied().unwrap_or(0));
            let column = rows.amounts.get_mut(*place).into_iter();
            column.for_each(|column| column.extend(before, own.clone()));
        }
        if let [first, labels, paths] = rows.stamps.as_mut_slice() {
            first.extend(known.rows.iter().map(|row| row.kind.stamp));
            labels.extend(known.rows.iter().map(|row| row.labels));
            paths.resize(all, path);
        }
        let own = known.rows.iter();
        extend(&mut rows.counts, places.line, before, own.clone().map(|row| row.line));
        extend(&mut rows.counts, places.requests, before, own.clone().map(|_| 1));
        for bit in bits(known.meters).filter_map(|bit| usize::try_from(bit).ok()) {
            if let (Some(place), Some(counts)) = (places.meters.get(bit), known.counts.get(bit)) {
                extend(&mut rows.counts, *place, before, counts.iter().copied());
            }
        }
        extend(&mut rows.times, places.start, before, own.clone().map(|row| row.start.seconds()));
        if let Some(billed) = rows.amounts.get_mut(places.billed) {
            let femto = || own.clone().map(|row| row.billed.femto());
            if own.clone().all(|row| row.billed == Money::ZERO) {
                // Most logs do not say what was billed.
            } else if femto().all(|femto| femto.is_some()) {
                billed.extend(before, femto().map(|femto| femto.unwrap_or(0)));
            } else {
                (before..).zip(own).for_each(|(row, known)| billed.put(row, known.billed));
            }
        }
        rows.rows = all;
        true
    }

    /// The stamp of a path.
    fn path(&mut self, path: &str) -> u32 {
        if self.path.1 == u32::MAX || self.path.0 != path {
            let word = self.numbering.word(Some(path).filter(|path| !path.is_empty()));
            let stamp = Stamp { words: [word].into(), there: 0 };
            self.path = (path.to_owned(), self.numbering.stamp(stamp));
        }
        self.path.1
    }

    /// The numbers of the last row's first stamp and of that of its labels.
    pub(super) fn last_stamps(&self) -> Option<(u32, u32)> {
        let mut last = self.rows.stamps.iter().map(|sheet| sheet.last().copied());
        last.next().flatten().zip(last.next().flatten())
    }

    /// The number of the stamp of some labels.
    pub(super) fn labels(&mut self, labels: [Option<&str>; 3]) -> u32 {
        let labels = labels.map(|label| label.filter(|text| !text.is_empty()));
        let words = labels.map(|label| self.numbering.word(label));
        self.numbering.stamp(Stamp { words: words.into(), there: 0 })
    }

    /// The rows; the next ones begin.
    pub(super) fn finish(&mut self) -> TableRows {
        let next = self.register.spare().unwrap_or_else(|| TableRows::of(&self.columns));
        std::mem::replace(&mut self.rows, next)
    }
}

/// Whether the columns hold an amount.
const fn is_held(amount: Money) -> bool {
    amount.atto().unsigned_abs() <= MOST_AMOUNT
}

/// The text of a cell of text.
fn text_of<'c>(cell: &'c Cell<'_>) -> Option<&'c str> {
    match cell {
        Cell::Text(text) => Some(text),
        Cell::Logged(text) => Some(text),
        Cell::Absent | Cell::Count(_) | Cell::Time(_) | Cell::Money(_) => None,
    }
}

/// Adds numbers to a column that has those of rows before them.
fn extend<T: Copy + Default>(
    columns: &mut [Vec<T>],
    at: usize,
    before: usize,
    values: impl Iterator<Item = T>,
) {
    if let Some(column) = columns.get_mut(at) {
        column.resize(before, T::default());
        column.extend(values);
    }
}
