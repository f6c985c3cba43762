//! Arguments that several commands share.

use clap::Args;
use jiff::tz::TimeZone;

use super::error::CliError;
use crate::formats::{Format, mapped};
use crate::rates::{Aliases, CardSource, RateBook};
use crate::usage::Instant;

/// Which rates are used.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rates")]
pub(super) struct RateArgs {
    /// A rate card of your own (TOML), on top of the built-in ones; repeatable.
    #[arg(long, value_name = "FILE")]
    pub(super) rates: Vec<String>,

    /// Only the providers' own published rates.
    #[arg(long, conflicts_with = "rates")]
    pub(super) published_only: bool,

    /// Price the logged name FROM as the model TO; repeatable.
    #[arg(long, value_name = "FROM=TO")]
    pub(super) alias: Vec<String>,
}

impl RateArgs {
    /// The book of a run.
    pub(super) fn book(&self) -> Result<RateBook, CliError> {
        let mut cards = Vec::new();
        for path in &self.rates {
            let text = std::fs::read_to_string(path)
                .map_err(|source| CliError::Read { path: path.clone(), source })?;
            cards.push(CardSource { name: path.clone(), text });
        }
        let book = RateBook::with_cards(&cards)?;
        Ok(if self.published_only { book.published_only() } else { book })
    }

    /// The aliases of a run, each of whose targets the book has.
    pub(super) fn aliases(&self, book: &RateBook) -> Result<Aliases, CliError> {
        let mut pairs = Vec::new();
        for text in &self.alias {
            let (from, to) = split_pair("--alias", text)?;
            if book.find("", to, &Aliases::default()).is_none() {
                let message = format!("--alias {text}: the rate book has no model `{to}`");
                return Err(CliError::Usage(message));
            }
            if pairs.iter().any(|(known, _)| known == from) {
                return Err(CliError::Usage(format!(
                    "--alias {text}: `{from}` has an alias already"
                )));
            }
            pairs.push((from.to_owned(), to.to_owned()));
        }
        Ok(Aliases::new(pairs))
    }
}

/// How private logs are read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading")]
pub(super) struct MapArgs {
    /// Read every input as a log of your own: which of its fields means what,
    /// for example `model=name,input=prompt_tokens,output=completion_tokens`.
    /// Input counts include cached and image tokens. JSON fields may be dotted
    /// paths.
    #[arg(long, value_name = "MEANING=FIELD,…")]
    pub(super) map: Option<String>,
}

impl MapArgs {
    /// The format that the mapping describes.
    pub(super) fn format(&self) -> Result<Option<Format>, CliError> {
        Ok(self.map.as_deref().map(mapped).transpose()?)
    }
}

/// Splits `FROM=TO`.
pub(super) fn split_pair<'t>(option: &str, text: &'t str) -> Result<(&'t str, &'t str), CliError> {
    match text.split_once('=') {
        Some((from, to)) if !from.is_empty() => Ok((from, to)),
        _ => Err(CliError::Usage(format!("{option} {text}: expected NAME=VALUE"))),
    }
}

/// A day or an instant.
pub(super) fn instant(option: &str, text: &str, zone: &TimeZone) -> Result<Instant, CliError> {
    Instant::parse_argument(text, zone).ok_or_else(|| {
        let message = format!(
            "{option} {text}: expected a day (2026-10-15) or an instant (2026-10-15T12:00:00Z)"
        );
        CliError::Usage(message)
    })
}

/// A zone by its name.
pub(super) fn zone(name: &str) -> Result<TimeZone, CliError> {
    if ["utc", "etc/utc", "gmt", "etc/gmt", "zulu"].contains(&name.to_ascii_lowercase().as_str()) {
        return Ok(TimeZone::UTC);
    }
    TimeZone::get(name).map_err(|_source| {
        CliError::Usage(format!(
            "--timezone {name}: no such time zone; expected a name such as Europe/Berlin"
        ))
    })
}
