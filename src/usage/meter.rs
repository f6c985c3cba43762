//! The billable units. A meter is one line of [`vocabulary!`].

/// What a meter counts, which fixes the number of units its price is given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Tokens, priced per 1,000,000.
    Token,
    /// Characters, priced per 1,000,000.
    Character,
    /// Calls, priced per 1,000.
    Call,
    /// Sessions, priced each.
    Session,
    /// Images, priced each.
    Image,
    /// Seconds, priced each.
    Second,
    /// Minutes, priced each.
    Minute,
    /// Hours, priced each.
    Hour,
    /// GiB kept for a day, priced each.
    GibibyteDay,
    /// Bytes kept for a day, priced each.
    ByteDay,
}

impl Unit {
    /// The number of units that a published price is for.
    pub const fn per(self) -> u32 {
        match self {
            Self::Token | Self::Character => 1_000_000,
            Self::Call => 1_000,
            Self::Session
            | Self::Image
            | Self::Second
            | Self::Minute
            | Self::Hour
            | Self::GibibyteDay
            | Self::ByteDay => 1,
        }
    }

    /// How a price of this unit is written, for example `1M tokens`.
    pub const fn priced_per(self) -> &'static str {
        match self {
            Self::Token => "1M tokens",
            Self::Character => "1M characters",
            Self::Call => "1,000 calls",
            Self::Session => "session",
            Self::Image => "image",
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::GibibyteDay => "GiB-day",
            Self::ByteDay => "byte-day",
        }
    }
}

/// What a meter is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// One request's context: decides the band.
    Context,
    /// What a model makes or does, priced by tier.
    Work,
    /// A fee of a hosted tool, the same in every tier.
    Tool,
}

