//! What is taken for which log: private logs are nobody's, and long or streamed ones are
//! what they are.

use crate::run::Run;

/// Private logs whose keys look like a known one's, a record each.
const PRIVATE: [&str; 12] = [
    r#"{"timestamp":"2026-10-05T10:00:00Z","model":"gpt-4o","message":{"role":"assistant"},"usage":{"prompt_tokens":1000}}"#,
    r#"{"type":"system","timestamp":"2026-10-05T10:00:00Z","message":"call","model":"gpt-4o","prompt_tokens":1000}"#,
    r#"{"type":"message_start","message":{"model":"claude-haiku-4-5","usage":{"input_tokens":3}}}"#,
    r#"{"type":"message","model":"gpt-4o","usage":{"prompt_tokens":1000}}"#,
    r#"{"type":"message","role":"user","content":[]}"#,
    r#"{"type":"turn.completed","model":"gpt-4o","usage":{"prompt_tokens":1000}}"#,
    r#"{"category":"Audit","time":"2026-10-05T10:00:00Z","model":"gpt-4o","prompt_tokens":1000}"#,
    r#"{"custom_id":"a","response":{"model":"gpt-4o","usage":{"prompt_tokens":1000}}}"#,
    r#"{"model":"claude-haiku-4-5","input_tokens":10,"cache_read_input_tokens":50000,"output_tokens":5}"#,
    r#"{"model":"gpt-4o","tokens_in":10,"tokens_out":5,"cached":true}"#,
    r#"{"model":"gpt-4o","input_tokens":10,"cached_tokens":5}"#,
    r#"{"day":"2026-10-05","model":"gpt-4o","input_tokens":10,"request_count":5}"#,
];

#[test]
fn a_private_log_is_not_taken_for_a_known_one() {
    for record in PRIVATE {
        let log = format!("{record}\n{record}\n");
        let done = Run::new().file("log.jsonl", log).args(["report", "log.jsonl"]).go();
        done.assert_fails(1, &["log.jsonl: not a log format that is known", "--map"]);
    }
}

#[test]
fn a_log_without_any_usage_is_noted() {
    let log = "{\"object\":\"chat.completion.chunk\",\"usage\":null}\n";
    let report = Run::new().file("log.jsonl", log).line("report log.jsonl").report();
    assert_eq!((report.rows("read"), report.rows("empty")), (1, 1));
    let note = report.notes("no_usage")[0];
    assert!(note.starts_with("no record of log.jsonl has usage (read as openai-resp"), "{note}");
}

#[test]
fn a_first_record_of_any_length_is_recognised() {
    let text = "x".repeat(600_000);
    let call = format!(
        r#"{{"type":"assistant","timestamp":"2026-10-05T10:00:00Z","message":{{"content":"{text}","id":"m","model":"claude-haiku-4-5","usage":{{"input_tokens":1000,"output_tokens":0}}}},"sessionId":"s"}}"#
    );
    let span = format!(
        r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"name":"{text}","attributes":[{{"key":"gen_ai.request.model","value":{{"stringValue":"gpt-4o"}}}},{{"key":"gen_ai.usage.input_tokens","value":{{"intValue":"1000"}}}}]}}]}}]}}]}}"#
    );
    for (log, usd) in [(call, "0.001"), (span, "0.0025")] {
        let report = Run::new().file("log.jsonl", log).line("report log.jsonl").report();
        assert_eq!(report.recorded(), usd);
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_once_and_whole() {
    let run = |log: &str| {
        let script =
            format!("{} report <(printf '{log}') --format json", env!("CARGO_BIN_EXE_tierwise"));
        std::process::Command::new("bash").args(["-c", &script]).output().expect("bash")
    };
    let plain = run("model,input_tokens\\ngpt-4o,1000\\n");
    let report: serde_json::Value = serde_json::from_slice(&plain.stdout).expect("a report");
    assert_eq!(report["rows"]["priced"], 1);
    let keyed = run(
        "{\"type\":\"assistant\",\"sessionId\":\"s\",\"message\":{\"id\":\"m\",\"usage\":{}}}\\n",
    );
    assert_eq!(keyed.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&keyed.stderr).contains("--dedupe none"));
}

/// A span of some ids with so many input tokens of gpt-4o.
fn span(trace: &str, id: &str, parent: &str, input: Option<u32>) -> String {
    let usage = input.map(|input| {
        format!(
            r#"{{"key":"gen_ai.request.model","value":{{"stringValue":"gpt-4o"}}}},{{"key":"gen_ai.usage.input_tokens","value":{{"intValue":"{input}"}}}}"#
        )
    });
    format!(
        r#"{{"traceId":"{trace}","spanId":"{id}","parentSpanId":"{parent}","startTimeUnixNano":"1791194400000000000","attributes":[{}]}}"#,
        usage.unwrap_or_default()
    )
}

