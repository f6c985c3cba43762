//! The quick way from the fields of records to rows.

use std::ops::Range;

use super::ask::MAX_LABELS;
use super::bind::{Bound, RecordSink};
use super::canonical::{self, Reading};
use super::columns::{Run, TOGETHER, Texts};
use super::plain::{Again, PlainSink};
use super::quick::Quick;
use super::side_by_side::SideBySide;
use super::value::Value;
use super::zeros::Zeros;

/// Turns fields into rows.
pub(super) struct Pass<'p> {
    pub(super) bound: &'p Bound,
    pub(super) quick: &'p mut Quick,
    pub(super) sink: &'p mut dyn RecordSink,
}

impl PlainSink for Pass<'_> {
    fn begin_records(&mut self, records: usize) {
        self.quick.begin_records(records);
    }

    fn column(&mut self, reader: usize, column: u32, texts: &Texts<'_>) {
        let mut first: usize = 0;
        for run in texts.runs {
            self.quick.column(reader, first, texts.spots(run, column));
            first = first.saturating_add(run.records);
        }
    }

    fn zeros(&mut self, zeros: &Zeros, delimiter: u8, texts: &Texts<'_>) {
        let mut list = [0; TOGETHER];
        let mut first: usize = 0;
        for run in texts.runs {
            let spans = texts.spans(run, zeros.column, zeros.readers.len());
            let others = spans.map(|spans| zeros.others(spans, delimiter, &mut list));
            for (reader, column) in zeros.readers.iter().copied().zip(zeros.columns()) {
                match others {
                    Some(others) => {
                        let rows = first..first.saturating_add(run.records);
                        self.quick.zeros(reader, rows, others, &|at| texts.spot((run, at), column));
                    }
                    None => self.quick.column(reader, first, texts.spots(run, column)),
                }
            }
            first = first.saturating_add(run.records);
        }
    }

    fn side_by_side(&mut self, all: &mut SideBySide, texts: &Texts<'_>) {
        let (mut first, mut others) = (0_usize, 0_usize);
        for run in texts.runs {
            match texts.spans(run, all.first, all.readers.len()) {
                Some(spans) => {
                    let spot = |at, column| texts.spot((run, at), column);
                    let own = self.quick.side_by_side(all, first, (spans, &spot));
                    others = others.saturating_add(own);
                }
                None => {
                    for (reader, column) in all.readers.iter().copied() {
                        self.quick.column(reader, first, texts.spots(run, column));
                    }
                }
            }
            first = first.saturating_add(run.records);
        }
        all.rests = others.saturating_mul(2) > first;
    }

    fn is_mostly_zero(&self, reader: usize) -> bool {
        self.quick.is_mostly_zero(reader)
    }

    fn numbers(&mut self, reader: usize, records: &mut dyn Iterator<Item = usize>) {
        self.quick.numbers(reader, records);
    }

    fn lines(&mut self) -> Option<&mut Vec<u64>> {
        self.sink.wants_lines().then_some(&mut self.quick.rows.lines)
    }

    fn end_records(&mut self, runs: &[Run]) -> bool {
        self.sink.rows(self.quick.end_records(runs))
    }

    fn next_left(&self, among: Range<usize>) -> Option<usize> {
        self.quick.next_left(among)
    }

    fn end_record(&mut self, at: usize, again: &Again<'_>) -> bool {
        self.quick.record_row(at, self.bound, again).is_some_and(|row| self.sink.row(&row))
    }

    fn record(&mut self, line: u64, record: Result<&[Value<'_>], Reading<'_>>) {
        let bound = self.bound;
        match record {
            Ok(values) => {
                let reading = canonical::read(bound, values);
                self.sink.record(line, reading, &bound.labels_of(values));
            }
            Err(reading) => self.sink.record(line, reading, &[None; MAX_LABELS]),
        }
    }
}
