//! `tierwise price`.

use std::io::{self, Write};
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::arguments::{LogArgs, MapArgs, RateArgs, TuningArgs};
use super::error::CliError;
use super::output::AtomicFile;
use super::settings::{Asked, Settings, check_conserved};
use super::{Globals, Outcome};
use crate::formats::{COUNTED, Labels};
use crate::frame::{Register, RowTable};
use crate::ledger::RowCounts;
use crate::money::thousands;
use crate::pipeline::{ChunkRows, Harvest, MakeRows, PipelineError, RowSink, SeenRow};
use crate::rates::{ManyRates, put_totals};
use crate::report::{
    Batch, BatchContent, BatchMaker, KnownRow, KnownRows, PricedRow, RowForm, RowKind, USD,
    row_columns, row_scenarios, rows_header,
};
use crate::scenario::{OutOfRange, RowPricer};
use crate::usage::Dimension;

/// The outputs of priced rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OutputFormat {
    /// Comma-separated text.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// A Parquet file.
    Parquet,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Rows come in the order of the inputs, which are sorted by name. Amounts are exact: \
    decimal text, and DECIMAL(28, 18) in Parquet. A cell without a price is empty, with the reason \
    beside it: no tier takes another one's place. The rows that have a price add up to what `report` says, where a tier's empty cell counts \
    with the row's Standard price.\n\nExamples:\n  \
    tierwise price logs/ -o rows.parquet\n  \
    tierwise price usage.csv --where project=search --format jsonl | jq .flex_usd\n  \
    tierwise price 'exports/*.jsonl' --from 2026-10-01 -o october.csv --rejects rejects.csv"
)]
pub(super) struct PriceArgs {
    #[command(flatten)]
    logs: LogArgs,

    #[command(flatten)]
    rates: RateArgs,

    #[command(flatten)]
    map: MapArgs,

    /// Form of the rows; by the ending of the file where it is not given, and
    /// CSV on standard output.
    #[arg(long, value_enum, help_heading = "Output")]
    format: Option<OutputFormat>,

    /// Write the rows to a file, which appears whole or not at all.
    #[arg(short, long = "out", alias = "output", value_name = "FILE", help_heading = "Output")]
    output: Option<String>,

    /// In CSV, leave text of the logs that a spreadsheet would run as a formula
    /// (it begins with = + - @ or a tab) without the apostrophe before it.
    #[arg(long, help_heading = "Output")]
    raw: bool,

    /// Write every rejected record to this CSV file.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    rejects: Option<String>,

    #[command(flatten)]
    tuning: TuningArgs,
}

/// Runs the command.
pub(super) fn run(args: &PriceArgs, globals: Globals) -> Result<Outcome, CliError> {
    let form = args.form()?;
    let settings = args.settings()?;
    let harvest = match args.file() {
        None => {
            let mut out = io::BufWriter::new(io::stdout().lock());
            let to = ("standard output", &mut out as &mut dyn Write);
            let harvest = write_rows(&settings, globals, (form, false), to)?;
            out.flush().map_err(|source| CliError::write("standard output", source))?;
            harvest
        }
        Some(path) => {
            let mut file = AtomicFile::create(path)?;
            let tries = file.is_whole();
            let mut harvest = write_rows(&settings, globals, (form, tries), (path, &mut file));
            // Most inputs are read once: for the others the file is begun again.
            if let Err(CliError::Pipeline(PipelineError::KeysUnknown { .. })) = harvest {
                file = AtomicFile::create(path)?;
                harvest = write_rows(&settings, globals, (form, false), (path, &mut file));
            }
            let harvest = harvest?;
            file.finish()?;
            harvest
        }
    };
    if !globals.quiet {
        // Nowhere else to tell it.
        let _ = writeln!(io::stderr(), "tierwise: {}", summary(&harvest));
    }
    Ok(Outcome::Done)
}

impl PriceArgs {
    /// The file to write; `None` for standard output.
    fn file(&self) -> Option<&str> {
        self.output.as_deref().filter(|path| *path != "-")
    }

    fn form(&self) -> Result<RowForm, CliError> {
        let ending = |path: &str| {
            let (_, ending) = path.rsplit_once('.')?;
            OutputFormat::from_str(ending, true).ok()
        };
        let format = match (self.format, self.file()) {
            (Some(format), _) => format,
            (None, None) => OutputFormat::Csv,
            (None, Some(path)) => ending(path).ok_or_else(|| {
                let message = format!(
                    "-o {path}: the ending is none of .csv, .jsonl and .parquet; give --format"
                );
                CliError::Usage(message)
            })?,
        };
        match format {
            OutputFormat::Csv => Ok(RowForm::Csv { raw: self.raw }),
            OutputFormat::Jsonl => Ok(RowForm::Jsonl),
            OutputFormat::Parquet if self.file().is_none() => Err(CliError::Usage(
                "a Parquet file does not go to standard output; give -o FILE".to_owned(),
            )),
            OutputFormat::Parquet => Ok(RowForm::Parquet),
        }
    }

    fn settings(&self) -> Result<Settings, CliError> {
        Settings::check(&Asked {
            logs: &self.logs,
            rates: &self.rates,
            map: &self.map,
            tuning: &self.tuning,
            by: &[],
            also: &[],
            show: SHOWN.to_vec(),
            timezone: "UTC",
            output: self.output.as_deref(),
            files: &[],
            rejects: self.rejects.as_deref(),
        })
    }
}

/// What rows show of their logs besides what every row has.
const SHOWN: [Dimension; 3] = [Dimension::Project, Dimension::User, Dimension::ApiKey];

/// Prices the rows of chunks.
struct Maker<'m> {
    settings: &'m Settings,
    form: RowForm,
    register: Arc<Register>,
    /// Where the labels of [`SHOWN`] are.
    labels: [Option<usize>; 3],
}

struct ChunkMaker<'m> {
    maker: &'m Maker<'m>,
    pricer: RowPricer<'m>,
    batch: BatchMaker,
    /// The rates of the kinds of rows that were met.
    kinds: Vec<ManyRates<USD>>,
    /// Memory for what known rows cost.
    usd: Vec<[i64; USD]>,
}

impl MakeRows for Maker<'_> {
    fn takes_known(&self) -> bool {
        self.form == RowForm::Parquet
    }

    fn begin(&self) -> Box<dyn ChunkRows + Send + '_> {
        let pricer = RowPricer::new(self.settings.pricer());
        let batch = BatchMaker::new(self.form, &self.register);
        Box::new(ChunkMaker { maker: self, pricer, batch, kinds: Vec::new(), usd: Vec::new() })
    }
}

impl Maker<'_> {
    fn shown<'l>(&self, labels: &Labels<'l>) -> [Option<&'l str>; 3] {
        self.labels.map(|at| at.and_then(|at| labels.get(at)).copied().flatten())
    }
}

impl ChunkRows for ChunkMaker<'_> {
    fn take(&mut self, seen: &SeenRow<'_>) -> Result<(), OutOfRange> {
        let quote = self.pricer.quote(&seen.view)?;
        self.batch.push(&PricedRow {
            path: seen.path,
            row: seen.row,
            labels: self.maker.shown(seen.labels),
            quote: &quote,
            book: &self.maker.settings.book,
        })
    }

    fn learn(&mut self, seen: &SeenRow<'_>) -> Option<(RowKind, u32)> {
        let (stamp, labels) = self.batch.last_stamps()?;
        let place = |meter| COUNTED.iter().position(|counted| *counted == meter);
        let places = seen.view.meters().map(place).collect::<Option<Vec<usize>>>()?;
        let rates = self.pricer.rates(&seen.view, &places, row_scenarios())?;
        let number = u32::try_from(self.kinds.len()).ok()?;
        let quote = self.pricer.quote(&seen.view).ok()?;
        if quote.costs.iter().flatten().any(|cost| cost.range.is_some()) {
            return None;
        }
        let priced = quote.costs.is_ok();
        self.kinds.push(rates);
        Some((RowKind { number, stamp, priced }, labels))
    }

    fn learn_labels(&mut self, labels: &Labels<'_>) -> Option<u32> {
        self.batch.labels(self.maker.shown(labels))
    }

    fn take_known(&mut self, known: &KnownRows<'_>) -> bool {
        let Self { kinds, batch, usd, .. } = self;
        usd.clear();
        let kind = |row: &KnownRow| kinds.get(usize::try_from(row.kind.number).ok()?);
        put_totals(known.rows.iter().map(kind), known.counts, usd) && batch.push_known(known, usd)
    }

    fn finish(&mut self) -> Batch {
        self.batch.finish()
    }
}

/// Where the rows go.
enum Writer<'w> {
    Text(&'w mut dyn Write),
    Table(Box<RowTable<&'w mut dyn Write>>),
}

impl<'w> Writer<'w> {
    fn new(form: RowForm, register: &Arc<Register>, out: &'w mut dyn Write) -> io::Result<Self> {
        match form {
            RowForm::Parquet => {
                let table = RowTable::new(row_columns(), Arc::clone(register), out)?;
                Ok(Self::Table(Box::new(table)))
            }
            RowForm::Csv { .. } | RowForm::Jsonl => {
                out.write_all(rows_header(form).as_bytes())?;
                Ok(Self::Text(out))
            }
        }
    }

    fn write(&mut self, content: BatchContent) -> io::Result<()> {
        match (self, content) {
            (Self::Text(out), BatchContent::Text(text)) => out.write_all(&text),
            (Self::Table(table), BatchContent::Table(rows)) => table.push(rows),
            (Self::Text(_), BatchContent::Table(_)) | (Self::Table(_), BatchContent::Text(_)) => {
                Err(io::Error::other("rows of another form"))
            }
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Text(_) => Ok(()),
            Self::Table(table) => table.finish(),
        }
    }
}

/// Writes every row; nothing is done to the file's name. With `tries` the inputs are not read
/// before the first row is written, which may fail as [`RowSink::trying`] says.
fn write_rows(
    settings: &Settings,
    globals: Globals,
    (form, tries): (RowForm, bool),
    (path, out): (&str, &mut dyn Write),
) -> Result<Harvest, CliError> {
    let failed = |source| CliError::write(path, source);
    let known = settings.ask.labels();
    let labels = SHOWN.map(|shown| known.iter().position(|label| *label == shown));
    let register = Arc::default();
    let mut writer = Writer::new(form, &register, out).map_err(failed)?;
    let maker = Maker { settings, form, register, labels };
    let mut written = RowCounts::default();
    let mut sink = RowSink::new(&maker, |batch| {
        written.priced = written.priced.saturating_add(batch.priced);
        written.unpriced = written.unpriced.saturating_add(batch.unpriced);
        writer.write(batch.content)
    });
    if tries {
        sink = sink.trying();
    }
    let harvest = settings.read(globals, &mut sink).map_err(|error| {
        if let CliError::Pipeline(PipelineError::Rows(source)) = error {
            failed(source)
        } else {
            error
        }
    })?;
    drop(sink);
    check_written(&harvest, &written)?;
    writer.finish().map_err(failed)?;
    Ok(harvest)
}

/// What was written is what was counted.
fn check_written(harvest: &Harvest, written: &RowCounts) -> Result<(), CliError> {
    check_conserved(&harvest.files)?;
    let read = read_rows(harvest);
    if (read.priced, read.unpriced) == (written.priced, written.unpriced) {
        return Ok(());
    }
    Err(CliError::Law(format!(
        "{} and {} rows with and without a price were read, {} and {} written",
        read.priced, read.unpriced, written.priced, written.unpriced
    )))
}

fn read_rows(harvest: &Harvest) -> RowCounts {
    let mut rows = RowCounts::default();
    for file in &harvest.files {
        rows.add(&file.rows);
    }
    rows
}

/// What became of the records, in one line.
fn summary(harvest: &Harvest) -> String {
    let rows = read_rows(harvest);
    let count = |n: u64| thousands(u128::from(n));
    let written = rows.priced.saturating_add(rows.unpriced);
    format!(
        "{} records read, {} rows written ({} priced, {} unpriced); not written: {} rejected, \
         {} duplicate, {} empty, {} filtered, {} billed only",
        count(rows.read),
        count(written),
        count(rows.priced),
        count(rows.unpriced),
        count(rows.rejected),
        count(rows.duplicate),
        count(rows.empty),
        count(rows.filtered),
        count(rows.billed_only)
    )
}
