//! Reads JSON records through `serde_json`: the wanted paths as text, the rest
//! checked and passed over. No number becomes a float.

use serde_json::value::RawValue;

use super::bind::Bound;
use super::canonical::{Reading, Reject};
use super::json_tree::Node;
use super::table::{Field, Target};
use super::value::Value;
use crate::input::{Chunk, Framing, Span, line_breaks};

/// How deep records may be nested in pages.
const MAX_LEVELS: usize = 4;

/// The values of a record, or what it is without any.
pub(super) type Record<'r> = Result<&'r [Value<'r>], Reading<'r>>;

type Each<'e> = dyn FnMut(u64, Record<'_>) + 'e;

/// A place that may hold a field: a slot, and the root that it is below (`None`
/// for a path from the record's top).
type Place = (usize, Option<usize>);

/// Where the fields of a format stand in its objects.
#[derive(Debug, Clone)]
pub(super) struct Paths {
    pub(super) tree: Node,
    /// For each field, its places, the strongest first.
    sources: Vec<Vec<Place>>,
    /// How many roots there are, the innermost first.
    roots: usize,
    /// The slots that may hold arrays of records.
    pub(super) explode: Vec<usize>,
    pub(super) slots: usize,
}

/// Raw values of one record, by slot.
type Slots<'a> = Vec<Option<&'a str>>;

impl Paths {
    /// Every name of every field below every root; a name that begins with `/`
    /// is a path from the record's top.
    pub(super) fn new(fields: &[Field], roots: &[&str], explode: &[&str]) -> Self {
        let mut paths = Self {
            tree: Node::default(),
            sources: Vec::new(),
            roots: roots.len(),
            explode: Vec::new(),
            slots: 0,
        };
        let mut known: Vec<(String, usize)> = Vec::new();
        let mut slot = |paths: &mut Self, path: &str| {
            if let Some((_, slot)) = known.iter().find(|(name, _)| name == path) {
                return *slot;
            }
            let slot = paths.slots;
            paths.slots = slot.saturating_add(1);
            paths.tree.insert(path, slot);
            known.push((path.to_owned(), slot));
            slot
        };
        for field in fields {
            let mut places = Vec::new();
            for name in &field.names {
                for (path, root) in full_paths(name, roots) {
                    places.push((slot(&mut paths, &path), root));
                }
            }
            paths.sources.push(places);
        }
        for key in explode {
            let at = slot(&mut paths, key);
            paths.explode.push(at);
        }
        paths.tree.number(&mut paths.slots);
        paths
    }

    /// The root that the record's object is at: the innermost one that has
    /// counts or says what it is. A wrapper's own fields are not the object's.
    pub(super) fn root_of(&self, bound: &Bound, slots: &[Option<&str>]) -> Option<usize> {
        let tells = |field: &Field| matches!(field.target, Target::Count(_) | Target::Note);
        let places = bound.fields.iter().zip(&self.sources).filter(|(field, _)| tells(field));
        let places: Vec<&Place> = places.flat_map(|(_, places)| places).collect();
        let present = |(slot, _): &Place| slots.get(*slot).is_some_and(Option::is_some);
        (0..self.roots)
            .find(|root| places.iter().any(|place| place.1 == Some(*root) && present(place)))
    }

    /// Reads the records of a chunk.
    pub(super) fn read(&self, bound: &Bound, chunk: &Chunk, each: &mut Each<'_>) {
        if bound.framing == Framing::Elements {
            for span in &chunk.elements {
                self.read_value(bound, chunk, *span, each);
            }
            return;
        }
        self.read_lines(bound, chunk, (0, chunk.first_line), each);
    }

    /// Reads the lines of a chunk from the one that begins at `start` on.
    pub(super) fn read_lines(
        &self,
        bound: &Bound,
        chunk: &Chunk,
        (mut start, mut line): (usize, u64),
        each: &mut Each<'_>,
    ) {
        let rest = chunk.bytes().get(start..).unwrap_or_default();
        for text in rest.split(|b| *b == b'\n') {
            let end = start.saturating_add(text.len());
            if !text.trim_ascii().is_empty() {
                self.read_value(bound, chunk, Span { start, end, line }, each);
            }
            line = line.saturating_add(lines_of(chunk.bytes(), start, end));
            start = end.saturating_add(1);
        }
    }

