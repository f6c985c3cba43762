//! `tierwise rates import`: what is left out of a card, and the lists of which
//! none is made; each with its reason.
#![cfg(test)]

use crate::rates_import::{GENAI, LITELLM, genai_model, import, lines};
use crate::run::Run;

/// A list with a sound model, and another one with these fields.
fn litellm_model(fields: &str) -> String {
    format!(
        "{{\n\"sound\": {{\"litellm_provider\": \"openai\", \"input_cost_per_token\": 1e-06}},\n\"odd\": {{\"litellm_provider\": \"openai\",\n{fields}}}}}"
    )
}

#[test]
fn implausible_prices_of_litellm_are_left_out_by_name() {
    let sound = "\"input_cost_per_token\": 4e-06, \"output_cost_per_token\": 8e-06,\n";
    for (field, value, reason) in [
        ("output_cost_per_audio_token", "0.4", "is above 0.01 USD each"),
        ("output_cost_per_audio_token", "1e-11", "is below 0.0000000001 USD each"),
        ("output_cost_per_audio_token", "-1e-06", "is negative"),
        ("output_cost_per_audio_token", "0.0", "is zero, which would make it free"),
        ("output_cost_per_audio_token", "\"1e-06\"", "is not a number"),
        ("output_cost_per_audio_token", "[1e-06]", "is not a number"),
        ("output_cost_per_audio_token", "1.2000000000000002e-06", "what binary arithmetic leaves"),
        ("output_cost_per_audio_token", "1e-400", "is out of any price's range"),
        ("output_cost_per_audio_token", "1.23456789012e-09", "within 18 decimals"),
        (
            "input_cost_per_token_batches",
            "5e-06",
            "is dearer than the standard `input_cost_per_token`, 4e-06",
        ),
        (
            "output_cost_per_token_flex",
            "9e-06",
            "is dearer than the standard `output_cost_per_token`, 8e-06",
        ),
        ("output_cost_per_token_priority", "7e-06", "is cheaper than the standard"),
        (
            "cache_read_input_token_cost",
            "5e-06",
            "is dearer than the standard `input_cost_per_token`",
        ),
        (
            "input_cost_per_token_above_200k_tokens",
            "3e-06",
            "is for longer requests, and cheaper than",
        ),
    ] {
        let done = import("litellm", litellm_model(&format!("{sound}\"{field}\": {value}")), "");
        assert_eq!(done.code, Some(0), "{done}");
        let said = format!("list.json:5: warning: `odd` {field}: {value} ");
        let line = done.stderr.lines().find(|line| line.contains(&said)).unwrap_or_default();
        assert!(line.contains(reason) && line.ends_with("; left out"), "{said}{reason}: {done}");
        assert!(done.stderr.contains("; 1 refusal, 0 fields"), "{done}");
        let prices = "{ tier = \"standard\", usd = { input = \"4.00\", output = \"8.00\" } },";
        // The long band stays without a price, rather than take the short one.
        let long = field.contains("above_200k").then_some("bands = { long = { over = 200000 } }");
        let own: Vec<&str> =
            std::iter::once("id = \"odd\"").chain(long).chain(std::iter::once(prices)).collect();
        assert_eq!(lines(&done, "odd"), own, "{field} {value}");
    }
}

#[test]
fn what_a_list_says_twice_is_not_taken() {
    let twice = "\"input_cost_per_token\": 1e-06, \"input_cost_per_token\": 2e-06";
    let done = import("litellm", litellm_model(twice), "");
    assert!(
        done.stderr.contains("`odd` input_cost_per_token: 2e-06 is given more than once"),
        "{done}"
    );
    assert!(!done.stdout.contains("odd"), "{done}");
    let models = LITELLM.replace("\"draws\"", "\"made-up-1\"");
    let done = import("litellm", models, "");
    assert!(done.stderr.contains("`made-up-1`: is in the list more than once"), "{done}");
    assert!(!done.stdout.contains("made-up-1"), "{done}");
    let broken = litellm_model("\"input_cost_per_token\": 1e-06").replacen('{', "{\"text\": 3,", 1);
    let done = import("litellm", broken, "");
    assert!(done.stderr.contains("list.json:1: warning: `text`: 3 is not an object"), "{done}");
}

