//! Counts that are no meters: what others add up to, or are a part of. They settle
//! what a log leaves open, and a record that contradicts itself is refused.
#![deny(clippy::arithmetic_side_effects)]

use super::count::{Count, Counts, Misfit, Overlap, WRITES};
use super::table::CachedTokens;

/// The counts of one record that others add up to; `None` where it has none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Checks {
    writes: Option<u64>,
    reasoning: Option<u64>,
    total: Option<u64>,
}

impl Checks {
    /// The place of a count, if it is one of these.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are meters")]
    pub(super) fn of(&mut self, count: Count) -> Option<&mut Option<u64>> {
        match count {
            Count::CacheWrites => Some(&mut self.writes),
            Count::Reasoning => Some(&mut self.reasoning),
            Count::Total => Some(&mut self.total),
            _ => None,
        }
    }

    /// Whether they say that there was usage.
    pub(super) fn any(&self) -> bool {
        self.writes.is_some_and(|writes| writes != 0)
    }
}

impl Counts {
    /// The counts with what the checks settle, and whether the input includes what was
    /// cached.
    pub(super) fn reconciled(&self, cached: CachedTokens) -> Result<(Self, CachedTokens), Overlap> {
        let (mut counts, checks) = (*self, &self.checks);
        counts.settle_writes(checks)?;
        let cached = match (cached, checks.total) {
            (CachedTokens::InsideInput, _) | (CachedTokens::ByTotalOrInside, None) => {
                CachedTokens::InsideInput
            }
            (CachedTokens::BesideInput | CachedTokens::ByTotal, None) => CachedTokens::BesideInput,
            (_, Some(total)) if counts.beside_each_other(checks) == Some(total) => {
                CachedTokens::BesideInput
            }
            (CachedTokens::ByTotal | CachedTokens::ByTotalOrInside, Some(total))
                if counts.input_and_output() == Some(total) =>
            {
                CachedTokens::InsideInput
            }
            (_, Some(_)) => {
                let part = "input, cached, cache-write and output tokens";
                return Err(Overlap { part, misfit: Misfit::Differs, whole: Count::Total });
            }
        };
        if cached == CachedTokens::BesideInput {
            let output = counts.get(Count::Output).checked_add(checks.reasoning.unwrap_or(0));
            let over = Overlap::over("output and reasoning tokens", Count::Total);
            counts.set(Count::Output, output.ok_or(over)?);
        }
        Ok((counts, cached))
    }

    /// Tokens written to a cache, of which the log may say how long they are kept.
    fn settle_writes(&mut self, checks: &Checks) -> Result<(), Overlap> {
        let Some(all) = checks.writes else { return Ok(()) };
        match self.sum(&WRITES) {
            Some(0) => self.set(Count::CacheWrite, all),
            Some(known) if known == all => {}
            _ => {
                let (part, misfit) = ("cache-write tokens by retention", Misfit::Differs);
                return Err(Overlap { part, misfit, whole: Count::CacheWrites });
            }
        }
        Ok(())
    }

    fn beside_each_other(&self, checks: &Checks) -> Option<u64> {
        let counted = self.sum(&[Count::Input, Count::Cached, Count::Output])?;
        counted.checked_add(self.sum(&WRITES)?)?.checked_add(checks.reasoning.unwrap_or(0))
    }

    fn input_and_output(&self) -> Option<u64> {
        self.sum(&[Count::Input, Count::Output])
    }

    fn sum(&self, counts: &[Count]) -> Option<u64> {
        counts.iter().try_fold(0_u64, |sum, count| sum.checked_add(self.get(*count)))
    }
}
