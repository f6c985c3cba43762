//! Exports of `OpenRouter`: the activity CSV, a row a generation, and the object of a
//! generation. Times are UTC; a model of the `free` variant costs nothing.

use super::{Count, Field, Format, MoneyUnit, Signature, Target};

/// The activity CSV.
pub(super) fn activity() -> Format {
    Format {
        signature: Signature { all: &["generation_id", "tokens_prompt"], ..Signature::default() },
        fields: vec![
            Field::new(Target::Start, &["created_at"]),
            Field::new(Target::Key, &["generation_id"]),
            Field::new(Target::Model, &["model_permaslug"]),
            Field::new(Target::FreeIf("free"), &["variant"]),
            Field::new(Target::Project, &["app_name"]),
            Field::new(Target::User, &["user"]),
            Field::new(Target::ApiKey, &["api_key_name"]),
            Field::new(Target::Billed(MoneyUnit::Dollars), &["cost_total"]),
            Field::count(Count::Input, &["tokens_prompt"]),
            Field::count(Count::Cached, &["tokens_cached"]),
            Field::count(Count::Output, &["tokens_completion"]),
        ],
        ..Format::delimited("openrouter-activity", "activity CSV of OpenRouter")
    }
}

/// The object of a generation. What is billed are the native counts.
pub(super) fn generation() -> Format {
    Format {
        signature: Signature {
            any: &["native_tokens_prompt", "data.native_tokens_prompt"],
            ..Signature::default()
        },
        marks: &["id", "/error"],
        fields: vec![
            Field::new(Target::Start, &["created_at"]),
            Field::new(Target::Key, &["id"]),
            Field::new(Target::Note, &["/error"]),
            Field::new(Target::Model, &["model"]),
            Field::new(Target::ServedTier, &["service_tier"]),
            Field::new(Target::Endpoint, &["api_type"]),
            Field::new(Target::Project, &["app_id"]),
            Field::new(Target::User, &["external_user"]),
            Field::new(Target::Billed(MoneyUnit::Dollars), &["total_cost"]),
            Field::count(Count::Input, &["native_tokens_prompt"]),
            Field::count(Count::Cached, &["native_tokens_cached"]),
            Field::count(Count::Output, &["native_tokens_completion"]),
        ],
        ..Format::json("openrouter-generation", "generation objects of OpenRouter", &["data", ""])
    }
}
