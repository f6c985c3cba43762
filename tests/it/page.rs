//! The page: its figures are those of the JSON report, with and without a script, and
//! what logs say stays text.

use std::path::PathBuf;

use base64::Engine as _;
use sha2::{Digest as _, Sha256};

use crate::run::{Done, Report, Run};

/// A month of some rows a day for every model and project, in all tiers, with caching,
/// images and tools: `models` x `projects` x 31 rows.
pub(crate) fn month(models: &[&str], projects: usize) -> String {
    let mut log = "timestamp,model,service_tier,project,user,input_tokens,cached_input_tokens,\
                   image_input_tokens,output_tokens,web_search_calls\n"
        .to_owned();
    let tiers = ["default", "flex", "batch", "priority", "default"];
    let mut seed: u64 = 7;
    let mut next = |most: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % most
    };
    for day in 1..=31 {
        for project in 0..projects {
            for model in models {
                let tier = *tiers.get(usize::try_from(next(5)).expect("small")).expect("a tier");
                let (input, cached, image) = (next(300_000), next(2), next(10) / 9 * 50);
                let row = format!(
                    "2026-10-{day:02}T10:00:00Z,{model},{tier},project-{project},user-{},{},{},{image},{},{}\n",
                    next(40),
                    input + image,
                    input / 2 * cached,
                    next(5_000),
                    next(20) / 19
                );
                log.push_str(&row);
            }
        }
    }
    log
}

/// A dozen models of several providers.
pub(crate) const MODELS: [&str; 12] = [
    "gpt-4.1-mini",
    "gpt-4.1",
    "gpt-4o",
    "gpt-4o-mini",
    "gpt-5",
    "gpt-5-mini",
    "gpt-5-nano",
    "o3",
    "o4-mini",
    "gpt-5.4",
    "gpt-4.1-nano",
    "claude-haiku-4-5",
];

pub(crate) fn small() -> String {
    month(&["gpt-4.1-mini", "gpt-5.4", "o3", "gpt-4o-mini"], 3)
}

pub(crate) fn page(log: &str, arguments: &str) -> (Done, PathBuf) {
    let run = Run::new().file("log.csv", log);
    let done = run.line(&format!("report log.csv --html page.html {arguments}")).go();
    assert_eq!(done.code, Some(0), "{done}");
    let path = done.path("page.html");
    (done, path)
}

pub(crate) fn report(log: &str, arguments: &str) -> Report {
    Run::new().file("log.csv", log).line(&format!("report log.csv {arguments}")).report()
}

/// The texts between two others.
fn between<'t>(text: &'t str, start: &str, end: &str) -> Vec<&'t str> {
    let parts = text.split(start).skip(1);
    parts.filter_map(|part| part.split_once(end).map(|(inside, _)| inside)).collect()
}

#[test]
fn the_matrix_has_every_total_to_the_last_digit() {
    let (log, arguments) = (small(), "--assume-cached 60%");
    let (done, _) = page(&log, arguments);
    let html = done.read("page.html").expect("the page");
    let matrix = between(&html, "<table id=\"matrix\">", "</table>")[0];
    let shown = between(matrix, "<td class=\"n\"><data value=\"", "\"");
    let report = report(&log, arguments);
    let mut totals = Vec::new();
    for tier in ["recorded", "standard", "flex", "priority", "batch", "cheapest"] {
        for caching in ["recorded", "none", "assumed"] {
            totals.push(report.total(tier, caching));
        }
        if let Some(usd) = report.scenario(tier, "recorded")["published_only_usd"].as_str() {
            totals.push(usd);
        }
    }
    assert_eq!(shown, totals);
}

