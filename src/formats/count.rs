//! Counts as logs give them, and how they become disjoint meters.
//!
//! A log's counts overlap: input includes cached, cached includes cached
//! images. Here they are taken apart, and a row whose parts exceed their whole
//! is refused.
#![deny(clippy::arithmetic_side_effects)]

use super::parts::{COUNTED, Parts};
use super::reconcile::Checks;
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
    CacheWrite5m "cache_write_5m" "5-minute cache-write tokens",
    CacheWrite1h "cache_write_1h" "1-hour cache-write tokens",
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
    StoredByteDay "stored_byte_day" "bytes stored for a day",
    AudioSecond "audio_second" "seconds of audio",
    Character "input_character" "characters of text to speak",
    Picture "image" "images of no named size",
    CacheWrites "cache_writes" "cache-write tokens of all retentions",
    Reasoning "reasoning" "reasoning tokens",
    Total "total" "total tokens",
}

/// The log's count that a meter is taken from, and the other meters that are
/// taken out of it; `None` where the log counts the meter alone.
#[expect(clippy::wildcard_enum_match_arm, reason = "only these five counts hold other meters")]
pub fn taken_from(
    meter: Meter,
    cached: CachedTokens,
    modality: Modality,
) -> Option<(Count, Vec<Meter>)> {
    const CACHED: [Meter; 5] = [
        Meter::CachedInput,
        Meter::CacheWrite,
        Meter::CacheWrite5m,
        Meter::CacheWrite1h,
        Meter::CacheWrite12h,
    ];
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

/// The counts of what was written to a cache, by how long it is kept.
pub(super) const WRITES: [Count; 4] =
    [Count::CacheWrite, Count::CacheWrite5m, Count::CacheWrite1h, Count::CacheWrite12h];

/// The counts of one record; zero where the log has none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    parts: Parts,
    pub(super) checks: Checks,
}

/// Parts that do not fit their whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Overlap {
    /// The part.
    pub part: &'static str,
    /// What is wrong: whether they exceed it, or do not make it.
    pub misfit: Misfit,
    /// The whole.
    pub whole: Count,
}

/// How parts do not fit their whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misfit {
    /// They are more.
    Exceeds,
    /// They are to make it, and do not.
    Differs,
}

impl Overlap {
    pub(super) const fn over(part: &'static str, whole: Count) -> Self {
        Self { part, misfit: Misfit::Exceeds, whole }
    }
}

impl Counts {
    /// Sets a count.
    #[inline]
    pub(super) fn set(&mut self, count: Count, value: u64) {
        if let Some(slot) = self.parts.counts.get_mut(count as usize) {
            *slot = value;
            self.parts.used |= u32::from(value != 0) << (count as u32);
        }
    }

    /// Sets a count that may be one that others add up to.
    pub(super) fn set_any(&mut self, count: Count, value: u64) {
        match self.checks.of(count) {
            Some(check) => *check = Some(value),
            None => self.set(count, value),
        }
    }

    /// Whether the record counts anything.
    pub(super) fn any(&self) -> bool {
        self.parts.used != 0 || self.checks.any()
    }

    pub(super) fn get(&self, count: Count) -> u64 {
        self.parts.counts.get(count as usize).copied().unwrap_or(0)
    }

    /// Takes the counts apart into disjoint meters.
    pub(super) fn disjoint(
        &self,
        cached: CachedTokens,
        modality: Modality,
    ) -> Result<Quantities, Overlap> {
        let mut out = Quantities::default();
        let (own, cached) = self.reconciled(cached)?;
        for (meter, count) in COUNTED.into_iter().zip(own.parts(cached, modality)?.counts) {
            out.set(meter, count);
        }
        Ok(out)
    }

    fn parts(&self, cached: CachedTokens, modality: Modality) -> Result<Parts, Overlap> {
        let image = self.uncached(Count::Image, Count::CachedImage, modality)?;
        let audio = self.uncached(Count::Audio, Count::CachedAudio, modality)?;
        let cached_text = self
            .get(Count::Cached)
            .checked_sub(self.get(Count::CachedImage))
            .and_then(|rest| rest.checked_sub(self.get(Count::CachedAudio)))
            .ok_or(Overlap::over("cached image and audio tokens", Count::Cached))?;
        let mut input = self.get(Count::Input);
        if cached == CachedTokens::InsideInput {
            input = take(input, self.get(Count::Cached), "cached tokens")?;
            let writes = WRITES.map(|count| self.get(count)).into_iter();
            let writes = writes.fold(0, u64::saturating_add);
            input = take(input, writes, "cached and cache-write tokens")?;
        }
        input = take(input, image, "cached, cache-write and image tokens")?;
        input = take(input, audio, "cached, cache-write, image and audio tokens")?;
        let output = self
            .get(Count::Output)
            .checked_sub(self.get(Count::ImageOutput))
            .and_then(|rest| rest.checked_sub(self.get(Count::AudioOutput)))
            .ok_or(Overlap::over("image and audio output tokens", Count::Output))?;
        Ok(Parts::new([
            input,
            cached_text,
            self.get(Count::CacheWrite),
            self.get(Count::CacheWrite5m),
            self.get(Count::CacheWrite1h),
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
            self.get(Count::StoredByteDay),
            self.get(Count::AudioSecond),
            self.get(Count::Character),
            self.get(Count::Picture),
        ]))
    }

    /// An image or audio count without its cached part.
    fn uncached(&self, whole: Count, part: Count, modality: Modality) -> Result<u64, Overlap> {
        match modality {
            Modality::Uncached => Ok(self.get(whole)),
            Modality::Total => self
                .get(whole)
                .checked_sub(self.get(part))
                .ok_or(Overlap::over(part.describe(), whole)),
        }
    }
}

fn take(whole: u64, part: u64, name: &'static str) -> Result<u64, Overlap> {
    whole.checked_sub(part).ok_or(Overlap::over(name, Count::Input))
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
        assert_eq!(COUNTED.len(), Count::CacheWrites as usize);
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
