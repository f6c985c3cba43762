//! The quick reader for records that are read together: each column into numbers,
//! then the rows from them.
#![deny(clippy::arithmetic_side_effects)]

use std::iter;
use std::ops::Range;

use super::bind::Bound;
use super::columns::{Run, Spot};
use super::count::Count;
use super::digits::{Decimals, NONE, decimal_at, number_at};
use super::names::Names;
use super::numbers::Loaded;
use super::plain::{Again, Plain};
use super::quick::{
    Day, MODEL, Pairs, Quick, QuickRow, Reader, Step, amount, digits, epoch_at, pair, time, time_at,
};
use super::quick_rows::{Brief, QuickRows};
use super::side_by_side::SideBySide;
use crate::money::Money;

impl Quick {
    /// Begins records that are read together.
    pub(super) fn begin_records(&mut self, records: usize) {
        self.rows.begin(records);
    }

    /// Ends them, after their columns.
    pub(super) fn end_records(&mut self, runs: &[Run]) -> &mut QuickRows {
        self.rows.end(runs, MODEL);
        &mut self.rows
    }

    /// Takes the fields of a column of some of them, from the first one on.
    pub(super) fn column<'t>(
        &mut self,
        reader: usize,
        first: usize,
        spots: impl Iterator<Item = Spot<'t>> + Clone,
    ) {
        let Self { readers, pairs, day, rows, loaded } = self;
        let briefs = rows.briefs.get_mut(first..).unwrap_or_default();
        let Some(Reader { step, names, .. }) = readers.get_mut(reader) else { return };
        match *step {
            Step::Count(count) => read_counts((rows, loaded), (count, first), spots),
            Step::Name { shift, bits } => read_names(briefs, names, (shift, bits), spots),
            Step::Label(at) => read_labels(briefs, (names, pairs), at, spots),
            Step::Start => read_times(briefs, day, spots),
            Step::Billed => read_amounts(briefs, spots),
            Step::Requests => each(briefs, spots, |text| digits(text) == Some(1)),
            Step::None => each(briefs, spots, |_| false),
            Step::Kind(kinds) => each(briefs, spots, |text| {
                let Plain::Text(kind) = text else { return false };
                kinds.iter().any(|known| known.as_bytes() == kind)
            }),
        }
    }

    /// Takes a count of some records that is zero in all but others of them, whose fields
    /// `spot` gives by their numbers from the first of these on.
    pub(super) fn zeros<'t>(
        &mut self,
        reader: usize,
        rows: Range<usize>,
        others: &[u8],
        spot: &dyn Fn(usize) -> Spot<'t>,
    ) {
        let step = self.readers.get(reader).map(|reader| reader.step);
        let Some(Step::Count(count)) = step else { return };
        let Some((briefs, values)) = self.rows.column(count, rows.start) else { return };
        let values = values.get_mut(..rows.len()).unwrap_or_default();
        values.fill(0);
        for at in others.iter().copied().map(usize::from) {
            if let (Some(brief), Some(value)) = (briefs.get_mut(at), values.get_mut(at)) {
                let spot = spot(at);
                let number = number_at(&spot);
                *value = number.unwrap_or_else(|| unusual_count(spot, &mut brief.is_odd));
            }
        }
    }

    /// Takes columns side by side, from a record on: `spans` have all of them, with the
    /// delimiters between them, and `spot` has each, by the number of the record from the first
    /// one on. Gives of how many records they were not at hand.
    pub(super) fn side_by_side<'t>(
        &mut self,
        all: &mut SideBySide,
        first: usize,
        (spans, spot): (impl Iterator<Item = Spot<'t>>, &dyn Fn(usize, u32) -> Spot<'t>),
    ) -> usize {
        let Self { readers, pairs, rows, .. } = self;
        let briefs = rows.briefs.get_mut(first..).unwrap_or_default();
        let mut others: usize = 0;
        for (at, (span, brief)) in spans.zip(briefs).enumerate() {
            if !all.give(&span, brief) {
                others = others.wrapping_add(1);
                unusual_words((readers, pairs), (all, span), &|column| spot(at, column), brief);
            }
        }
        others
    }

    /// Whether the count of a reader was zero in most of the last records.
    pub(super) fn is_mostly_zero(&self, reader: usize) -> bool {
        let step = self.readers.get(reader).map(|reader| reader.step);
        matches!(step, Some(Step::Count(count)) if self.rows.is_mostly_zero(count))
    }

    /// Notes which records have a JSON number in a column: no name is one.
    pub(super) fn numbers(&mut self, reader: usize, records: &mut dyn Iterator<Item = usize>) {
        let step = self.readers.get(reader).map(|reader| reader.step);
        if matches!(step, Some(Step::Name { .. } | Step::Label(_) | Step::Kind(_))) {
            for at in records {
                if let Some(brief) = self.rows.briefs.get_mut(at) {
                    brief.is_odd = true;
                }
            }
        }
    }

    /// The first of some records whose row was not taken with the others.
    pub(super) fn next_left(&self, among: Range<usize>) -> Option<usize> {
        let briefs = self.rows.briefs.get(among.clone()).unwrap_or_default();
        let left = briefs.iter().position(|brief| !brief.is_taken)?;
        Some(among.start.saturating_add(left))
    }

    /// A record as a row; `None` where it is not of the usual kind.
    pub(super) fn record_row<'r>(
        &'r self,
        at: usize,
        bound: &'r Bound,
        again: &'r Again<'r>,
    ) -> Option<QuickRow<'r>> {
        let brief = self.rows.briefs.get(at).filter(|brief| !brief.is_odd)?;
        let line = self.rows.lines.get(at).copied().unwrap_or(0);
        Some(QuickRow { brief, parts: self.rows.parts(at), line, bound, again })
    }
}

