//! Priced rows: their columns, and one renderer an output. A batch is what a
//! chunk's rows became; batches in order are the output.

mod table;
mod text;

use std::borrow::Cow;
use std::sync::Arc;

use crate::frame::{Register, TableRows};
use crate::money::Money;
use crate::rates::RateBook;
use crate::scenario::{Caching, OutOfRange, RowCost, RowQuote, Scenario, TierChoice};
use crate::usage::{Instant, Meter, ServiceTier, UsageRow};

pub use table::{KnownRow, KnownRows, RowKind, USD, row_columns};

use table::TableMaker;
use text::{CsvRows, JsonRows};

/// The outputs of priced rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowForm {
    /// Comma-separated, for machines and spreadsheets: text of the logs that a
    /// spreadsheet would run as a formula gets an apostrophe, unless `raw`.
    Csv {
        /// Leave such text as it is.
        raw: bool,
    },
    /// One JSON object a line.
    Jsonl,
    /// Columns of a Parquet file.
    Parquet,
}

/// A row and its costs.
#[derive(Debug, Clone, Copy)]
pub struct PricedRow<'r> {
    /// The input's name.
    pub path: &'r str,
    /// The row.
    pub row: &'r UsageRow<'r>,
    /// Project, user and API key.
    pub labels: [Option<&'r str>; 3],
    /// Its costs.
    pub quote: &'r RowQuote<'r>,
    /// The book that it was priced with.
    pub book: &'r RateBook,
}

/// What the rows of a chunk became.
#[derive(Debug)]
pub struct Batch {
    /// Rows with a price.
    pub priced: u64,
    /// Rows without one.
    pub unpriced: u64,
    /// The rows.
    pub content: BatchContent,
}

/// The rows of a batch.
#[derive(Debug)]
pub enum BatchContent {
    /// Text, whole lines.
    Text(Vec<u8>),
    /// Columns of a table.
    Table(TableRows),
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text; may be absent.
    Text,
    /// A whole number, always there.
    Count,
    /// An instant; may be absent.
    Time,
    /// An exact amount; may be absent.
    Amount,
}

/// A cell of a row.
pub(super) enum Cell<'r> {
    Absent,
    /// Text of tierwise's own.
    Text(Cow<'r, str>),
    /// Text from a log.
    Logged(&'r str),
    Count(u64),
    Time(Instant),
    Money(Money),
}

impl<'r> Cell<'r> {
    fn logged(text: Option<&'r str>) -> Self {
        text.filter(|text| !text.is_empty()).map_or(Self::Absent, Self::Logged)
    }

    fn own(text: Option<&'r str>) -> Self {
        text.map_or(Self::Absent, |text| Self::Text(Cow::Borrowed(text)))
    }

    fn money(money: Option<Money>) -> Self {
        money.map_or(Self::Absent, Self::Money)
    }

    fn time(at: Option<Instant>) -> Self {
        at.map_or(Self::Absent, Self::Time)
    }
}

/// The columns before the meters.
const BEFORE: [(&str, Kind); 17] = [
    ("path", Kind::Text),
    ("line", Kind::Count),
    ("class", Kind::Text),
    ("start", Kind::Time),
    ("end", Kind::Time),
    ("provider", Kind::Text),
    ("model", Kind::Text),
    ("priced_as", Kind::Text),
    ("tier", Kind::Text),
    ("tier_source", Kind::Text),
    ("requested_tier", Kind::Text),
    ("requests", Kind::Count),
    ("project", Kind::Text),
    ("user", Kind::Text),
    ("api_key", Kind::Text),
    ("endpoint", Kind::Text),
    ("region", Kind::Text),
];

/// Every column, in order: the row, its meters, what was billed, and for each
/// tier the exact cost with recorded caching and without, its range where the
/// row leaves one, and the reason and the meter where it has none.
pub(super) fn columns() -> Vec<(String, Kind)> {
    let mut all: Vec<(String, Kind)> =
        BEFORE.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
    all.extend(Meter::ALL.iter().map(|meter| (meter.name().to_owned(), Kind::Count)));
    all.push(("billed_usd".to_owned(), Kind::Amount));
    for tier in TierChoice::FIXED {
        let amounts = CACHINGS.iter().flat_map(|(_, caching)| {
            ["usd", "low_usd", "high_usd"].map(|amount| format!("{caching}{amount}"))
        });
        let amounts = amounts.map(|amount| (amount, Kind::Amount));
        let reasons = ["reason", "reason_meter"].map(|reason| (reason.to_owned(), Kind::Text));
        let own = amounts.chain(reasons);
        all.extend(own.map(|(name, kind)| (format!("{}_{name}", tier.name()), kind)));
    }
    all
}

/// The scenarios that rows are priced under, in the order of their columns.
pub fn row_scenarios() -> impl Iterator<Item = Scenario> {
    let of = |tier| CACHINGS.map(move |(caching, _)| Scenario { tier, caching });
    TierChoice::FIXED.into_iter().flat_map(of)
}

/// The caching assumptions, and what their columns are called.
const CACHINGS: [(Caching, &str); 2] = [(Caching::Recorded, ""), (Caching::None, "no_caching_")];

impl<'r> PricedRow<'r> {
    /// The cells, one a column.
    pub(super) fn cells(&self) -> Vec<Cell<'r>> {
        let Self { path, row, labels, quote, book } = *self;
        let [project, user, api_key] = labels;
        let found = quote.found.map(|found| book.model_name(found.model));
        let class = if quote.costs.is_ok() { "priced" } else { "unpriced" };
        let mut cells = vec![
            Cell::Logged(path),
            Cell::Count(row.origin.line),
            Cell::own(Some(class)),
            Cell::time(row.start),
            Cell::time(row.end),
            Cell::logged(Some(row.provider)),
            Cell::logged(row.model),
            Cell::own(found),
            Cell::logged(Some(row.tier.name())),
            Cell::own(Some(row.tier_source.name())),
            Cell::logged(row.requested_tier.as_ref().map(ServiceTier::name)),
            Cell::Count(row.requests),
            Cell::logged(project),
            Cell::logged(user),
            Cell::logged(api_key),
            Cell::logged(Some(row.endpoint)),
            Cell::logged(Some(row.region)),
        ];
        cells.extend(Meter::ALL.iter().map(|meter| Cell::Count(row.quantities.get(*meter))));
        cells.push(Cell::money(row.billed));
        for tier in TierChoice::FIXED {
            self.push_tier(tier, &mut cells);
        }
        cells
    }

    fn push_tier(&self, tier: TierChoice, cells: &mut Vec<Cell<'r>>) {
        let costs = match &self.quote.costs {
            Ok(costs) => costs.as_slice(),
            Err(why) => {
                cells.extend((0..6).map(|_| Cell::Absent));
                cells.push(Cell::own(Some(why.reason)));
                cells.push(Cell::own(why.meter.map(Meter::name)));
                return;
            }
        };
        let mut none = None;
        for (caching, _) in CACHINGS {
            let of = |cost: &&RowCost<'_>| {
                cost.scenario.tier == tier && cost.scenario.caching == caching
            };
            let Some(cost) = costs.iter().find(of) else { continue };
            let usd = cost.cost.as_ref().ok().map(|cost| cost.total);
            none = none.or(cost.cost.as_ref().err().copied());
            cells.push(Cell::money(usd));
            cells.push(Cell::money(cost.range.map(|range| range.low)));
            cells.push(Cell::money(cost.range.map(|range| range.high)));
        }
        cells.push(Cell::own(none.map(|none| none.why.name())));
        cells.push(Cell::own(none.map(|none| none.meter.name())));
    }
}

