//! What the page shows besides the report: groups by one property each, cost over time,
//! and the ledger from which it prices other choices.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use crate::ledger::Unlabelled;
use crate::money::{Money, Share};
use crate::report::groups::table;
use crate::report::model::GroupTable;
use crate::scenario::{
    Caching, Comparison, Groups, Hands, Options, Pricer, PricingError, Scenario, TierChoice,
    Workings, assume_cached, group, workings,
};
use crate::usage::Dimension;

/// More bars than this are too many: days become weeks, and weeks months.
const MOST_BARS: i64 = 100;

/// What the page shows besides the report.
#[derive(Debug)]
pub struct Detail {
    /// The groups by each property that the usage has.
    pub(super) tables: Vec<(Dimension, GroupTable)>,
    /// Days, weeks or months.
    pub(super) unit: Dimension,
    /// The first and the last day.
    pub(super) days: Option<(Date, Date)>,
    /// The groups by these, model and tier.
    pub(super) over_time: Groups,
    /// Priced usage with its rates.
    pub(super) workings: Workings,
    /// What each tier costs with all input read from the cache.
    pub(super) all_cached: BTreeMap<TierChoice, Money>,
}

impl Detail {
    /// The properties that a ledger should keep for the page, where logs have them.
    pub const KEPT: [Dimension; 2] = [Dimension::Project, Dimension::User];

    /// Works out what the page of a comparison shows. `options` are those of the
    /// comparison.
    pub fn of(
        (usage, comparison): (&Unlabelled<'_>, &Comparison),
        pricer: &mut Pricer<'_>,
        options: &Options,
        hands: &dyn Hands,
    ) -> Result<Self, PricingError> {
        let ledger = usage.ledger();
        let groups = |by: &[Dimension]| {
            let options = Options { by: by.to_vec(), ..options.clone() };
            group((ledger, comparison), pricer, &options, hands)
        };
        let mut tables = Vec::new();
        for dimension in shown(&options.by) {
            let groups = groups(std::slice::from_ref(&dimension))?;
            if (0..groups.len()).any(|at| groups.values(at).any(|value| value.is_some())) {
                let by = std::slice::from_ref(&dimension);
                let table = table(Arc::new(groups), by, None);
                tables.push((dimension, table));
            }
        }
        let by_day = tables.iter().find(|(by, _)| *by == Dimension::Day);
        let days = by_day.and_then(|(_, table)| span(&table.groups));
        let (unit, over_time) = over_time(days, &groups)?;
        let totals = Options { by: Vec::new(), ..options.clone() };
        let cached = assume_cached(usage, pricer, (&totals, Share::ALL), hands)?;
        let caching = Caching::Assumed(Share::ALL);
        let total = |tier| (tier, cached.total(Scenario { tier, caching }));
        Ok(Self {
            tables,
            unit,
            days,
            over_time,
            workings: workings(ledger, pricer, &options.labels),
            all_cached: TierChoice::ALL.into_iter().map(total).collect(),
        })
    }
}

/// Model, project, user and day, and what else was asked for.
fn shown(asked: &[Dimension]) -> Vec<Dimension> {
    let mut shown = vec![Dimension::Model];
    shown.extend(Detail::KEPT);
    shown.push(Dimension::Day);
    for dimension in asked {
        if !shown.contains(dimension) {
            shown.push(dimension.clone());
        }
    }
    shown
}

/// The groups by day, model and tier; by week or month where days are many, those
/// without usage among them.
fn over_time(
    days: Option<(Date, Date)>,
    groups: &dyn Fn(&[Dimension]) -> Result<Groups, PricingError>,
) -> Result<(Dimension, Groups), PricingError> {
    let hours = days.map_or(0, |(first, last)| first.duration_until(last).as_hours());
    let days = hours.div_euclid(24);
    let unit = match days {
        ..MOST_BARS => Dimension::Day,
        _ if days.div_euclid(7) < MOST_BARS => Dimension::Week,
        _ => Dimension::Month,
    };
    let groups = groups(&[unit.clone(), Dimension::Model, Dimension::Tier])?;
    Ok((unit, groups))
}

/// The first and the last day of groups by day.
fn span(groups: &Groups) -> Option<(Date, Date)> {
    let days = (0..groups.len()).filter_map(|at| groups.values(at).next().flatten());
    let mut days = days.filter_map(|day| day.parse::<Date>().ok());
    let first = days.next()?;
    Some((first, days.next_back().unwrap_or(first)))
}
