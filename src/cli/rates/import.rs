//! `tierwise rates import`.

use std::io::{self, Read as _, Write as _};

use clap::{Args, ValueEnum};
use jiff::tz::TimeZone;

use crate::cli::arguments::instant;
use crate::cli::error::CliError;
use crate::cli::output::{Output, resolved};
use crate::cli::{Globals, Outcome};
use crate::rates::RateBook;
use crate::rates::import::{PriceFile, PriceList, import};
use crate::report::rates::import_findings;

/// A project that keeps a price list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Project {
    /// litellm's `model_prices_and_context_window.json`.
    Litellm,
    /// genai-prices' `data.json` or `data_slim.json`.
    GenaiPrices,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Makes a card of third-party evidence from the models of one provider; nothing \
    is downloaded. Prices are taken exactly. What cannot be right is left out and told with \
    model, field, value and reason: not a number, negative, zero (but for cache writes), beyond \
    0.0001 to 10,000 USD per 1M tokens, digits that binary arithmetic leaves behind, Batch or Flex \
    dearer and Priority cheaper than Standard, cached input dearer than input, long requests \
    cheaper than short ones. Fees of tools and prices per image or second are counted, not \
    imported. Names count exactly; patterns are not imported. -q silences all that.\n\nEnds with 1 \
    when nothing could be taken.\n\nExamples:\n  \
    tierwise rates import litellm model_prices_and_context_window.json --checked 2026-11-24\n  \
    tierwise rates import genai-prices data.json --checked 2026-11-24 -o genai.toml\n  \
    tierwise rates import litellm prices.json --provider anthropic --checked 2026-11-24 -o a.toml\n  \
    tierwise report logs/ --rates genai.toml"
)]
pub(super) struct ImportArgs {
    /// Whose list it is.
    #[arg(value_enum, value_name = "PROJECT")]
    project: Project,

    /// The JSON file, or `-` for standard input.
    #[arg(value_name = "FILE")]
    file: String,

    /// The provider whose models are taken: a card has one.
    #[arg(long, default_value = "openai", value_name = "PROVIDER")]
    provider: String,

    /// The day on which the list was right, for example the day of its
    /// download. Never taken from the clock.
    #[arg(long, value_name = "DAY")]
    checked: String,

    /// Write to a file, which appears whole or not at all.
    #[arg(short = 'o', long = "out", value_name = "FILE")]
    out: Option<String>,
}

/// Runs the command.
pub(super) fn run(args: &ImportArgs, globals: Globals) -> Result<Outcome, CliError> {
    let checked = instant("--checked", &args.checked, &TimeZone::UTC)?;
    if checked != checked.utc_midnight() {
        let message = format!("--checked {}: expected a day (2026-11-24)", args.checked);
        return Err(CliError::Usage(message));
    }
    let own = |out: &String| args.file != "-" && resolved(out) == resolved(&args.file);
    if args.out.as_ref().is_some_and(own) {
        let message = format!("--out {} is the list that is read", args.file);
        return Err(CliError::Usage(message));
    }
    let output = Output::open(args.out.as_deref())?;
    let text = text(&args.file)?;
    let list = match args.project {
        Project::Litellm => PriceList::Litellm,
        Project::GenaiPrices => PriceList::GenaiPrices,
    };
    let name = if args.file == "-" { "standard input" } else { &args.file };
    let file = PriceFile { list, name, text: &text };
    let imported = import(&file, &args.provider, checked, &RateBook::built_in()?)?;
    if !globals.quiet {
        let mut err = io::stderr().lock();
        for line in import_findings(file.name, &imported) {
            // Nowhere else to tell it.
            let _ = writeln!(err, "tierwise: {line}");
        }
    }
    if imported.prices == 0 {
        let provider = &args.provider;
        let message =
            format!("{name}: no price of `{provider}` could be taken; no card is written");
        return Err(CliError::NothingImported(message));
    }
    output.write(&imported.card)?;
    Ok(Outcome::Done)
}

fn text(path: &str) -> Result<String, CliError> {
    let mut bytes = Vec::new();
    let read = if path == "-" {
        io::stdin().lock().read_to_end(&mut bytes).map(|_length| ())
    } else {
        std::fs::read(path).map(|read| bytes = read)
    };
    read.map_err(|source| CliError::Read { path: path.to_owned(), source })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', valid).count().saturating_add(1);
        CliError::NotText { path: path.to_owned(), line }
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}
