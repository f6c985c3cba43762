//! One row's arithmetic, step by step: the view model, which is also the shape
//! of the JSON.

mod terminal;

pub use terminal::explain_terminal;

use serde::Serialize;

use crate::formats::{Format, ReadField, Reading, Target, taken_from};
use crate::ledger::View;
use crate::money::Money;
use crate::rates::catalog::FactorView;
use crate::rates::{CostLine, Match, RateBook, WhyNoRate};
use crate::scenario::{RowCost, RowQuote};
use crate::usage::{Instant, Meter, UsageRow};

/// What one record is, and how its costs come about.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// Version of the JSON shape.
    pub schema_version: u32,
    /// Always `USD`.
    pub currency: &'static str,
    /// The input's name.
    pub path: String,
    /// The record's line.
    pub line: u64,
    /// The log format.
    pub format: &'static str,
    /// `priced`, `unpriced`, `rejected`, `empty` or `billed_only`.
    pub class: &'static str,
    /// The fields that were read, as they stand in the log.
    pub read: Vec<FieldStep>,
    /// Why the record is not counted.
    pub rejected: Option<RejectedStep>,
    /// The row in canonical form.
    pub row: Option<RowStep>,
    /// The price lists that were asked.
    pub rate: Option<RateStep>,
    /// Why the row has no price.
    pub unpriced: Option<NoPrice>,
    /// The costs under each tier.
    pub scenarios: Vec<ScenarioStep>,
}

/// A field as it stands in the log.
#[derive(Debug, Clone, Serialize)]
pub struct FieldStep {
    /// What it means.
    pub meaning: String,
    /// The column or path.
    pub field: String,
    /// The text.
    pub value: String,
}

/// Why a record is not counted.
#[derive(Debug, Clone, Serialize)]
pub struct RejectedStep {
    /// The field.
    pub field: String,
    /// The code of the reason.
    pub reason: &'static str,
    /// What was found.
    pub detail: String,
}

/// A row in canonical form.
#[derive(Debug, Clone, Serialize)]
pub struct RowStep {
    /// Start.
    pub start: Option<String>,
    /// End of a summed-up period.
    pub end: Option<String>,
    /// Number of requests.
    pub requests: u64,
    /// Provider.
    pub provider: String,
    /// Model as logged.
    pub model: Option<String>,
    /// The tier that is billed.
    pub tier: String,
    /// Where it came from.
    pub tier_source: &'static str,
    /// The tier that was asked for.
    pub requested_tier: Option<String>,
    /// The disjoint quantities.
    pub meters: Vec<MeterStep>,
    /// What the log says was billed.
    pub billed_usd: Option<Money>,
}

/// How a quantity came about.
#[derive(Debug, Clone, Serialize)]
pub struct MeterStep {
    /// The meter.
    pub meter: &'static str,
    /// The quantity.
    pub quantity: u64,
    /// The count that was read, and what was taken out of it.
    pub from: String,
}

/// Which prices were looked up.
#[derive(Debug, Clone, Serialize)]
pub struct RateStep {
    /// The model that it is priced as.
    pub priced_as: String,
    /// Whose prices these are.
    pub provider: String,
    /// How the name was matched.
    pub rule: &'static str,
    /// The instant of the prices.
    pub at: String,
    /// Whether the row has no time.
    pub assumed: bool,
    /// All input of the row, cached included.
    pub total_input: u128,
    /// The context band that the average request is in.
    pub band: String,
    /// The region of the prices, where they differ by region.
    pub region: Option<String>,
}

/// Why something has no price.
#[derive(Debug, Clone, Serialize)]
pub struct NoPrice {
    /// The code of the reason.
    pub reason: &'static str,
    /// The meter without a rate.
    pub meter: Option<&'static str>,
}

/// The cost in one scenario.
#[derive(Debug, Clone, Serialize)]
pub struct ScenarioStep {
    /// The tier.
    pub tier: &'static str,
    /// The caching assumption.
    pub caching: &'static str,
    /// The exact cost.
    pub total_usd: Option<Money>,
    /// Why there is none.
    pub no_price: Option<NoPrice>,
    /// The least, where the row does not settle its price.
    pub low_usd: Option<Money>,
    /// The most.
    pub high_usd: Option<Money>,
    /// The parts of the cost.
    pub lines: Vec<LineStep>,
}

/// One meter's part: quantity x rate = cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineStep {
    /// The meter.
    pub meter: &'static str,
    /// The quantity.
    pub quantity: u128,
    /// The price of `per`.
    pub rate_usd: Option<Money>,
    /// For example `1M tokens`.
    pub per: &'static str,
    /// The exact cost.
    pub usd: Money,
    /// What the published rate was multiplied by; `rate_usd` is the product.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<FactorView>,
    /// The meter whose rate was borrowed.
    pub borrowed_from: Option<&'static str>,
    /// Who vouches for the rate.
    pub evidence: &'static str,
    /// Where it was published.
    pub source: String,
    /// When it was last checked.
    pub checked: String,
    /// First instant that it holds for.
    pub from: Option<String>,
    /// First instant that it no longer holds for.
    pub to: Option<String>,
}

/// A record to explain.
#[derive(Debug)]
pub struct Record<'r> {
    /// The input's name.
    pub path: &'r str,
    /// The line.
    pub line: u64,
    /// The log format.
    pub format: &'r Format,
    /// The fields that were read.
    pub fields: &'r [ReadField],
    /// What the record is.
    pub reading: &'r Reading<'r>,
    /// For a row of usage: its ledger cell, costs, and when it is priced.
    pub quoted: Option<(View<'r>, &'r RowQuote<'r>, Instant)>,
    /// The region that it is priced as; empty for none.
    pub region: String,
    /// The book.
    pub book: &'r RateBook,
}