    /// The slots that may have a field's value where the object is at a root, the
    /// strongest first.
    pub(super) fn places(
        &self,
        field: usize,
        root: Option<usize>,
    ) -> impl Iterator<Item = usize> + '_ {
        let places = self.sources.get(field).into_iter().flatten();
        let own = places.filter(move |(_, of)| of.is_none() || root.is_none() || *of == root);
        own.map(|(slot, _)| *slot)
    }

    pub(super) fn read_value(&self, bound: &Bound, chunk: &Chunk, span: Span, each: &mut Each<'_>) {
        let bytes = chunk.bytes().get(span.start..span.end).unwrap_or_default();
        let Ok(text) = std::str::from_utf8(bytes) else {
            let reject = Reject::new("record", "not_utf8", "the line is not UTF-8 text".to_owned());
            return each(span.line, Err(Reading::Rejected(reject)));
        };
        let rewritten = bound.format.rewrite.and_then(|rewrite| rewrite(text));
        let text = rewritten.as_deref().unwrap_or(text);
        let top = Level { raw: text.trim(), line: span.line, depth: 0 };
        self.expand(bound, top, &vec![None; self.slots], each);
    }

    /// Reads one object: its own record, or the records of its arrays, which
    /// inherit its times and names, not its counts.
    fn expand<'a>(
        &self,
        bound: &Bound,
        level: Level<'a>,
        inherited: &Slots<'a>,
        each: &mut Each<'_>,
    ) {
        let mut own: Slots<'a> = vec![None; self.slots];
        if let Err(error) = self.tree.extract(level.raw, false, &mut own) {
            return each(level.line, Err(not_json(&error)));
        }
        let arrays = self.explode.iter().filter_map(|slot| own.get(*slot).copied().flatten());
        let arrays: Vec<&'a str> = arrays.filter(|raw| raw.starts_with('[')).collect();
        for (mine, theirs) in own.iter_mut().zip(inherited) {
            *mine = mine.or(*theirs);
        }
        if arrays.is_empty() {
            return self.finish(bound, level.line, &own, each);
        }
        if level.depth >= MAX_LEVELS {
            let detail = format!("records are nested more than {MAX_LEVELS} deep");
            return each(
                level.line,
                Err(Reading::Rejected(Reject::new("record", "too_deep", detail))),
            );
        }
        self.drop_counts(bound, &mut own);
        for array in arrays {
            self.expand_array(bound, (level, array), &own, each);
        }
    }

    fn expand_array<'a>(
        &self,
        bound: &Bound,
        (level, array): (Level<'a>, &'a str),
        inherited: &Slots<'a>,
        each: &mut Each<'_>,
    ) {
        let items: Vec<&'a RawValue> = match serde_json::from_str(array) {
            Ok(items) => items,
            Err(error) => return each(level.line, Err(not_json(&error))),
        };
        if items.is_empty() {
            return each(level.line, Err(Reading::Empty));
        }
        let mut line = level.line;
        let mut counted: usize = 0;
        for item in items {
            let raw = item.get();
            let start = raw.as_ptr().addr().saturating_sub(level.raw.as_ptr().addr());
            let passed = level.raw.as_bytes().get(counted..start).unwrap_or_default();
            line = line.saturating_add(line_breaks(passed));
            counted = start;
            let depth = level.depth.saturating_add(1);
            self.expand(bound, Level { raw, line, depth }, inherited, each);
        }
    }

    fn drop_counts(&self, bound: &Bound, slots: &mut Slots<'_>) {
        let counts = bound.fields.iter().zip(&self.sources);
        let counts =
            counts.filter(|(field, _)| matches!(field.target, Target::Count(_) | Target::Requests));
        for (slot, _) in counts.flat_map(|(_, places)| places) {
            if let Some(slot) = slots.get_mut(*slot) {
                *slot = None;
            }
        }
    }

    /// Chooses each field's value among its places.
    fn finish(&self, bound: &Bound, line: u64, slots: &Slots<'_>, each: &mut Each<'_>) {
        let root = self.root_of(bound, slots);
        let mut values = Vec::with_capacity(self.sources.len());
        for (at, field) in bound.fields.iter().enumerate() {
            let places = self.places(at, root);
            let present = places.filter_map(|slot| slots.get(slot).copied().flatten());
            let mut present = present.map(Value::from_json).filter(Value::is_present);
            let value = present.next().unwrap_or_default();
            let counts = matches!(field.target, Target::Count(_));
            if counts && present.any(|other| other.count() != value.count()) {
                let detail = format!("{} are given twice and differ", field.target.describe());
                let reject = Reject::new(&field.names.join(" / "), "conflict", detail);
                return each(line, Err(Reading::Rejected(reject)));
            }
            values.push(value);
        }
        each(line, Ok(&values));
    }
}

/// The line breaks of a line up to its newline: carriage returns in it are some too.
pub(super) fn lines_of(bytes: &[u8], start: usize, newline: usize) -> u64 {
    line_breaks(bytes.get(start..newline.saturating_add(1).min(bytes.len())).unwrap_or_default())
}

fn not_json(error: &serde_json::Error) -> Reading<'static> {
    Reading::Rejected(Reject::new("record", "not_json", json_message(error)))
}

/// An object being read.
#[derive(Clone, Copy)]
struct Level<'a> {
    raw: &'a str,
    line: u64,
    depth: usize,
}

fn full_paths(name: &str, roots: &[&str]) -> Vec<(String, Option<usize>)> {
    if let Some(path) = name.strip_prefix('/') {
        return vec![(path.to_owned(), None)];
    }
    let below = |(at, root): (usize, &&str)| {
        let path = if root.is_empty() { name.to_owned() } else { format!("{root}.{name}") };
        (path, Some(at))
    };
    roots.iter().enumerate().map(below).collect()
}

/// What `serde_json` says, without its position in the line.
fn json_message(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match message.split_once(" at line ") {
        Some((head, _)) => format!("{head} (column {})", error.column()),
        None => message,
    }
}
