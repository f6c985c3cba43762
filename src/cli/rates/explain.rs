//! `tierwise rates explain`.

use clap::Args;

use super::{OutputArgs, instant_or_as_of, tier};
use crate::cli::arguments::RateArgs;
use crate::cli::error::CliError;
use crate::cli::{Globals, Outcome};
use crate::rates::catalog::Question;
use crate::report::rates::explanation;
use crate::usage::Meter;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tierwise rates explain gpt-4.1-mini --tier flex\n  \
    tierwise rates explain gpt-5.4 --tier batch --input 300000\n  \
    tierwise rates explain o3 --meter cached_input --at 2025-06-09T23:59:59Z")]
pub(super) struct ExplainArgs {
    /// An id, an alias, a fine-tuned id, `openai/…`, or a name of --alias.
    #[arg(value_name = "MODEL")]
    model: String,

    /// The provider, where several have a model of that name.
    #[arg(long, default_value = "", hide_default_value = true, value_name = "PROVIDER")]
    provider: String,

    /// The tier.
    #[arg(long, default_value = "standard", value_name = "TIER")]
    tier: String,

    /// The meter, as cards name it.
    #[arg(long, default_value = "input", value_name = "METER")]
    meter: String,

    /// The day or instant, instead of the rate book's date.
    #[arg(long, value_name = "WHEN")]
    at: Option<String>,

    /// The total input of the request, which chooses the context band; so much
    /// of the meter is priced.
    #[arg(long, value_name = "N")]
    input: Option<u64>,

    #[command(flatten)]
    rates: RateArgs,

    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command.
pub(super) fn run(args: &ExplainArgs, globals: Globals) -> Result<Outcome, CliError> {
    let book = args.rates.book()?;
    let aliases = args.rates.aliases(&book)?;
    let question = Question {
        provider: &args.provider,
        model: &args.model,
        tier: tier(&args.tier)?,
        meter: meter(&args.meter)?,
        region: aliases.region(""),
        at: instant_or_as_of(args.at.as_deref(), &book)?,
        input: args.input,
    };
    let view = book.explain(&question, &aliases)?;
    args.output.write(&view, globals, explanation)?;
    Ok(Outcome::Done)
}

fn meter(name: &str) -> Result<Meter, CliError> {
    Meter::from_name(name).ok_or_else(|| {
        let known: Vec<&str> = Meter::ALL.iter().map(|meter| meter.name()).collect();
        CliError::Usage(format!("--meter {name}: expected one of {}", known.join(", ")))
    })
}
