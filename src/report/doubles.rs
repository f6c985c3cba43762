//! Inputs that may say the same usage twice.

use super::model::Note;
use crate::ledger::FileAccount;

/// Formats whose records sum up what others say call by call.
const SUMMED: (&str, &str) = ("openai-batch-object", "openai-batch-output");

/// Notes on inputs that may say the same usage twice.
pub(super) fn doubles(files: &[FileAccount]) -> Vec<Note> {
    let mut notes = Vec::new();
    let used = |file: &&FileAccount| file.rows.priced > 0 || file.rows.unpriced > 0;
    let of = |format: &'static str| {
        files.iter().filter(used).filter(move |file| file.format == Some(format))
    };
    if let Some((objects, lines)) = of(SUMMED.0).next().zip(of(SUMMED.1).next()) {
        let message = format!(
            "{} has batches as a whole and {} has batches line by line: \
             if they are the same batches, their usage is counted twice; leave one out",
            objects.path, lines.path
        );
        notes.push(Note { code: "double_count", message });
    }
    for sums in files.iter().filter(|file| file.tally.without_model > 0) {
        let alike = |file: &&FileAccount| {
            let named = file.rows.priced.saturating_add(file.rows.unpriced);
            file.format == sums.format
                && file.path != sums.path
                && named > file.tally.without_model
                && overlap(file, sums)
        };
        if let Some(parts) = files.iter().find(alike) {
            let message = format!(
                "{} has sums over all models, {} has sums by model, of the same time: \
                 where both are of the same requests, these are counted twice (the sums over \
                 all models have no price)",
                sums.path, parts.path
            );
            notes.push(Note { code: "double_count", message });
        }
    }
    notes
}

/// Whether the times of two inputs overlap.
fn overlap(one: &FileAccount, other: &FileAccount) -> bool {
    let begins_before = |one: &FileAccount, other: &FileAccount| {
        one.period.from.zip(other.period.to).is_some_and(|(from, to)| from < to)
    };
    begins_before(one, other) && begins_before(other, one)
}
