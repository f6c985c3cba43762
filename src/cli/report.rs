//! `tierwise report`.

use std::path::Path;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use jiff::tz::TimeZone;

use super::arguments::{MapArgs, RateArgs, instant, split_pair, zone};
use super::error::CliError;
use super::output::{self, AtomicFile, Output, resolved};
use super::progress::Progress;
use super::{Globals, Outcome};
use crate::formats::{Ask, Filter, Format, MAX_LABELS};
use crate::input::{Inputs, Source};
use crate::ledger::Cuts;
use crate::money::Share;
use crate::pipeline::{self, Harvest, Plan, Tuning};
use crate::rates::{Aliases, Evidence, RateBook};
use crate::report::{Arguments, Gates, Report, Sources, build, json, terminal};
use crate::scenario::{Comparison, Options, Pricer, Uncovered, compare};
use crate::usage::{Dimension, Instant};

/// The outputs of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Default)]
enum OutputFormat {
    /// Text for a terminal.
    #[default]
    Terminal,
    /// The whole report, amounts as exact decimal text.
    Json,
}

/// What becomes of rows that a tier cannot price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Default)]
enum UncoveredArg {
    /// They take their Standard price, which is stated.
    #[default]
    Standard,
    /// They are left out on both sides of the comparison.
    Exclude,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tierwise report logs/ usage.csv.gz\n  \
    tierwise report 'exports/*.jsonl' --by model,day --from 2026-10-01 --to 2026-11-01\n  \
    tierwise report logs/ --where project=search --by user\n  \
    tierwise report logs/ --alias my-deployment=gpt-4.1-mini --max-unpriced 0.1%\n  \
    zcat usage.csv.gz | tierwise report - --format json -o october.json")]
pub(super) struct ReportArgs {
    /// Files, folders, patterns, or `-` for standard input. CSV, TSV, JSONL or
    /// JSON, also as .gz or .zst; recognised by content.
    #[arg(required = true, value_name = "LOGS")]
    logs: Vec<String>,

    /// Group by provider, model, tier, project, user, api-key, endpoint, day,
    /// week, month, format, or a column of the input; several with commas.
    #[arg(long, value_delimiter = ',', default_value = "model", value_name = "WHAT")]
    by: Vec<String>,

    /// Keep rows that start at or after this day or instant.
    #[arg(long, value_name = "WHEN")]
    from: Option<String>,

    /// Keep rows that start before this day or instant.
    #[arg(long, value_name = "WHEN")]
    to: Option<String>,

    /// Keep rows with this value; several values of one field are alternatives.
    #[arg(long = "where", value_name = "FIELD=VALUE")]
    filters: Vec<String>,

    /// Zone of days, weeks and months.
    #[arg(long, default_value = "UTC", value_name = "ZONE")]
    timezone: String,

    /// Price rows without a time as of this day or instant, instead of the rate
    /// book's date.
    #[arg(long, value_name = "WHEN")]
    assume_date: Option<String>,

    /// What becomes of rows that a tier cannot price.
    #[arg(long, value_enum, default_value_t)]
    uncovered: UncoveredArg,

    #[command(flatten)]
    rates: RateArgs,

    #[command(flatten)]
    map: MapArgs,

    /// Write every rejected record to this CSV file.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    rejects: Option<String>,

    /// Form of the report.
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    format: OutputFormat,

    /// Write the report to a file, which appears whole or not at all.
    #[arg(short, long = "out", alias = "output", value_name = "FILE", help_heading = "Output")]
    output: Option<String>,

    /// Exit with 3 if more than this share of the rows has no price.
    #[arg(long, value_name = "SHARE", value_parser = share, help_heading = "Gates")]
    max_unpriced: Option<Share>,

    /// Exit with 3 if more records than this are rejected.
    #[arg(long, value_name = "N", help_heading = "Gates")]
    max_rejected: Option<u64>,

    /// Worker threads; 0 for one a core. Changes no result.
    #[arg(long, default_value_t = 0, value_name = "N", help_heading = "Tuning")]
    threads: usize,

