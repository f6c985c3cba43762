//! What charges cost, worked out by hand from published rates.

use crate::focus::sheet::{Sheet, odd_rows};
use crate::run::{HEADER, Run};

fn of(rows: &str, arguments: &str) -> Sheet {
    Sheet::of(Run::new().log(rows).line(&format!("focus -q log.csv {arguments}")))
}

#[test]
fn a_charge_has_the_costs_of_its_meter() {
    // Flex: 200 x 0.20, 800 x 0.20 (no cached price of its own), 100 x 0.80 per million.
    let sheet = of("2026-10-05T09:00:00Z,gpt-4.1-mini,flex,1000,800,100\n", "");
    assert_eq!(
        sheet.show(&[
            "SkuMeter",
            "ConsumedQuantity",
            "PricingQuantity",
            "ListUnitPrice",
            "BilledCost"
        ]),
        [
            "input 200.0 0.0002 0.2 0.00004",
            "cached_input 800.0 0.0008 0.2 0.00016",
            "output 100.0 0.0001 0.8 0.00008",
        ]
    );
    // Standard 0.40, 0.10, 1.60; Priority 0.70, 0.175, 2.80; Batch half of Standard, with
    // no cached price; without caching cached tokens cost what input does.
    assert_eq!(
        sheet.show(&[
            "x_StandardCost",
            "x_PriorityCost",
            "x_BatchCost",
            "x_NoCachingCost",
            "x_PricedAsMeter"
        ]),
        [
            "0.00008 0.00014 0.00004 0.00004 -",
            "0.00008 0.00014 0.00016 0.00016 input",
            "0.00016 0.00028 0.00008 0.00008 -",
        ]
    );
}

#[test]
fn a_charge_says_what_it_is_of() {
    let sheet = of("2026-10-05T09:00:00Z,gpt-4.1-mini-2025-04-14,standard,1000,0,0\n", "");
    let columns = [
        "ChargePeriodStart",
        "ChargePeriodEnd",
        "BillingPeriodStart",
        "BillingPeriodEnd",
        "InvoiceId",
        "SkuId",
        "SkuPriceId",
        "x_Model",
        "x_LoggedModel",
        "x_CostBasis",
        "x_Evidence",
        "PricingUnit",
    ];
    assert_eq!(
        sheet.show(&columns),
        ["2026-10-05T00:00:00Z 2026-10-06T00:00:00Z 2026-10-01T00:00:00Z 2026-11-01T00:00:00Z \
              estimate-openai-2026-10 openai/gpt-4.1-mini/standard/input \
              openai/gpt-4.1-mini/standard/input/base/2025-04-14/0.4 gpt-4.1-mini \
              gpt-4.1-mini-2025-04-14 computed provider 1000000 Tokens"]
    );
    let row = sheet.rows.first().expect("a row");
    assert_eq!(row["x_Estimate"], "tierwise estimate, not an invoice");
    assert_eq!(
        row["ChargeDescription"],
        "Estimate, not an invoice: input of gpt-4.1-mini, standard"
    );
    let names = ["ProviderName", "PublisherName", "InvoiceIssuerName", "ServiceName"];
    assert_eq!(names.map(|name| row[name].as_str()), ["OpenAI", "OpenAI", "OpenAI", "OpenAI API"]);
}

#[test]
fn what_was_billed_is_shared_among_the_meters_to_the_last_digit() {
    // Computed: 1000 x 0.40 and 100 x 1.60 per million, 0.0004 and 0.00016: 5 to 2. Of
    // 1.000000000000000001 that is 0.714285714285714286 4/7 and 0.285714285714285714 5/7;
    // the last digit goes to the second.
    let log = format!(
        "{},billed_cost\n2026-10-05T09:00:00Z,gpt-4.1-mini,standard,1000,0,100,0.4\n\
         2026-10-05T19:00:00Z,gpt-4.1-mini,standard,1000,0,100,0.600000000000000001\n",
        HEADER.trim_end()
    );
    let sheet = Sheet::of(Run::new().file("log.csv", log).line("focus -q log.csv"));
    assert_eq!(
        sheet.show(&["SkuMeter", "BilledCost", "EffectiveCost", "x_CostBasis"]),
        ["input 0.714285714285714286 0.0008 billed", "output 0.285714285714285715 0.00032 billed"]
    );
}