macro_rules! vocabulary {
    ($($variant:ident $name:literal $unit:ident $part:ident $uncached:ident $doc:literal,)+) => {
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

            const fn part(self) -> Part {
                match self { $(Self::$variant => Part::$part,)+ }
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

// Variant, name, unit, part, the meter without caching, meaning.
vocabulary! {
    Input "input" Token Context Input "Text input tokens neither read from nor written to a cache.",
    CachedInput "cached_input" Token Context Input "Text input tokens read from the prompt cache.",
    CacheWrite "cache_write" Token Context Input "Input tokens written to the prompt cache (default retention).",
    CacheWrite5m "cache_write_5m" Token Context Input "Input tokens written to the cache for 5 minutes.",
    CacheWrite1h "cache_write_1h" Token Context Input "Input tokens written to the cache for 1 hour.",
    CacheWrite12h "cache_write_12h" Token Context Input "Input tokens written to the cache for 12 hours.",
    Output "output" Token Work Output "Text output tokens, reasoning included.",
    ImageInput "image_input" Token Context ImageInput "Image input tokens not read from a cache.",
    CachedImageInput "cached_image_input" Token Context ImageInput "Image input tokens read from the cache.",
    ImageOutput "image_output" Token Work ImageOutput "Image output tokens.",
    AudioInput "audio_input" Token Context AudioInput "Audio input tokens not read from a cache.",
    CachedAudioInput "cached_audio_input" Token Context AudioInput "Audio input tokens read from the cache.",
    AudioOutput "audio_output" Token Work AudioOutput "Audio output tokens.",
    Training "training" Token Work Training "Fine-tuning tokens, epochs included.",
    WebSearchCall "web_search_call" Call Tool WebSearchCall "Web search calls of no named kind, or of the GA tool.",
    WebSearchPreviewCall "web_search_preview_call" Call Tool WebSearchPreviewCall "Web search calls of the preview tool.",
    FileSearchCall "file_search_call" Call Tool FileSearchCall "File search calls.",
    CodeInterpreterSession "code_interpreter_session" Session Tool CodeInterpreterSession "Code interpreter sessions (1 GB container).",
    ContainerMinute "container_minute" Minute Tool ContainerMinute "Minutes of a 1 GB container.",
    CodeInterpreterSession4g "code_interpreter_session_4gb" Session Tool CodeInterpreterSession4g "Code interpreter sessions (4 GB container).",
    CodeInterpreterSession16g "code_interpreter_session_16gb" Session Tool CodeInterpreterSession16g "Code interpreter sessions (16 GB container).",
    CodeInterpreterSession64g "code_interpreter_session_64gb" Session Tool CodeInterpreterSession64g "Code interpreter sessions (64 GB container).",
    ContainerMinute4g "container_minute_4gb" Minute Tool ContainerMinute4g "Minutes of a 4 GB container.",
    ContainerMinute16g "container_minute_16gb" Minute Tool ContainerMinute16g "Minutes of a 16 GB container.",
    ContainerMinute64g "container_minute_64gb" Minute Tool ContainerMinute64g "Minutes of a 64 GB container.",
    WebSearchPreviewCallLow "web_search_preview_call_low" Call Tool WebSearchPreviewCallLow "Web search calls of the preview tool with a low context size (fees until 2025-06-24).",
    WebSearchPreviewCallMedium "web_search_preview_call_medium" Call Tool WebSearchPreviewCallMedium "Web search calls of the preview tool with a medium context size (fees until 2025-06-24).",
    WebSearchPreviewCallHigh "web_search_preview_call_high" Call Tool WebSearchPreviewCallHigh "Web search calls of the preview tool with a high context size (fees until 2025-06-24).",
    FileSearchStorage "file_search_storage" GibibyteDay Tool FileSearchStorage "Vector storage of file search.",
    ChatkitStorage "chatkit_storage" GibibyteDay Tool ChatkitStorage "Storage of `ChatKit` uploads.",
    StoredByteDay "stored_byte_day" ByteDay Tool StoredByteDay "Bytes of vector storage, kept for a day.",
    TrainingHour "training_hour" Hour Work TrainingHour "Hours of reinforcement fine-tuning.",
    HostingHour "hosting_hour" Hour Work HostingHour "Hours of hosting a fine-tuned model.",
    AudioMinute "audio_minute" Minute Work AudioMinute "Minutes of audio, where audio has no tokens.",
    AudioSecond "audio_second" Second Work AudioSecond "Seconds of audio, where audio has no tokens.",
    InputCharacter "input_character" Character Work InputCharacter "Characters of text to speak.",
    Image "image" Image Work Image "Images of no named size.",
    Image256x256 "image_256x256" Image Work Image256x256 "Images of 256 x 256.",
    Image512x512 "image_512x512" Image Work Image512x512 "Images of 512 x 512.",
    Image1024x1024 "image_1024x1024" Image Work Image1024x1024 "Images of 1024 x 1024.",
    ImageStandard1024x1024 "image_standard_1024x1024" Image Work ImageStandard1024x1024 "Images of 1024 x 1024 in standard quality.",
    ImageStandard1024x1792 "image_standard_1024x1792" Image Work ImageStandard1024x1792 "Images of 1024 x 1792 in standard quality.",
    ImageStandard1792x1024 "image_standard_1792x1024" Image Work ImageStandard1792x1024 "Images of 1792 x 1024 in standard quality.",
    ImageHd1024x1024 "image_hd_1024x1024" Image Work ImageHd1024x1024 "Images of 1024 x 1024 in HD quality.",
    ImageHd1024x1792 "image_hd_1024x1792" Image Work ImageHd1024x1792 "Images of 1024 x 1792 in HD quality.",
    ImageHd1792x1024 "image_hd_1792x1024" Image Work ImageHd1792x1024 "Images of 1792 x 1024 in HD quality.",
    VideoSecond720p "video_second_720p" Second Work VideoSecond720p "Seconds of video in 720p.",
    VideoSecond1024p "video_second_1024p" Second Work VideoSecond1024p "Seconds of video in 1024p.",
    VideoSecond1080p "video_second_1080p" Second Work VideoSecond1080p "Seconds of video in 1080p.",
}

impl Meter {
    /// The meter of a name in cards and exports.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|meter| meter.name() == name)
    }

    /// The meters whose positions have a bit, in order.
    pub fn of_bits(bits: u64) -> impl Iterator<Item = Self> + Clone {
        let rests = std::iter::successors(Some(bits), |rest| Some(rest & rest.wrapping_sub(1)));
        let lowest = rests.take_while(|rest| *rest != 0).map(u64::trailing_zeros);
        lowest.filter_map(|at| Self::ALL.get(usize::try_from(at).ok()?).copied())
    }

    /// Position in [`Meter::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The meter of the same tokens read from a cache; `None` where its tokens
    /// cannot be.
    pub fn cached(self) -> Option<Self> {
        let reads = [Self::CachedInput, Self::CachedImageInput, Self::CachedAudioInput];
        reads.into_iter().find(|cached| cached.without_caching() == self)
    }

    /// Whether it counts tokens.
    pub fn is_token(self) -> bool {
        self.unit() == Unit::Token
    }

    /// Whether it is part of one request's context (decides the band).
    pub fn is_input(self) -> bool {
        self.part() == Part::Context
    }

    /// Whether it is what a request generates.
    pub fn is_output(self) -> bool {
        matches!(self, Self::Output | Self::ImageOutput | Self::AudioOutput)
    }

    /// Whether it is a tool fee, priced the same in every tier.
    pub fn is_tool(self) -> bool {
        self.part() == Part::Tool
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
            let back = meter.cached().map(Meter::without_caching);
            assert!(back.is_none_or(|back| back == *meter));
        }
    }
}
