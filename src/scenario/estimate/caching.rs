//! What an estimate says of caching that is assumed, or that would pay.

use super::model::{BreakEven, EstimateLine};
use super::{OneModel, TIERS, TierChoice};
use crate::money::{Money, Share};
use crate::rates::Priced;
use crate::scenario::Inexact;
use crate::scenario::pricer::touched;
use crate::usage::{Meter, Totals};

impl OneModel<'_> {
    /// The usage whose rates an estimate rests on.
    pub(super) fn touched(&self) -> Totals {
        let own = self.request.quantities;
        let Some(share) = self.request.assume_cached else { return own };
        let mut all = touched(&own, share);
        all.add_all(&own);
        all
    }

    /// The shares of cached input with which Standard's text input costs what
    /// that of each cheaper tier costs without caching.
    pub(super) fn break_even(&self) -> Vec<BreakEven> {
        let rate = |tier, meter| Some(self.list(tier)?.of(meter).ok()?.rate);
        let standard = |meter| rate(TierChoice::Standard, meter);
        let shares = TIERS.into_iter().filter_map(|tier| {
            let target = rate(tier, Meter::Input)?;
            let plain = standard(Meter::Input)?;
            let cached_share = plain.break_even(standard(Meter::CachedInput)?, target)?;
            Some(BreakEven { tier: tier.name(), cached_share })
        });
        let has_input = self.request.quantities.without_caching().get(Meter::Input) > 0;
        shares.filter(|found| has_input && !found.cached_share.is_zero()).collect()
    }

    pub(super) fn note_assumed(&self, notes: &mut Vec<String>) {
        if let Some(share) = self.request.assume_cached {
            notes.push(format!(
                "{share} cached is modelled: that share of the input tokens of each modality is taken \
                 as read from the cache and nothing as written to it; the context band does not change"
            ));
        }
    }

    pub(super) fn inexact(&self, tier: TierChoice, meter: Meter, share: Share) -> Inexact {
        Inexact { share, model: self.name.to_owned(), tier: tier.name().to_owned(), meter }
    }
}

/// Shows the rate that a line with an assumed share has, not a published one.
pub(super) fn show_blended(line: &mut EstimateLine, price: &Priced<'_>) {
    let per = u128::from(price.cell.meter.unit().per());
    line.rate = price.rate.cost(per).map(Money::exact).unwrap_or_default();
}
