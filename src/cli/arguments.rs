//! Arguments that several commands share.

use clap::{Args, ValueEnum};
use jiff::tz::TimeZone;

use super::error::CliError;
use crate::formats::{Ask, Dedupe, Filter, Format, MAX_LABELS, mapped, mapped_by_file};
use crate::money::Share;
use crate::pipeline::Tuning;
use crate::rates::{Aliases, CardSource, RateBook};
use crate::usage::{Dimension, Instant};

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Default)]
pub(super) enum OutputForm {
    /// Text for a terminal.
    #[default]
    Terminal,
    /// Amounts as exact decimal text.
    Json,
}

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

    /// Price rows that name no region as of this one, or those of region FROM
    /// as of TO; repeatable. `rates show` names the regions that have prices.
    #[arg(long, value_name = "[FROM=]TO")]
    pub(super) region: Vec<String>,
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
        Ok(Aliases::new(pairs).with_regions(self.regions()?))
    }

    fn regions(&self) -> Result<Vec<(String, String)>, CliError> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for text in &self.region {
            let (from, to) = text.split_once('=').unwrap_or(("", text));
            if to.is_empty() {
                return Err(CliError::Usage(format!("--region {text}: expected [FROM=]TO")));
            }
            if pairs.iter().any(|(known, _)| known.eq_ignore_ascii_case(from)) {
                let rows = if from.is_empty() { "rows without a region" } else { from };
                return Err(CliError::Usage(format!("--region {text}: {rows}: given twice")));
            }
            pairs.push((from.to_owned(), to.to_owned()));
        }
        Ok(pairs)
    }
}

/// What is assumed of usage.
#[derive(Debug, Args)]
pub(super) struct AssumeArgs {
    /// Also show what every tier would cost if this share of all input tokens
    /// were read from the cache, and none written to it: 60%, 0.6 or 2/3.
    #[arg(long, value_name = "SHARE", value_parser = share, allow_negative_numbers = true)]
    pub(super) assume_cached: Option<Share>,
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

    /// The same from a TOML file, which may also say how counts, amounts and times
    /// are written. `tierwise inspect` proposes one for a file that is not known.
    #[arg(long, value_name = "FILE", conflicts_with = "map")]
    pub(super) map_file: Option<String>,
}

impl MapArgs {
    /// The format that the mapping describes.
    pub(super) fn format(&self) -> Result<Option<Format>, CliError> {
        let Some(path) = &self.map_file else {
            return Ok(self.map.as_deref().map(mapped).transpose()?);
        };
        let text = std::fs::read_to_string(path)
            .map_err(|source| CliError::Read { path: path.clone(), source })?;
        Ok(Some(mapped_by_file(path, &text)?))
    }
}

/// Which logs are read, and which of their rows are kept.
#[derive(Debug, Args)]
pub(super) struct LogArgs {
    /// Files, folders, patterns, or `-` for standard input. CSV, TSV, JSONL or
    /// JSON, also as .gz or .zst; recognised by content.
    #[arg(required = true, value_name = "LOGS")]
    pub(super) logs: Vec<String>,

    /// Keep rows that start at or after this day or instant.
    #[arg(long, value_name = "WHEN")]
    pub(super) from: Option<String>,

    /// Keep rows that start before this day or instant.
    #[arg(long, value_name = "WHEN")]
    pub(super) to: Option<String>,

    /// Keep rows with this value; several values of one field are alternatives.
    #[arg(long = "where", value_name = "FIELD=VALUE")]
    pub(super) filters: Vec<String>,

    /// Price rows without a time as of this day or instant, instead of the rate
    /// book's date.
    #[arg(long, value_name = "WHEN")]
    pub(super) assume_date: Option<String>,

    /// Count records with one value of this field once (the one with the largest
    /// output), instead of the key that the format has; `none` counts every record.
    #[arg(long, value_name = "FIELD")]
    pub(super) dedupe: Option<String>,
}

impl LogArgs {
    /// What tells records apart.
    fn dedupe(&self) -> Dedupe {
        match self.dedupe.as_deref() {
            None => Dedupe::Declared,
            Some("none") => Dedupe::Never,
            Some(field) => Dedupe::By(field.to_owned()),
        }
    }

