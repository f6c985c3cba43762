//! Delimited records of the usual kind, that are read together as they stand.
#![deny(clippy::arithmetic_side_effects)]

use super::bind::Bound;
use super::columns::{self, Run, TOGETHER, Texts};
use super::delimited::{Columns, Text};
use super::index::{Index, Passed};
use super::plain::{Plain, PlainSink, Ways};
use super::positions::index;
use super::quick::Quick;
use super::side_by_side::SideBySide;
use super::split::{Records, Shape};
use super::zeros::Zeros;
use crate::input::{Chunk, Framing, line_breaks};

/// What is kept from chunk to chunk.
#[derive(Debug)]
pub(super) struct QuickText {
    lists: Index,
    shape: Shape,
    /// Records that wait to be read together.
    runs: Vec<Run>,
    wanting: Wanting,
}

/// What is read of records.
#[derive(Debug)]
struct Wanting {
    all: Vec<Wanted>,
    /// Columns among them side by side whose counts were mostly zero where the last chunk begins.
    zeros: Vec<Zeros>,
    /// Columns among them side by side of names, and those of all labels.
    together: Vec<SideBySide>,
}

/// A field that is read.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    reader: usize,
    field: usize,
    column: u32,
}

impl QuickText {
    /// For the field of each reader; `None` where one may be in several columns. A field
    /// without a column has no value.
    pub(super) fn new(columns: &Columns, quick: &Quick) -> Option<Self> {
        let mut all = Vec::new();
        for (reader, field) in quick.fields().into_iter().enumerate() {
            if columns.inner.get(field).is_some_and(|inner| !inner.is_empty()) {
                return None;
            }
            match columns.sources.get(field).map(Vec::as_slice) {
                Some([column]) => {
                    let column = u32::try_from(*column).ok()?;
                    all.push(Wanted { reader, field, column });
                }
                Some([]) | None => {}
                Some(_) => return None,
            }
        }
        let wanted = all.iter().map(|one| index(one.column)).collect();
        let ascii = columns.sources.iter().flatten().copied().collect();
        let shape = Shape::new(columns.header().len(), wanted, ascii);
        let those = |are: &dyn Fn(usize) -> bool| {
            let own = all.iter().filter(|one| are(one.reader));
            own.map(|one| (one.column, one.reader)).collect::<Vec<_>>().into_iter()
        };
        let names = SideBySide::names(those(&|reader| quick.is_name(reader)));
        let labels = SideBySide::labels(those(&|reader| quick.is_label(reader)));
        let together = names.into_iter().chain(labels).collect();
        let wanting = Wanting { all, zeros: Vec::new(), together };
        Some(Self { lists: Index::default(), shape, runs: Vec::new(), wanting })
    }
}

impl Columns {
    /// Reads the records of a chunk, those of the usual kind as they stand. Gives
    /// the number of lines of the chunk.
    pub(super) fn read_quick(
        &self,
        bound: &Bound,
        chunk: &Chunk,
        state: &mut QuickText,
        sink: &mut impl PlainSink,
    ) -> u64 {
        let bytes = chunk.bytes();
        let QuickText { lists, shape, runs, wanting } = state;
        let Framing::Csv { delimiter } = bound.framing else { return 0 };
        let indexed = chunk.malformed_quotes.is_empty() && lists.build(bytes, delimiter);
        if !indexed {
            self.read(bound, chunk, &mut |line, record| sink.record(line, record));
            return line_breaks(bytes);
        }
        let mut records = Records::new(bytes, delimiter, shape);
        let newlines = records.newlines(lists);
        if chunk.index == 0 {
            runs.clear();
            records.gather(lists, 1, runs);
        }
        wanting.begin();
        let (mut ways, mut passed) = (Ways::default(), Passed::default());
        let (mut goes_on, mut is_first) = (true, true);
        while goes_on {
            runs.clear();
            goes_on = records.gather(lists, TOGETHER, runs);
            lists.make_room(shape.positions());
            let positions = lists.positions(shape.positions());
            let texts = Texts { bytes, positions, runs };
            wanting.read(delimiter, &texts, sink);
            if let Some(lines) = sink.lines() {
                lines.clear();
                passed.add_lines(lists, &texts, chunk.first_line, lines);
            }
            let read = (&*wanting, &texts, &*lists);
            if !self.end_records((bound, chunk), read, &mut ways, sink) {
                let (start, lines) = records.rest(lists);
                let text = bytes.get(start..).unwrap_or_default();
                let first_line = chunk.first_line.saturating_add(lines);
                let rest = Text { bytes: text, first_line, header: false, malformed: &[] };
                self.read_text(bound, &rest, &mut |line, record| sink.record(line, record));
                break;
            }
            if std::mem::take(&mut is_first) {
                wanting.look_for_zeros(sink);
            }
        }
        newlines
    }

    /// Ends records that were read together; what was not taken is read one by one, in order.
    /// `false` where the rest of the chunk had better be read by the usual way.
    fn end_records(
        &self,
        (bound, chunk): (&Bound, &Chunk),
        (wanting, texts, lists): (&Wanting, &Texts<'_>, &Index),
        ways: &mut Ways,
        sink: &mut impl PlainSink,
    ) -> bool {
        if sink.end_records(texts.runs) {
            ways.quick(columns::records(texts.runs));
            return true;
        }
        let (mut goes_on, mut first) = (true, 0_usize);
        for run in texts.runs {
            let (mut from, end) = (first, first.saturating_add(run.records));
            while let Some(at) = sink.next_left(from..end) {
                ways.quick(at.saturating_sub(from));
                let record = (run, at.saturating_sub(first));
                from = at.saturating_add(1);
                let again = |each: &mut dyn FnMut(usize, Plain<'_>)| {
                    for one in &wanting.all {
                        each(one.field, Plain::of_text(texts.spot(record, one.column).text()));
                    }
                };
                if sink.end_record(at, &again) {
                    ways.quick(1);
                    continue;
                }
                goes_on = !ways.other();
                let own = texts.record(record);
                let (_, start, _) = own.apart();
                let text = Text {
                    bytes: own.text(),
                    first_line: chunk.first_line.saturating_add(lists.lines_before(start)),
                    header: false,
                    malformed: &[],
                };
                self.read_text(bound, &text, &mut |line, record| sink.record(line, record));
            }
            ways.quick(end.saturating_sub(from));
            first = end;
        }
        goes_on
    }
}

impl Wanting {
    /// Begins a chunk.
    fn begin(&mut self) {
        self.together.iter_mut().for_each(|side| side.rests = false);
    }

    /// Reads the columns of records.
    fn read(&mut self, delimiter: u8, texts: &Texts<'_>, sink: &mut impl PlainSink) {
        let Self { all, zeros, together } = self;
        sink.begin_records(columns::records(texts.runs));
        let is_apart = |one: &&Wanted| {
            !zeros.iter().any(|all| all.readers.contains(&one.reader))
                && !together.iter().any(|side| side.reads(one.reader))
        };
        for one in all.iter().filter(is_apart) {
            sink.column(one.reader, one.column, texts);
        }
        for all in zeros.iter() {
            sink.zeros(all, delimiter, texts);
        }
        for side in together.iter_mut().filter(|side| !side.rests) {
            sink.side_by_side(side, texts);
        }
    }

    /// Looks at the last records for columns that are mostly zero.
    fn look_for_zeros(&mut self, sink: &impl PlainSink) {
        let zero = self.all.iter().filter(|one| sink.is_mostly_zero(one.reader));
        self.zeros = Zeros::among(zero.map(|one| (one.column, one.reader)));
    }
}
