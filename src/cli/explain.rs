//! `tierwise explain`.

use std::sync::Arc;

use clap::Args;
use jiff::tz::TimeZone;

use super::arguments::{MapArgs, OutputForm, RateArgs, instant};
use super::error::CliError;
use super::output;
use super::{Globals, Outcome};
use crate::formats::{Ask, Bound, Detected, MAX_LABELS, ReadField, Reading, recognise};
use crate::input::{self, Chunker, Inputs, Source};
use crate::ledger::{Cell, Cuts, Ledger, Segments};
use crate::pipeline::{PipelineError, Tuning};
use crate::rates::RateBook;
use crate::report::{Explanation, Record, explain, explain_json, explain_terminal};
use crate::scenario::{OutOfRange, Pricer, RowPricer};
use crate::usage::UsageRow;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tierwise explain --row usage.csv:17\n  \
    tierwise explain logs/ --row logs/worker.jsonl:3 --format json\n  \
    tierwise explain usage.csv --row usage.csv:17 --published-only")]
pub(super) struct ExplainArgs {
    /// The logs as they were given to `report` or `price`; without any, the
    /// file of --row.
    #[arg(value_name = "LOGS")]
    logs: Vec<String>,

    /// The row: its file and the line that it begins on, as `price` and
    /// --rejects name them.
    #[arg(long, required = true, value_name = "FILE:LINE")]
    row: String,

    /// Price a row without a time as of this day or instant, instead of the
    /// rate book's date.
    #[arg(long, value_name = "WHEN")]
    assume_date: Option<String>,

    #[command(flatten)]
    rates: RateArgs,

    #[command(flatten)]
    map: MapArgs,

    /// Form of the explanation.
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    format: OutputForm,
}

/// Runs the command.
pub(super) fn run(args: &ExplainArgs, globals: Globals) -> Result<Outcome, CliError> {
    let (file, line) = args.place()?;
    let logs = if args.logs.is_empty() { vec![file.to_owned()] } else { args.logs.clone() };
    let inputs = Inputs::find(&logs)?;
    let source = inputs.sources.iter().find(|source| source.name() == file);
    let source = source.ok_or_else(|| {
        CliError::Usage(format!("--row {}: `{file}` is not among the logs", args.row))
    })?;
    let book = args.rates.book()?;
    let aliases = args.rates.aliases(&book)?;
    let assumed = match &args.assume_date {
        Some(text) => instant("--assume-date", text, &TimeZone::UTC)?,
        None => book.as_of(),
    };
    let mut explainer = Explainer {
        cuts: Arc::new(Cuts::new(&book, TimeZone::UTC)),
        pricer: || Pricer::new(&book, &aliases, assumed),
        book: &book,
        path: file,
        line,
        found: Vec::new(),
    };
    args.read(source, &mut explainer)?;
    let text = match (args.format, explainer.found) {
        (_, found) if found.is_empty() => {
            return Err(CliError::Usage(format!(
                "--row {}: no record begins on that line",
                args.row
            )));
        }
        (OutputForm::Json, found) => explain_json(&found)?,
        (OutputForm::Terminal, found) => {
            let style = output::style(globals, false);
            let texts = found.iter().map(|explanation| explain_terminal(explanation, style));
            texts.collect::<Vec<_>>().join("\n")
        }
    };
    output::Output::open(None)?.write(&text)?;
    Ok(Outcome::Done)
}

impl ExplainArgs {
    /// The file and the line.
    fn place(&self) -> Result<(&str, u64), CliError> {
        let parts = self.row.rsplit_once(':');
        let parts = parts.and_then(|(file, line)| Some((file, line.parse().ok()?)));
        parts.filter(|(file, line)| !file.is_empty() && *line > 0).ok_or_else(|| {
            CliError::Usage(format!(
                "--row {}: expected FILE:LINE, for example usage.csv:17",
                self.row
            ))
        })
    }

    /// Reads a file up to the line.
    fn read<'b, P: Fn() -> Pricer<'b>>(
        &self,
        source: &Source,
        explainer: &mut Explainer<'_, P>,
    ) -> Result<(), CliError> {
        let mut head = input::open(source)?;
        let (path, format, line) = (source.name(), self.map.format()?, explainer.line);
        let detected = recognise(&path, &mut head, format.as_ref(), &Ask::default())
            .map_err(PipelineError::from)?;
        let Detected::Log(bound) = detected else {
            return Ok(());
        };
        let size = Tuning::default().chunk_size;
        let mut chunker =
            Chunker::new(bound.open(head.stream), &path, bound.framing, size).counting_lines();
        while let Some(chunk) = chunker.next_chunk()?.filter(|chunk| chunk.first_line <= line) {
            let mut outcome = Ok(());
            bound.trace(&chunk, line, &mut |mut reading, fields| {
                if let Reading::Row(row) = &mut reading {
                    row.count_all_sessions();
                }
                let added = explainer.add(&bound, &reading, &fields);
                if outcome.is_ok() {
                    outcome = added;
                }
            });
            outcome?;
        }
        Ok(())
    }
}

/// Explains the records of one line.
struct Explainer<'e, P> {
    cuts: Arc<Cuts>,
    pricer: P,
    book: &'e RateBook,
    path: &'e str,
    line: u64,
    found: Vec<Explanation>,
}

impl<'b, P: Fn() -> Pricer<'b>> Explainer<'_, P> {
    fn add(
        &mut self,
        bound: &Bound,
        reading: &Reading<'_>,
        fields: &[ReadField],
    ) -> Result<(), OutOfRange> {
        let mut record = Record {
            path: self.path,
            line: self.line,
            format: &bound.format,
            fields,
            reading,
            quoted: None,
            region: String::new(),
            book: self.book,
        };
        let Reading::Row(row) = reading else {
            self.found.push(explain(&record));
            return Ok(());
        };
        let mut ledger = Ledger::new(Arc::clone(&self.cuts));
        let when = Segments::new(&self.cuts).of_row(row);
        let key = ledger.add(row, bound.format.name, &[None; MAX_LABELS], when);
        let cell = Cell::of_row(row);
        let view = ledger.view(&key, &cell);
        let mut pricer = RowPricer::new((self.pricer)());
        let quote = pricer.quote(&view)?;
        if let Some(found) = quote.found {
            record.region = pricer.pricer().region(&view, found.model);
        }
        if has_usage(row) {
            record.quoted =
                Some((view, &quote, row.start.unwrap_or(pricer.pricer().instant(&view))));
        }
        self.found.push(explain(&record));
        Ok(())
    }
}

fn has_usage(row: &UsageRow<'_>) -> bool {
    row.quantities.nonzero().next().is_some()
}
