//! Runs the library over files as `tierwise report` does.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use jiff::tz::TimeZone;
use num_rational::BigRational;
use serde_json::Value;
use tempfile::TempDir;
use tierwise::formats::{Ask, Filter};
use tierwise::input::Inputs;
use tierwise::ledger::{Cuts, Rejection};
use tierwise::money::Share;
use tierwise::pipeline::{self, Plan, Tuning, Watch};
use tierwise::rates::{Aliases, RateBook};
use tierwise::report::{
    self, Arguments, Assumed, Gates, GroupInfo, Prices, Report, ScenarioInfo, Sources, Style,
};
use tierwise::scenario::{OneByOne, Options, Pricer, Uncovered, assume_cached, compare};
use tierwise::usage::Dimension;

use crate::oracle::decimal;

static BOOK: LazyLock<RateBook> = LazyLock::new(|| RateBook::built_in().expect("the cards"));
static PUBLISHED: LazyLock<RateBook> = LazyLock::new(|| BOOK.published_only());

/// How a run is made.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) by: Vec<&'static str>,
    pub(super) only: Option<(&'static str, String)>,
    pub(super) zone: &'static str,
    pub(super) threads: usize,
    pub(super) chunk_size: usize,
    pub(super) uncovered: Uncovered,
    pub(super) published_only: bool,
    pub(super) assume_cached: Option<Share>,
    /// Whether rows are summed together that differ in inert meters alone.
    pub(super) together: bool,
    /// How many sorts of rows are kept apart before.
    pub(super) sorts_apart: usize,
    /// Whether the report shows what providers' own prices come to.
    pub(super) shows_published: bool,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            by: Vec::new(),
            only: None,
            zone: "UTC",
            threads: 1,
            chunk_size: 64 * 1024,
            uncovered: Uncovered::Standard,
            published_only: false,
            assume_cached: None,
            together: true,
            sorts_apart: 0,
            shows_published: false,
        }
    }
}

/// Says nothing.
struct Silent;

impl Watch for Silent {
    fn open(&mut self, _name: &str, _bytes: Option<u64>) {}

    fn remembers(&self) -> bool {
        false
    }

    fn advance(&mut self, _bytes: u64) {}

    fn reject(&mut self, _: &str, _: u64, _: &Rejection) -> std::io::Result<()> {
        Ok(())
    }
}

