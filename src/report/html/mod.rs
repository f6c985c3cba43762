//! The report as one page: it needs no network, and its script prices other choices from
//! the ledger that it carries, exactly.
//!
//! Drawings are plain SVG made here: they are small, have words for those who cannot see
//! them, print, and need neither a script nor a library on the page.

mod break_even;
mod charts;
mod detail;
mod extract;
mod tables;

pub use detail::Detail;

use std::io::{self, Write};

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use self::break_even::{BreakEven, break_even};
use self::charts::{Bar, Stacks, bar, over_time};
use self::extract::extract;
use self::tables::{Amount, Table};
use super::build::tier_label;
use super::model::{InputInfo, Note, Report, ScenarioInfo};
use super::statements;
use super::style::{cached_label, percent_change, places, plain, rows_of, share};
use crate::ledger::RowCounts;
use crate::money::{Money, thousands};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// A total of the matrix.
#[derive(Debug)]
struct Cell {
    amount: Amount,
    /// In percent of what is recorded.
    change: String,
    /// Less, more or the same.
    side: &'static str,
}

/// A row of the matrix.
#[derive(Debug)]
struct MatrixRow {
    label: String,
    cells: Vec<Cell>,
    covered: String,
    published: Option<Amount>,
}

/// The figures at the top.
#[derive(Debug)]
struct Headline {
    recorded: Amount,
    cheapest: Amount,
    saved: Amount,
    saved_share: String,
    /// What the rows of the cheapest tiers cost as recorded, where these are not all.
    same_rows: Option<Amount>,
    assigned: Vec<(&'static str, String)>,
}

/// A file, and what its rows became.
#[derive(Debug)]
struct FileRow {
    path: String,
    format: &'static str,
    counts: Vec<String>,
}

/// The page, in the words of its template.
#[derive(Debug, Template)]
#[template(path = "page.html", config = "src/report/html/askama.toml")]
struct Page<'r> {
    report: &'r Report,
    style: &'static str,
    script: &'static str,
    style_hash: String,
    script_hash: String,
    period: String,
    zone: String,
    rows_read: String,
    headline: Option<Headline>,
    coverage: String,
    said: Vec<String>,
    cachings: Vec<String>,
    matrix: Vec<MatrixRow>,
    has_published: bool,
    footnotes: Vec<String>,
    bars: Vec<Bar>,
    unit: String,
    over_time: [Stacks; 2],
    break_even: Option<BreakEven>,
    tables: Vec<Table>,
    tiers: Vec<String>,
    /// What a star says; `None` where there is none.
    star: Option<&'static str>,
    scope: Option<String>,
    unpriced: Vec<String>,
    rejects: Vec<String>,
    notes: Vec<String>,
    files: Vec<FileRow>,
    file_columns: Vec<&'static str>,
    all_rows: Vec<String>,
    ledger: String,
}

/// Writes the page of a report.
pub fn write_html(report: &Report, detail: &Detail, out: &mut dyn Write) -> io::Result<()> {
    Page::new(report, detail).write_into(&mut *out).map_err(io::Error::other)
}

