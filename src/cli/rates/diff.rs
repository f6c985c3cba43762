//! `tierwise rates diff`.

use clap::Args;

use super::{OutputArgs, card};
use crate::cli::error::CliError;
use crate::cli::{Globals, Outcome};
use crate::rates::RateBook;
use crate::rates::catalog::Difference;
use crate::report::rates::difference;

#[derive(Debug, Args)]
#[command(
    after_help = "A and B are `built-in`, `published-only`, or a rate card, which stands for \
    the built-in rates with that card on top.\n\nExamples:\n  \
    tierwise rates diff built-in published-only\n  \
    tierwise rates diff built-in mine.toml --exit-code\n  \
    tierwise rates diff 2026-09.toml 2026-10.toml --format json"
)]
pub(super) struct DiffArgs {
    /// The old one.
    #[arg(value_name = "A")]
    old: String,

    /// The new one.
    #[arg(value_name = "B")]
    new: String,

    /// End with 3 where they differ.
    #[arg(long)]
    exit_code: bool,

    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command.
pub(super) fn run(args: &DiffArgs, globals: Globals) -> Result<Outcome, CliError> {
    let (old, new) = (book(&args.old)?, book(&args.new)?);
    let view = Difference::between((&args.old, &old), (&args.new, &new));
    args.output.write(&view, globals, difference)?;
    let tripped = args.exit_code && !view.is_empty();
    Ok(if tripped { Outcome::GateTripped } else { Outcome::Done })
}

fn book(name: &str) -> Result<RateBook, CliError> {
    Ok(match name {
        "built-in" => RateBook::built_in()?,
        "published-only" => RateBook::built_in()?.published_only(),
        path => RateBook::with_cards(&[card(path)?])?,
    })
}