#[test]
fn a_price_change_parts_the_charges_of_a_month() {
    // o3 cost 10 until 2025-06-10, and 2 from then on.
    let day = |day: u32| format!("2025-06-{day:02}T12:00:00Z,o3,standard,1000000,0,0\n");
    let rows: String = [1, 2, 9, 10, 11, 26].map(day).concat();
    let sheet = of(&rows, "--period month");
    assert_eq!(
        sheet.show(&["ChargePeriodStart", "ConsumedQuantity", "ListUnitPrice", "EffectiveCost"]),
        ["2025-06-01T00:00:00Z 3000000.0 10.0 30.0", "2025-06-01T00:00:00Z 3000000.0 2.0 6.0"]
    );
}

#[test]
fn a_tier_without_a_price_has_standards_and_is_named() {
    // No Flex for gpt-4o: 2.50 per million; Batch 1.25, Priority 4.25.
    let sheet = of("2026-10-05T09:00:00Z,gpt-4o,standard,1000000,0,0\n", "");
    assert_eq!(
        sheet.show(&["x_FlexCost", "x_BatchCost", "x_PriorityCost", "x_FallbackTiers"]),
        ["2.5 1.25 4.25 flex"]
    );
}

#[test]
fn complimentary_tokens_have_a_list_cost_alone() {
    let sheet = of("2026-10-05T09:00:00Z,gpt-4o,free,1000000,0,0\n", "");
    assert_eq!(
        sheet.show(&[
            "ListUnitPrice",
            "ListCost",
            "ContractedUnitPrice",
            "ContractedCost",
            "BilledCost"
        ]),
        ["2.5 2.5 0.0 0.0 0.0"]
    );
    assert_eq!(sheet.show(&["x_StandardCost", "x_NoCachingCost"]), ["0.0 0.0"]);
}

#[test]
fn a_contract_changes_no_id() {
    // 0.40 and 0.40 x 0.875 per million.
    let run = |card: &str| {
        let sheet = Sheet::of(odd_rows().line(&format!("focus -q log.csv {card}")));
        let columns = ["SkuPriceId", "ListUnitPrice", "ContractedUnitPrice", "x_Evidence"];
        let mut lines = sheet.show(&columns);
        lines.retain(|line| line.starts_with("openai/gpt-4.1-mini/standard/input/"));
        lines
    };
    let id = "openai/gpt-4.1-mini/standard/input/base/2025-04-14/0.4";
    assert_eq!(run(""), [format!("{id} 0.4 0.4 provider")]);
    assert_eq!(run("--rates card.toml"), [format!("{id} 0.4 0.35 user")]);
}

#[test]
fn a_region_is_that_of_the_log() {
    // In the EU gpt-5.4 costs 1.10 times as much: long context in Batch 2.50 x 1.10.
    let sheet = Sheet::of(odd_rows().line("focus -q log.csv --tag user"));
    let lines =
        sheet.show(&["RegionId", "RegionName", "x_ContextBand", "SkuMeter", "ListUnitPrice"]);
    let lines: Vec<String> = lines.into_iter().filter(|line| line.starts_with("eu")).collect();
    assert_eq!(lines, ["eu eu long input 2.75", "eu eu long output 12.375"]);
}

#[test]
fn what_was_billed_without_a_price_is_an_adjustment() {
    let sheet = Sheet::of(odd_rows().line("focus -q log.csv --sub-account user"));
    let columns = [
        "ChargeCategory",
        "BilledCost",
        "EffectiveCost",
        "SkuId",
        "x_StandardCost",
        "x_LoggedModel",
        "x_UnpricedReason",
    ];
    let mut lines = sheet.show(&columns);
    lines.retain(|line| !line.starts_with("Usage"));
    assert_eq!(
        lines,
        [
            "Adjustment 0.000000000000000001 0.000000000000000001 - - acme-7b unknown_model",
            "Adjustment 0.01 0.01 - - gpt-4o prepaid_tier"
        ]
    );
}

