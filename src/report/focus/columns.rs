//! The columns of a FOCUS file: the name of each, and what it holds. A column is one line.

use super::names::{
    begins, consumed_unit, priced_region, pricing_unit, region, sku, sku_price, unit_price,
};
use super::{Row, decimal, multiples, whole};
use crate::money::Money;
use crate::rates::Priced;
use crate::scenario::{Amounts, COMPARED, MeterUsage, TierChoice};

/// What a column holds; a cell without a value is empty.
pub(super) enum Cell {
    /// The same text in every row.
    Same(&'static str),
    /// Text that may be the log's.
    Text(fn(&Row<'_>) -> Option<String>),
    /// A number.
    Number(fn(&Row<'_>) -> Option<String>),
}

use Cell::{Number, Same, Text};

/// Those of FOCUS 1.2 in the order of their names, then the tool's own.
pub(super) const COLUMNS: &[(&str, Cell)] = &[
    ("BilledCost", Number(|row| Some(decimal(row.charge.billed_usd)))),
    ("BillingAccountId", Text(|row| Some(row.file.billing_account.to_owned()))),
    ("BillingAccountName", Text(|row| Some(row.file.billing_account.to_owned()))),
    ("BillingCurrency", Same("USD")),
    ("BillingPeriodEnd", Text(|row| Some(row.charge.start.utc_month().1.to_string()))),
    ("BillingPeriodStart", Text(|row| Some(row.charge.start.utc_month().0.to_string()))),
    ("ChargeCategory", Text(|row| Some(charge_category(row).to_owned()))),
    ("ChargeClass", Same("")),
    ("ChargeDescription", Text(|row| Some(row.description()))),
    ("ChargeFrequency", Same("Usage-Based")),
    ("ChargePeriodEnd", Text(|row| Some(row.charge.end.to_string()))),
    ("ChargePeriodStart", Text(|row| Some(row.charge.start.to_string()))),
    // No commitment is known; rules about other columns look at these.
    ("CommitmentDiscountId", Same("")),
    ("CommitmentDiscountStatus", Same("")),
    ("ConsumedQuantity", Number(|row| Some(whole(row.usage()?.amounts.quantity)))),
    ("ConsumedUnit", Text(|row| Some(consumed_unit(row.usage()?.meter.unit()).to_owned()))),
    ("ContractedCost", Number(|row| Some(cost(row, |amounts| amounts.recorded)))),
    ("ContractedUnitPrice", Number(contracted_unit_price)),
    ("EffectiveCost", Number(|row| Some(cost(row, |amounts| amounts.recorded)))),
    ("InvoiceId", Text(|row| Some(row.invoice()))),
    ("InvoiceIssuerName", Text(|row| Some(row.provider()))),
    ("ListCost", Number(|row| Some(cost(row, |amounts| amounts.list)))),
    ("ListUnitPrice", Number(list_unit_price)),
    ("PricingCategory", Text(|row| row.usage().map(|_| "Standard".to_owned()))),
    ("PricingQuantity", Number(pricing_quantity)),
    ("PricingUnit", Text(|row| Some(pricing_unit(row.usage()?.meter.unit())))),
    ("ProviderName", Text(|row| Some(row.provider()))),
    ("PublisherName", Text(|row| Some(row.publisher()))),
    ("RegionId", Text(region)),
    ("RegionName", Text(region)),
    ("ServiceCategory", Same("AI and Machine Learning")),
    ("ServiceName", Text(|row| Some(row.service()))),
    ("ServiceSubcategory", Same("Generative AI")),
    ("SkuId", Text(sku)),
    ("SkuMeter", Text(|row| Some(row.usage()?.meter.name().to_owned()))),
    ("SkuPriceDetails", Text(sku_price_details)),
    ("SkuPriceId", Text(sku_price)),
    ("SubAccountId", Text(sub_account)),
    ("SubAccountName", Text(sub_account)),
    ("SubAccountType", Text(|row| sub_account(row).map(|_| row.file.sub_account_type.to_owned()))),
    ("Tags", Text(tags)),
    ("x_BatchCost", Number(|row| tier_cost(row, TierChoice::Batch))),
    ("x_ContextBand", Text(|row| Some(band(row.usage()?).to_owned()))),
    ("x_CostBasis", Text(|row| Some(cost_basis(row).to_owned()))),
    ("x_Estimate", Same("tierwise estimate, not an invoice")),
    ("x_Evidence", Text(|row| Some(deciding(row.usage()?).evidence.name().to_owned()))),
    ("x_FallbackTiers", Text(fallback_tiers)),
    ("x_FlexCost", Number(|row| tier_cost(row, TierChoice::Flex))),
    ("x_LoggedModel", Text(|row| row.charge.logged_model.map(str::to_owned))),
    ("x_Model", Text(|row| row.charge.model.map(str::to_owned))),
    ("x_NoCachingCost", Number(|row| Some(decimal(row.usage()?.amounts.no_caching)))),
    ("x_PricedAsMeter", Text(|row| Some(deciding(row.usage()?).borrowed_from?.name().to_owned()))),
    ("x_PricedRegion", Text(|row| filled(&row.charge.region))),
    ("x_PriorityCost", Number(|row| tier_cost(row, TierChoice::Priority))),
    ("x_RateBookDate", Text(|row| Some(row.as_of.to_owned()))),
    ("x_RateBookDigest", Text(rate_book)),
    ("x_ServiceTier", Text(|row| filled(row.charge.tier))),
    ("x_StandardCost", Number(|row| tier_cost(row, TierChoice::Standard))),
    ("x_UnpricedReason", Text(|row| Some((*row.charge.usage.as_ref().err()?).to_owned()))),
];

/// Text, or nothing where there is none.
fn filled(text: &str) -> Option<String> {
    Some(text).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// What was billed for usage without a price can only be stated as an adjustment: of usage
/// the specification wants prices and quantities.
fn charge_category(row: &Row<'_>) -> &'static str {
    if row.usage().is_some() { "Usage" } else { "Adjustment" }
}

/// A cost of the usage; without a price all costs are what was billed.
fn cost(row: &Row<'_>, of: fn(&Amounts) -> Money) -> String {
    let usage = row.usage().map(|usage| of(&usage.amounts));
    decimal(usage.unwrap_or(row.charge.billed_usd))
}

fn tier_cost(row: &Row<'_>, tier: TierChoice) -> Option<String> {
    row.usage()?.amounts.under(tier).map(decimal)
}

fn contracted_unit_price(row: &Row<'_>) -> Option<String> {
    let usage = row.usage()?;
    let price = usage.price.as_ref().map(|price| unit_price(price, usage.meter.unit()));
    Some(decimal(price.unwrap_or_default()))
}

fn list_unit_price(row: &Row<'_>) -> Option<String> {
    let usage = row.usage()?;
    Some(decimal(unit_price(&usage.list, usage.meter.unit())))
}

fn pricing_quantity(row: &Row<'_>) -> Option<String> {
    let usage = row.usage()?;
    Some(multiples(usage.amounts.quantity, usage.meter.unit().per()))
}

/// What decides a list price, in words.
fn sku_price_details(row: &Row<'_>) -> Option<String> {
    let usage = row.usage()?;
    let region = priced_region(row);
    let details = [
        ("x_Model", row.charge.model),
        ("x_ServiceTier", Some(row.charge.tier)),
        ("x_ContextBand", Some(band(usage))),
        ("x_PricedRegion", region.as_deref()),
    ];
    let from = begins(&usage.list);
    let details = details.into_iter().chain([("x_PricedFrom", Some(from.as_str()))]);
    Some(object(details.filter_map(|(key, value)| Some((key, value?)))))
}

fn band<'u>(usage: &MeterUsage<'u>) -> &'u str {
    usage.band.unwrap_or("base")
}

/// The price that holds; of complimentary tokens that of the list.
fn deciding<'u>(usage: &MeterUsage<'u>) -> Priced<'u> {
    usage.price.unwrap_or(usage.list)
}

fn sub_account(row: &Row<'_>) -> Option<String> {
    row.charge.labels.first().copied().flatten().and_then(filled)
}

fn tags(row: &Row<'_>) -> Option<String> {
    let labels = &row.charge.labels;
    let value = |at: usize| labels.get(at).copied().flatten().filter(|value| !value.is_empty());
    let tags = row.file.tags.iter().filter_map(|(at, name)| Some((name.as_str(), value(*at)?)));
    Some(object(tags)).filter(|tags| tags != "{}")
}

/// A JSON object of texts, in their order.
fn object<'t>(members: impl Iterator<Item = (&'t str, &'t str)>) -> String {
    let mut text = String::from("{");
    for (key, value) in members {
        if text.len() > 1 {
            text.push(',');
        }
        let [key, value] = [key, value].map(|text| serde_json::Value::from(text).to_string());
        text.extend([key.as_str(), ":", value.as_str()]);
    }
    text.push('}');
    text
}

/// The digest of the rates, as `rates list` and reports for a terminal show it.
fn rate_book(row: &Row<'_>) -> Option<String> {
    row.file.book.sha256().get(..12).map(str::to_owned)
}

fn cost_basis(row: &Row<'_>) -> &'static str {
    if row.charge.is_billed { "billed" } else { "computed" }
}

/// The tiers that have no price for the rows: their cost is Standard's.
fn fallback_tiers(row: &Row<'_>) -> Option<String> {
    let pairs = COMPARED.iter().zip(row.usage()?.fallback);
    let names: Vec<&str> =
        pairs.filter(|(_, missing)| *missing).map(|(tier, _)| tier.name()).collect();
    filled(&names.join(","))
}
