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
