//! `tierwise ledger`.

use std::io::Write as _;

use clap::Args;

use super::arguments::{LogArgs, MapArgs, RateArgs, TuningArgs};
use super::error::CliError;
use super::output::AtomicFile;
use super::settings::{Asked, Settings, check_conserved};
use super::{Globals, Outcome};
use crate::input::Source;
use crate::ledger::{Archive, InputInfo, sha256_of, write_archive};
use crate::pipeline::{Harvest, RowSink};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tierwise ledger logs/ -o 2026-10.parquet\n  \
    tierwise ledger logs/ --by project,user -o 2026-10.parquet\n  \
    tierwise report 2026-09.parquet 2026-10.parquet --by month\n  \
    tierwise report 2026-10.parquet --by project --rates contract.toml")]
pub(super) struct LedgerArgs {
    /// The projects, users, api-keys and columns that the ledger keeps, with commas: what
    /// reports of it can group by, besides what every row has.
    #[arg(long, value_delimiter = ',', value_name = "WHAT")]
    by: Vec<String>,

    #[command(flatten)]
    logs: LogArgs,

    /// Zone in whose days reports of the ledger may be, besides those of UTC.
    #[arg(long, default_value = "UTC", value_name = "ZONE")]
    timezone: String,

    #[command(flatten)]
    rates: RateArgs,

    #[command(flatten)]
    map: MapArgs,

    /// The Parquet file, which appears whole or not at all.
    #[arg(short, long = "out", value_name = "FILE", help_heading = "Output")]
    output: String,

    /// Write every rejected record to this CSV file.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    rejects: Option<String>,

    #[command(flatten)]
    tuning: TuningArgs,
}

/// Runs the command.
pub(super) fn run(args: &LedgerArgs, globals: Globals) -> Result<Outcome, CliError> {
    let settings = Settings::check(&Asked {
        logs: &args.logs,
        rates: &args.rates,
        map: &args.map,
        tuning: &args.tuning,
        by: &args.by,
        also: &[],
        show: Vec::new(),
        timezone: &args.timezone,
        output: Some(&args.output),
        files: &[],
        rejects: args.rejects.as_deref(),
    })?;
    args.check()?;
    let mut file = AtomicFile::create(&args.output)?;
    let harvest = settings.read(globals, &mut RowSink::none())?;
    check_conserved(&harvest.files)?;
    if settings.ask.leaves_out() && harvest.files.iter().any(|file| !file.made_of.is_empty()) {
        let message = "a ledger of a ledger holds all of it: leave out --from, --to and --where";
        return Err(CliError::Usage(message.to_owned()));
    }
    let inputs = inputs(&settings, &harvest)?;
    let labels = settings.ask.kept();
    let archive = Archive {
        ledger: &harvest.ledger,
        repeated: &harvest.repeated,
        labels: &labels,
        inputs: &inputs,
    };
    write_archive(&archive, &mut file).map_err(|source| CliError::write(&args.output, source))?;
    file.finish()?;
    if !globals.quiet {
        let rows =
            harvest.files.iter().map(|file| file.rows.priced.saturating_add(file.rows.unpriced));
        let rows = rows.fold(0_u64, u64::saturating_add);
        let text = format!("tierwise: {rows} rows of usage saved in {}", args.output);
        // Nowhere else to tell it.
        let _ = writeln!(std::io::stderr(), "{text}");
    }
    Ok(Outcome::Done)
}

impl LedgerArgs {
    /// What a ledger cannot keep is refused.
    fn check(&self) -> Result<(), CliError> {
        let unkept = [
            ("--alias", !self.rates.alias.is_empty()),
            ("--region", !self.rates.region.is_empty()),
            ("--assume-date", self.logs.assume_date.is_some()),
            ("--published-only", self.rates.published_only),
        ];
        if let Some((option, _)) = unkept.iter().find(|(_, given)| *given) {
            let message =
                format!("{option} is for the reports of a ledger, which keeps what logs say");
            return Err(CliError::Usage(message));
        }
        if std::path::Path::new(&self.output).extension().is_none_or(|ext| ext != "parquet") {
            let message = format!("-o {}: a ledger is a .parquet file", self.output);
            return Err(CliError::Usage(message));
        }
        Ok(())
    }
}

/// What became of each input, with the digest of its file.
fn inputs(settings: &Settings, harvest: &Harvest) -> Result<Vec<InputInfo>, CliError> {
    let digest = |source: &Source| match source {
        Source::File(path) if !source.is_stream() => std::fs::File::open(path)
            .and_then(sha256_of)
            .map_err(|error| CliError::Read { path: source.name(), source: error }),
        Source::File(_) | Source::Stdin => Ok(String::new()),
    };
    let mut inputs = Vec::new();
    for (source, account) in settings.inputs.sources.iter().zip(&harvest.files) {
        if account.made_of.is_empty() {
            inputs.push(InputInfo::new(account, digest(source)?));
        } else {
            inputs.extend(account.made_of.iter().cloned());
        }
    }
    Ok(inputs)
}
