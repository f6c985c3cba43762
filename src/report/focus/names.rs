//! The names that FOCUS has for what the tool knows: providers, services, units, and
//! identifiers of what was bought.

use super::{ACCOUNT, Row};
use crate::money::Money;
use crate::rates::Priced;
use crate::scenario::MeterUsage;
use crate::usage::{Instant, Unit};

/// A provider's id in the rate book or in logs, its name, and the name of its service.
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
    ("openrouter", "OpenRouter", "OpenRouter API"),
    ("vercel", "Vercel", "Vercel AI Gateway"),
];

/// Formats whose amounts are those of a bill, and who sends it. Other logs' amounts are
/// what somebody worked out.
const SENDERS: &[(&str, &str)] = &[
    ("cursor", "cursor"),
    ("openrouter-activity", "openrouter"),
    ("openrouter-generation", "openrouter"),
    ("vercel-report", "vercel"),
];

/// Stands for a provider that neither the log nor the rate book names.
const UNKNOWN: &str = "Unknown";

/// The names of a provider and its service; its id where they are not known.
fn named(id: &str) -> (&str, &str) {
    let known = PROVIDERS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(id));
    known.map_or((id, id), |(_, name, service)| (*name, *service))
}

impl Row<'_> {
    /// The id of who sold it: the sender of the bill where there is one, else whose prices
    /// it has.
    fn seller(&self) -> &str {
        let charge = self.charge;
        let sender = SENDERS.iter().find(|(format, _)| *format == charge.format);
        match sender {
            Some((_, sender)) if charge.is_billed || charge.provider.is_empty() => sender,
            _ if charge.provider.is_empty() => UNKNOWN,
            _ => charge.provider,
        }
    }

    /// Who sold it.
    pub(super) fn provider(&self) -> String {
        named(self.seller()).0.to_owned()
    }

    /// Whose model it is, as far as the rate book or the log says.
    pub(super) fn publisher(&self) -> String {
        let provider = self.charge.provider;
        named(if provider.is_empty() { self.seller() } else { provider }).0.to_owned()
    }

    /// What was sold.
    pub(super) fn service(&self) -> String {
        named(self.seller()).1.to_owned()
    }

    /// The name that the estimate has in the place of an invoice: one for each account,
    /// issuer and month.
    pub(super) fn invoice(&self) -> String {
        let (day, seller) = (self.charge.start.utc_date(), self.seller());
        let known = PROVIDERS.iter().find(|(id, ..)| id.eq_ignore_ascii_case(seller));
        let id = known.map_or(seller, |(id, ..)| id);
        let account = Some(self.file.billing_account).filter(|account| *account != ACCOUNT);
        let parts = [Some("estimate"), account, Some(id), day.get(..7)];
        parts.into_iter().flatten().collect::<Vec<_>>().join("-")
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

/// Where it was used: the place in the region that it is priced as, which may name a kind
/// of deployment besides or alone.
pub(super) fn region(row: &Row<'_>) -> Option<String> {
    let region = row.charge.region.to_lowercase();
    let place = region.strip_prefix("regional/").unwrap_or(&region);
    let is_place = !matches!(place, "" | "global" | "data-zone" | "regional");
    is_place.then(|| place.to_owned())
}

/// What was bought: seller, model, tier and meter.
pub(super) fn sku(row: &Row<'_>) -> Option<String> {
    let (usage, model) = (row.usage()?, row.charge.model?);
    Some(format!("{}/{model}/{}/{}", row.seller(), row.charge.tier, usage.meter.name()))
}

/// What decides its list price: band, region, and the day and amount of the price.
pub(super) fn sku_price(row: &Row<'_>) -> Option<String> {
    let (usage, mut id) = (row.usage()?, sku(row)?);
    id.push('/');
    id.push_str(usage.band.unwrap_or("base"));
    if let Some(region) = priced_region(row) {
        id.push('/');
        id.push_str(&region);
    }
    let (from, price) = (begins(&usage.list), unit_price(&usage.list, usage.meter.unit()));
    Some(format!("{id}/{from}/{}", price.exact()))
}

/// The region of a list price that does not hold everywhere.
pub(super) fn priced_region(row: &Row<'_>) -> Option<String> {
    let regions = &row.usage()?.list.cell.regions;
    (!regions.is_empty()).then(|| row.charge.region.to_lowercase())
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
