//! Service tiers, and where a row's tier came from.

use std::fmt;

/// The tier that a request was served under.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServiceTier {
    /// Pay-as-you-go at list price (logs also say `default`).
    Standard,
    /// Cheaper and slower; may be refused.
    Flex,
    /// Faster at a premium (also called `fast`).
    Priority,
    /// Answered within 24 hours.
    Batch,
    /// Prepaid throughput.
    Scale,
    /// The fastest tier of two models.
    Ultrafast,
    /// Complimentary tokens of the data-sharing programme.
    Free,
    /// A name that is none of the above.
    Other(Box<str>),
}

impl ServiceTier {
    /// The name in cards and reports.
    pub fn name(&self) -> &str {
        match self {
            Self::Standard => "standard",
            Self::Flex => "flex",
            Self::Priority => "priority",
            Self::Batch => "batch",
            Self::Scale => "scale",
            Self::Ultrafast => "ultrafast",
            Self::Free => "free",
            Self::Other(name) => name,
        }
    }

    /// The tier that a card names, exactly. `decisions` is not a tier but an
    /// endpoint with prices of its own; no log names it and no what-if compares
    /// it.
    pub fn from_card(name: &str) -> Option<Self> {
        let tiers = [Self::Standard, Self::Flex, Self::Priority, Self::Batch, Self::Ultrafast];
        let decisions = Self::Other("decisions".into());
        tiers.into_iter().chain([decisions]).find(|tier| tier.name() == name)
    }

    /// The tier that a log names. `auto`, an empty text and `null` say nothing
    /// and give `None`. `fast` is Priority for `OpenAI` alone.
    pub fn from_log(text: &str, provider: &str) -> Option<Self> {
        const NAMES: &[(&str, ServiceTier)] = &[
            ("default", ServiceTier::Standard),
            ("standard", ServiceTier::Standard),
            ("on_demand", ServiceTier::Standard),
            ("flex", ServiceTier::Flex),
            ("flex-tier", ServiceTier::Flex),
            ("priority", ServiceTier::Priority),
            ("batch", ServiceTier::Batch),
            ("scale", ServiceTier::Scale),
            ("ultrafast", ServiceTier::Ultrafast),
            ("free", ServiceTier::Free),
            ("incentivized-tier", ServiceTier::Free),
        ];
        if text.is_empty() || text.eq_ignore_ascii_case("auto") {
            return None;
        }
        let openai = ["", "openai", "azure"].iter().any(|name| provider.eq_ignore_ascii_case(name));
        if openai && text.eq_ignore_ascii_case("fast") {
            return Some(Self::Priority);
        }
        let known = NAMES.iter().find(|(name, _)| text.eq_ignore_ascii_case(name));
        Some(known.map_or_else(|| Self::Other(text.into()), |(_, tier)| tier.clone()))
    }
}

impl fmt::Display for ServiceTier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a row's tier was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum TierSource {
    /// The shape of the record (a Batch output line).
    Envelope,
    /// A `batch` flag beside the tier.
    Flag,
    /// The tier that the provider says it served.
    Served,
    /// The tier that was asked for; the log has no served one.
    Requested,
    /// Neither: priced as Standard, an assumption that is counted.
    #[default]
    Absent,
}

impl TierSource {
    /// The source of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [Self::Envelope, Self::Flag, Self::Served, Self::Requested, Self::Absent];
        all.into_iter().find(|source| source.name() == name)
    }

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Envelope => "envelope",
            Self::Flag => "flag",
            Self::Served => "served",
            Self::Requested => "requested",
            Self::Absent => "absent",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_names_become_tiers() {
        for (text, tier) in [
            ("default", Some(ServiceTier::Standard)),
            ("Priority", Some(ServiceTier::Priority)),
            ("fast", Some(ServiceTier::Priority)),
            ("flex-tier", Some(ServiceTier::Flex)),
            ("incentivized-tier", Some(ServiceTier::Free)),
            ("auto", None),
            ("", None),
            ("gold", Some(ServiceTier::Other("gold".into()))),
        ] {
            assert_eq!(ServiceTier::from_log(text, ""), tier, "{text}");
        }
    }
}
