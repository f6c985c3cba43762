//! `tierwise report`.

use std::io::Write;

use clap::{Args, ValueEnum};

use super::arguments::{AssumeArgs, LogArgs, MapArgs, RateArgs, TuningArgs, share};
use super::error::CliError;
use super::output::{self, Output};
use super::settings::{Asked, Settings, check_conserved};
use super::{Globals, Outcome};
use crate::ledger::{FileAccount, Ledger, Unlabelled};
use crate::money::{Money, Share};
use crate::pipeline::{Harvest, Prices, RowSink};
use crate::rates::{Evidence, RateBook};
use crate::report::{
    self, Arguments, Assumed, Detail, Gates, Report, Sources, build, markdown, terminal, write_csv,
    write_html, write_json, write_parquet,
};
use crate::scenario::{Comparison, Hands, Options, Pricer, Uncovered, assume_cached, compare};
use crate::usage::Instant;

/// What becomes of rows that a tier cannot price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Default)]
enum UncoveredArg {
    /// They take their Standard price, which is stated.
    #[default]
    Standard,
    /// They are left out on both sides of the comparison.
    Exclude,
}

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Default)]
enum ReportForm {
    /// Text for a terminal.
    #[default]
    Terminal,
    /// Everything, amounts as exact decimal text.
    Json,
    /// For a pull request or a wiki.
    Markdown,
    /// The groups as a table, with whole numbers, exact decimals and a row of totals.
    Csv,
    /// The groups as a Parquet file, with whole numbers and amounts as exact text.
    Parquet,
    /// A page for a browser, whose figures answer to choices of tier and caching.
    Html,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tierwise report logs/ usage.csv.gz\n  \
    tierwise report 'exports/*.jsonl' --by model,day --from 2026-10-01 --to 2026-11-01\n  \
    tierwise report logs/ --html october.html\n  \
    tierwise report logs/ --where project=search --by user --format csv -o users.csv\n  \
    tierwise report logs/ --alias my-deployment=gpt-4.1-mini --max-unpriced 0.1%\n  \
    zcat usage.csv.gz | tierwise report - --format json -o october.json")]
pub(super) struct ReportArgs {
    /// Group by provider, model, tier, project, user, api-key, endpoint, day,
    /// week, month, format, or a column of the input; several with commas.
    #[arg(long, value_delimiter = ',', default_value = "model", value_name = "WHAT")]
    by: Vec<String>,

    #[command(flatten)]
    logs: LogArgs,

    /// Zone of days, weeks and months.
    #[arg(long, default_value = "UTC", value_name = "ZONE")]
    timezone: String,

    /// What becomes of rows that a tier cannot price.
    #[arg(long, value_enum, default_value_t)]
    uncovered: UncoveredArg,

    #[command(flatten)]
    assume: AssumeArgs,

    #[command(flatten)]
    rates: RateArgs,

    #[command(flatten)]
    map: MapArgs,

    /// Write every rejected record to this CSV file.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    rejects: Option<String>,

    /// A credit to show beside the recorded cost; it changes no rate.
    #[arg(long, value_name = "USD", allow_negative_numbers = true, value_parser = credit, help_heading = "Rates")]
    credit: Option<Money>,

    /// Form of the report.
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    format: ReportForm,

    /// Write the report to a file, which appears whole or not at all.
    #[arg(short, long = "out", alias = "output", value_name = "FILE", help_heading = "Output")]
    output: Option<String>,

    /// Write the report as a page for a browser too.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    html: Option<String>,

    /// Exit with 3 if more than this share of the rows has no price.
    #[arg(long, value_name = "SHARE", value_parser = share, help_heading = "Gates")]
    max_unpriced: Option<Share>,

    /// Exit with 3 if more records than this are rejected.
    #[arg(long, value_name = "N", help_heading = "Gates")]
    max_rejected: Option<u64>,

