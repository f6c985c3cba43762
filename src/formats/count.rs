//! Counts as logs give them, and how they become disjoint meters.
//!
//! A log's counts overlap: input includes cached, cached includes cached
//! images. Here they are taken apart, and a row whose parts exceed their whole
//! is refused.
#![deny(clippy::arithmetic_side_effects)]

use super::table::{CachedTokens, Modality};
use crate::usage::{Meter, Quantities};

macro_rules! counts {
    ($($variant:ident $key:literal $doc:literal,)+) => {
        /// A count as a log gives it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Count {
            $(#[doc = $doc] $variant,)+
        }

        impl Count {
            /// Every count.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// What `inspect` calls it.
            pub const fn describe(self) -> &'static str {
                match self { $(Self::$variant => $doc,)+ }
            }

            /// The key of `--map`.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)+ }
            }
        }
    };
}

counts! {
    Input "input" "input tokens",
    Cached "cached" "cached input tokens",
    CacheWrite "cache_write" "cache-write tokens",
    CacheWrite12h "cache_write_12h" "12-hour cache-write tokens",
    Output "output" "output tokens",
    Image "image_input" "image input tokens",
    CachedImage "cached_image_input" "cached image input tokens",
    ImageOutput "image_output" "image output tokens",
    Audio "audio_input" "audio input tokens",
    CachedAudio "cached_audio_input" "cached audio input tokens",
    AudioOutput "audio_output" "audio output tokens",
    Training "training" "training tokens",
    WebSearch "web_search" "web search calls",
    WebSearchPreview "web_search_preview" "web search (preview) calls",
    FileSearch "file_search" "file search calls",
    CodeInterpreter "code_interpreter" "code interpreter sessions",
    ContainerMinute "container_minute" "container minutes",
}

/// The log's count that a meter is taken from, and the other meters that are
/// taken out of it; `None` where the log counts the meter alone.
#[expect(clippy::wildcard_enum_match_arm, reason = "only these five counts hold other meters")]
pub fn taken_from(
    meter: Meter,
    cached: CachedTokens,
    modality: Modality,
) -> Option<(Count, Vec<Meter>)> {
    const CACHED: [Meter; 3] = [Meter::CachedInput, Meter::CacheWrite, Meter::CacheWrite12h];
    const CACHED_PARTS: [Meter; 2] = [Meter::CachedImageInput, Meter::CachedAudioInput];
    let inside = cached == CachedTokens::InsideInput;
    let within = |part| if modality == Modality::Total { vec![part] } else { Vec::new() };
    let (count, parts) = match meter {
        Meter::Input => {
            let cached = CACHED.into_iter().chain(CACHED_PARTS).filter(|_| inside);
            (Count::Input, cached.chain([Meter::ImageInput, Meter::AudioInput]).collect())
        }
        Meter::CachedInput => (Count::Cached, CACHED_PARTS.to_vec()),
        Meter::Output => (Count::Output, vec![Meter::ImageOutput, Meter::AudioOutput]),
        Meter::ImageInput => (Count::Image, within(Meter::CachedImageInput)),
        Meter::AudioInput => (Count::Audio, within(Meter::CachedAudioInput)),
        _ => return None,
    };
    Some((count, parts))
}

/// The counts of one record; zero where the log has none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts(Parts);

/// The meters that counts become, in the order of [`Meter::ALL`].
pub const COUNTED: [Meter; 17] = [
    Meter::Input,
    Meter::CachedInput,
    Meter::CacheWrite,
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
];

/// Disjoint quantities of the meters of [`COUNTED`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parts {
    counts: [u64; COUNTED.len()],
    /// Those above zero, one bit each.
    used: u32,
}

impl Parts {
    fn new(counts: [u64; COUNTED.len()]) -> Self {
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

    /// All input and all output, where it is text and nothing was written to a cache.
    #[inline]
    pub fn text(&self) -> Option<(u64, u64)> {
        const TEXT: u32 = bit(Count::Input) | bit(Count::Cached) | bit(Count::Output);
        let [input, cached, _, _, output, ..] = self.counts;
        (self.used & !TEXT == 0).then(|| (input.saturating_add(cached), output))
    }

    /// Those above zero among some, given by a bit each; in order.
    #[inline]
    pub fn among(&self, some: u32) -> impl Iterator<Item = u64> + Clone + '_ {
        let mut rest = self.used & some;
        std::iter::from_fn(move || {
            let at = usize::try_from(rest.trailing_zeros()).ok()?;
            rest &= rest.wrapping_sub(1);
            // No bit is left where there is no such count.
            self.counts.get(at).copied()
        })
    }
}

