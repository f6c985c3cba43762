//! The asked filters: which rows are kept, and which labels the ledger keeps.

use std::ops::Range;

use jiff::tz::TimeZone;

use crate::formats::{Ask, Filter, Labels, MAX_LABELS};
use crate::usage::{Dimension, Instant, UsageRow};

/// The asked filters, and where their labels are.
pub(super) struct Filters<'a> {
    ask: &'a Ask,
    zone: &'a TimeZone,
    /// For each filter, the position of its label.
    labels: Vec<Option<usize>>,
    /// How many labels the ledger keeps: they come first.
    kept: usize,
}

impl<'a> Filters<'a> {
    pub(super) fn new(ask: &'a Ask, zone: &'a TimeZone) -> Self {
        let known = ask.labels();
        let position = |filter: &Filter| known.iter().position(|label| *label == filter.dimension);
        let labels = ask.filters.iter().map(position).collect();
        Self { ask, zone, labels, kept: ask.kept().len() }
    }

    /// Whether rows are chosen by their time.
    pub(super) const fn in_time(&self) -> bool {
        self.ask.from.is_some() || self.ask.to.is_some()
    }

    /// The labels that the ledger keeps.
    pub(super) fn group_labels<'l>(&self, labels: &Labels<'l>) -> Labels<'l> {
        let mut kept = [None; MAX_LABELS];
        for (slot, label) in kept.iter_mut().zip(labels).take(self.kept) {
            *slot = *label;
        }
        kept
    }

    pub(super) fn keep(&self, row: &UsageRow<'_>, labels: &Labels<'_>, format: &str) -> bool {
        self.keeps_time(row.start) && self.keeps_words(row, labels, format)
    }

    /// The time in which rows that have one are kept.
    pub(super) fn within(&self) -> Range<Instant> {
        let (from, to) = (self.ask.from, self.ask.to);
        from.unwrap_or(Instant::EARLIEST)..to.unwrap_or(Instant::LATEST)
    }

    /// Whether rows that start then are kept.
    pub(super) fn keeps_time(&self, start: Option<Instant>) -> bool {
        match start {
            Some(start) => {
                self.ask.from.is_none_or(|from| from <= start)
                    && self.ask.to.is_none_or(|to| start < to)
            }
            None => !self.in_time(),
        }
    }

    /// Whether rows with its words, on its day, are kept.
    pub(super) fn keeps_words(
        &self,
        row: &UsageRow<'_>,
        labels: &Labels<'_>,
        format: &str,
    ) -> bool {
        self.ask.filters.iter().zip(&self.labels).all(|(filter, at)| {
            let label = at.and_then(|at| labels.get(at)).copied().flatten();
            self.passes(filter, row, label, format)
        })
    }

    fn passes(
        &self,
        filter: &Filter,
        row: &UsageRow<'_>,
        label: Option<&str>,
        format: &str,
    ) -> bool {
        let is = |value: &str| filter.values.iter().any(|wanted| wanted == value);
        match &filter.dimension {
            Dimension::Provider => is(row.provider),
            Dimension::Model => is(row.model.unwrap_or_default()),
            Dimension::Tier => is(row.tier.name()),
            Dimension::Endpoint => is(row.endpoint),
            Dimension::Region => is(row.region),
            Dimension::Format => is(format),
            Dimension::Day | Dimension::Week | Dimension::Month => {
                let value = row.start.and_then(|start| filter.dimension.of_time(start, self.zone));
                is(&value.unwrap_or_default())
            }
            Dimension::Project | Dimension::User | Dimension::ApiKey | Dimension::Column(_) => {
                is(label.unwrap_or_default())
            }
        }
    }
}
