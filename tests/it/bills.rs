//! What was really billed, beside what the program makes of the same usage, and
//! that the README says so.

use std::collections::BTreeMap;

use serde_json::Value;
use toml::Table;

use crate::price::{Priced, assert_adds_up, rows};
use crate::readme::readme;
use crate::run::{Report, Run, crate_folder};

/// A sample of six days of usage whose costs were published too.
const DAYS: &str = "sample_data/openai-dashboard-2025-10";

/// Requests with what was charged for each.
const REQUESTS: &str = "sample_data/real-bills/requests.csv";

const MEANINGS: &str = "timestamp=asked,model=model,input=prompt_tokens,cached=of_it_cached,\
                        cache_write=of_it_written_to_cache,output=completion_tokens,\
                        billed_cost=charged_usd";

/// The gateway's names that the rate book does not know by itself.
const ALIASES: [&str; 3] = [
    "google/gemini-3.1-pro-preview=gemini-3.1-pro-preview",
    "google/gemini-3.1-pro-preview-20260219=gemini-3.1-pro-preview",
    "google/gemini-3.8-flash=gemini-3.8-flash",
];

fn requests(command: &str) -> Run {
    let run = Run::in_crate().args([command, REQUESTS, "--map", MEANINGS]);
    ALIASES.iter().fold(run, |run, alias| run.args(["--alias", *alias]))
}

fn priced_requests() -> Vec<Priced> {
    let done = requests("price").go();
    assert_eq!(done.code, Some(0), "{done}");
    rows(&done.stdout)
}

/// What is expected of each model of the requests.
fn expected() -> BTreeMap<String, Table> {
    let path = crate_folder().join("sample_data/real-bills.expected.toml");
    let text = std::fs::read_to_string(path).expect("the expected figures");
    let table: Table = text.parse().expect("TOML");
    let models = table["models"].as_table().expect("models").clone();
    models.into_iter().map(|(name, of)| (name, of.as_table().expect("a table").clone())).collect()
}

fn text<'t>(table: &'t Table, name: &str) -> Option<&'t str> {
    table.get(name).and_then(toml::Value::as_str)
}

/// Day, what was billed for it, and what its usage is priced at.
const BILLED_DAYS: [(&str, &str, &str); 6] = [
    ("2025-10-05", "0.895874", "0.24726"),
    ("2025-10-06", "0.56177125", "0.81584275"),
    ("2025-10-07", "0.569788", "0.569788"),
    ("2025-10-08", "0.5455665", "0"),
    ("2025-10-10", "0.3409", "0.3409"),
    ("2025-10-11", "0.072054", "0.072054"),
];

#[test]
fn three_days_cost_what_was_billed_for_them() {
    // gpt-5-mini: 80,992 x 0.25 + 274,770 x 2; 124,784 x 0.25 + 154,852 x 2;
    // 22,688 x 0.25 + 33,191 x 2; per million. The export has no usage on 2025-10-08.
    let report = Run::in_crate().args(["report", DAYS, "--by", "day"]).report();
    let priced: Vec<String> = BILLED_DAYS
        .iter()
        .filter(|(.., priced)| *priced != "0")
        .map(|(day, _, priced)| format!("{day}: {priced}"))
        .collect();
    assert_eq!(report.groups(&["day"]), priced);
    assert_eq!(BILLED_DAYS.iter().filter(|(_, billed, priced)| billed == priced).count(), 3);
}

#[test]
fn a_fourth_day_was_billed_with_a_row_that_the_usage_export_puts_a_day_later() {
    // gpt-4o: 53,440 x 2.50 + 5,760 x 1.25 + 10,646 x 10 = 247,260 per million.
    // gpt-5: 38,072 x 1.25 + 8,192 x 0.125 + 60,000 x 10 = 648,614 per million.
    // Billed for 2025-10-05: 0.895874 = 0.24726 + 0.648614.
    // The other row of gpt-5: 5,783 x 1.25 + 16,000 x 10 = 167,228.75 per million.
    let done = Run::in_crate().args(["price", DAYS]).go();
    let rows = rows(&done.stdout);
    let found = rows.iter().take(3).map(|row| {
        let day = row["start"].split('T').next().unwrap_or_default();
        format!("{day} {} {}", row["model"], row["recorded_usd"])
    });
    assert_eq!(
        found.collect::<Vec<_>>(),
        [
            "2025-10-05 gpt-4o-2024-08-06 0.24726",
            "2025-10-06 gpt-5-2025-08-07 0.648614",
            "2025-10-06 gpt-5-2025-08-07 0.16722875",
        ]
    );
}