/// A part that exceeds its whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Overlap {
    /// The part.
    pub part: &'static str,
    /// The whole that it exceeds.
    pub whole: Count,
}

impl Counts {
    /// Sets all counts to zero.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.0.counts.fill(0);
        self.0.used = 0;
    }

    /// Begins a record each of whose counts is set, as those of the one before.
    #[inline]
    pub(super) fn begin(&mut self) {
        self.0.used = 0;
    }

    /// Sets a count.
    #[inline]
    pub(super) fn set(&mut self, count: Count, value: u64) {
        if let Some(slot) = self.0.counts.get_mut(count as usize) {
            *slot = value;
            self.0.used |= u32::from(value != 0) << (count as u32);
        }
    }

    /// Whether the record counts anything.
    pub(super) fn any(&self) -> bool {
        self.0.used != 0
    }

    fn get(&self, count: Count) -> u64 {
        self.0.counts.get(count as usize).copied().unwrap_or(0)
    }

    /// Takes the counts apart into disjoint meters.
    pub(super) fn disjoint(
        &self,
        cached: CachedTokens,
        modality: Modality,
    ) -> Result<Quantities, Overlap> {
        let mut out = Quantities::default();
        let mut own = *self;
        for (meter, count) in COUNTED.into_iter().zip(own.take_apart(cached, modality)?.counts) {
            out.set(meter, count);
        }
        Ok(out)
    }

    /// Takes the counts apart in their place; after that they are no counts.
    #[inline]
    pub(super) fn take_apart(
        &mut self,
        cached: CachedTokens,
        modality: Modality,
    ) -> Result<&Parts, Overlap> {
        let text = bit(Count::Input) | bit(Count::Cached) | bit(Count::Output);
        if self.0.used & !text == 0 && cached == CachedTokens::InsideInput {
            self.take_text_apart()?;
        } else {
            self.0 = self.any_parts(cached, modality)?;
        }
        Ok(&self.0)
    }

    /// The same for a record with text alone, and nothing written to a cache.
    #[inline]
    fn take_text_apart(&mut self) -> Result<(), Overlap> {
        let (input, cached) = (self.get(Count::Input), self.get(Count::Cached));
        if let Some(slot) = self.0.counts.first_mut() {
            *slot = take(input, cached, "cached tokens")?;
        }
        if input == cached {
            self.0.used &= !bit(Count::Input);
        }
        Ok(())
    }

    fn any_parts(&self, cached: CachedTokens, modality: Modality) -> Result<Parts, Overlap> {
        let image = self.uncached(Count::Image, Count::CachedImage, modality)?;
        let audio = self.uncached(Count::Audio, Count::CachedAudio, modality)?;
        let cached_text = self
            .get(Count::Cached)
            .checked_sub(self.get(Count::CachedImage))
            .and_then(|rest| rest.checked_sub(self.get(Count::CachedAudio)))
            .ok_or(Overlap { part: "cached image and audio tokens", whole: Count::Cached })?;
        let mut input = self.get(Count::Input);
        if cached == CachedTokens::InsideInput {
            let writes = [Count::CacheWrite, Count::CacheWrite12h].map(|count| self.get(count));
            input = take(input, self.get(Count::Cached), "cached tokens")?;
            input = take(
                input,
                writes.into_iter().fold(0, u64::saturating_add),
                "cached and cache-write tokens",
            )?;
        }
        input = take(input, image, "cached, cache-write and image tokens")?;
        input = take(input, audio, "cached, cache-write, image and audio tokens")?;
        let output = self
            .get(Count::Output)
            .checked_sub(self.get(Count::ImageOutput))
            .and_then(|rest| rest.checked_sub(self.get(Count::AudioOutput)))
            .ok_or(Overlap { part: "image and audio output tokens", whole: Count::Output })?;
        Ok(Parts::new([
            input,
            cached_text,
            self.get(Count::CacheWrite),
            self.get(Count::CacheWrite12h),
            output,
            image,
            self.get(Count::CachedImage),
            self.get(Count::ImageOutput),
            audio,
            self.get(Count::CachedAudio),
            self.get(Count::AudioOutput),
            self.get(Count::Training),
            self.get(Count::WebSearch),
            self.get(Count::WebSearchPreview),
            self.get(Count::FileSearch),
            self.get(Count::CodeInterpreter),
            self.get(Count::ContainerMinute),
        ]))
    }

    /// An image or audio count without its cached part.
    fn uncached(&self, whole: Count, part: Count, modality: Modality) -> Result<u64, Overlap> {
        match modality {
            Modality::Uncached => Ok(self.get(whole)),
            Modality::Total => self
                .get(whole)
                .checked_sub(self.get(part))
                .ok_or(Overlap { part: part.describe(), whole }),
        }
    }
}

