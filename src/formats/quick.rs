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

use super::bind::{Bound, Labels};
use super::canonical::{self, Reading};
use super::count::{Count, Counts, Parts};
use super::plain::Plain;
use super::table::{Field, Scope, Target};
use super::value::Value;
use crate::money::Money;
use crate::usage::Instant;

/// A row of the usual kind.
#[derive(Debug)]
pub struct QuickRow<'r> {
    /// Stands for its names: provider, model, tiers, endpoint, region.
    pub names: u64,
    /// Stands for its asked properties.
    pub labels: u32,
    /// Which of the asked properties it has, one bit each.
    pub has_labels: u8,
    /// Its start.
    pub start: Instant,
    /// Whether its time has no zone and was taken as UTC.
    pub zone_assumed: bool,
    /// Its quantities.
    pub parts: Parts,
    /// What was billed.
    pub billed: Option<Money>,
    bound: &'r Bound,
    fields: &'r [Plain<'r>],
}

impl QuickRow<'_> {
    /// The same row, read by the usual way.
    pub fn read(&self, each: &mut dyn FnMut(Reading<'_>, &Labels<'_>)) {
        let values: Vec<Value<'_>> = self.fields.iter().map(value).collect();
        each(canonical::read(self.bound, &values), &self.bound.labels_of(&values));
    }
}

fn value<'r>(plain: &Plain<'r>) -> Value<'r> {
    let text = |bytes: &'r [u8]| std::str::from_utf8(bytes).unwrap_or_default();
    match plain {
        Plain::Absent => Value::Absent,
        Plain::Text(bytes) => Value::Text(Cow::Borrowed(text(bytes))),
        Plain::Number(bytes) => Value::Number(text(bytes)),
    }
}

/// What becomes of a field.
#[derive(Debug, Clone, Copy)]
enum Step {
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
struct Reader {
    field: usize,
    step: Step,
    names: Names,
}

/// Reads the rows of the usual kind of one file's format. Remembers names from
/// row to row.
#[derive(Debug)]
pub(super) struct Quick {
    readers: Vec<Reader>,
    /// Identities of combinations of two labels.
    pairs: HashMap<(u32, u32), u32, FixedState>,
    /// The last date, and its first second.
    day: ([u8; 10], i64),
}

/// The bits of each kind of name; 64 in all.
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
    /// kind: sums over periods.
    pub(super) fn new(bound: &Bound) -> Option<Self> {
        if bound.format.scope != Scope::Request {
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
        Some(Self { readers, pairs: HashMap::default(), day: ([0; 10], 0) })
    }

    /// The fields that are read.
    pub(super) fn fields(&self) -> impl Iterator<Item = usize> + '_ {
        self.readers.iter().map(|reader| reader.field)
    }

    /// Reads a row; `None` where it is not of the usual kind.
    #[inline]
    pub(super) fn row<'r>(
        &mut self,
        bound: &'r Bound,
        fields: &'r [Plain<'r>],
    ) -> Option<QuickRow<'r>> {
        let mut row = Row::default();
        for reader in &mut self.readers {
            let plain = *fields.get(reader.field)?;
            if plain == Plain::Absent {
                continue;
            }
            match reader.step {
                Step::Start => row.start = Some(time(plain, &mut self.day)?),
                Step::Requests if digits(plain)? == 1 => {}
                Step::None | Step::Requests => return None,
                Step::Count(count) => row.counts.set(count, digits(plain)?),
                Step::Billed => row.billed = Some(amount(plain)?),
                Step::Kind(kinds) => {
                    let Plain::Text(kind) = plain else { return None };
                    kinds.iter().find(|known| known.as_bytes() == kind)?;
                }
                Step::Name { shift, bits } => {
                    let id = reader.names.id(plain).filter(|id| id.checked_shr(bits) == Some(0))?;
                    row.names |= u64::from(id).checked_shl(shift)?;
                }
                Step::Label(at) => {
                    let id = reader.names.id(plain)?;
                    row.has_labels |= 1_u8.checked_shl(at)?;
                    row.labels = pair(&mut self.pairs, row.labels, (at, id))?;
                }
            }
        }
        let usage = row.counts.any() && row.names & MODEL != 0;
        let (start, zone_assumed) = row.start.filter(|_| usage)?;
        let parts = row.counts.parts(bound.format.cached, bound.format.modality).ok()?;
        let Row { names, labels, has_labels, billed, .. } = row;
        Some(QuickRow {
            names,
            labels,
            has_labels,
            start,
            zone_assumed,
            parts,
            billed,
            bound,
            fields,
        })
    }
}

/// The bits of the model among those of all names.
const MODEL: u64 = (1 << 18) - 1;

