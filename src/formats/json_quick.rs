//! Reads JSON records of the usual kind, one a line, without copies: it expects the
//! keys of a record in the order of the one before, and for each set of fields that
//! a record has it remembers which of them decide. Everything else is read by the
//! usual way.
#![deny(clippy::arithmetic_side_effects)]

use super::bind::Bound;
use super::json::{Paths, Record, lines_of};
use super::json_scan::Scan;
use super::json_strings::Key;
use super::json_tree::Node;
use super::plain::{Plain, PlainSink, Ways};
use super::table::Target;
use crate::input::{Chunk, Span, line_breaks};

/// Sets of fields that are remembered.
const MOST_SHAPES: usize = 256;

/// Keys of one object that are remembered.
const MOST_KEYS: usize = 64;

/// What is kept from record to record.
#[derive(Debug)]
pub(super) struct QuickJson {
    nodes: Vec<Keys>,
    /// The field of each reader.
    readers: Vec<usize>,
    shapes: Vec<Shape>,
    /// The shape of the last record.
    last: usize,
}

/// The keys of one object.
#[derive(Debug, Default)]
struct Keys {
    /// The slot of the object itself.
    slot: Option<usize>,
    /// Those that are wanted, and their nodes.
    wanted: Vec<(Box<[u8]>, usize)>,
    /// Those that were met, in the order of the first record that had them, as they
    /// stand before the value.
    expected: Vec<(Key, Option<usize>)>,
}

/// Where a key that was not expected leads.
struct Turn {
    /// Its place among the expected ones.
    member: usize,
    /// Its node, if it is wanted.
    below: Option<usize>,
}

/// A slot that a record has, and what kind of value it has there.
type Held = (usize, Kind);

/// A kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// None, or an object of others.
    Absent,
    Text,
    Number,
}

/// What decides in records that have the same slots.
#[derive(Debug)]
struct Shape {
    held: Vec<Held>,
    /// What is read of it; `None` where the usual way is to decide.
    deciding: Option<Vec<Deciding>>,
}

/// A value that is read.
#[derive(Debug, Clone, Copy)]
struct Deciding {
    reader: usize,
    field: usize,
    /// Its place among the slots that the record has.
    at: usize,
}

/// What was met of one record.
struct Met<'c> {
    held: Vec<Held>,
    /// The text of each.
    texts: Vec<&'c [u8]>,
}

impl<'c> Met<'c> {
    #[inline]
    fn put(&mut self, slot: usize, kind: Kind, text: &'c [u8]) {
        self.held.push((slot, kind));
        self.texts.push(text);
    }

    /// A value.
    #[inline]
    fn value(&self, at: usize) -> Plain<'c> {
        let text = self.texts.get(at).copied().unwrap_or_default();
        match self.held.get(at) {
            Some((_, Kind::Text)) => Plain::Text(text),
            Some((_, Kind::Number)) => Plain::Number(text),
            Some((_, Kind::Absent)) | None => Plain::Absent,
        }
    }
}

impl QuickJson {
    /// For the field of each reader; `None` where records hold others.
    pub(super) fn new(paths: &Paths, readers: Vec<usize>) -> Option<Self> {
        if !paths.explode.is_empty() {
            return None;
        }
        let mut quick = Self { nodes: Vec::new(), readers, shapes: Vec::new(), last: 0 };
        quick.add(&paths.tree);
        Some(quick)
    }

    /// Adds a node and those below it; gives its number.
    fn add(&mut self, node: &Node) -> usize {
        let at = self.nodes.len();
        self.nodes.push(Keys { slot: node.slot, ..Keys::default() });
        for child in &node.children {
            let below = self.add(child);
            if let Some(keys) = self.nodes.get_mut(at) {
                keys.wanted.push((child.key.as_bytes().into(), below));
            }
        }
        at
    }

