//! The groups of a report as comma-separated text, for spreadsheets and joins, and as a
//! Parquet file: whole numbers and exact decimals. The text ends with a row of totals.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::blocks::{BLOCK, rest_of_block, write_blocks};
use super::model::{GroupInfo, GroupRow, GroupTable, Report};
use super::style::neutral;
use crate::frame::{ParquetTable, TableColumn, Texts};
use crate::money::push_whole;
use crate::scenario::{Group, Hands, OneByOne, made_by};
use crate::usage::{Meter, Totals};

/// Groups of a part of a Parquet file.
const PART: usize = 50_000;

/// Writes the groups, and a row with the totals of the report. Groups are put into words
/// by all hands.
pub fn write_csv(report: &Report, hands: &dyn Hands, out: &mut dyn Write) -> io::Result<()> {
    let (groups, sums) = (&report.groups, sums(&report.groups, hands));
    let meters: Vec<Meter> = sums.nonzero().map(|(meter, _)| meter).collect();
    let names: Vec<&str> = meters.iter().copied().map(Meter::name).collect();
    write_record(std::iter::once("row".to_owned()).chain(columns(report, &names)), out)?;
    let keys = Keys::of(groups)?;
    write_blocks(groups, hands, &|start| Ok(block(groups, start, &keys, &meters)), out)?;
    write_record(total_row(report, sums.nonzero().map(|(_, sum)| sum)), out)
}

fn write_record(fields: impl IntoIterator<Item = String>, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(fields)?;
    writer.flush()
}

/// What groups are called: of each property the values that do not stand in a row as they
/// are, by number, with their quotes.
struct Keys(Vec<HashMap<u32, String, FixedState>>);

impl Keys {
    fn of(groups: &GroupTable) -> io::Result<Self> {
        let words = |values: &Vec<Option<Arc<str>>>| {
            let numbered = (0_u32..).zip(values.iter().map(|value| value.as_deref()));
            let others = numbered.filter_map(|(number, value)| {
                let value = neutral(value.unwrap_or_default());
                // Commas and all that needs quotes come before this one.
                let is_plain = value.bytes().all(|byte| byte >= b'-');
                let as_it_is = is_plain && matches!(value, Cow::Borrowed(_));
                (!as_it_is).then(|| Ok((number, quoted(&value)?)))
            });
            others.collect()
        };
        Ok(Self(groups.every_value().iter().map(words).collect::<io::Result<_>>()?))
    }

    fn push(&self, row: &GroupRow<'_>, text: &mut String) {
        for (words, (number, value)) in self.0.iter().zip(row.numbers().iter().zip(row.values())) {
            text.push(',');
            let word = words.get(number).map(String::as_str);
            text.push_str(word.or(value).unwrap_or_default());
        }
    }
}

/// A value as it stands behind another one in a row.
fn quoted(value: &str) -> io::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["", value])?;
    let text = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    let text = String::from_utf8(text).map_err(io::Error::other)?;
    let own = text.strip_prefix(',').and_then(|text| text.strip_suffix('\n'));
    Ok(own.unwrap_or(&text).to_owned())
}

/// Some groups in words, from one of them on.
fn block(groups: &GroupTable, start: usize, keys: &Keys, meters: &[Meter]) -> Vec<u8> {
    let mut text = String::new();
    for (at, row) in groups.rows_from(start).take(BLOCK).enumerate() {
        if at == 1 {
            text.reserve(rest_of_block(text.len(), groups, start));
        }
        let Group { volume, quantities, .. } = row.group();
        text.push_str("group");
        keys.push(&row, &mut text);
        let sum = |meter: &Meter| quantities.iter().find(|(own, _)| own == meter);
        let sums = meters.iter().map(|meter| sum(meter).map_or(0, |(_, sum)| *sum));
        for count in [u128::from(volume.rows), volume.requests].into_iter().chain(sums) {
            text.push(',');
            push_whole(count, &mut text);
        }
        for amount in row.amounts() {
            text.push(',');
            amount.push_exact(&mut text);
        }
        text.push('\n');
    }
    text.into_bytes()
}

/// Writes the groups as a Parquet file: amounts as exact text, counts as whole numbers of
/// 64 bits. Fails where a count is larger.
pub fn write_parquet(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let sums = sums(&report.groups, &OneByOne);
    let meters: Vec<&str> = sums.nonzero().map(|(meter, _)| meter.name()).collect();
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

/// How much of each meter the groups use.
fn sums(groups: &GroupTable, hands: &dyn Hands) -> Totals {
    let many = groups.len().div_ceil(hands.count().max(1));
    let part = |at: usize| {
        let mut sums = Totals::default();
        for row in groups.rows_from(at.saturating_mul(many)).take(many) {
            row.group().quantities.iter().for_each(|(meter, sum)| sums.add(*meter, *sum));
        }
        sums
    };
    let mut all = Totals::default();
    for part in made_by(hands, hands.count().max(1), &part) {
        all.add_all(&part);
    }
    all
}

/// The column of a scenario.
fn column(tier: &str, caching: &str) -> String {
    match caching {
        "recorded" => format!("{tier}_usd"),
        "none" => format!("{tier}_no_caching_usd"),
        other => format!("{tier}_{other}_caching_usd"),
    }
}

fn total_row(report: &Report, sums: impl Iterator<Item = u128>) -> Vec<String> {
    let keys = report.groups.names.iter().map(|_| String::new());
    let covered = report.scenarios.first().map(|one| one.covered);
    let counts = covered.map_or((0, 0), |volume| (volume.rows, volume.requests));
    let counts = [counts.0.to_string(), counts.1.to_string()];
    let amounts = report.scenarios.iter().map(|one| one.total_usd.exact());
    let first = std::iter::once("total".to_owned());
    first.chain(keys).chain(counts).chain(sums.map(|sum| sum.to_string())).chain(amounts).collect()
}