    /// Bytes of a chunk. Changes no result.
    #[arg(long, default_value_t = Tuning::default().chunk_size, value_name = "BYTES", help_heading = "Tuning")]
    chunk_size: usize,
}

fn share(text: &str) -> Result<Share, String> {
    Share::parse(text).ok_or_else(|| "expected a share such as 0.1% or 0.001".to_owned())
}

/// Checked settings.
struct Settings {
    ask: Ask,
    zone: TimeZone,
    book: RateBook,
    aliases: Aliases,
    assumed: Instant,
    format: Option<Format>,
    inputs: Inputs,
}

/// Runs the command.
pub(super) fn run(args: &ReportArgs, globals: Globals) -> Result<Outcome, CliError> {
    let settings = args.settings()?;
    let out = Output::open(args.output.as_deref())?;
    let harvest = args.read(&settings, globals)?;
    let report = args.report(&settings, &harvest)?;
    let text = match args.format {
        OutputFormat::Terminal => terminal(&report, output::style(globals, args.output.is_some())),
        OutputFormat::Json => json(&report)?,
    };
    out.write(&text)?;
    let tripped = report.gates.iter().any(|gate| gate.tripped);
    Ok(if tripped { Outcome::GateTripped } else { Outcome::Done })
}

impl ReportArgs {
    fn settings(&self) -> Result<Settings, CliError> {
        let zone = zone(&self.timezone)?;
        let book = self.rates.book()?;
        let aliases = self.rates.aliases(&book)?;
        let assumed = match &self.assume_date {
            Some(text) => instant("--assume-date", text, &zone)?,
            None => book.as_of(),
        };
        let inputs = Inputs::find(&self.logs)?;
        for output in self.output.iter().chain(&self.rejects) {
            self.check_output(output, &inputs)?;
        }
        let place = |path: &Option<String>| path.as_deref().map(resolved);
        if self.rejects.as_deref() == Some("-")
            || (self.output.is_some() && place(&self.output) == place(&self.rejects))
        {
            let file = self.rejects.as_deref().unwrap_or_default();
            return Err(CliError::Usage(format!(
                "--rejects {file}: the rejected records need a file of their own"
            )));
        }
        Ok(Settings {
            ask: self.ask(&zone)?,
            zone,
            book,
            aliases,
            assumed,
            format: self.map.format()?,
            inputs,
        })
    }

    /// An output must not replace what is being read.
    fn check_output(&self, output: &str, inputs: &Inputs) -> Result<(), CliError> {
        let Ok(real) = Path::new(output).canonicalize() else { return Ok(()) };
        let is_it = |path: &Path| path.canonicalize().is_ok_and(|path| path == real);
        let logs = inputs.sources.iter().any(|source| match source {
            Source::Stdin => false,
            Source::File(path) => is_it(path),
        });
        if logs || self.rates.rates.iter().any(|card| is_it(Path::new(card))) {
            return Err(CliError::Usage(format!(
                "{output} is an input of this run and would be replaced"
            )));
        }
        Ok(())
    }