#[test]
fn a_log_with_what_was_billed_shows_no_difference() {
    // The three days, with 0.569788 + 0.3409 + 0.072054 = 0.982742 billed.
    let log = "day,model,requests,in,out,billed\n\
               2025-10-07,gpt-5-mini-2025-08-07,21,80992,274770,0.569788\n\
               2025-10-10,gpt-5-mini-2025-08-07,11,124784,154852,0.34090000000000000\n\
               2025-10-11,gpt-5-mini-2025-08-07,2,22688,33191,0.072054\n";
    let map = "timestamp=day,model=model,requests=requests,input=in,output=out,billed_cost=billed";
    let run = || Run::new().file("log.csv", log).args(["report", "log.csv", "--map", map]);
    let billed = run().report().0["billed"].clone();
    let of = |name: &str| billed[name].as_str().expect("an amount").to_owned();
    assert_eq!([of("usd"), of("priced_usd"), of("difference_usd")], ["0.982742", "0.982742", "0"]);
    let shown = run().go().stdout;
    let line = "Billed, as 3 rows say: 0.982742 USD; priced at 0.982742 USD, difference 0.00 USD";
    assert!(shown.contains(line), "{shown}");
}

#[test]
fn a_difference_is_shown_with_the_two_amounts_that_it_is_between() {
    // 1,000,000 x 0.40 per million; 0.50 - 0.40. The other row has no price.
    let log = "model,input_tokens,billed_cost\ngpt-4.1-mini,1000000,0.5\nacme-7b,1000000,2\n";
    let shown = Run::new().file("log.csv", log).line("report log.csv").go().stdout;
    let line = "Billed, as 2 rows say: 2.50 USD; 1 of them, billed 0.50 USD, priced at 0.40 USD, \
                difference 0.10 USD";
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(&shown).contains(&words(line)), "{shown}");
}

#[test]
fn every_charged_request_agrees_to_the_last_digit_or_differs_as_is_said() {
    let expected = expected();
    let mut counts = BTreeMap::new();
    for row in priced_requests() {
        let of = &expected[&row["model"]];
        let verdict = match (text(of, "billed"), text(of, "priced")) {
            (billed, priced) if billed == priced => "agrees",
            (_, None) => "no rate",
            _ if row["model"] == "openai/gpt-5.6-sol" => "half",
            _ => "differs",
        };
        match verdict {
            "agrees" => assert_eq!(row["billed_usd"], row["recorded_usd"], "{row:?}"),
            "no rate" => assert_eq!(row["recorded_reason"], "unknown_model", "{row:?}"),
            "half" => {
                assert_eq!(row["billed_usd"], row["flex_usd"], "{row:?}");
                assert_eq!(row["billed_usd"], row["batch_usd"], "{row:?}");
            }
            _ => assert_ne!(row["billed_usd"], row["recorded_usd"], "{row:?}"),
        }
        *counts.entry(verdict).or_insert(0) += 1;
    }
    assert_eq!(counts, [("agrees", 23), ("differs", 1), ("half", 10), ("no rate", 2)].into());
}

#[test]
fn the_charged_requests_add_up_to_their_report() {
    assert_adds_up(&priced_requests(), &requests("report").report(), REQUESTS);
}

/// What was billed for a model's requests, and what they are priced at.
fn billed(model: &str) -> Value {
    let Report(report) = requests("report").args(["--where", &format!("model={model}")]).report();
    report["billed"].clone()
}

#[test]
fn every_model_of_the_charged_requests_has_its_expected_sums() {
    for (model, of) in expected() {
        let found = billed(&model);
        assert_eq!(found["rows"].as_i64(), of["rows"].as_integer(), "{model}");
        assert_eq!(found["usd"].as_str(), text(&of, "billed"), "{model}");
        let priced = text(&of, "priced");
        assert_eq!(found["priced_usd"].as_str(), Some(priced.unwrap_or("0")), "{model}");
    }
}

#[test]
fn the_readme_has_the_comparison_as_it_is() {
    let readme = readme();
    for (model, of) in expected() {
        let [billed, priced] = ["billed", "priced"].map(|name| text(&of, name));
        let rows = of["rows"].as_integer().expect("a number");
        let (billed, priced) = (billed.expect("a sum"), priced.unwrap_or("no rate"));
        let row = format!("| `{model}` | {rows} | {billed} | {priced} |");
        assert!(readme.contains(&row), "{row}");
    }
    for (day, billed, priced) in BILLED_DAYS {
        let row = format!("| {day} | {billed} | {priced} |");
        assert!(readme.contains(&row), "{row}");
    }
    for alias in ALIASES {
        assert!(readme.contains(&format!("--alias {alias}")), "{alias}");
    }
    assert!(readme.contains(&format!("--map {MEANINGS}")), "{MEANINGS}");
}
