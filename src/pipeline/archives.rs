//! Saved ledgers among the inputs: their sums are taken as they are, and which of their
//! rows have a price is asked again.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::Read;

use super::{Desks, PipelineError};
use crate::formats::Labels;
use crate::input::{InputError, Source};
use crate::ledger::{FileAccount, InputInfo, Ledger, Restored, restore, sha256_of};
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
            let (mut counts, mut prices) = ((0_u64, 0_u64), desk.prices.of_another());
            for view in restored.ledger.cells() {
                let priced = prices.has(&restored.ledger, view.key);
                let class = if priced { &mut counts.0 } else { &mut counts.1 };
                *class = class.saturating_add(view.cell.rows);
            }
            Ok::<_, PipelineError>((restored, counts))
        })?;
        let Restored { ledger, repeated, mut account, inputs } = restored;
        for input in &inputs {
            self.note(input.sha256(), input.path(), path)?;
        }
        let rows = &mut account.rows;
        (rows.priced, rows.unpriced) = counts;
        rows.read = rows.read.saturating_add(counts.0).saturating_add(counts.1);
        account.made_of = inputs;
        self.ledgers.push((ledger, repeated));
        Ok(account)
    }

    /// Notes that some input is part of another; fails where it is already.
    fn note(&mut self, sha256: &str, input: &str, path: &str) -> Result<(), PipelineError> {
        if sha256.is_empty() {
            return Ok(());
        }
        let entry = (input.to_owned(), path.to_owned());
        match self.inputs.insert(sha256.to_owned(), entry) {
            None => Ok(()),
            Some((input, first)) => {
                Err(PipelineError::SharedInput { first, second: path.to_owned(), input })
            }
        }
    }

    /// Fails where a log is part of a saved ledger too, or a ledger is there twice.
    pub(super) fn check(
        &mut self,
        sources: &[Source],
        files: &[FileAccount],
    ) -> Result<(), PipelineError> {
        if self.ledgers.is_empty() {
            return Ok(());
        }
        let made_of = files.iter().flat_map(|file| &file.made_of);
        let sizes: HashSet<u64> = made_of.map(InputInfo::bytes).collect();
        for (source, file) in sources.iter().zip(files) {
            let Source::File(real) = source else { continue };
            let is_ledger = !file.made_of.is_empty();
            if source.is_stream() || !(is_ledger || sizes.contains(&file.bytes)) {
                continue;
            }
            let path = source.name();
            let failed =
                |source| InputError::Read { path: path.clone(), doing: "cannot be read", source };
            let sha256 = File::open(real).and_then(sha256_of).map_err(failed)?;
            self.note(&sha256, &path, &path)?;
        }
        Ok(())
    }

    pub(super) fn into_ledgers(self) -> Vec<(Ledger, Ledger)> {
        self.ledgers
    }
}
