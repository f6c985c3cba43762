//! Inputs that may say the same usage twice.

use super::model::Note;
use crate::formats::registry;
use crate::ledger::{FileAccount, Period};

/// Formats whose records sum up what others say call by call.
const SUMMED: (&str, &str) = ("openai-batch-object", "openai-batch-output");

/// An input, or a part of a saved ledger.
struct Piece<'f> {
    path: &'f str,
    format: &'f str,
    period: Period,
    /// The input that holds it.
    input: &'f str,
    /// Whether it is part of a saved ledger.
    saved: bool,
}

/// Every input with usage, saved ledgers by what they were made of.
fn pieces(files: &[FileAccount]) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for file in files.iter().filter(|file| file.rows.priced > 0 || file.rows.unpriced > 0) {
        let (input, saved) = (file.path.as_str(), !file.made_of.is_empty());
        if let Some(format) = file.format.filter(|_| !saved) {
            pieces.push(Piece { path: input, format, period: file.period, input, saved });
        }
        for part in file.made_of.iter().filter(|part| part.is_used()) {
            let Some((format, period)) = part.format().zip(part.period()) else { continue };
            pieces.push(Piece { path: part.path(), format, period, input, saved });
        }
    }
    pieces
}

/// Notes on inputs that may say the same usage twice.
pub(super) fn doubles(files: &[FileAccount]) -> Vec<Note> {
    let pieces = pieces(files);
    let notes = [summed(&pieces), same_time(&pieces), unknown_keys(&pieces), same_name(&pieces)];
    let note = |message| Note { code: "double_count", message };
    notes.into_iter().flatten().map(note).collect()
}

/// Batches as a whole beside batches line by line.
fn summed(pieces: &[Piece<'_>]) -> Option<String> {
    let of = |format: &str| pieces.iter().find(|piece| piece.format == format);
    let (objects, lines) = of(SUMMED.0).zip(of(SUMMED.1))?;
    Some(format!(
        "{} has batches as a whole and {} has batches line by line: if they are the same batches, \
         their usage is counted twice; leave one out",
        objects.path, lines.path
    ))
}

/// Exports of sums, of the same time.
fn same_time(pieces: &[Piece<'_>]) -> Option<String> {
    let sums = pieces.iter().filter_map(|piece| Some((family(piece.format)?, piece)));
    let mut sums: Vec<(&str, &Piece<'_>)> = sums.collect();
    sums.sort_by_key(|(family, piece)| (*family, piece.period.from));
    let (one, other) = overlapping(&sums)?;
    Some(format!(
        "{} and {} are exports of sums, of the same time: usage that both hold is counted twice; \
         leave one out unless they are of other projects or models",
        one.path, other.path
    ))
}

/// A log that is part of two inputs by its name, and has grown or was packed in between.
fn same_name(pieces: &[Piece<'_>]) -> Option<String> {
    let mut saved: Vec<&Piece<'_>> = pieces.iter().collect();
    saved.sort_by_key(|piece| (piece.path, piece.input));
    let alike = |(one, other): &(&&Piece<'_>, &&Piece<'_>)| {
        one.path == other.path && one.input != other.input && (one.saved || other.saved)
    };
    let (one, other) = saved.iter().zip(saved.iter().skip(1)).find(alike)?;
    Some(format!(
        "{} and {} both have usage of a file {}: if it is one that has grown, its usage is counted \
         twice",
        one.input, other.input, one.path
    ))
}

/// Records with keys in a saved ledger cannot be compared with those of other inputs.
fn unknown_keys(pieces: &[Piece<'_>]) -> Option<String> {
    let keyed = |piece: &&Piece<'_>| {
        registry().iter().any(|format| format.name == piece.format && format.tells().key)
    };
    let saved = pieces.iter().filter(keyed).find(|piece| piece.saved)?;
    let other = pieces.iter().filter(keyed).find(|other| other.input != saved.input)?;
    Some(format!(
        "{} is saved without the keys of its records ({}): one that {} has too is counted twice",
        saved.input, saved.format, other.path
    ))
}

/// Exports of sums that may hold the same usage, by whose they are; `None` for others.
fn family(name: &str) -> Option<&'static str> {
    let format = registry().iter().find(|format| format.name == name)?;
    let tells = format.tells();
    (tells.record == "sum" && !tells.key).then(|| format.family())
}

/// Two inputs of one family whose times overlap; `None` where there are none. They are
/// sorted by family and start.
fn overlapping<'p, 'f>(sums: &[(&str, &'p Piece<'f>)]) -> Option<(&'p Piece<'f>, &'p Piece<'f>)> {
    let mut latest: Option<(&str, &Piece<'f>)> = None;
    for (family, piece) in sums.iter().copied() {
        if let Some((_, before)) = latest.filter(|(known, _)| *known == family) {
            if piece.period.from.is_some() && piece.period.from <= before.period.last() {
                return Some((before, piece));
            }
            if before.period.last() >= piece.period.last() {
                continue;
            }
        }
        latest = Some((family, piece));
    }
    None
}
