//! The drawings of the page, as places in a picture of whole units. Scalable and small,
//! they need no script, and print.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::detail::Detail;
use super::tables::Amount;
use crate::money::{Money, permille, thousands};
use crate::report::style::{amount_with, places, plain};
use crate::scenario::Group;

/// The size of a picture, and the room for its plot.
pub(super) const WIDTH: i64 = 800;
pub(super) const HEIGHT: i64 = 250;
pub(super) const LEFT: i64 = 64;
pub(super) const TOP: i64 = 10;
pub(super) const BOTTOM: i64 = 222;
pub(super) const RIGHT: i64 = 770;

/// Series that have a colour of their own; the others share one.
const SERIES: usize = 8;

/// Words below the plot.
const LABELS: usize = 6;

/// Stands for the time of rows without one.
const NO_TIME: &str = "no time";

/// A line across the plot with what it stands for.
#[derive(Debug)]
pub(super) struct Tick {
    pub(super) y: i64,
    pub(super) label: String,
}

/// A word below the plot.
#[derive(Debug)]
pub(super) struct Label {
    pub(super) x: i64,
    pub(super) text: String,
}

/// A part of a bar.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) width: i64,
    pub(super) height: i64,
    pub(super) series: usize,
    pub(super) title: String,
}

/// Cost over time, stacked.
#[derive(Debug)]
pub(super) struct Stacks {
    /// What the series are: models or tiers.
    pub(super) of: &'static str,
    pub(super) blocks: Vec<Block>,
    pub(super) ticks: Vec<Tick>,
    pub(super) labels: Vec<Label>,
    pub(super) series: Vec<String>,
}

/// `value` of `most` as a part of a length.
fn scaled(value: Money, most: Money, length: i64) -> i64 {
    let (value, most) = (value.atto(), most.atto());
    // Large amounts keep enough digits for a picture.
    let unit = if most > 1_i128 << 100 { 1_i128 << 40 } else { 1 };
    let part = |amount: i128| amount.checked_div(unit).unwrap_or(0);
    let product = part(value).checked_mul(i128::from(length)).unwrap_or(0);
    let scaled = product.checked_div(part(most)).unwrap_or(0);
    i64::try_from(scaled).unwrap_or(0).clamp(0, length)
}

/// The height of an amount in the plot.
fn height(value: Money, most: Money) -> i64 {
    scaled(value, most, BOTTOM.saturating_sub(TOP))
}

/// The place of an amount in the plot.
pub(super) fn y(value: Money, most: Money) -> i64 {
    BOTTOM.saturating_sub(height(value, most))
}

/// Lines at round amounts, and the amount at the top of the plot.
pub(super) fn ticks(largest: Money) -> (Vec<Tick>, Money) {
    let step = step(largest.atto().max(1));
    let most = (1..=5).map(|count| step.saturating_mul(count)).find(|top| *top >= largest.atto());
    let most = Money::from_atto(most.unwrap_or_else(|| largest.atto()));
    let lines = (0..=5).map(|count| Money::from_atto(step.saturating_mul(count)));
    let lines = lines.filter(|line| *line <= most);
    let tick = |line| Tick { y: y(line, most), label: tick_label(line, step) };
    (lines.map(tick).collect(), most)
}

/// A multiple of a round amount, short: in millions where it is large, and with an
/// exponent where it is small.
fn tick_label(line: Money, step: i128) -> String {
    const DOLLAR: i128 = 1_000_000_000_000_000_000;
    let digits = u32::try_from(step.to_string().len()).unwrap_or(0);
    // The decimals of an amount of which `step` is the last digit.
    let places = 19_u32.saturating_sub(digits).min(18);
    let millions = 1_000_000;
    if step >= DOLLAR.saturating_mul(millions) {
        let line = line.atto().checked_div(DOLLAR.saturating_mul(millions)).unwrap_or(0);
        return format!("{} M", thousands(line.unsigned_abs()));
    }
    if places > 5 && line != Money::ZERO {
        let unit = 10_i128.checked_pow(digits.saturating_sub(1)).unwrap_or(1);
        return format!("{}e-{places}", line.atto().checked_div(unit).unwrap_or(0));
    }
    amount_with(line, if line == Money::ZERO { places.min(5) } else { places })
}

/// A round amount of which at most five reach `largest`: 1, 2 or 5 and zeros.
fn step(largest: i128) -> i128 {
    let mut power = 1_i128;
    loop {
        for digit in [1, 2, 5] {
            let step = power.saturating_mul(digit);
            if step.saturating_mul(5) >= largest {
                return step;
            }
        }
        power = power.saturating_mul(10);
    }
}

/// Cost over time by model, and by the tier that was billed.
pub(super) fn over_time(detail: &Detail) -> [Stacks; 2] {
    [("model", 1), ("tier", 2)].map(|(of, at)| stacks(detail, of, at))
}

/// The costs of each time by the property at a place of the groups' values.
fn stacks(detail: &Detail, of: &'static str, at: usize) -> Stacks {
    let mut times: BTreeMap<String, BTreeMap<String, Money>> = BTreeMap::new();
    let mut sums: BTreeMap<String, Money> = BTreeMap::new();
    let groups = &detail.over_time;
    for place in 0..groups.len() {
        let Some(cost) = groups.get(place).map(Group::recorded) else { continue };
        let values: Vec<Option<&str>> = groups.values(place).collect();
        let value = |at: usize| values.get(at).copied().flatten();
        let time = value(0).unwrap_or(NO_TIME).to_owned();
        let name = value(at).map_or("(none)".to_owned(), plain);
        for sum in [
            times.entry(time).or_default().entry(name.clone()).or_default(),
            sums.entry(name).or_default(),
        ] {
            *sum = sum.checked_add(cost).unwrap_or(*sum);
        }
    }
    fill(detail, &mut times);
    let mut series: Vec<(String, Money)> = sums.into_iter().collect();
    series.sort_by_key(|(_, sum)| Reverse(*sum));
    let names: Vec<String> = series.into_iter().map(|(name, _)| name).collect();
    let mut times: Vec<Time> = times.into_iter().collect();
    // Rows without a time stand apart, after all others.
    if times.len() > 1
        && let Some(without) = times.pop_if(|(time, _)| time == NO_TIME)
    {
        times.extend([(String::new(), BTreeMap::new()), without]);
    }
    drawn(of, &times, names)
}

