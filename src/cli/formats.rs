//! `tierwise formats`.

use clap::Args;

use super::answer::OutputArgs;
use super::error::CliError;
use super::{Globals, Outcome};
use crate::formats::{Format, Tells, registry};
use crate::report::formats_terminal;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tierwise formats\n  \
    tierwise formats --format json\n  \
    tierwise inspect export.csv       which of them a file is")]
pub(super) struct FormatsArgs {
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command.
pub(super) fn run(args: &FormatsArgs, globals: Globals) -> Result<Outcome, CliError> {
    let formats: Vec<Tells> = registry().iter().map(Format::tells).collect();
    args.output.write(&formats, globals, |formats, style| formats_terminal(formats, style))?;
    Ok(Outcome::Done)
}