    #[command(flatten)]
    tuning: TuningArgs,
}

fn credit(text: &str) -> Result<Money, String> {
    match Money::parse_rounded(text) {
        Ok((credit, false)) if credit >= Money::ZERO => Ok(credit),
        _ => Err("expected an amount in USD such as 500 or 12.50".to_owned()),
    }
}

/// Runs the command.
pub(super) fn run(args: &ReportArgs, globals: Globals) -> Result<Outcome, CliError> {
    let settings = args.settings()?;
    if args.format == ReportForm::Parquet && args.output.as_deref().is_none_or(|out| out == "-") {
        let message = "a Parquet file does not go to standard output; give -o FILE";
        return Err(CliError::Usage(message.to_owned()));
    }
    let out = Output::open(args.output.as_deref())?;
    let page = args.html.as_deref().map(|html| Output::open(Some(html))).transpose()?;
    let books = args.other_books(&settings);
    let pricers = Pricers::of(&settings, &books);
    let prices = || args.prices(&pricers);
    let Harvest { ledger, repeated, files, threads } =
        settings.read_with(globals, &mut RowSink::none(), &prices)?;
    let harvest = (ledger, &repeated, files.as_slice());
    let (report, detail) = args.report((&settings, &pricers), harvest, &threads)?;
    let html =
        |out: &mut dyn Write| detail.iter().try_for_each(|one| write_html(&report, one, out));
    if let Some(page) = page {
        page.write_by(html)?;
    }
    match args.format {
        ReportForm::Terminal => {
            out.write(&terminal(&report, output::style(globals, args.output.is_some())))?;
        }
        ReportForm::Markdown => out.write(&markdown(&report))?,
        ReportForm::Csv => out.write_by(|out| write_csv(&report, &threads, out))?,
        ReportForm::Json => out.write_by(|out| write_json(&report, &threads, out))?,
        ReportForm::Parquet => out.write_by(|out| write_parquet(&report, out))?,
        ReportForm::Html => out.write_by(html)?,
    }
    let tripped = report.gates.iter().any(|gate| gate.tripped);
    // The program ends here: millions of groups need not be taken apart.
    std::mem::forget((report, detail));
    Ok(if tripped { Outcome::GateTripped } else { Outcome::Done })
}

impl ReportArgs {
    fn settings(&self) -> Result<Settings, CliError> {
        Settings::check(&Asked {
            logs: &self.logs,
            rates: &self.rates,
            map: &self.map,
            tuning: &self.tuning,
            by: &self.by,
            also: if self.makes_page() { &Detail::KEPT } else { &[] },
            show: Vec::new(),
            timezone: &self.timezone,
            output: self.output.as_deref(),
            files: &[("--html", self.html.as_deref())],
            rejects: self.rejects.as_deref(),
        })
    }

    /// The rates that are shown beside its own: none where groups alone are shown.
    fn other_books(&self, settings: &Settings) -> Books {
        let shows_groups = matches!(self.format, ReportForm::Csv | ReportForm::Parquet);
        if shows_groups && self.html.is_none() {
            return Books::default();
        }
        Books {
            published_only: Some(settings.book.published_only()),
            list_prices: settings.book.list_prices(),
        }
    }

    fn makes_page(&self) -> bool {
        self.html.is_some() || self.format == ReportForm::Html
    }

    /// What reading asks of prices: the ledger is priced with all of these books, and is
    /// neither kept nor shown but on a page.
    fn prices<'b>(&self, pricers: &Pricers<'b>) -> Prices<'b> {
        let own = pricers.own.another();
        if self.makes_page() || self.assume.assume_cached.is_some() {
            return Prices::of_each(own);
        }
        let others = pricers.published_only.iter().chain(&pricers.list_prices);
        Prices::of_sums(own, others.map(Pricer::another).collect())
    }

    /// The report, and what its page shows besides where one is made.
    fn report(
        &self,
        (settings, pricers): (&Settings, &Pricers<'_>),
        (ledger, repeated, files): (Ledger, &Ledger, &[FileAccount]),
        hands: &dyn Hands,
    ) -> Result<(Report, Option<Detail>), CliError> {
        let options = Options {
            by: settings.ask.by.clone(),
            labels: settings.ask.kept(),
            zone: settings.zone.clone(),
            uncovered: match self.uncovered {
                UncoveredArg::Standard => Uncovered::Standard,
                UncoveredArg::Exclude => Uncovered::Exclude,
            },
        };
        let usage = ledger.unlabelled();
        let own = Priced::new(pricers, (&usage, hands), &options, None)?;
        check_laws(files, &own.comparison, !options.by.is_empty())?;
        let share = self.assume.assume_cached;
        let assumed = share
            .map(|share| Priced::new(pricers, (&usage, hands), &options, Some(share)))
            .transpose()?;
        let totals = Options { by: Vec::new(), ..options.clone() };
        let duplicates =
            compare(&repeated.unlabelled(), &mut pricers.own.another(), &totals, hands)?;
        let mut pricer = pricers.own.another();
        let detail = || Detail::of((&usage, &own.comparison), &mut pricer, &options, hands);
        let detail = self.makes_page().then(detail).transpose()?;
        // The ledger may be large, and all of it is priced.
        drop(usage);
        drop(ledger);
        let report::Prices { comparison, published_only, list_prices } = own.prices();
        let report = build(&Sources {
            book: &settings.book,
            comparison,
            published_only,
            list_prices,
            duplicates: &duplicates,
            assumed: share
                .zip(assumed.as_ref())
                .map(|(share, priced)| Assumed { share, prices: priced.prices() }),
            files,
            skipped: &settings.inputs.skipped,
            repeated: &settings.inputs.repeated,
            by: &settings.ask.by,
            labels: &settings.ask.labels(),
            zone: &settings.zone,
            arguments: self.arguments(settings),
            credit: self.credit,
            gates: Gates { max_unpriced: self.max_unpriced, max_rejected: self.max_rejected },
        });
        Ok((report, detail))
    }

    fn arguments(&self, settings: &Settings) -> Arguments {
        let text = |at: Instant| at.to_string();
        Arguments {
            by: settings.ask.by.iter().map(|dimension| dimension.name().to_owned()).collect(),
            from: settings.ask.from.map(text),
            to: settings.ask.to.map(text),
            filters: self.logs.filters.clone(),
            timezone: self.timezone.clone(),
            published_only: self.rates.published_only,
            rates: self.rates.rates.clone(),
            aliases: self.rates.alias.clone(),
            regions: self.rates.region.clone(),
            map: self.map.map.clone(),
            map_file: self.map.map_file.clone(),
            assume_date: self.logs.assume_date.as_ref().map(|_| settings.assumed.to_string()),
            uncovered: match self.uncovered {
                UncoveredArg::Standard => "standard",
                UncoveredArg::Exclude => "exclude",
            },
            assume_cached: self.assume.assume_cached,
            dedupe: self.logs.dedupe.clone(),
        }
    }
}

