//! Every folder of `sample_data`, against the figures that another program
//! worked out in exact fractions (`sample_data/*.expected.toml`).

use std::path::{Path, PathBuf};

use crate::run::{Report, Run, crate_folder};

/// The tables of an `.expected.toml`, by key.
type Table = toml::Table;

/// The folders with expected totals, and what is expected of each.
fn samples() -> Vec<(String, Table)> {
    let folder = crate_folder().join("sample_data");
    let entries = std::fs::read_dir(&folder).expect("the samples");
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.expect("an entry").file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".expected.toml").map(str::to_owned))
        .collect();
    names.sort();
    let expected = |name: String| {
        let text = std::fs::read_to_string(folder.join(format!("{name}.expected.toml")));
        let table = text.expect("expected figures").parse().expect("TOML");
        (name, table)
    };
    names.into_iter().map(expected).collect()
}

/// The samples that are read as a whole: those with totals.
fn folders() -> Vec<(String, Table)> {
    let all: Vec<_> = samples().into_iter().filter(|(_, e)| e.contains_key("totals")).collect();
    assert!(all.len() >= 3, "the samples are gone: {all:?}");
    all
}

fn report(name: &str, arguments: &str) -> Report {
    Run::in_crate().args(["report", &format!("sample_data/{name}")]).line(arguments).report()
}

fn table<'t>(expected: &'t Table, name: &str) -> Option<&'t Table> {
    expected.get(name).and_then(toml::Value::as_table)
}

/// Compares classes of rows; `counts` may have others besides.
fn assert_rows(counts: &serde_json::Value, expected: &Table, what: &str) {
    for (class, rows) in expected.iter().filter(|(class, _)| *class != "format") {
        let rows = rows.as_integer().and_then(|rows| u64::try_from(rows).ok());
        assert_eq!(counts[class].as_u64(), rows, "{what}: {class}");
    }
}

/// Compares the totals of all scenarios.
fn assert_totals(report: &Report, expected: &Table, what: &str) {
    assert_eq!(expected.len(), 12, "{what}: six tiers, with and without caching");
    for (scenario, usd) in expected {
        let (tier, caching) = scenario.split_once('.').expect("TIER.CACHING");
        assert_eq!(report.total(tier, caching), usd.as_str().expect("text"), "{what}: {scenario}");
    }
}

#[test]
fn every_row_of_the_samples_is_accounted_for() {
    for (name, expected) in folders() {
        let report = report(&name, "");
        assert_rows(&report.0["rows"], table(&expected, "rows").expect("rows"), &name);
        let files = table(&expected, "files").expect("files");
        let inputs = report.0["inputs"].as_array().expect("inputs");
        assert_eq!(inputs.len(), files.len(), "{name}");
        for (file, rows) in files {
            let path = format!("sample_data/{name}/{file}");
            let input = inputs.iter().find(|input| input["path"] == path.as_str());
            let input = input.unwrap_or_else(|| panic!("{path} is not among the inputs"));
            let rows = rows.as_table().expect("a table");
            assert_eq!(input["format"].as_str(), rows["format"].as_str(), "{path}");
            assert_rows(&input["rows"], rows, &path);
        }
    }
}

#[test]
fn every_scenario_of_the_samples_has_its_expected_total() {
    for (name, expected) in folders() {
        assert_totals(&report(&name, ""), table(&expected, "totals").expect("totals"), &name);
    }
}

#[test]
fn published_rates_alone_give_their_expected_totals() {
    for (name, expected) in folders() {
        let Some(totals) = table(&expected, "published_only") else { continue };
        let report = report(&name, "--published-only");
        assert_totals(&report, totals, &name);
        if let Some(rows) = table(&expected, "published_only_rows") {
            assert_rows(&report.0["rows"], rows, &name);
        }
    }
}