/// Fields that have to be something where they have a value.
fn each<'t>(
    briefs: &mut [Brief],
    spots: impl Iterator<Item = Spot<'t>>,
    is_usual: impl Fn(Plain<'_>) -> bool,
) {
    for (spot, brief) in spots.zip(briefs) {
        let text = Plain::of_text(spot.text());
        brief.is_odd |= text != Plain::Absent && !is_usual(text);
    }
}

fn read_counts<'t>(
    (rows, loaded): (&mut QuickRows, &mut Loaded),
    (count, first): (Count, usize),
    spots: impl Iterator<Item = Spot<'t>> + Clone,
) {
    let Some((briefs, values)) = rows.column(count, first) else { return };
    if loaded.numbers(spots.clone(), values) {
        return;
    }
    for (spot, (brief, value)) in spots.zip(briefs.iter_mut().zip(values)) {
        if *value == NONE {
            *value = unusual_count(spot, &mut brief.is_odd);
        }
    }
}

#[cold]
fn unusual_count(spot: Spot<'_>, odd: &mut bool) -> u64 {
    let text = Plain::of_text(spot.text());
    let value = if text == Plain::Absent { Some(0) } else { digits(text) };
    *odd |= value.is_none();
    value.unwrap_or(0)
}

/// The number of a name, 0 for none and for one that is not of the usual kind.
#[expect(clippy::inline_always, reason = "a call for each name of each row costs as much again")]
#[inline(always)]
fn name(names: &mut Names, spot: Spot<'_>, odd: &mut bool) -> u32 {
    match names.known_at(&spot) {
        0 => {
            let (bytes, start, end) = spot.apart();
            unusual_name(names, bytes, (start, end), odd)
        }
        known => known,
    }
}

#[inline(never)]
fn unusual_name(
    names: &mut Names,
    bytes: &[u8],
    (start, end): (usize, usize),
    odd: &mut bool,
) -> u32 {
    let spot = Spot::of(bytes, start, end);
    let id = names.id_at(&spot);
    if id.is_none() {
        *odd |= Plain::of_text(spot.text()) != Plain::Absent;
    }
    id.unwrap_or(0)
}

