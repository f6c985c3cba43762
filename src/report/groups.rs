//! The groups of the view model.

use std::cmp::Reverse;
use std::sync::Arc;

use super::build::Sources;
use super::model::GroupTable;
use crate::scenario::{Group, Groups};
use crate::usage::Dimension;

/// Groups: by time in order, else the most expensive first.
pub(super) fn groups(sources: &Sources<'_>) -> GroupTable {
    let groups = Arc::clone(&sources.comparison.groups);
    let by_time = sources.by.first().is_some_and(is_time);
    GroupTable {
        names: sources.by.iter().map(|dimension| dimension.name().to_owned()).collect(),
        order: order(&groups, by_time).into(),
        assumed: sources.assumed.map(|one| (one.share, Arc::clone(&one.prices.comparison.groups))),
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

fn is_time(dimension: &Dimension) -> bool {
    matches!(dimension, Dimension::Day | Dimension::Week | Dimension::Month)
}
