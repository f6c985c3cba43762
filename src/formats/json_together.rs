//! JSON records of the usual kind, one a line, that are read together.
#![deny(clippy::arithmetic_side_effects)]

use super::bind::Bound;
use super::columns::{Run, TOGETHER, Texts};
use super::json::{self, Paths, lines_of};
use super::json_met::Met;
use super::json_quick::{QuickJson, Reads, Wanted, bit};
use super::json_scan::Scan;
use super::plain::{Plain, PlainSink, Ways};
use super::positions::position;
use crate::input::{Chunk, Span, line_breaks};

/// Records that wait to be read together.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Where each of them begins.
    places: Vec<Place>,
    /// For each of them which of its columns are numbers, one bit each.
    numbers: Vec<u64>,
    /// Of each column of each of them the position before it and its end.
    positions: Vec<[u32; 2]>,
    /// How many columns each has.
    columns: usize,
}

impl Waiting {
    fn clear(&mut self) {
        self.places.clear();
        self.numbers.clear();
        self.positions.clear();
    }

    /// Adds a record whose values are at `spans`.
    #[inline]
    fn add(&mut self, reads: &Reads, spans: &[[u32; 2]], place: Place) {
        let (first, start) = (self.positions.len(), position(place.start));
        // Where a record has no value an empty one stands before it.
        let nothing = [start.wrapping_sub(1), start];
        let own = reads.from.iter().map(|at| spans.get(*at).copied().unwrap_or(nothing));
        self.positions.extend(own);
        self.positions.resize(first.saturating_add(self.columns), nothing);
        self.places.push(place);
        self.numbers.push(reads.numbers);
    }
}

/// Where a record begins.
#[derive(Debug, Clone, Copy)]
struct Place {
    start: usize,
    /// Newlines before it in the chunk.
    lines: u32,
}

impl Place {
    /// Behind a record that ends at a newline, or at the end.
    fn after(self, bytes: &[u8], end: usize, returns: bool) -> Self {
        let lines =
            if returns { lines_of(bytes, self.start, end) } else { u64::from(end < bytes.len()) };
        let lines = self.lines.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        Self { start: end.saturating_add(1), lines }
    }
}

/// A chunk being read.
struct Reading<'r, S> {
    paths: &'r Paths,
    bound: &'r Bound,
    chunk: &'r Chunk,
    sink: &'r mut S,
    ways: Ways,
}

impl Paths {
    /// Reads the records of a chunk, those of the usual kind as they stand. Gives
    /// the number of lines of the chunk.
    pub(super) fn read_quick(
        &self,
        bound: &Bound,
        chunk: &Chunk,
        (quick, waiting): (&mut QuickJson, &mut Waiting),
        sink: &mut impl PlainSink,
    ) -> u64 {
        let mut reading = Reading { paths: self, bound, chunk, sink, ways: Ways::default() };
        let mut met = Met::default();
        let (bytes, mut place) = (chunk.bytes(), Place { start: 0, lines: 0 });
        waiting.clear();
        if u32::try_from(bytes.len()).is_err() {
            return reading.rest(place);
        }
        while place.start < bytes.len() {
            let mut scan = Scan::new(bytes, place.start);
            let found = quick.read((bound, self), &mut scan, &mut met);
            let reads = found.and_then(|found| quick.reads(found));
            let columns = &quick.columns;
            let fits = columns.len() == waiting.columns && waiting.places.len() < TOGETHER;
            if let Some(reads) = reads.filter(|_| fits) {
                waiting.add(reads, &met.spans, place);
                place = place.after(bytes, scan.at(), scan.returns);
                continue;
            }
            if !reading.together(columns, waiting) {
                return reading.rest(place);
            }
            waiting.clear();
            waiting.columns = columns.len();
            if let Some(reads) = reads {
                waiting.add(reads, &met.spans, place);
                place = place.after(bytes, scan.at(), scan.returns);
            } else if reading.ways.other() {
                return reading.rest(place);
            } else {
                place = reading.one(place);
            }
        }
        reading.together(&quick.columns, waiting);
        u64::from(place.lines)
    }
}

impl<S: PlainSink> Reading<'_, S> {
    /// Reads the records that wait, in order. `false` where the rest of the chunk had better
    /// be read by the usual way.
    fn together(&mut self, columns: &[Wanted], waiting: &mut Waiting) -> bool {
        let bytes = self.chunk.bytes();
        let Waiting { places, numbers, positions, columns: many } = waiting;
        let run = Run::apart(0, (position(*many), 0), places.len());
        let runs = [run];
        positions.resize(positions.len().saturating_add(*many), [0; 2]);
        let texts = Texts { bytes, positions: positions.as_flattened(), runs: &runs };
        self.sink.begin_records(places.len());
        for (at, one) in columns.iter().enumerate().take(*many) {
            let is_number = |record: usize| {
                numbers.get(record).is_some_and(|numbers| numbers & bit(at, true) != 0)
            };
            self.sink.column(one.reader, position(at), &texts);
            self.sink.numbers(one.reader, &mut (0..places.len()).filter(|at| is_number(*at)));
        }
        if let Some(lines) = self.sink.lines() {
            lines.clear();
            let first = self.chunk.first_line;
            lines.extend(places.iter().map(|place| first.saturating_add(place.lines.into())));
        }
        if self.sink.end_records(&runs) {
            self.ways.quick(places.len());
            return true;
        }
        let (mut goes_on, mut from) = (true, 0_usize);
        while let Some(record) = self.sink.next_left(from..places.len()) {
            self.ways.quick(record.saturating_sub(from));
            from = record.saturating_add(1);
            let numbers = numbers.get(record).copied().unwrap_or(0);
            let again = |each: &mut dyn FnMut(usize, Plain<'_>)| {
                for (at, one) in columns.iter().enumerate().take(*many) {
                    let plain = Plain::of_text(texts.spot((&run, record), position(at)).text());
                    let is_number = numbers & bit(at, true) != 0;
                    each(one.field, if is_number { plain.as_number() } else { plain });
                }
            };
            if self.sink.end_record(record, &again) {
                self.ways.quick(1);
                continue;
            }
            goes_on = !self.ways.other();
            places.get(record).into_iter().for_each(|place| _ = self.one(*place));
        }
        self.ways.quick(places.len().saturating_sub(from));
        goes_on
    }

    /// Reads one record by the usual way; gives where the next one begins.
    fn one(&mut self, place: Place) -> Place {
        let bytes = self.chunk.bytes();
        let start = place.start;
        let end = memchr::memchr(b'\n', bytes.get(start..).unwrap_or_default());
        let end = end.map_or(bytes.len(), |at| start.saturating_add(at));
        let text = bytes.get(start..end).unwrap_or_default();
        if !text.trim_ascii().is_empty() {
            let span = Span { start, end, line: self.line(place) };
            let sink = &mut *self.sink;
            let mut each = |line: u64, record: json::Record<'_>| sink.record(line, record);
            self.paths.read_value(self.bound, self.chunk, span, &mut each);
        }
        place.after(bytes, end, true)
    }

    /// Reads all records from one on by the usual way; gives the number of lines of
    /// the chunk.
    fn rest(&mut self, place: Place) -> u64 {
        let (line, sink) = (self.line(place), &mut *self.sink);
        let mut each = |line: u64, record: json::Record<'_>| sink.record(line, record);
        self.paths.read_lines(self.bound, self.chunk, (place.start, line), &mut each);
        line_breaks(self.chunk.bytes())
    }

    fn line(&self, place: Place) -> u64 {
        self.chunk.first_line.saturating_add(u64::from(place.lines))
    }
}