/// What a policy says of a text that may run.
fn hash_of(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

impl<'r> Page<'r> {
    fn new(report: &'r Report, detail: &Detail) -> Self {
        let recorded = statements::scenario(report, "recorded", "recorded");
        let places = places(recorded.map(|one| one.total_usd).into_iter());
        let tables = detail.tables.iter().map(|(by, groups)| Table::new(by, groups, places));
        let tables: Vec<Table> = tables.collect();
        let of = |name: &str| tables.iter().find(|table| table.by == name);
        let (models, projects) = (of("model"), of("project"));
        let ledger = extract(&detail.workings, (models, projects), report);
        let columns: Vec<_> = statements::used_classes(&report.rows).collect();
        let counts = |rows: &RowCounts| {
            columns.iter().map(|(_, count)| thousands(u128::from(count(rows)))).collect()
        };
        let file = |input: &InputInfo| FileRow {
            path: plain(&input.path),
            format: input.format.unwrap_or("-"),
            counts: counts(&input.rows),
        };
        let message = |note: &Note| plain(&note.message);
        Self {
            report,
            style: STYLE,
            script: SCRIPT,
            style_hash: hash_of(STYLE),
            script_hash: hash_of(SCRIPT),
            period: statements::period(report),
            zone: plain(&report.period.timezone),
            rows_read: rows_of(report.rows.read),
            headline: headline(report),
            coverage: share(u128::from(report.rows.priced), u128::from(usage_rows(&report.rows))),
            said: statements::billed(report)
                .into_iter()
                .chain(statements::contract(report))
                .collect(),
            cachings: statements::cachings(report).into_iter().map(|(_, label)| label).collect(),
            matrix: matrix(report),
            has_published: report.scenarios.iter().any(|one| one.published_only_usd.is_some()),
            footnotes: statements::footnotes(report),
            bars: bars(report),
            unit: detail.unit.name().to_owned(),
            over_time: over_time(detail),
            break_even: break_even(report, detail),
            tables,
            tiers: with_recorded_caching(report).map(|one| starred(report, one.tier)).collect(),
            star: star(report),
            scope: statements::scope(report),
            unpriced: statements::unpriced(report),
            rejects: statements::rejects(report),
            notes: report.notes.iter().chain(&report.findings).map(message).collect(),
            files: report.inputs.iter().map(file).collect(),
            file_columns: columns.iter().map(|(name, _)| *name).collect(),
            all_rows: counts(&report.rows),
            ledger,
        }
    }
}

/// Rows that have usage.
fn usage_rows(rows: &RowCounts) -> u64 {
    rows.priced.saturating_add(rows.unpriced).saturating_add(rows.rejected)
}

fn with_recorded_caching(report: &Report) -> impl Iterator<Item = &ScenarioInfo> {
    report.scenarios.iter().filter(|one| one.caching == "recorded")
}

fn headline(report: &Report) -> Option<Headline> {
    let recorded = statements::scenario(report, "recorded", "recorded")?;
    let cheapest = statements::scenario(report, "cheapest", "recorded")?;
    if report.rows.priced == 0 {
        return None;
    }
    let saved = Money::ZERO.checked_sub(cheapest.delta_usd).unwrap_or_default();
    let places = places([recorded.total_usd, cheapest.total_usd].into_iter());
    let same_rows = baseline(cheapest);
    Some(Headline {
        same_rows: (same_rows != recorded.total_usd).then(|| Amount::new(same_rows, places)),
        recorded: Amount::new(recorded.total_usd, places),
        cheapest: Amount::new(cheapest.total_usd, places),
        saved: Amount::new(saved, places),
        saved_share: percent_change(cheapest.delta_usd, same_rows),
        assigned: statements::assigned(report, "recorded")
            .into_iter()
            .map(|(tier, models)| (tier_label(tier), models))
            .collect(),
    })
}

/// What the rows of a scenario cost as recorded.
fn baseline(one: &ScenarioInfo) -> Money {
    one.total_usd.checked_sub(one.delta_usd).unwrap_or_default()
}

/// The name of a tier, with a star where it does not price all rows.
fn starred(report: &Report, tier: &str) -> String {
    let with = statements::scenario(report, tier, "recorded");
    let star = with.is_some_and(|one| one.fallback.rows > 0);
    format!("{}{}", tier_label(tier), if star { "*" } else { "" })
}

/// What the star of a tier says.
fn star(report: &Report) -> Option<&'static str> {
    let starred = with_recorded_caching(report).any(|one| one.fallback.rows > 0);
    let text = match report.arguments.uncovered {
        "exclude" => "* without the rows that the tier has no price for",
        _ => "* the rows that the tier has no price for are at Standard's",
    };
    starred.then_some(text)
}

/// Every tier with every caching assumption.
fn matrix(report: &Report) -> Vec<MatrixRow> {
    let places = places(report.scenarios.iter().map(|one| one.total_usd));
    let cell = |one: &ScenarioInfo| Cell {
        amount: Amount::new(one.total_usd, places),
        change: percent_change(one.delta_usd, baseline(one)),
        side: match one.delta_usd.cmp(&Money::ZERO) {
            std::cmp::Ordering::Less => "less",
            std::cmp::Ordering::Greater => "more",
            std::cmp::Ordering::Equal => "same",
        },
    };
    let row = |with: &ScenarioInfo| {
        let all = report.scenarios.iter().filter(|one| one.tier == with.tier);
        let rows = with.covered.rows.saturating_add(with.fallback.rows);
        MatrixRow {
            label: starred(report, with.tier),
            cells: all.map(cell).collect(),
            covered: share(u128::from(with.covered.rows), u128::from(rows)),
            published: with.published_only_usd.map(|usd| Amount::new(usd, places)),
        }
    };
    with_recorded_caching(report).map(row).collect()
}

/// The totals of the tiers as lengths.
fn bars(report: &Report) -> Vec<Bar> {
    let most = report.scenarios.iter().map(|one| one.total_usd).max().unwrap_or_default();
    let places = places(report.scenarios.iter().map(|one| one.total_usd));
    let bar = |one: &ScenarioInfo| Bar {
        label: match one.caching {
            "recorded" => starred(report, one.tier),
            "none" => format!("{}, no caching", starred(report, one.tier)),
            _ => {
                let caching = one.cached_share.map(cached_label).unwrap_or_default();
                format!("{}, {}", starred(report, one.tier), caching.replace('*', " (modelled)"))
            }
        },
        class: if one.caching == "recorded" { "recorded" } else { "assumed" },
        width: bar(one.total_usd, most),
        amount: Amount::new(one.total_usd, places),
    };
    report.scenarios.iter().map(bar).collect()
}
