//! What a user's card may not do in silence: lose the borrowed rest of a model,
//! name models that it never holds for, hide a fee of its own behind a general one.
#![cfg(test)]

use crate::run::{Done, Report, Run};

const LOG: &str = "timestamp,provider,region,model,input_tokens,output_tokens,web_search_calls\n";

fn head(provider: &str) -> String {
    format!(
        "schema = 1\nlayer = \"contract\"\nprovider = \"{provider}\"\nevidence = \"user\"\n\
         table = \"partial\"\nsource = \"contract 42\"\nchecked = 2026-10-01\n"
    )
}

/// A model with one line of prices.
fn model(id: &str, usd: &str) -> String {
    format!("[[models]]\nid = \"{id}\"\nprices = [{{ tier = \"standard\", usd = {{ {usd} }} }}]\n")
}

fn tool(lines: &str, usd: &str) -> String {
    format!("[[tools]]\nmeter = \"web_search_call\"\n{lines}\nprices = [{{ usd = \"{usd}\" }}]\n")
}

fn run(row: &str, card: &str) -> Run {
    let log = format!("{LOG}2026-10-05T10:00:00Z,{row}\n");
    Run::new().file("log.csv", log).file("card.toml", card)
}

fn report(row: &str, card: &str) -> Report {
    run(row, card).line("report log.csv --rates card.toml").report()
}

fn refused(card: &str) -> Done {
    run("openai,,gpt-4o,1,1,0", card).line("report log.csv --rates card.toml").go()
}

#[test]
fn one_price_of_a_borrowed_model_keeps_the_borrowed_rest() {
    let card = head("azure") + &model("gpt-4o", "input = \"2.00\"");
    let found = report("azure,global,gpt-4o,1000000,1000000,0", &card);
    // The contract's 2.00, and 10.00 of OpenAI's list.
    assert_eq!(found.recorded(), "12");
    let evidence = &found.scenario("recorded", "recorded")["by_evidence"];
    let expected = serde_json::json!([
        { "evidence": "user", "usd": "2" }, { "evidence": "article", "usd": "10" }
    ]);
    assert_eq!(evidence, &expected);
    assert_eq!(found.notes("borrowed_list").len(), 1);
    // The other tiers are borrowed whole: Batch 1.25 + 5.00.
    assert_eq!(found.total("batch", "recorded"), "6.25");
    // A card that is complete says that there is nothing besides it.
    let complete = card.replace("partial", "complete");
    let found = report("azure,global,gpt-4o,1000000,1000000,0", &complete);
    assert_eq!(found.0["unpriced"][0]["meter"], "output");
    // And one that has all that the row needs borrows nothing.
    let whole = head("azure") + &model("gpt-4o", "input = \"2.00\", output = \"8.00\"");
    let found = report("azure,global,gpt-4o,1000000,1000000,0", &whole);
    assert_eq!(found.recorded(), "10");
}

#[test]
fn bands_of_a_borrowed_model_are_those_of_its_list() {
    let own = "id = \"gpt-5.4\"\nbands = { long = { over = 200_000 } }";
    let card = head("azure") + &model("gpt-5.4", "input = \"2.00\"");
    refused(&card.replace("id = \"gpt-5.4\"", own))
        .assert_fails(1, &["`contract` and `openai`", "`gpt-5.4`", "use those of `openai`"]);
    // Without bands of its own the card prices short requests, the list long ones.
    assert_eq!(report("azure,global,gpt-5.4,200000,0,0", &card).recorded(), "0.4");
    assert_eq!(report("azure,global,gpt-5.4,300000,0,0", &card).recorded(), "1.5");
}

#[test]
fn a_contract_with_one_provider_is_not_lent_to_another() {
    let card = head("openai") + &model("gpt-4o", "input = \"2.00\"");
    assert_eq!(report("openai,,gpt-4o,1000000,0,0", &card).recorded(), "2");
    assert_eq!(report("azure,global,gpt-4o,1000000,0,0", &card).recorded(), "2.5");
}

#[test]
fn a_fine_tuned_model_of_azure_does_not_borrow_what_openai_charges() {
    let row = "azure,global,ft:gpt-4o-2024-08-06:acme::abc123,1000000,0,0";
    let found = report(row, &head("azure"));
    assert_eq!(found.rows("unpriced"), 1, "{}", found.0);
    assert_eq!(found.0["unpriced"][0]["reason"], "unknown_model");
}