    /// Reads a record; its line, if it is of the usual kind.
    #[inline]
    fn record<'c>(&mut self, scan: &mut Scan<'c>, met: &mut Met<'c>) -> Option<()> {
        met.held.clear();
        met.texts.clear();
        scan.blanks();
        if !scan.take(b'{') {
            return None;
        }
        self.object(0, scan, met)?;
        scan.blanks();
        matches!(scan.peek(), None | Some(b'\n')).then_some(())
    }

    /// Reads the members of an object whose brace was passed.
    fn object<'c>(&mut self, node: usize, scan: &mut Scan<'c>, met: &mut Met<'c>) -> Option<()> {
        scan.blanks();
        if scan.take(b'}') {
            return Some(());
        }
        let mut member: usize = 0;
        loop {
            let expected = self.nodes.get(node)?.expected.get(member);
            let below = match expected {
                Some((key, below)) if scan.take_key(key) => *below,
                _ => {
                    let turn = self.turn(node, scan)?;
                    member = turn.member;
                    turn.below
                }
            };
            member = member.saturating_add(1);
            match below {
                Some(below) => self.member(below, scan, met)?,
                None => scan.value()?,
            }
            if !scan.goes_on(b'}')? {
                return Some(());
            }
        }
    }

    /// Reads a key that was not expected here: one of another place, or a new one,
    /// which is expected from now on.
    #[cold]
    fn turn(&mut self, node: usize, scan: &mut Scan<'_>) -> Option<Turn> {
        let keys = self.nodes.get_mut(node)?;
        let known = keys.expected.iter().position(|(key, _)| scan.take_key(key));
        if let Some(member) = known {
            let below = keys.expected.get(member).and_then(|(_, below)| *below);
            return Some(Turn { member, below });
        }
        if !scan.take(b'"') {
            return None;
        }
        let key = scan.string().filter(|key| !key.escaped)?;
        scan.colon()?;
        let below = keys.wanted.iter().find(|(name, _)| **name == *key.bytes);
        let below = below.map(|(_, below)| *below);
        let member = keys.expected.len();
        if member < MOST_KEYS {
            keys.expected.push((Key::new(key.bytes), below));
        }
        Some(Turn { member, below })
    }

    /// Reads the value of a wanted key.
    #[inline]
    fn member<'c>(&mut self, node: usize, scan: &mut Scan<'c>, met: &mut Met<'c>) -> Option<()> {
        let keys = self.nodes.get(node)?;
        let slot = keys.slot?;
        let is_leaf = keys.wanted.is_empty();
        match scan.peek()? {
            b'"' => {
                scan.take(b'"');
                let text = scan.string().filter(|text| !text.escaped)?;
                match Plain::of_text(text.bytes) {
                    Plain::Text(text) => met.put(slot, Kind::Text, text),
                    Plain::Absent | Plain::Number(_) => met.put(slot, Kind::Absent, b""),
                }
            }
            b'-' | b'0'..=b'9' => {
                let number = scan.number()?;
                met.put(slot, Kind::Number, number);
            }
            b'{' if !is_leaf => {
                scan.take(b'{');
                met.put(slot, Kind::Absent, b"");
                return self.object(node, scan, met);
            }
            b'n' => {
                scan.word()?;
                met.put(slot, Kind::Absent, b"");
            }
            _ => return None,
        }
        Some(())
    }

    /// The shape of what was met.
    #[inline]
    fn shape(&mut self, bound: &Bound, paths: &Paths, met: &Met<'_>) -> Option<&Shape> {
        let same = |shape: &Shape| shape.held == met.held;
        if !self.shapes.get(self.last).is_some_and(same) {
            self.last = match self.shapes.iter().position(same) {
                Some(known) => known,
                None => self.learn(bound, paths, met)?,
            };
        }
        self.shapes.get(self.last)
    }

    #[cold]
    fn learn(&mut self, bound: &Bound, paths: &Paths, met: &Met<'_>) -> Option<usize> {
        if self.shapes.len() >= MOST_SHAPES {
            return None;
        }
        let deciding = self.deciding(bound, paths, met);
        self.shapes.push(Shape { held: met.held.clone(), deciding });
        self.shapes.len().checked_sub(1)
    }

    /// Which of the slots decide, as [`Paths`] chooses among their values; `None`
    /// where values are to be compared, or an object stands where a value is wanted.
    fn deciding(&self, bound: &Bound, paths: &Paths, met: &Met<'_>) -> Option<Vec<Deciding>> {
        let mut slots = vec![None; paths.slots];
        for (slot, _) in &met.held {
            // A key that is repeated is refused by the usual way.
            if slots.get_mut(*slot)?.replace("").is_some() {
                return None;
            }
        }
        let root = paths.root_of(bound, &slots);
        let mut deciding = Vec::new();
        for (reader, field) in self.readers.iter().enumerate() {
            let places = paths.places(*field, root);
            let held = |slot: usize| met.held.iter().position(|(held, _)| *held == slot);
            let met_places = places.filter_map(held);
            let is_value =
                |at: &usize| met.held.get(*at).is_some_and(|(_, kind)| *kind != Kind::Absent);
            let is_object = |at: &usize| {
                let slot = met.held.get(*at).map(|(slot, _)| *slot);
                self.nodes.iter().any(|keys| keys.slot == slot && !keys.wanted.is_empty())
            };
            let met_places: Vec<usize> = met_places.collect();
            if met_places.iter().any(is_object) {
                return None;
            }
            let mut values = met_places.into_iter().filter(is_value);
            let Some(first) = values.next() else { continue };
            let counts = bound.fields.get(*field).map(|field| field.target);
            if matches!(counts, Some(Target::Count(_))) && values.next().is_some() {
                return None;
            }
            deciding.push(Deciding { reader, field: *field, at: first });
        }
        Some(deciding)
    }
}

