//! Every form of a report states the same totals, and what logs say stays text.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::process::{Command, Stdio};

use num_bigint::BigInt;
use serde_json::Value;
use tierwise::frame::ParquetText;

use crate::run::{PROGRAM, Run, crate_folder};

fn csv_rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

/// An amount or a count in units of 1e-18.
fn atto(text: &str) -> BigInt {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{decimals:0<18}").parse().expect("a number")
}

const GROUPS: &str = "report sample_data/october-2026 --by project,model";

fn run(form: &str) -> String {
    let run = Run::in_crate().env("COLUMNS", "200");
    run.line(&format!("{GROUPS} --format {form}")).go().stdout
}

/// The groups as a Parquet file, read as comma-separated text.
fn parquet() -> Vec<BTreeMap<String, String>> {
    let run = Run::in_crate();
    let path = run.path("groups.parquet");
    let to = path.to_str().expect("a path").to_owned();
    let done = run.line(&format!("{GROUPS} --format parquet -o")).args([to.as_str()]).go();
    assert_eq!((done.code, done.stdout.as_str()), (Some(0), ""), "{done}");
    let mut text = String::new();
    let mut table = ParquetText::open(&path).expect("a table");
    table.read_to_string(&mut text).expect("text");
    csv_rows(&text)
}

/// An exact amount with four decimals, rounded half away from zero, as text.
fn rounded(usd: &str) -> String {
    let atto = atto(usd);
    let step = BigInt::from(10_u64.pow(14));
    let sign = if usd.starts_with('-') { -1 } else { 1 };
    let half = BigInt::from(sign * 5 * 10_i64.pow(13));
    let units = ((atto + half) / step).to_string();
    let digits = format!("{:0>5}", units.trim_start_matches('-'));
    let (whole, decimals) = digits.split_at(digits.len() - 4);
    format!("{}{whole}.{decimals}", if units.starts_with('-') { "-" } else { "" })
}

/// The name of a scenario's column.
fn column(scenario: &Value) -> String {
    let middle = if scenario["caching"] == "none" { "_no_caching" } else { "" };
    format!("{}{middle}_usd", scenario["tier"].as_str().expect("a tier"))
}

