//! `tierwise rates`: what the rate book holds, and why.

mod check;
mod diff;
mod explain;
mod import;
mod list;
mod show;
mod template;

use clap::{Args, Subcommand};
use jiff::tz::TimeZone;

use super::answer::OutputArgs;
use super::arguments::instant;
use super::error::CliError;
use super::{Globals, Outcome};
use crate::rates::{CardSource, RateBook};
use crate::usage::{Instant, ServiceTier};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tierwise rates list --model gpt-4.1-mini\n  \
    tierwise rates show o3                        tiers side by side, and every price change\n  \
    tierwise rates explain gpt-5.4 --tier batch --input 300000\n  \
    tierwise rates diff built-in published-only\n  \
    tierwise rates import litellm prices.json --checked 2026-11-24 -o litellm.toml\n  \
    tierwise rates template -o mine.toml && tierwise rates check mine.toml")]
pub(super) struct RatesArgs {
    #[command(subcommand)]
    command: Question,
}

#[derive(Debug, Subcommand)]
enum Question {
    /// The prices at a date: one row a model, tier and band.
    List(list::ListArgs),
    /// One model: tiers side by side, what borrows, history, sources.
    Show(show::ShowArgs),
    /// Why a rate is what it is, step by step, or why there is none.
    Explain(explain::ExplainArgs),
    /// Whether rate cards can be used: every problem with its line.
    Check(check::CheckArgs),
    /// What differs between two books or cards.
    Diff(diff::DiffArgs),
    /// A card from the price list of another project (litellm, genai-prices).
    Import(import::ImportArgs),
    /// A commented rate card to start from.
    Template(template::TemplateArgs),
}

/// Runs the command.
pub(super) fn run(args: &RatesArgs, globals: Globals) -> Result<Outcome, CliError> {
    match &args.command {
        Question::List(args) => list::run(args, globals),
        Question::Show(args) => show::run(args, globals),
        Question::Explain(args) => explain::run(args, globals),
        Question::Check(args) => check::run(args, globals),
        Question::Diff(args) => diff::run(args, globals),
        Question::Import(args) => import::run(args, globals),
        Question::Template(args) => template::run(args),
    }
}

/// `--at`, else the day as of which the book is.
fn instant_or_as_of(at: Option<&str>, book: &RateBook) -> Result<Instant, CliError> {
    at.map_or_else(|| Ok(book.as_of()), |text| instant("--at", text, &TimeZone::UTC))
}

/// A tier by its name in cards.
fn tier(name: &str) -> Result<ServiceTier, CliError> {
    ServiceTier::from_card(name).ok_or_else(|| {
        let expected = "expected standard, flex, priority, batch or ultrafast";
        CliError::Usage(format!("--tier {name}: {expected}"))
    })
}

/// A card's file.
fn card(path: &str) -> Result<CardSource, CliError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| CliError::Read { path: path.to_owned(), source })?;
    Ok(CardSource { name: path.to_owned(), text })
}
