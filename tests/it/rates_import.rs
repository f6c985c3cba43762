//! `tierwise rates import`: cards from price lists of other projects, with
//! figures worked out by hand from lists made up in their shapes.
#![cfg(test)]

use crate::run::{Done, HEADER, Run};

/// A list in litellm's shape. 1.4e-07 a token is 0.14 a million.
pub(crate) const LITELLM: &str = r#"{
  "sample_spec": {"litellm_provider": "one of the providers", "input_cost_per_token": 0.0},
  "made-up-1": {
    "litellm_provider": "openai",
    "mode": "chat",
    "max_output_tokens": 8192,
    "input_cost_per_token": 1.4e-07,
    "cache_read_input_token_cost": 1.4e-8,
    "cache_creation_input_token_cost": 0.0,
    "output_cost_per_token": 0.0000012,
    "input_cost_per_token_batches": 7e-08,
    "output_cost_per_token_priority": 2.4E-6,
    "input_cost_per_token_above_272k_tokens": 2.8e-07,
    "input_cost_per_token_above_272k_tokens_batches": 1.4e-07,
    "output_cost_per_audio_token": null,
    "search_context_cost_per_query": {"search_context_size_low": 0.01},
    "supports_vision": true
  },
  "openai/made-up-2": {"litellm_provider": "openai", "input_cost_per_token": 5.46875e-07},
  "draws": {"litellm_provider": "openai", "output_cost_per_image": 0.04},
  "other-1": {"litellm_provider": "anthropic", "input_cost_per_token": 3e-06,
    "cache_creation_input_token_cost": 3.75e-06,
    "cache_creation_input_token_cost_above_1hr": 6e-06}
}
"#;

/// A list in genai-prices' shape.
pub(crate) const GENAI: &str = r#"[
  {"id": "anthropic", "name": "Anthropic", "models": []},
  {"id": "openai", "name": "OpenAI", "models": [
    {"id": "made-up-1", "context_window": 400000,
     "match": {"or": [{"equals": "made-up-1"}, {"equals": "made-up-one"}, {"starts_with": "made"}]},
     "prices": [
       {"prices": {"input_mtok": {"base": 2.5, "tiers": [{"start": 272000, "price": 5}]},
                   "cache_read_mtok": 0.25, "output_mtok": 15}},
       {"constraint": {"start_date": "2026-09-01"},
        "prices": {"input_mtok": 2, "output_mtok": 12, "web_searches_kcount": 10}}],
     "price_variants": [
       {"when": {"service_tier": "flex"}, "prices": {"input_mtok": 1.25}},
       {"when": {"service_tier": "flex"}, "prices": {"input_mtok": 9, "output_mtok": 7.5}},
       {"when": {"processing": "batch"}, "constraint": {"start_date": "2026-10-01"},
        "prices": {"input_mtok": {"base": 1, "tiers": [{"start": 272000, "price": 2}]}}},
       {"when": {"speed": "fast"}, "prices": {"input_mtok": 6}}]}
  ]}
]
"#;

pub(crate) fn import(list: &str, text: impl AsRef<[u8]>, more: &str) -> Done {
    let run = Run::new().file("list.json", text);
    run.line(&format!("rates import {list} list.json --checked 2026-11-24 {more}")).go()
}

/// The lines of a model's prices.
pub(crate) fn lines(done: &Done, id: &str) -> Vec<String> {
    let model =
        done.stdout.split("[[models]]").find(|part| part.contains(&format!("id = \"{id}\"")));
    let lines = model.unwrap_or_default().lines().map(str::trim);
    lines
        .filter(|line| line.contains(" = ") && !line.starts_with("prices"))
        .map(str::to_owned)
        .collect()
}

pub(crate) fn genai_model(model: &str) -> String {
    let sound = r#"{"id": "sound", "match": {"equals": "sound"}, "prices": {"input_mtok": 1}}"#;
    format!("[{{\"id\": \"openai\", \"models\": [{sound}, {{\"id\": \"odd\", {model}}}]}}]")
}

