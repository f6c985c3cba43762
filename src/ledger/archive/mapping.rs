//! Where the cuts of a ledger's table lie within those of the rate book at hand.

use super::record::Texts;
use crate::formats::Ask;
use crate::ledger::Cuts;
use crate::rates::Threshold;
use crate::usage::Instant;

/// The cuts at hand, and the thresholds of the table.
pub(super) struct Mapping<'m> {
    pub(super) cuts: &'m Cuts,
    pub(super) theirs: &'m [Threshold],
}

/// The context of a record's requests.
pub(super) struct Class {
    pub(super) average: u8,
    pub(super) highest: u8,
    /// Whether all requests are within one class.
    pub(super) settled: bool,
}

impl Mapping<'_> {
    /// The class of requests by the cuts at hand, of those of the table.
    pub(super) fn class(
        &self,
        texts: &Texts<'_>,
        (input, requests): (u128, u64),
        single: bool,
    ) -> Result<Class, String> {
        let (from, to) = (texts.threshold("context_from")?, texts.threshold("context_to")?);
        let highest = texts.threshold("context_highest")?;
        let inside = |one: &&Threshold| Some(**one) > from && to.is_none_or(|to| **one < to);
        // The context of one request is its own.
        let settled = single || !self.cuts.thresholds().iter().any(|one| inside(&one));
        let by_bounds = settled && !single;
        let average =
            if by_bounds { self.cuts.reached_by(from) } else { self.cuts.class(input, requests) };
        // The highest class of the table reaches up to its next threshold.
        let above = match highest {
            Some(highest) => self.theirs.iter().find(|one| **one > highest).copied(),
            None if settled => return Ok(Class { average, highest: 0, settled }),
            None => to,
        };
        let top = self.cuts.class(input, 1);
        let highest = above.map_or(top, |above| self.below(above)).min(top);
        Ok(Class { average, highest, settled })
    }

    /// The highest class that begins below a threshold.
    fn below(&self, above: Threshold) -> u8 {
        let below = self.cuts.thresholds().iter().filter(|one| **one < above);
        u8::try_from(below.count()).unwrap_or(u8::MAX)
    }

    /// The segment that the last instants of a record's rows are in, where prices change
    /// within it; and whether they do not change within its segment of the table.
    pub(super) fn until(
        &self,
        until: Option<Instant>,
        (start, end): (Option<Instant>, Option<Instant>),
    ) -> (Option<Instant>, bool) {
        let Some((start, end)) = start.zip(end) else { return (None, true) };
        let settled = !self.cuts.changes_within(start, end);
        let last = until.or_else(|| (!settled).then(|| end.later(-1)));
        let last = last.filter(|last| self.cuts.changes_within(start, last.later(1)));
        (last.map(|last| self.cuts.segment(last).start), settled)
    }
}

/// Says what cuts a record: the sums of a day of UTC are of no day elsewhere.
pub(super) fn check_day(
    cuts: &Cuts,
    ask: &Ask,
    (start, end): (Option<Instant>, Option<Instant>),
) -> Result<(), &'static str> {
    let Some((start, end)) = start.zip(end) else { return Ok(()) };
    if start.date(cuts.zone()) != end.later(-1).date(cuts.zone()) {
        return Err("a midnight of `--timezone`");
    }
    let inside = |limit: Option<Instant>| limit.is_some_and(|at| start < at && at < end);
    match () {
        () if inside(ask.from) => Err("`--from`"),
        () if inside(ask.to) => Err("`--to`"),
        () => Ok(()),
    }
}
