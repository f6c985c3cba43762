//! The billable units. A meter is one line of [`vocabulary!`].

/// What a meter counts, which fixes the number of units its price is given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Tokens, priced per 1,000,000.
    Token,
    /// Calls, priced per 1,000.
    Call,
    /// Sessions, priced each.
    Session,
    /// Minutes, priced each.
    Minute,
}

impl Unit {
    /// The number of units that a published price is for.
    pub const fn per(self) -> u32 {
        match self {
            Self::Token => 1_000_000,
            Self::Call => 1_000,
            Self::Session | Self::Minute => 1,
        }
    }

    /// How a price of this unit is written, for example `1M tokens`.
    pub const fn priced_per(self) -> &'static str {
        match self {
            Self::Token => "1M tokens",
            Self::Call => "1,000 calls",
            Self::Session => "session",
            Self::Minute => "minute",
        }
    }
}

macro_rules! vocabulary {
    ($($variant:ident $name:literal $unit:ident $uncached:ident $doc:literal,)+) => {
        /// A billable unit (FOCUS: `SkuMeter`). Quantities of different meters
        /// are disjoint: a cached token is not also an input token.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Meter {
            $(#[doc = $doc] $variant,)+
        }

        impl Meter {
            /// Every meter, in the order reports use.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The number of meters.
            pub const COUNT: usize = Self::ALL.len();

            /// The name in cards, reports and exports.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it counts.
            pub const fn unit(self) -> Unit {
                match self { $(Self::$variant => Unit::$unit,)+ }
            }

            /// The meter that the same tokens have without caching: itself,
            /// unless it is a cached or a cache-write meter.
            #[must_use]
            pub const fn without_caching(self) -> Self {
                match self { $(Self::$variant => Self::$uncached,)+ }
            }
        }
    };
}

// Variant, name, unit, the meter without caching, meaning.
vocabulary! {
    Input "input" Token Input "Text input tokens neither read from nor written to a cache.",
    CachedInput "cached_input" Token Input "Text input tokens read from the prompt cache.",
    CacheWrite "cache_write" Token Input "Input tokens written to the prompt cache (default retention).",
    CacheWrite5m "cache_write_5m" Token Input "Input tokens written to the cache for 5 minutes.",
    CacheWrite1h "cache_write_1h" Token Input "Input tokens written to the cache for 1 hour.",
    CacheWrite12h "cache_write_12h" Token Input "Input tokens written to the cache for 12 hours.",
    Output "output" Token Output "Text output tokens, reasoning included.",
    ImageInput "image_input" Token ImageInput "Image input tokens not read from a cache.",
    CachedImageInput "cached_image_input" Token ImageInput "Image input tokens read from the cache.",
    ImageOutput "image_output" Token ImageOutput "Image output tokens.",
    AudioInput "audio_input" Token AudioInput "Audio input tokens not read from a cache.",
    CachedAudioInput "cached_audio_input" Token AudioInput "Audio input tokens read from the cache.",
    AudioOutput "audio_output" Token AudioOutput "Audio output tokens.",
    Training "training" Token Training "Fine-tuning tokens, epochs included.",
    WebSearchCall "web_search_call" Call WebSearchCall "Web search calls of no named kind, or of the GA tool.",
    WebSearchPreviewCall "web_search_preview_call" Call WebSearchPreviewCall "Web search calls of the preview tool.",
    FileSearchCall "file_search_call" Call FileSearchCall "File search calls.",
    CodeInterpreterSession "code_interpreter_session" Session CodeInterpreterSession "Code interpreter sessions (1 GB container).",
    ContainerMinute "container_minute" Minute ContainerMinute "Minutes of a 1 GB container.",
}

impl Meter {
    /// The meter of a name in cards and exports.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|meter| meter.name() == name)
    }

    /// Position in [`Meter::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Whether it counts tokens.
    pub fn is_token(self) -> bool {
        self.unit() == Unit::Token
    }

    /// Whether it is part of one request's context (decides the band).
    pub const fn is_input(self) -> bool {
        match self {
            Self::Input
            | Self::CachedInput
            | Self::CacheWrite
            | Self::CacheWrite5m
            | Self::CacheWrite1h
            | Self::CacheWrite12h
            | Self::ImageInput
            | Self::CachedImageInput
            | Self::AudioInput
            | Self::CachedAudioInput => true,
            Self::Output
            | Self::ImageOutput
            | Self::AudioOutput
            | Self::Training
            | Self::WebSearchCall
            | Self::WebSearchPreviewCall
            | Self::FileSearchCall
            | Self::CodeInterpreterSession
            | Self::ContainerMinute => false,
        }
    }

    /// Whether it is a tool fee, priced the same in every tier.
    pub fn is_tool(self) -> bool {
        !self.is_token()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        for (index, meter) in Meter::ALL.iter().enumerate() {
            assert_eq!(meter.index(), index);
            assert_eq!(Meter::from_name(meter.name()), Some(*meter));
        }
    }

    #[test]
    fn caching_stays_within_its_modality() {
        assert_eq!(Meter::CachedInput.without_caching(), Meter::Input);
        assert_eq!(Meter::CachedImageInput.without_caching(), Meter::ImageInput);
        assert_eq!(Meter::CachedAudioInput.without_caching(), Meter::AudioInput);
        for meter in Meter::ALL {
            assert_eq!(meter.without_caching().without_caching(), meter.without_caching());
        }
    }
}
