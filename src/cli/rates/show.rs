//! `tierwise rates show`.

use clap::Args;

use super::{OutputArgs, instant_or_as_of};
use crate::cli::arguments::RateArgs;
use crate::cli::error::CliError;
use crate::cli::{Globals, Outcome};
use crate::report::rates::sheet;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tierwise rates show gpt-4.1-mini\n  \
    tierwise rates show o3 --at 2025-06-09\n  \
    tierwise rates show gpt-4.1-mini --provider azure --region data-zone\n  \
    tierwise rates show ft:gpt-4.1-mini-2025-04-14:acme::abc123 --format json")]
pub(super) struct ShowArgs {
    /// An id, an alias, a fine-tuned id, `openai/…`, or a name of --alias.
    #[arg(value_name = "MODEL")]
    model: String,

    /// The provider, where several have a model of that name.
    #[arg(long, default_value = "", hide_default_value = true, value_name = "PROVIDER")]
    provider: String,

    /// The prices of this day or instant, instead of the rate book's date.
    #[arg(long, value_name = "WHEN")]
    at: Option<String>,

    #[command(flatten)]
    rates: RateArgs,

    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command.
pub(super) fn run(args: &ShowArgs, globals: Globals) -> Result<Outcome, CliError> {
    let book = args.rates.book()?;
    let aliases = args.rates.aliases(&book)?;
    let at = instant_or_as_of(args.at.as_deref(), &book)?;
    let view = book.sheet(&args.provider, &args.model, &aliases, (aliases.region(""), at))?;
    args.output.write(&view, globals, sheet)?;
    Ok(Outcome::Done)
}