#[test]
fn a_price_of_ones_own_card_has_a_list_price_before_its_multipliers() {
    let card = "schema = 1\nlayer = \"mine\"\nprovider = \"openai\"\nevidence = \"user\"\n\
        table = \"partial\"\nchecked = 2026-10-01\nsource = \"contract\"\n[[models]]\n\
        id = \"own-1\"\nprices = [{ tier = \"standard\", usd = { input = \"1.00\" } }]\n\
        [[factors]]\nname = \"discount\"\nmultiplier = \"0.875\"\n";
    let log = "timestamp,model,input_tokens,output_tokens\n2026-10-05,own-1,1000000,0\n";
    let run = Run::new().file("log.csv", log).file("card.toml", card);
    let sheet = Sheet::of(run.line("focus -q log.csv --rates card.toml"));
    assert_eq!(
        sheet.show(&["ListUnitPrice", "ListCost", "ContractedUnitPrice", "EffectiveCost"]),
        ["1.0 1.0 0.875 0.875"]
    );
}

#[test]
fn the_seller_is_who_sent_the_bill_else_whose_prices_they_are() {
    let log = "timestamp,model,service_tier,provider,input_tokens,billed_cost\n\
        2026-10-05,gpt-4o,standard,,1000,1\n2026-10-05,gpt-4o,scale,,1000,1\n\
        2026-10-05,acme,standard,OpenRouter,1000,1\n2026-10-05,acme,standard,,1000,1\n";
    let names = ["ProviderName", "InvoiceIssuerName", "PublisherName", "InvoiceId"];
    let sheet = Sheet::of(Run::new().file("log.csv", log).line("focus -q log.csv"));
    let mut shown = sheet.show(&names);
    shown.sort_unstable();
    assert_eq!(
        shown,
        [
            "OpenAI OpenAI OpenAI estimate-openai-2026-10",
            "OpenAI OpenAI OpenAI estimate-openai-2026-10",
            "OpenRouter OpenRouter OpenRouter estimate-openrouter-2026-10",
            "Unknown Unknown Unknown estimate-Unknown-2026-10",
        ]
    );
    let file = "focus -q sample_data/formats/openrouter-activity.csv";
    let sheet = Sheet::of(Run::in_crate().line(file));
    let billed = sheet.rows.iter().filter(|row| row["x_CostBasis"] == "billed");
    for row in billed {
        assert_eq!(row["InvoiceIssuerName"], "OpenRouter");
        assert_eq!(row["ProviderName"], "OpenRouter");
        assert!(row["InvoiceId"].starts_with("estimate-openrouter-"));
    }
    assert!(sheet.rows.iter().any(|row| row["PublisherName"] == "OpenAI"));
}

#[test]
fn what_was_billed_for_free_usage_is_shared_by_its_list_cost() {
    // At list 1000 x 2.50 and 1000 x 10.00 per million: 1 to 4.
    let log = "timestamp,model,service_tier,input_tokens,output_tokens,billed_cost\n\
        2026-10-05,gpt-4o,free,1000,1000,0.5\n";
    let sheet = Sheet::of(Run::new().file("log.csv", log).line("focus -q log.csv"));
    assert_eq!(
        sheet.show(&["SkuMeter", "BilledCost", "EffectiveCost"]),
        ["input 0.1 0.0", "output 0.4 0.0"]
    );
}

#[test]
fn a_region_is_a_place_and_enters_the_price_where_it_decides() {
    let log = "timestamp,model,provider,region,input_tokens\n\
        2026-10-05,gpt-4.1-mini,azure,,1000\n2026-10-05,gpt-4.1-mini,azure,regional/northeurope,1000\n\
        2026-10-05,gpt-4o,openai,mars,1000\n";
    let sheet = Sheet::of(Run::new().file("log.csv", log).line("focus -q log.csv"));
    let mut shown = sheet.show(&["RegionId", "x_PricedRegion", "SkuId"]);
    shown.sort_unstable();
    assert_eq!(
        shown,
        [
            "- global azure/gpt-4.1-mini/standard/input",
            "mars mars openai/gpt-4o/standard/input",
            "northeurope regional/northeurope azure/gpt-4.1-mini/standard/input",
        ]
    );
    let of_mars = sheet.rows.iter().find(|row| row["RegionId"] == "mars").expect("a row");
    assert!(!of_mars["SkuPriceId"].contains("mars"), "{}", of_mars["SkuPriceId"]);
}