/// Explains a record.
pub fn explain(record: &Record<'_>) -> Explanation {
    let (class, rejected, row) = match record.reading {
        Reading::Empty => ("empty", None, None),
        Reading::Rejected(reject) => {
            let (field, detail) = (reject.field.clone(), reject.detail.clone());
            ("rejected", Some(RejectedStep { field, reason: reject.reason, detail }), None)
        }
        Reading::Row(row) => match record.quoted.map(|(_, quote, _)| quote.costs.is_ok()) {
            Some(true) => ("priced", None, Some(row)),
            Some(false) => ("unpriced", None, Some(row)),
            None => ("billed_only", None, Some(row)),
        },
    };
    let costs = record.quoted.map(|(_, quote, _)| &quote.costs);
    Explanation {
        schema_version: 1,
        currency: "USD",
        path: record.path.to_owned(),
        line: record.line,
        format: record.format.name,
        class,
        read: record.fields.iter().map(field_step).collect(),
        rejected,
        row: row.map(|row| row_step(row, record)),
        rate: record
            .quoted
            .and_then(|(view, quote, at)| Some(rate_step(&view, quote.found?, at, record))),
        unpriced: costs
            .and_then(|costs| costs.as_ref().err())
            .map(|why| NoPrice { reason: why.reason, meter: why.meter.map(Meter::name) }),
        scenarios: costs.and_then(|costs| costs.as_ref().ok()).map_or_else(Vec::new, |costs| {
            costs.iter().map(|cost| scenario_step(cost, record.book)).collect()
        }),
    }
}

/// An explanation as indented JSON with a final newline.
pub fn explain_json(explanations: &[Explanation]) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(explanations)?;
    text.push('\n');
    Ok(text)
}

fn field_step(field: &ReadField) -> FieldStep {
    let (meaning, value) = (field.target.describe(), field.value.clone());
    FieldStep { meaning, field: field.name.clone(), value }
}

fn row_step(row: &UsageRow<'_>, record: &Record<'_>) -> RowStep {
    let meters = row.quantities.nonzero().map(|(meter, quantity)| MeterStep {
        meter: meter.name(),
        quantity,
        from: origin(meter, row, record),
    });
    RowStep {
        start: row.start.map(|at| at.to_string()),
        end: row.end.map(|at| at.to_string()),
        requests: row.requests,
        provider: row.provider.to_owned(),
        model: row.model.map(str::to_owned),
        tier: row.tier.name().to_owned(),
        tier_source: row.tier_source.name(),
        requested_tier: row.requested_tier.as_ref().map(|tier| tier.name().to_owned()),
        meters: meters.collect(),
        billed_usd: row.billed,
    }
}

/// `1000 input tokens - 400 cached_input`, or `as read`.
fn origin(meter: Meter, row: &UsageRow<'_>, record: &Record<'_>) -> String {
    let taken = taken_from(meter, record.format.cached, record.format.modality);
    let Some((count, parts)) = taken else { return "as read".to_owned() };
    let of_count = |field: &&ReadField| field.target == Target::Count(count);
    let Some(field) = record.fields.iter().find(of_count) else { return "as read".to_owned() };
    let mut text = format!("{} {}", field.value, count.describe());
    for part in parts {
        let quantity = row.quantities.get(part);
        if quantity > 0 {
            text = format!("{text} - {quantity} {}", part.name());
        }
    }
    text
}

fn rate_step(view: &View<'_>, found: Match, at: Instant, record: &Record<'_>) -> RateStep {
    let book = record.book;
    let position = book.band(found.model, view.context());
    let named = position.checked_sub(1).and_then(|above| {
        let mut parts = book.describe(found.model);
        parts.find_map(|(_, part)| part.bands.get(above)).map(|band| band.name.clone())
    });
    RateStep {
        priced_as: book.model_name(found.model).to_owned(),
        provider: book.model_provider(found.model).to_owned(),
        rule: found.rule.name(),
        at: at.to_string(),
        assumed: view.key.segment.is_none(),
        total_input: view.totals().total_input(),
        band: named.unwrap_or_else(|| "base".to_owned()),
        region: Some(record.region.clone()).filter(|name| !name.is_empty()),
    }
}

fn scenario_step(cost: &RowCost<'_>, book: &RateBook) -> ScenarioStep {
    let priced = cost.cost.as_ref().ok();
    ScenarioStep {
        tier: cost.scenario.tier.name(),
        caching: cost.scenario.caching.name(),
        total_usd: priced.map(|cost| cost.total),
        no_price: cost.cost.as_ref().err().map(|none| NoPrice {
            reason: WhyNoRate::name(none.why),
            meter: Some(none.meter.name()),
        }),
        low_usd: cost.range.map(|range| range.low),
        high_usd: cost.range.map(|range| range.high),
        lines: priced.map_or_else(Vec::new, |cost| {
            cost.lines.iter().map(|line| line_step(line, book)).collect()
        }),
    }
}

fn line_step(line: &CostLine<'_>, book: &RateBook) -> LineStep {
    let (unit, price) = (line.meter.unit(), &line.price);
    LineStep {
        meter: line.meter.name(),
        quantity: line.quantity,
        rate_usd: price.rate.cost(u128::from(unit.per())),
        per: unit.priced_per(),
        usd: line.cost,
        factors: book.factors(price.factors).map(FactorView::new).collect(),
        borrowed_from: price.borrowed_from.map(Meter::name),
        evidence: price.evidence.name(),
        source: price.cell.source.to_string(),
        checked: price.checked.to_string(),
        from: price.cell.from.map(|from| from.to_string()),
        to: price.cell.to.map(|to| to.to_string()),
    }
}
