//! What a run asks of its rows: which to keep, what to group by, and what tells records
//! apart.

use crate::usage::{Dimension, Instant};

/// The most properties that one run can group and filter by, besides those
/// that every row has.
pub const MAX_LABELS: usize = 8;

/// One `--where FIELD=VALUE`; several values of one field are alternatives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The property.
    pub dimension: Dimension,
    /// The values that pass; an empty one stands for "absent".
    pub values: Vec<String>,
}

/// What a run asks of its rows.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// What to group by.
    pub by: Vec<Dimension>,
    /// What the ledger keeps besides, where inputs have it.
    pub also: Vec<Dimension>,
    /// What each row shows, without being grouped by it.
    pub show: Vec<Dimension>,
    /// What to keep.
    pub filters: Vec<Filter>,
    /// First instant to keep.
    pub from: Option<Instant>,
    /// First instant not to keep.
    pub to: Option<Instant>,
    /// What tells records apart.
    pub dedupe: Dedupe,
}

/// What tells records apart: records with one key are one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Dedupe {
    /// The key that the format has, if it has one.
    #[default]
    Declared,
    /// Nothing.
    Never,
    /// A field.
    By(String),
}

impl Ask {
    /// The properties that rows carry only when asked: projects, users, keys
    /// and columns, each once.
    pub fn labels(&self) -> Vec<Dimension> {
        let filtered = self.filters.iter().map(|filter| &filter.dimension);
        let mut labels: Vec<Dimension> = Vec::new();
        for dimension in self.also.iter().chain(&self.by).chain(filtered).chain(&self.show) {
            if dimension.is_label() && !labels.contains(dimension) {
                labels.push(dimension.clone());
            }
        }
        labels
    }

    /// Those of them that the ledger keeps; they come first.
    pub fn kept(&self) -> Vec<Dimension> {
        let mut labels = self.labels();
        labels.retain(|label| self.by.contains(label) || self.also.contains(label));
        labels
    }

    /// Whether some rows may be left out.
    pub const fn leaves_out(&self) -> bool {
        self.from.is_some() || self.to.is_some() || !self.filters.is_empty()
    }

    /// Of the values of the asked properties those that the ledger keeps.
    pub fn grouped<'l>(&self, labels: &Labels<'l>) -> Labels<'l> {
        let mut kept = [None; MAX_LABELS];
        for (slot, label) in kept.iter_mut().zip(labels).take(self.kept().len()) {
            *slot = *label;
        }
        kept
    }
}

/// The values of the asked properties of one row.
pub type Labels<'r> = [Option<&'r str>; MAX_LABELS];
