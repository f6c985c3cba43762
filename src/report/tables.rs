//! The groups of a report as comma-separated text, for spreadsheets and joins: whole
//! numbers, exact decimals, and a last row with the totals.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::model::{GroupInfo, Report};
use super::style::neutral;
use crate::usage::Meter;

/// Writes the groups, and a row with the totals of the report.
pub fn write_csv(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    let sums = sums(report);
    let meters: Vec<&str> = sums.keys().map(|meter| meter.name()).collect();
    let names = report.groups.names.iter().map(String::as_str);
    let scenarios = report.scenarios.iter().map(|one| column(one.tier, one.caching));
    let head = std::iter::once("row").chain(names).chain(["rows", "requests"]);
    let head = head.chain(meters.iter().copied()).map(str::to_owned).chain(scenarios);
    writer.write_record(head)?;
    for group in report.groups.infos() {
        writer.write_record(group_row(&group, &meters))?;
    }
    writer.write_record(total_row(report, sums.values()))?;
    writer.flush()
}

/// The meters that the priced rows use, and how much of each.
fn sums(report: &Report) -> BTreeMap<Meter, u128> {
    let mut sums = BTreeMap::new();
    for row in report.groups.rows() {
        for (meter, sum) in &row.group().quantities {
            let all: &mut u128 = sums.entry(*meter).or_default();
            *all = all.saturating_add(*sum);
        }
    }
    sums
}

/// The column of a scenario.
fn column(tier: &str, caching: &str) -> String {
    match caching {
        "recorded" => format!("{tier}_usd"),
        "none" => format!("{tier}_no_caching_usd"),
        other => format!("{tier}_{other}_caching_usd"),
    }
}

fn group_row(group: &GroupInfo<'_>, meters: &[&str]) -> Vec<String> {
    let keys = group.key.iter().map(|(_, value)| neutral(value.unwrap_or_default()).into_owned());
    let of = |meter: &str| {
        let found = group.quantities.iter().find(|(name, _)| *name == meter);
        found.map_or(0, |(_, sum)| *sum).to_string()
    };
    let counts = [group.rows.to_string(), group.requests.to_string()];
    let amounts = group.scenarios.iter().map(|one| one.total_usd.exact());
    let first = std::iter::once("group".to_owned());
    first.chain(keys).chain(counts).chain(meters.iter().map(|m| of(m))).chain(amounts).collect()
}

fn total_row<'s>(report: &Report, sums: impl Iterator<Item = &'s u128>) -> Vec<String> {
    let keys = report.groups.names.iter().map(|_| String::new());
    let covered = report.scenarios.first().map(|one| one.covered);
    let counts = covered.map_or((0, 0), |volume| (volume.rows, volume.requests));
    let counts = [counts.0.to_string(), counts.1.to_string()];
    let amounts = report.scenarios.iter().map(|one| one.total_usd.exact());
    let first = std::iter::once("total".to_owned());
    first.chain(keys).chain(counts).chain(sums.map(u128::to_string)).chain(amounts).collect()
}
