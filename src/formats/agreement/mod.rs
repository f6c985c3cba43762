//! The quick reader and the usual one agree on any text: the same rows, the same
//! rejections, in the same order, wherever the text is cut into chunks.

mod delimited;
mod json;

use std::collections::{HashMap, VecDeque};

use super::{
    Ask, Bound, Brief, COUNTED, Detected, Labels, QuickRow, QuickRows, Reading, RecordSink,
};
use crate::input::{Chunk, Chunker, line_breaks};
use crate::usage::Dimension;

fn bound(text: &[u8], ask: &Ask) -> Option<Bound> {
    match super::detect::detect("log", text, true, None, ask) {
        Ok(Detected::Log(bound)) => Some(*bound),
        _ => None,
    }
}

/// What a reader said of a record, without its line.
type Said = (String, Vec<Option<String>>);

fn said(reading: &Reading<'_>, labels: &Labels<'_>) -> Said {
    (format!("{reading:?}"), labels.iter().map(|label| label.map(str::to_owned)).collect())
}

/// Collects what the quick reader says, and checks that its rows are what the
/// usual reader makes of them.
#[derive(Default)]
struct Both {
    said: Vec<Said>,
    lines: Vec<u64>,
    quick: usize,
    /// What is known of the rows that come one by one.
    known: VecDeque<(Brief, Vec<u64>)>,
    names: HashMap<u64, String>,
    labels: HashMap<u32, Vec<Option<String>>>,
}

impl RecordSink for Both {
    fn wants_lines(&self) -> bool {
        true
    }

    fn rows(&mut self, rows: &mut QuickRows) -> bool {
        assert!(self.known.is_empty());
        let (briefs, counts) = rows.split();
        let usual = briefs.iter().enumerate().filter(|(_, brief)| !brief.is_odd);
        let known = usual.map(|(at, brief)| (*brief, counts.of(at, brief.used).collect()));
        self.known.extend(known);
        false
    }

    fn row(&mut self, row: &QuickRow<'_>) -> bool {
        let (brief, counts) = self.known.pop_front().unwrap();
        assert_eq!(format!("{brief:?}"), format!("{:?}", row.brief));
        assert_eq!(counts, row.parts.among(u32::MAX).collect::<Vec<_>>());
        let mut same = true;
        row.read(&mut |reading, labels| {
            let Reading::Row(usage) = &reading else {
                same = false;
                return;
            };
            let own = COUNTED.map(|meter| usage.quantities.get(meter));
            assert_eq!(&own, row.parts.counts());
            let used = own.iter().zip(0_u32..).map(|(count, bit)| u32::from(*count > 0) << bit);
            assert_eq!(used.sum::<u32>(), row.parts.used());
            assert_eq!((usage.start, usage.zone_assumed), (Some(brief.start), brief.zone_assumed));
            let billed = brief.has_billed.then_some(brief.billed);
            assert_eq!((usage.billed, usage.requests), (billed, 1));
            let names = (usage.provider, usage.model, &usage.tier, usage.tier_source);
            let names =
                format!("{names:?} {:?} {} {}", usage.requested_tier, usage.endpoint, usage.region);
            assert_eq!(self.names.entry(brief.names).or_insert_with(|| names.clone()), &names);
            let (text, words) = said(&reading, labels);
            let has = (0_u32..).zip(labels).map(|(at, label)| u8::from(label.is_some()) << at);
            assert_eq!(has.sum::<u8>(), brief.has_labels, "{labels:?}");
            assert_eq!(self.labels.entry(brief.labels).or_insert_with(|| words.clone()), &words);
            self.quick += 1;
            self.lines.push(row.line);
            self.said.push((text, words));
        });
        same
    }

    fn record(&mut self, line: u64, reading: Reading<'_>, labels: &Labels<'_>) {
        self.lines.push(line);
        self.said.push(said(&reading, labels));
    }
}

fn chunks(text: &[u8], bound: &Bound, size: usize) -> Vec<Chunk> {
    let stream = Box::new(std::io::Cursor::new(text.to_vec()));
    let mut chunker = Chunker::new(stream, "log", bound.framing, size).counting_lines();
    let mut all = Vec::new();
    while let Ok(Some(chunk)) = chunker.next_chunk() {
        all.push(chunk);
    }
    all
}

/// Reads a text in both ways, in chunks of a size; gives how many rows were
/// quick.
fn agree(text: &[u8], size: usize) -> usize {
    let asked = [Dimension::Project, Dimension::Column("note".into())];
    let [project, note] = asked.clone();
    // In the order of the fields, and in another one.
    let counts = [asked, [note, project]].map(|by| agree_by(text, size, by.to_vec()));
    assert_eq!(counts[0], counts[1]);
    // Without the last field, which may be anything then.
    assert!(agree_by(text, size, vec![Dimension::Project]) >= counts[0]);
    counts[0]
}

fn agree_by(text: &[u8], size: usize, by: Vec<Dimension>) -> usize {
    let ask = Ask { by, ..Ask::default() };
    let Some(bound) = bound(text, &ask) else { return 0 };
    let mut reader = bound.quick().expect("a format with rows of the usual kind");
    let mut both = Both::default();
    let (mut usual, mut lines) = (Vec::new(), Vec::new());
    for chunk in chunks(text, &bound, size) {
        let counted = bound.read_quick(&chunk, &mut reader, &mut both);
        assert_eq!(counted, line_breaks(chunk.bytes()));
        bound.read(&chunk, &mut |line, reading, labels| {
            lines.push(line);
            usual.push(said(&reading, labels));
        });
    }
    assert_eq!(both.said, usual);
    assert_eq!(both.lines, lines);
    both.quick
}

/// A text with bytes replaced, taken out or put in behind its first record; what is
/// put in is one of those that mean something to a reader.
fn broken(mut text: Vec<u8>, from: usize, at: Vec<(usize, u8)>, odd: [u8; 8]) -> Vec<u8> {
    for (at, byte) in at {
        let at = from + at % (text.len() - from + 1);
        match byte % 3 {
            0 if at < text.len() => text[at] = byte,
            1 if at < text.len() => drop(text.remove(at)),
            _ => text.insert(at, odd[usize::from(byte % 8)]),
        }
    }
    text
}