#[test]
fn a_borrowed_model_pays_its_own_providers_fees() {
    // Azure's search is 14.00 per 1,000, OpenAI's 10.00.
    let found = report("azure,global,gpt-4o,0,0,1000", &head("azure"));
    assert_eq!(found.recorded(), "14");
    let named = head("azure") + &tool("models = [\"gpt-4o\"]", "12.00");
    assert_eq!(report("azure,global,gpt-4o,0,0,1000", &named).recorded(), "12");
    // A multiplier that does not fit a borrowed fee is found at load.
    let factor = "[[factors]]\nname = \"x\"\nmeters = [\"file_search_call\"]\nmultiplier = ";
    let fine = format!("{}{factor}\"0.3333333333333333333\"\n", head("azure"));
    refused(&fine).assert_fails(1, &["card.toml:11", "file_search_call", "18 decimals"]);
}

#[test]
fn a_fee_that_names_the_model_comes_before_one_of_all() {
    let (all, named) = (tool("", "9.00"), tool("models = [\"gpt-4o\"]", "8.00"));
    for card in [head("openai") + &all + &named, head("openai") + &named + &all] {
        assert_eq!(report("openai,,gpt-4o,0,0,1000", &card).recorded(), "8");
        assert_eq!(report("openai,,gpt-4.1,0,0,1000", &card).recorded(), "9");
    }
}

#[test]
fn a_scope_that_would_never_hold_is_refused_with_its_line() {
    let factor = |name: &str| {
        let lines = format!(
            "[[factors]]\nname = \"x\"\nmultiplier = \"0.9\"\nmodels = [\n  \"{name}\",\n]\n"
        );
        head("openai") + &lines
    };
    refused(&factor("gpt-4.1-mimi"))
        .assert_fails(1, &["card.toml:12", "`gpt-4.1-mimi` is no model of openai", "never hold"]);
    refused(&factor("gpt-4.1-mini-2025-04-14")).assert_fails(
        1,
        &["card.toml:12", "is a name of `gpt-4.1-mini`", "expected `gpt-4.1-mini`"],
    );
    let fee = head("openai") + &tool("models = [\"gpt-4.1-mimi\"]", "1.00");
    refused(&fee).assert_fails(1, &["card.toml:10", "`gpt-4.1-mimi` is no model of openai"]);
    assert_eq!(refused(&factor("gpt-4.1-mini")).code, Some(0));
    // A model of the card itself is known.
    let own = factor("acme") + &model("acme", "input = \"1.00\"");
    assert_eq!(refused(&own).code, Some(0));
    let checked = run("", &factor("gpt-4.1-mimi")).line("rates check card.toml").go();
    assert_eq!(checked.code, Some(1), "{checked}");
    assert!(checked.stdout.starts_with("card.toml:12: `gpt-4.1-mimi`"), "{checked}");
}

#[test]
fn regions_that_differ_in_case_are_one_region() {
    let lines = "{ tier = \"standard\", usd = { input = \"1.00\" }, regions = [\"EU\"] },\n  \
                 { tier = \"standard\", usd = { input = \"2.00\" }, regions = [\"eu\"] },";
    let card = format!("{}[[models]]\nid = \"acme\"\nprices = [\n  {lines}\n]\n", head("openai"));
    refused(&card).assert_fails(1, &["card.toml:12", "`input` overlaps the price"]);
}

#[test]
fn evidence_is_that_of_the_weakest_behind_a_price() {
    let factor = "[[factors]]\nname = \"x\"\nmultiplier = \"0.5\"\n";
    let evidence = |model: &str, evidence: &str, tier: &str| {
        let card = head("openai").replace("\"user\"", &format!("\"{evidence}\"")) + factor;
        let row = format!("openai,,{model},1000000,0,0");
        let found = report(&row, &card);
        found.scenario(tier, "recorded")["by_evidence"][0]["evidence"].clone()
    };
    assert_eq!(evidence("gpt-4o", "user", "recorded"), "user");
    assert_eq!(evidence("gpt-4o", "third_party", "recorded"), "third_party");
    // Flex of this model is the article's alone, whatever it is multiplied by.
    assert_eq!(evidence("gpt-4.1-mini", "user", "flex"), "article");
}

