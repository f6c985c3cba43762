//! Findings: things in the usage that deserve a look and change no cost.

use crate::run::{Report, Run};

const HEADER: &str = "timestamp,model,requests,input_tokens,output_tokens\n";

fn findings(rows: &str) -> Vec<(String, String)> {
    let run = Run::new().file("log.csv", format!("{HEADER}{rows}"));
    let Report(report) = run.line("report log.csv --format json").go().json();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let all = report["findings"].as_array().cloned().unwrap_or_default();
    all.iter().map(|finding| (text(&finding["code"]), text(&finding["message"]))).collect()
}

#[test]
fn a_request_at_its_window_or_cap_is_found() {
    // gpt-4o: 128,000 tokens of context, 16,384 of output.
    for (row, codes) in [
        ("2026-10-05T10:00:00Z,gpt-4o,1,127999,16383\n", &[][..]),
        ("2026-10-05T10:00:00Z,gpt-4o,1,128000,1\n", &["context_window"]),
        ("2026-10-05T10:00:00Z,gpt-4o,1,1,16384\n", &["output_cap"]),
        ("2026-10-05T10:00:00Z,gpt-4o,1,500000,500000\n", &["context_window", "output_cap"]),
        // A sum of requests says nothing of one.
        ("2026-10-05T10:00:00Z,gpt-4o,9,500000,500000\n", &[]),
        // 1,047,576 and 32,768.
        ("2026-10-05T10:00:00Z,gpt-4.1-mini,1,500000,16384\n", &[]),
    ] {
        let found: Vec<_> = findings(row).into_iter().map(|(code, _)| code).collect();
        assert_eq!(found, codes, "{row}");
    }
}

#[test]
fn a_price_change_within_the_usage_is_found() {
    let before = "2025-06-09T10:00:00Z,o3,1,1000,10\n";
    let after = "2025-06-10T00:00:00Z,o3,1,1000,10\n";
    assert!(findings(before).is_empty());
    assert!(findings(after).is_empty());
    let found = findings(&format!("{before}{after}"));
    let text = "a price of o3 changed at 2025-06-10T00:00:00Z, within the usage; \
                every row has the price of its time";
    assert_eq!(found, [("price_change".to_owned(), text.to_owned())]);
}
