//! The quick reader: rows of the usual kind, without copies.
//!
//! It reads one request with a model, plain whole counts, a time in the usual
//! spelling and names that it has seen before. Everything else it leaves to
//! [`canonical`](super::canonical), which also reads the first row of each
//! combination of names: what a combination means is decided there alone.
#![deny(clippy::arithmetic_side_effects)]

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::ask::Labels;
use super::bind::Bound;
use super::canonical::{self, Reading};
use super::columns::Spot;
use super::count::Count;
use super::digits::{SCALES, number};
use super::names::{MOST_NAMES, Names};
use super::numbers::Loaded;
use super::parts::{COUNTED, Parts};
use super::plain::{Again, Plain};
use super::positions::index;
use super::quick_rows::{Brief, QuickRows};
use super::table::{Field, MoneyUnit, Scope, Target, Times};
use super::value::Value;
use crate::money::Money;
use crate::usage::Instant;

/// A row of the usual kind.
pub struct QuickRow<'r> {
    /// What is known of it, apart from its quantities.
    pub brief: &'r Brief,
    /// Its quantities.
    pub parts: Parts,
    /// The line on which it begins; 0 where that was not wanted.
    pub line: u64,
    pub(super) bound: &'r Bound,
    pub(super) again: &'r Again<'r>,
}

impl std::fmt::Debug for QuickRow<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QuickRow").field("brief", &self.brief).finish_non_exhaustive()
    }
}

impl QuickRow<'_> {
    /// The same row, read by the usual way.
    pub fn read(&self, each: &mut dyn FnMut(Reading<'_>, &Labels<'_>)) {
        let mut texts = vec![(false, Vec::new()); self.bound.fields.len()];
        (self.again)(&mut |field, plain| {
            if let (Plain::Text(text) | Plain::Number(text), Some(slot)) =
                (plain, texts.get_mut(field))
            {
                *slot = (matches!(plain, Plain::Number(_)), text.to_vec());
            }
        });
        let values: Vec<Value<'_>> = texts.iter().map(value).collect();
        each(canonical::read(self.bound, &values), &self.bound.labels_of(&values));
    }
}

/// The value of a field: whether it is a number, and its text; none where that is
/// empty.
fn value((is_number, text): &(bool, Vec<u8>)) -> Value<'_> {
    match (std::str::from_utf8(text).unwrap_or_default(), is_number) {
        ("", _) => Value::Absent,
        (text, true) => Value::Number(text),
        (text, false) => Value::Text(Cow::Borrowed(text)),
    }
}

/// What becomes of a field.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Start,
    /// Not in a row of the usual kind.
    None,
    /// One, where there is any.
    Requests,
    /// Its identity in the bits from `shift` on, of which there are `bits`.
    Name {
        shift: u32,
        bits: u32,
    },
    /// An asked property, by its number.
    Label(u32),
    Count(Count),
    Billed,
    /// What kind of record it is: one of these.
    Kind(&'static [&'static str]),
}

/// A field that is read.
#[derive(Debug)]
pub(super) struct Reader {
    field: usize,
    pub(super) step: Step,
    pub(super) names: Names,
}

/// Reads the rows of the usual kind of one file's format. Remembers names from
/// row to row.
#[derive(Debug)]
pub(super) struct Quick {
    pub(super) readers: Vec<Reader>,
    pub(super) pairs: Pairs,
    pub(super) day: Day,
    /// The records that are read together.
    pub(super) rows: QuickRows,
    /// Memory for a column of theirs.
    pub(super) loaded: Loaded,
}

/// Identities of combinations of two labels.
pub(super) type Pairs = HashMap<(u32, u32), u32, FixedState>;

/// The last date as it was written, and its first second.
pub(super) type Day = Option<([u8; 10], i64)>;

