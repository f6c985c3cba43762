//! Delimited text: rows of every spelling, and broken bytes.

use proptest::prelude::*;

use super::{agree, broken};

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
    &["r1", "", "\"r,2\"", "r\u{e9}", "\"a\"\"b\"", "\"r\n3\"", "\"r\r\n4\""],
    &["alpha", "beta", "", " alpha ", "\"alpha\"", "\"a,b\"", "\u{e4}", "x\"y"],
    &[
        "gpt-4o",
        "gpt-5.4",
        "",
        "Total",
        "\"gpt-4o\"",
        "ft:gpt-4o:a:b:c",
        "gpt\u{e9}",
        "claude-sonnet-4-20250514",
    ],
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

fn rows() -> impl Strategy<Value = Vec<u8>> {
    let cells = CELLS.map(|cells| {
        // Plain ones often, the others now and then.
        prop_oneof![6 => Just(cells[0]), 2 => proptest::sample::select(cells)]
    });
    let row = cells.to_vec().prop_map(|cells| cells.join(","));
    let end = prop_oneof![6 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\n\n"), 1 => Just("\r")];
    let odd = prop_oneof![Just(String::new()), Just(HEADER.to_owned()), Just("a,b".to_owned())];
    let line = prop_oneof![12 => row, 1 => odd];
    // Few, and now and then more than are read together.
    let many = prop_oneof![9 => 0..40_usize, 1 => 130..300_usize];
    let lines = many
        .prop_flat_map(move |many| proptest::collection::vec((line.clone(), end.clone()), many));
    lines.prop_map(|lines| {
        let mut text = format!("{HEADER}\n");
        for (line, end) in lines {
            text.push_str(&line);
            text.push_str(end);
        }
        text.into_bytes()
    })
}

fn sizes() -> impl Strategy<Value = usize> {
    prop_oneof![4 => 1..3000_usize, 1 => 3000..40_000_usize]
}

proptest! {
    #[test]
    fn both_readers_agree_on_any_rows(text in rows(), size in sizes()) {
        agree(&text, size);
    }

    #[test]
    fn both_readers_agree_on_broken_bytes(
        text in rows(),
        size in sizes(),
        at in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6),
    ) {
        let text = broken(text, HEADER.len() + 1, at, *b",\"\n\r \x00\xff1");
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