/// Adds the times without usage between others.
fn fill(detail: &Detail, times: &mut BTreeMap<String, BTreeMap<String, Money>>) {
    let Some((first, last)) = detail.days else { return };
    let days = first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last);
    for time in days.filter_map(|day| detail.unit.of_date(day)) {
        times.entry(time).or_default();
    }
}

/// A time and what it cost, by series.
type Time = (String, BTreeMap<String, Money>);

/// Where the bars of so many times are.
#[derive(Clone, Copy)]
struct Slots(i64);

impl Slots {
    /// The left side of a time's room.
    fn left(self, at: i64) -> i64 {
        let plot = RIGHT.saturating_sub(LEFT);
        let offset = plot.saturating_mul(at).checked_div(self.0.max(1)).unwrap_or(0);
        LEFT.saturating_add(offset)
    }

    /// The left side of a bar, and its width: a gap is left where there is room for one.
    fn bar(self, at: i64) -> (i64, i64) {
        let (x, next) = (self.left(at), self.left(at.saturating_add(1)));
        let room = next.saturating_sub(x);
        (x, room.saturating_sub(i64::from(room > 4)).max(1))
    }

    fn middle(self, at: i64) -> i64 {
        let sides = self.left(at).saturating_add(self.left(at.saturating_add(1)));
        sides.div_euclid(2)
    }
}

fn drawn(of: &'static str, times: &[Time], names: Vec<String>) -> Stacks {
    let sum = |parts: &BTreeMap<String, Money>| {
        parts.values().fold(Money::ZERO, |sum, part| sum.checked_add(*part).unwrap_or(sum))
    };
    let largest = times.iter().map(|(_, parts)| sum(parts)).max().unwrap_or_default();
    let (ticks, most) = ticks(largest);
    let slots = Slots(i64::try_from(times.len()).unwrap_or(i64::MAX));
    let bars = (0_i64..).zip(times.iter());
    let blocks = bars.flat_map(|(at, time)| bar_of(slots.bar(at), time, &names, most)).collect();
    let labels = labels(slots, times);
    let mut series = names;
    if series.len() > SERIES {
        series.truncate(SERIES);
        series.push("others".to_owned());
    }
    Stacks { of, blocks, ticks, labels, series }
}

/// The parts of the bar of a time.
fn bar_of(
    (x, width): (i64, i64),
    (time, parts): &Time,
    names: &[String],
    most: Money,
) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut below = Money::ZERO;
    for (series, (name, cost)) in stacked(parts, names) {
        let above = below.checked_add(cost).unwrap_or(below);
        let (top, bottom) = (y(above, most), y(below, most));
        below = above;
        if top < bottom {
            let shown = Amount::new(cost, places([cost].into_iter())).shown;
            let title = format!("{time}, {name}: {shown} USD");
            let height = bottom.saturating_sub(top);
            blocks.push(Block { x, y: top, width, height, series, title });
        }
    }
    blocks
}

/// Some of the times in words, and rows without one.
fn labels(slots: Slots, times: &[Time]) -> Vec<Label> {
    let every = times.len().div_ceil(LABELS).max(1);
    // A word on the left of the last one would run into that.
    let is_apart = times.last().is_some_and(|(time, _)| time == NO_TIME);
    let end = times.len().saturating_sub(if is_apart { every } else { 0 });
    let is_labelled = |(at, (time, _)): &(usize, &Time)| {
        time == NO_TIME || (at.checked_rem(every) == Some(0) && *at < end)
    };
    let label = |(at, (time, _)): (usize, &Time)| {
        let at = i64::try_from(at).unwrap_or(i64::MAX);
        Label { x: slots.middle(at), text: time.clone() }
    };
    times.iter().enumerate().filter(is_labelled).map(label).collect()
}

/// The parts of a bar from below, those of the others together.
fn stacked<'p>(
    parts: &'p BTreeMap<String, Money>,
    names: &'p [String],
) -> Vec<(usize, (&'p str, Money))> {
    let mut stacked = Vec::new();
    let mut others = Money::ZERO;
    for (at, name) in names.iter().enumerate() {
        let Some(cost) = parts.get(name) else { continue };
        if at < SERIES {
            stacked.push((at, (name.as_str(), *cost)));
        } else {
            others = others.checked_add(*cost).unwrap_or(others);
        }
    }
    if names.len() > SERIES {
        stacked.push((SERIES, ("others", others)));
    }
    stacked
}

/// A bar of the comparison of tiers.
#[derive(Debug)]
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) class: &'static str,
    /// Of 1,000.
    pub(super) width: i64,
    pub(super) amount: Amount,
}

/// The length of an amount's bar, of 1,000.
pub(super) fn bar(value: Money, most: Money) -> i64 {
    scaled(value, most, 1_000)
}

/// `part` of `whole` in percent with one decimal.
pub(super) fn percent(part: u128, whole: u128) -> Option<(u128, String)> {
    let tenths = permille(part, whole)?;
    let (whole, rest) = (tenths.checked_div(10)?, tenths.checked_rem(10)?);
    Some((tenths, format!("{whole}.{rest} %")))
}