/// The bits of each kind of name; 60 in all, so that the highest one stands for none.
const NAMES: [(Target, u32); 7] = [
    (Target::Model, 18),
    (Target::Provider, 8),
    (Target::ServedTier, 6),
    (Target::RequestedTier, 6),
    (Target::BatchFlag, 4),
    (Target::Endpoint, 10),
    (Target::Region, 8),
];

impl Quick {
    /// For the records of a bound format; `None` where none is of the usual
    /// kind: sums over periods, and formats with two fields for one thing.
    pub(super) fn new(bound: &Bound) -> Option<Self> {
        if bound.format.scope != Scope::Request || has_twice(bound) || is_unusual(bound) {
            return None;
        }
        let mut readers = Vec::new();
        for (field, read) in bound.fields.iter().enumerate() {
            let labels = bound.labels.iter().zip(0_u32..);
            let labels = labels.filter(|(of, _)| **of == Some(field));
            let kinds = kinds(bound, read).map(Step::Kind);
            let steps = step(read.target).into_iter().chain(kinds);
            let steps = steps.chain(labels.map(|(_, at)| Step::Label(at)));
            readers.extend(steps.map(|step| Reader { field, step, names: Names::default() }));
        }
        let count =
            |reader: &Reader| if let Step::Count(count) = reader.step { Some(count) } else { None };
        let counts = readers.iter().filter_map(count);
        let (cached, modality) = (bound.format.cached, bound.format.modality);
        let rows = QuickRows::new(counts.collect(), cached, modality);
        Some(Self {
            readers,
            pairs: HashMap::default(),
            day: None,
            rows,
            loaded: Loaded::default(),
        })
    }

    /// Whether a reader is one of names.
    pub(super) fn is_name(&self, reader: usize) -> bool {
        let step = self.readers.get(reader).map(|reader| reader.step);
        matches!(step, Some(Step::Name { .. }))
    }

    /// Whether a reader has labels.
    pub(super) fn is_label(&self, reader: usize) -> bool {
        let step = self.readers.get(reader).map(|reader| reader.step);
        matches!(step, Some(Step::Label(_)))
    }

    /// The field of each reader.
    pub(super) fn fields(&self) -> Vec<usize> {
        self.readers.iter().map(|reader| reader.field).collect()
    }
}

/// Whether more than its own fields decide what a record is.
fn is_unusual(bound: &Bound) -> bool {
    let unusual = |field: &Field| {
        let target = field.target;
        let other_unit = matches!(target, Target::Billed(unit) if unit != MoneyUnit::Dollars);
        let sum = matches!(target, Target::Count(count) if COUNTED.len() <= count as usize);
        other_unit || sum || is_of_record(target) || field.only.is_some()
    };
    let format = &bound.format;
    let (times, counts) = (format.times != Times::AS_LOGS_DO, format.counts_in != 1);
    times
        || counts
        || format.rewrite.is_some()
        || format.used_by.is_some()
        || bound.fields.iter().any(unusual)
}

/// Whether a meaning is one that only whole records have.
const fn is_of_record(target: Target) -> bool {
    matches!(target, Target::FreeIf(_) | Target::Speed | Target::Currency | Target::Key)
}

/// Whether two fields say what a row has once.
fn has_twice(bound: &Bound) -> bool {
    let once = |target: &Target| {
        matches!(target, Target::Start | Target::Billed(_) | Target::Count(_))
            || NAMES.iter().any(|(name, _)| name == target)
    };
    let targets: Vec<Target> = bound.fields.iter().map(|field| field.target).filter(once).collect();
    let before = |at: usize| targets.get(..at).unwrap_or_default();
    targets.iter().enumerate().any(|(at, target)| before(at).contains(target))
}

/// The bits of the model among those of all names.
pub(super) const MODEL: u64 = (1 << 18) - 1;

/// The kinds of records that a format reads, where a field tells them.
fn kinds(bound: &Bound, field: &Field) -> Option<&'static [&'static str]> {
    let (name, kinds) = bound.format.accepts.filter(|_| field.target == Target::Note)?;
    let first = field.names.first()?;
    (first.trim_start_matches('/') == name).then_some(kinds)
}