#[test]
fn the_rows_of_each_table_are_the_groups_of_the_report() {
    let log = small();
    let (done, _) = page(&log, "");
    let html = done.read("page.html").expect("the page");
    for by in ["model", "project", "user", "day"] {
        let table = between(&html, &format!("data-by=\"{by}\">"), "</table>")[0];
        let report = report(&log, &format!("--by {by}"));
        let groups = report.0["groups"].as_array().expect("groups");
        let rows = between(between(table, "<tbody>", "</tbody>")[0], "<tr>", "</tr>");
        assert_eq!(rows.len(), groups.len(), "{by}");
        for (row, group) in rows.iter().zip(groups) {
            let name = between(row, "<th scope=\"row\">", "</th>")[0];
            assert_eq!(name, group["key"][by].as_str().expect("a value"), "{by}");
            let shown = between(row, "<td class=\"n\"><data value=\"", "\"");
            let totals = group["scenarios"].as_array().expect("scenarios").iter();
            let totals = totals.filter(|one| one["caching"] == "recorded");
            let totals: Vec<&str> =
                totals.map(|one| one["total_usd"].as_str().expect("an amount")).collect();
            assert_eq!(shown, totals, "{by} {name}");
        }
    }
}

#[test]
fn a_month_of_twelve_models_and_twenty_projects_is_small() {
    let (done, path) = page(&month(&MODELS, 20), "-q");
    let size = std::fs::metadata(path).expect("the page").len();
    assert!(size < 500_000, "{size} bytes: {done}");
}

#[test]
fn the_policy_allows_the_own_style_and_script_and_nothing_else() {
    let (done, _) = page(&small(), "");
    let html = done.read("page.html").expect("the page");
    let hash = |tag: &str| {
        let text = between(&html, &format!("<{tag}>"), &format!("</{tag}>"))[0];
        let digest = Sha256::digest(text.as_bytes());
        format!("sha256-{}", base64::engine::general_purpose::STANDARD.encode(digest))
    };
    let policy = format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; base-uri 'none'; form-action 'none'",
        hash("script"),
        hash("style")
    );
    assert!(html.contains(&format!("content=\"{policy}\"")), "{policy}");
    for outside in ["http:", "https:", "url(", "@import", " style=", " onclick", "src="] {
        assert!(!html.contains(outside), "{outside}");
    }
}

/// Names that are tags, entities and scripts.
pub(crate) const HOSTILE: [&str; 4] = [
    "</script><img src=x onerror=alert(1)>",
    "<!--<script>",
    "&lt;b&gt;",
    "'\"><svg onload=alert(2)>",
];

pub(crate) fn hostile() -> String {
    let rows = HOSTILE.iter().enumerate().map(|(at, name)| {
        let name = name.replace('"', "\"\"");
        format!("2026-10-0{}T00:00:00Z,gpt-4o,1000,\"{name}\",\"{name}\"\n", at + 1)
    });
    format!("timestamp,model,input_tokens,project,team\n{}", rows.collect::<String>())
}

#[test]
fn what_logs_say_is_no_tag_of_the_page() {
    let (done, _) = page(&hostile(), "--by team");
    let html = done.read("page.html").expect("the page");
    for tag in ["<img", "<svg onload", "<!--", "<b>"] {
        assert!(!html.contains(tag), "{tag}");
    }
    assert_eq!(html.matches("<script").count(), 2);
    assert_eq!(html.matches("</script").count(), 2);
}

#[test]
fn a_page_needs_a_file_of_its_own() {
    let run = |arguments: &str| Run::new().file("log.csv", small()).line(arguments).go();
    run("report log.csv --html -").assert_fails(2, &["--html -", "a file of its own"]);
    run("report log.csv --html a -o a").assert_fails(2, &["--html a", "a file of its own"]);
    run("report log.csv --html log.csv").assert_fails(2, &["log.csv is an input"]);
    run("report log.csv --html no/a.html").assert_fails(1, &["no/a.html", "no such folder"]);
    let done = run("report log.csv --format html -o page.html");
    assert_eq!((done.code, done.stdout.as_str()), (Some(0), ""), "{done}");
    let (other, _) = page(&small(), "");
    assert_eq!(done.read("page.html"), other.read("page.html"));
}

