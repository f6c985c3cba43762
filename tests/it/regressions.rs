//! One test for each mistake that was once made.

use crate::run::Run;

fn page(results: &str) -> String {
    format!(
        "{{\"object\":\"page\",\"data\":[{{\"object\":\"bucket\",\"start_time\":1790812800,\
         \"end_time\":1790899200,{results}}}],\"has_more\":false}}"
    )
}

fn inspected(name: &str, text: &str) -> String {
    Run::new().file(name, text).line(&format!("inspect {name}")).go().stdout
}

#[test]
fn the_tier_of_a_wrapper_is_the_requested_one() {
    let usage = "\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":0}";
    for (around, inside, tier) in [
        ("flex", "default", "standard (served)"),
        ("auto", "priority", "priority (served)"),
        ("flex", "", "flex (requested)"),
    ] {
        let line = format!(
            "{{\"service_tier\":\"{around}\",\"model\":\"other\",\"response\":{{\"object\":\"chat.completion\",\
             \"created\":1790812800,\"model\":\"gpt-5\",\"service_tier\":\"{inside}\",{usage}}}}}\n"
        );
        let text = inspected("log.jsonl", &line);
        assert!(text.contains(&format!("gpt-5, {tier}")), "{text}");
    }
}

#[test]
fn counts_beside_an_array_of_results_are_not_each_results() {
    let results = "\"input_tokens\":3000000,\"results\":[{\"model\":\"gpt-5\",\"num_model_requests\":1,\
        \"input_tokens\":1000000,\"output_tokens\":0},{\"model\":\"gpt-5\",\"num_model_requests\":1,\"output_tokens\":5}]";
    let text = inspected("log.json", &page(results));
    assert!(text.contains("input 1,000,000") && !text.contains("input 3,000,000"), "{text}");
}

#[test]
fn every_array_of_records_is_read() {
    let one =
        "{\"model\":\"gpt-5\",\"num_model_requests\":1,\"input_tokens\":7,\"output_tokens\":0}";
    let text =
        inspected("log.json", &page(&format!("\"results\":[{one}],\"result\":[{one},{one}]")));
    assert!(text.contains("records: 3 with usage, 0 empty, 0 would be rejected"), "{text}");
}

#[test]
fn a_sum_without_a_number_of_requests_may_be_of_short_ones() {
    let results =
        "\"results\":[{\"model\":\"gpt-5.4\",\"input_tokens\":10000000,\"output_tokens\":0}]";
    let report = Run::new()
        .file("log.json", page(results))
        .line("report log.json --format json")
        .go()
        .json();
    let range = &report.scenario("recorded", "recorded")["range_usd"];
    // 10M x 2.50 and x 5.00.
    assert_eq!((range["low"].as_str(), range["high"].as_str()), (Some("25"), Some("50")));
    // Without its batch flag it may hold Batch usage: an assumption, counted.
    assert_eq!(report.0["tier_source"]["absent"], 1);
}

#[test]
fn a_date_without_dashes_is_no_time() {
    for time in ["20250901", "202609010000"] {
        let log = format!("timestamp,model,input_tokens\n{time},gpt-5,1\n");
        let report =
            Run::new().file("log.csv", log).line("report log.csv --format json").go().json();
        assert_eq!(report.rejects(), [(2, "timestamp", "not_a_time")], "{time}");
    }
    let run = Run::new().file("log.csv", "model,input_tokens\ngpt-5,1\n");
    run.line("report log.csv --from 20261001").go().assert_fails(2, &["--from 20261001"]);
}

#[test]
fn an_instant_without_an_offset_is_in_the_reports_zone() {
    let run = Run::new().file("log.csv", "model,input_tokens\ngpt-5,1\n");
    let zone = "--timezone America/New_York --format json";
    let report = run.line(&format!("report log.csv --from 2026-09-01T00:00:00 {zone}")).go().json();
    assert_eq!(report.0["arguments"]["from"], "2026-09-01T04:00:00Z");
}

#[test]
fn billed_amounts_without_usage_cannot_leave_the_range_unseen() {
    let log = "model,input_tokens,billed_cost\ngpt-5,,100000000000000000000\ngpt-5,,100000000000000000000\n";
    let run = Run::new().file("log.csv", log).line("report log.csv");
    run.go().assert_fails(1, &["larger than 1.7e20 USD"]);
    let log = "model,input_tokens,billed_cost\ngpt-5,,1.0000000000000000005\n";
    let report = Run::new().file("log.csv", log).line("report log.csv --format json").go().json();
    assert_eq!(report.notes("billed_rounded").len(), 1);
}

#[test]
fn a_period_of_several_days_is_noted_where_days_are_grouped() {
    let log = "timestamp,end_time,model,requests,input_tokens\n\
               2026-09-01T00:00:00Z,2026-10-01T00:00:00Z,gpt-5,9,1\n";
    let notes = |by: &str| {
        let run = Run::new().file("log.csv", log);
        run.line(&format!("report log.csv --format json --by {by}"))
            .go()
            .json()
            .notes("several_days")
            .len()
    };
    assert_eq!((notes("day"), notes("model")), (1, 0));
    let run = Run::new().file("log.csv", log);
    let report = run.line("report log.csv --format json --from 2026-09-02").go().json();
    assert_eq!((report.rows("filtered"), report.notes("straddling").len()), (1, 1));
}