fn step(target: Target) -> Option<Step> {
    let mut shift: u32 = 0;
    for (name, bits) in NAMES {
        if name == target {
            return Some(Step::Name { shift, bits });
        }
        shift = shift.saturating_add(bits);
    }
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others are names, or not read")]
    match target {
        Target::Start => Some(Step::Start),
        Target::End => Some(Step::None),
        Target::Requests => Some(Step::Requests),
        Target::Count(count) => Some(Step::Count(count)),
        Target::Billed(_) => Some(Step::Billed),
        _ => None,
    }
}

/// The identity of what was known of a row's labels with one more; the first
/// label alone is its own. Labels come in the order of their fields, which need not
/// be that in which they were asked for.
pub(super) fn pair(pairs: &mut Pairs, known: u32, (at, id): (u32, u32)) -> Option<u32> {
    if known == 0 && at == 0 && id <= MOST_NAMES {
        return Some(id);
    }
    let next = u32::try_from(pairs.len()).ok()?.checked_add(MOST_NAMES)?.checked_add(1)?;
    let id = at.checked_shl(28)?.checked_add(id)?;
    Some(*pairs.entry((known, id)).or_insert(next))
}

/// Where what stands for labels is among those that do: in which of two lists, and where in it.
/// Each list is as long as there are different labels.
pub fn labels_at(labels: u32) -> (usize, usize) {
    match labels.checked_sub(MOST_NAMES.wrapping_add(1)) {
        None => (0, index(labels)),
        Some(pair) => (1, index(pair)),
    }
}

/// A whole number of up to 19 digits.
#[inline]
pub(super) fn digits(plain: Plain<'_>) -> Option<u64> {
    let (Plain::Text(bytes) | Plain::Number(bytes)) = plain else { return None };
    match bytes {
        // Most counts of most rows.
        [b'0'] => Some(0),
        _ => number(bytes),
    }
}

/// An amount that is not negative, of up to 18 digits.
#[inline]
pub(super) fn amount(plain: Plain<'_>) -> Option<Money> {
    let (Plain::Text(bytes) | Plain::Number(bytes)) = plain else { return None };
    let point = bytes.iter().position(|byte| *byte == b'.');
    let (whole, decimals) = match point {
        None => (bytes, &b""[..]),
        Some(at) => (bytes.get(..at)?, bytes.get(at.checked_add(1)?..)?),
    };
    if bytes.len() > 18 || (point.is_some() && decimals.is_empty()) {
        return None;
    }
    let places = decimals.len();
    let fraction = if decimals.is_empty() { 0 } else { number(decimals)? };
    let units = number(whole)?.checked_mul(*SCALES.get(places)?)?.checked_add(fraction)?;
    let scale = *SCALES.get(18_usize.checked_sub(places)?)?;
    Some(Money::from_atto(i128::from(units).checked_mul(i128::from(scale))?))
}

/// The seconds of `HH:MM:SS`.
#[inline]
fn clock_seconds(clock: [u8; 8]) -> Option<i64> {
    // Digits from 0 to 9, and nothing in place of the colons.
    let digits = u64::from_le_bytes(clock) ^ u64::from_le_bytes(*b"00:00:00");
    let over_nine = digits.wrapping_add(0x7676_7f76_767f_7676) | digits;
    if over_nine & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    let pairs = digits.wrapping_mul(10).wrapping_add(digits.unbounded_shr(8)) & PAIRS;
    // More than 23 hours, 59 minutes or 59 seconds reach the highest bit of their byte so.
    if pairs.wrapping_add(0x0044_0000_4400_0068) & 0x0080_0000_8000_0080 != 0 {
        return None;
    }
    let pair = |shift: u32| i64::try_from(pairs.unbounded_shr(shift) & 0xff).unwrap_or(0);
    let minutes = pair(0).wrapping_mul(60).wrapping_add(pair(24));
    Some(minutes.wrapping_mul(60).wrapping_add(pair(48)))
}

