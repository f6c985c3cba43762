//! `tierwise rates template`.

use clap::Args;

use crate::cli::Outcome;
use crate::cli::error::CliError;
use crate::cli::output;
use crate::rates::catalog::CARD_TEMPLATE;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tierwise rates template -o mine.toml\n  \
    tierwise report logs/ --rates mine.toml")]
pub(super) struct TemplateArgs {
    /// Write to a file, which appears whole or not at all.
    #[arg(short = 'o', long = "out", value_name = "FILE")]
    file: Option<String>,
}

/// Runs the command.
pub(super) fn run(args: &TemplateArgs) -> Result<Outcome, CliError> {
    output::Output::open(args.file.as_deref())?.write(CARD_TEMPLATE)?;
    Ok(Outcome::Done)
}
