//! Where rows are cut so that each key has one price: context thresholds, and
//! time segments.

use jiff::tz::TimeZone;

use crate::rates::{RateBook, Threshold};
use crate::usage::{Instant, UsageRow};

/// Seconds in the longest civil day, with room.
const LONG_DAY: i64 = 26 * 3600;

/// The cut lists of a run.
#[derive(Debug, Clone)]
pub struct Cuts {
    thresholds: Vec<Threshold>,
    boundaries: Vec<Instant>,
    windows: Vec<u64>,
    caps: Vec<u64>,
    zone: TimeZone,
}

/// A time segment `[start, end)`: no price begins or ends within it, and it lies
/// within one day of UTC and of the report's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// First instant.
    pub start: Instant,
    /// First instant after it.
    pub end: Instant,
}

impl Segment {
    /// Whether an instant lies within it.
    #[inline]
    pub fn holds(&self, at: Instant) -> bool {
        self.start <= at && at < self.end
    }
}

impl Cuts {
    /// The cuts of a book, for reports in `zone`.
    pub fn new(book: &RateBook, zone: TimeZone) -> Self {
        Self {
            thresholds: book.thresholds(),
            boundaries: book.boundaries().to_vec(),
            windows: book.context_windows(),
            caps: book.output_caps(),
            zone,
        }
    }

    /// The zone whose days reports use.
    pub const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The fewest input tokens of one request that reach a class or a context
    /// window, and the fewest output tokens that reach a cap.
    pub fn lowest(&self) -> (u64, u64) {
        let first = self.thresholds.first().map(|threshold| threshold.tokens);
        let least = |limits: &[u64]| limits.first().copied().unwrap_or(u64::MAX);
        (first.unwrap_or(u64::MAX).min(least(&self.windows)), least(&self.caps))
    }

    /// The class of `requests` requests with `input` input tokens together, by
    /// their average.
    pub fn class(&self, input: u128, requests: u64) -> u8 {
        let reached =
            self.thresholds.iter().filter(|threshold| threshold.is_reached(input, requests));
        u8::try_from(reached.count()).unwrap_or(u8::MAX)
    }

    /// Where the context classes begin, above the lowest.
    pub(super) fn thresholds(&self) -> &[Threshold] {
        &self.thresholds
    }

    /// The class of requests that reach a threshold and no higher one.
    pub(super) fn reached_by(&self, limit: Option<Threshold>) -> u8 {
        let reached = self.thresholds.iter().filter(|one| Some(**one) <= limit);
        u8::try_from(reached.count()).unwrap_or(u8::MAX)
    }

    /// Where a class begins; `None` for the lowest.
    pub(super) fn threshold(&self, class: u8) -> Option<Threshold> {
        usize::from(class).checked_sub(1).and_then(|at| self.thresholds.get(at)).copied()
    }

    /// How many context windows, and how many output caps, one request reaches.
    pub fn limits(&self, input: u64, output: u64) -> (u8, u8) {
        let reached = |limits: &[u64], count| limits.partition_point(|limit| *limit <= count);
        let small = |number| u8::try_from(number).unwrap_or(u8::MAX);
        (small(reached(&self.windows, input)), small(reached(&self.caps, output)))
    }

    /// The largest of the context windows that were reached.
    pub(super) fn window(&self, reached: u8) -> Option<u64> {
        usize::from(reached).checked_sub(1).and_then(|at| self.windows.get(at)).copied()
    }

    /// The largest of the output caps that were reached.
    pub(super) fn cap(&self, reached: u8) -> Option<u64> {
        usize::from(reached).checked_sub(1).and_then(|at| self.caps.get(at)).copied()
    }

