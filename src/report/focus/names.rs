//! The names that FOCUS has for what the tool knows: providers, services, units, and
//! identifiers of what was bought.

use super::Row;
use crate::money::Money;
use crate::rates::Priced;
use crate::scenario::MeterUsage;
use crate::usage::{Instant, Unit};

/// A provider's id, its name, and the name of its service. Logs of gateways may name no
/// provider; their formats stand for who sent the bill.
const PROVIDERS: &[(&str, &str, &str)] = &[
    ("openai", "OpenAI", "OpenAI API"),
    ("azure", "Microsoft", "Azure OpenAI"),
    ("anthropic", "Anthropic", "Claude API"),
    ("bedrock", "AWS", "Amazon Bedrock"),
    ("deepseek", "DeepSeek", "DeepSeek API"),
    ("gemini", "Google", "Gemini API"),
    ("mistral", "Mistral AI", "Mistral AI API"),
    ("xai", "xAI", "xAI API"),
    ("cursor", "Cursor", "Cursor"),
    ("openrouter-activity", "OpenRouter", "OpenRouter API"),
    ("openrouter-generation", "OpenRouter", "OpenRouter API"),
    ("vercel-report", "Vercel", "Vercel AI Gateway"),
];

impl Row<'_> {
    /// The id of who sold it: as the rate book or the log has it, else the log's format,
    /// which is all that tells.
    fn provider_id(&self) -> &str {
        let charge = self.charge;
        if charge.provider.is_empty() { charge.format } else { charge.provider }
    }

    /// Who sold it.
    pub(super) fn provider(&self) -> String {
        self.named().0.to_owned()
    }

    /// What was sold.
    pub(super) fn service(&self) -> String {
        self.named().1.to_owned()
    }

    /// The names of the provider and its service.
    fn named(&self) -> (&str, &str) {
        let id = self.provider_id();
        let known = PROVIDERS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(id));
        known.map_or((id, id), |(_, name, service)| (*name, *service))
    }

    /// The name that the estimate has in the place of an invoice: one for each issuer and
    /// month.
    pub(super) fn invoice(&self) -> String {
        let day = self.charge.start.utc_date();
        format!("estimate-{}-{}", self.provider_id(), day.get(..7).unwrap_or(&day))
    }

    /// What it is, in words.
    pub(super) fn description(&self) -> String {
        let charge = self.charge;
        let logged = charge.logged_model.unwrap_or("a model that is not named");
        match &charge.usage {
            Ok(usage) => {
                let (meter, model) = (usage.meter.name(), charge.model.unwrap_or(logged));
                format!("Estimate, not an invoice: {meter} of {model}, {}", charge.tier)
            }
            Err(reason) => {
                let reason = reason.replace('_', " ");
                format!(
                    "Estimate, not an invoice: billed as the log says for {logged}; no price ({reason})"
                )
            }
        }
    }

    /// The usage, where it has a price.
    pub(super) fn usage(&self) -> Option<&MeterUsage<'_>> {
        self.charge.usage.as_ref().ok()
    }
}

/// What was bought: provider, model, tier and meter.
pub(super) fn sku(row: &Row<'_>) -> Option<String> {
    let charge = row.charge;
    let (usage, model) = (row.usage()?, charge.model?);
    Some(format!("{}/{model}/{}/{}", charge.provider, charge.tier, usage.meter.name()))
}

/// What decides its list price: band, region, and the day and amount of the price.
pub(super) fn sku_price(row: &Row<'_>) -> Option<String> {
    let (usage, mut id) = (row.usage()?, sku(row)?);
    let region = Some(row.charge.region.as_str()).filter(|region| !region.is_empty());
    let parts = [Some(usage.band.unwrap_or("base")), region];
    for part in parts.into_iter().flatten() {
        id.push('/');
        id.push_str(part);
    }
    let (from, price) = (begins(&usage.list), unit_price(&usage.list, usage.meter.unit()));
    Some(format!("{id}/{from}/{}", price.exact()))
}

/// When a price begins: `earlier` where it is older than the book knows.
pub(super) fn begins(price: &Priced<'_>) -> String {
    price.cell.from.map_or_else(|| "earlier".to_owned(), Instant::utc_date)
}

/// A price of as many units as prices are published for. It was read as such, so it fits.
pub(super) fn unit_price(price: &Priced<'_>, unit: Unit) -> Money {
    price.rate.cost(u128::from(unit.per())).unwrap_or_default()
}

/// The unit that is counted.
pub(super) const fn consumed_unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Token => "Tokens",
        Unit::Character => "Characters",
        Unit::Call => "Calls",
        Unit::Session => "Sessions",
        Unit::Image => "Images",
        Unit::Second => "Seconds",
        Unit::Minute => "Minutes",
        Unit::Hour => "Hours",
        Unit::GibibyteDay => "GiB-Days",
        Unit::ByteDay => "B-Days",
    }
}

/// The unit that prices are for.
pub(super) fn pricing_unit(unit: Unit) -> String {
    match unit.per() {
        1 => consumed_unit(unit).to_owned(),
        per => format!("{per} {}", consumed_unit(unit)),
    }
}