/// The bit of a count, which is that of its meter.
const fn bit(count: Count) -> u32 {
    1 << (count as u32)
}

fn take(whole: u64, part: u64, name: &'static str) -> Result<u64, Overlap> {
    whole.checked_sub(part).ok_or(Overlap { part: name, whole: Count::Input })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(pairs: &[(Count, u64)]) -> Counts {
        let mut counts = Counts::default();
        for (count, value) in pairs {
            counts.set(*count, *value);
        }
        counts
    }

    #[test]
    fn the_usage_api_example_falls_into_its_parts() {
        // 1000 = 400 cached (300 text, 50 audio, 50 image) + 100 written + 400 text + 50 audio + 50 image.
        let counts = counts(&[
            (Count::Input, 1000),
            (Count::Cached, 400),
            (Count::CacheWrite, 100),
            (Count::Output, 500),
            (Count::Audio, 50),
            (Count::CachedAudio, 50),
            (Count::AudioOutput, 50),
            (Count::Image, 50),
            (Count::CachedImage, 50),
            (Count::ImageOutput, 50),
        ]);
        let parts = counts.disjoint(CachedTokens::InsideInput, Modality::Uncached).unwrap();
        let found: Vec<_> = parts.nonzero().map(|(meter, count)| (meter.name(), count)).collect();
        assert_eq!(
            found,
            [
                ("input", 400),
                ("cached_input", 300),
                ("cache_write", 100),
                ("output", 400),
                ("image_input", 50),
                ("cached_image_input", 50),
                ("image_output", 50),
                ("audio_input", 50),
                ("cached_audio_input", 50),
                ("audio_output", 50),
            ]
        );
        assert_eq!(parts.total_input(), 1000);
    }

    #[test]
    fn counted_meters_are_in_their_order() {
        assert!(COUNTED.is_sorted());
        assert_eq!(COUNTED.len(), Count::ALL.len());
    }

    #[test]
    fn a_part_over_its_whole_is_refused() {
        for pairs in [
            &[(Count::Input, 10), (Count::Cached, 11)][..],
            &[(Count::Cached, 1)],
            &[(Count::Input, 10), (Count::Cached, 5), (Count::CacheWrite, 6)],
            &[(Count::Input, 10), (Count::Cached, 5), (Count::CachedImage, 6), (Count::Image, 6)],
            &[(Count::Input, 10), (Count::Image, 11)],
            &[(Count::Input, 10), (Count::Cached, 5), (Count::CachedImage, 5), (Count::Image, 4)],
            &[(Count::Output, 1), (Count::AudioOutput, 2)],
            &[(Count::Input, u64::MAX), (Count::Cached, u64::MAX), (Count::CacheWrite, u64::MAX)],
        ] {
            let parts = counts(pairs).disjoint(CachedTokens::InsideInput, Modality::Total);
            assert!(parts.is_err(), "{pairs:?} gave {parts:?}");
        }
    }

    #[test]
    fn cached_beside_input_is_not_subtracted() {
        let counts = counts(&[(Count::Input, 1), (Count::Cached, 60_988), (Count::CacheWrite, 7)]);
        let parts = counts.disjoint(CachedTokens::BesideInput, Modality::Total).unwrap();
        assert_eq!(parts.total_input(), 60_996);
        assert_eq!(parts.get(Meter::Input), 1);
    }
}