    /// Where each class begins.
    pub(super) fn classes(&self) -> impl Iterator<Item = Option<Threshold>> + '_ {
        std::iter::once(None).chain(self.thresholds.iter().copied().map(Some))
    }

    /// The segment of an instant.
    pub(super) fn segment(&self, at: Instant) -> Segment {
        let utc = at.utc_midnight();
        let mut start = utc;
        let mut end = utc.later(86_400);
        if let Some(local) = at.day_start(&self.zone) {
            start = start.max(local);
            if let Some(next) = local.later(LONG_DAY).day_start(&self.zone) {
                end = end.min(next);
            }
        }
        let after = self.boundaries.partition_point(|boundary| *boundary <= at);
        if let Some(before) = after.checked_sub(1).and_then(|last| self.boundaries.get(last)) {
            start = start.max(*before);
        }
        if let Some(next) = self.boundaries.get(after) {
            end = end.min(*next);
        }
        Segment { start, end }
    }

    /// The time around an instant in which no price begins or ends.
    pub fn unchanged(&self, at: Instant) -> Segment {
        let after = self.boundaries.partition_point(|boundary| *boundary <= at);
        let before = after.checked_sub(1).and_then(|last| self.boundaries.get(last));
        let start = before.copied().unwrap_or(Instant::EARLIEST);
        let end = self.boundaries.get(after).copied().unwrap_or(Instant::LATEST);
        Segment { start, end }
    }

    /// Every instant at which a price begins or ends.
    pub(super) fn boundaries(&self) -> &[Instant] {
        &self.boundaries
    }

    /// Whether a price begins or ends within `[start, end)`, after its start.
    pub fn changes_within(&self, start: Instant, end: Instant) -> bool {
        self.boundaries.iter().any(|boundary| start < *boundary && *boundary < end)
    }
}

/// Finds segments, remembering the last one.
#[derive(Debug)]
pub struct Segments<'c> {
    cuts: &'c Cuts,
    last: Option<Segment>,
}

impl<'c> Segments<'c> {
    /// Over the cuts of a run.
    pub const fn new(cuts: &'c Cuts) -> Self {
        Self { cuts, last: None }
    }

    /// The segment of a row's start, and that of its end where prices change
    /// between.
    pub fn of_row(&mut self, row: &UsageRow<'_>) -> (Option<Segment>, Option<Segment>) {
        let end =
            row.start.zip(row.end).filter(|(start, end)| self.cuts.changes_within(*start, *end));
        let until = end.map(|(_, end)| self.of(end.later(-1)));
        (row.start.map(|start| self.of(start)), until)
    }

    /// The segment of an instant.
    pub fn of(&mut self, at: Instant) -> Segment {
        match self.last {
            Some(segment) if segment.holds(at) => segment,
            _ => *self.last.insert(self.cuts.segment(at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse_log(text).unwrap().instant
    }

    #[test]
    fn segments_end_at_every_midnight_and_boundary() {
        let book = RateBook::built_in().unwrap();
        let zone = TimeZone::get("America/New_York").unwrap();
        let cuts = Cuts::new(&book, zone);
        for (instant, start, end) in [
            ("2026-10-05T12:00:00Z", "2026-10-05T04:00:00Z", "2026-10-06T00:00:00Z"),
            ("2026-10-05T02:00:00Z", "2026-10-05T00:00:00Z", "2026-10-05T04:00:00Z"),
            // The day on which clocks go back has 25 hours.
            ("2026-11-01T23:30:00Z", "2026-11-01T04:00:00Z", "2026-11-02T00:00:00Z"),
        ] {
            let segment = cuts.segment(at(instant));
            assert_eq!((segment.start, segment.end), (at(start), at(end)), "{instant}");
        }
    }

    #[test]
    fn the_class_of_an_aggregate_is_its_average() {
        let book = RateBook::built_in().unwrap();
        let cuts = Cuts::new(&book, TimeZone::UTC);
        // Over 100,000; at least 200,000; over 200,000; over 272,000.
        for (input, requests, class) in [
            (100_000, 1, 0),
            (100_001, 1, 1),
            (200_000, 1, 2),
            (200_001, 1, 3),
            (272_000, 1, 3),
            (272_001, 1, 4),
            (544_000, 2, 3),
            (544_001, 2, 4),
            (272_001, 0, 4),
        ] {
            assert_eq!(cuts.class(input, requests), class, "{input} / {requests}");
        }
    }
}
