//! Reads JSON records of the usual kind, one a line, without copies: by their form where
//! that was met before, else key by key. It expects the keys of a record in the order of
//! the one before, and for each set of fields that a record has it remembers which of
//! them decide. Everything else is read by the usual way.
#![deny(clippy::arithmetic_side_effects)]

use super::bind::Bound;
use super::json::Paths;
use super::json_forms::Forms;
use super::json_met::{Held, Kind, Met};
use super::json_scan::Scan;
use super::json_strings::Key;
use super::json_tree::Node;
use super::plain::Plain;
use super::positions::index;
use super::table::Target;

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
    /// The forms of records that were met.
    forms: Forms,
    /// The columns that were met.
    pub(super) columns: Vec<Wanted>,
}

/// The keys of one object.
#[derive(Debug, Default)]
struct Keys {
    /// The slot of the object itself.
    slot: Option<u32>,
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

/// What decides in records that have the same slots.
#[derive(Debug)]
struct Shape {
    held: Vec<Held>,
    /// What is read of it; `None` where the usual way is to decide.
    reads: Option<Reads>,
}

/// What is read of records of one shape.
#[derive(Debug, Default)]
pub(super) struct Reads {
    /// For each column, the place of its value among those that the record has; beyond the
    /// last for none.
    pub(super) from: Vec<usize>,
    /// Which of the columns are numbers, one bit each.
    pub(super) numbers: u64,
}

/// A field that some records have, and its reader.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) reader: usize,
    pub(super) field: usize,
}

/// How a record was read, by number.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found {
    /// It has a form that was met before.
    Form(usize),
    /// Key by key; it has the slots of a shape.
    Shape(usize),
}

impl Reads {
    /// A column has the value at a place.
    fn set(&mut self, column: usize, at: usize, is_number: bool) {
        if self.from.len() <= column {
            self.from.resize(column.saturating_add(1), usize::MAX);
        }
        if let Some(from) = self.from.get_mut(column) {
            *from = at;
        }
        self.numbers |= bit(column, is_number);
    }

    /// The same by the values alone, without what is none.
    pub(super) fn of_values(&self, met: &Met) -> Self {
        let values = |at: usize| met.held.iter().take(at).filter(|held| held.is_value()).count();
        let own = |at: &usize| if *at == usize::MAX { usize::MAX } else { values(*at) };
        Self { from: self.from.iter().map(own).collect(), numbers: self.numbers }
    }
}

/// The bit of a column.
pub(super) fn bit(column: usize, is_set: bool) -> u64 {
    u64::from(is_set).unbounded_shl(u32::try_from(column).unwrap_or(u32::MAX))
}

impl QuickJson {
    /// For the field of each reader; `None` where records hold others.
    pub(super) fn new(paths: &Paths, readers: Vec<usize>) -> Option<Self> {
        // Which of them are numbers is told by a bit each.
        if !paths.explode.is_empty() || readers.len() > 64 {
            return None;
        }
        let (nodes, shapes, columns) = (Vec::new(), Vec::new(), Vec::new());
        let forms = Forms::default();
        let mut quick = Self { nodes, readers, shapes, last: 0, forms, columns };
        quick.add(&paths.tree);
        Some(quick)
    }

    /// Adds a node and those below it; gives its number.
    fn add(&mut self, node: &Node) -> usize {
        let at = self.nodes.len();
        let slot = node.slot.and_then(|slot| u32::try_from(slot).ok());
        self.nodes.push(Keys { slot, ..Keys::default() });
        for child in &node.children {
            let below = self.add(child);
            if let Some(keys) = self.nodes.get_mut(at) {
                keys.wanted.push((child.key.as_bytes().into(), below));
            }
        }
        at
    }

    /// Reads a record, if it is of the usual kind.
    #[inline]
    pub(super) fn read(
        &mut self,
        (bound, paths): (&Bound, &Paths),
        scan: &mut Scan<'_>,
        met: &mut Met,
    ) -> Option<Found> {
        let begin = scan.at();
        met.clear();
        let by_form = self.forms.are_worth_it();
        if by_form && let Some((form, end)) = self.forms.read(scan.bytes, begin, &mut met.spans) {
            scan.at = end;
            return Some(Found::Form(form));
        }
        self.record(scan, met)?;
        let shape = self.shape(bound, paths, met)?;
        let reads = self.shapes.get(shape)?.reads.as_ref()?;
        if by_form && !scan.returns {
            let text = scan.bytes.get(..scan.at()).unwrap_or_default();
            self.forms.learn(text, begin, met, reads);
        }
        Some(Found::Shape(shape))
    }

    /// What is read of a record.
    #[inline]
    pub(super) fn reads(&self, found: Found) -> Option<&Reads> {
        match found {
            Found::Form(form) => self.forms.reads(form),
            Found::Shape(shape) => self.shapes.get(shape)?.reads.as_ref(),
        }
    }

    /// Reads a record key by key, if it is of the usual kind.
    fn record(&mut self, scan: &mut Scan<'_>, met: &mut Met) -> Option<()> {
        met.clear();
        scan.blanks();
        if !scan.take(b'{') {
            return None;
        }
        self.object(0, scan, met)?;
        scan.blanks();
        matches!(scan.peek(), None | Some(b'\n')).then_some(())
    }

