//! The log export of Portkey, one request a line. Costs are in cents; what was cached
//! stands in the response alone.

use super::{Count, Field, Format, MoneyUnit, Signature, Target, with_opened};

/// Where a response says what was cached.
const DETAILS: [&str; 2] =
    ["response.body.usage.prompt_tokens_details", "response.body.usage.input_tokens_details"];

/// The table.
pub(super) fn format() -> Format {
    Format {
        signature: Signature { all: &["req_units", "res_units"], ..Signature::default() },
        marks: &["req_units", "created_at"],
        rewrite: Some(|record| with_opened(record, &["response.body", "response"])),
        fields: vec![
            Field::new(Target::Start, &["created_at"]),
            Field::new(Target::Provider, &["ai_org"]),
            Field::new(Target::Model, &["ai_model"]),
            Field::new(Target::ServedTier, &["response.body.service_tier"]),
            Field::new(Target::Endpoint, &["request_url"]),
            Field::new(Target::ApiKey, &["virtual_key"]),
            Field::new(Target::Billed(MoneyUnit::Cents), &["cost"]),
            Field::new(Target::FreeIf("HIT"), &["cache_status"]),
            Field::new(Target::Currency, &["cost_currency"]),
            Field::count(Count::Input, &["req_units"]),
            Field {
                names: DETAILS.map(|details| format!("{details}.cached_tokens").into()).to_vec(),
                ..Field::count(Count::Cached, &[])
            },
            Field::count(Count::Output, &["res_units"]),
        ],
        ..Format::json("portkey", "log export of Portkey", &[""])
    }
}
