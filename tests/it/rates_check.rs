//! `tierwise rates check` and `template`: every kind of problem with its line.
#![cfg(test)]

use crate::run::{Done, Run};

/// A card without problems.
pub(crate) const CARD: &str = r#"schema = 1
layer = "mine"
provider = "openai"
evidence = "user"
table = "partial"
source = "contract of 2026-09"
checked = 2026-10-01

[[models]]
id = "gpt-4.1-mini"
prices = [
  { tier = "standard", from = 2026-09-01, usd = { input = "0.36" } },
  { tier = "batch", from = 2026-09-01, to = 2026-12-01, usd = { cached_input = "0.12" } },
]
"#;

fn check(card: &str) -> Done {
    Run::new().file("mine.toml", card).line("rates check mine.toml").go()
}

/// The lines that a check prints.
fn said(card: &str) -> (Option<i32>, Vec<String>) {
    let done = check(card);
    (done.code, done.stdout.lines().map(str::to_owned).collect())
}

#[test]
fn a_card_without_problems_is_summed_up() {
    let summary = "mine.toml: fine: layer mine, 1 model, 2 prices, 2026-09-01 on";
    assert_eq!(said(CARD), (Some(0), vec![summary.to_owned()]));
    let ended = CARD.replace("from = 2026-09-01, usd", "from = 2026-09-01, to = 2027-01-01, usd");
    let summary = "mine.toml: fine: layer mine, 1 model, 2 prices, 2026-09-01 to 2027-01-01";
    assert_eq!(said(&ended), (Some(0), vec![summary.to_owned()]));
}

#[test]
fn each_kind_of_problem_has_its_line_and_what_was_expected() {
    for (old, new, line, words) in [
        ("schema = 1", "schema = 2", 1, "expected `schema = 1`"),
        ("\"user\"", "\"me\"", 4, "expected `provider`, `third_party`, `article` or `user`"),
        ("\"partial\"", "\"half\"", 5, "expected `complete` or `partial`"),
        ("2026-10-01", "2026-10-01T00:00:00", 7, "expected a day, or an instant with its offset"),
        ("2026-10-01", "\"yesterday\"", 7, "expected"),
        ("[[models]]", "[[models", 9, "expected `]]`"),
        ("id = ", "name = ", 10, "unknown field `name`, expected"),
        ("tier = \"standard\"", "tier = \"gold\"", 12, "expected `standard`, `flex`"),
        ("from = 2026-09-01, usd", "source = \"x\", usd", 12, "expected a name of `[sources]`"),
        ("input = \"0.36\"", "inptu = \"0.36\"", 12, "`inptu` is not a model's meter"),
        ("\"0.36\"", "\"-1\"", 12, "`-1` USD per 1M tokens is negative"),
        ("\"0.36\"", "\"4e-07\"", 12, "`4e-07` USD per 1M tokens is not a decimal number"),
        ("\"0.36\"", "\"0.0000000000001\"", 12, "within 18 decimals"),
        ("\"0.36\"", "0.36", 12, "expected a string"),
        (
            "from = 2026-09-01, to = 2026-12-01",
            "from = 2026-12-01, to = 2026-12-01",
            13,
            "`to` is not after `from`",
        ),
        (
            "\"batch\"",
            "\"batch\", band = \"long\"",
            13,
            "expected a band named in the model's `bands`",
        ),
        (
            "\"batch\", from = 2026-09-01, to = 2026-12-01, usd = { cached_",
            "\"standard\", from = 2026-10-01, usd = { ",
            13,
            "`input` overlaps the price that holds from 2026-09-01",
        ),
    ] {
        let card = CARD.replacen(old, new, 1);
        assert_ne!(card, CARD, "{old}");
        let done = check(&card);
        assert_eq!(done.code, Some(1), "{done}");
        let start = format!("mine.toml:{line}: ");
        let told = done.stdout.lines().find(|told| told.starts_with(&start));
        assert!(told.is_some_and(|told| told.contains(words)), "{start}{words}: {done}");
        assert_eq!(done.stdout.lines().count(), 1, "one problem: {done}");
        assert!(done.stderr.contains("1 of 1 rate card(s) cannot be used"), "{done}");
    }
}

