//! The groups of the view model.

use std::cmp::Reverse;
use std::sync::Arc;

use super::build::Sources;
use super::model::GroupTable;
use crate::money::Share;
use crate::scenario::{Group, Groups};
use crate::usage::Dimension;

/// The asked groups.
pub(super) fn groups(sources: &Sources<'_>) -> GroupTable {
    let groups = Arc::clone(&sources.comparison.groups);
    let assumed = sources.assumed.map(|one| (one.share, Arc::clone(&one.prices.comparison.groups)));
    table(groups, sources.by, assumed)
}

/// Groups by some properties: by time in order, else the most expensive first.
pub(super) fn table(
    groups: Arc<Groups>,
    by: &[Dimension],
    assumed: Option<(Share, Arc<Groups>)>,
) -> GroupTable {
    GroupTable {
        names: by.iter().map(|dimension| dimension.name().to_owned()).collect(),
        order: order(&groups, by.first().is_some_and(is_time)).into(),
        assumed,
        groups,
    }
}

/// Groups come in the order of their values.
fn order(groups: &Groups, by_time: bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..groups.len()).collect();
    if !by_time {
        // A stable sort keeps the order of the values among equals.
        order.sort_by_cached_key(|at| Reverse(groups.get(*at).map(Group::recorded)));
    }
    order
}

/// Whether a property is a part of the time.
pub(super) fn is_time(dimension: &Dimension) -> bool {
    matches!(dimension, Dimension::Day | Dimension::Week | Dimension::Month)
}
