//! Regions: Azure's deployments, OpenAI's regional processing, and what rows
//! that name none are priced as. Amounts are sums of published prices.

use crate::run::Run;

/// 1M input, 1M cached and 1M output tokens, as separate amounts.
const MILLIONS: &str = "2000000,1000000,1000000";

fn azure(region: &str, arguments: &str) -> crate::run::Report {
    let header = "timestamp,provider,region,model,input_tokens,cached_input_tokens,output_tokens";
    let row = format!("2026-10-05T10:00:00Z,azure,{region},gpt-4.1-mini,{MILLIONS}");
    let run = Run::new().file("log.csv", format!("{header}\n{row}\n"));
    run.line("report log.csv").line(arguments).report()
}

#[test]
fn azure_costs_by_deployment_and_location() {
    // Input + cached + output per 1M of the Retail Prices API.
    for (region, standard) in [
        ("global", "2.1"),                   // 0.40 + 0.10 + 1.60
        ("", "2.1"),                         // The usual deployment.
        ("global/westus2", "2.1"),           //
        ("data-zone", "2.31"),               // 0.44 + 0.11 + 1.76
        ("Data-Zone/EastUS", "2.31"),        // Names are without case.
        ("regional/eastus", "2.31"),         //
        ("regional/swedencentral", "2.541"), // 0.484 + 0.121 + 1.936
        ("regional/westeurope", "2.772"),    // 0.528 + 0.132 + 2.112
        ("data-zone/usgovarizona", "2.888"), // 0.55 + 0.138 + 2.20
    ] {
        assert_eq!(azure(region, "").recorded(), standard, "{region}");
    }
}

#[test]
fn azure_tiers_are_those_of_the_deployment() {
    // Priority in the data zone: 0.77 + 0.193 + 3.08, of which 0.193 is rounded by Azure.
    let report = azure("data-zone", "");
    assert_eq!(report.total("priority", "recorded"), "4.043");
    // Batch publishes no cached price: 2 x 0.22 + 0.88.
    assert_eq!(report.total("batch", "recorded"), "1.32");
    // A regional deployment has neither; it is Standard's price, with the reason.
    let report = azure("regional/swedencentral", "");
    for tier in ["flex", "priority", "batch"] {
        let fallback = &report.scenario(tier, "recorded")["fallback"];
        assert_eq!(fallback["usd"], "2.541", "{tier}");
        assert_eq!(fallback["reasons"][0]["reason"], "not_offered", "{tier}");
    }
}

#[test]
fn a_location_alone_or_an_unknown_region_has_no_price_and_says_so() {
    for region in ["swedencentral", "regional/atlantis"] {
        let report = azure(region, "");
        assert_eq!(report.rows("unpriced"), 1, "{region}");
        assert_eq!(report.0["unpriced"][0]["reason"], "not_in_region", "{region}");
    }
    let named = azure("swedencentral", "--region swedencentral=regional/swedencentral");
    assert_eq!(named.recorded(), "2.541");
}

#[test]
fn rows_without_a_region_take_the_asked_one_or_the_usual_with_a_note() {
    let usual = azure("", "");
    let note = "1 row of azure without a region, priced as global: `--region` names another";
    assert_eq!(usual.notes("region_assumed"), [note]);
    let asked = azure("", "--region data-zone");
    assert_eq!(asked.recorded(), "2.31");
    assert!(asked.notes("region_assumed").is_empty());
    // The log's own region is not overruled.
    assert_eq!(azure("global", "--region data-zone").recorded(), "2.1");
}

#[test]
fn regions_group_and_filter() {
    let header = "timestamp,provider,region,model,input_tokens";
    let rows = ["global", "data-zone", ""]
        .map(|region| format!("2026-10-05T10:00:00Z,azure,{region},gpt-4.1-mini,1000000\n"));
    let run = || Run::new().file("log.csv", format!("{header}\n{}", rows.concat()));
    let report = run().line("report log.csv --by region").report();
    assert_eq!(report.groups(&["region"]), ["data-zone: 0.44", "-: 0.4", "global: 0.4"]);
    let one = run().line("report log.csv --where region=data-zone").report();
    assert_eq!((one.recorded(), one.rows("filtered")), ("0.44", 2));
}

