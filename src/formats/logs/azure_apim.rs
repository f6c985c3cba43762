//! Logs of Azure API Management in front of Azure OpenAI: gateway logs, which hold the
//! response as text, and the log of LLM messages, whose long messages are split over
//! several rows.

use super::{Count, Field, Format, Members, Signature, Target, text_of, with_opened};

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
        rewrite: Some(opened),
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
            &["properties.backendResponseBody", "properties.responseBody", "streamed"],
        )
    }
}

/// The record with its response as an object. A streamed one is its last event with
/// usage; one that is cut is no response, and says so in place of a count.
fn opened(record: &str) -> Option<String> {
    let text = with_opened(record, BODIES).unwrap_or_else(|| record.to_owned());
    let members = Members::of(&text)?;
    let properties = Members::of(members.get("properties")?)?;
    let left = |key: &&str| properties.get(key).is_some_and(|body| body.starts_with('"'));
    let Some(key) = ["backendResponseBody", "responseBody"].into_iter().find(left) else {
        return Some(text);
    };
    let body = properties.get(key).and_then(text_of).unwrap_or_default();
    let events = body.lines().filter_map(|line| line.strip_prefix("data:"));
    let mut with_usage = events.map(str::trim).filter(|event| {
        let usage = Members::of(event);
        usage.is_some_and(|event| event.get("usage").is_some_and(|usage| usage.starts_with('{')))
    });
    let cut = r#"{"model":"unknown","usage":{"prompt_tokens":"the logged body is cut"}}"#;
    let response = match with_usage.next_back() {
        Some(event) => event.to_owned(),
        None if body.trim_start().starts_with('{') => cut.to_owned(),
        None => return Some(text),
    };
    let rest = text.trim_end().strip_suffix('}')?;
    Some(format!("{rest},\"streamed\":{response}}}"))
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
            Field::count(Count::Cached, &["CachedTokens"]),
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
