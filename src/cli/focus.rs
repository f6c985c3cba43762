//! `tierwise focus`.

use std::io::Write as _;

use clap::{Args, ValueEnum};
use jiff::tz::TimeZone;

use super::arguments::{LogArgs, MapArgs, RateArgs, TuningArgs};
use super::error::CliError;
use super::output::Output;
use super::report::check_laws;
use super::settings::{Asked, Settings};
use super::{Globals, Outcome};
use crate::formats::MAX_LABELS;
use crate::pipeline::{Harvest, RowSink};
use crate::report::{ACCOUNT, FocusFile, FocusRun, focus_account, plain};
use crate::scenario::{
    ChargePeriod, Charges, Comparison, Options, Pricer, Split, Uncovered, charges, compare,
};
use crate::usage::Dimension;

/// The length of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Default)]
enum PeriodArg {
    /// A day of UTC.
    #[default]
    Day,
    /// A calendar month of UTC.
    Month,
}

#[derive(Debug, Args)]
#[command(
    after_help = "A row is what one meter of a model cost in a period, for a sub-account, at one price. The \
    file is an estimate and says so in every row. BilledCost is what the logs say was billed, shared \
    among the meters of its rows, and else the computed cost (x_CostBasis says which). Of usage with a \
    price, EffectiveCost and ContractedCost are the computed cost, ListCost is that at list prices. The \
    columns x_StandardCost, \
    x_FlexCost, x_PriorityCost, x_BatchCost and x_NoCachingCost add up to the totals of `report`, where \
    Standard's price stands for a tier that has none (x_FallbackTiers).\n\n\
    Usage without a price is not in the file unless the logs say what was billed, and then it is an \
    Adjustment without quantities. Billed amounts without usage are not in it. Rows without a time are in \
    the period of the day that they are priced at. Standard error has what is left out and what periods \
    and tiers rest on; the notes of `report` have what prices rest on.\n\n\
    Examples:\n  \
    tierwise focus logs/ -o focus.csv\n  \
    tierwise focus logs/ --period month --sub-account team --tag user,ticket -o focus.csv\n  \
    tierwise focus 2026-10.parquet --rates contract.toml --billing-account org-123 -o focus.csv"
)]
pub(super) struct FocusArgs {
    /// The sub-account: project, user, api-key, or a column of the input [default: project,
    /// where there is one].
    #[arg(long, value_name = "WHAT")]
    sub_account: Option<String>,

    /// The tags: project, user, api-key and columns of the input, with commas.
    #[arg(long, value_delimiter = ',', value_name = "WHAT")]
    tag: Vec<String>,

    /// The length of a charge's period.
    #[arg(long, value_enum, default_value_t)]
    period: PeriodArg,

    /// The billing account's id.
    #[arg(long, default_value = ACCOUNT, value_name = "ID")]
    billing_account: String,

    #[command(flatten)]
    logs: LogArgs,

    #[command(flatten)]
    rates: RateArgs,

    #[command(flatten)]
    map: MapArgs,

    /// Write the charges to a CSV file, which appears whole or not at all.
    #[arg(short, long = "out", alias = "output", value_name = "FILE", help_heading = "Output")]
    output: Option<String>,

    /// Leave text of the logs that a spreadsheet would run as a formula (it begins
    /// with = + - @, a tab or a carriage return), or that begins with an apostrophe,
    /// without the apostrophe before it.
    #[arg(long, help_heading = "Output")]
    raw: bool,

    /// Write every rejected record to this CSV file.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    rejects: Option<String>,

    #[command(flatten)]
    tuning: TuningArgs,
}

/// Runs the command.
pub(super) fn run(args: &FocusArgs, globals: Globals) -> Result<Outcome, CliError> {
    let labels = args.labels()?;
    let settings = args.settings(&labels)?;
    let out = Output::open(args.output.as_deref())?;
    let harvest = settings.read(globals, &mut RowSink::none())?;
    let comparison = totals(&settings, &harvest)?;
    check_laws(&harvest.files, &comparison, false)?;
    let list = settings.book.list_prices();
    let pricers = (
        settings.pricer(),
        list.as_ref().map(|book| Pricer::new(book, &settings.aliases, settings.assumed)),
    );
    let split = Split { period: args.period(), labels: labels.len() };
    let charges = charges(&harvest.ledger, pricers, split)?;
    check_sums(&charges, &comparison)?;
    let file = args.file(&settings, &labels);
    out.write_by(|out| file.write(&charges.all, out))?;
    if !globals.quiet {
        let account = focus_account(&FocusRun {
            charges: &charges,
            comparison: &comparison,
            files: &harvest.files,
            repeated: &settings.inputs.repeated,
            labels: &labels,
            assumed: settings.assumed,
        });
        let lines: Vec<String> =
            account.iter().map(|line| format!("tierwise: {}\n", plain(line))).collect();
        // Nowhere else to tell it.
        let _ = std::io::stderr().write_all(lines.concat().as_bytes());
    }
    Ok(Outcome::Done)
}

