//! The JSON report keeps to its schema, which says what every field is.

use std::fs;

use serde_json::Value;

use crate::run::Run;

/// A schema of the words that ours uses, as far as it is right for a value. Fails with the
/// place that is not.
fn check(schema: &Value, root: &Value, value: &Value, place: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.strip_prefix("#/$defs/").expect("a definition");
        let definition = &root["$defs"][name];
        assert!(definition.is_object(), "{place}: no definition {name}");
        check(definition, root, value, place);
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let null = choices.iter().any(|one| one["type"] == "null");
        assert!(choices.len() == 2 && null, "{place}: a choice of something or null");
        let something = choices.iter().find(|one| one["type"] != "null").expect("something");
        if !value.is_null() {
            check(something, root, value, place);
        }
    }
    if let Some(constant) = schema.get("const") {
        assert_eq!(value, constant, "{place}");
    }
    let several = schema["type"].as_array().into_iter().flatten();
    let types: Vec<&str> =
        std::iter::once(&schema["type"]).chain(several).filter_map(Value::as_str).collect();
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    assert!(
        types.is_empty() || types.iter().any(|name| is(name)),
        "{place}: {value} is no {types:?}"
    );
    if schema.get("pattern").is_some() {
        let text = value.as_str().expect("text");
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "1"));
        let whole = whole.strip_prefix('-').unwrap_or(whole);
        let digits =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_amount = digits(whole)
            && (whole == "0" || !whole.starts_with('0'))
            && digits(decimals)
            && decimals.len() <= 18
            && !decimals.ends_with('0');
        assert!(is_amount, "{place}: {text} is no exact amount");
    }
    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
        check(&schema["items"], root, item, &format!("{place}[{at}]"));
    }
    let Some(fields) = value.as_object().filter(|_| types.contains(&"object")) else { return };
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        assert!(fields.contains_key(name), "{place}: no field {name}");
    }
    for (name, field) in fields {
        // To others a new field is no error; here it is one without its words.
        let own = schema["properties"].get(name).unwrap_or(&schema["additionalProperties"]);
        assert!(own.is_object(), "{place}: the schema has no field {name}");
        check(own, root, field, &format!("{place}.{name}"));
    }
}

fn schema() -> Value {
    let printed = Run::new().line("schema").go();
    assert_eq!(printed.code, Some(0), "{printed}");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/report/report.schema.json");
    let kept = fs::read_to_string(path).expect("the schema");
    assert_eq!(printed.stdout, kept);
    serde_json::from_str(&kept).expect("JSON")
}

#[test]
fn reports_of_every_kind_keep_to_the_schema() {
    let schema = schema();
    let log = "model,input_tokens,output_tokens,project,billed_cost\n\
               gpt-4o,1000,1,a,0.01\nacme,1,1,,\ngpt-4o,-1,1,a,\n";
    for arguments in [
        "sample_data/october-2026 --by project,day --assume-cached 60% --credit 5 --max-unpriced 1%",
        "sample_data/formats --uncovered exclude",
        "sample_data/openai-dashboard-2025-10 --by day --where project=x --from 2025-10-01",
        "sample_data/october-2026/worker.jsonl --published-only",
    ] {
        let report = Run::in_crate().line(&format!("report {arguments} --format json")).go().json();
        assert!(report.0.is_object(), "{arguments}");
        check(&schema, &schema, &report.0, "report");
    }
    for (log, arguments) in [
        (log, "--by project --dedupe project --alias acme=gpt-4o --max-rejected 0"),
        (log, "--map input=input_tokens,model=model --assume-date 2026-10-01"),
        ("model,input_tokens\n", ""),
        ("", ""),
    ] {
        let run = Run::new().file("log.csv", log);
        let done = run.line(&format!("report log.csv --format json {arguments}")).go();
        assert!(!done.stdout.is_empty(), "{done}");
        check(&schema, &schema, &done.json().0, "report");
    }
}

#[test]
fn the_schema_says_what_every_field_is() {
    let schema = schema();
    let definitions = schema["$defs"].as_object().expect("definitions");
    for (name, definition) in definitions.iter().filter(|(name, _)| *name != "Money") {
        for (field, one) in definition["properties"].as_object().expect("fields") {
            let about = one["description"].as_str().unwrap_or_default();
            assert!(about.len() > 2, "{name}.{field} says nothing");
        }
    }
}