#[test]
fn a_total_without_its_list_total_says_so() {
    let card = head("openai") + &model("acme", "input = \"1.00\"");
    let found = report("openai,,acme,1000000,0,0", &card);
    assert_eq!(found.scenario("recorded", "recorded")["list_usd"], serde_json::Value::Null);
    let expected = "1 row priced by your cards alone or by list prices alone: no list total can be \
                    stated beside the contracted one";
    assert_eq!(found.notes("no_list_price"), [expected]);
}

#[test]
fn a_difference_and_a_list_show_multipliers() {
    let factor = "[[factors]]\nname = \"annex\"\nmultiplier = \"0.875\"\ntiers = [\"batch\"]\n";
    let card = head("openai") + factor;
    let run = || Run::new().file("card.toml", &card);
    let done = run().line("rates diff built-in card.toml --exit-code").go();
    assert_eq!(done.code, Some(3), "{done}");
    assert!(
        done.stdout.contains("+ multiplier: x 0.875 (annex, user: contract 42), openai, batch"),
        "{done}"
    );
    let found = run().line("rates diff card.toml built-in --format json").go().json().0;
    assert_eq!(
        (&found["factors"][0]["change"], &found["cells"]),
        (&"removed".into(), &serde_json::json!([]))
    );
    assert_eq!(found["factors"][0]["multiplier"], "0.875");
    let same = run().line("rates diff card.toml card.toml --exit-code").go();
    assert_eq!(same.code, Some(0), "{same}");
    let listed = run().line("rates list --model gpt-4o --rates card.toml").go();
    assert!(listed.stdout.contains("not in these prices: x 0.875 (annex"), "{listed}");
    let listed = run().line("rates list --model gpt-4o --tier standard --rates card.toml").go();
    assert!(!listed.stdout.contains("annex"), "{listed}");
}

#[test]
fn a_check_warns_of_what_is_likely_meant_otherwise() {
    let factor = |multiplier: &str| {
        head("openai") + &format!("[[factors]]\nname = \"x\"\nmultiplier = \"{multiplier}\"\n")
    };
    let said = |card: &str| run("", card).line("rates check card.toml").go();
    let percent = said(&factor("12.5"));
    assert!(percent.stdout.contains("`x` multiplies prices by 12.5"), "{percent}");
    assert!(percent.stdout.contains("12.5 % off is 0.875"), "{percent}");
    assert!(!said(&factor("0.875")).stdout.contains("warning"));
    let unknown = said(&(head("opnai") + &model("gpt-4o", "input = \"1.00\"")));
    assert!(unknown.stdout.contains("`opnai` is no provider of the built-in rates"), "{unknown}");
}

#[test]
fn published_totals_of_rows_that_nobody_published_are_none_and_not_zero() {
    let log = "timestamp,model,service_tier,input_tokens\n\
               2026-10-05T10:00:00Z,gpt-4.1-mini,flex,1000000\n";
    let run = || Run::new().file("log.csv", log);
    let found = run().line("report log.csv").report();
    assert_eq!(found.recorded(), "0.2");
    let published = &found.scenario("recorded", "recorded")["published_only_usd"];
    assert_eq!(published, &serde_json::Value::Null);
    let note =
        "1 row priced here without a price under published rates only: in none of those totals";
    assert_eq!(found.notes("published_only"), [note]);
}

#[test]
fn a_list_is_borrowed_for_the_usual_deployment_alone() {
    let plain = head("azure");
    for region in ["", "global", "global/eastus", "Global"] {
        let row = format!("azure,{region},gpt-4o,1000000,0,0");
        assert_eq!(report(&row, &plain).recorded(), "2.5", "{region}");
    }
    for region in ["data-zone", "regional/swedencentral", "eu"] {
        let row = format!("azure,{region},gpt-4o,1000000,0,0");
        assert_eq!(report(&row, &plain).0["unpriced"][0]["reason"], "not_in_region", "{region}");
    }
    // Where the card has the price of one region, the others are not guessed.
    let prices =
        "prices = [{ tier = \"standard\", usd = { input = \"2.60\" }, regions = [\"global\"] }]";
    let card = format!("{plain}[[models]]\nid = \"gpt-4o\"\n{prices}\n");
    assert_eq!(report("azure,,gpt-4o,1000000,0,0", &card).recorded(), "2.6");
    let other = report("azure,global/eastus,gpt-4o,1000000,0,0", &card);
    assert_eq!(other.rows("unpriced"), 1, "{}", other.0["unpriced"]);
}

