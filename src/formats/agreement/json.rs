//! JSON lines: records of every spelling and order, of two formats, and broken
//! bytes.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::{agree, broken};

/// A record that says what the file is.
const FLAT: &str =
    r#"{"timestamp":"2026-10-05T10:00:00Z","model":"gpt-4o","input_tokens":1,"output_tokens":2}"#;

const RESPONSE: &str = r#"{"id":"c1","object":"chat.completion","created":1790812800,"model":"gpt-4o","usage":{"prompt_tokens":10,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":4}}}"#;

/// Members of flat records, plain ones first.
const FLAT_MEMBERS: &[&[&str]] = &[
    &[
        r#""timestamp":"2026-10-05T10:00:00Z""#,
        r#""timestamp":"2026-10-05 23:59:59""#,
        r#""timestamp":1790812800"#,
        r#""timestamp":1790812800.5"#,
        r#""timestamp":"Total""#,
        r#""timestamp":null"#,
        r#""timestamp":true"#,
    ],
    &[
        r#""model":"gpt-4o""#,
        r#""model":" gpt-5.4 ""#,
        r#""model":"gpt\u002d4o""#,
        r#""model":"gpté""#,
        r#""model":7"#,
        r#""model":"""#,
        r#""model":["gpt-4o"]"#,
    ],
    &[r#""service_tier":"flex""#, r#""service_tier":"default""#, r#""service_tier":null"#],
    &[r#""project":"alpha""#, r#""project":"b\"c""#, r#""project":5"#, r#""project":{"a":1}"#],
    &[
        r#""input_tokens":1000"#,
        r#""input_tokens" : "1000""#,
        r#""input_tokens":1e3"#,
        r#""input_tokens":[1000]"#,
        r#""input_tokens":-1"#,
        r#""input_tokens":1.5"#,
        r#""input_tokens":01"#,
        r#""input_tokens":true"#,
        r#""input_tokens":99999999999999999999"#,
        r#""input_tokens":300000"#,
    ],
    &[r#""cached_input_tokens":10"#, r#""cached_input_tokens":2000"#, r#""cached_input_tokens":0"#],
    &[r#""output_tokens":100"#, r#""output_tokens":"#, r#""output_tokens":"x""#],
    &[r#""requests":1"#, r#""requests":3"#, r#""requests":null"#],
    &[
        r#""billed_cost":0.00012"#,
        r#""billed_cost":"0.5""#,
        r#""billed_cost":1e-5"#,
        r#""billed_cost":0.1234567890123456789"#,
    ],
    &[
        r#""note":"plain""#,
        r#""note":"a \"quoted\" caf\u00e9 and é, longer than sixteen bytes""#,
        r#""note":"bad \x escape""#,
        "\"note\":\"a\ttab\"",
        r#""note":"""#,
    ],
    &[
        r#""more":{"a":[1,{"b":"}"}],"input_tokens":5}"#,
        r#""input_tokens":7"#,
        r#""more":[01]"#,
        r#""mo\u0072e":1"#,
        r#""deep":[[[[[[[[[[{}]]]]]]]]]]"#,
    ],
];

/// Members of response objects, plain ones first.
const RESPONSE_MEMBERS: &[&[&str]] = &[
    &[r#""id":"c1""#, r#""id":5"#],
    &[
        r#""object":"chat.completion""#,
        r#""object":"response""#,
        r#""object":"embedding""#,
        r#""object":null"#,
        r#""object":3"#,
    ],
    &[r#""created":1790812800"#, r#""created_at":1790812800"#, r#""created":"x""#],
    &[r#""model":"gpt-4o""#, r#""model":null"#],
    &[r#""service_tier":"default""#, r#""service_tier":"flex""#, r#""service_tier":"auto""#],
    &[
        r#""usage":{"prompt_tokens":10,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":4}}"#,
        r#""usage":{"input_tokens":10,"output_tokens":2,"input_tokens_details":{"cached_tokens":4}}"#,
        r#""usage":{"prompt_tokens":10,"input_tokens":10,"output_tokens":2}"#,
        r#""usage":{"prompt_tokens":10,"input_tokens":11,"output_tokens":2}"#,
        r#""usage":{"prompt_tokens":1,"prompt_tokens_details":{"cached_tokens":4}}"#,
        r#""usage":{"prompt_tokens":1,"prompt_tokens_details":null}"#,
        r#""usage":null"#,
        r#""usage":{"prompt_tokens":1,"prompt_tokens":1}"#,
        r#""usage":[{"prompt_tokens":1}]"#,
    ],
    &[
        r#""choices":[{"index":0,"message":{"content":"He said \"usage\" {\"prompt_tokens\":7}"}}]"#,
        r#""choices":[{"index":0,}]"#,
    ],
    &[r#""metadata":{"project":"alpha","user":"u1"}"#, r#""metadata":{}"#, r#""metadata":"x""#],
    &[
        r#""response":{"object":"response","model":"gpt-5","usage":{"input_tokens":5,"output_tokens":1}}"#,
        r#""response":{"body":{"object":"response","model":"gpt-5","usage":{"input_tokens":5}}}"#,
        r#""response":null"#,
        r#""response":"none""#,
    ],
    &[r#""type":"response.completed""#, r#""type":"response.created""#],
];

/// A record of some members in some order: plain ones often, others now and then.
fn record(members: &'static [&'static [&'static str]]) -> impl Strategy<Value = String> {
    let some = subsequence(members.to_vec(), members.len().saturating_sub(3)..=members.len());
    let ordered = prop_oneof![4 => some.clone(), 1 => some.prop_shuffle()];
    let chosen = ordered.prop_flat_map(|members| {
        members
            .into_iter()
            .map(|spellings| prop_oneof![9 => Just(spellings[0]), 1 => select(spellings)])
            .collect::<Vec<_>>()
    });
    let between = prop_oneof![8 => Just(","), 1 => Just(", "), 1 => Just(" ,\t")];
    let colon = prop_oneof![8 => Just("\":"), 1 => Just("\": "), 1 => Just("\" :\t")];
    (chosen, between, colon).prop_map(|(members, between, colon)| {
        format!("{{{}}}", members.join(between)).replace("\":", colon)
    })
}

fn text(
    first: &'static str,
    members: &'static [&'static [&'static str]],
) -> impl Strategy<Value = Vec<u8>> {
    let end = prop_oneof![8 => Just("\n"), 1 => Just("\r\n"), 1 => Just(" \n\n"), 1 => Just("\r")];
    let odd = select(vec!["", "{}", "7", "[]", "null", "{", "  ", "{\"a\":1} x"]);
    let line = prop_oneof![12 => record(members), 1 => odd.prop_map(str::to_owned)];
    vec((line, end), 0..40).prop_map(move |lines| {
        let lines = lines.into_iter().map(|(line, end)| line + end);
        format!("{first}\n{}", lines.collect::<String>()).into_bytes()
    })
}

fn logs() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![text(FLAT, FLAT_MEMBERS), text(RESPONSE, RESPONSE_MEMBERS)]
}

proptest! {
    #[test]
    fn both_readers_agree_on_any_records(text in logs(), size in 1_usize..4000) {
        agree(&text, size);
    }

    #[test]
    fn both_readers_agree_on_broken_records(
        text in logs(),
        size in 1_usize..4000,
        at in vec((any::<usize>(), any::<u8>()), 1..6),
    ) {
        let from = text.iter().position(|byte| *byte == b'\n').expect("a first record") + 1;
        let text = broken(text, from, at, *b"\"\\{},:\n\xff");
        agree(&text, size);
    }
}

#[test]
fn records_of_the_usual_kind_are_quick_at_every_boundary() {
    let row = r#"{"timestamp":"2026-10-05T10:00:00Z","project":"a","model":"gpt-4o","input_tokens":10,"billed_cost":0.5,"note":"x"}"#;
    let other =
        r#"{"model":"gpt-5", "input_tokens":"20", "timestamp":1790812800, "more":[{"a":"\n"}]}"#;
    let text = format!("{FLAT}\n{row}\n{other}\n{row}\r\n{row}");
    for size in 1..text.len() + 2 {
        assert_eq!(agree(text.as_bytes(), size), 5, "{size}");
    }
    let spaced = |record: &str| {
        record.replace(',', ", ").replace(':', ": ").replace("10: 00: 00", "10:00:00")
    };
    let text = format!("{}\n{}\n{}\n", spaced(FLAT), spaced(row), spaced(row));
    for size in 1..text.len() + 2 {
        assert_eq!(agree(text.as_bytes(), size), 3, "{size}");
    }
    let with_text =
        RESPONSE.replace("\"usage\"", r#""choices":[{"content":"caf\u00e9 é"}],"usage""#);
    let wrapped = format!(r#"{{"timestamp":"2026-10-05T10:00:00Z","response":{RESPONSE}}}"#);
    let text = format!("{RESPONSE}\n{with_text}\n{wrapped}\n{RESPONSE}\n");
    for size in 1..text.len() + 2 {
        assert_eq!(agree(text.as_bytes(), size), 4, "{size}");
    }
}

#[test]
fn a_key_that_is_expected_has_one_comma() {
    let row = |between: &str| {
        let members = [
            "\"timestamp\":\"2026-10-05T10:00:00Z\"",
            "\"model\":\"gpt-4o\"",
            "\"input_tokens\":10",
        ];
        format!("{{{}}}", members.join(between))
    };
    let spaced = format!("{}\n{}\n{}\n", row(" , "), row(", , "), row(" , , "));
    let first =
        "{ \"timestamp\":\"2026-10-05T10:00:00Z\" , \"model\":\"gpt-4o\",\"input_tokens\":1}";
    let returned = first.replacen(' ', "\r", 1);
    let comma = first.replacen(' ', " , ", 1);
    let begun = format!("{returned}\n{first}\n{comma}\n{comma}\n");
    for text in [spaced, begun] {
        for size in 1..text.len() + 2 {
            agree(text.as_bytes(), size);
        }
    }
}
