//! `tierwise man`, `tierwise completions` and `tierwise schema`: what a package installs
//! beside the program.

use clap::{Args, Command, CommandFactory as _};
use clap_complete::Shell;

use super::error::CliError;
use super::output::Output;
use super::{Cli, Outcome};
use crate::report::SCHEMA;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tierwise completions bash > ~/.local/share/bash-completion/completions/tierwise\n  \
    tierwise completions zsh > ~/.zfunc/_tierwise\n  \
    tierwise completions fish > ~/.config/fish/completions/tierwise.fish")]
pub(super) struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tierwise man > ~/.local/share/man/man1/tierwise.1\n  \
    tierwise man report | man -l -\n  \
    tierwise man rates import > tierwise-rates-import.1")]
pub(super) struct ManArgs {
    /// The page of this command instead of the program's.
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tierwise schema > report.schema.json\n  \
    tierwise report logs/ --format json -o october.json")]
pub(super) struct SchemaArgs {}

/// Writes the schema of the JSON report.
pub(super) fn schema() -> Result<Outcome, CliError> {
    Output::open(None)?.write(SCHEMA)?;
    Ok(Outcome::Done)
}

/// Writes the completions of a shell.
pub(super) fn completions(args: &CompletionsArgs) -> Result<Outcome, CliError> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "tierwise", &mut text);
    Output::open(None)?.write_by(|out| out.write_all(&text))?;
    Ok(Outcome::Done)
}

/// Writes a manual page.
pub(super) fn man(args: &ManArgs) -> Result<Outcome, CliError> {
    let mut page = Cli::command().disable_help_subcommand(true);
    page.build();
    for name in &args.command {
        page = below(&page, name)?;
    }
    let mut text = Vec::new();
    let rendered = clap_mangen::Man::new(page).render(&mut text);
    rendered.map_err(|source| CliError::write("standard output", source))?;
    Output::open(None)?.write_by(|out| out.write_all(&text))?;
    Ok(Outcome::Done)
}

/// A command below another one.
fn below(command: &Command, name: &str) -> Result<Command, CliError> {
    let found = command.find_subcommand(name).cloned();
    found.ok_or_else(|| {
        let known = command.get_subcommands().map(Command::get_name).collect::<Vec<_>>();
        let known = known.join(", ");
        CliError::Usage(format!("man {name}: there is no such command; there are {known}"))
    })
}