#[test]
fn a_model_that_azure_lacks_has_openais_list_price_by_the_articles_word() {
    let log = "timestamp,provider,region,model,input_tokens\n\
               2026-10-05T10:00:00Z,azure,global/eastus,gpt-4o,1000000\n";
    let run = || Run::new().file("log.csv", log);
    let report = run().line("report log.csv").report();
    assert_eq!(report.recorded(), "2.5");
    assert_eq!(
        report.scenario("recorded", "recorded")["by_evidence"],
        serde_json::json!([{ "evidence": "article", "usd": "2.5" }])
    );
    let note = report.notes("borrowed_list")[0];
    assert!(note.starts_with("openai's list price is taken where no azure price is"), "{note}");
    assert!(note.ends_with(": gpt-4o"), "{note}");
    // By the provider's own table alone there is none.
    let published = run().line("report log.csv --published-only").report();
    assert_eq!(published.rows("unpriced"), 1);
    // Without a provider the name is OpenAI's own.
    let plain = "timestamp,model,input_tokens\n2026-10-05T10:00:00Z,gpt-4o,1000000\n";
    let plain = Run::new().file("log.csv", plain).line("report log.csv").report();
    assert_eq!(plain.scenario("recorded", "recorded")["by_evidence"][0]["evidence"], "provider");
}

/// A card of azure's gpt-4o input for 2.00.
const AZURE_CARD: &str = r#"schema = 1
layer = "contract"
provider = "azure"
evidence = "user"
table = "partial"
source = "contract 42"
checked = 2026-10-01
[[models]]
id = "gpt-4o"
prices = [{ tier = "standard", usd = { input = "2.00" } }]
"#;

#[test]
fn a_fee_that_azure_has_from_openais_list_is_no_published_price() {
    let log = "model,code_interpreter_sessions\ngpt-4.1-mini-ft-model-grader,2\n";
    let run = || Run::new().file("log.csv", log);
    let all = run().line("report log.csv").report();
    assert_eq!(all.recorded(), "0.06");
    assert_eq!(
        all.scenario("recorded", "recorded")["by_evidence"],
        serde_json::json!([{ "evidence": "article", "usd": "0.06" }])
    );
    let published = run().line("report log.csv --published-only").report();
    assert_eq!((published.rows("priced"), published.rows("unpriced")), (0, 1));
}

#[test]
fn a_card_of_azure_prices_no_row_that_names_no_provider() {
    let log = "timestamp,provider,model,input_tokens\n\
               2026-10-05T10:00:00Z,,gpt-4o,1000000\n\
               2026-10-05T10:00:00Z,azure,gpt-4o,1000000\n";
    let run = Run::new().file("log.csv", log).file("card.toml", AZURE_CARD);
    let report = run.line("report log.csv --rates card.toml --by provider").report();
    // OpenAI's 2.50 and the contract's 2.00.
    assert_eq!(report.groups(&["provider"]), ["-: 2.5", "azure: 2"]);
}

#[test]
fn regional_processing_multiplies_the_rates_of_models_since_2026_03() {
    let header = "timestamp,provider,region,model,input_tokens,output_tokens";
    let cost = |region: &str, model: &str, tier: &str| {
        let row = format!("2026-10-05T10:00:00Z,openai,{region},{model},1000000,1000000");
        let run = Run::new().file("log.csv", format!("{header}\n{row}\n"));
        run.line("report log.csv").report().total(tier, "recorded").to_owned()
    };
    // gpt-5.4, long context: 5.00 + 22.50; x 1.10.
    assert_eq!(cost("", "gpt-5.4", "standard"), "27.5");
    assert_eq!(cost("eu", "gpt-5.4", "standard"), "30.25");
    // Batch: 2.50 + 11.25; x 1.10.
    assert_eq!(cost("regional", "gpt-5.4", "batch"), "15.125");
    // Older models have no surcharge; other names are not OpenAI's.
    assert_eq!(cost("eu", "gpt-4.1-mini", "standard"), "2");
    assert_eq!(cost("eu-west-1", "gpt-5.4", "standard"), "27.5");
}

#[test]
fn an_estimate_and_a_sheet_take_a_region() {
    let line = "estimate --provider azure --model gpt-4.1-mini --input 1000000 --region data-zone";
    let estimate = Run::new().line(line).line("--format json").go().json();
    assert_eq!(estimate.total("standard", "recorded"), "0.44");
    let sheet = "rates explain gpt-4.1-mini --provider azure --region regional/uksouth";
    let why = Run::new().line(sheet).line("--format json").go().json();
    assert_eq!(
        (&why.0["price"]["usd"], &why.0["region"]),
        (&serde_json::json!("0.484"), &serde_json::json!("regional/uksouth"))
    );
}

#[test]
fn an_explanation_says_that_the_price_is_of_other_regions() {
    let line = "rates explain gpt-4.1-mini --provider azure --region swedencentral";
    let text = Run::new().line(line).go().stdout;
    let why = "none, not in region: priced in other regions, not in this one";
    assert!(text.contains(why), "{text}");
}
