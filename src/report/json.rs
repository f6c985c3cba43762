//! The report as JSON.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter};

use super::blocks::{BLOCK, rest_of_block, write_blocks};
use super::model::{GroupInfo, GroupScenario, GroupTable, Report};
use crate::scenario::{Estimate, Hands};

/// Values nested deeper than this stand in one line.
const DEEPEST: usize = 2;

/// The schema of the JSON report (JSON Schema, draft 2020-12).
pub const SCHEMA: &str = include_str!("report.schema.json");

/// Writes the report as JSON with a final newline: a line for each field and for
/// each entry of its lists. Groups are put into words by all hands.
pub fn write_json(report: &Report, hands: &dyn Hands, out: &mut dyn Write) -> io::Result<()> {
    let rest = Report { groups: GroupTable::default(), ..report.clone() };
    let rest = line(&rest, 0)?;
    // No text in JSON has a line break, so this stands where the field is, and only there.
    let field = memchr::memmem::find(&rest, b"\n  \"groups\": []");
    let place = field.map(|at| at.saturating_add(b"\n  \"groups\": [".len()));
    let Some((before, after)) = place.and_then(|at| rest.split_at_checked(at)) else {
        out.write_all(&line(report, 0)?)?;
        return out.write_all(b"\n");
    };
    out.write_all(before)?;
    write_groups(&report.groups, hands, out)?;
    out.write_all(after)?;
    out.write_all(b"\n")
}

/// Writes the groups as entries of a list.
fn write_groups(groups: &GroupTable, hands: &dyn Hands, out: &mut dyn Write) -> io::Result<()> {
    let first = groups.rows().next().into_iter().flat_map(|row| row.scenarios());
    let openings: Vec<Opening> = first.map(|one| Opening::of(&one)).collect::<io::Result<_>>()?;
    write_blocks(groups, hands, &|start| block(groups, start, &openings), out)?;
    if groups.is_empty() { Ok(()) } else { out.write_all(b"\n  ") }
}

/// Some groups in words, from one of them on.
fn block(groups: &GroupTable, start: usize, openings: &[Opening]) -> io::Result<Vec<u8>> {
    let (mut text, mut words) = (Vec::new(), String::new());
    for (at, row) in groups.rows_from(start).take(BLOCK).enumerate() {
        if at == 1 {
            text.reserve(rest_of_block(text.len(), groups, start));
        }
        let comma = if start == 0 && at == 0 { "" } else { "," };
        text.extend_from_slice(comma.as_bytes());
        text.extend_from_slice(b"\n    ");
        let place = (&mut words, &mut text);
        write_group(&row.without_scenarios(), row.scenarios(), openings, place)?;
    }
    Ok(text)
}

/// How a scenario of a group begins.
struct Opening {
    tier: &'static str,
    caching: &'static str,
    text: String,
}

impl Opening {
    fn of(scenario: &GroupScenario) -> io::Result<Self> {
        let (tier, caching) = (scenario.tier, scenario.caching);
        let (first, second) = (serde_json::to_string(tier)?, serde_json::to_string(caching)?);
        let text = format!("{{\"tier\": {first}, \"caching\": {second}, \"total_usd\": \"");
        Ok(Self { tier, caching, text })
    }

    fn begins(&self, scenario: &GroupScenario) -> bool {
        // Names are most often the very same text: a look at where it lies is enough.
        let is_same = |one: &str, other: &str| std::ptr::eq(one, other) || one == other;
        is_same(self.tier, scenario.tier) && is_same(self.caching, scenario.caching)
    }
}

/// Writes a group as [`write_line`] does, scenarios that begin as others did without a
/// look at that: there are many, and all that differs in them are digits. `bare` has
/// none of them yet.
fn write_group(
    bare: &GroupInfo<'_>,
    scenarios: impl Iterator<Item = GroupScenario> + Clone,
    openings: &[Opening],
    (words, text): (&mut String, &mut Vec<u8>),
) -> io::Result<()> {
    words.clear();
    if !push_scenarios(scenarios.clone(), openings, words) {
        let group = GroupInfo { scenarios: scenarios.collect(), ..bare.clone() };
        return write_line(&group, DEEPEST, text);
    }
    write_line(bare, DEEPEST, text)?;
    text.truncate(text.len().saturating_sub(b"]}".len()));
    text.extend_from_slice(words.as_bytes());
    text.extend_from_slice(b"]}");
    Ok(())
}

