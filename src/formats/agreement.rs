//! The quick reader and the usual one agree on any text: the same rows, the same
//! rejections, in the same order, wherever the text is cut into chunks.

use std::collections::HashMap;

use proptest::prelude::*;

use super::{Ask, Bound, COUNTED, Detected, Labels, QuickRow, Reading, RecordSink, detect};
use crate::input::{Chunk, Chunker, line_breaks};
use crate::usage::Dimension;

const HEADER: &str = "timestamp,request_id,project,model,service_tier,input_tokens,\
                      cached_input_tokens,output_tokens,image_input_tokens,requests,billed_cost,note";

/// Spellings of each column, plain ones and others.
const CELLS: [&[&str]; 12] = [
    &[
        "2026-10-05T10:00:00Z",
        "2026-10-05 23:59:59",
        "2026-10-06T00:00:00+02:00",
        "1790812800",
        "1790812800123",
        "2026-02-30T00:00:00Z",
        "2026-10-05T24:00:00Z",
        "2026-10-05T10:00:60Z",
        "",
        "Total",
        "2026-10-05",
        "0001-01-01T00:00:00Z",
        " 2026-10-05T10:00:00Z\t",
    ],
    &["r1", "", "\"r,2\"", "r\u{e9}", "\"a\"\"b\""],
    &["alpha", "beta", "", " alpha ", "\"alpha\"", "\"a,b\"", "\u{e4}", "x\"y"],
    &["gpt-4o", "gpt-5.4", "", "Total", "\"gpt-4o\"", "ft:gpt-4o:a:b:c", "gpt\u{e9}"],
    &["standard", "default", "flex", "auto", "", "Batch", "odd"],
    &[
        "1000",
        "0",
        "",
        "007",
        "59200.0",
        "5e3",
        "-1",
        "1.5",
        "many",
        "18446744073709551615",
        "99999999999999999999",
        "\"1,000\"",
        "300000",
    ],
    &["0", "10", "", "2000", "\"5\""],
    &["100", "0", "", "1e2", " 7 "],
    &["", "0", "5", "990"],
    &["", "1", "0", "3", "x"],
    &[
        "0.00012",
        "",
        "0",
        "1",
        ".5",
        "5.",
        "-0.1",
        "1e-5",
        "0.123456789012345678",
        "0.1234567890123456789",
        "1234567890123456789",
        "\"0.5\"",
    ],
    &[
        "",
        "\"line\nbreak, and \"\"quotes\"\"\"",
        "plain",
        "\"open",
        "caf\u{e9}",
        "\"x\"y",
        "5\" disk",
    ],
];

fn bound(text: &[u8], ask: &Ask) -> Option<Bound> {
    match detect("log", text, true, None, ask) {
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
    lines: Vec<Option<u64>>,
    quick: usize,
    names: HashMap<u64, String>,
    labels: HashMap<u32, Vec<Option<String>>>,
}

impl RecordSink for Both {
    fn row(&mut self, row: &QuickRow<'_>) -> bool {
        let mut same = true;
        row.read(&mut |reading, labels| {
            let Reading::Row(usage) = &reading else {
                same = false;
                return;
            };
            let own = COUNTED.map(|meter| usage.quantities.get(meter));
            assert_eq!(own, row.parts);
            assert_eq!((usage.start, usage.zone_assumed), (Some(row.start), row.zone_assumed));
            assert_eq!((usage.billed, usage.requests), (row.billed, 1));
            let names = (usage.provider, usage.model, &usage.tier, usage.tier_source);
            let names = format!("{names:?} {:?} {}", usage.requested_tier, usage.region);
            assert_eq!(self.names.entry(row.names).or_insert_with(|| names.clone()), &names);
            let (text, words) = said(&reading, labels);
            assert_eq!(self.labels.entry(row.labels).or_insert_with(|| words.clone()), &words);
            self.quick += 1;
            self.lines.push(None);
            self.said.push((text, words));
        });
        same
    }

    fn record(&mut self, line: u64, reading: Reading<'_>, labels: &Labels<'_>) {
        self.lines.push(Some(line));
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
    let by = [Dimension::Project, Dimension::Column("note".into())].to_vec();
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
    for (own, line) in both.lines.iter().zip(&lines) {
        assert!(own.is_none_or(|own| own == *line), "{own:?} {line}");
    }
    both.quick
}

fn rows() -> impl Strategy<Value = Vec<u8>> {
    let cells = CELLS.map(|cells| {
        // Plain ones often, the others now and then.
        prop_oneof![6 => Just(cells[0]), 2 => proptest::sample::select(cells)]
    });
    let row = cells.to_vec().prop_map(|cells| cells.join(","));
    let end = prop_oneof![6 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\n\n"), 1 => Just("\r")];
    let odd = prop_oneof![Just(String::new()), Just(HEADER.to_owned()), Just("a,b".to_owned())];
    let line = prop_oneof![12 => row, 1 => odd];
    proptest::collection::vec((line, end), 0..40).prop_map(|lines| {
        let mut text = format!("{HEADER}\n");
        for (line, end) in lines {
            text.push_str(&line);
            text.push_str(end);
        }
        text.into_bytes()
    })
}

proptest! {
    #[test]
    fn both_readers_agree_on_any_rows(text in rows(), size in 1_usize..3000) {
        agree(&text, size);
    }

    #[test]
    fn both_readers_agree_on_broken_bytes(
        text in rows(),
        size in 1_usize..3000,
        at in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6),
    ) {
        let mut text = text;
        for (at, byte) in at {
            let from = HEADER.len() + 1;
            let at = from + at % (text.len() - from + 1);
            match byte % 3 {
                0 if at < text.len() => text[at] = byte,
                1 if at < text.len() => drop(text.remove(at)),
                _ => text.insert(at, *b",\"\n\r \x00\xff1".get(usize::from(byte % 8)).expect("one")),
            }
        }
        agree(&text, size);
    }
}

#[test]
fn rows_of_the_usual_kind_are_quick_at_every_boundary() {
    let row = "2026-10-05T10:00:00Z,r1,alpha,gpt-4o,standard,1000,10,100,,1,0.00012,";
    let quoted = "2026-10-05T10:00:01Z,r2,beta,gpt-4o,flex,1,,1,,,,\"a, \"\"b\"\"\nc\u{e9}\"";
    let text = format!("{HEADER}\n{row}\n{quoted}\n{row}\r\n{row}");
    for size in 1..text.len() + 2 {
        // A note with doubled quotes is asked for, so it is read by the usual way.
        assert_eq!(agree(text.as_bytes(), size), 3, "{size}");
    }
}
