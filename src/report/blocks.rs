//! Groups in words: there may be millions of them, and most of a report's text is theirs.

use std::io::{self, Write};

use super::model::GroupTable;
use crate::scenario::{Hands, made_beside};

/// Groups that are put into words by one task.
pub(super) const BLOCK: usize = 256;

/// Memory that is reserved for them at most, before it is known how long they are.
const MOST_RESERVED: usize = 1024 * 1024;

/// Puts groups into words, [`BLOCK`] of them by each task, on all hands, and writes these in
/// order. `make` is given the number of the first one.
pub(super) fn write_blocks(
    groups: &GroupTable,
    hands: &dyn Hands,
    make: &(dyn Fn(usize) -> io::Result<Vec<u8>> + Sync),
    out: &mut dyn Write,
) -> io::Result<()> {
    // Some at a time: there may be more of them than should be held in words.
    let round = hands.count().max(1).saturating_mul(4);
    let (mut start, mut ready) = (0, Vec::new());
    loop {
        let many = if start < groups.len() { round } else { 0 };
        let make = |task: usize| make(start.saturating_add(task.saturating_mul(BLOCK)));
        // What was put into words is written while the next ones are.
        let (mut blocks, mut written) = (std::mem::take(&mut ready).into_iter(), Ok(()));
        let mut write = || {
            written = blocks.try_for_each(|block: io::Result<Vec<u8>>| out.write_all(&block?));
        };
        ready = made_beside(hands, many, &make, &mut write);
        written?;
        if many == 0 {
            return Ok(());
        }
        start = start.saturating_add(round.saturating_mul(BLOCK));
    }
}

/// Bytes for the other groups of a block, by those of its first one: most are about as long.
pub(super) fn rest_of_block(first: usize, groups: &GroupTable, start: usize) -> usize {
    let left = groups.len().saturating_sub(start).min(BLOCK);
    first.saturating_mul(left).min(MOST_RESERVED)
}
