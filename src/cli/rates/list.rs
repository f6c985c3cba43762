//! `tierwise rates list`.

use clap::Args;

use super::{OutputArgs, instant_or_as_of, tier};
use crate::cli::arguments::RateArgs;
use crate::cli::error::CliError;
use crate::cli::{Globals, Outcome};
use crate::rates::catalog::ListQuery;
use crate::report::rates::listing;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tierwise rates list\n  \
    tierwise rates list --model gpt-4.1-mini --tier batch\n  \
    tierwise rates list --provider openai --at 2025-06-09 --format json")]
pub(super) struct ListArgs {
    /// Only the models of this provider.
    #[arg(long, value_name = "PROVIDER")]
    provider: Option<String>,

    /// Only this model: an id, an alias, a fine-tuned id, `openai/…`.
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,

    /// Only this tier.
    #[arg(long, value_name = "TIER")]
    tier: Option<String>,

    /// The prices of this day or instant, instead of the rate book's date.
    #[arg(long, value_name = "WHEN")]
    at: Option<String>,

    #[command(flatten)]
    rates: RateArgs,

    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command.
pub(super) fn run(args: &ListArgs, globals: Globals) -> Result<Outcome, CliError> {
    let book = args.rates.book()?;
    let aliases = args.rates.aliases(&book)?;
    let providers = || book.layers().iter().map(|layer| layer.provider.as_str());
    if let Some(asked) = &args.provider
        && !providers().any(|known| known.eq_ignore_ascii_case(asked))
    {
        let mut known: Vec<&str> = providers().collect();
        known.sort_unstable();
        known.dedup();
        let known = known.join(", ");
        return Err(CliError::Usage(format!("--provider {asked}: the rate book has {known}")));
    }
    let query = ListQuery {
        provider: args.provider.as_deref(),
        model: args.model.as_deref(),
        tier: args.tier.as_deref().map(tier).transpose()?,
        at: instant_or_as_of(args.at.as_deref(), &book)?,
    };
    let view = book.listing(&query, &aliases)?;
    args.output.write(&view, globals, listing)?;
    Ok(Outcome::Done)
}
