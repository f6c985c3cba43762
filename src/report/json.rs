//! The report as JSON.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter};

use super::model::Report;
use crate::scenario::Estimate;

/// Values nested deeper than this stand in one line.
const DEEPEST: usize = 2;

/// Writes the report as JSON with a final newline: a line for each field and for
/// each entry of its lists.
pub fn write_json(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Lines::default());
    report.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// An estimate as indented JSON with a final newline.
pub fn estimate_json(estimate: &Estimate) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(estimate)?;
    text.push('\n');
    Ok(text)
}

/// Indents the outer levels, and writes what is deeper in one line.
#[derive(Default)]
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

    #[test]
    fn entries_of_lists_stand_in_a_line_each() {
        let value = serde_json::json!({
            "a": 1, "list": [{ "b": [1, 2], "c": { "d": "x" } }, { "b": [] }], "none": [], "o": {}
        });
        let mut text = Vec::new();
        let mut serializer = serde_json::Serializer::with_formatter(&mut text, Lines::default());
        value.serialize(&mut serializer).unwrap();
        let text = String::from_utf8(text).unwrap();
        let lines = "{\n  \"a\": 1,\n  \"list\": [\n    {\"b\": [1, 2], \"c\": {\"d\": \"x\"}},\n    \
                     {\"b\": []}\n  ],\n  \"none\": [],\n  \"o\": {}\n}";
        assert_eq!(text, lines);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}
