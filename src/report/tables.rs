//! The groups of a report as comma-separated text, for spreadsheets and joins, and as a
//! Parquet file: whole numbers and exact decimals. The text ends with a row of totals.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::blocks::{BLOCK, reserve_rest, write_blocks};
use super::model::{GroupInfo, GroupRow, GroupTable, Report};
use super::style::neutral;
use crate::frame::{ParquetTable, TableColumn, Texts};
use crate::scenario::Hands;
use crate::usage::Meter;

/// Groups of a part of a Parquet file.
const PART: usize = 50_000;

/// Writes the groups, and a row with the totals of the report. Groups are put into words
/// by all hands.
pub fn write_csv(report: &Report, hands: &dyn Hands, out: &mut dyn Write) -> io::Result<()> {
    let sums = sums(report);
    let names: Vec<&str> = sums.keys().map(|meter| meter.name()).collect();
    let header = std::iter::once("row".to_owned()).chain(columns(report, &names));
    write_record(header, out)?;
    let (groups, meters) = (&report.groups, Vec::from_iter(sums.keys().copied()));
    write_blocks(groups, hands, &|start| block(groups, start, &meters), out)?;
    write_record(total_row(report, sums.values()), out)
}

fn write_record(fields: impl IntoIterator<Item = String>, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(fields)?;
    writer.flush()
}

/// Some groups in words, from one of them on. Only what they are called may need quotes.
fn block(groups: &GroupTable, start: usize, meters: &[Meter]) -> io::Result<Vec<u8>> {
    let mut keys = csv::Writer::from_writer(Vec::new());
    let (mut text, mut amount) = (Vec::new(), String::new());
    let mut written = 0;
    for (at, row) in groups.rows_from(start).take(BLOCK).enumerate() {
        if at == 1 {
            reserve_rest(&mut text, groups, start);
        }
        keys.write_field("group")?;
        for value in row.values() {
            keys.write_field(neutral(value.unwrap_or_default()).as_bytes())?;
        }
        keys.write_record(None::<&[u8]>)?;
        keys.flush()?;
        let own = keys.get_ref().get(written..).unwrap_or_default();
        text.extend_from_slice(own.strip_suffix(b"\n").unwrap_or(own));
        written = keys.get_ref().len();
        push_numbers(&row, meters, &mut amount, &mut text)?;
        text.push(b'\n');
    }
    Ok(text)
}

/// Adds the counts and amounts of a group.
fn push_numbers(
    row: &GroupRow<'_>,
    meters: &[Meter],
    amount: &mut String,
    text: &mut Vec<u8>,
) -> io::Result<()> {
    let group = row.group();
    write!(text, ",{},{}", group.volume.rows, group.volume.requests)?;
    for meter in meters {
        let found = group.quantities.iter().find(|(own, _)| own == meter);
        write!(text, ",{}", found.map_or(0, |(_, sum)| *sum))?;
    }
    for scenario in row.scenarios() {
        amount.clear();
        amount.push(',');
        scenario.total_usd.push_exact(amount);
        text.extend_from_slice(amount.as_bytes());
    }
    Ok(())
}

/// Writes the groups as a Parquet file: amounts as exact text, counts as whole numbers of
/// 64 bits. Fails where a count is larger.
pub fn write_parquet(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let sums = sums(report);
    let meters: Vec<&str> = sums.keys().map(|meter| meter.name()).collect();
    // The counts stand after the values: rows, requests and the meters.
    let first = report.groups.names.len();
    let counts = first..first.saturating_add(meters.len()).saturating_add(2);
    let column = |(at, name)| {
        let count = counts.contains(&at);
        (
            name,
            if count {
                TableColumn::Count(Vec::new())
            } else {
                TableColumn::Text(Texts::default())
            },
        )
    };
    let columns: Vec<_> = columns(report, &meters).enumerate().map(column).collect();
    let empty: Vec<TableColumn> = columns.iter().map(|(_, column)| column.clone()).collect();
    let mut table = ParquetTable::new(columns, out)?;
    let mut groups = report.groups.infos().peekable();
    while groups.peek().is_some() {
        let mut part = empty.clone();
        for group in groups.by_ref().take(PART) {
            push(&mut part, &group, &meters)?;
        }
        table.push(part)?;
    }
    table.finish()
}

/// Adds a group to the columns of a part.
fn push(part: &mut [TableColumn], group: &GroupInfo<'_>, meters: &[&str]) -> io::Result<()> {
    let mut values = group.key.iter().map(|(_, value)| *value);
    let mut counts = [u128::from(group.rows), group.requests]
        .into_iter()
        .chain(meters.iter().map(|meter| quantity(group, meter)));
    let mut amounts = group.scenarios.iter().map(|one| one.total_usd);
    let mut keys = group.key.len();
    for column in part {
        match column {
            TableColumn::Count(column) => {
                let count = counts.next().unwrap_or_default();
                let large = |_too_large| io::Error::other(format!("{count} does not fit 64 bits"));
                column.push(u64::try_from(count).map_err(large)?);
            }
            TableColumn::Text(column) if keys > 0 => {
                keys = keys.saturating_sub(1);
                column.push(values.next().flatten());
            }
            TableColumn::Text(column) => column.push_by(|text| {
                amounts.next().unwrap_or_default().push_exact(text);
            }),
        }
    }
    Ok(())
}

/// The names of the columns. A property that is called as another column has `by_` before
/// its name.
fn columns(report: &Report, meters: &[&str]) -> impl Iterator<Item = String> {
    let counts = ["rows", "requests"].into_iter().chain(meters.iter().copied());
    let scenarios = report.scenarios.iter().map(|one| column(one.tier, one.caching));
    let others: Vec<String> = counts.map(str::to_owned).chain(scenarios).collect();
    let mut names: Vec<String> = Vec::new();
    for name in &report.groups.names {
        let mut name = name.clone();
        while name == "row" || others.contains(&name) || names.contains(&name) {
            name = format!("by_{name}");
        }
        names.push(name);
    }
    names.into_iter().chain(others)
}

fn quantity(group: &GroupInfo<'_>, meter: &str) -> u128 {
    let found = group.quantities.iter().find(|(name, _)| *name == meter);
    found.map_or(0, |(_, sum)| *sum)
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

fn total_row<'s>(report: &Report, sums: impl Iterator<Item = &'s u128>) -> Vec<String> {
    let keys = report.groups.names.iter().map(|_| String::new());
    let covered = report.scenarios.first().map(|one| one.covered);
    let counts = covered.map_or((0, 0), |volume| (volume.rows, volume.requests));
    let counts = [counts.0.to_string(), counts.1.to_string()];
    let amounts = report.scenarios.iter().map(|one| one.total_usd.exact());
    let first = std::iter::once("total".to_owned());
    first.chain(keys).chain(counts).chain(sums.map(u128::to_string)).chain(amounts).collect()
}
