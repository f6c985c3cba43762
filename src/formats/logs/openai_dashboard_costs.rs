//! The cost CSV of OpenAI's dashboard: what was billed a day, perhaps by line item
//! and project. Days without a cost have their times only.

use super::{Field, Format, MoneyUnit, Scope, Signature, Target};

/// The table.
pub(super) fn format() -> Format {
    Format {
        signature: Signature { all: &["start_time", "amount_value"], ..Signature::default() },
        scope: Scope::Aggregate,
        provider: "openai".into(),
        fields: vec![
            Field::new(Target::Start, &["start_time", "start_time_iso"]),
            Field::new(Target::End, &["end_time", "end_time_iso"]),
            Field::new(Target::Billed(MoneyUnit::Dollars), &["amount_value"]),
            Field::new(Target::Currency, &["amount_currency"]),
            Field::new(Target::Note, &["line_item"]),
            Field::new(Target::Project, &["project_id", "project_name"]),
            Field::new(Target::User, &["user_id", "user_email"]),
            Field::new(Target::ApiKey, &["api_key_id"]),
        ],
        ..Format::delimited("openai-dashboard-costs", "cost CSV of OpenAI's dashboard")
    }
}