    /// Reads the members of an object whose brace was passed.
    fn object(&mut self, node: usize, scan: &mut Scan<'_>, met: &mut Met) -> Option<()> {
        let begin = scan.at();
        let turn = match self.nodes.get(node)?.expected.first() {
            Some((key, below)) if scan.take_key(key) => Turn { member: 0, below: *below },
            _ => {
                scan.blanks();
                if scan.take(b'}') {
                    return Some(());
                }
                self.turn(node, scan, begin)?
            }
        };
        let Turn { mut member, mut below } = turn;
        loop {
            match below {
                Some(below) => self.member(below, scan, met)?,
                None => scan.value()?,
            }
            member = member.wrapping_add(1);
            match self.nodes.get(node)?.expected.get(member) {
                Some((key, next)) if scan.take_next_key(key) => below = *next,
                _ => {
                    let begin = scan.at();
                    if !scan.goes_on(b'}')? {
                        return Some(());
                    }
                    Turn { member, below } = self.turn(node, scan, begin)?;
                }
            }
        }
    }

    /// Reads a key that was not expected here: one of another place, or a new one,
    /// which is expected from now on. What stands before its value begins at `begin`.
    #[inline(never)]
    fn turn(&mut self, node: usize, scan: &mut Scan<'_>, begin: usize) -> Option<Turn> {
        let keys = self.nodes.get_mut(node)?;
        if !scan.take(b'"') {
            return None;
        }
        let key = scan.string().filter(|key| !key.escaped)?;
        scan.colon()?;
        let known = keys.expected.iter().position(|(known, _)| known.name() == key.bytes);
        if let Some(member) = known {
            let below = keys.expected.get(member).and_then(|(_, below)| *below);
            return Some(Turn { member, below });
        }
        let below = keys.wanted.iter().find(|(name, _)| **name == *key.bytes);
        let below = below.map(|(_, below)| *below);
        let member = keys.expected.len();
        let text = scan.bytes.get(begin..scan.at()).unwrap_or_default();
        // Carriage returns are to be seen.
        if member < MOST_KEYS && !text.contains(&b'\r') {
            keys.expected.push((Key::new(key.bytes, text), below));
        }
        Some(Turn { member, below })
    }

    /// Reads the value of a wanted key.
    #[inline]
    fn member(&mut self, node: usize, scan: &mut Scan<'_>, met: &mut Met) -> Option<()> {
        let keys = self.nodes.get(node)?;
        let slot = keys.slot?;
        let is_leaf = keys.wanted.is_empty();
        match scan.peek()? {
            b'"' => {
                scan.pass(1);
                let start = scan.at();
                let text = scan.string().filter(|text| !text.escaped)?;
                let blank = Plain::of_text(text.bytes) == Plain::Absent;
                let kind = if blank { Kind::Absent } else { Kind::Text };
                met.put(slot, kind, start, start.wrapping_add(text.bytes.len()));
            }
            b'-' | b'0'..=b'9' => {
                let start = scan.at();
                scan.number()?;
                met.put(slot, Kind::Number, start, scan.at());
            }
            b'{' if !is_leaf => {
                scan.take(b'{');
                met.put(slot, Kind::Absent, scan.at(), scan.at());
                return self.object(node, scan, met);
            }
            b'n' => {
                scan.word()?;
                met.put(slot, Kind::Absent, scan.at(), scan.at());
            }
            _ => return None,
        }
        Some(())
    }

    /// The shape of what was met; `None` where the usual way is to decide.
    fn shape(&mut self, bound: &Bound, paths: &Paths, met: &Met) -> Option<usize> {
        let same = |shape: &Shape| shape.held == met.held;
        if !self.shapes.get(self.last).is_some_and(same) {
            self.last = match self.shapes.iter().position(same) {
                Some(known) => known,
                None => self.learn(bound, paths, met)?,
            };
        }
        Some(self.last)
    }

    #[cold]
    fn learn(&mut self, bound: &Bound, paths: &Paths, met: &Met) -> Option<usize> {
        if self.shapes.len() >= MOST_SHAPES {
            return None;
        }
        let reads = self.deciding(bound, paths, met);
        self.shapes.push(Shape { held: met.held.clone(), reads });
        self.shapes.len().checked_sub(1)
    }

    /// Which of the slots decide, as [`Paths`] chooses among their values; `None`
    /// where values are to be compared, or an object stands where a value is wanted.
    fn deciding(&mut self, bound: &Bound, paths: &Paths, met: &Met) -> Option<Reads> {
        let mut slots = vec![None; paths.slots];
        for held in met.held.iter().copied() {
            // A key that is repeated is refused by the usual way.
            if slots.get_mut(held.slot())?.replace("").is_some() {
                return None;
            }
        }
        let root = paths.root_of(bound, &slots);
        let mut reads = Reads::default();
        for (reader, field) in self.readers.iter().enumerate() {
            let places = paths.places(*field, root);
            let held = |slot: usize| met.held.iter().copied().position(|held| held.slot() == slot);
            let met_places = places.filter_map(held);
            let is_value = |at: &usize| met.held.get(*at).is_some_and(|held| held.is_value());
            let is_object = |at: &usize| {
                let slot = met.held.get(*at).map(|held| held.slot());
                let own = |keys: &Keys| keys.slot.map(index);
                self.nodes.iter().any(|keys| own(keys) == slot && !keys.wanted.is_empty())
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
            let is_number = met.held.get(first).is_some_and(|held| held.is_number());
            let known = self.columns.iter().position(|column| column.reader == reader);
            let column = known.unwrap_or_else(|| {
                self.columns.push(Wanted { reader, field: *field });
                self.columns.len().saturating_sub(1)
            });
            reads.set(column, first, is_number);
        }
        Some(reads)
    }
}