    fn ask(&self, zone: &TimeZone) -> Result<Ask, CliError> {
        let mut ask = Ask::default();
        for name in &self.by {
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
        if ask.labels().len() > MAX_LABELS {
            let message = format!(
                "at most {MAX_LABELS} projects, users, keys and columns can be named in --by and --where"
            );
            return Err(CliError::Usage(message));
        }
        Ok(ask)
    }

    fn read(&self, settings: &Settings, globals: Globals) -> Result<Harvest, CliError> {
        let rejects = self.rejects.as_deref().map(AtomicFile::create).transpose()?;
        let sizes = settings.inputs.sources.iter().map(Source::size);
        let total = sizes.sum::<Option<u64>>();
        let failed = |source| CliError::write(self.rejects.as_deref().unwrap_or("rejects"), source);
        let mut progress = Progress::new(globals, total, rejects).map_err(failed)?;
        let plan = Plan {
            inputs: &settings.inputs,
            ask: &settings.ask,
            format: settings.format.as_ref(),
            cuts: Arc::new(Cuts::new(&settings.book, settings.zone.clone())),
            tuning: Tuning { threads: self.threads, chunk_size: self.chunk_size },
        };
        let mut pricer = Pricer::new(&settings.book, &settings.aliases, settings.assumed);
        let harvest = pipeline::run(&plan, &mut pricer, &mut progress);
        let rejects = progress.finish().map_err(failed)?;
        let harvest = harvest?;
        if let Some(rejects) = rejects {
            rejects.finish()?;
        }
        Ok(harvest)
    }

    fn report(&self, settings: &Settings, harvest: &Harvest) -> Result<Report, CliError> {
        let options = Options {
            by: settings.ask.by.clone(),
            zone: settings.zone.clone(),
            uncovered: match self.uncovered {
                UncoveredArg::Standard => Uncovered::Standard,
                UncoveredArg::Exclude => Uncovered::Exclude,
            },
        };
        let mut pricer = Pricer::new(&settings.book, &settings.aliases, settings.assumed);
        let comparison = compare(&harvest.ledger, &mut pricer, &options)?;
        check_laws(harvest, &comparison)?;
        let again = |book: &RateBook| {
            let options = Options { by: Vec::new(), ..options.clone() };
            let mut pricer = Pricer::new(book, &settings.aliases, settings.assumed);
            compare(&harvest.ledger, &mut pricer, &options)
        };
        let published = rests_on_others(&comparison)
            .then(|| again(&settings.book.published_only()))
            .transpose()?;
        let list = settings.book.list_prices().map(|book| again(&book)).transpose()?;
        Ok(build(&Sources {
            book: &settings.book,
            comparison: &comparison,
            published_only: published.as_ref(),
            list_prices: list.as_ref(),
            files: &harvest.files,
            skipped: &settings.inputs.skipped,
            repeated: &settings.inputs.repeated,
            by: &settings.ask.by,
            labels: &settings.ask.labels(),
            zone: &settings.zone,
            arguments: self.arguments(settings),
            gates: Gates { max_unpriced: self.max_unpriced, max_rejected: self.max_rejected },
        }))
    }

    fn arguments(&self, settings: &Settings) -> Arguments {
        let text = |at: Instant| at.to_string();
        Arguments {
            by: settings.ask.by.iter().map(|dimension| dimension.name().to_owned()).collect(),
            from: settings.ask.from.map(text),
            to: settings.ask.to.map(text),
            filters: self.filters.clone(),
            timezone: self.timezone.clone(),
            published_only: self.rates.published_only,
            rates: self.rates.rates.clone(),
            aliases: self.rates.alias.clone(),
            map: self.map.map.clone(),
            assume_date: self.assume_date.as_ref().map(|_| settings.assumed.to_string()),
            uncovered: match self.uncovered {
                UncoveredArg::Standard => "standard",
                UncoveredArg::Exclude => "exclude",
            },
        }
    }
}

/// Whether others than the providers vouch for a part of a total.
fn rests_on_others(comparison: &Comparison) -> bool {
    let evidence = comparison.scenarios.values().flat_map(|total| total.by_evidence.keys());
    evidence.into_iter().any(|evidence| *evidence != Evidence::Provider)
}

/// The laws of the accounts; a breach means that nothing is reported.
fn check_laws(harvest: &Harvest, comparison: &Comparison) -> Result<(), CliError> {
    if let Some(file) = harvest.files.iter().find(|file| !file.rows.is_conserved()) {
        return Err(CliError::Law(format!(
            "{}: the rows do not add up: {:?}",
            file.path, file.rows
        )));
    }
    let priced = harvest.files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.rows.priced));
    if priced != comparison.priced.rows {
        let message = format!("{priced} rows have a price, {} were priced", comparison.priced.rows);
        return Err(CliError::Law(message));
    }
    let mut billed = comparison.billed;
    harvest.files.iter().for_each(|file| billed.add(&file.billed_only));
    if billed.overflow {
        return Err(CliError::OutOfRange(crate::scenario::OutOfRange));
    }
    Ok(())
}

fn dimension(option: &str, name: &str) -> Result<Dimension, CliError> {
    Dimension::parse(name).map_err(|error| CliError::Usage(format!("{option}: {error}")))
}
