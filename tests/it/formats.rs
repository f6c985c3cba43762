//! Every log format by the same rules: its samples are read as what they are, with the
//! figures that another program worked out (`sample_data/formats.expected.toml`).

use std::collections::{BTreeMap, BTreeSet};

use tierwise::formats::registry;

use crate::run::{Report, Run, crate_folder};

const FOLDER: &str = "sample_data/formats";

/// Those that are refused.
const REFUSED: &str = "sample_data/refused";

/// What is expected of each sample, by its name.
fn expected() -> BTreeMap<String, toml::Table> {
    let path = crate_folder().join("sample_data/formats.expected.toml");
    let text = std::fs::read_to_string(path).expect("the expected figures");
    let table: toml::Table = text.parse().expect("TOML");
    let files = table.get("files").and_then(toml::Value::as_table).expect("files").clone();
    let tables = files.into_iter().map(|(name, table)| (name, table.as_table().cloned()));
    tables.map(|(name, table)| (name, table.expect("a table"))).collect()
}

/// Those that are not refused.
fn readable() -> impl Iterator<Item = (String, toml::Table)> {
    expected().into_iter().filter(|(_, expected)| !expected.contains_key("refused"))
}

fn text<'t>(table: &'t toml::Table, key: &str) -> Option<&'t str> {
    table.get(key).and_then(toml::Value::as_str)
}

fn report_of(path: &str) -> Result<Report, String> {
    let done = Run::in_crate().args(["report", path, "--format", "json"]).go();
    if done.code == Some(0) { Ok(done.json()) } else { Err(done.stderr) }
}

/// The classes of rows, as figures say them.
const CLASSES: [&str; 7] =
    ["read", "priced", "unpriced", "rejected", "duplicate", "empty", "billed_only"];

/// What differs from the expected figures.
fn differences(name: &str, expected: &toml::Table) -> Vec<String> {
    let report = match report_of(&format!("{FOLDER}/{name}")) {
        Ok(report) => report,
        Err(error) => return vec![error],
    };
    let mut found = Vec::new();
    let mut same = |what: &str, found_value: String, expected: String| {
        if found_value != expected {
            found.push(format!("{name}: {what}: {found_value}, expected {expected}"));
        }
    };
    let input = &report.0["inputs"][0];
    let format = input["format"].as_str().unwrap_or_default();
    same("format", format.to_owned(), text(expected, "format").unwrap_or_default().to_owned());
    for class in CLASSES {
        let rows = expected.get(class).and_then(toml::Value::as_integer).unwrap_or(0);
        same(class, report.rows(class).to_string(), rows.to_string());
    }
    let recorded = text(expected, "recorded").unwrap_or_default();
    same("recorded", report.recorded().to_owned(), recorded.to_owned());
    let billed = report.0["billed_usd"].as_str().unwrap_or("none");
    same("billed", billed.to_owned(), text(expected, "billed").unwrap_or("none").to_owned());
    found
}