#[test]
fn implausible_prices_of_genai_are_left_out_by_name() {
    for (model, said) in [
        (r#""prices": {"input_mtok": 4e-07}"#, "input_mtok: 4e-07 is below 0.0001 USD per million"),
        (r#""prices": {"input_mtok": 20000}"#, "input_mtok: 20000 is above 10,000 USD per million"),
        (r#""prices": {"input_mtok": "2"}"#, "input_mtok: \"2\" is not a number"),
        (r#""prices": {"input_mtok": 0}"#, "input_mtok: 0 is zero"),
        (r#""prices": {"input_mtok": {"base": 2}}"#, "neither a number nor `base` with `tiers`"),
        (r#""prices": {"input_mtok": {"tiers": []}}"#, "has no `base`"),
        (
            r#""prices": {"input_mtok": {"base": 2, "tiers": [{"start": -1, "price": 3}]}}"#,
            "has a tier without `start`",
        ),
        (
            r#""prices": {"input_mtok": {"base": 2, "tiers": [{"start": 5, "price": -3}]}}"#,
            "is negative",
        ),
        (
            r#""prices": {"input_mtok": {"base": 1, "tiers": [{"start": 5, "price": 0.5}]}}"#,
            "input_mtok: 0.5 is for longer requests, and cheaper than",
        ),
        (r#""prices": 7"#, "prices: 7 is neither an object of prices nor a list of them"),
        (r#""prices": [7]"#, "prices: 7 is not an object with `prices`"),
        (
            r#""prices": [{"prices": {"output_mtok": 2}},
              {"constraint": {"start_time": "16:30:00Z", "end_time": "00:30:00Z"},
               "prices": {"output_mtok": 1}}]"#,
            "constraint: {\"start_time\": \"16:30:00Z\", \"end_time\": \"00:30:00Z\"} is not a `start_date`",
        ),
        (
            r#""prices": [{"prices": {"output_mtok": 2}},
              {"constraint": {"start_date": "soon"}, "prices": {"output_mtok": 1}}]"#,
            "output_mtok: 2 has another price in its place at some hours",
        ),
        (r#""prices": {"input_mtok": 1}, "prices": {}"#, "`odd` prices: is given more than once"),
    ] {
        let done = import("genai-prices", genai_model(model), "");
        assert_eq!(done.code, Some(0), "{done}");
        assert!(done.stderr.contains(said) && done.stderr.contains("; left out"), "{said}: {done}");
        assert!(done.stdout.contains("id = \"sound\""), "{done}");
        assert!(
            !done.stdout.contains("input = \"2") && !done.stdout.contains("output"),
            "{said}: {done}"
        );
    }
}

#[test]
fn a_price_after_the_hours_is_taken() {
    let prices = r#""prices": [{"prices": {"input_mtok": 2}},
      {"constraint": {"start_time": "16:30:00Z", "end_time": "00:30:00Z"}, "prices": {"input_mtok": 1}},
      {"constraint": {"start_date": "2026-02-01"}, "prices": {"input_mtok": 3}}]"#;
    let done = import("genai-prices", genai_model(prices), "");
    let line = "{ tier = \"standard\", from = 2026-02-01, usd = { input = \"3.00\" } },";
    assert_eq!(lines(&done, "odd"), ["id = \"odd\"", line], "{done}");
}

#[test]
fn what_is_no_price_list_is_refused_with_what_was_expected() {
    let deep = |open: &str, times: usize| open.repeat(times);
    let deep_model = format!("{{\"x\": {}{}}}", deep("[", 100_000), deep("]", 100_000));
    for (list, text, words) in [
        (
            "litellm",
            "{\n\"a\": {,}}".to_owned(),
            vec!["list.json:2: not JSON", "`litellm_provider`"],
        ),
        ("litellm", "[]".to_owned(), vec!["not a list of litellm", "expected an object"]),
        ("litellm", "{}".to_owned(), vec!["no model has a `litellm_provider`"]),
        ("litellm", GENAI.to_owned(), vec!["not a list of litellm"]),
        ("litellm", deep("{\"a\":", 100_000), vec!["not JSON"]),
        ("litellm", deep_model, vec!["no model has a `litellm_provider`"]),
        ("genai-prices", String::new(), vec!["not JSON", "`models`"]),
        ("genai-prices", LITELLM.to_owned(), vec!["the object has no `providers`"]),
        ("genai-prices", "[\n{\"id\": 3}]".to_owned(), vec!["line 2 has no such provider"]),
        ("genai-prices", deep("[", 100_000), vec!["not JSON"]),
        ("genai-prices", "{\"providers\": 7}".to_owned(), vec!["not a list of genai-prices"]),
    ] {
        import(list, text, "").assert_fails(1, &words);
    }
    import("litellm", b"{\n\"a\xff\": 1}", "").assert_fails(1, &["list.json:2: not UTF-8 text"]);
    let none = LITELLM.replace("e-0", "e-2");
    let done = import("litellm", none, "--provider anthropic -o card.toml");
    done.assert_fails(1, &["no price of `anthropic` could be taken; no card is written"]);
    assert_eq!(done.files(), ["list.json"]);
    Run::new()
        .line("rates import litellm none.json --checked 2026-11-24")
        .go()
        .assert_fails(1, &["none.json: cannot be read"]);
}