#[test]
fn a_mapped_record_without_its_counts_is_rejected() {
    let log = "{\"m\":\"gpt-5\",\"n\":1}\n{\"m\":\"gpt-5\",\"tokens\":{\"in\":500000}}\n";
    let run = Run::new().file("log.jsonl", log);
    let report = run.line("report log.jsonl --format json --map model=m,input=n").go().json();
    assert_eq!(report.rejects(), [(2, "record", "no_counts")]);
    let run = Run::new().file("log.jsonl", log);
    run.line("report log.jsonl --map model=m,input=n,output=n")
        .go()
        .assert_fails(2, &["`n` is given twice"]);
}

#[test]
fn a_long_document_can_be_mapped() {
    let one = "{\"m\":\"gpt-5\",\"n\":1,\"text\":\"0123456789012345678901234567890123456789\"}";
    let log = format!("[{}]", vec![one; 6000].join(",\n"));
    assert!(log.len() > 300_000);
    let run = Run::new().file("log.json", log);
    let report = run.line("report log.json --format json --map model=m,input=n").go().json();
    assert_eq!(report.rows("priced"), 6000);
}

#[test]
fn standard_input_is_read_once() {
    Run::new()
        .stdin("model,input_tokens\n")
        .line("report - -")
        .go()
        .assert_fails(1, &["`-` is given twice"]);
}

#[cfg(unix)]
#[test]
fn an_output_follows_links_and_keeps_what_is_no_file() {
    let run = Run::new().file("log.csv", "model,input_tokens\ngpt-5,1\n").file("real.txt", "old");
    std::os::unix::fs::symlink(run.path("real.txt"), run.path("link.txt")).unwrap();
    let done = run.line("report log.csv -o link.txt").go();
    assert!(done.read("real.txt").unwrap().starts_with("LLM usage"), "{done}");
    assert!(done.files().contains(&"link.txt".to_owned()));
    let run = Run::new().file("log.csv", "model,input_tokens\ngpt-5,1\n");
    assert_eq!(run.line("report log.csv -o /dev/null").go().code, Some(0));
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
    let run = Run::new().file("log.csv", "model,input_tokens\ngpt-5,1\n");
    run.line("report log.csv -o o.txt --rejects ./o.txt").go().assert_fails(2, &["./o.txt"]);
}

#[test]
fn an_alias_holds_whatever_provider_the_log_names() {
    let log = "provider,model,input_tokens\nazure,my-deployment,1000000\n";
    let run = Run::new().file("log.csv", log);
    let report =
        run.line("report log.csv --format json --alias my-deployment=gpt-4.1-mini").go().json();
    assert_eq!(report.recorded(), "0.4");
}

#[test]
fn fast_is_priority_for_openai_alone() {
    let log = "provider,model,service_tier,input_tokens\nopenai,gpt-5,fast,1\nacme,gpt-5,fast,1\n";
    let text = inspected("log.csv", log);
    assert!(
        text.contains("gpt-5, priority (served)") && text.contains("gpt-5, fast (served)"),
        "{text}"
    );
}

#[test]
fn a_record_of_zeros_is_empty_in_every_form() {
    let csv = Run::new().file("log.csv", "model,input_tokens\n,0\n");
    let json = Run::new()
        .file("log.jsonl", "{\"model\":\"gpt-5\",\"input_tokens\":1}\n{\"input_tokens\":0}\n");
    assert_eq!(csv.line("report log.csv --format json").go().json().rows("empty"), 1);
    assert_eq!(json.line("report log.jsonl --format json").go().json().rows("empty"), 1);
}

#[test]
fn sums_of_one_key_may_be_larger_than_any_count() {
    let row = "2026-10-05T09:00:00Z,gpt-4.1-mini,standard,9999999999999999999,0,7\n";
    let text = Run::new().log(&row.repeat(5)).line("report log.csv --format json").go().stdout;
    // 5 x (10^19 - 1), over 2^64; x 0.40 per 1M. 35 x 1.60 per 1M.
    let input = "{\"meter\": \"input\", \"quantity\": 49999999999999999995, \
                 \"usd\": \"19999999999999.999998\"}";
    let output = "{\"meter\": \"output\", \"quantity\": 35, \"usd\": \"0.000056\"}";
    assert!(text.contains(&format!("\"by_meter\": [{input}, {output}]")), "{text}");
    assert!(text.contains("\"read\": 5") && text.contains("\"priced\": 5"), "{text}");
}