fn spans(spans: &[String]) -> String {
    format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{}]}}]}}]}}"#, spans.join(","))
}

#[test]
fn a_span_above_others_with_usage_has_none_of_its_own() {
    for (tree, rows) in [
        // A parent that repeats its child, and one two levels up.
        (vec![span("t", "p", "", Some(1000)), span("t", "c", "p", Some(1000))], 1),
        (
            vec![
                span("t", "p", "", Some(1000)),
                span("t", "m", "p", None),
                span("t", "c", "m", Some(1000)),
            ],
            1,
        ),
        // The same id in another trace, and a span that is its own parent.
        (vec![span("t", "a", "", Some(1000)), span("u", "b", "a", Some(1000))], 2),
        (vec![span("t", "x", "x", Some(1000))], 1),
    ] {
        let report = Run::new().file("log.jsonl", spans(&tree)).line("report log.jsonl").report();
        assert_eq!(report.rows("priced"), rows, "{tree:?}");
    }
    // A long chain, and many spans of one id, are gone through once.
    let chain =
        (0..30_000).map(|at| span("t", &format!("s{at}"), &format!("s{}", at + 1), Some(1)));
    let loops = (0..2_000).map(|_| span("t", "a", "a", None)).chain([span("t", "a", "a", Some(1))]);
    for tree in [chain.collect::<Vec<_>>(), loops.collect()] {
        let report = Run::new().file("log.jsonl", spans(&tree)).line("report log.jsonl").report();
        assert_eq!(report.rows("priced"), 1);
    }
}

#[test]
fn a_cut_or_streamed_response_of_a_gateway_is_read_or_rejected() {
    let line = |body: &str| {
        let body = serde_json::to_string(body).expect("JSON");
        format!(
            r#"{{"category":"GatewayLogs","time":"2026-10-05T10:00:00Z","correlationId":"c{}","properties":{{"backendResponseBody":{body}}}}}"#,
            body.len()
        )
    };
    let whole = r#"{"model":"gpt-4o","usage":{"prompt_tokens":1000,"completion_tokens":0}}"#;
    let stream =
        format!("data: {{\"model\":\"gpt-4o\",\"usage\":null}}\n\ndata: {whole}\n\ndata: [DONE]\n");
    let log =
        [line(whole), line(&stream), line(whole.get(..40).expect("ASCII")), line("plain text")]
            .join("\n");
    let report = Run::new().file("log.jsonl", log).line("report log.jsonl").report();
    let rows = ["priced", "rejected", "empty"].map(|class| report.rows(class));
    assert_eq!(rows, [2, 1, 1]);
    assert_eq!(report.recorded(), "0.005");
}

#[test]
fn azures_model_is_the_one_of_its_version() {
    let row = |version: &str| {
        format!(
            r#"{{"category":"RequestResponse","time":"2026-07-01T10:00:00Z","correlationId":"{version}","properties":"{{\"modelName\":\"gpt-4o\",\"modelVersion\":\"{version}\",\"promptTokens\":1000}}"}}"#
        )
    };
    let run =
        |version| Run::new().file("log.jsonl", row(version)).line("report log.jsonl --by model");
    for version in ["2024-05-13", "2024-08-06"] {
        let groups = run(version).report().groups(&["model"]);
        assert!(groups[0].starts_with(&format!("gpt-4o-{version}: ")), "{groups:?}");
    }
    assert!(run("1106").report().groups(&["model"])[0].starts_with("gpt-4o: "));
}

#[test]
fn exports_of_the_same_time_may_count_twice_and_say_so() {
    let page = |group: &str| {
        format!(
            r#"{{"object":"page","data":[{{"object":"bucket","start_time":1791158400,"end_time":1791244800,"results":[{{"object":"organization.usage.completions.result","input_tokens":1000,"output_tokens":0,"num_model_requests":1,"model":"gpt-4o"{group}}}]}}]}}"#
        )
    };
    let run = Run::new().file("a.json", page("")).file("b.json", page(r#","project_id":"p""#));
    let report = run.line("report .").report();
    let notes = report.notes("double_count");
    assert_eq!(notes.len(), 1);
    assert!(
        notes[0].starts_with("./a.json and ./b.json are exports of sums, of the same time"),
        "{}",
        notes[0]
    );
    let alone = Run::new().file("a.json", page("")).line("report .").report();
    assert!(alone.notes("double_count").is_empty());
    // Of every format of sums.
    let usage = "start_time_iso,end_time_iso,model,type,price,amount\n\
                 2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,deepseek-chat,output_tokens,1,100\n";
    let run = Run::new().file("a.csv", usage).file("b.csv", usage);
    assert_eq!(run.line("report .").report().notes("double_count").len(), 1);
}