/// Turns rows into batches.
#[derive(Debug)]
pub struct BatchMaker {
    priced: u64,
    unpriced: u64,
    rows: Rows,
}

#[derive(Debug)]
enum Rows {
    Csv(Box<CsvRows>),
    Json(JsonRows),
    Table(Box<TableMaker>),
}

impl BatchMaker {
    /// An empty batch. Rows of a table have texts by their numbers in a register.
    pub fn new(form: RowForm, register: &Arc<Register>) -> Self {
        let rows = match form {
            RowForm::Csv { raw } => Rows::Csv(Box::new(CsvRows::new(raw))),
            RowForm::Jsonl => Rows::Json(JsonRows::new()),
            RowForm::Parquet => Rows::Table(Box::new(TableMaker::new(Arc::clone(register)))),
        };
        Self { priced: 0, unpriced: 0, rows }
    }

    /// Adds a row. Fails where an amount leaves the range of the form.
    pub fn push(&mut self, row: &PricedRow<'_>) -> Result<(), OutOfRange> {
        self.count(row.quote.costs.is_ok(), 1);
        let cells = row.cells();
        match &mut self.rows {
            Rows::Csv(rows) => rows.push(&cells),
            Rows::Json(rows) => rows.push(&cells),
            Rows::Table(rows) => return rows.push(&cells),
        }
        Ok(())
    }

    /// Adds rows of a table, of known kinds: `usd` is what each costs in each of its scenarios,
    /// in femtodollars (nothing where it has no price). `false`, and nothing added, where the
    /// table cannot have them, and for other forms.
    pub fn push_known(&mut self, rows: &KnownRows<'_>, usd: &[[i64; USD]]) -> bool {
        let Rows::Table(table) = &mut self.rows else { return false };
        let pushed = table.push_known(rows, usd);
        for row in rows.rows.iter().filter(|_| pushed) {
            self.count(row.kind.priced, 1);
        }
        pushed
    }

    /// The numbers of the last row's stamps, and of those of its labels, in a table; `None`
    /// for other forms.
    pub fn last_stamps(&self) -> Option<(u32, u32)> {
        if let Rows::Table(table) = &self.rows { table.last_stamps() } else { None }
    }

    /// The number of the stamp of some labels in a table.
    pub fn labels(&mut self, labels: [Option<&str>; 3]) -> Option<u32> {
        if let Rows::Table(table) = &mut self.rows { Some(table.labels(labels)) } else { None }
    }

    /// The batch; the next one begins.
    pub fn finish(&mut self) -> Batch {
        let content = match &mut self.rows {
            Rows::Csv(rows) => BatchContent::Text(rows.finish()),
            Rows::Json(rows) => BatchContent::Text(rows.finish()),
            Rows::Table(rows) => BatchContent::Table(rows.finish()),
        };
        let (priced, unpriced) =
            (std::mem::take(&mut self.priced), std::mem::take(&mut self.unpriced));
        Batch { priced, unpriced, content }
    }

    fn count(&mut self, priced: bool, rows: u64) {
        let class = if priced { &mut self.priced } else { &mut self.unpriced };
        *class = class.saturating_add(rows);
    }
}

/// What comes before the rows of a text output.
pub fn rows_header(form: RowForm) -> String {
    match form {
        RowForm::Csv { .. } => {
            let names: Vec<String> = columns().into_iter().map(|(name, _)| name).collect();
            names.join(",") + "\n"
        }
        RowForm::Jsonl | RowForm::Parquet => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    #[test]
    fn columns_are_unique_and_cover_every_fixed_scenario() {
        let mut names: Vec<String> = columns().into_iter().map(|(name, _)| name).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
        assert_eq!(Scenario::fixed().count(), TierChoice::FIXED.len() * CACHINGS.len());
    }
}
