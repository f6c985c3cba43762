//! Prices of one model beside each other: what cannot be right, whatever the
//! provider.

use super::day;
use super::draft::{Draft, DraftPrice, Findings};
use crate::usage::{Meter, ServiceTier};

/// Leaves out the prices that contradict another one of the model.
pub(super) fn sift(draft: &mut Draft, findings: &mut Findings) {
    let all = std::mem::take(&mut draft.prices);
    for (at, price) in all.iter().enumerate() {
        let same = |other: &&DraftPrice| other.same_cell(price) && other.overlaps(price);
        let doubt = match all.iter().take(at).find(same) {
            // One price under two names.
            Some(other) if is_repeated(price, other) => continue,
            Some(other) => Some(told("is another price than", other)),
            None => all.iter().find_map(|other| doubt(price, other)),
        };
        match doubt {
            Some(reason) => findings.refuse_price(&draft.id, price, reason),
            None => draft.prices.push(price.clone()),
        }
    }
}

fn is_repeated(price: &DraftPrice, other: &DraftPrice) -> bool {
    (price.usd, price.from, price.to) == (other.usd, other.from, other.to)
}

/// Why a price cannot be right beside another one.
fn doubt(price: &DraftPrice, other: &DraftPrice) -> Option<String> {
    if !price.overlaps(other) {
        return None;
    }
    let (dearer, cheaper) = (price.usd > other.usd, price.usd < other.usd);
    let same_band = price.over == other.over;
    let same_meter = price.meter == other.meter;
    if price.tier == other.tier {
        if dearer && same_band && is_cached(price.meter) && is_uncached(other.meter, price.meter) {
            return Some(told("is dearer than", other));
        }
        let longer = same_meter && price.over > other.over;
        return (cheaper && longer)
            .then(|| told("is for longer requests, and cheaper than", other));
    }
    if !same_band || !same_meter || other.tier != ServiceTier::Standard {
        return None;
    }
    let is_discount = matches!(price.tier, ServiceTier::Batch | ServiceTier::Flex);
    let is_premium = matches!(price.tier, ServiceTier::Priority | ServiceTier::Ultrafast);
    if is_discount && dearer {
        return Some(told("is dearer than", other));
    }
    (is_premium && cheaper).then(|| told("is cheaper than", other))
}

fn is_cached(meter: Meter) -> bool {
    matches!(meter, Meter::CachedInput | Meter::CachedImageInput | Meter::CachedAudioInput)
}

fn is_uncached(meter: Meter, of: Meter) -> bool {
    meter == of.without_caching()
}

fn told(relation: &str, other: &DraftPrice) -> String {
    let since = other.from.map_or_else(String::new, |from| format!(" from {}", day(from)));
    let tier = other.tier.name();
    format!("{relation} the {tier} `{}`, {}{since}", other.field, other.text)
}
