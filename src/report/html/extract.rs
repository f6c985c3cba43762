//! The ledger as the page carries it: whole numbers as text, each list of rates once.

use std::collections::BTreeMap;

use serde::Serialize;

use super::tables::Table;
use crate::rates::Rates;
use crate::report::model::Report;
use crate::scenario::{Tariff, Workings};

/// What the script prices from.
#[derive(Debug, Serialize)]
struct Extract {
    /// What becomes of usage that a tier cannot price.
    uncovered: &'static str,
    /// Whether summed-up rows leave the totals open.
    open: bool,
    /// The models, and the projects, in the order of their tables; empty where rows have
    /// none, null for the row of all others.
    models: Vec<Option<String>>,
    projects: Vec<Option<String>>,
    /// Prices of one unit in 1e-18 USD, a list a text.
    rates: Vec<String>,
    tariffs: Vec<TariffInfo>,
    /// Tariff, project, rows, and how much of each meter.
    uses: Vec<String>,
}

/// A model, and for each tier where its rates are: with recorded caching, without, and
/// with all input cached.
#[derive(Debug, Serialize)]
struct TariffInfo(usize, Vec<Vec<Option<usize>>>);

/// Lists of rates, each once.
#[derive(Default)]
struct Lists {
    places: BTreeMap<String, usize>,
    texts: Vec<String>,
}

impl Lists {
    fn place(&mut self, rates: &Rates, meters: usize) -> usize {
        let units = rates.units().map(|unit| unit.atto().to_string());
        // Usage that is free has no rates.
        let units = units.chain(std::iter::repeat("0".to_owned())).take(meters);
        let text = units.collect::<Vec<_>>().join(" ");
        let next = self.texts.len();
        let place = *self.places.entry(text.clone()).or_insert(next);
        if place == next {
            self.texts.push(text);
        }
        place
    }

    fn tariff(&mut self, tariff: &Tariff, model: usize) -> TariffInfo {
        let meters = tariff.meters.len();
        let tiers = tariff.rates.iter().map(|cachings| {
            let places = cachings.iter();
            places.map(|rates| rates.as_ref().map(|rates| self.place(rates, meters))).collect()
        });
        TariffInfo(model, tiers.collect())
    }
}

/// The ledger as JSON that may stand in a page. Projects and models that are no row of
/// their table are in its last row, that of the others.
pub(super) fn extract(
    workings: &Workings,
    (models, projects): (Option<&Table>, Option<&Table>),
    report: &Report,
) -> String {
    let place = |table: Option<&Table>, value| table.map_or(0, |table| table.place(value));
    let mut lists = Lists::default();
    let tariffs = workings.tariffs.iter();
    let tariffs = tariffs.map(|tariff| lists.tariff(tariff, place(models, Some(&tariff.model))));
    let tariffs = tariffs.collect();
    // Uses of projects that are shown together are one.
    let mut sums: BTreeMap<(usize, usize), (u64, Vec<u128>)> = BTreeMap::new();
    for one in &workings.uses {
        let project = place(projects, one.project.as_deref());
        let (rows, all) = sums.entry((one.tariff, project)).or_default();
        *rows = rows.saturating_add(one.rows);
        all.resize(one.sums.len().max(all.len()), 0);
        for (sum, more) in all.iter_mut().zip(&one.sums) {
            *sum = sum.saturating_add(*more);
        }
    }
    let uses = sums.into_iter().map(|((tariff, project), (rows, sums))| {
        let sums = sums.iter().map(u128::to_string).collect::<Vec<_>>().join(" ");
        format!("{tariff} {project} {rows} {sums}")
    });
    let values = |table: Option<&Table>| table.map(Table::values).unwrap_or_default();
    let extract = Extract {
        uncovered: report.arguments.uncovered,
        open: report.scenarios.iter().any(|one| one.range_usd.is_some()),
        models: values(models),
        projects: values(projects),
        rates: lists.texts,
        tariffs,
        uses: uses.collect(),
    };
    // A tag or a comment in a name must not end the element.
    let text = serde_json::to_string(&extract).unwrap_or_default();
    text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}
