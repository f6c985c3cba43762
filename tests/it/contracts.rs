//! Contracts: discounts as multipliers in declared order and scope, list and
//! contracted totals, credits.

use crate::run::{Done, Run};

const HEAD: &str = r#"schema = 1
layer = "contract"
provider = "openai"
evidence = "user"
table = "partial"
source = "contract 42"
checked = 2026-10-01
"#;

/// 1M tokens of short requests of gpt-5.4 input, gpt-4o input and one search.
const LOG: &str = "timestamp,region,model,requests,input_tokens,web_search_calls\n\
                   2026-10-05T10:00:00Z,eu,gpt-5.4,10,1000000,0\n\
                   2026-10-05T10:00:00Z,,gpt-4o,10,1000000,0\n\
                   2026-10-05T10:00:00Z,,gpt-4o,1,0,1000\n";

fn run(factors: &str) -> Run {
    let run = Run::new().file("log.csv", LOG).file("card.toml", format!("{HEAD}{factors}"));
    run.line("report log.csv --rates card.toml --by model")
}

fn factor(lines: &str) -> String {
    format!("[[factors]]\nname = \"discount\"\n{lines}\n")
}

#[test]
fn a_discount_comes_after_the_regional_surcharge_and_is_exact() {
    // 2.50 x 1.10 x 0.875 = 2.40625; 2.50 x 0.875 = 2.1875; a search 10.00 x 0.875.
    let report = run(&factor("multiplier = \"0.875\"")).report();
    assert_eq!(report.groups(&["model"]), ["gpt-4o: 10.9375", "gpt-5.4: 2.40625"]);
    let recorded = report.scenario("recorded", "recorded");
    assert_eq!(recorded["contracted_usd"], "13.34375");
    // 2.75 + 2.50 + 10.00
    assert_eq!(recorded["list_usd"], "15.25");
    let notes = report.notes("factor");
    assert_eq!(
        notes,
        [
            "3 rows with rates multiplied by 0.875 (discount)",
            "1 row with rates multiplied by 1.1 (regional_uplift)"
        ]
    );
}

#[test]
fn two_dollars_with_surcharge_and_discount_are_one_dollar_and_92_5_cents() {
    let card = format!(
        "{HEAD}[[models]]\nid = \"acme\"\nprices = [{{ tier = \"standard\", usd = {{ input = \
         \"2.00\" }} }}]\n[[factors]]\nname = \"residency\"\nmultiplier = \"1.10\"\nregions = \
         [\"eu\"]\n{}",
        factor("multiplier = \"0.875\"")
    );
    let log = "timestamp,region,model,input_tokens\n2026-10-05T10:00:00Z,eu,acme,1000000\n";
    let run = || Run::new().file("log.csv", log).file("card.toml", &card);
    assert_eq!(run().line("report log.csv --rates card.toml").report().recorded(), "1.925");
    let why = run().line("rates explain acme --rates card.toml --region eu").go();
    assert!(
        why.stdout.contains("multiplied by 1.1 (residency, user: contract 42)"),
        "{}",
        why.stdout
    );
    assert!(why.stdout.contains("1.925 USD per 1M tokens"), "{}", why.stdout);
    let row = run().line("explain --row log.csv:2 --rates card.toml").go();
    assert!(row.stdout.contains("1.925 per 1M tokens (multiplied)"), "{}", row.stdout);
    assert!(row.stdout.contains("x 1.1 (residency, user: contract 42)"), "{}", row.stdout);
}

#[test]
fn a_scope_narrows_a_factor() {
    // List prices: gpt-5.4 2.75, gpt-4o 2.50, searches 10.00.
    for (scope, total) in [
        ("models = [\"gpt-4o\"]", "13.6875"),     // 12.50 x 0.875 + 2.75
        ("meters = [\"input\"]", "14.59375"),     // 5.25 x 0.875 + 10
        ("meters = [\"web_search_call\"]", "14"), // 10 x 0.875 + 5.25
        ("tiers = [\"standard\"]", "14.59375"),   // A fee has no tier.
        ("tiers = [\"batch\"]", "15.25"),         //
        ("regions = [\"eu\"]", "14.90625"),       // 2.75 x 0.875 + 12.50
        ("from = 2026-10-05", "13.34375"),        //
        ("from = 2026-10-06", "15.25"),           //
        ("to = 2026-10-05T10:00:00Z", "15.25"),   //
    ] {
        let report = run(&factor(&format!("multiplier = \"0.875\"\n{scope}"))).report();
        assert_eq!(report.recorded(), total, "{scope}");
        assert_eq!(report.scenario("recorded", "recorded")["list_usd"], "15.25", "{scope}");
    }
}

#[test]
fn a_published_regional_price_wins_over_a_surcharge() {
    let card = HEAD.replace("\"openai\"", "\"azure\"");
    let card = format!("{card}{}", factor("multiplier = \"0.5\"\nregions = [\"data-zone\"]"));
    let log = "timestamp,provider,region,model,input_tokens\n\
               2026-10-05T10:00:00Z,azure,data-zone,gpt-4.1-mini,1000000\n";
    let run = Run::new().file("log.csv", log).file("card.toml", card);
    // The user's own discount on a regional price does hold: 0.44 x 0.5.
    assert_eq!(run.line("report log.csv --rates card.toml").report().recorded(), "0.22");
}

fn refused(card: &str) -> Done {
    Run::new()
        .file("log.csv", LOG)
        .file("card.toml", card)
        .line("report log.csv --rates card.toml")
        .go()
}

#[test]
fn a_product_that_is_not_exact_is_refused_with_its_line() {
    // 0.02 USD per 1M tokens leaves eleven more decimals: 1/3 to 13 places is too fine.
    let card = format!("{HEAD}{}", factor("multiplier = \"0.3333333333333\""));
    refused(&card).assert_fails(1, &["card.toml:10", "`discount`", "18 decimals"]);
    let many: String = (0..9).map(|_| factor("multiplier = \"0.5\"")).collect();
    refused(&format!("{HEAD}{many}")).assert_fails(1, &["card.toml:", "more than 8 factors"]);
}

#[test]
fn a_users_card_cannot_speak_for_the_provider() {
    let card = HEAD.replace("evidence = \"user\"", "evidence = \"provider\"");
    let words = &["card.toml:4", "expected `user` or `third_party`"];
    refused(&card).assert_fails(1, words);
    let source = format!("{HEAD}[sources]\na = {{ text = \"x\", evidence = \"provider\" }}\n");
    refused(&source).assert_fails(1, &["card.toml:9", "expected `user` or `third_party`"]);
}

#[test]
fn a_credit_is_a_line_of_its_own() {
    let log = "timestamp,model,input_tokens\n2026-10-05T10:00:00Z,gpt-4o,1000000\n";
    let run = || Run::new().file("log.csv", log).line("report log.csv --credit");
    for (credit, used, after) in [("0.50", "0.5", "2"), ("2.50", "2.5", "0"), ("100", "2.5", "0")] {
        let report = run().line(credit).report();
        assert_eq!(report.recorded(), "2.5");
        let line = &report.0["credit"];
        assert_eq!(
            (&line["used_usd"], &line["recorded_after_usd"]),
            (&serde_json::json!(used), &serde_json::json!(after))
        );
    }
    let text = run().line("0.50").go().stdout;
    assert!(text.contains("Credit of 0.50 USD, 0.50 USD of it used: 2.00 USD after it"), "{text}");
    run().line("-1").go().assert_fails(2, &["--credit"]);
    run().line("many").go().assert_fails(2, &["--credit"]);
}
