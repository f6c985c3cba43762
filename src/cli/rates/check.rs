//! `tierwise rates check`.

use clap::Args;

use super::{OutputArgs, card};
use crate::cli::error::CliError;
use crate::cli::{Globals, Outcome};
use crate::rates::RateBook;
use crate::rates::catalog::CardCheck;
use crate::report::rates::checks;

#[derive(Debug, Args)]
#[command(
    after_help = "Tells every problem with file, line and what was expected, and warns of what \
    is legal but looks wrong: a rate 100 times away from the built-in one, a price that never \
    holds, a model that no layer knows. Ends with 1 when a card has a problem.\n\nExamples:\n  \
    tierwise rates check mine.toml\n  \
    tierwise rates check cards/a.toml cards/b.toml --format json"
)]
pub(super) struct CheckArgs {
    /// The cards.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,

    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command.
pub(super) fn run(args: &CheckArgs, globals: Globals) -> Result<Outcome, CliError> {
    let built_in = RateBook::built_in()?;
    let mut found = Vec::new();
    let mut cards = Vec::new();
    for path in &args.files {
        let card = card(path)?;
        found.push(CardCheck::of(&card, &built_in));
        cards.push(card);
    }
    args.output.write(found.as_slice(), globals, checks)?;
    let bad = found.iter().filter(|check| !check.problems.is_empty()).count();
    if bad > 0 {
        let all = found.len();
        return Err(CliError::Cards(format!("{bad} of {all} rate card(s) cannot be used")));
    }
    // Each on its own is fine; together they are a book.
    RateBook::with_cards(&cards)?;
    Ok(Outcome::Done)
}
