//! `tierwise estimate`.

use clap::Args;
use jiff::tz::TimeZone;

use super::arguments::{AssumeArgs, OutputForm, RateArgs, instant};
use super::error::CliError;
use super::output;
use super::{Globals, Outcome};
use crate::report::{estimate_json, estimate_terminal};
use crate::scenario::{Request, estimate};
use crate::usage::{Meter, Totals};

#[derive(Debug, Args)]
#[command(
    after_help = "Quantities are those of one request. --input is the total, cached and image tokens \
    included; a total that is not given is the sum of its parts.\n\nExamples:\n  \
    tierwise estimate --model gpt-4.1-mini --input 1050000 --output 30000\n  \
    tierwise estimate --model gpt-4o-mini --model gpt-4.1-mini --model gpt-4.1 --input 1000000 --output 1000000\n  \
    tierwise estimate --model o3 --input 1000000 --output 1000000 --at 2025-06-09T23:59:59Z --format json\n  \
    tierwise estimate --provider azure --region data-zone --model gpt-4.1-mini --input 1000000"
)]
pub(super) struct EstimateArgs {
    /// A model; repeat it to compare several.
    #[arg(long, required = true, value_name = "MODEL")]
    model: Vec<String>,

    /// Whose models, where several providers have one of that name.
    #[arg(long, default_value = "", hide_default_value = true, value_name = "PROVIDER")]
    provider: String,

    /// Input tokens, cached, written, image and audio tokens included.
    #[arg(long, value_name = "N")]
    input: Option<u64>,

    /// Cached input tokens, cached image tokens included.
    #[arg(long, value_name = "N")]
    cached: Option<u64>,

    /// Input tokens written to the cache.
    #[arg(long, default_value_t = 0, value_name = "N")]
    cache_write: u64,

    /// Image input tokens, cached ones included.
    #[arg(long, value_name = "N")]
    image: Option<u64>,

    /// Cached image input tokens.
    #[arg(long, default_value_t = 0, value_name = "N")]
    cached_image: u64,

    /// Audio input tokens.
    #[arg(long, default_value_t = 0, value_name = "N")]
    audio: u64,

    /// Output tokens, reasoning included.
    #[arg(long, default_value_t = 0, value_name = "N")]
    output: u64,

    /// Fine-tuning tokens, epochs included.
    #[arg(long, default_value_t = 0, value_name = "N")]
    training: u64,

    /// Web search calls.
    #[arg(long, default_value_t = 0, value_name = "N")]
    web_search: u64,

    /// Code interpreter sessions (1 GB).
    #[arg(long, default_value_t = 0, value_name = "N")]
    code_interpreter: u64,

    /// How many such requests.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..), value_name = "N")]
    requests: u64,

    /// Price as of this day or instant, instead of the rate book's date.
    #[arg(long, value_name = "WHEN")]
    at: Option<String>,

    /// Leave out the input that providers bill for search content.
    #[arg(long)]
    no_search_content: bool,

    #[command(flatten)]
    assume: AssumeArgs,

    #[command(flatten)]
    rates: RateArgs,

    /// Form of the estimate.
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    format: OutputForm,

    /// Write to a file, which appears whole or not at all.
    #[arg(short = 'o', long = "out", value_name = "FILE", help_heading = "Output")]
    file: Option<String>,
}

/// Runs the command.
pub(super) fn run(args: &EstimateArgs, globals: Globals) -> Result<Outcome, CliError> {
    let book = args.rates.book()?;
    let aliases = args.rates.aliases(&book)?;
    let at = match &args.at {
        Some(text) => instant("--at", text, &TimeZone::UTC)?,
        None => book.as_of(),
    };
    let request = Request {
        provider: args.provider.clone(),
        models: args.model.clone(),
        quantities: args.quantities()?,
        requests: args.requests,
        region: aliases.region("").to_owned(),
        at,
        search_content: !args.no_search_content,
        assume_cached: args.assume.assume_cached,
    };
    let estimate = estimate(&book, &aliases, &request)?;
    let text = match args.format {
        OutputForm::Terminal => {
            estimate_terminal(&estimate, output::style(globals, args.file.is_some()))
        }
        OutputForm::Json => estimate_json(&estimate)?,
    };
    output::Output::open(args.file.as_deref())?.write(&text)?;
    Ok(Outcome::Done)
}

impl EstimateArgs {
    /// Disjoint quantities of one request.
    fn quantities(&self) -> Result<Totals, CliError> {
        let over = |part: &str, whole: &str| {
            CliError::Usage(format!("{part} is more than {whole}, which includes it"))
        };
        let image = self.image.unwrap_or(self.cached_image);
        let plain_image = image
            .checked_sub(self.cached_image)
            .ok_or_else(|| over("--cached-image", "--image"))?;
        let cached = self.cached.unwrap_or(self.cached_image);
        let cached_text = cached
            .checked_sub(self.cached_image)
            .ok_or_else(|| over("--cached-image", "--cached"))?;
        let parts = [cached, self.cache_write, plain_image, self.audio];
        let parts = parts.into_iter().try_fold(0_u64, u64::checked_add);
        let parts = parts
            .ok_or_else(|| CliError::Usage("the input tokens are more than 2^64".to_owned()))?;
        let text = self.input.unwrap_or(parts).checked_sub(parts);
        let text = text.ok_or_else(|| {
            over("what --cached, --cache-write, --image and --audio add up to", "--input")
        })?;
        let mut totals = Totals::default();
        for (meter, count) in [
            (Meter::Input, text),
            (Meter::CachedInput, cached_text),
            (Meter::CacheWrite, self.cache_write),
            (Meter::ImageInput, plain_image),
            (Meter::CachedImageInput, self.cached_image),
            (Meter::AudioInput, self.audio),
            (Meter::Output, self.output),
            (Meter::Training, self.training),
            (Meter::WebSearchCall, self.web_search),
            (Meter::CodeInterpreterSession, self.code_interpreter),
        ] {
            totals.add(meter, u128::from(count));
        }
        if totals.nonzero().next().is_none() {
            return Err(CliError::Usage(
                "nothing to estimate: give --input, --output or another quantity".to_owned(),
            ));
        }
        Ok(totals)
    }
}