#[test]
fn litellm_prices_are_taken_to_the_last_digit() {
    let done = import("litellm", LITELLM, "");
    assert_eq!(done.code, Some(0), "{done}");
    assert!(done.stdout.contains("evidence = \"third_party\"\ntable = \"partial\"\n"), "{done}");
    assert!(
        done.stdout.contains("source = \"litellm, list.json\"\nchecked = 2026-11-24\n"),
        "{done}"
    );
    assert!(done.stdout.contains("layer = \"litellm-import\"\nprovider = \"openai\"\n"), "{done}");
    assert_eq!(
        lines(&done, "made-up-1"),
        [
            "id = \"made-up-1\"",
            "max_output = 8192",
            "bands = { long = { over = 272000 } }",
            "{ tier = \"standard\", usd = { input = \"0.14\", cached_input = \"0.014\", cache_write = \"0.00\", output = \"1.20\" } },",
            "{ tier = \"standard\", band = \"long\", usd = { input = \"0.28\" } },",
            "{ tier = \"batch\", usd = { input = \"0.07\" } },",
            "{ tier = \"batch\", band = \"long\", usd = { input = \"0.14\" } },",
            "{ tier = \"priority\", usd = { output = \"2.40\" } },",
        ]
    );
    assert_eq!(
        lines(&done, "made-up-2"),
        [
            "id = \"made-up-2\"",
            "aliases = [\"openai/made-up-2\"]",
            "{ tier = \"standard\", usd = { input = \"0.546875\" } },",
        ]
    );
    for said in [
        "list.json: warning: `search_context_cost_per_query`: not imported, once",
        "list.json: warning: `output_cost_per_image`: not imported, once",
        "list.json: warning: 1 model left out, without a price: draws",
        "list.json: 2 models with 9 prices; 0 refusals, 2 fields not imported",
    ] {
        assert!(done.stderr.contains(said), "{said}: {done}");
    }
}

#[test]
fn a_card_has_one_provider() {
    let done = import("litellm", LITELLM, "--provider anthropic");
    let line = "{ tier = \"standard\", usd = { input = \"3.00\", cache_write = \"3.75\", \
                cache_write_5m = \"3.75\", cache_write_1h = \"6.00\" } },";
    assert_eq!(lines(&done, "other-1"), ["id = \"other-1\"", line]);
    assert!(done.stdout.contains("provider = \"anthropic\"") && !done.stdout.contains("made-up"));
    let other = import("litellm", LITELLM, "--provider nobody");
    other.assert_fails(1, &["list.json: no model of the provider `nobody`", "openai"]);
    import("genai-prices", GENAI, "--provider nobody").assert_fails(1, &["has openai, anthropic"]);
    // The list's own name of a provider, and the one of cards.
    let xai = GENAI.replace("\"id\": \"openai\"", "\"id\": \"x-ai\"");
    for provider in ["xai", "x-ai"] {
        let done = import("genai-prices", &xai, &format!("--provider {provider}"));
        assert!(done.stdout.contains("provider = \"xai\""), "{done}");
    }
}

