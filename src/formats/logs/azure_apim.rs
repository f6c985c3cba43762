//! Logs of Azure API Management in front of Azure OpenAI: gateway logs, which hold the
//! response as text, and the log of LLM messages, whose long messages are split over
//! several rows.

use super::{Count, Field, Format, Signature, Target, with_opened};

/// Where the response may stand.
const BODIES: &[&str] =
    &["properties", "properties.backendResponseBody", "properties.responseBody"];

/// Gateway logs.
pub(super) fn gateway() -> Format {
    Format {
        signature: Signature {
            values: Some((&["category"], &["GatewayLogs"])),
            ..Signature::default()
        },
        provider: "azure".into(),
        marks: &["/category"],
        rewrite: Some(|record| with_opened(record, BODIES)),
        fields: vec![
            Field::new(Target::Start, &["/time"]),
            Field::new(Target::Note, &["/category"]),
            Field::new(Target::Key, &["/correlationId"]),
            Field::new(Target::Model, &["model"]),
            Field::new(Target::ServedTier, &["service_tier"]),
            Field::new(Target::Endpoint, &["/operationName"]),
            Field::new(Target::Project, &["/properties.productId"]),
            Field::count(Count::Input, &["usage.prompt_tokens", "usage.input_tokens"]),
            Field::count(
                Count::Cached,
                &[
                    "usage.prompt_tokens_details.cached_tokens",
                    "usage.input_tokens_details.cached_tokens",
                ],
            ),
            Field::count(Count::Output, &["usage.completion_tokens", "usage.output_tokens"]),
        ],
        ..Format::json(
            "azure-apim-gateway",
            "gateway logs of Azure API Management with response bodies",
            &["properties.backendResponseBody", "properties.responseBody"],
        )
    }
}

/// The log of LLM messages.
pub(super) fn llm() -> Format {
    Format {
        signature: Signature {
            all: &["CorrelationId", "PromptTokens", "CompletionTokens"],
            ..Signature::default()
        },
        provider: "azure".into(),
        marks: &["CorrelationId"],
        fields: vec![
            Field::new(Target::Start, &["TimeGenerated"]),
            Field::new(Target::Key, &["CorrelationId"]),
            Field::new(Target::Model, &["ModelName", "DeploymentName"]),
            Field::new(Target::Endpoint, &["OperationName"]),
            Field::count(Count::Input, &["PromptTokens"]),
            Field::count(Count::Output, &["CompletionTokens"]),
        ],
        ..Format::json(
            "azure-apim-llm",
            "LLM log of Azure API Management (ApiManagementGatewayLlmLog)",
            &[""],
        )
    }
}

/// The same as CSV.
pub(super) fn llm_csv() -> Format {
    let Format { signature, provider, fields, .. } = llm();
    let about = "the same LLM log of Azure API Management, as CSV";
    Format { signature, provider, fields, ..Format::delimited("azure-apim-llm-csv", about) }
}