/// Adds scenarios as entries of a list; `false` where they do not begin as known.
fn push_scenarios(
    scenarios: impl Iterator<Item = GroupScenario>,
    openings: &[Opening],
    words: &mut String,
) -> bool {
    let mut openings = openings.iter();
    for scenario in scenarios {
        let Some(opening) = openings.next().filter(|opening| opening.begins(&scenario)) else {
            return false;
        };
        if !words.is_empty() {
            words.push_str(", ");
        }
        words.push_str(&opening.text);
        scenario.total_usd.push_exact(words);
        words.push_str("\", \"delta_usd\": \"");
        scenario.delta_usd.push_exact(words);
        words.push_str("\", \"fallback_rows\": ");
        match scenario.fallback_rows {
            0 => words.push('0'), // most of them
            rows => words.push_str(&rows.to_string()),
        }
        words.push('}');
    }
    openings.next().is_none()
}

fn line(value: &impl Serialize, depth: usize) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    write_line(value, depth, &mut text)?;
    Ok(text)
}

/// Writes a value that stands at a depth.
fn write_line(value: &impl Serialize, depth: usize, text: &mut Vec<u8>) -> io::Result<()> {
    let lines = Lines { depth, pretty: PrettyFormatter::default() };
    value.serialize(&mut serde_json::Serializer::with_formatter(text, lines))?;
    Ok(())
}

/// An estimate as indented JSON with a final newline.
pub fn estimate_json(estimate: &Estimate) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(estimate)?;
    text.push('\n');
    Ok(text)
}

/// Indents the outer levels, and writes what is deeper in one line.
struct Lines {
    depth: usize,
    pretty: PrettyFormatter<'static>,
}

impl Lines {
    const fn is_outer(&self) -> bool {
        self.depth <= DEEPEST
    }
}

impl Formatter for Lines {
    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth = self.depth.saturating_add(1);
        if self.is_outer() { self.pretty.begin_array(out) } else { out.write_all(b"[") }
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        let outer = self.is_outer();
        self.depth = self.depth.saturating_sub(1);
        if outer { self.pretty.end_array(out) } else { out.write_all(b"]") }
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if self.is_outer() {
            return self.pretty.begin_array_value(out, first);
        }
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        if self.is_outer() { self.pretty.end_array_value(out) } else { Ok(()) }
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth = self.depth.saturating_add(1);
        if self.is_outer() { self.pretty.begin_object(out) } else { out.write_all(b"{") }
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        let outer = self.is_outer();
        self.depth = self.depth.saturating_sub(1);
        if outer { self.pretty.end_object(out) } else { out.write_all(b"}") }
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if self.is_outer() {
            return self.pretty.begin_object_key(out, first);
        }
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        if self.is_outer() { self.pretty.end_object_value(out) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Money;

    #[test]
    fn groups_are_written_as_serde_writes_them() {
        let scenario = |atto, fallback_rows| GroupScenario {
            tier: "priority",
            caching: "none",
            total_usd: Money::from_atto(atto),
            delta_usd: Money::from_atto(7 - atto),
            fallback_rows,
        };
        let two = vec![scenario(1_500_000_000_000_000_000, 0), scenario(-3, 12)];
        let other = GroupScenario { caching: "recorded", ..two[0].clone() };
        let openings: Vec<Opening> = two.iter().map(|one| Opening::of(one).unwrap()).collect();
        // As known, fewer, more, and others.
        let more = [&two[..], &two[..1]].concat();
        for scenarios in [Vec::new(), two.clone(), two[..1].to_vec(), more, vec![other; 2]] {
            let key = vec![("mo\"del", Some("a\\b")), ("day", None)];
            let quantities = vec![("input", 3)];
            let bare = GroupInfo { key, rows: 2, requests: 2, quantities, scenarios: Vec::new() };
            let (mut words, mut text) = (String::from("of another group"), Vec::new());
            let place = (&mut words, &mut text);
            write_group(&bare, scenarios.iter().cloned(), &openings, place).unwrap();
            let group = GroupInfo { scenarios, ..bare };
            assert_eq!(
                String::from_utf8(text).unwrap(),
                String::from_utf8(line(&group, DEEPEST).unwrap()).unwrap()
            );
        }
    }

    #[test]
    fn entries_of_lists_stand_in_a_line_each() {
        let value = serde_json::json!({
            "a": 1, "list": [{ "b": [1, 2], "c": { "d": "x" } }, { "b": [] }], "none": [], "o": {}
        });
        let text = String::from_utf8(line(&value, 0).unwrap()).unwrap();
        let lines = "{\n  \"a\": 1,\n  \"list\": [\n    {\"b\": [1, 2], \"c\": {\"d\": \"x\"}},\n    \
                     {\"b\": []}\n  ],\n  \"none\": [],\n  \"o\": {}\n}";
        assert_eq!(text, lines);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}
