//! Reads JSON records through `serde_json`: the wanted paths as text, the rest
//! checked and passed over. No number becomes a float.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::bind::Bound;
use super::canonical::{Reading, Reject};
use super::table::{Field, Target};
use super::value::Value;
use crate::input::{Chunk, Framing, Span, line_breaks};

/// How deep records may be nested in pages.
const MAX_LEVELS: usize = 4;

type Each<'e> = dyn FnMut(u64, Result<&[Value<'_>], Reading<'_>>) + 'e;

/// A tree of wanted keys.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    key: Box<str>,
    slot: Option<usize>,
    children: Vec<Self>,
}

impl Node {
    /// Wants the value at a dotted path in slot `slot`.
    pub(super) fn insert(&mut self, path: &str, slot: usize) {
        let (key, rest) = match path.split_once('.') {
            Some((key, rest)) => (key, Some(rest)),
            None => (path, None),
        };
        let at = self.children.iter().position(|child| &*child.key == key).unwrap_or_else(|| {
            self.children.push(Self { key: key.into(), ..Self::default() });
            self.children.len().saturating_sub(1)
        });
        let Some(child) = self.children.get_mut(at) else {
            return;
        };
        match rest {
            Some(rest) => child.insert(rest, slot),
            None => child.slot = Some(slot),
        }
    }

    /// Gives every key that has no slot one of its own, from `next` on, so that
    /// a key that is repeated is seen at any depth.
    fn number(&mut self, next: &mut usize) {
        for child in &mut self.children {
            if child.slot.is_none() {
                child.slot = Some(*next);
                *next = next.saturating_add(1);
            }
            child.number(next);
        }
    }

    /// Fills the slots from an object. On an error the slots filled so far
    /// stay filled.
    pub(super) fn extract<'de>(
        &self,
        raw: &'de str,
        into_arrays: bool,
        slots: &mut [Option<&'de str>],
    ) -> Result<(), serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(raw);
        Fill { node: self, into_arrays, slots }.deserialize(&mut deserializer)?;
        deserializer.end()
    }

    /// Takes what is wanted of the value of this node.
    fn take<'de>(
        &self,
        raw: &'de str,
        into_arrays: bool,
        slots: &mut [Option<&'de str>],
    ) -> Result<(), serde_json::Error> {
        if let Some(slot) = self.slot.and_then(|slot| slots.get_mut(slot)) {
            if slot.is_some() {
                return Err(serde_json::Error::custom(format!(
                    "the key `{}` occurs twice",
                    self.key
                )));
            }
            *slot = Some(raw);
        }
        if self.children.is_empty() {
            return Ok(());
        }
        if raw.starts_with('{') {
            return self.extract(raw, into_arrays, slots);
        }
        if into_arrays && raw.starts_with('[') {
            let items: Vec<&RawValue> = serde_json::from_str(raw)?;
            if let Some(first) = items.first().filter(|item| item.get().starts_with('{')) {
                return self.extract(first.get(), into_arrays, slots);
            }
        }
        Ok(())
    }
}

struct Fill<'n, 's, 'de> {
    node: &'n Node,
    into_arrays: bool,
    slots: &'s mut [Option<&'de str>],
}

impl<'de> DeserializeSeed<'de> for Fill<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Fill<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
            match self.node.children.iter().find(|child| *child.key == *key) {
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
                Some(child) => {
                    let raw: &'de RawValue = map.next_value()?;
                    child
                        .take(raw.get(), self.into_arrays, self.slots)
                        .map_err(A::Error::custom)?;
                }
            }
        }
        Ok(())
    }
}

/// A key, borrowed where it has no escapes.
struct Key<'de>(Cow<'de, str>);

impl<'de> serde::Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// A place that may hold a field: a slot, and the root that it is below (`None`
/// for a path from the record's top).
type Place = (usize, Option<usize>);

/// Where the fields of a format stand in its objects.
#[derive(Debug, Clone)]
pub(super) struct Paths {
    tree: Node,
    /// For each field, its places, the strongest first.
    sources: Vec<Vec<Place>>,
    /// How many roots there are, the innermost first.
    roots: usize,
    /// The slots that may hold arrays of records.
    explode: Vec<usize>,
    slots: usize,
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
    fn root_of(&self, bound: &Bound, slots: &Slots<'_>) -> Option<usize> {
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
        let mut start: usize = 0;
        let mut line = chunk.first_line;
        for text in chunk.bytes().split(|b| *b == b'\n') {
            let end = start.saturating_add(text.len());
            if !text.trim_ascii().is_empty() {
                self.read_value(bound, chunk, Span { start, end, line }, each);
            }
            start = end.saturating_add(1);
            line = line.saturating_add(1);
        }
    }

    fn read_value(&self, bound: &Bound, chunk: &Chunk, span: Span, each: &mut Each<'_>) {
        let bytes = chunk.bytes().get(span.start..span.end).unwrap_or_default();
        let Ok(text) = std::str::from_utf8(bytes) else {
            let reject = Reject::new("record", "not_utf8", "the line is not UTF-8 text".to_owned());
            return each(span.line, Err(Reading::Rejected(reject)));
        };
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
        for (field, places) in bound.fields.iter().zip(&self.sources) {
            let own = places.iter().filter(|(_, of)| of.is_none() || root.is_none() || *of == root);
            let present = own.filter_map(|(slot, _)| slots.get(*slot).copied().flatten());
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
