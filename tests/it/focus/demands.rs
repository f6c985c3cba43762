//! Demands of rules that are more than one column's.

use super::checks::{is_usage, number, object};
use super::sheet::{Row, Sheet};
use crate::oracle::decimal;

/// The columns of numbers, those of the tool among them.
const NUMBERS: [&str; 13] = [
    "BilledCost",
    "ConsumedQuantity",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "ListCost",
    "ListUnitPrice",
    "PricingQuantity",
    "x_BatchCost",
    "x_FlexCost",
    "x_NoCachingCost",
    "x_PriorityCost",
    "x_StandardCost",
];

const TIMES: [&str; 4] =
    ["BillingPeriodEnd", "BillingPeriodStart", "ChargePeriodEnd", "ChargePeriodStart"];

fn text<'r>(row: &'r Row, column: &str) -> &'r str {
    row.get(column).map_or("", String::as_str)
}

/// Money that somebody else receives is no cost of the provider's.
pub(super) fn is_billed_by_its_provider(row: &Row) -> bool {
    row.get("ProviderName") == row.get("InvoiceIssuerName")
}

pub(super) fn has_one_account(sheet: &Sheet) -> bool {
    sheet.values("BillingAccountId").len() <= 1
}

/// The billing period is the calendar month that the charge begins in.
pub(super) fn is_in_its_month(row: &Row) -> bool {
    let [end, start, _, charge] = TIMES.map(|column| text(row, column));
    let month = |text: &str| text.get(..7).map(str::to_owned);
    let Ok(first) = start.parse::<jiff::Timestamp>() else { return false };
    let date = first.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let next = date.last_of_month().tomorrow().expect("a day");
    start.ends_with("-01T00:00:00Z")
        && month(start) == month(charge)
        && end == format!("{next}T00:00:00Z")
}

/// Starts are inclusive and ends are exclusive: both are midnights, and not the same.
pub(super) fn is_a_day_or_a_month(row: &Row) -> bool {
    let [_, month, end, start] = TIMES.map(|column| text(row, column));
    let at = |text: &str| text.parse::<jiff::Timestamp>().map_or(0, jiff::Timestamp::as_second);
    let is_month = start == month && end == text(row, "BillingPeriodEnd");
    start.ends_with("T00:00:00Z") && (is_month || at(end) - at(start) == 86_400)
}

fn all_names(sheet: &Sheet, holds: impl Fn(&str) -> bool) -> bool {
    sheet.columns.iter().all(|name| holds(name.strip_prefix("x_").unwrap_or(name)))
}

pub(super) fn has_pascal_case_names(sheet: &Sheet) -> bool {
    all_names(sheet, |name| {
        name.starts_with(|first: char| first.is_ascii_uppercase())
            && name.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

pub(super) fn has_short_names(sheet: &Sheet) -> bool {
    all_names(sheet, |name| name.len() <= 50)
}

/// What a category is called is one of the specification's words.
pub(super) fn has_normal_categories(sheet: &Sheet) -> bool {
    let words = ["Usage", "Adjustment", "Standard", "AI and Machine Learning"];
    let columns = sheet.columns.iter().filter(|name| name.ends_with("Category"));
    columns.flat_map(|column| sheet.values(column)).all(|value| words.contains(&value))
}

pub(super) fn has_own_columns_last(sheet: &Sheet) -> bool {
    let own = |name: &String| name.starts_with("x_");
    let first = sheet.columns.iter().position(own).expect("columns of the tool");
    sheet.columns.iter().skip(first).all(own) && first == 41
}

/// A charge that is no usage has what was billed in every cost.
pub(super) fn has_one_cost_where_it_is_an_adjustment(row: &Row) -> bool {
    let costs = ["ContractedCost", "EffectiveCost", "ListCost"];
    is_usage(row) || costs.iter().all(|cost| row.get(*cost) == row.get("BilledCost"))
}

pub(super) fn has_times_of_utc(row: &Row) -> bool {
    let times = TIMES.map(|column| text(row, column));
    times.iter().all(|time| time.len() == 20 && time.contains('T') && time.ends_with('Z'))
}

/// What has a column of its own is not said by a stand-in for nothing.
pub(super) fn has_no_placeholder(row: &Row) -> bool {
    let words = ["null", "none", "n/a", "nan", "not applicable", "-"];
    row.iter().all(|(_, value)| !words.contains(&value.to_lowercase().as_str()))
}

pub(super) fn has_no_blank_text(row: &Row) -> bool {
    row.values().all(|value| !value.trim().is_empty())
}

/// Digits with one point, and no sign but a minus.
pub(super) fn has_plain_numbers(row: &Row) -> bool {
    NUMBERS.iter().filter_map(|column| row.get(*column)).all(|text| {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let point = unsigned.matches('.').count() == 1;
        point && unsigned.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    })
}

pub(super) fn has_simple_objects(row: &Row) -> bool {
    let columns = ["SkuPriceDetails", "Tags"];
    columns.iter().filter_map(|column| row.get(*column)).all(|text| object(text).is_some())
}

pub(super) fn has_costs_of_its_quantity(row: &Row) -> bool {
    let pairs = [("ListUnitPrice", "ListCost"), ("ContractedUnitPrice", "ContractedCost")];
    let quantity = number(row, "PricingQuantity");
    pairs.iter().all(|(price, cost)| {
        let product = number(row, price).zip(quantity.clone()).map(|(price, count)| price * count);
        product.is_none() || product == number(row, cost)
    })
}

/// A price is for a number of the units that are counted.
pub(super) fn is_priced_as_it_is_counted(row: &Row) -> bool {
    let Some(unit) = row.get("PricingUnit") else { return true };
    let (count, name) = unit.split_once(' ').unwrap_or(("1", unit));
    let priced = number(row, "PricingQuantity").map(|quantity| quantity * decimal(count));
    let same = priced.zip(number(row, "ConsumedQuantity")).is_none_or(|(one, other)| one == other);
    name == text(row, "ConsumedUnit") && same
}

/// Provider, model, tier and meter: no price, period or contract is part of it.
pub(super) fn has_a_sku_of_what_was_bought(row: &Row) -> bool {
    let parts = ["x_Model", "x_ServiceTier", "SkuMeter"].map(|column| text(row, column));
    let Some((_, rest)) = row.get("SkuId").and_then(|sku| sku.split_once('/')) else {
        return !is_usage(row);
    };
    rest == parts.join("/")
}

pub(super) fn has_known_details(row: &Row) -> bool {
    let known = ["x_Model", "x_ServiceTier", "x_ContextBand", "x_PricedRegion", "x_PricedFrom"];
    let Some(details) = row.get("SkuPriceDetails").and_then(|text| object(text)) else {
        return !is_usage(row);
    };
    details.iter().all(|(key, value)| known.contains(&key.as_str()) && value.is_string())
}

pub(super) fn has_its_list_price_in_its_id(row: &Row) -> bool {
    let Some(price) = row.get("SkuPriceId").and_then(|id| id.rsplit('/').next()) else {
        return true;
    };
    number(row, "ListUnitPrice").is_none_or(|number| decimal(price) == number)
}

pub(super) fn has_one_kind_of_sub_account(sheet: &Sheet) -> bool {
    sheet.values("SubAccountType").len() <= 1
}

pub(super) fn has_tags_with_values(row: &Row) -> bool {
    let Some(tags) = row.get("Tags") else { return true };
    let tags = object(tags).unwrap_or_default();
    !tags.is_empty() && tags.values().all(serde_json::Value::is_string)
}
