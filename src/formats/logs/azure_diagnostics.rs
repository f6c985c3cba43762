//! Diagnostic logs of Azure OpenAI: one or two rows a request, of which one has
//! counts. `properties` is an object or JSON as text; counts may be arrays of one.
//!
//! The model is the one that the deployment stands for, as the log names it.

use super::{Count, Field, Format, Members, Signature, Target, text_of, with_opened};

/// The categories that may have counts, and those beside them.
const CATEGORIES: &[&str] =
    &["RequestResponse", "AzureOpenAIRequestUsage", "Audit", "Trace", "AzureMetrics"];

/// The log.
pub(super) fn format() -> Format {
    Format {
        signature: Signature {
            any: &["properties", "properties_s", "records.properties"],
            values: Some((&["category", "Category", "records.category"], CATEGORIES)),
            ..Signature::default()
        },
        provider: "azure".into(),
        marks: &["/category"],
        rewrite: Some(opened),
        fields: fields(),
        ..Format::json_below(
            "azure-openai-diagnostics",
            "diagnostic logs of Azure OpenAI (RequestResponse, AzureOpenAIRequestUsage)",
            &["properties", "properties_s", ""],
            &["records"],
        )
    }
}

/// The record with its properties as an object, and in them the model by its version,
/// where that is a date.
fn opened(record: &str) -> Option<String> {
    let text = with_opened(record, &["properties", "properties_s"]);
    let known = text.as_deref().unwrap_or(record);
    let members = Members::of(known)?;
    let properties = ["properties", "properties_s"].iter().find_map(|key| members.get(key));
    let properties = Members::of(properties?)?;
    let part = |key: &str| properties.get(key).and_then(text_of);
    let (Some(name), Some(version)) = (part("modelName"), part("modelVersion")) else {
        return text;
    };
    let is_date = version.len() == 10 && version.bytes().filter(|byte| *byte == b'-').count() == 2;
    if !is_date || name.ends_with(&version) {
        return text;
    }
    let dated = serde_json::to_string(&format!("{name}-{version}")).ok()?;
    let rest = known.trim_end().strip_suffix('}')?;
    Some(format!("{rest},\"datedModel\":{dated}}}"))
}

/// The properties of a row alone.
pub(super) fn properties() -> Format {
    Format {
        signature: Signature {
            all: &["promptTokens", "generatedTokens"],
            none: &["category"],
            ..Signature::default()
        },
        provider: "azure".into(),
        marks: &["/modelName"],
        // Nothing in them tells one request from another.
        fields: fields().into_iter().filter(|field| field.target != Target::Key).collect(),
        ..Format::json(
            "azure-openai-properties",
            "the properties of AzureOpenAIRequestUsage rows, on their own",
            &[""],
        )
    }
}

fn fields() -> Vec<Field> {
    vec![
        Field::new(Target::Start, &["/time", "/TimeGenerated"]),
        Field::new(Target::Note, &["/category", "/Category"]),
        Field::new(Target::Note, &["/modelName"]),
        Field::new(Target::Key, &["/correlationId", "/CorrelationId"]),
        Field::new(Target::Model, &["/datedModel", "modelName", "modelDeploymentName"]),
        Field::new(Target::Endpoint, &["/operationName", "/OperationName"]),
        Field::new(Target::Project, &["/resourceId", "/ResourceId"]),
        Field::count(Count::Input, &["promptTokens"]),
        Field::count(Count::Cached, &["cachedTokens"]),
        Field::count(Count::Output, &["generatedTokens", "completionTokens"]),
    ]
}