#[test]
fn genai_prices_become_bands_tiers_and_intervals() {
    let done = import("genai-prices", GENAI, "");
    assert_eq!(done.code, Some(0), "{done}");
    assert_eq!(
        lines(&done, "made-up-1"),
        [
            "id = \"made-up-1\"",
            "aliases = [\"made-up-one\"]",
            "context_window = 400000",
            "bands = { long = { over = 272000 } }",
            // A plain number holds in every band, and the last entry of a day counts.
            "{ tier = \"standard\", to = 2026-09-01, usd = { input = \"2.50\", cached_input = \"0.25\", output = \"15.00\" } },",
            "{ tier = \"standard\", from = 2026-09-01, usd = { input = \"2.00\", output = \"12.00\" } },",
            "{ tier = \"standard\", band = \"long\", to = 2026-09-01, usd = { input = \"5.00\", cached_input = \"0.25\", output = \"15.00\" } },",
            "{ tier = \"standard\", band = \"long\", from = 2026-09-01, usd = { input = \"2.00\", output = \"12.00\" } },",
            "{ tier = \"batch\", from = 2026-10-01, usd = { input = \"1.00\" } },",
            "{ tier = \"batch\", band = \"long\", from = 2026-10-01, usd = { input = \"2.00\" } },",
            // Of variants the first one counts, each price on its own.
            "{ tier = \"flex\", usd = { input = \"1.25\", output = \"7.50\" } },",
        ]
    );
    for said in [
        "`made-up-1` price_variants: { \"when\": {\"speed\": \"fast\"}",
        "is for no service tier of a card; left out",
        "`web_searches_kcount`: not imported, once",
        "`match, other than `equals``: not imported, once",
    ] {
        assert!(
            done.stderr.contains(said) || said.starts_with("`made-up-1` price"),
            "{said}: {done}"
        );
    }
    assert!(done.stderr.contains("{\"when\": {\"speed\": \"fast\"}"), "{done}");
    let slim = format!("{{\"units\": {{}}, \"providers\": {GENAI}}}");
    assert_eq!(import("genai-prices", slim, "").stdout, done.stdout);
}

#[test]
fn names_and_bands_fit_the_built_in_rates() {
    // grok-4.3 is long at 200,000 tokens; genai-prices says above 199,999.
    let grok = |over: u64| {
        let start = format!("{{\"base\": 1, \"tiers\": [{{\"start\": {over}, \"price\": 2}}]}}");
        let model =
            format!("\"match\": {{\"equals\": \"x\"}}, \"prices\": {{\"input_mtok\": {start}}}");
        let list = genai_model(&model).replace("\"odd\"", "\"grok-4.3\"");
        import("genai-prices", list.replace("\"openai\"", "\"x-ai\""), "--provider xai")
    };
    let bands = "bands = { long = { at_least = 200000 } }";
    for (over, noted) in [(199_999, false), (200_000, true)] {
        let done = grok(over);
        assert!(lines(&done, "grok-4.3").contains(&bands.to_owned()), "{done}");
        assert_eq!(done.stderr.contains("as the built-in rates have it"), noted, "{done}");
    }
    let done = grok(128_000);
    for price in ["1", "2"] {
        let said =
            format!("`grok-4.3` input_mtok: {price} is of a price that changes above 128000");
        assert!(done.stderr.contains(&said), "{done}");
    }
    assert!(!done.stdout.contains("grok-4.3"), "{done}");
    // A snapshot of a built-in model stays a name of it; a name of a model is none.
    let snapshot = LITELLM
        .replace("\"draws\": {", "\"gpt-4.1-mini-2025-04-14\": {\"input_cost_per_token\": 4e-7,")
        .replace(
            "\"openai/made-up-2\": {",
            "\"gpt-4.1-mini\": {\"cache_read_input_token_cost\": 1e-7,",
        )
        .replace("5.46875e-07", "4e-7");
    let done = import("litellm", snapshot, "");
    let aliases = "aliases = [\"gpt-4.1-mini-2025-04-14\"]";
    assert!(lines(&done, "gpt-4.1-mini").contains(&aliases.to_owned()), "{done}");
    let taken = GENAI.replace("made-up-one", "gpt-4o");
    let done = import("genai-prices", taken, "");
    assert!(
        done.stderr.contains("`gpt-4o`, a name of `made-up-1` in the list, is a model"),
        "{done}"
    );
    assert!(!done.stdout.contains("gpt-4o"), "{done}");
}

