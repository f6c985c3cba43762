//! FOCUS, the open format of bills (1.2 to 1.4): what was billed for AI. Rows of other
//! service categories count as empty.

use super::{Field, Format, MoneyUnit, Scope, Signature, Target};

/// The table.
pub(super) fn format() -> Format {
    Format {
        signature: Signature {
            all: &["BilledCost", "ChargePeriodStart"],
            none: &["x_Estimate"],
            ..Signature::default()
        },
        scope: Scope::Aggregate,
        used_by: Some(("ServiceCategory", &["AI and Machine Learning"])),
        fields: vec![
            Field::new(Target::Start, &["ChargePeriodStart"]),
            Field::new(Target::End, &["ChargePeriodEnd"]),
            Field::new(Target::Note, &["ServiceCategory"]),
            Field::new(Target::Note, &["SkuId"]),
            Field::new(Target::Provider, &["ServiceProviderName", "ProviderName"]),
            Field::new(Target::Region, &["RegionId"]),
            Field::new(Target::Project, &["SubAccountId", "SubAccountName"]),
            Field::new(Target::Billed(MoneyUnit::Dollars), &["BilledCost"]),
            Field::new(Target::Currency, &["BillingCurrency"]),
        ],
        ..Format::delimited("focus", "FOCUS bills, 1.2 to 1.4")
    }
}

/// What `tierwise focus` writes: an estimate in the form of a bill.
pub(super) fn estimate() -> Format {
    Format {
        signature: Signature {
            all: &["BilledCost", "ChargePeriodStart", "x_Estimate"],
            ..Signature::default()
        },
        refusal: Some(
            "this is what `tierwise focus` made of logs, an estimate and no bill; give the logs, or \
             a ledger of them (`tierwise ledger`)",
        ),
        ..Format::delimited("focus-estimate", "FOCUS files of tierwise (refused: an estimate)")
    }
}
