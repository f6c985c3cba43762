//! Builds the view model from what was read and compared.

use jiff::tz::TimeZone;
use serde::Serialize;

use super::assumed::{Assumed, Prices, assumed_scenarios};
use super::groups::groups;
use super::model::{
    AssignmentInfo, BilledInfo, CreditInfo, Duplicates, EvidenceInfo, FallbackInfo, GateInfo,
    InputInfo, LayerInfo, MatchInfo, MeterInfo, MismatchInfo, PeriodInfo, RangeInfo, RateBookInfo,
    ReasonInfo, RejectInfo, Report, SCHEMA_VERSION, ScenarioInfo, Tool, UnpricedInfo, VolumeInfo,
};
use super::notes::{findings, notes};
use crate::ledger::{FileAccount, Period, RowCounts};
use crate::money::{Money, Share};
use crate::rates::{ModelId, RateBook};
use crate::scenario::{Comparison, Scenario, ScenarioTotal, TierChoice, Volume};
use crate::usage::Dimension;

/// What was asked, as far as it decides the answer: nothing about threads,
/// chunks or how inputs were named.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Arguments {
    /// What to group by.
    pub by: Vec<String>,
    /// First instant.
    pub from: Option<String>,
    /// First instant after.
    pub to: Option<String>,
    /// `FIELD=VALUE` filters.
    pub filters: Vec<String>,
    /// The zone of days, weeks and months.
    pub timezone: String,
    /// Whether only the providers' own rates were used.
    pub published_only: bool,
    /// The user's rate cards.
    pub rates: Vec<String>,
    /// The user's aliases.
    pub aliases: Vec<String>,
    /// The user's regions.
    pub regions: Vec<String>,
    /// The user's mapping of fields.
    pub map: Option<String>,
    /// The file of the user's mapping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub map_file: Option<String>,
    /// What the user says tells records apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dedupe: Option<String>,
    /// When rows without a time were priced.
    pub assume_date: Option<String>,
    /// What became of rows that a tier cannot price.
    pub uncovered: &'static str,
    /// The share of cached input that was assumed.
    pub assume_cached: Option<Share>,
}

/// Limits that trip an exit code.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gates {
    /// The share of rows without a price.
    pub max_unpriced: Option<Share>,
    /// The number of rejected records.
    pub max_rejected: Option<u64>,
}

/// What a report is built from.
#[derive(Debug)]
pub struct Sources<'s> {
    /// The book.
    pub book: &'s RateBook,
    /// The ledger, priced.
    pub comparison: &'s Comparison,
    /// The same, with the providers' own rates alone.
    pub published_only: Option<&'s Comparison>,
    /// The same, at list prices, where the user has cards.
    pub list_prices: Option<&'s Comparison>,
    /// Rows that repeat others, priced on their own.
    pub duplicates: &'s Comparison,
    /// The same usage with a share of its input assumed to be cached.
    pub assumed: Option<Assumed<'s>>,
    /// The account of each input.
    pub files: &'s [FileAccount],
    /// Files in folders that were not read.
    pub skipped: &'s [String],
    /// Files that were named twice.
    pub repeated: &'s [String],
    /// What was grouped by.
    pub by: &'s [Dimension],
    /// The asked properties that rows carry only when asked.
    pub labels: &'s [Dimension],
    /// The zone of days, weeks and months.
    pub zone: &'s TimeZone,
    /// What was asked.
    pub arguments: Arguments,
    /// A credit to show beside the recorded cost.
    pub credit: Option<Money>,
    /// Limits.
    pub gates: Gates,
}

/// Builds the report.
pub fn build(sources: &Sources<'_>) -> Report {
    let comparison = sources.comparison;
    let mut rows = RowCounts::default();
    let mut period = Period::default();
    for file in sources.files {
        rows.add(&file.rows);
        period.add(&file.period);
    }
    let billed = billed_info(sources);
    Report {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "tierwise", version: env!("CARGO_PKG_VERSION") },
        arguments: sources.arguments.clone(),
        currency: "USD",
        rate_book: rate_book(sources.book),
        inputs: sources.files.iter().map(input).collect(),
        rows,
        period: PeriodInfo {
            from: period.from.map(|at| at.to_string()),
            to: period.to.map(|at| at.to_string()),
            first_day: period.from.and_then(|at| Dimension::Day.of_time(at, sources.zone)),
            last_day: period.last().and_then(|at| Dimension::Day.of_time(at, sources.zone)),
            timezone: sources.arguments.timezone.clone(),
        },
        scenarios: scenarios(sources),
        assignments: assignments(sources),
        billed_usd: billed.as_ref().map(|billed| billed.usd),
        billed,
        credit: sources.credit.map(|credit| credit_info(credit, comparison)),
        groups: groups(sources),
        unpriced: unpriced(comparison),
        rejects: rejects(sources.files),
        duplicates: duplicates(sources, rows.duplicate),
        matches: matches(comparison),
        tier_source: comparison.tier_sources.clone(),
        tier_mismatch: mismatches(comparison),
        findings: findings(sources),
        notes: notes(sources),
        gates: gates(sources.gates, &rows),
    }
}