#[test]
fn an_imported_card_is_checked_and_prices_rows() {
    for (list, text, usd) in [
        // 1000 x 0.14e-6 + 100 x 1.2e-6
        ("litellm", LITELLM, "0.00026"),
        // 1000 x 2e-6 + 100 x 12e-6
        ("genai-prices", GENAI, "0.0032"),
    ] {
        let run = Run::new().file("list.json", text);
        let done = run
            .line(&format!("rates import {list} - --checked 2026-11-24 -o card.toml"))
            .stdin(text)
            .go();
        assert_eq!((done.code, done.stdout.as_str()), (Some(0), ""), "{done}");
        let card = done.read("card.toml").expect("the card");
        assert!(card.contains(&format!("source = \"{list}, standard input\"")), "{card}");
        let checked = Run::new().file("card.toml", &card).line("rates check card.toml").go();
        assert_eq!(checked.code, Some(0), "{checked}");
        assert!(checked.stdout.contains(&format!("fine: layer {list}-import, ")), "{checked}");
        let log = format!("{HEADER}2026-10-05T09:00:00Z,made-up-1,standard,1000,0,100\n");
        let run = Run::new().file("log.csv", log).file("card.toml", &card);
        let report = run.line("report log.csv --rates card.toml").report();
        assert_eq!(report.recorded(), usd);
        let evidence = &report.scenario("recorded", "recorded")["by_evidence"];
        assert_eq!(evidence[0]["evidence"], "third_party", "{evidence}");
        assert_eq!(evidence[0]["usd"], usd, "{evidence}");
    }
}

#[test]
fn deep_matches_are_counted_and_quiet_is_quiet() {
    let deep = format!("{}{}", "{\"or\": [".repeat(50_000), "]}".repeat(50_000));
    let model = format!("\"match\": {deep}, \"prices\": {{\"input_mtok\": 1}}");
    let done = import("genai-prices", genai_model(&model), "");
    assert_eq!(done.code, Some(0), "{}", done.code.unwrap_or(-1));
    assert!(done.stderr.contains("`match, other than `equals``: not imported, once"));
    let quiet = import("genai-prices", GENAI, "-q");
    assert_eq!((quiet.code, quiet.stderr.as_str()), (Some(0), ""), "{quiet}");
}

#[test]
fn the_day_of_the_list_is_asked_for() {
    let run = || Run::new().file("list.json", LITELLM);
    run().line("rates import litellm list.json").go().assert_fails(2, &["--checked <DAY>"]);
    for day in ["soon", "2026-11-24T10:00:00Z", "2026-02-30"] {
        let run = run().line("rates import litellm list.json --checked").args([day]);
        run.go().assert_fails(2, &["--checked", "expected a day"]);
    }
    run().line("rates import prices list.json").go().assert_fails(2, &["litellm, genai-prices"]);
}

#[test]
fn azures_plain_names_hold_for_the_usual_deployment_alone() {
    let list = r#"{
      "azure/gpt-4.1-mini": {"litellm_provider": "azure", "input_cost_per_token": 3e-07,
        "output_cost_per_token": 1.2e-06},
      "azure/eu/gpt-4o": {"litellm_provider": "azure", "input_cost_per_token": 2.75e-06,
        "output_cost_per_token": 1.1e-05}
    }"#;
    let card = import("litellm", list, "--provider azure").stdout;
    let log = "timestamp,provider,region,model,input_tokens\n\
               2026-10-05T10:00:00Z,azure,,gpt-4.1-mini,1000000\n\
               2026-10-05T10:00:00Z,azure,data-zone,gpt-4.1-mini,1000000\n\
               2026-10-05T10:00:00Z,azure,data-zone,azure/eu/gpt-4o,1000000\n";
    let run = Run::new().file("card.toml", &card).file("log.csv", log);
    let report = run.line("report log.csv --rates card.toml --by region,model").report();
    assert_eq!(
        report.groups(&["region", "model"]),
        // The list's own, Azure's published 0.44, and the list's own again.
        ["data-zone azure/eu/gpt-4o: 2.75", "data-zone gpt-4.1-mini: 0.44", "- gpt-4.1-mini: 0.3"],
        "{card}"
    );
}

#[test]
fn an_import_does_not_replace_the_list_that_it_reads() {
    let run = Run::new().file("prices.json", LITELLM);
    let done =
        run.line("rates import litellm ./prices.json --checked 2026-11-24 -o prices.json").go();
    done.assert_fails(2, &["prices.json", "is the list that is read"]);
    assert_eq!(done.read("prices.json").as_deref(), Some(LITELLM));
}