impl FocusArgs {
    /// The sub-account and the tags, each once.
    fn labels(&self) -> Result<Vec<Dimension>, CliError> {
        let asked = self.sub_account.as_deref().map(|name| label("--sub-account", name));
        let mut labels = vec![asked.transpose()?.unwrap_or(Dimension::Project)];
        for name in &self.tag {
            let tag = label("--tag", name)?;
            if !labels.contains(&tag) {
                labels.push(tag);
            }
        }
        if labels.len() > MAX_LABELS {
            let message = format!("--tag: at most {MAX_LABELS} names with --sub-account");
            return Err(CliError::Usage(message));
        }
        if self.billing_account.trim().is_empty() {
            return Err(CliError::Usage("--billing-account: expected an id".to_owned()));
        }
        if let Some(path) = self.output.as_deref()
            && [".parquet", ".gz", ".zst", ".json", ".jsonl"].iter().any(|end| path.ends_with(end))
        {
            return Err(CliError::Usage(format!("-o {path}: a FOCUS file is a .csv file")));
        }
        Ok(labels)
    }

    fn settings(&self, labels: &[Dimension]) -> Result<Settings, CliError> {
        // Without a name for it, the project is the sub-account where logs have one.
        let (also, named) = match self.sub_account {
            Some(_) => (&[][..], labels),
            None => labels.split_at(1),
        };
        let by: Vec<String> = named.iter().map(|label| label.name().to_owned()).collect();
        Settings::check(&Asked {
            logs: &self.logs,
            rates: &self.rates,
            map: &self.map,
            tuning: &self.tuning,
            by: &by,
            also,
            show: Vec::new(),
            timezone: "UTC",
            output: self.output.as_deref(),
            files: &[],
            rejects: self.rejects.as_deref(),
        })
    }

    const fn period(&self) -> ChargePeriod {
        match self.period {
            PeriodArg::Day => ChargePeriod::Day,
            PeriodArg::Month => ChargePeriod::Month,
        }
    }

    fn file<'f>(&'f self, settings: &'f Settings, labels: &'f [Dimension]) -> FocusFile<'f> {
        let asked = |name: &String| label("--tag", name).ok();
        let place = |tag: &Dimension| labels.iter().position(|label| label == tag);
        let tags = self.tag.iter().filter_map(asked);
        let mut tags: Vec<(usize, String)> =
            tags.filter_map(|tag| Some((place(&tag)?, tag.name().to_owned()))).collect();
        tags.sort_unstable();
        tags.dedup();
        FocusFile {
            book: &settings.book,
            billing_account: &self.billing_account,
            sub_account_type: match labels.first() {
                Some(Dimension::Project) | None => "Project",
                Some(Dimension::User) => "User",
                Some(Dimension::ApiKey) => "API Key",
                Some(other) => other.name(),
            },
            tags,
            raw: self.raw,
        }
    }
}

/// A property that rows carry only when asked; the others are columns already.
fn label(option: &str, name: &str) -> Result<Dimension, CliError> {
    let parsed = Dimension::parse(name.trim());
    let dimension = parsed.map_err(|error| CliError::Usage(format!("{option}: {error}")))?;
    if dimension.is_label() {
        return Ok(dimension);
    }
    let message =
        format!("{option} {name}: expected project, user, api-key or a column of the input");
    Err(CliError::Usage(message))
}

/// The totals of what was read.
fn totals(settings: &Settings, harvest: &Harvest) -> Result<Comparison, CliError> {
    let options = Options {
        by: Vec::new(),
        labels: Vec::new(),
        zone: TimeZone::UTC,
        uncovered: Uncovered::Standard,
    };
    let usage = harvest.ledger.unlabelled();
    Ok(compare(&usage, &mut settings.pricer(), &options, &harvest.threads)?)
}

/// The charges are the totals taken apart; a breach means that nothing is written.
fn check_sums(charges: &Charges<'_>, comparison: &Comparison) -> Result<(), CliError> {
    if charges.agree_with(comparison) {
        return Ok(());
    }
    let [sum, total] =
        [charges.sums.recorded, comparison.total(crate::scenario::Scenario::BASELINE)];
    Err(CliError::Law(format!("the charges add up to {sum} USD and not to the totals, of {total}")))
}
