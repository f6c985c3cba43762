//! What OpenAI gave before its Usage API: the usage of a day as JSON
//! (`/v1/usage?date=`), the activity CSV of 2023, and the billing endpoint, whose
//! costs are in cents.

use super::{Count, Field, Format, HOSTED_TOOLS, MoneyUnit, Scope, Signature, Target};

/// The arrays of a day's usage.
const ARRAYS: &[&str] = &[
    "data",
    "ft_data",
    "dalle_api_data",
    "whisper_api_data",
    "tts_api_data",
    "assistant_code_interpreter_data",
];

/// The usage of a day.
pub(super) fn usage() -> Format {
    Format {
        signature: Signature {
            any: &["dalle_api_data", "whisper_api_data", "n_context_tokens_total"],
            ..Signature::default()
        },
        scope: Scope::Aggregate,
        provider: "openai".into(),
        marks: &["aggregation_timestamp", "operation"],
        fields: vec![
            Field::new(Target::Start, &["aggregation_timestamp", "timestamp"]),
            Field::new(Target::Requests, &["n_requests", "num_requests"]),
            Field::new(Target::Model, &["snapshot_id", "model_id"]),
            Field::new(Target::ServedTier, &["request_type"]),
            Field::new(Target::Endpoint, &["operation"]),
            Field::new(Target::Project, &["project_id", "project_name"]),
            Field::new(Target::User, &["email", "user_id"]),
            Field::new(Target::ApiKey, &["api_key_id", "api_key_name"]),
            Field::count(Count::Input, &["n_context_tokens_total"]),
            Field::count(Count::Cached, &["n_cached_context_tokens_total"]),
            Field::count(Count::Output, &["n_generated_tokens_total"]),
            Field::count(Count::Picture, &["num_images"]),
            Field::count(Count::AudioSecond, &["num_seconds"]),
            Field::count(Count::Character, &["num_characters"]),
            Field::count(Count::CodeInterpreter, &["num_sessions"]),
            Field::new(Target::ModelIs(HOSTED_TOOLS), &["num_sessions"]),
        ],
        ..Format::json_below(
            "openai-legacy-usage",
            "OpenAI's usage of a day before the Usage API",
            &[""],
            ARRAYS,
        )
    }
}

/// The activity CSV of 2023.
pub(super) fn activity() -> Format {
    Format {
        signature: Signature {
            all: &["n_context_tokens_total", "n_generated_tokens_total", "operation"],
            ..Signature::default()
        },
        scope: Scope::Aggregate,
        provider: "openai".into(),
        fields: vec![
            Field::new(Target::Start, &["timestamp"]),
            Field::new(Target::Requests, &["n_requests"]),
            Field::new(Target::Model, &["model"]),
            Field::new(Target::Endpoint, &["operation"]),
            Field::new(Target::User, &["user"]),
            Field::count(Count::Input, &["n_context_tokens_total"]),
            Field::count(Count::Output, &["n_generated_tokens_total"]),
        ],
        ..Format::delimited("openai-activity-2023", "activity CSV of OpenAI's dashboard in 2023")
    }
}

/// The billing endpoint.
pub(super) fn billing() -> Format {
    Format {
        signature: Signature { all: &["daily_costs"], ..Signature::default() },
        scope: Scope::Aggregate,
        provider: "openai".into(),
        marks: &["timestamp", "name"],
        fields: vec![
            Field::new(Target::Start, &["timestamp"]),
            Field::new(Target::Note, &["name"]),
            Field::new(Target::Billed(MoneyUnit::Cents), &["cost"]),
        ],
        ..Format::json_below(
            "openai-billing-usage",
            "OpenAI's old billing endpoint, in cents",
            &[""],
            &["daily_costs", "line_items"],
        )
    }
}
