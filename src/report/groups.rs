//! The groups of the view model.

use std::sync::Arc;

use super::assumed::assumed_scenarios;
use super::build::Sources;
use super::model::{GroupInfo, GroupScenario};
use crate::scenario::{Group, Scenario};
use crate::usage::Dimension;

/// Groups: by time in order, else the most expensive first.
pub(super) fn groups(sources: &Sources<'_>) -> Vec<GroupInfo> {
    // The first scenario is the baseline.
    let recorded = |group: &Group| group.scenarios.first().map(|total| total.usd);
    let assumed = sources.assumed.map(|one| one.prices.comparison.groups.iter());
    // Both are of one ledger, so their groups are the same.
    let mut assumed = assumed.into_iter().flatten();
    let mut groups: Vec<_> =
        sources.comparison.groups.iter().map(|(key, group)| (key, group, assumed.next())).collect();
    let by_time = sources.by.first().is_some_and(|first| !first.is_label() && is_time(first));
    if !by_time {
        // A stable sort keeps the order of the values among equals.
        groups.sort_by_key(|(_, group, _)| std::cmp::Reverse(recorded(group)));
    }
    let names: Vec<Arc<str>> = sources.by.iter().map(|dimension| dimension.name().into()).collect();
    let info = |(key, group, assumed): (Vec<_>, _, Option<(Vec<_>, _)>)| {
        let same = assumed.filter(|(other, _)| *other == key).map(|(_, group)| group);
        group_info(sources, names.iter().cloned().zip(key).collect(), group, same)
    };
    groups.into_iter().map(info).collect()
}

fn is_time(dimension: &Dimension) -> bool {
    matches!(dimension, Dimension::Day | Dimension::Week | Dimension::Month)
}

fn group_info(
    sources: &Sources<'_>,
    key: Vec<(Arc<str>, Option<Arc<str>>)>,
    group: &Group,
    assumed: Option<&Group>,
) -> GroupInfo {
    let assumed = assumed.into_iter();
    let assumed =
        assumed.flat_map(|group| assumed_scenarios(sources.assumed).zip(&group.scenarios));
    let all = Scenario::all().zip(&group.scenarios).chain(assumed);
    let scenarios = all.map(|(scenario, total)| GroupScenario {
        tier: scenario.tier.name(),
        caching: scenario.caching.name(),
        total_usd: total.usd,
        delta_usd: total.delta().unwrap_or_default(),
        fallback_rows: total.fallback_rows,
    });
    GroupInfo {
        key,
        rows: group.volume.rows,
        requests: group.volume.requests,
        quantities: group.quantities.iter().map(|(meter, sum)| (meter.name(), *sum)).collect(),
        scenarios: scenarios.collect(),
    }
}