impl Run {
    /// Grouped by some properties.
    pub(super) fn by(by: &[&'static str]) -> Self {
        Self { by: by.to_vec(), ..Self::default() }
    }

    /// What reading asks of prices.
    fn prices<'b>(
        &self,
        (own, aliases): (&dyn Fn() -> Pricer<'b>, &'b Aliases),
    ) -> pipeline::Prices<'b> {
        if !self.together || self.assume_cached.is_some() {
            return pipeline::Prices::of_each(own());
        }
        let published = Pricer::new(&PUBLISHED, aliases, BOOK.as_of());
        pipeline::Prices::of_sums(own(), vec![published])
    }

    /// The report, or what the program would say instead.
    pub(super) fn of(&self, paths: &[PathBuf]) -> Result<Report, String> {
        let book: &RateBook = if self.published_only { &PUBLISHED } else { &BOOK };
        let texts: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        let inputs = Inputs::find(&texts).map_err(|error| error.to_string())?;
        let zone = TimeZone::get(self.zone).expect("a zone");
        let ask = self.ask();
        let Self { threads, chunk_size, sorts_apart, .. } = *self;
        let tuning = Tuning { threads, chunk_size, sorts_apart };
        let cuts = Arc::new(Cuts::new(book, zone.clone()));
        let plan = Plan { inputs: &inputs, ask: &ask, format: None, cuts, tuning };
        let aliases = Aliases::default();
        let make = || Pricer::new(book, &aliases, BOOK.as_of());
        let prices = || self.prices((&make, &aliases));
        let harvest = pipeline::run(&plan, &prices, &mut Silent);
        let mut pricer = make();
        let harvest = harvest.map_err(|error| error.to_string())?;
        let options =
            Options { by: ask.by.clone(), labels: ask.kept(), zone, uncovered: self.uncovered };
        let usage = harvest.ledger.unlabelled();
        let comparison = compare(&usage, &mut pricer, &options, &harvest.threads);
        let comparison = comparison.map_err(|error| error.to_string())?;
        let totals = Options { by: Vec::new(), ..options.clone() };
        let repeated = harvest.repeated.unlabelled();
        let duplicates = compare(&repeated, &mut pricer, &totals, &harvest.threads);
        let duplicates = duplicates.map_err(|error| error.to_string())?;
        let assume =
            |share| assume_cached(&usage, &mut pricer, (&options, share), &harvest.threads);
        let assumed = self.assume_cached.map(assume).transpose();
        let assumed = assumed.map_err(|error| error.to_string())?;
        let assumed = self.assume_cached.zip(assumed.as_ref()).map(|(share, comparison)| Assumed {
            share,
            prices: Prices { comparison, published_only: None, list_prices: None },
        });
        let published = || Pricer::new(&PUBLISHED, &aliases, BOOK.as_of());
        let published = || compare(&usage, &mut published(), &totals, &harvest.threads);
        let published = self.shows_published.then(published).transpose();
        let published = published.map_err(|error| error.to_string())?;
        Ok(report::build(&Sources {
            book,
            comparison: &comparison,
            published_only: published.as_ref(),
            list_prices: None,
            duplicates: &duplicates,
            assumed,
            files: &harvest.files,
            skipped: &inputs.skipped,
            repeated: &inputs.repeated,
            by: &ask.by,
            labels: &ask.labels(),
            credit: None,
            zone: &options.zone,
            arguments: Arguments { assume_cached: self.assume_cached, ..Arguments::default() },
            gates: Gates::default(),
        }))
    }

    /// The report of one text.
    pub(super) fn of_text(&self, text: &str) -> Result<Report, String> {
        let folder = Folder::new();
        self.of(&[folder.file("log", text.as_bytes())])
    }

    fn ask(&self) -> Ask {
        let dimension = |name: &str| Dimension::parse(name).expect("a name");
        let only = self.only.iter().map(|(name, value)| Filter {
            dimension: dimension(name),
            values: vec![value.clone()],
        });
        let by = self.by.iter().map(|name| dimension(name)).collect();
        Ask { by, filters: only.collect(), ..Ask::default() }
    }
}

/// A folder of logs that goes away.
pub(super) struct Folder(TempDir);

impl Folder {
    pub(super) fn new() -> Self {
        Self(TempDir::new().expect("a folder"))
    }

    pub(super) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).expect("a file");
        path
    }
}

/// What both outputs show of a report.
pub(super) fn faces(report: &Report) -> (String, String) {
    let mut json = Vec::new();
    report::write_json(report, &OneByOne, &mut json).expect("JSON");
    let json = String::from_utf8(json).expect("UTF-8");
    (json, report::terminal(report, Style { width: 120, color: true }))
}

/// A report as JSON without some of its fields.
pub(super) fn json_without(report: &Report, fields: &[&str]) -> Value {
    let mut value = serde_json::to_value(report).expect("JSON");
    let object = value.as_object_mut().expect("an object");
    for field in fields {
        object.remove(*field);
    }
    value
}

/// Everything of a report but where it came from.
pub(super) fn substance(report: &Report) -> Value {
    let mut value = json_without(report, &["inputs"]);
    let notes = value.get_mut("notes").and_then(Value::as_array_mut).expect("notes");
    notes.retain(|note| note.get("code").and_then(Value::as_str) != Some("missing_column"));
    let rejects = value.get_mut("rejects").and_then(Value::as_array_mut).expect("rejects");
    for reject in rejects.iter_mut().filter_map(Value::as_object_mut) {
        reject.remove("path");
        reject.remove("line");
    }
    rejects.sort_by_key(ToString::to_string);
    value
}

/// One scenario of a report.
pub(super) fn scenario<'r>(report: &'r Report, tier: &str, caching: &str) -> &'r ScenarioInfo {
    let mut all = report.scenarios.iter();
    let found = all.find(|scenario| scenario.tier == tier && scenario.caching == caching);
    found.expect("every scenario is reported")
}

/// An amount of a report as a number.
pub(super) fn usd(money: tierwise::money::Money) -> BigRational {
    decimal(&money.exact())
}

/// The totals of a group, by tier and caching.
pub(super) fn group_totals(
    group: &GroupInfo<'_>,
) -> BTreeMap<(&'static str, &'static str), BigRational> {
    let all = group.scenarios.iter();
    all.map(|scenario| ((scenario.tier, scenario.caching), usd(scenario.total_usd))).collect()
}
