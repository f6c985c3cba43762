//! The page: its figures are those of the JSON report, with and without a script, and
//! what logs say stays text.

use std::path::PathBuf;

use base64::Engine as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::browser::{Browser, chromium};
use crate::run::{Done, Report, Run};

const TIERS: [&str; 5] = ["recorded", "standard", "flex", "priority", "batch"];

/// A month of some rows a day for every model and project, in all tiers, with caching,
/// images and tools: `models` x `projects` x 31 rows.
fn month(models: &[&str], projects: usize) -> String {
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
const MODELS: [&str; 12] = [
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

fn small() -> String {
    month(&["gpt-4.1-mini", "gpt-5.4", "o3", "gpt-4o-mini"], 3)
}

fn page(log: &str, arguments: &str) -> (Done, PathBuf) {
    let run = Run::new().file("log.csv", log);
    let done = run.line(&format!("report log.csv --html page.html {arguments}")).go();
    assert_eq!(done.code, Some(0), "{done}");
    let path = done.path("page.html");
    (done, path)
}

fn report(log: &str, arguments: &str) -> Report {
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
const HOSTILE: [&str; 4] = [
    "</script><img src=x onerror=alert(1)>",
    "<!--<script>",
    "&lt;b&gt;",
    "'\"><svg onload=alert(2)>",
];

fn hostile() -> String {
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

/// A browser that shows the page of a log.
fn shown(test: &str, log: &str, arguments: &str) -> Option<(Browser, Done, PathBuf)> {
    let program = chromium(test)?;
    let (done, path) = page(log, arguments);
    let mut browser = Browser::start(&program);
    browser.open(&path, "");
    Some((browser, done, path))
}

#[test]
fn the_page_opens_quietly_and_prices_every_choice_as_the_report() {
    let log = small();
    let Some((mut browser, _done, _)) = shown("page", &log, "") else { return };
    let choose = |browser: &mut Browser, selector: &str, value: &str| {
        browser.eval(&format!(
            "{{ const e = document.querySelector('{selector}'); e.value = '{value}'; \
             e.dispatchEvent(new Event('input', {{bubbles: true}})); \
             e.dispatchEvent(new Event('change', {{bubbles: true}})); }}"
        ));
    };
    let live = |browser: &mut Browser| browser.text("document.querySelector('#live').value");
    let plain = report(&log, "");
    assert_eq!(live(&mut browser), plain.recorded());
    for (at, tier) in TIERS.iter().enumerate() {
        choose(&mut browser, "#all-tier", &at.to_string());
        browser.eval("document.querySelector('input[value=recorded]').click()");
        assert_eq!(live(&mut browser), plain.total(tier, "recorded"), "{tier}");
        browser.eval("document.querySelector('input[value=none]').click()");
        assert_eq!(live(&mut browser), plain.total(tier, "none"), "{tier}");
        for share in ["0", "37", "100"] {
            let assumed = report(&log, &format!("--assume-cached {share}%"));
            choose(&mut browser, "#share", share);
            assert_eq!(live(&mut browser), assumed.total(tier, "assumed"), "{tier} {share} %");
        }
    }
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn models_and_projects_move_and_the_address_keeps_it() {
    let log = small();
    let Some((mut browser, done, path)) = shown("moves", &log, "") else { return };
    let report = report(&log, "");
    // Cheapest, as the report assigns it, by hand.
    let mut fragment = Vec::new();
    for one in report.0["assignments"].as_array().expect("assignments") {
        if one["caching"] == "recorded" {
            let [model, tier] = ["model", "tier"].map(|key| one[key].as_str().expect("text"));
            fragment.push(format!("model:{model}={tier}"));
        }
    }
    browser.open(&path, &format!("#{}", fragment.join("&")));
    let live = "document.querySelector('#live').value";
    assert_eq!(browser.text(live), report.total("cheapest", "recorded"));
    let sum = "document.querySelector('table[data-live=project] tfoot .live data').value";
    assert_eq!(browser.text(sum), report.total("cheapest", "recorded"));
    // A project's choice goes before its models': all projects on Priority.
    for at in 0..3 {
        browser.eval(&format!(
            "{{ const e = document.querySelectorAll('table[data-live=project] select')[{at}]; \
             e.value = '3'; e.dispatchEvent(new Event('change')); }}"
        ));
    }
    assert_eq!(browser.text(live), report.total("priority", "recorded"));
    let address = browser.text("location.hash");
    assert!(address.contains("project%3Aproject-0=priority"), "{address}");
    browser.open(&path, &address);
    assert_eq!(browser.text(live), report.total("priority", "recorded"));
    browser.eval("document.querySelector('#reset').click()");
    assert_eq!(browser.text(live), report.recorded());
    assert_eq!(browser.text("location.hash"), "");
    assert_eq!(browser.complaints(), Vec::<String>::new(), "{done}");
}

#[test]
fn usage_that_a_tier_cannot_price_is_left_out_where_that_is_asked_for() {
    let (log, arguments) = (small(), "--uncovered exclude");
    let Some((mut browser, _done, path)) = shown("left out", &log, arguments) else { return };
    let report = report(&log, arguments);
    assert_ne!(report.total("flex", "recorded"), self::report(&log, "").total("flex", "recorded"));
    for tier in TIERS {
        browser.open(&path, &format!("#tier={tier}"));
        let total = browser.text("document.querySelector('#live').value");
        assert_eq!(total, report.total(tier, "recorded"), "{tier}");
    }
}

#[test]
fn tables_sort_by_exact_amounts_and_filter_by_name() {
    let log = month(&MODELS, 2);
    let Some((mut browser, _done, _)) = shown("tables", &log, "") else { return };
    let column = "[...document.querySelectorAll('table[data-by=model] tbody tr')]";
    browser.eval("document.querySelectorAll('table[data-by=model] thead button')[4].click()");
    let sorted = browser
        .eval(&format!("{column}.map((row) => row.children[4].querySelector('data').value)"));
    let sorted: Vec<num_rational::BigRational> = sorted
        .as_array()
        .expect("rows")
        .iter()
        .map(|usd| crate::oracle::decimal(usd.as_str().expect("an amount")))
        .collect();
    assert!(sorted.len() == 12 && sorted.iter().rev().is_sorted(), "{sorted:?}");
    browser.eval(
        "{ const e = document.querySelector('input[aria-label=\"Filter by model\"]'); \
         e.value = 'GPT-4.1'; e.dispatchEvent(new Event('input')); }",
    );
    let left = browser.eval(&format!(
        "{column}.filter((row) => !row.hidden).map((row) => row.children[0].textContent)"
    ));
    let mut left: Vec<&str> =
        left.as_array().expect("rows").iter().filter_map(Value::as_str).collect();
    left.sort_unstable();
    assert_eq!(left, ["gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano"]);
}

#[test]
fn hostile_names_are_text_in_a_browser() {
    let Some((mut browser, _done, _)) = shown("names", &hostile(), "--by team") else { return };
    for by in ["project", "team"] {
        let names = browser.eval(&format!(
            "[...document.querySelectorAll('table[data-by={by}] tbody th')].map((one) => one.textContent)"
        ));
        let mut names: Vec<&str> =
            names.as_array().expect("names").iter().filter_map(Value::as_str).collect();
        let mut all = HOSTILE;
        names.sort_unstable();
        all.sort_unstable();
        assert_eq!(names, all);
    }
    assert_eq!(browser.eval("document.querySelectorAll('img, [onload], [onerror]').length"), 0);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_page_is_no_wider_than_a_phone() {
    let Some((mut browser, _done, path)) = shown("phone", &month(&MODELS, 3), "") else { return };
    for width in [1280, 390] {
        browser.resize(width, 800);
        browser.open(&path, "#cached=60");
        let wide = browser.eval("document.documentElement.scrollWidth").as_u64();
        assert!(wide.is_some_and(|wide| wide <= u64::from(width)), "{wide:?} of {width}");
    }
}