fn read_labels<'t>(
    briefs: &mut [Brief],
    (names, pairs): (&mut Names, &mut Pairs),
    at: u32,
    spots: impl Iterator<Item = Spot<'t>>,
) {
    let bit = u8::try_from(1_u32.unbounded_shl(at)).unwrap_or(0);
    for (spot, brief) in spots.zip(briefs) {
        let id = name(names, spot, &mut brief.is_odd);
        if id == 0 {
            continue;
        }
        brief.has_labels |= bit;
        match pair(pairs, brief.labels, (at, id)) {
            Some(known) => brief.labels = known,
            None => brief.is_odd = true,
        }
    }
}

fn read_names<'t>(
    briefs: &mut [Brief],
    names: &mut Names,
    (shift, bits): (u32, u32),
    spots: impl Iterator<Item = Spot<'t>>,
) {
    let (limit, place) = (1_u32.unbounded_shl(bits), 1_u64.unbounded_shl(shift));
    for (spot, brief) in spots.zip(briefs) {
        let id = name(names, spot, &mut brief.is_odd);
        brief.is_odd |= id >= limit;
        brief.names |= u64::from(id).wrapping_mul(place);
    }
}

/// Names or labels that are not at hand together; they are from now on, where they are usual
/// ones.
#[inline(never)]
fn unusual_words<'t>(
    (readers, pairs): (&mut [Reader], &mut Pairs),
    (all, span): (&mut SideBySide, Spot<'_>),
    spot: &dyn Fn(u32) -> Spot<'t>,
    brief: &mut Brief,
) {
    let mut own = Brief::NONE;
    for (reader, column) in all.readers.iter().copied() {
        let Some(Reader { step, names, .. }) = readers.get_mut(reader) else { continue };
        let (one, spot) = (std::slice::from_mut(&mut own), iter::once(spot(column)));
        if let Step::Name { shift, bits } = *step {
            read_names(one, names, (shift, bits), spot);
        } else if let Step::Label(at) = *step {
            read_labels(one, (names, pairs), at, spot);
        }
    }
    if !own.is_odd {
        all.keep(&span, &own);
    }
    brief.names |= own.names;
    brief.labels |= own.labels;
    brief.has_labels |= own.has_labels;
    brief.is_odd |= own.is_odd;
}

fn read_amounts<'t>(briefs: &mut [Brief], spots: impl Iterator<Item = Spot<'t>>) {
    // Most have as many decimals as the one before.
    let mut usual = Decimals::new(0);
    for (spot, brief) in spots.zip(briefs) {
        let known = usual.and_then(|decimals| Some((decimals, decimals.units_at(&spot)?)));
        let known = known.or_else(|| {
            let (units, found) = decimal_at(&spot)?;
            usual = Decimals::new(found);
            Some((usual?, units))
        });
        let known = known.map(|(decimals, units)| Money::from_atto(decimals.parts(units)));
        let billed = known.or_else(|| {
            let text = Plain::of_text(spot.text());
            let amount = amount(text);
            brief.is_odd |= amount.is_none() && text != Plain::Absent;
            amount
        });
        (brief.billed, brief.has_billed) = (billed.unwrap_or_default(), billed.is_some());
    }
}

fn read_times<'t>(briefs: &mut [Brief], day: &mut Day, spots: impl Iterator<Item = Spot<'t>>) {
    for (spot, brief) in spots.zip(briefs) {
        if let Some(start) = time_at(&spot, day).or_else(|| epoch_at(&spot)) {
            (brief.start, brief.has_start) = (start, true);
            continue;
        }
        let (bytes, start, end) = spot.apart();
        unusual_time(bytes, (start, end), day, brief);
    }
}

#[inline(never)]
fn unusual_time(bytes: &[u8], (start, end): (usize, usize), day: &mut Day, brief: &mut Brief) {
    let text = Plain::of_text(Spot::of(bytes, start, end).text());
    match time(text, day) {
        Some((start, zone_assumed)) => {
            (brief.start, brief.zone_assumed, brief.has_start) = (start, zone_assumed, true);
        }
        None => brief.is_odd |= text != Plain::Absent,
    }
}
