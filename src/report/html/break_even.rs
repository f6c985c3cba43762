//! Cost against the share of the input that is read from the cache: a straight line a
//! tier, and where two of them cross.

use super::charts::{BOTTOM, LEFT, Label, RIGHT, Tick, percent, ticks, y};
use super::detail::Detail;
use super::starred;
use super::tables::Amount;
use crate::money::Money;
use crate::report::model::Report;
use crate::report::statements::scenario;
use crate::report::style::places;
use crate::scenario::TierChoice;
use crate::usage::Meter;

/// One tier.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) tier: &'static str,
    pub(super) label: String,
    pub(super) y0: i64,
    pub(super) y1: i64,
    pub(super) none: Amount,
    pub(super) all: Amount,
    costs: (Money, Money),
}

/// Where two tiers cost the same.
#[derive(Debug)]
pub(super) struct Crossing {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) text: String,
}

/// The chart.
#[derive(Debug)]
pub(super) struct BreakEven {
    pub(super) lines: Vec<Line>,
    pub(super) crossings: Vec<Crossing>,
    pub(super) ticks: Vec<Tick>,
    pub(super) labels: Vec<Label>,
    /// Where the recorded share is, and how much.
    pub(super) recorded: Option<(i64, String)>,
}

/// The place of a share, in tenths of a percent.
fn x(tenths: u128) -> i64 {
    let plot = RIGHT.saturating_sub(LEFT);
    let tenths = i64::try_from(tenths).unwrap_or(1_000);
    LEFT.saturating_add(plot.saturating_mul(tenths).checked_div(1_000).unwrap_or(0))
}

/// The chart of a report; `None` where no input could be cached.
pub(super) fn break_even(report: &Report, detail: &Detail) -> Option<BreakEven> {
    let costs = |tier: TierChoice| {
        let none = scenario(report, tier.name(), "none")?.total_usd;
        Some((tier, (none, *detail.all_cached.get(&tier)?)))
    };
    let costs: Vec<(TierChoice, (Money, Money))> =
        TierChoice::FIXED.into_iter().filter_map(costs).collect();
    let all = || costs.iter().flat_map(|(_, (none, all))| [*none, *all]);
    let (ticks, most) = ticks(all().max()?);
    let places = places(all());
    let line = |(tier, costs): &(TierChoice, (Money, Money))| Line {
        tier: tier.name(),
        label: starred(report, tier.name()),
        y0: y(costs.0, most),
        y1: y(costs.1, most),
        none: Amount::new(costs.0, places),
        all: Amount::new(costs.1, places),
        costs: *costs,
    };
    let lines: Vec<Line> = costs.iter().map(line).collect();
    if lines.iter().all(|line| line.costs.0 == line.costs.1) {
        return None;
    }
    let recorded = recorded_share(report);
    // Lines of different rows are not compared.
    let same_rows = report.arguments.uncovered != "exclude"
        || report.scenarios.iter().all(|one| one.fallback.rows == 0);
    Some(BreakEven {
        crossings: if same_rows { crossings(&lines) } else { Vec::new() },
        lines,
        ticks,
        labels: (0..=5_u128).map(|at| at.saturating_mul(200)).map(label).collect(),
        recorded: recorded.map(|(tenths, text)| (x(tenths), text)),
    })
}

fn label(tenths: u128) -> Label {
    let percent = tenths.checked_div(10).unwrap_or(0);
    Label { x: x(tenths), text: format!("{percent} %") }
}

/// Where two of the four tiers cost the same.
fn crossings(lines: &[Line]) -> Vec<Crossing> {
    let lines: Vec<&Line> = lines.iter().filter(|line| line.tier != "recorded").collect();
    let mut crossings = Vec::new();
    for (at, one) in lines.iter().enumerate() {
        for other in lines.iter().skip(at.saturating_add(1)) {
            crossings.extend(crossing(one, other));
        }
    }
    crossings
}

fn crossing(one: &Line, other: &Line) -> Option<Crossing> {
    let before = other.costs.0.checked_sub(one.costs.0)?;
    let after = other.costs.1.checked_sub(one.costs.1)?;
    // Lines that meet at an end, or lie on each other, do not cross.
    let is_end = before == Money::ZERO || after == Money::ZERO;
    if is_end || (before > Money::ZERO) == (after > Money::ZERO) {
        return None;
    }
    let (part, rest) = (before.atto().unsigned_abs(), after.atto().unsigned_abs());
    let (tenths, text) = percent(part, part.checked_add(rest)?)?;
    let rise = other.y1.saturating_sub(other.y0);
    let up = rise.saturating_mul(i64::try_from(tenths).ok()?).checked_div(1_000)?;
    let y = other.y0.saturating_add(up).clamp(0, BOTTOM);
    let text = format!("{} and {} cost the same with {text} cached", one.label, other.label);
    Some(Crossing { x: x(tenths), y, text })
}

/// How much of the input was read from the cache.
fn recorded_share(report: &Report) -> Option<(u128, String)> {
    let meters = &scenario(report, "recorded", "recorded")?.by_meter;
    let sum = |wanted: &dyn Fn(Meter) -> bool| {
        let known = meters.iter().filter_map(|one| Some((Meter::from_name(one.meter)?, one)));
        let wanted = known.filter(|(meter, _)| meter.is_input() && wanted(*meter));
        wanted.fold(0_u128, |sum, (_, one)| sum.saturating_add(one.quantity))
    };
    let cached = sum(&|meter| meter.without_caching().cached() == Some(meter));
    percent(cached, sum(&|_| true))
}
