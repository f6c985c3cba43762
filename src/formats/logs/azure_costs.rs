//! The cost export of Azure's Cost Management, old or new columns: what was billed for
//! models. Rows of other services count as empty.

use super::{Days, Field, Format, MoneyUnit, Scope, Signature, Target, Times};

/// What Azure has called the service.
const CATEGORIES: &[&str] = &[
    "Foundry Models",
    "Cognitive Services",
    "Azure OpenAI",
    "Azure OpenAI Service",
    "Azure AI Foundry",
    "AI Services",
];

/// The table.
pub(super) fn format() -> Format {
    Format {
        signature: Signature {
            all: &["Date", "MeterCategory"],
            any: &["CostInBillingCurrency", "PreTaxCost", "Cost"],
            ..Signature::default()
        },
        scope: Scope::Aggregate,
        provider: "azure".into(),
        times: Times { days: Days::MonthFirst, ..Times::AS_LOGS_DO },
        used_by: Some(("MeterCategory", CATEGORIES)),
        fields: vec![
            Field::new(Target::Start, &["Date"]),
            Field::new(Target::Note, &["MeterCategory"]),
            Field::new(Target::Note, &["MeterName"]),
            Field::new(Target::Project, &["SubscriptionId", "SubscriptionName"]),
            Field::new(Target::Region, &["ResourceLocation"]),
            Field::new(
                Target::Billed(MoneyUnit::Dollars),
                &["CostInBillingCurrency", "PreTaxCost", "Cost"],
            ),
            Field::new(Target::Currency, &["BillingCurrency", "BillingCurrencyCode", "Currency"]),
        ],
        ..Format::delimited("azure-costs", "cost export of Azure Cost Management")
    }
}
