//! Logs of the `LiteLLM` proxy: its spend table, and what it hands to callbacks
//! (`StandardLoggingPayload`).
//!
//! `metadata` may be JSON as text. A request that the gateway answered from its own
//! cache cost nothing. The daily CSV of its dashboard has no model.

use super::{Count, Field, Format, MoneyUnit, Signature, Target, with_opened};

/// Rows of the spend table.
pub(super) fn spend_logs() -> Format {
    let own = [
        Field::new(Target::Key, &["request_id"]),
        Field::new(Target::Billed(MoneyUnit::Dollars), &["spend"]),
        Field::new(Target::Project, &["team_id", "metadata.user_api_key_team_alias"]),
        Field::new(Target::User, &["user", "end_user"]),
        Field::new(Target::ApiKey, &["api_key"]),
    ];
    Format {
        signature: Signature { all: &["call_type", "spend"], ..Signature::default() },
        fields: own.into_iter().chain(fields()).collect(),
        ..table("litellm-spend-logs", "spend table of LiteLLM (LiteLLM_SpendLogs)")
    }
}

/// The same as CSV, `metadata` being JSON.
pub(super) fn spend_logs_csv() -> Format {
    let Format { signature, fields, .. } = spend_logs();
    let about = "the spend table of LiteLLM, as CSV";
    Format { signature, fields, ..Format::delimited("litellm-spend-logs-csv", about) }
}

/// What callbacks are given.
pub(super) fn payload() -> Format {
    let own = [
        Field::new(Target::Key, &["id"]),
        Field::new(Target::Billed(MoneyUnit::Dollars), &["response_cost"]),
        Field::new(
            Target::Project,
            &["metadata.user_api_key_team_alias", "metadata.user_api_key_team_id"],
        ),
        Field::new(Target::User, &["metadata.user_api_key_user_id", "end_user"]),
        Field::new(Target::ApiKey, &["metadata.user_api_key_alias", "metadata.user_api_key_hash"]),
    ];
    Format {
        signature: Signature { all: &["call_type", "response_cost"], ..Signature::default() },
        fields: own.into_iter().chain(fields()).collect(),
        ..table("litellm-payload", "callback logs of LiteLLM (StandardLoggingPayload)")
    }
}

/// The daily CSV of the dashboard.
pub(super) fn daily() -> Format {
    Format {
        signature: Signature { all: &["Date", "Spend ($)"], ..Signature::default() },
        refusal: Some(
            "the daily export of LiteLLM's dashboard has no model, so nothing in it can be priced; \
             export the spend logs (`/spend/logs`, or the table LiteLLM_SpendLogs)",
        ),
        ..Format::delimited("litellm-daily", "daily CSV of LiteLLM's dashboard (refused: no model)")
    }
}

fn table(name: &'static str, about: &'static str) -> Format {
    Format {
        marks: &["call_type"],
        rewrite: Some(|record| with_opened(record, &["metadata", "response"])),
        ..Format::json(name, about, &[""])
    }
}

fn fields() -> Vec<Field> {
    vec![
        Field::new(Target::Start, &["startTime"]),
        Field::new(Target::Note, &["call_type"]),
        Field::new(Target::Provider, &["custom_llm_provider"]),
        Field::new(Target::Model, &["model"]),
        Field::new(Target::ServedTier, &["response.service_tier", "metadata.service_tier"]),
        Field::new(Target::RequestedTier, &["model_parameters.service_tier"]),
        Field::new(Target::Endpoint, &["call_type"]),
        Field::new(Target::FreeIf("true"), &["cache_hit"]),
        Field::count(Count::Input, &["prompt_tokens"]),
        Field::count(
            Count::Cached,
            &[
                "metadata.usage_object.prompt_tokens_details.cached_tokens",
                "metadata.usage_object.cache_read_input_tokens",
                "metadata.additional_usage_values.prompt_tokens_details.cached_tokens",
                "metadata.additional_usage_values.cache_read_input_tokens",
                "response.usage.prompt_tokens_details.cached_tokens",
            ],
        ),
        Field::count(
            Count::CacheWrite,
            &[
                "metadata.usage_object.cache_creation_input_tokens",
                "metadata.additional_usage_values.cache_creation_input_tokens",
                "metadata.usage_object.prompt_tokens_details.cache_write_tokens",
            ],
        ),
        Field::count(Count::Output, &["completion_tokens"]),
    ]
}