/// The rates that a report shows beside its own.
#[derive(Default)]
struct Books {
    /// Those that providers published themselves.
    published_only: Option<RateBook>,
    /// Those without the user's cards, where there are any.
    list_prices: Option<RateBook>,
}

/// A pricer over each book of a report.
struct Pricers<'b> {
    own: Pricer<'b>,
    published_only: Option<Pricer<'b>>,
    list_prices: Option<Pricer<'b>>,
}

impl<'b> Pricers<'b> {
    fn of(settings: &'b Settings, books: &'b Books) -> Self {
        let pricer =
            |book: &'b Option<RateBook>| book.as_ref().map(|book| settings.pricer_of(book));
        Self {
            own: settings.pricer(),
            published_only: pricer(&books.published_only),
            list_prices: pricer(&books.list_prices),
        }
    }
}

/// The ledger of a run, priced with each set of rates that its report shows.
struct Priced {
    comparison: Comparison,
    published_only: Option<Comparison>,
    list_prices: Option<Comparison>,
}

impl Priced {
    /// As recorded and without caching; with a share, as if that were cached.
    fn new(
        pricers: &Pricers<'_>,
        (usage, hands): (&Unlabelled<'_>, &dyn Hands),
        options: &Options,
        share: Option<Share>,
    ) -> Result<Self, CliError> {
        let price = |pricer: &Pricer<'_>, options: &Options| {
            let mut pricer = pricer.another();
            match share {
                None => compare(usage, &mut pricer, options, hands),
                Some(share) => assume_cached(usage, &mut pricer, (options, share), hands),
            }
        };
        let comparison = price(&pricers.own, options)?;
        let totals = Options { by: Vec::new(), ..options.clone() };
        let beside =
            |pricer: Option<&Pricer<'_>>| pricer.map(|pricer| price(pricer, &totals)).transpose();
        let published_only = pricers.published_only.as_ref();
        let published_only = beside(published_only.filter(|_| rests_on_others(&comparison)))?;
        let list_prices = beside(pricers.list_prices.as_ref())?;
        Ok(Self { comparison, published_only, list_prices })
    }

    fn prices(&self) -> report::Prices<'_> {
        report::Prices {
            comparison: &self.comparison,
            published_only: self.published_only.as_ref(),
            list_prices: self.list_prices.as_ref(),
        }
    }
}

/// Whether others than the providers vouch for a part of a total.
fn rests_on_others(comparison: &Comparison) -> bool {
    let evidence = comparison.scenarios.values().flat_map(|total| total.by_evidence.keys());
    evidence.into_iter().any(|evidence| *evidence != Evidence::Provider)
}

/// The laws of the accounts; a breach means that nothing is reported.
pub(super) fn check_laws(
    files: &[FileAccount],
    comparison: &Comparison,
    is_grouped: bool,
) -> Result<(), CliError> {
    check_conserved(files)?;
    let priced = files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.rows.priced));
    if priced != comparison.priced.rows {
        let message = format!("{priced} rows have a price, {} were priced", comparison.priced.rows);
        return Err(CliError::Law(message));
    }
    let groups = &comparison.groups;
    let rows = (0..groups.len()).filter_map(|at| groups.get(at)).map(|group| group.volume.rows);
    let grouped = rows.fold(0_u64, u64::saturating_add);
    if is_grouped && grouped != priced {
        let message = format!("{priced} rows have a price, the groups have {grouped}");
        return Err(CliError::Law(message));
    }
    let mut billed = comparison.billed;
    for file in files {
        billed.add(&file.billed_only);
    }
    let priced = &comparison.billed_priced;
    if billed.overflow || priced.billed_usd.checked_sub(priced.usd).is_none() {
        return Err(CliError::OutOfRange(crate::scenario::OutOfRange));
    }
    Ok(())
}