#[test]
fn all_problems_of_a_card_are_told_at_once() {
    let card = CARD
        .replace("\"user\"", "\"me\"")
        .replace("2026-10-01", "2026-10-01T00:00:00")
        .replace("\"0.36\"", "\"free\"")
        .replace("\"batch\"", "\"night\"");
    let second =
        "\n[[models]]\nid = \"x\"\nprice = []\n\n[[tools]]\nmeter = \"input\"\nprices = []\n";
    let (code, lines) = said(&format!("{card}{second}"));
    let numbers: Vec<&str> = lines.iter().filter_map(|line| line.split(':').nth(1)).collect();
    assert_eq!((code, numbers), (Some(1), vec!["4", "7", "12", "13", "18", "21"]), "{lines:#?}");
}

#[test]
fn what_the_head_lacks_does_not_hide_the_rest() {
    let card = CARD.replace("layer = \"mine\"\n", "colour = 1\n").replace("0.36", "x");
    let card = card.replace("source = ", "sauce = ");
    let (code, lines) = said(&card);
    let numbers: Vec<&str> = lines.iter().filter_map(|line| line.split(':').nth(1)).collect();
    assert_eq!((code, numbers), (Some(1), vec!["1", "1", "2", "6", "12"]), "{lines:#?}");
}

#[test]
fn bands_that_differ_from_the_built_in_ones_are_a_problem() {
    let card = CARD.replace(
        "id = \"gpt-4.1-mini\"",
        "id = \"gpt-5.4\"\nbands = { long = { over = 200_000 } }",
    );
    let (code, lines) = said(&card);
    assert_eq!(code, Some(1));
    assert!(lines.first().is_some_and(|line| line.starts_with("mine.toml:10: ")), "{lines:#?}");
}

#[test]
fn what_is_legal_but_looks_wrong_is_a_warning() {
    let bands = "bands = { long = { over = 200_000 } }\ncontext_window = 128_000";
    for (old, new, words) in [
        // Per 1,000 tokens instead of per 1,000,000.
        ("\"0.36\"", "\"0.00036\"", "input: 0.00036 is 100 times away from the built-in 0.40"),
        ("gpt-4.1-mini", "gpt-4.1-minimal", "`gpt-4.1-minimal` is no model of the built-in openai"),
        ("gpt-4.1-mini", "gpt-4.1-mini-2025-04-14", "is a name of `gpt-4.1-mini`"),
        ("id = \"gpt-4.1-mini\"", &format!("id = \"x\"\n{bands}"), "beyond the context window"),
    ] {
        let (code, lines) = said(&CARD.replace(old, new));
        let warned =
            |line: &String| line.starts_with("mine.toml: warning: ") && line.contains(words);
        assert_eq!(code, Some(0), "{lines:#?}");
        assert!(lines.iter().any(warned), "{words}: {lines:#?}");
    }
}

#[test]
fn several_cards_are_checked_each() {
    let run = Run::new().file("good.toml", CARD).file("bad.toml", CARD.replace("0.36", "x"));
    let done = run.line("rates check good.toml bad.toml --format json").go();
    assert_eq!(done.code, Some(1), "{done}");
    let found = done.json().0;
    assert_eq!(
        (&found[0]["cells"], &found[0]["problems"][0]),
        (&2.into(), &serde_json::Value::Null)
    );
    assert_eq!(found[1]["problems"][0]["line"], 12);
    Run::new().line("rates check none.toml").go().assert_fails(1, &["none.toml", "cannot be read"]);
}

#[test]
fn the_template_is_a_card_without_problems() {
    let done = Run::new().line("rates template -o mine.toml").go();
    assert_eq!((done.code, done.stdout.as_str()), (Some(0), ""), "{done}");
    let template = done.read("mine.toml").expect("the card");
    assert_eq!(Run::new().line("rates template").go().stdout, template);
    let checked = check(&template);
    assert_eq!(checked.code, Some(0), "{checked}");
    assert!(
        checked.stdout.contains("mine.toml: fine: layer my-contract, 2 models, 13 prices"),
        "{checked}"
    );
    let used = Run::new().file("mine.toml", &template);
    let used = used.line("rates show my-model --rates mine.toml --format json").go().json().0;
    assert_eq!(used["tools"][0]["usd"], "8");
}

#[test]
fn what_the_template_has_in_comments_is_valid_too() {
    let template = Run::new().line("rates template").go().stdout;
    let mut card = template.clone();
    for key in ["aliases", "context_window", "max_output", "images_bill_as_text"] {
        let shown = card.replacen(&format!("# {key} = "), &format!("{key} = "), 1);
        assert_ne!(shown, card, "{key}");
        card = shown;
    }
    let checked = check(&card);
    assert_eq!(checked.code, Some(0), "{checked}");
}
