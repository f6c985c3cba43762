//! Forms of JSON records: what stands between their values. A record whose form was
//! met before is read without a look at its keys: only text that is expected, strings
//! and numbers.
//!
//! Learns from records that were read key by key, and takes no others: the same keys
//! in the same places, the same kinds of values, nothing else.
#![deny(clippy::arithmetic_side_effects)]

use super::json_foretold::Foretold;
use super::json_met::Met;
use super::json_quick::Reads;
use super::json_scan::Scan;
use super::json_strings::Expected;
use super::plain::Plain;
use crate::blocks::{Lanes, WithLanes, with_lanes};

/// Values of a record whose form is remembered.
const MOST_VALUES: usize = 256;

/// Branches of all forms that are remembered.
const MOST_BRANCHES: usize = 4096;

/// Records of no known form, before it is asked whether most are not.
const FEW_UNKNOWN: u64 = 1024;

/// The forms that were met, as a tree: each way from its root to an end is one.
#[derive(Debug, Default)]
pub(super) struct Forms {
    /// The first one is the root.
    branches: Vec<Branch>,
    /// What is read of the records of each form.
    reads: Vec<Reads>,
    known: u64,
    unknown: u64,
}

/// A text that is expected at a place of a record, and what comes behind it.
#[derive(Debug)]
struct Branch {
    before: Expected,
    then: Then,
    /// Where that ends.
    ends: Foretold,
    /// The first branch behind it; for an end, the number of the form.
    next: usize,
    /// Another branch at the same place; none where it is not after this one.
    other: usize,
}

/// What comes behind an expected text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// A string.
    Text(Use),
    /// A number.
    Number(Use),
    /// The end of the record.
    End,
}

/// Whether a value is read, or passed only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Wanted,
    Passed,
}

/// A step of a record, as it is learnt.
struct Step<'t> {
    before: &'t [u8],
    then: Then,
}

impl Then {
    /// Passes it; gives where it ends and where the next expected text begins. `records` were
    /// passed before.
    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    fn pass<L: Lanes>(
        self,
        lanes: L,
        (bytes, start): (&[u8], usize),
        (ends, records): (&mut Foretold, u64),
    ) -> Option<(usize, usize)> {
        match self {
            Self::Text(own) => {
                let (end, escaped) = ends.string_end(lanes, (bytes, start), records)?;
                // What is no value, or is not to be read as it stands, has another form.
                let is_value = || {
                    let text = bytes.get(start..end).unwrap_or_default();
                    !escaped && Plain::of_text(text) != Plain::Absent
                };
                (own == Use::Passed || is_value()).then_some((end, end.wrapping_add(1)))
            }
            Self::Number(_) => ends.number_end((bytes, start), records).map(|end| (end, end)),
            Self::End => matches!(bytes.get(start), None | Some(b'\n')).then_some((start, start)),
        }
    }

    const fn is_wanted(self) -> bool {
        matches!(self, Self::Text(Use::Wanted) | Self::Number(Use::Wanted))
    }
}

/// A record that is read by its form.
struct Reading<'r> {
    branches: &'r mut [Branch],
    /// How many were read before.
    records: u64,
    bytes: &'r [u8],
    start: usize,
    spans: &'r mut Vec<[u32; 2]>,
}

impl WithLanes for Reading<'_> {
    type Output = Option<(usize, usize)>;

    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> Self::Output {
        let Self { branches, records, bytes, start, spans } = self;
        let (mut at, mut branch) = (start, 0);
        loop {
            let Branch { before, then, ends, next, other } = branches.get_mut(branch)?;
            let begin = at.wrapping_add(before.text().len());
            let is_it = before.begins(lanes, bytes.get(at..)?);
            let passed =
                if is_it { then.pass(lanes, (bytes, begin), (ends, records)) } else { None };
            match passed {
                Some((end, behind)) => {
                    if then.is_wanted() {
                        spans.push([narrow(begin).wrapping_sub(1), narrow(end)]);
                    } else if *then == Then::End {
                        return Some((*next, end));
                    }
                    (at, branch) = (behind, *next);
                }
                None if *other > branch => branch = *other,
                None => return None,
            }
        }
    }
}