#[test]
fn tools_of_azure_are_borrowed_for_every_model() {
    let log = "timestamp,provider,model,code_interpreter_sessions\n\
               2026-05-05T10:00:00Z,azure,gpt-4.1-mini,100\n";
    let found = Run::new().file("log.csv", log).line("report log.csv").report();
    // OpenAI's 0.03 a session, by the article's word.
    assert_eq!(found.recorded(), "3");
    let evidence = &found.scenario("recorded", "recorded")["by_evidence"][0]["evidence"];
    assert_eq!(evidence, "article");
}

#[test]
fn a_complete_card_leaves_no_other_price_of_its_models() {
    let card = head("openai") + &model("gpt-4.1-mini", "input = \"0.30\", output = \"1.20\"");
    let row = "openai,,gpt-4.1-mini-2025-04-14,1000000,0,0";
    assert_eq!(report(row, &card).total("batch", "recorded"), "0.2");
    let complete = card.replace("partial", "complete");
    let found = report(row, &complete);
    assert_eq!(found.recorded(), "0.3");
    let batch = &found.scenario("batch", "recorded")["fallback"];
    assert_eq!(
        (&batch["usd"], &batch["reasons"][0]["reason"]),
        (&"0.3".into(), &"not_offered".into())
    );
    // Other models keep theirs.
    assert_eq!(report("openai,,gpt-4o,1000000,0,0", &complete).total("batch", "recorded"), "1.25");
}

#[test]
fn a_discount_on_everything_changes_no_assignment() {
    let factor = "[[factors]]\nname = \"x\"\nmultiplier = \"0.9\"\n";
    let assigned = |card: &str| {
        let found = report("openai,,gpt-4.1-mini,1000000,0,0", card);
        let recorded = |one: &&serde_json::Value| one["caching"] == "recorded";
        let all = found.0["assignments"].as_array().expect("assignments").clone();
        all.iter().find(recorded).expect("one")["tier"].clone()
    };
    // Batch and Flex cost the same; Batch is the provider's own word.
    assert_eq!(assigned(&head("openai")), "batch");
    assert_eq!(assigned(&(head("openai") + factor)), "batch");
}

#[test]
fn list_and_contracted_totals_are_of_the_same_rows() {
    // One row has a price with the card alone, the other one without it alone.
    let prices =
        "prices = [{ tier = \"standard\", from = 2026-12-01, usd = { input = \"1.00\" } }]";
    let alias = format!("[[models]]\nid = \"gpt-4.1-mini-2025-04-14\"\n{prices}\n");
    let card = head("openai") + &model("acme", "input = \"1.00\"") + &alias;
    let log = format!(
        "{LOG}2026-10-05T10:00:00Z,openai,,acme,1000000,0,0\n\
         2026-10-05T10:00:00Z,openai,,gpt-4.1-mini-2025-04-14,1000000,0,0\n"
    );
    let run = Run::new().file("log.csv", log).file("card.toml", card);
    let found = run.line("report log.csv --rates card.toml").report();
    assert_eq!(found.scenario("recorded", "recorded")["list_usd"], serde_json::Value::Null);
    assert!(found.notes("no_list_price")[0].starts_with("2 rows "), "{:?}", found.0["notes"]);
}

#[test]
fn the_floor_of_sessions_is_multiplied_as_their_price_is() {
    let factor = "[[factors]]\nname = \"x\"\nmultiplier = \"0.2\"\n";
    let log = "timestamp,model,code_interpreter_sessions\n2026-10-05T10:00:00Z,gpt-4o,1000\n";
    let run = Run::new().file("log.csv", log).file("card.toml", head("openai") + factor);
    let found = run.line("report log.csv --rates card.toml").report();
    // 1,000 x 20 x 0.0015 x 0.2 = 6; at 5 minutes 1.5.
    assert_eq!(found.recorded(), "6");
    assert!(found.notes("session_minutes")[0].ends_with("would cost 4.50 USD less"));
}

