//! `tierwise focus`: the FOCUS 1.2 file keeps the rules that the FinOps validator has for
//! that version, and its sums are those of the report.
#![cfg(test)]

mod checks;
mod command;
mod costs;
mod demands;
mod other_rules;
mod rules;
mod sheet;
mod sums;

use std::collections::{BTreeMap, BTreeSet};

use checks::Check;
use other_rules::OTHER_RULES;
use rules::{RULES, TESTED};
use sheet::{Sheet, sheets};

/// The rules of the validator for 1.2, those aside that only name others.
const ALL_RULES: usize = 478;

/// Whole ids.
fn ids<'t>(rule: &'t str, ends: &'t str) -> impl Iterator<Item = String> + 't {
    ends.split(' ').map(move |end| format!("{rule}-{end}"))
}

/// The rules that a file breaks, with the first row that does.
fn breaches(sheet: &Sheet) -> BTreeMap<String, String> {
    let broken = RULES.iter().filter_map(|(rule, ends, column, check)| {
        let breach = check.breach(sheet, column)?;
        Some(ids(rule, ends).map(move |id| (id, breach.clone())))
    });
    broken.flatten().collect()
}

#[test]
fn every_file_keeps_every_rule_that_applies() {
    for (name, sheet) in sheets() {
        assert!(sheet.rows.len() > 3, "{name} has too few rows");
        let breaches = breaches(&sheet);
        assert!(breaches.is_empty(), "{name}: {breaches:#?}");
    }
}

#[test]
fn every_rule_is_covered_or_named_with_its_reason() {
    let checked = RULES.iter().flat_map(|(rule, ends, ..)| ids(rule, ends));
    let tested = TESTED.iter().flat_map(|(_, rule, ends)| ids(rule, ends));
    let other = OTHER_RULES.iter().flat_map(|(_, rules)| *rules);
    let other = other.flat_map(|(rule, ends)| ids(rule, ends));
    let all: Vec<String> = checked.chain(tested).chain(other).collect();
    let distinct: BTreeSet<&String> = all.iter().collect();
    assert_eq!(distinct.len(), all.len(), "a rule is in two places");
    assert_eq!(all.len(), ALL_RULES);
    let has_shape = |id: &String| {
        let parts: Vec<&str> = id.split('-').collect();
        let [rule, kind, number, level] = parts.as_slice() else { return false };
        rule.chars().all(char::is_alphabetic)
            && ["A", "C", "D"].contains(kind)
            && number.len() == 3
            && ["M", "C", "O"].contains(level)
    };
    assert!(all.iter().all(has_shape));
}

#[test]
fn tests_of_single_rules_are_there() {
    let source = concat!(include_str!("command.rs"), include_str!("costs.rs"));
    for (test, rule, _) in TESTED {
        assert!(source.contains(&format!("fn {test}()")), "{rule}: {test}");
    }
}

