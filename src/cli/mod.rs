//! What was typed: arguments to checked settings, and one file a subcommand.
//!
//! The only place that reads the environment and writes to the terminal. Has no
//! arithmetic.

mod answer;
mod arguments;
mod error;
mod estimate;
mod explain;
mod focus;
mod formats;
mod inspect;
mod ledger;
mod output;
mod price;
mod progress;
mod rates;
mod report;
mod settings;
mod shell;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Default)]
enum ColorWhen {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Prices exported LLM usage logs under every service tier, with exact money.
#[derive(Debug, Parser)]
#[command(name = "tierwise", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "Examples:\n  \
    tierwise report logs/                         what it cost, and on every tier\n  \
    tierwise report usage.csv --by project,day    where the money went\n  \
    tierwise price logs/ -o rows.parquet          every row under every tier\n  \
    tierwise ledger logs/ -o 2026-10.parquet      a month to keep, without its logs\n  \
    tierwise focus logs/ -o focus.csv             what it cost, in the form of a bill\n  \
    tierwise explain --row usage.csv:17           how one row got its price\n  \
    tierwise estimate --model gpt-4.1-mini --input 1050000 --output 30000\n  \
    tierwise inspect export.csv                   what a file is, and how it is read\n  \
    tierwise formats                              which logs are known\n  \
    tierwise rates show gpt-4.1-mini              what a model costs, tiers side by side\n\n\
    Exit codes: 0 done, 1 failed, 2 usage, 3 done but a gate tripped, 4 an internal law broke.")]
struct Cli {
    /// When to use colours.
    #[arg(long, value_enum, default_value_t, global = true, value_name = "WHEN")]
    color: ColorWhen,

    /// No progress, no warnings.
    #[arg(short, long, global = true)]
    quiet: bool,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// What the logs cost as recorded, and what each tier would have cost.
    Report(Box<report::ReportArgs>),
    /// Every row with its exact cost under each tier, as CSV, JSONL or Parquet.
    Price(Box<price::PriceArgs>),
    /// The sums of logs as a file, which reports read instead of the logs.
    Ledger(Box<ledger::LedgerArgs>),
    /// The charges of logs as a FOCUS 1.2 file, an estimate in the form of a bill.
    Focus(Box<focus::FocusArgs>),
    /// One row's arithmetic, step by step.
    Explain(Box<explain::ExplainArgs>),
    /// What a request of given quantities costs under each tier.
    Estimate(Box<estimate::EstimateArgs>),
    /// What a file is, how its fields are read, and what would be rejected.
    Inspect(Box<inspect::InspectArgs>),
    /// The log formats that are known, and what each can and cannot tell.
    Formats(Box<formats::FormatsArgs>),
    /// What the rate book holds, and why a rate is what it is.
    Rates(Box<rates::RatesArgs>),
    /// The schema of the JSON report.
    Schema(shell::SchemaArgs),
    /// What completes the arguments in a shell.
    Completions(shell::CompletionsArgs),
    /// The manual page, of the program or of a command.
    Man(shell::ManArgs),
}

/// How a run ended, when it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Done.
    Done,
    /// Done, but a limit was passed.
    GateTripped,
}

/// Settings that hold for every command.
#[derive(Debug, Clone, Copy)]
struct Globals {
    color: ColorWhen,
    quiet: bool,
}

/// Runs the program. Errors go to standard error in one line (with the lines
/// that explain it); a closed pipe is no error.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    crate::frame::quiet_reader_panics();
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; what cannot be printed is lost.
            let _ = error.print();
            return ExitCode::from(u8::from(error.use_stderr()).saturating_mul(2));
        }
    };
    let globals = Globals { color: cli.color, quiet: cli.quiet };
    let result = match cli.command {
        Command::Report(args) => report::run(&args, globals),
        Command::Price(args) => price::run(&args, globals),
        Command::Ledger(args) => ledger::run(&args, globals),
        Command::Focus(args) => focus::run(&args, globals),
        Command::Explain(args) => explain::run(&args, globals),
        Command::Estimate(args) => estimate::run(&args, globals),
        Command::Inspect(args) => inspect::run(&args, globals),
        Command::Formats(args) => formats::run(&args, globals),
        Command::Rates(args) => rates::run(&args, globals),
        Command::Schema(_) => shell::schema(),
        Command::Completions(args) => shell::completions(&args),
        Command::Man(args) => shell::man(&args),
    };
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::GateTripped) => ExitCode::from(3),
        Err(error) if error.is_closed_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            // Nowhere else to tell it.
            let lines: Vec<String> = error.to_string().lines().map(crate::report::plain).collect();
            let _ = writeln!(std::io::stderr(), "tierwise: {}", lines.join("\n"));
            ExitCode::from(error.exit_code())
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_are_consistent() {
        super::Cli::command().debug_assert();
    }
}