#[test]
fn a_difference_shows_names_and_what_is_borrowed_no_more() {
    let run = |card: String| {
        let run = Run::new().file("card.toml", card);
        run.line("rates diff built-in card.toml --exit-code --format json").go()
    };
    let named = model("gpt-4.1-mini", "").replace(
        "prices = [{ tier = \"standard\", usd = {  } }]",
        "aliases = [\"my-dep\"]\nprices = []",
    );
    let done = run(head("openai") + &named);
    assert_eq!(done.code, Some(3), "{done}");
    let found = done.json().0;
    let expected = serde_json::json!([{ "change": "added", "provider": "openai",
        "model": "gpt-4.1-mini", "setting": "alias", "value": "my-dep" }]);
    assert_eq!((&found["settings"], &found["cells"]), (&expected, &serde_json::json!([])));
    let complete = head("azure").replace("partial", "complete");
    let done = run(complete + &model("gpt-4o", "input = \"2.00\""));
    let cells = done.json().0["cells"].clone();
    let cells = cells.as_array().expect("cells");
    let of = |meter: &str, tier: &str| {
        let fits = |cell: &&serde_json::Value| {
            cell["meter"] == meter && cell["tier"] == tier && cell["change"] != "added"
        };
        cells.iter().find(fits).map(|cell| (cell["change"].clone(), cell["old_usd"].clone()))
    };
    assert_eq!(of("input", "standard"), Some(("changed".into(), "2.5".into())));
    assert_eq!(of("output", "batch"), Some(("removed".into(), "5".into())));
}

#[test]
fn rows_after_a_check_are_counted_whoever_vouches() {
    let log = "timestamp,provider,model,input_tokens\n2026-11-30T10:00:00Z,openai,gpt-4o,1000\n\
               2026-11-30T10:00:00Z,anthropic,claude-haiku-4-5,1000\n";
    let found = Run::new().file("log.csv", log).line("report log.csv").report();
    let expected = [
        "1 row after 2026-10-14, when their rates were last checked",
        "1 row after 2026-11-08, when their rates were last checked",
    ];
    assert_eq!(found.notes("after_last_check"), expected);
}

#[test]
fn two_providers_of_one_model_are_told_apart() {
    let log = "timestamp,provider,model,input_tokens\n2026-10-05T10:00:00Z,openai,gpt-4.1-mini,1000\n\
               2026-10-05T10:00:00Z,azure,gpt-4.1-mini,1000\n";
    let run = || Run::new().file("log.csv", log);
    let found = run().line("report log.csv").report();
    assert_eq!(found.0["assignments"][0]["provider"], "azure");
    let text = run().line("report log.csv").go().stdout;
    assert!(text.contains("gpt-4.1-mini of azure, gpt-4.1-mini of openai"), "{text}");
}

#[test]
fn an_estimate_shows_the_multipliers_of_its_rates() {
    let line = "estimate --model gpt-5.4 --input 300000 --region eu";
    let text = Run::new().line(line).go().stdout;
    // Long context: 5.00 x 1.1 x 300,000.
    assert!(text.contains("5.00 x 1.1 per 1M tokens  1.65"), "{text}");
    assert!(text.contains("rates are multiplied by 1.1 (regional_uplift, provider"), "{text}");
}

#[test]
fn a_price_that_begins_later_is_told_from_one_that_ended() {
    let why = |line: &str| {
        let line = format!("rates explain {line} --format json");
        Run::new().line(&line).go().json().0["reason"].clone()
    };
    assert_eq!(why("gpt-4o --meter web_search_call --at 2025-07-10"), "before_first_rate");
    assert_eq!(
        why("gpt-5.6-sol --tier priority --input 300000 --at 2026-07-20"),
        "before_first_rate"
    );
    let done = Run::new().line("rates explain gemini-2.5-pro --provider google").go();
    done.assert_fails(
        1,
        &["`gemini-2.5-pro` is no model of the asked provider; it is one of gemini"],
    );
}
