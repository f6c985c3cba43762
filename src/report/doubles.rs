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
    let sums = files.iter().filter(used).filter_map(|file| Some((family(file)?, file)));
    let mut sums: Vec<(&str, &FileAccount)> = sums.collect();
    sums.sort_by_key(|(family, file)| (*family, file.period.from));
    if let Some((one, other)) = overlapping(&sums) {
        let message = format!(
            "{} and {} are exports of sums, of the same time: usage that both hold is counted \
             twice; leave one out unless they are of other projects or models",
            one.path, other.path
        );
        notes.push(Note { code: "double_count", message });
    }
    notes
}

/// Exports of sums that may hold the same usage, by whose they are; `None` for others.
fn family(file: &FileAccount) -> Option<&'static str> {
    const FAMILIES: [(&str, &str); 8] = [
        ("openai-usage-api", "openai"),
        ("openai-dashboard-usage", "openai"),
        ("openai-legacy-usage", "openai"),
        ("openai-activity-2023", "openai"),
        ("anthropic-usage-api", "anthropic"),
        ("anthropic-console-usage", "anthropic"),
        ("vercel-report", "vercel"),
        ("openai-batch-object", "batches"),
    ];
    let known = FAMILIES.iter().find(|(format, _)| file.format == Some(format));
    known.map(|(_, family)| *family)
}

/// Two inputs of one family whose times overlap; `None` where there are none. They are
/// sorted by family and start.
fn overlapping<'f>(sums: &[(&str, &'f FileAccount)]) -> Option<(&'f FileAccount, &'f FileAccount)> {
    let mut latest: Option<(&str, &FileAccount)> = None;
    for (family, file) in sums {
        if let Some((_, before)) = latest.filter(|(known, _)| known == family) {
            if file.period.from.is_some() && file.period.from <= before.period.last() {
                return Some((before, file));
            }
            if before.period.last() >= file.period.last() {
                continue;
            }
        }
        latest = Some((family, file));
    }
    None
}