#[test]
fn properties_may_be_asked_for_in_any_order() {
    let header = "timestamp,project,user,model,input_tokens";
    let row = |project: &str| format!("2026-05-01T10:00:00Z,{project},ann,gpt-4.1-mini,1000");
    let csv = format!("{header}\n{}\n{}\n", row("alpha"), row("beta"));
    let json = |project: &str| {
        format!(
            "{{\"timestamp\":\"2026-05-01T10:00:00Z\",\"project\":\"{project}\",\"user\":\"ann\",\
             \"model\":\"gpt-4.1-mini\",\"input_tokens\":1000}}\n"
        )
    };
    let json = json("alpha") + &json("beta");
    for (name, text) in [("log.csv", csv), ("log.jsonl", json)] {
        let run = |line: &str| {
            Run::new().file(name, &text).line(&format!("report {name} {line}")).report()
        };
        let by = run("--by user,project");
        assert_eq!(by.groups(&["user", "project"]), ["ann alpha: 0.0004", "ann beta: 0.0004"]);
        for project in ["alpha", "beta"] {
            for filters in ["--by user", "--where user=ann"] {
                let one = run(&format!("{filters} --where project={project}"));
                assert_eq!((one.rows("priced"), one.rows("filtered")), (1, 1), "{name} {filters}");
            }
        }
    }
}

#[test]
fn a_footer_of_another_time_is_rejected_all_the_same() {
    let rows = "2026-05-01T10:00:00Z,gpt-4.1-mini,standard,1000,0,300\n\
                2026-01-01T10:00:00Z,Total,,1000,0,300\n2026-01-01T10:00:00Z,gpt-4o,,1000,0,300\n";
    let report = Run::new().log(rows).line("report log.csv --from 2026-03-01").report();
    assert_eq!(report.rejects(), [(3, "model", "footer")]);
    assert_eq!((report.rows("priced"), report.rows("filtered")), (1, 1));
}

#[test]
fn lines_are_counted_as_editors_do_wherever_chunks_end() {
    let good =
        "{\"timestamp\":\"2026-05-01T10:00:00Z\",\"model\":\"gpt-4.1-mini\",\"input_tokens\":10}";
    let bad = good.replace("10}", "-10}");
    let lines = format!("{good}\r\r\n{}\n{bad}\n", good.replace(',', ",\r"));
    let spread = |value: &str| value.replacen('{', "{\r\n", 1);
    let document = format!("{}\r\n{}\r\n", spread(good), spread(&bad));
    // Two breaks, then three, then the bad one; two lines of each value.
    for (name, text, line) in [("a.jsonl", lines, 6), ("b.json", document, 3)] {
        for size in 1..=64 {
            let run = Run::new().file(name, &text);
            let report = run.line(&format!("report {name} --chunk-size {size}")).report();
            assert_eq!(report.rejects(), [(line, "input_tokens", "negative")], "{name} {size}");
        }
    }
}

/// Rows of one request, as CSV or as JSON lines: 1,000,000 tokens of $2.50, or none.
fn many_rows(json: bool, rows: &[(usize, &str, u32)]) -> String {
    let mut text = String::new();
    if !json {
        text.push_str("timestamp,model,input_tokens,output_tokens\n");
    }
    for (many, time, tokens) in rows {
        let row = if json {
            let names = format!("\"timestamp\":\"{time}\",\"model\":\"gpt-4o\"");
            format!("{{{names},\"input_tokens\":{tokens},\"output_tokens\":0}}\n")
        } else {
            format!("{time},gpt-4o,{tokens},0\n")
        };
        text.push_str(&row.repeat(*many));
    }
    text
}

/// Where most records are unusual the rest of a chunk is read in another way, and what was
/// summed before must not be summed again.
#[test]
fn rows_that_were_summed_together_are_not_read_again() {
    const GOOD: (&str, u32) = ("2026-10-05T10:00:00Z", 1_000_000);
    let good = |many| (many, GOOD.0, GOOD.1);
    let fraction = |many| (many, "2026-10-05T10:00:00.5Z", 1_000_000);
    let empty = |many| (many, "2026-10-05T11:00:00Z", 0);
    for json in [false, true] {
        let name = |at: u32| format!("{at}.{}", if json { "jsonl" } else { "csv" });
        for (first, second, priced, empties, usd) in [
            (vec![good(68), fraction(69), good(100)], vec![good(1)], 238, 0, "595"),
            (vec![good(1)], vec![empty(65), good(63), empty(80), good(300)], 364, 145, "910"),
            (vec![good(1)], vec![empty(70), good(10), fraction(40)], 51, 70, "127.5"),
        ] {
            let run = Run::new()
                .file(&name(1), many_rows(json, &first))
                .file(&name(2), many_rows(json, &second))
                .line(&format!("report {} {} --threads 1", name(1), name(2)));
            let report = run.report();
            let counts = [report.rows("read"), report.rows("priced"), report.rows("empty")];
            assert_eq!(counts, [priced + empties, priced, empties], "{json}");
            assert_eq!(report.recorded(), usd);
        }
    }
}

#[test]
fn ten_digits_with_a_clock_are_no_time() {
    for odd in ["1700000000T00:00:00Z", "1700000000 00:00:00"] {
        for known in ["2026-10-05T10:00:00Z", "1790812800"] {
            let rows = [(1, known, 5), (1, odd, 5)];
            let run = Run::new().file("log.csv", many_rows(false, &rows));
            let report = run.line("report log.csv").report();
            assert_eq!(report.rejects(), [(3, "timestamp", "not_a_time")], "{known} {odd}");
        }
    }
}