/// What has been read of a row.
#[derive(Default)]
struct Row {
    names: u64,
    labels: u32,
    has_labels: u8,
    start: Option<(Instant, bool)>,
    counts: Counts,
    billed: Option<Money>,
}

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
/// label alone is its own.
fn pair(
    pairs: &mut HashMap<(u32, u32), u32, FixedState>,
    known: u32,
    (at, id): (u32, u32),
) -> Option<u32> {
    if at == 0 && id <= MOST_NAMES {
        return Some(id);
    }
    let next = u32::try_from(pairs.len()).ok()?.checked_add(MOST_NAMES)?.checked_add(1)?;
    let id = at.checked_shl(28)?.checked_add(id)?;
    Some(*pairs.entry((known, id)).or_insert(next))
}

/// The most names of one field that are remembered.
const MOST_NAMES: u32 = 1 << 24;

/// Names of one field, each with a number from 1 on.
#[derive(Debug, Default)]
struct Names {
    known: HashMap<Box<[u8]>, u32, FixedState>,
    /// The last one.
    last: Vec<u8>,
    last_id: u32,
}

impl Names {
    /// The number of a name; `None` for what is none, or one too many.
    #[inline]
    fn id(&mut self, plain: Plain<'_>) -> Option<u32> {
        let Plain::Text(bytes) = plain else { return None };
        if *bytes == *self.last && self.last_id > 0 {
            return Some(self.last_id);
        }
        let id = match self.known.get(bytes) {
            Some(id) => *id,
            None => self.learn(bytes)?,
        };
        self.last.clear();
        self.last.extend_from_slice(bytes);
        self.last_id = id;
        Some(id)
    }

    fn learn(&mut self, bytes: &[u8]) -> Option<u32> {
        let id = u32::try_from(self.known.len()).ok()?.checked_add(1)?;
        if id > MOST_NAMES {
            return None;
        }
        self.known.insert(bytes.into(), id);
        Some(id)
    }
}

/// A whole number of up to 19 digits.
#[inline]
fn digits(plain: Plain<'_>) -> Option<u64> {
    match plain {
        Plain::Text(bytes) | Plain::Number(bytes) if bytes.len() <= 19 => number(bytes),
        Plain::Text(_) | Plain::Number(_) | Plain::Absent => None,
    }
}

/// The number that digits say; 19 of them fit.
#[inline]
fn number(digits: &[u8]) -> Option<u64> {
    let mut number: u64 = 0;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    (!digits.is_empty()).then_some(number)
}

/// Powers of ten, by their exponent.
const SCALES: [u64; 19] = {
    let mut scales = [1_u64; 19];
    let mut at = 1_usize;
    while at < scales.len() {
        scales[at] = scales[at.wrapping_sub(1)].wrapping_mul(10);
        at = at.wrapping_add(1);
    }
    scales
};

/// An amount that is not negative, of up to 18 digits.
#[inline]
fn amount(plain: Plain<'_>) -> Option<Money> {
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

/// `YYYY-MM-DD(T| )HH:MM:SS[Z]`, or ten digits of seconds since 1970; and
/// whether it has no zone. `day` remembers the last date.
#[inline]
fn time(plain: Plain<'_>, day: &mut ([u8; 10], i64)) -> Option<(Instant, bool)> {
    let (Plain::Text(bytes) | Plain::Number(bytes)) = plain else { return None };
    if bytes.len() == 10 {
        let seconds = number(bytes).filter(|seconds| *seconds >= 1_000_000_000)?;
        return Some((Instant::from_seconds(i64::try_from(seconds).ok()?)?, false));
    }
    let (date, rest) = bytes.split_first_chunk::<10>()?;
    let (clock, zone) = rest.split_first_chunk::<9>()?;
    let [b'T' | b' ', h1, h2, b':', m1, m2, b':', s1, s2] = *clock else { return None };
    let two = |tens: u8, ones: u8| number(&[tens, ones]);
    let (hour, minute, second) = (two(h1, h2)?, two(m1, m2)?, two(s1, s2)?);
    let zone_assumed = match zone {
        b"Z" => false,
        b"" => true,
        _ => return None,
    };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    if *date != day.0 {
        let midnight = Instant::parse_log(std::str::from_utf8(date).ok()?)?;
        *day = (*date, midnight.instant.seconds());
    }
    let clock =
        hour.checked_mul(3600)?.checked_add(minute.checked_mul(60)?)?.checked_add(second)?;
    let seconds = day.1.checked_add(i64::try_from(clock).ok()?)?;
    Some((Instant::from_seconds(seconds)?, zone_assumed))
}
