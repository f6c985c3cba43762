//! The log export of Portkey, one request a line. Costs are in cents; what was cached
//! stands in the response alone.

use super::{Count, Field, Format, MoneyUnit, Signature, Target};

/// The table.
pub(super) fn format() -> Format {
    let details = "response.body.usage.prompt_tokens_details";
    Format {
        signature: Signature { all: &["req_units", "res_units"], ..Signature::default() },
        marks: &["req_units", "created_at"],
        fields: vec![
            Field::new(Target::Start, &["created_at"]),
            Field::new(Target::Provider, &["ai_org"]),
            Field::new(Target::Model, &["ai_model"]),
            Field::new(Target::ServedTier, &["response.body.service_tier"]),
            Field::new(Target::Endpoint, &["request_url"]),
            Field::new(Target::ApiKey, &["virtual_key"]),
            Field::new(Target::Billed(MoneyUnit::Cents), &["cost"]),
            Field::new(Target::Currency, &["cost_currency"]),
            Field::count(Count::Input, &["req_units"]),
            Field {
                names: vec![format!("{details}.cached_tokens").into()],
                ..Field::count(Count::Cached, &[])
            },
            Field::count(Count::Output, &["res_units"]),
        ],
        ..Format::json("portkey", "log export of Portkey", &[""])
    }
}
