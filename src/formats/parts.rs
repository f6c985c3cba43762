//! Disjoint quantities of one record.
#![deny(clippy::arithmetic_side_effects)]

use crate::usage::Meter;

/// The meters that counts become, in the order of [`Meter::ALL`].
pub const COUNTED: [Meter; 23] = [
    Meter::Input,
    Meter::CachedInput,
    Meter::CacheWrite,
    Meter::CacheWrite5m,
    Meter::CacheWrite1h,
    Meter::CacheWrite12h,
    Meter::Output,
    Meter::ImageInput,
    Meter::CachedImageInput,
    Meter::ImageOutput,
    Meter::AudioInput,
    Meter::CachedAudioInput,
    Meter::AudioOutput,
    Meter::Training,
    Meter::WebSearchCall,
    Meter::WebSearchPreviewCall,
    Meter::FileSearchCall,
    Meter::CodeInterpreterSession,
    Meter::ContainerMinute,
    Meter::StoredByteDay,
    Meter::AudioSecond,
    Meter::InputCharacter,
    Meter::Image,
];

/// Disjoint quantities of the meters of [`COUNTED`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parts {
    pub(super) counts: [u64; COUNTED.len()],
    /// Those above zero, one bit each.
    pub(super) used: u32,
}

impl Parts {
    pub(super) fn new(counts: [u64; COUNTED.len()]) -> Self {
        let bits = counts.iter().zip(0_u32..);
        let used = bits.fold(0, |used, (count, bit)| used | (u32::from(*count != 0) << bit));
        Self { counts, used }
    }

    /// All of them.
    pub const fn counts(&self) -> &[u64; COUNTED.len()] {
        &self.counts
    }

    /// Those above zero, one bit each.
    pub const fn used(&self) -> u32 {
        self.used
    }

    /// Those above zero among some, given by a bit each; in order.
    #[inline]
    pub fn among(&self, some: u32) -> impl Iterator<Item = u64> + Clone + '_ {
        // A bit is that of a meter that there is.
        let at = bits(self.used & some).filter_map(|bit| usize::try_from(bit).ok());
        at.filter_map(|at| self.counts.get(at).copied())
    }
}

/// The bits that are set, in order.
pub fn bits(mut set: u32) -> impl Iterator<Item = u32> + Clone {
    std::iter::from_fn(move || {
        let bit = set.trailing_zeros();
        set &= set.wrapping_sub(1);
        (bit < u32::BITS).then_some(bit)
    })
}