impl Paths {
    /// Reads the records of a chunk, those of the usual kind as they stand. Gives
    /// the number of lines of the chunk.
    pub(super) fn read_quick(
        &self,
        bound: &Bound,
        chunk: &Chunk,
        quick: &mut QuickJson,
        sink: &mut impl PlainSink,
    ) -> u64 {
        let bytes = chunk.bytes();
        let mut met = Met { held: Vec::new(), texts: Vec::new() };
        let (mut start, mut line) = (0_usize, chunk.first_line);
        let mut ways = Ways::default();
        while start < bytes.len() {
            let mut scan = Scan::new(bytes, start);
            let read = quick.record(&mut scan, &mut met);
            let shape = read.and_then(|()| quick.shape(bound, self, &met));
            if shape.is_some_and(|shape| give(shape, &met, sink)) {
                ways.quick();
                let end = scan.at();
                let ended = u64::from(end < bytes.len());
                let lines = if scan.returns { lines_of(bytes, start, end) } else { ended };
                line = line.saturating_add(lines);
                start = end.saturating_add(1);
                continue;
            }
            if ways.other() {
                let mut each = |line: u64, record: Record<'_>| sink.record(line, record);
                self.read_lines(bound, chunk, (start, line), &mut each);
                return line_breaks(bytes);
            }
            let end = memchr::memchr(b'\n', bytes.get(start..).unwrap_or_default());
            let end = end.map_or(bytes.len(), |at| start.saturating_add(at));
            let text = bytes.get(start..end).unwrap_or_default();
            if !text.trim_ascii().is_empty() {
                let span = Span { start, end, line };
                self.read_value(bound, chunk, span, &mut |line, record| sink.record(line, record));
            }
            line = line.saturating_add(lines_of(bytes, start, end));
            start = end.saturating_add(1);
        }
        line.saturating_sub(chunk.first_line)
    }
}

/// Gives the values that decide; `false` where the usual way is to decide.
#[inline]
fn give(shape: &Shape, met: &Met<'_>, sink: &mut impl PlainSink) -> bool {
    let Some(deciding) = &shape.deciding else { return false };
    sink.begin();
    deciding.iter().all(|one| sink.field(one.reader, met.value(one.at)))
        && sink.end(&|each| deciding.iter().for_each(|one| each(one.field, met.value(one.at))))
}