/// A file that keeps the rules, and what becomes of it with one cell changed: the rules
/// find it.
#[test]
fn a_changed_cell_breaks_its_rules() {
    let sheet = sheets().swap_remove(0).1;
    for (column, value, broken) in [
        ("BilledCost", "1", "BilledCost-C-001-M"),
        ("BilledCost", "", "BilledCost-C-003-M"),
        ("BilledCost", "+1.0", "NumericFormat-A-010-M"),
        ("BilledCost", "1,000.0", "NumericFormat-A-009-M"),
        ("BilledCost", "1.5E+3", "BilledCost-C-002-M"),
        ("InvoiceIssuerName", "Gateway", "BilledCost-C-005-C"),
        ("BillingAccountId", "another", "BillingAccountId-C-004-M"),
        ("BillingCurrency", "usd", "BillingCurrency-C-003-M"),
        ("BillingCurrency", "EUR", "ListCost-C-005-M"),
        ("BillingPeriodEnd", "2026-10-31T00:00:00Z", "BillingPeriodEnd-C-004-M"),
        ("BillingPeriodStart", "2026-10-01", "DateTimeFormat-A-004-M"),
        ("ChargeCategory", "usage", "ChargeCategory-C-003-M"),
        ("ChargeCategory", "Adjustment", "ConsumedQuantity-C-004-C"),
        ("ChargeClass", "Correction", "ChargeClass-C-003-C"),
        ("ChargeDescription", " ", "StringHandling-A-007-M"),
        ("ChargePeriodEnd", "2026-10-02T00:00:00+02:00", "ChargePeriodEnd-C-002-M"),
        ("ChargePeriodStart", "2026-10-01T00:00:01Z", "ChargePeriodStart-C-004-M"),
        ("CommitmentDiscountId", "c-1", "CommitmentDiscountId-C-004-C"),
        ("ConsumedQuantity", "1000", "ConsumedQuantity-C-001-M"),
        ("ConsumedUnit", "tokens", "UnitFormat-A-003-M"),
        ("ContractedCost", "1.0", "ContractedUnitPrice-C-011-C"),
        ("ContractedUnitPrice", "-1.0", "ContractedUnitPrice-C-009-C"),
        ("EffectiveCost", "n/a", "NullHandling-A-002-M"),
        ("InvoiceId", "", "InvoiceId-C-005-C"),
        ("ListCost", "1.0", "ListUnitPrice-C-010-C"),
        ("PricingCategory", "Dynamic", "PricingCategory-C-007-M"),
        ("PricingQuantity", "", "PricingUnit-C-005-C"),
        ("PricingUnit", "1000 Tokens", "PricingUnit-C-008-M"),
        ("RegionName", "Europe", "RegionName-C-004-C"),
        ("ServiceCategory", "AI", "ServiceName-C-005-C"),
        ("ServiceSubcategory", "Chat", "ServiceSubcategory-C-004-M"),
        ("SkuId", "openai", "SkuId-C-010-M"),
        ("SkuMeter", "", "SkuMeter-C-005-C"),
        ("SkuPriceDetails", r#"{"Model":"x"}"#, "SkuPriceDetails-C-017-C"),
        ("SkuPriceDetails", r#"{"x_Model":1}"#, "SkuPriceDetails-C-018-C"),
        ("SkuPriceId", "openai/0.1", "SkuPriceId-C-013-M"),
        ("SubAccountName", "", "SubAccountName-C-005-C"),
        ("Tags", r#"{"a":"1","a":"2"}"#, "KeyValueFormat-A-002-M"),
        ("Tags", r#"{"a":["1"]}"#, "KeyValueFormat-A-004-M"),
        ("Tags", "a=1", "Tags-C-001-M"),
    ] {
        let mut changed = sheet.clone();
        let row = changed.rows.iter_mut().find(|row| row.contains_key("SubAccountName"));
        let row = row.expect("a row with all columns");
        row.remove(column);
        if !value.is_empty() {
            row.insert(column.to_owned(), value.to_owned());
        }
        let breaches = breaches(&changed);
        assert!(breaches.contains_key(broken), "{column} = `{value}`: {:?}", breaches.keys());
    }
}

#[test]
fn a_changed_adjustment_breaks_its_rules() {
    let odd = sheets().into_iter().find(|(name, _)| *name == "odd rows").expect("the odd rows");
    for cost in ["ContractedCost", "EffectiveCost", "ListCost"] {
        let mut changed = odd.1.clone();
        let row = changed.rows.iter_mut().find(|row| !checks::is_usage(row));
        row.expect("an adjustment").insert(cost.to_owned(), "9.0".to_owned());
        let breaches = breaches(&changed);
        let broken = breaches.keys().filter(|id| id.starts_with(cost)).count();
        assert_eq!(broken, 1, "{cost}: {:?}", breaches.keys());
    }
}

#[test]
fn a_missing_or_misplaced_column_breaks_its_rules() {
    let sheet = sheets().swap_remove(0).1;
    for (_, ends, column, _) in RULES.iter().filter(|(.., check)| matches!(check, Check::Present)) {
        let mut changed = sheet.clone();
        changed.columns.retain(|name| name != column);
        assert!(breaches(&changed).contains_key(&format!("CostAndUsage-{ends}")), "{column}");
    }
    let mut changed = sheet;
    changed.columns.swap(0, 45);
    assert!(breaches(&changed).contains_key("ColumnHandling-A-013-O"));
}