/// Where the hours, the minutes and the seconds of a clock are.
const PAIRS: u64 = 0x00ff_0000_ff00_00ff;

/// The same as [`time`] of `YYYY-MM-DD(T| )HH:MM:SSZ` on the day that was read last.
#[inline]
pub(super) fn time_at(spot: &Spot<'_>, day: &Day) -> Option<Instant> {
    let text: [u8; 20] = spot.last().filter(|_| spot.len() == 20)?;
    let (date, clock) = text.split_first_chunk::<10>()?;
    let [b'T' | b' ', clock @ .., b'Z'] = *clock.first_chunk::<10>()? else { return None };
    let (_, midnight) = day.filter(|(known, _)| known == date)?;
    Instant::from_seconds(midnight.wrapping_add(clock_seconds(clock)?))
}

/// The same as [`time`] of ten digits of seconds since 1970.
#[inline]
pub(super) fn epoch_at(spot: &Spot<'_>) -> Option<Instant> {
    epoch(&spot.last().filter(|_| spot.len() == 10)?)
}

#[inline]
fn epoch(digits: &[u8; 10]) -> Option<Instant> {
    let seconds = number(digits).filter(|seconds| *seconds >= 1_000_000_000)?;
    Instant::from_seconds(i64::try_from(seconds).ok()?)
}

/// `YYYY-MM-DD(T| )HH:MM:SS[Z]`, or ten digits of seconds since 1970; and
/// whether it has no zone. `day` remembers the last date.
#[inline]
pub(super) fn time(plain: Plain<'_>, day: &mut Day) -> Option<(Instant, bool)> {
    let (Plain::Text(bytes) | Plain::Number(bytes)) = plain else { return None };
    if let Some(ten) = bytes.first_chunk().filter(|_| bytes.len() == 10) {
        return Some((epoch(ten)?, false));
    }
    let (date, rest) = bytes.split_first_chunk::<10>()?;
    let (clock, zone) = rest.split_first_chunk::<9>()?;
    let [b'T' | b' ', clock @ ..] = *clock else { return None };
    let clock = clock_seconds(clock)?;
    let zone_assumed = match zone {
        b"Z" => false,
        b"" => true,
        _ => return None,
    };
    let midnight = match day {
        Some((known, midnight)) if known == date => *midnight,
        // Ten digits are a time of their own, and no date.
        _ if date.iter().all(u8::is_ascii_digit) => return None,
        _ => {
            let midnight = Instant::parse_log(std::str::from_utf8(date).ok()?)?;
            day.insert((*date, midnight.instant.seconds())).1
        }
    };
    Some((Instant::from_seconds(midnight.checked_add(clock)?)?, zone_assumed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_has_the_seconds_that_it_says() {
        for at in 0..1_000_000_i64 {
            let digits = format!("{at:06}");
            let (hours, rest) = digits.split_at(2);
            let (minutes, seconds) = rest.split_at(2);
            let [hour, minute, second] =
                [hours, minutes, seconds].map(|pair| pair.parse::<i64>().unwrap());
            let is_time = hour < 24 && minute < 60 && second < 60;
            let clock = format!("{hours}:{minutes}:{seconds}");
            let found = clock_seconds(*clock.as_bytes().first_chunk().unwrap());
            let plain = hour.saturating_mul(60).saturating_add(minute);
            let plain = plain.saturating_mul(60).saturating_add(second);
            assert_eq!(found, is_time.then_some(plain), "{clock}");
        }
        for at in 0..8 {
            for byte in 0..=255 {
                let mut clock = *b"12:34:56";
                clock[at] = byte;
                let good = if at % 3 == 2 { byte == b':' } else { byte.is_ascii_digit() };
                assert!(good || clock_seconds(clock).is_none(), "{clock:?}");
            }
        }
    }
}
