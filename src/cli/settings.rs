//! What commands that read logs have in common: checked settings, and the run
//! over the inputs.

use std::path::Path;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::Globals;
use super::arguments::{LogArgs, MapArgs, RateArgs, TuningArgs, zone};
use super::error::CliError;
use super::output::{AtomicFile, resolved};
use super::progress::Progress;
use crate::formats::{Ask, Format};
use crate::input::{Inputs, Source};
use crate::ledger::{Cuts, FileAccount};
use crate::pipeline::{self, Harvest, MakePrices, Plan, Prices, RowSink, Tuning};
use crate::rates::{Aliases, RateBook};
use crate::scenario::Pricer;
use crate::usage::{Dimension, Instant};

/// What was typed.
pub(super) struct Asked<'a> {
    pub(super) logs: &'a LogArgs,
    pub(super) rates: &'a RateArgs,
    pub(super) map: &'a MapArgs,
    pub(super) tuning: &'a TuningArgs,
    pub(super) by: &'a [String],
    /// What the ledger keeps besides, where logs have it.
    pub(super) also: &'a [Dimension],
    /// What each row shows without being grouped by it.
    pub(super) show: Vec<Dimension>,
    pub(super) timezone: &'a str,
    pub(super) output: Option<&'a str>,
    /// Files besides: the option and the file.
    pub(super) files: &'a [(&'static str, Option<&'a str>)],
    pub(super) rejects: Option<&'a str>,
}

/// Checked settings.
pub(super) struct Settings {
    pub(super) ask: Ask,
    pub(super) zone: TimeZone,
    pub(super) book: RateBook,
    pub(super) aliases: Aliases,
    /// When rows without a time are priced.
    pub(super) assumed: Instant,
    pub(super) format: Option<Format>,
    pub(super) inputs: Inputs,
    rejects: Option<String>,
    tuning: Tuning,
}

impl Settings {
    /// Checks what was typed.
    pub(super) fn check(asked: &Asked<'_>) -> Result<Self, CliError> {
        let zone = zone(asked.timezone)?;
        let book = asked.rates.book()?;
        let aliases = asked.rates.aliases(&book)?;
        let assumed = asked.logs.assumed(&book, &zone)?;
        let inputs = Inputs::find(&asked.logs.logs)?;
        check_outputs(asked, &inputs)?;
        Ok(Self {
            ask: asked.logs.ask(asked.by, (asked.also, asked.show.clone()), &zone)?,
            zone,
            book,
            aliases,
            assumed,
            format: asked.map.format()?,
            inputs,
            rejects: asked.rejects.map(str::to_owned),
            tuning: asked.tuning.tuning(!asked.show.is_empty()),
        })
    }

    /// A pricer over the book.
    pub(super) fn pricer(&self) -> Pricer<'_> {
        self.pricer_of(&self.book)
    }

    /// A pricer over another one.
    pub(super) fn pricer_of<'s>(&'s self, book: &'s RateBook) -> Pricer<'s> {
        Pricer::new(book, &self.aliases, self.assumed)
    }

    /// Reads the inputs. Rows go to `sink`, rejected records to their file.
    pub(super) fn read(
        &self,
        globals: Globals,
        sink: &mut RowSink<'_>,
    ) -> Result<Harvest, CliError> {
        let pricer = self.pricer();
        self.read_with(globals, sink, &|| Prices::of_each(pricer.another()))
    }

    /// The same with prices that say which rows are summed together.
    pub(super) fn read_with<'s>(
        &'s self,
        globals: Globals,
        sink: &mut RowSink<'_>,
        prices: MakePrices<'_, 's>,
    ) -> Result<Harvest, CliError> {
        let rejects = self.rejects.as_deref().map(AtomicFile::create).transpose()?;
        let total = || self.inputs.sources.iter().map(Source::size).sum::<Option<u64>>();
        let failed = |source| CliError::write(self.rejects.as_deref().unwrap_or("rejects"), source);
        let mut progress = Progress::new(globals, total, rejects).map_err(failed)?;
        let plan = Plan {
            inputs: &self.inputs,
            ask: &self.ask,
            format: self.format.as_ref(),
            cuts: Arc::new(Cuts::new(&self.book, self.zone.clone())),
            tuning: self.tuning.clone(),
        };
        let harvest = pipeline::run_rows(&plan, prices, &mut progress, sink);
        let rejects = progress.finish().map_err(failed)?;
        let harvest = harvest?;
        if let Some(rejects) = rejects {
            rejects.finish()?;
        }
        Ok(harvest)
    }
}

/// Every output needs a place of its own.
fn check_outputs(asked: &Asked<'_>, inputs: &Inputs) -> Result<(), CliError> {
    let mut places = Vec::new();
    let own = [("-o", asked.output), ("--rejects", asked.rejects)];
    let outputs = own.iter().chain(asked.files);
    for (option, output) in outputs.filter_map(|(option, output)| Some((*option, (*output)?))) {
        check_output(output, &asked.rates.rates, inputs)?;
        let place = resolved(output);
        if places.contains(&place) || (option != "-o" && output == "-") {
            return Err(CliError::Usage(format!(
                "{option} {output}: this output needs a file of its own"
            )));
        }
        places.push(place);
    }
    Ok(())
}

/// An output must not replace what is being read.
fn check_output(output: &str, cards: &[String], inputs: &Inputs) -> Result<(), CliError> {
    let Ok(real) = Path::new(output).canonicalize() else { return Ok(()) };
    let is_it = |path: &Path| path.canonicalize().is_ok_and(|path| path == real);
    let logs = inputs.sources.iter().any(|source| match source {
        Source::Stdin => false,
        Source::File(path) => is_it(path),
    });
    if logs || cards.iter().any(|card| is_it(Path::new(card))) {
        return Err(CliError::Usage(format!(
            "{output} is an input of this run and would be replaced"
        )));
    }
    Ok(())
}

/// The law of conservation; a breach means that nothing is reported.
pub(super) fn check_conserved(files: &[FileAccount]) -> Result<(), CliError> {
    match files.iter().find(|file| !file.rows.is_conserved()) {
        None => Ok(()),
        Some(file) => {
            Err(CliError::Law(format!("{}: the rows do not add up: {:?}", file.path, file.rows)))
        }
    }
}
