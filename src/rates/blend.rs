//! Prices under the assumption that a stated share of the input is read from the
//! cache: the exact mean of a modality's two rates. What is assumed of cache
//! writes is not decided here.

use super::pricing::{PriceList, Priced, WhyNoRate};
use crate::money::Share;

impl PriceList<'_> {
    /// The same prices where a share of each modality's input tokens is read
    /// from the cache: `input`, `image_input` and `audio_input` then cost a mix
    /// of their rate and the cached one. For quantities without caching.
    #[must_use]
    pub fn with_cached(&self, share: Share) -> Self {
        Self { cached: Some(share), ..self.clone() }
    }
}

impl Priced<'_> {
    /// This price and that of the cached tokens, mixed; vouched for by the
    /// weaker of the two, and as old as the older one.
    pub(super) fn blended(self, cached: &Self, share: Share) -> Result<Self, WhyNoRate> {
        if share.is_zero() {
            return Ok(self);
        }
        let rate = self.rate.blended(cached.rate, share).ok_or(WhyNoRate::InexactBlend)?;
        Ok(Self {
            rate,
            evidence: self.evidence.max(cached.evidence),
            lender: self.lender.or(cached.lender),
            checked: self.checked.min(cached.checked),
            ..self
        })
    }
}