    /// What is asked of the rows: to keep some, to group them `by` and to
    /// `show` something of each.
    pub(super) fn ask(
        &self,
        by: &[String],
        (also, show): (&[Dimension], Vec<Dimension>),
        zone: &TimeZone,
    ) -> Result<Ask, CliError> {
        let (also, dedupe) = (also.to_vec(), self.dedupe());
        let mut ask = Ask { also, show, dedupe, ..Ask::default() };
        for name in by {
            let dimension = dimension("--by", name.trim())?;
            if !ask.by.contains(&dimension) {
                ask.by.push(dimension);
            }
        }
        for text in &self.filters {
            let (field, value) = split_pair("--where", text)?;
            let dimension = dimension("--where", field)?;
            match ask.filters.iter_mut().find(|filter| filter.dimension == dimension) {
                Some(filter) => filter.values.push(value.to_owned()),
                None => ask.filters.push(Filter { dimension, values: vec![value.to_owned()] }),
            }
        }
        ask.from = self.from.as_deref().map(|text| instant("--from", text, zone)).transpose()?;
        ask.to = self.to.as_deref().map(|text| instant("--to", text, zone)).transpose()?;
        if ask.from.zip(ask.to).is_some_and(|(from, to)| to <= from) {
            return Err(CliError::Usage("--to is not after --from".to_owned()));
        }
        check_labels(&ask)?;
        Ok(ask)
    }

    /// When rows without a time are priced.
    pub(super) fn assumed(&self, book: &RateBook, zone: &TimeZone) -> Result<Instant, CliError> {
        match &self.assume_date {
            Some(text) => instant("--assume-date", text, zone),
            None => Ok(book.as_of()),
        }
    }
}

fn check_labels(ask: &Ask) -> Result<(), CliError> {
    if ask.labels().len() <= MAX_LABELS {
        return Ok(());
    }
    let message = if ask.show.is_empty() {
        format!(
            "at most {MAX_LABELS} projects, users, keys and columns can be named in --by and --where"
        )
    } else {
        let most = MAX_LABELS.saturating_sub(ask.show.len());
        format!("at most {most} columns can be named in --where")
    };
    Err(CliError::Usage(message))
}

fn dimension(option: &str, name: &str) -> Result<Dimension, CliError> {
    Dimension::parse(name).map_err(|error| CliError::Usage(format!("{option}: {error}")))
}

/// Bytes of a chunk where rows are written.
const ROWS_CHUNK: usize = 512 * 1024;

/// How a run is made; nothing here changes a result.
#[derive(Debug, Args)]
#[command(next_help_heading = "Tuning")]
pub(super) struct TuningArgs {
    /// Threads, the one that begins the run among them; 0 for one a core. Changes no result.
    #[arg(long, default_value_t = 0, value_name = "N")]
    threads: usize,

    /// Bytes of a chunk; 1 MiB where it is not given, and 512 KiB for `price`,
    /// whose output is larger than its input. Changes no result.
    #[arg(long, value_name = "BYTES")]
    chunk_size: Option<usize>,
}

impl TuningArgs {
    /// The same for the pipeline. `rows` for a command that keeps what it makes
    /// of each row until the chunks before are written.
    pub(super) fn tuning(&self, rows: bool) -> Tuning {
        let usual = if rows { ROWS_CHUNK } else { Tuning::default().chunk_size };
        let chunk_size = self.chunk_size.unwrap_or(usual);
        Tuning { threads: self.threads, chunk_size, ..Tuning::default() }
    }
}

/// Splits `FROM=TO`.
pub(super) fn split_pair<'t>(option: &str, text: &'t str) -> Result<(&'t str, &'t str), CliError> {
    match text.split_once('=') {
        Some((from, to)) if !from.is_empty() => Ok((from, to)),
        _ => Err(CliError::Usage(format!("{option} {text}: expected NAME=VALUE"))),
    }
}

/// A share of a whole.
pub(super) fn share(text: &str) -> Result<Share, String> {
    Share::parse(text)
        .ok_or_else(|| "expected a share between 0 and 1 such as 60%, 0.1%, 0.6 or 2/3".to_owned())
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