#[test]
fn every_sample_has_its_expected_rows_and_amounts() {
    let found: Vec<String> =
        readable().flat_map(|(name, expected)| differences(&name, &expected)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_log_that_cannot_be_priced_is_refused_with_what_to_do() {
    for (name, why) in
        [("litellm-daily.csv", "has no model"), ("cloudflare-logpush.jsonl", "encrypts")]
    {
        let path = format!("{REFUSED}/{name}");
        let done = Run::in_crate().args(["report", &path]).go();
        done.assert_fails(1, &[&path, why, "export"]);
        assert_eq!(done.stdout, "");
    }
}

#[test]
fn every_format_has_a_sample() {
    let registered: BTreeSet<&str> = registry()
        .iter()
        .filter(|format| format.refusal.is_none())
        .map(|format| format.name)
        .collect();
    let expected = expected();
    let sampled: BTreeSet<&str> = expected
        .values()
        .filter_map(|expected| text(expected, "format"))
        .chain(ELSEWHERE)
        .collect();
    assert_eq!(registered, sampled);
}

/// Formats that other folders of samples show.
const ELSEWHERE: [&str; 5] = [
    "tierwise-csv",
    "tierwise-jsonl",
    "openai-dashboard-usage",
    "openai-batch-output",
    "openai-fine-tuning",
];

/// A sample in another form, and what it must still say.
struct Turned {
    what: &'static str,
    bytes: fn(&[u8]) -> Vec<u8>,
}

/// The samples of one layout alone, changed as programs change files in passing.
const TURNED: [Turned; 3] = [
    Turned { what: "with a byte order mark", bytes: |text| [b"\xef\xbb\xbf", text].concat() },
    Turned {
        what: "with CRLF",
        bytes: |text| {
            let plain: Vec<u8> = text.iter().copied().filter(|byte| *byte != b'\r').collect();
            let lines = plain.split(|byte| *byte == b'\n');
            lines.collect::<Vec<_>>().join(&b"\r\n"[..])
        },
    },
    Turned { what: "without a final newline", bytes: |text| text.trim_ascii_end().to_vec() },
];

#[test]
fn what_programs_do_to_files_in_passing_changes_nothing() {
    for (name, _) in readable() {
        let path = crate_folder().join(FOLDER).join(&name);
        let text = std::fs::read(path).expect("a sample");
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
        let rows = |bytes: Vec<u8>| {
            let report = Run::new().file(&name, bytes).args(["report", &name]).report();
            (report.0["rows"].clone(), report.0["scenarios"].clone(), report.0["billed"].clone())
        };
        let plain = rows(text.to_vec());
        for Turned { what, bytes } in TURNED {
            assert_eq!(rows(bytes(text)), plain, "{name} {what}");
        }
    }
}

#[test]
fn a_sample_given_twice_counts_once_where_its_rows_have_keys() {
    for (name, expected) in readable() {
        let of = |class: &str| expected.get(class).and_then(toml::Value::as_integer).unwrap_or(0);
        let path = crate_folder().join(FOLDER).join(&name);
        let text = std::fs::read(path).expect("a sample");
        let (first, second) = (format!("a-{name}"), format!("b-{name}"));
        let run = Run::new().file(&first, text.clone()).file(&second, text);
        let report = run.args(["report", &first, &second]).report();
        let rows = |class: &str| i64::try_from(report.rows(class)).expect("few");
        assert_eq!(rows("read"), 2 * of("read"), "{name}");
        let counted = rows("priced") + rows("unpriced") + rows("billed_only");
        let once = of("priced") + of("unpriced") + of("billed_only");
        let more = rows("duplicate") - 2 * of("duplicate");
        // Rows without a key count twice.
        assert_eq!(counted + more, 2 * once, "{name}");
        let keyed = KEYED.contains(&text_of(&expected, "format"));
        assert_eq!(more > 0, keyed && once > 0, "{name}: {more} of {once}");
    }
}

fn text_of<'t>(table: &'t toml::Table, key: &str) -> &'t str {
    text(table, key).unwrap_or_default()
}

/// The formats whose rows have keys.
const KEYED: [&str; 19] = [
    "openai-batch-object",
    "azure-openai-diagnostics",
    "azure-apim-gateway",
    "azure-apim-llm",
    "azure-apim-llm-csv",
    "anthropic-messages",
    "claude-code",
    "codex",
    "litellm-spend-logs",
    "litellm-spend-logs-csv",
    "litellm-payload",
    "openrouter-activity",
    "openrouter-generation",
    "langfuse",
    "langfuse-csv",
    "helicone",
    "helicone-csv",
    "cloudflare-ai-gateway",
    "otel-genai",
];

#[test]
fn a_cut_or_broken_sample_is_refused_or_accounted_for() {
    for (name, _) in readable() {
        let path = crate_folder().join(FOLDER).join(&name);
        let text = std::fs::read(path).expect("a sample");
        for part in 1..8 {
            let mut cut = text[..text.len() * part / 8].to_vec();
            if part % 2 == 0 {
                let at = cut.len() / 2;
                cut[at] = b'"';
            }
            let done = Run::new().file(&name, cut).args(["report", &name, "--format", "json"]).go();
            match done.code {
                Some(0) => {
                    let report = done.json();
                    let sum: u64 = CLASSES[1..].iter().map(|class| report.rows(class)).sum();
                    assert_eq!(report.rows("read"), sum, "{name} {part}");
                }
                code => assert_eq!(code, Some(1), "{name} {part}: {done}"),
            }
        }
    }
}

#[test]
fn counts_that_no_call_has_reject_their_record() {
    for (name, expected) in readable() {
        let path = crate_folder().join(FOLDER).join(&name);
        let text = std::fs::read_to_string(path).expect("a sample");
        // Ten digits more for each number of three digits or more, which leaves dates alone.
        let huge = huge_counts(&text);
        let done = Run::new().file(&name, huge).args(["report", &name, "--format", "json"]).go();
        if done.code != Some(0) {
            assert_eq!(done.code, Some(1), "{done}");
            continue;
        }
        let report = done.json();
        let read = expected.get("read").and_then(toml::Value::as_integer);
        assert_eq!(Some(report.rows("read")), read.and_then(|n| u64::try_from(n).ok()), "{name}");
        let sum: u64 = CLASSES[1..].iter().map(|class| report.rows(class)).sum();
        assert_eq!(report.rows("read"), sum, "{name}");
    }
}

/// The text with `99999999999999999999` after each `tokens":` and the like.
fn huge_counts(text: &str) -> String {
    text.replace("tokens\":", "tokens\":99999999999999999999")
        .replace("Tokens\":", "Tokens\":99999999999999999999")
        .replace(",1", ",99999999999999999999991")
}