impl Forms {
    /// Reads a record that begins at `start`, if its form is known; gives the form's number
    /// and the record's end. Where its wanted values stand is added to `spans`, each behind
    /// the position before it.
    #[inline]
    pub(super) fn read(
        &mut self,
        bytes: &[u8],
        start: usize,
        spans: &mut Vec<[u32; 2]>,
    ) -> Option<(usize, usize)> {
        let (branches, records) = (self.branches.as_mut_slice(), self.known);
        let found = with_lanes(Reading { branches, records, bytes, start, spans });
        let count = if found.is_some() { &mut self.known } else { &mut self.unknown };
        *count = count.saturating_add(1);
        found
    }

    /// What is read of the records of a form.
    #[inline]
    pub(super) fn reads(&self, form: usize) -> Option<&Reads> {
        self.reads.get(form)
    }

    /// Whether records are to be looked up: not where most have forms of their own.
    pub(super) fn are_worth_it(&self) -> bool {
        self.unknown <= self.known.saturating_add(FEW_UNKNOWN)
    }

    /// Learns the form of a record that was read key by key: all of its text, where it
    /// has no carriage return.
    #[cold]
    pub(super) fn learn(&mut self, text: &[u8], start: usize, met: &Met, reads: &Reads) {
        let Some((mut steps, rest)) = steps(text, start, met) else { return };
        let branches = self.branches.len().saturating_add(steps.len());
        if steps.len() > MOST_VALUES || branches > MOST_BRANCHES {
            return;
        }
        steps.push(Step { before: rest, then: Then::End });
        let mut branch = 0;
        for step in &steps {
            let Some(known) = self.branch(branch, step) else { return };
            branch = known;
        }
        // The number of a form that is new.
        if branch == self.reads.len() {
            self.reads.push(reads.of_values(met));
        }
    }

    /// Takes the branch of a step at a place, whose first branch is `branch`, and grows it
    /// where there is none; gives the first branch behind it.
    fn branch(&mut self, mut branch: usize, step: &Step<'_>) -> Option<usize> {
        let new = self.branches.len();
        while let Some(own) = self.branches.get_mut(branch) {
            if own.then == step.then && own.before.text() == step.before {
                return Some(own.next);
            }
            if own.other <= branch {
                own.other = new;
            }
            branch = own.other;
        }
        // It is the next one, where this is not the last step.
        let next = if step.then == Then::End { self.reads.len() } else { new.checked_add(1)? };
        let before = Expected::new(step.before);
        let ends = Foretold::NOTHING;
        self.branches.push(Branch { before, then: step.then, ends, next, other: 0 });
        Some(next)
    }
}

/// A position in a text of less than 4 GB, without a look whether it is.
#[inline]
fn narrow(at: usize) -> u32 {
    u32::try_from(at & 0xffff_ffff).unwrap_or(0)
}

/// The steps of a record that begins at `start` and ends with the text, and what stands
/// behind its last value. `None` for what no record that was read is.
fn steps<'t>(text: &'t [u8], start: usize, met: &Met) -> Option<(Vec<Step<'t>>, &'t [u8])> {
    let mut scan = Scan::new(text, start);
    let (mut steps, mut from) = (Vec::new(), start);
    while let Some(byte) = scan.peek() {
        let (begin, is_text) = (scan.at(), byte == b'"');
        if !is_text && byte != b'-' && !byte.is_ascii_digit() {
            scan.pass(1);
            continue;
        }
        let value_start = begin.wrapping_add(usize::from(is_text));
        if is_text {
            scan.pass(1);
            scan.string()?;
        } else {
            scan.number()?;
        }
        let behind = scan.rest().trim_ascii_start();
        let is_wanted = met.has_value(value_start);
        // Keys, and texts that are no value, are expected as they are.
        if is_text && (behind.first() == Some(&b':') || is_wanted == Some(false)) {
            continue;
        }
        let own = if is_wanted == Some(true) { Use::Wanted } else { Use::Passed };
        let then = if is_text { Then::Text(own) } else { Then::Number(own) };
        steps.push(Step { before: text.get(from..value_start)?, then });
        from = scan.at();
    }
    let rest = text.get(from..)?;
    let returns = |text: &[u8]| text.contains(&b'\r');
    let has_returns = steps.iter().any(|step| returns(step.before)) || returns(rest);
    (!has_returns).then_some((steps, rest))
}