#[test]
fn the_page_of_a_ledger_is_that_of_its_logs() {
    let log = small();
    let (page, _) = page(&log, "");
    let saved = Run::new()
        .file("log.csv", &log)
        .line("ledger log.csv -q --by user,project -o a.parquet")
        .go();
    let ledger = std::fs::read(saved.path("a.parquet")).expect("the ledger");
    let again = Run::new().file("a.parquet", ledger).line("report a.parquet --html page.html").go();
    assert_eq!(again.code, Some(0), "{again}");
    let without_files = |done: &Done| {
        let html = done.read("page.html").expect("the page");
        let (before, _) = html.split_once("<section id=\"notes\">").expect("notes");
        let ledger = between(&html, "id=\"ledger\">", "</script>")[0].to_owned();
        (before.to_owned(), ledger)
    };
    assert_eq!(without_files(&again), without_files(&page));
    // A ledger that does not keep them has no such tables, and is no error.
    let bare = Run::new().file("log.csv", &log).line("ledger log.csv -q -o a.parquet").go();
    let ledger = std::fs::read(bare.path("a.parquet")).expect("the ledger");
    let bare = Run::new().file("a.parquet", ledger).line("report a.parquet --html page.html").go();
    assert_eq!(bare.code, Some(0), "{bare}");
    let html = bare.read("page.html").expect("the page");
    assert!(html.contains("data-by=\"model\"") && !html.contains("data-by=\"user\""));
}

#[test]
fn without_uncovered_rows_a_change_is_against_the_same_rows() {
    let (log, arguments) = (small(), "--uncovered exclude");
    let (done, _) = page(&log, arguments);
    let html = done.read("page.html").expect("the page");
    let matrix = between(&html, "<table id=\"matrix\">", "</table>")[0];
    let rows = between(between(matrix, "<tbody>", "</tbody>")[0], "<tr>", "</tr>");
    let report = report(&log, arguments);
    for (row, tier) in rows.iter().zip(["recorded", "standard", "flex", "priority", "batch"]) {
        let scenario = report.scenario(tier, "recorded");
        let [usd, delta] = ["total_usd", "delta_usd"]
            .map(|field| crate::oracle::decimal(scenario[field].as_str().expect("an amount")));
        let tenths =
            (&delta * crate::oracle::decimal("1000") / (usd - &delta)).round().to_integer();
        let shown = between(between(row, "<td class=\"n ", "</td>")[0], "\">", "%").concat();
        let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
        let sign = if shown.starts_with('-') { "-" } else { "" };
        let digits = if digits.is_empty() { "0" } else { digits.trim_start_matches('0') };
        assert_eq!(format!("{sign}{digits}"), tenths.to_string(), "{tier}: {row}");
    }
    // Lines of different rows do not cross.
    assert!(!html.contains("cost the same with"));
    assert!(html.contains("* without the rows that the tier has no price for"));
}

#[test]
fn times_without_usage_are_in_the_chart() {
    let day = |day: &str| format!("{day},gpt-4o,1000000\n");
    let chart = |days: &[&str]| {
        let rows: String = days.iter().map(|one| day(one)).collect();
        let (done, _) = page(&format!("timestamp,model,input_tokens\n{rows}"), "");
        let html = done.read("page.html").expect("the page");
        let title = between(&html, "<h2>Cost by ", ",")[0].to_owned();
        let figure = between(&html, "<figure class=\"by-model\">", "</figure>")[0];
        let bars: Vec<i64> = between(figure, "<rect class=\"s0\" x=\"", "\"")
            .iter()
            .map(|x| x.parse().expect("a place"))
            .collect();
        (title, bars)
    };
    // Eleven days from 64 to 770: the third begins at 64 + 706 x 2 / 11.
    assert_eq!(
        chart(&["2026-10-01", "2026-10-03", "2026-10-11"]),
        ("day".into(), vec![64, 192, 705])
    );
    // From Monday 2024-12-02 to that of 2026-09-28 are 95 weeks: 64 + 706 x 95 / 96.
    assert_eq!(chart(&["2024-12-05", "2026-10-02"]), ("week".into(), vec![64, 762]));
    // 29 months: the last one begins at 64 + 706 x 28 / 29.
    assert_eq!(chart(&["2024-08-10", "2026-12-02"]), ("month".into(), vec![64, 745]));
    // Without a time: after a gap, the third of three.
    assert_eq!(chart(&["2026-10-01", ""]), ("day".into(), vec![64, 534]));
}
