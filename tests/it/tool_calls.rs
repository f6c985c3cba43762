//! Hosted tools in logged responses: searches by call, containers once a run.

use crate::run::{Report, Run};

/// A response of May 2026, when a session cost 0.03, with some output items.
fn response(id: &str, items: &str, more: &str) -> String {
    format!(
        r#"{{"id":"{id}","object":"response","created_at":1778000000,"model":"gpt-4.1-mini","output":[{items}],"usage":{{"input_tokens":1000,"output_tokens":100}}{more}}}"#
    )
}

fn code(container: &str) -> String {
    format!(r#"{{"type":"code_interpreter_call","container_id":"{container}"}}"#)
}

const SEARCH: &str = r#"{"type":"web_search_call","action":{"type":"search"}}"#;
const OPEN: &str = r#"{"type":"web_search_call","action":{"type":"open_page"}}"#;

fn quantity(report: &Report, meter: &str) -> u64 {
    let meters = report.scenario("recorded", "recorded")["by_meter"].as_array().expect("meters");
    let found = meters.iter().find(|one| one["meter"] == meter);
    found.and_then(|one| one["quantity"].as_u64()).unwrap_or(0)
}

#[test]
fn searches_are_those_that_the_response_says_else_its_search_items() {
    let items = format!("{SEARCH},{OPEN},{SEARCH}");
    let said = r#","tool_usage":{"web_search":{"num_requests":1}}"#;
    for (more, searches) in [("", 2), (said, 1)] {
        let log = response("r1", &items, more);
        let report = Run::new().file("log.jsonl", log).line("report log.jsonl").report();
        assert_eq!(quantity(&report, "web_search_call"), searches);
    }
    let file = response("r1", r#"{"type":"file_search_call"},{"type":"file_search_call"}"#, "");
    let report = Run::new().file("log.jsonl", file).line("report log.jsonl").report();
    assert_eq!(quantity(&report, "file_search_call"), 2);
}

#[test]
fn a_response_that_made_images_has_a_cost_that_is_not_known() {
    let image = r#"{"type":"image_generation_call","id":"ig_1","size":"1024x1024"}"#;
    let log = response("r1", image, "") + "\n" + &response("r2", "", "");
    let report = Run::new().file("log.jsonl", log).line("report log.jsonl").report();
    assert_eq!((report.rows("priced"), report.rows("unpriced")), (1, 1));
    assert_eq!(report.0["unpriced"][0]["meter"], "image");
    // 1000 x 0.40 + 100 x 1.60 per million.
    assert_eq!(report.recorded(), "0.00056");
}

#[test]
fn a_container_is_one_session_for_the_first_response_that_used_it() {
    let a = [
        response("r1", &code("c1"), ""),
        response("r2", &format!("{},{}", code("c1"), code("c2")), ""),
    ];
    let b = [response("r3", &code("c2"), ""), response("r4", &code("c3"), "")];
    let run = || {
        let run = Run::new().file("a.jsonl", a.join("\n"));
        run.file("b.jsonl", b.join("\n")).file("c.csv", "model,input_tokens\ngpt-4o,1000\n")
    };
    let report = run().line("report . --by format").report();
    assert_eq!(quantity(&report, "code_interpreter_session"), 3);
    // Four times 1000 x 0.40 + 100 x 1.60 per million, three sessions, and 0.0025.
    assert_eq!(report.recorded(), "0.09474");
    let from_price = run().line("price . --format jsonl").go();
    let sessions = from_price.stdout.lines().map(|line| {
        let row: serde_json::Value = serde_json::from_str(line).expect("JSON");
        (row["line"].as_u64(), row["code_interpreter_session"].as_u64().unwrap_or(0))
    });
    let sessions: Vec<_> = sessions.collect();
    assert_eq!(sessions, [(Some(1), 1), (Some(2), 1), (Some(1), 0), (Some(2), 1), (Some(2), 0)],);
    let to_file = run().line("price . -o rows.jsonl").go();
    assert_eq!(to_file.read("rows.jsonl"), Some(from_price.stdout));
}

#[test]
fn a_session_has_the_price_of_its_containers_size() {
    let tools =
        r#","tools":[{"type":"code_interpreter","container":{"type":"auto","memory_limit":"4g"}}]"#;
    let log = response("r1", &code("c1"), tools);
    let report = Run::new().file("log.jsonl", log).line("report log.jsonl").report();
    assert_eq!(quantity(&report, "code_interpreter_session_4gb"), 1);
}

/// An output line of a batch whose response used a container.
fn batch_line(id: &str, output: u64) -> String {
    format!(
        r#"{{"id":"{id}","custom_id":"a","response":{{"status_code":200,"body":{{"id":"r","object":"response","created_at":1778000000,"model":"gpt-4.1-mini","output":[{}],"usage":{{"input_tokens":1000,"output_tokens":{output}}}}}}},"error":null}}"#,
        code("c1")
    )
}

#[test]
fn a_row_with_a_key_and_a_session_counts_with_both() {
    let cut = batch_line("b1", 10);
    let whole = batch_line("b1", 100);
    let other = batch_line("b2", 100);
    // Half of 1000 x 0.40 + 100 x 1.60 per million a row, and one session of 0.03.
    for (lines, repeated, usd) in [
        (vec![&whole], 0, "0.03028"),
        (vec![&cut, &whole], 1, "0.03028"),
        (vec![&whole, &cut, &whole], 2, "0.03028"),
        (vec![&whole, &other], 0, "0.03056"),
        (vec![&cut, &other, &whole], 1, "0.03056"),
    ] {
        let log: Vec<&str> = lines.iter().map(|line| line.as_str()).collect();
        let run = Run::new().file("log.jsonl", log.join("\n"));
        let report = run.line("report log.jsonl").report();
        assert_eq!(report.rows("duplicate"), repeated);
        assert_eq!(report.recorded(), usd);
        assert_eq!(quantity(&report, "code_interpreter_session"), 1);
    }
}
