//! Diagnostic logs of Azure OpenAI: one or two rows a request, of which one has
//! counts. `properties` is an object or JSON as text; counts may be arrays of one.
//!
//! The model is the one that the deployment stands for, as the log names it.

use super::{Count, Field, Format, Signature, Target, with_opened};

/// The categories that may have counts, and those beside them.
const CATEGORIES: &[&str] =
    &["RequestResponse", "AzureOpenAIRequestUsage", "Audit", "Trace", "AzureMetrics"];

/// The log.
pub(super) fn format() -> Format {
    Format {
        signature: Signature {
            values: Some((&["category", "Category"], CATEGORIES)),
            ..Signature::default()
        },
        provider: "azure".into(),
        marks: &["/category"],
        rewrite: Some(|record| with_opened(record, &["properties", "properties_s"])),
        fields: fields(),
        ..Format::json(
            "azure-openai-diagnostics",
            "diagnostic logs of Azure OpenAI (RequestResponse, AzureOpenAIRequestUsage)",
            &["properties", "properties_s", ""],
        )
    }
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
        Field::new(Target::Model, &["modelName", "modelDeploymentName"]),
        Field::new(Target::Endpoint, &["/operationName", "/OperationName"]),
        Field::new(Target::Project, &["/resourceId", "/ResourceId"]),
        Field::count(Count::Input, &["promptTokens"]),
        Field::count(Count::Cached, &["cachedTokens"]),
        Field::count(Count::Output, &["generatedTokens", "completionTokens"]),
    ]
}
