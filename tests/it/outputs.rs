//! Every form of a report states the same totals, and what logs say stays text.

use std::collections::BTreeMap;

use num_bigint::BigInt;

use crate::run::{Report, Run};

fn csv_rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

/// An amount or a count in units of 1e-18.
fn atto(text: &str) -> BigInt {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{decimals:0<18}").parse().expect("a number")
}

fn run(form: &str) -> String {
    let of = format!("report sample_data/october-2026 --by project,model --format {form}");
    Run::in_crate().line(&of).go().stdout
}

fn json() -> Report {
    Run::in_crate().line("report sample_data/october-2026 --by project,model").report()
}

#[test]
fn every_form_states_the_same_totals() {
    let (report, markdown, rows) = (json(), run("markdown"), csv_rows(&run("csv")));
    let total = rows.last().expect("a row of totals");
    assert_eq!(total["row"], "total");
    for scenario in report.0["scenarios"].as_array().expect("scenarios") {
        let [tier, caching] = ["tier", "caching"].map(|key| scenario[key].as_str().expect("text"));
        let usd = scenario["total_usd"].as_str().expect("an amount");
        let middle = if caching == "none" { "_no_caching" } else { "" };
        assert_eq!(total[&format!("{tier}{middle}_usd")], usd, "{tier} {caching}");
        assert!(markdown.contains(&format!("| {usd} |")), "{tier} {caching}: {usd}");
    }
}

#[test]
fn the_groups_of_a_table_sum_to_its_last_row() {
    let rows = csv_rows(&run("csv"));
    let (total, groups) = rows.split_last().expect("rows");
    assert!(groups.iter().all(|row| row["row"] == "group") && groups.len() > 9);
    for (column, sum) in
        total.iter().filter(|(name, _)| !["row", "project", "model"].contains(&name.as_str()))
    {
        let added: BigInt = groups.iter().map(|row| atto(&row[column])).sum();
        assert_eq!(added, atto(sum), "{column}");
    }
}

/// Names that are formulas, tables, pages or commands elsewhere.
const HOSTILE: [&str; 4] =
    ["=1+1", "a|b", "</script><img src=x onerror=alert(1)>", "[x](javascript:y) `c` **d**"];

#[test]
fn what_logs_say_stays_text() {
    let rows = HOSTILE.map(|name| format!("gpt-4o,1000,\"{name}\"\n")).concat();
    let log = format!("model,input_tokens,project\n{rows}");
    let run = |form: &str| {
        let run = Run::new().file("log.csv", &log);
        run.line(&format!("report log.csv --by project --format {form}")).go().stdout
    };
    let table = csv_rows(&run("csv"));
    let names: Vec<&str> = table.iter().map(|row| row["project"].as_str()).collect();
    for name in HOSTILE {
        let shown = if name.starts_with('=') { format!("'{name}") } else { name.to_owned() };
        assert!(names.contains(&shown.as_str()), "{shown}: {names:?}");
    }
    let markdown = run("markdown");
    for shown in [
        "| =1+1 |",
        r"| a\|b |",
        r"| \</script\>\<img src=x onerror=alert(1)\> |",
        r"| \[x\](javascript:y) \`c\` \*\*d\*\* |",
    ] {
        assert!(markdown.contains(shown), "{shown}\n{markdown}");
    }
}

#[test]
fn completions_and_pages_are_those_of_the_arguments() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let done = Run::new().line(&format!("completions {shell}")).go();
        assert_eq!(done.code, Some(0), "{done}");
        for word in ["dedupe", "map-file", "ledger"] {
            assert!(done.stdout.contains(word), "{shell}: {word}");
        }
    }
    for (command, name) in [
        ("", "tierwise"),
        ("report", "tierwise\\-report"),
        ("rates import", "tierwise\\-rates\\-import"),
    ] {
        let done = Run::new().line(&format!("man {command}")).go();
        assert_eq!(done.code, Some(0), "{done}");
        assert!(done.stdout.contains(&format!(".SH NAME\n{name} ")), "{}", done.stdout);
        assert!(done.stdout.contains("Examples:"), "{command}");
    }
    Run::new().line("man reports").go().assert_fails(2, &["no such command", "report"]);
}

#[test]
fn a_report_goes_to_a_file_in_every_form() {
    for form in ["terminal", "json", "markdown", "csv"] {
        let run = Run::new().log("2026-10-05T10:00:00Z,gpt-4o,standard,1000,0,0\n");
        let done = run.line(&format!("report log.csv --format {form} -o out")).go();
        assert_eq!((done.code, done.stdout.as_str()), (Some(0), ""), "{done}");
        assert!(done.read("out").is_some_and(|text| text.contains("0.0025")), "{form}");
    }
}
