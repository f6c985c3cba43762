//! Saved ledgers among the inputs: their sums are taken as they are, and which of their
//! rows have a price is asked again.

use std::collections::HashMap;
use std::io::Read;

use super::{Desks, PipelineError};
use crate::formats::Labels;
use crate::ledger::{FileAccount, Ledger, Restored, restore};
use crate::usage::UsageRow;

/// The saved ledgers of a run.
#[derive(Debug, Default)]
pub(super) struct Archives {
    ledgers: Vec<(Ledger, Ledger)>,
    /// The inputs that they were made of, by their digests: their names, and the ledger.
    inputs: HashMap<String, (String, String)>,
}

impl Archives {
    /// Reads one; gives the account of its rows.
    pub(super) fn read(
        &mut self,
        stream: impl Read,
        path: &str,
        desks: &Desks<'_, '_>,
    ) -> Result<FileAccount, PipelineError> {
        let plan = desks.plan;
        let (restored, counts) = desks.at_a_desk(|desk| {
            let filters = &desk.filters;
            let mut keep = |row: &UsageRow<'_>, labels: &Labels<'_>, format: &str| {
                filters.keep(row, labels, format)
            };
            let restored = restore(stream, path, (&plan.cuts, plan.ask), &mut keep)?;
            let mut counts = (0_u64, 0_u64);
            for view in restored.ledger.cells() {
                let priced = desk.prices.has(&restored.ledger, view.key);
                let class = if priced { &mut counts.0 } else { &mut counts.1 };
                *class = class.saturating_add(view.cell.rows);
            }
            Ok::<_, PipelineError>((restored, counts))
        })?;
        let Restored { ledger, repeated, mut account, inputs } = restored;
        for input in inputs.iter().filter(|input| !input.sha256().is_empty()) {
            let entry = (input.path().to_owned(), path.to_owned());
            if let Some((name, other)) = self.inputs.insert(input.sha256().to_owned(), entry) {
                let (first, second) = (other, path.to_owned());
                return Err(PipelineError::SharedInput { first, second, input: name });
            }
        }
        let rows = &mut account.rows;
        (rows.priced, rows.unpriced) = counts;
        rows.read = rows.read.saturating_add(counts.0).saturating_add(counts.1);
        self.ledgers.push((ledger, repeated));
        Ok(account)
    }

    pub(super) fn into_ledgers(self) -> Vec<(Ledger, Ledger)> {
        self.ledgers
    }
}