#[test]
fn the_full_report_states_the_published_totals_beside_its_own() {
    for (name, expected) in folders() {
        let Some(totals) = table(&expected, "published_only") else { continue };
        let report = report(&name, "");
        for (scenario, usd) in totals {
            let (tier, caching) = scenario.split_once('.').expect("TIER.CACHING");
            let beside = &report.scenario(tier, caching)["published_only_usd"];
            assert_eq!(beside.as_str(), usd.as_str(), "{name}: {scenario}");
        }
    }
}

#[test]
fn every_model_of_the_samples_has_its_expected_cost() {
    for (name, expected) in folders() {
        let report = report(&name, "--by model");
        let mut groups = report.groups(&["model"]);
        groups.sort();
        let models = table(&expected, "by_model").expect("models").iter();
        let mut models: Vec<String> = models
            .map(|(model, usd)| format!("{model}: {}", usd.as_str().expect("text")))
            .collect();
        models.sort();
        assert_eq!(groups, models, "{name}");
    }
}

#[test]
fn the_tab_separated_sample_gives_the_same_scenarios_as_the_comma_separated_one() {
    let of = |name: &str| report(name, "").0["scenarios"].clone();
    assert_eq!(of("openai-dashboard-2025-10"), of("openai-dashboard-2025-10-tabs"));
}

/// The files of `defects/`, each with what is expected of it.
fn defects() -> Vec<(PathBuf, Table)> {
    let (name, expected) =
        samples().into_iter().find(|(name, _)| name == "defects").expect("the defects");
    let files = table(&expected, "files").expect("files").clone();
    let folder = Path::new("sample_data").join(name);
    files
        .into_iter()
        .map(|(file, expected)| (folder.join(file), expected.as_table().expect("a table").clone()))
        .collect()
}

#[test]
fn a_defect_costs_its_own_row_and_no_other() {
    for (path, mut expected) in defects() {
        if expected.contains_key("refused") {
            continue;
        }
        let path = path.to_str().expect("a UTF-8 path");
        let report = Run::in_crate().args(["report", path]).report();
        let recorded = expected.remove("recorded").expect("a total");
        assert_eq!(report.recorded(), recorded.as_str().expect("text"), "{path}");
        assert_rows(&report.0["rows"], &expected, path);
        assert_eq!(report.rows("unpriced"), 0, "{path}");
    }
}

#[test]
fn a_file_whose_rows_cannot_be_told_apart_is_refused_without_a_total() {
    let refused = defects().into_iter().filter(|(_, expected)| expected.contains_key("refused"));
    let mut seen = 0;
    for (path, _) in refused {
        let path = path.to_str().expect("a UTF-8 path");
        let done = Run::in_crate().args(["report", path, "--format", "json"]).go();
        let line = if path.contains("quote") { format!("{path}:3: ") } else { format!("{path}: ") };
        done.assert_fails(1, &[&line]);
        seen += 1;
    }
    assert_eq!(seen, 2);
}

#[test]
fn every_sample_file_is_listed_with_what_is_expected_of_it() {
    for (name, expected) in samples() {
        let folder = crate_folder().join("sample_data").join(&name);
        let files = table(&expected, "files").expect("files");
        for entry in std::fs::read_dir(folder).expect("a sample folder") {
            let file = entry.expect("an entry").file_name().into_string().expect("UTF-8");
            assert!(files.contains_key(&file), "{name}/{file} has no expected figures");
        }
    }
}

#[test]
fn groups_by_anything_add_up_to_the_total() {
    for by in ["model", "day", "project", "user", "tier,format", "team", "week,api-key"] {
        let report = report("october-2026", &format!("--by {by}"));
        let by: Vec<&str> = by.split(',').collect();
        let sum: i128 = report.groups(&by).iter().map(|group| atto(group)).sum();
        assert_eq!(sum, atto(&format!(": {}", report.recorded())), "{by:?}");
    }
}

/// The amount after `: ` in units of 1e-18 USD.
fn atto(group: &str) -> i128 {
    let (_, usd) = group.rsplit_once(": ").expect("an amount");
    let (whole, decimals) = usd.split_once('.').unwrap_or((usd, ""));
    format!("{whole}{decimals:0<18}").parse().expect("an amount")
}