#[test]
fn every_form_states_the_same_totals() {
    let report = Run::in_crate().line(GROUPS).report();
    let [terminal, markdown, html] = ["terminal", "markdown", "html"].map(run);
    let (rows, columns) = (csv_rows(&run("csv")), parquet());
    let total = rows.last().expect("a row of totals");
    assert_eq!(total["row"], "total");
    for scenario in report.0["scenarios"].as_array().expect("scenarios") {
        let usd = scenario["total_usd"].as_str().expect("an amount");
        let name = column(scenario);
        assert_eq!(total[&name], usd, "{name}");
        let sum: BigInt = columns.iter().map(|row| atto(&row[&name])).sum();
        assert_eq!(sum, atto(usd), "{name}");
        assert!(markdown.contains(&format!("| {usd} |")), "{name}: {usd}");
        assert!(html.contains(&format!("<data value=\"{usd}\">")), "{name}: {usd}");
        assert!(terminal.contains(&rounded(usd)), "{name}: {usd}");
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
    let without_row = groups.iter().cloned().map(|mut row| {
        row.remove("row");
        row
    });
    assert_eq!(without_row.collect::<Vec<_>>(), parquet());
}

/// Names that are formulas, tables, pages or commands elsewhere.
const HOSTILE: [&str; 9] = [
    "=1+1",
    "a|b",
    "</script><img src=x onerror=alert(1)>",
    "[x](javascript:y) `c` **d**",
    "- [ ] todo",
    "1. $x$",
    "@acme/finance :tada:",
    "https://evil.example www.evil.example",
    "'quoted",
];

#[test]
fn many_groups_are_the_same_table_for_any_threads() {
    // More than four blocks of two threads, with names that need quotes among them.
    let name = |at: usize| match at % 50 {
        0 => format!("a,{at}"),
        1 => format!("say \"\"{at}\"\""),
        2 => format!("two\nlines {at}"),
        3 => format!("={at}"),
        4 => String::new(),
        _ => format!("p{at}"),
    };
    let row = |at: usize| format!("gpt-4o,{},\"{}\"\n", 1000 + at, name(at));
    let log = format!("model,input_tokens,project\n{}", (0..2600).map(row).collect::<String>());
    let of = |options: &str| {
        let run = Run::new().file("log.csv", &log);
        run.line(&format!("report log.csv --by project,model {options}")).go().stdout
    };
    let (one, two) = (of("--format csv --threads 1"), of("--format csv --threads 2"));
    assert_eq!(one, two);
    let report: Value = serde_json::from_str(&of("--format json")).expect("JSON");
    let groups = report["groups"].as_array().expect("groups");
    let table = csv_rows(&one);
    assert_eq!((table.len(), groups.len()), (groups.len() + 1, 2600 - 52 + 1));
    for (row, group) in table.iter().zip(groups) {
        let project = group["key"]["project"].as_str().unwrap_or_default();
        let shown =
            if project.starts_with('=') { format!("'{project}") } else { project.to_owned() };
        assert_eq!((&row["project"], &row["model"]), (&shown, &"gpt-4o".to_owned()));
        assert_eq!(row["recorded_usd"], group["scenarios"][0]["total_usd"]);
        assert_eq!(row["input"], group["quantities"]["input"].to_string());
        assert_eq!(row["requests"], group["requests"].to_string());
    }
}

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
        let shown = if name.starts_with(['=', '-', '@', '\'']) {
            format!("'{name}")
        } else {
            name.to_owned()
        };
        assert!(names.contains(&shown.as_str()), "{shown}: {names:?}");
    }
    let markdown = run("markdown");
    for shown in [
        "| =1+1 |",
        r"| a\|b |",
        r"| \</script\>\<img src=x onerror=alert(1)\> |",
        r"| \[x\](javascript\:y) \`c\` \*\*d\*\* |",
        r"| \- \[ \] todo |",
        r"| 1\. \$x\$ |",
        r"| @<!-- -->acme/finance \:tada: |",
        r"| https\://evil.example www<!-- -->.evil.example |",
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
    for form in ["terminal", "json", "markdown", "csv", "html"] {
        let run = Run::new().log("2026-10-05T10:00:00Z,gpt-4o,standard,1000,0,0\n");
        let done = run.line(&format!("report log.csv --format {form} -o out")).go();
        assert_eq!((done.code, done.stdout.as_str()), (Some(0), ""), "{done}");
        assert!(done.read("out").is_some_and(|text| text.contains("0.0025")), "{form}");
    }
}

#[test]
fn a_reader_of_a_table_that_goes_away_is_no_error() {
    for arguments in [
        "report sample_data/october-2026 --by day,user,project,model --format csv",
        "focus -q sample_data/october-2026",
    ] {
        let mut child = Command::new(PROGRAM)
            .args(arguments.split(' '))
            .current_dir(crate_folder())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program runs");
        drop(child.stdout.take());
        assert!(child.wait().expect("its end").success(), "{arguments}");
    }
}

#[test]
fn a_property_that_is_called_as_a_column_has_a_name_of_its_own() {
    let log = "model,input_tokens,rows,recorded_usd,row\ngpt-4o,1000,a,b,c\n";
    let by = "report log.csv --by rows,recorded_usd,row -q";
    let done = Run::new().file("log.csv", log).line(&format!("{by} --format csv")).go();
    let names = "row,by_rows,by_recorded_usd,by_row,rows,requests,input,recorded_usd,";
    assert!(done.stdout.starts_with(names), "{done}");
    let run = Run::new().file("log.csv", log).line(&format!("{by} --format parquet -o a.parquet"));
    assert_eq!(run.go().code, Some(0));
}

#[test]
fn every_form_says_what_was_asked_for() {
    let arguments = "--where project=a --published-only --from 2026-10-01 --uncovered exclude";
    let asked = "Asked for: only rows with project=a; from 2026-10-01T00:00:00Z; the providers' \
                 own rates alone; each tier without the rows that it has no price for";
    for form in ["terminal", "markdown", "html"] {
        let log = "timestamp,model,input_tokens,project\n2026-10-05,gpt-4o,1000,a\n";
        let run = Run::new().file("log.csv", log).env("COLUMNS", "400");
        let done = run.line(&format!("report log.csv --format {form} {arguments}")).go();
        let text = done.stdout.replace("&#39;", "'").replace('\\', "");
        assert!(text.contains(asked), "{form}: {done}");
    }
}