/// What the logs say was billed: on rows of usage, and on records without.
fn billed_info(sources: &Sources<'_>) -> Option<BilledInfo> {
    let (mut all, priced) = (sources.comparison.billed, &sources.comparison.billed_priced);
    for file in sources.files {
        all.add(&file.billed_only);
    }
    (all.rows > 0).then(|| BilledInfo {
        rows: all.rows,
        usd: all.usd,
        priced_rows: priced.rows,
        priced_billed_usd: priced.billed_usd,
        priced_usd: priced.usd,
        difference_usd: priced.billed_usd.checked_sub(priced.usd).unwrap_or_default(),
    })
}

/// Rows that repeat others.
fn duplicates(sources: &Sources<'_>, rows: u64) -> Duplicates {
    let differing = sources.files.iter().map(|file| file.differing);
    let billed = sources.duplicates.billed;
    Duplicates {
        rows,
        usd: sources.duplicates.total(Scenario::BASELINE),
        differing: differing.fold(0, u64::saturating_add),
        billed_usd: (billed.rows > 0).then_some(billed.usd),
    }
}

/// A credit pays for what it covers; the rest of it is left.
fn credit_info(credit: Money, comparison: &Comparison) -> CreditInfo {
    let recorded = comparison.total(Scenario::BASELINE);
    let used = credit.min(recorded).max(Money::ZERO);
    CreditInfo {
        usd: credit,
        used_usd: used,
        recorded_after_usd: recorded.checked_sub(used).unwrap_or(recorded),
    }
}

fn rate_book(book: &RateBook) -> RateBookInfo {
    let layers = book.layers().iter().map(|layer| LayerInfo {
        name: layer.name.clone(),
        provider: layer.provider.clone(),
        evidence: layer.evidence.name(),
        checked: layer.checked.utc_date(),
        source: layer.source.clone(),
    });
    RateBookInfo {
        version: env!("CARGO_PKG_VERSION"),
        as_of: book.as_of().utc_date(),
        sha256: book.sha256().to_owned(),
        layers: layers.collect(),
    }
}

fn input(file: &FileAccount) -> InputInfo {
    InputInfo { path: file.path.clone(), format: file.format, bytes: file.bytes, rows: file.rows }
}

fn volume(volume: &Volume) -> VolumeInfo {
    VolumeInfo { rows: volume.rows, requests: volume.requests, tokens: volume.tokens }
}

/// Those of every report, then those with assumed caching.
fn scenarios(sources: &Sources<'_>) -> Vec<ScenarioInfo> {
    let own = Prices {
        comparison: sources.comparison,
        published_only: sources.published_only,
        list_prices: sources.list_prices,
    };
    let mut all: Vec<_> = Scenario::all().map(|scenario| scenario_info(own, scenario)).collect();
    if let Some(Assumed { prices, .. }) = sources.assumed {
        all.extend(
            assumed_scenarios(sources.assumed).map(|scenario| scenario_info(prices, scenario)),
        );
    }
    all
}

fn scenario_info(prices: Prices<'_>, scenario: Scenario) -> ScenarioInfo {
    let empty = ScenarioTotal::default();
    let total = prices.comparison.scenarios.get(&scenario).unwrap_or(&empty);
    let cached_share = scenario.caching.cached_share();
    let reasons = total.fallback.reasons.iter().map(|(why, rows)| ReasonInfo {
        reason: why.why.name(),
        meter: why.meter.name(),
        rows: *rows,
    });
    let by_meter = total.by_meter.iter().map(|(meter, usd)| MeterInfo {
        meter: meter.name(),
        quantity: total.quantities.get(*meter),
        usd: *usd,
    });
    let by_evidence = total
        .by_evidence
        .iter()
        .map(|(evidence, usd)| EvidenceInfo { evidence: evidence.name(), usd: *usd });
    let fallback = volume(&total.fallback.volume);
    ScenarioInfo {
        tier: scenario.tier.name(),
        caching: scenario.caching.name(),
        cached_share,
        modelled: cached_share.is_some(),
        terms: scenario.tier.terms(),
        total_usd: total.usd,
        range_usd: total
            .is_range()
            .then_some(RangeInfo { low: total.range.low, high: total.range.high }),
        list_usd: prices.list_usd(scenario),
        contracted_usd: total.usd,
        delta_usd: total.delta().unwrap_or_default(),
        published_only_usd: prices.published_only_usd(scenario),
        covered: volume(&total.covered),
        fallback: FallbackInfo {
            rows: fallback.rows,
            requests: fallback.requests,
            tokens: fallback.tokens,
            usd: total.fallback.usd,
            reasons: reasons.collect(),
        },
        by_meter: by_meter.collect(),
        by_evidence: by_evidence.collect(),
    }
}

fn assignments(sources: &Sources<'_>) -> Vec<AssignmentInfo> {
    let name = |model: ModelId| sources.book.model_name(model).to_owned();
    let assumed = sources.assumed.iter().flat_map(|assumed| &assumed.prices.comparison.assignments);
    let all =
        sources.comparison.assignments.iter().chain(assumed).map(|assignment| AssignmentInfo {
            caching: assignment.caching.name(),
            provider: sources.book.model_provider(assignment.model).to_owned(),
            model: name(assignment.model),
            tier: assignment.tier.name(),
        });
    let mut all: Vec<_> = all.collect();
    all.sort_by(|a, b| {
        let key = |one: &AssignmentInfo| (one.model.clone(), one.provider.clone());
        b.caching.cmp(a.caching).then_with(|| key(a).cmp(&key(b)))
    });
    all
}

fn unpriced(comparison: &Comparison) -> Vec<UnpricedInfo> {
    let all = comparison.unpriced.iter().map(|((model, why), rows)| UnpricedInfo {
        model: model.clone(),
        reason: why.reason,
        meter: why.meter.map(crate::usage::Meter::name),
        tier: why.tier.as_ref().map(|tier| tier.name().to_owned()),
        rows: rows.volume.rows,
        tokens: rows.volume.tokens,
        list_rows: rows.list_rows,
        list_usd: (rows.list_rows > 0).then_some(rows.list_usd),
    });
    all.collect()
}

fn rejects(files: &[FileAccount]) -> Vec<RejectInfo> {
    let of_file = |file: &FileAccount| -> Vec<RejectInfo> {
        let sorted = file.rejected.sorted();
        let infos = sorted.into_iter().map(|(field, reason, rows)| RejectInfo {
            path: file.path.clone(),
            line: rows.line,
            field: field.to_owned(),
            reason,
            detail: rows.detail.clone(),
            rows: rows.rows,
        });
        infos.collect()
    };
    files.iter().flat_map(of_file).collect()
}

fn matches(comparison: &Comparison) -> Vec<MatchInfo> {
    let all = comparison.matches.iter().map(|((logged, priced_as, rule), rows)| MatchInfo {
        logged: logged.clone(),
        priced_as: priced_as.clone(),
        rule: rule.name(),
        rows: *rows,
    });
    all.collect()
}

fn mismatches(comparison: &Comparison) -> Vec<MismatchInfo> {
    let all = comparison.mismatches.iter().map(|((requested, served), rows)| MismatchInfo {
        requested: requested.clone(),
        served: served.clone(),
        rows: *rows,
    });
    all.collect()
}

fn gates(gates: Gates, rows: &RowCounts) -> Vec<GateInfo> {
    let mut all = Vec::new();
    if let Some(limit) = gates.max_unpriced {
        let usage = rows.priced.saturating_add(rows.unpriced);
        all.push(GateInfo {
            name: "max_unpriced",
            limit: limit.to_string(),
            value: format!("{} of {usage} rows", rows.unpriced),
            tripped: limit.is_exceeded_by(rows.unpriced, usage),
        });
    }
    if let Some(limit) = gates.max_rejected {
        all.push(GateInfo {
            name: "max_rejected",
            limit: limit.to_string(),
            value: rows.rejected.to_string(),
            tripped: rows.rejected > limit,
        });
    }
    all
}

/// The tier choice of a scenario's name in a report.
pub(super) fn tier_label(name: &str) -> &str {
    match TierChoice::ALL.iter().find(|choice| choice.name() == name) {
        Some(TierChoice::Recorded) => "As recorded",
        Some(TierChoice::Standard) => "Standard",
        Some(TierChoice::Flex) => "Flex",
        Some(TierChoice::Priority) => "Priority",
        Some(TierChoice::Batch) => "Batch",
        Some(TierChoice::Cheapest) => "Cheapest",
        None => name,
    }
}
