//! What was met of one JSON record: its slots, what kind of value each has, and where.
#![deny(clippy::arithmetic_side_effects)]

use super::positions::{index, position};

/// A slot that a record has, and what kind of value it has there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held(u32);

/// A kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// None, or an object of others.
    Absent,
    Text,
    Number,
}

impl Held {
    #[inline]
    const fn new(slot: u32, kind: Kind) -> Self {
        Self(slot.wrapping_mul(4).wrapping_add(kind as u32))
    }

    pub(super) fn slot(self) -> usize {
        index(self.0.unbounded_shr(2))
    }

    pub(super) fn is_value(self) -> bool {
        self.0 & 3 != Kind::Absent as u32
    }

    pub(super) fn is_number(self) -> bool {
        self.0 & 3 == Kind::Number as u32
    }
}

/// What was met of one record: the slots that it has, and where their values are, each
/// behind the position before it.
#[derive(Debug, Default)]
pub(super) struct Met {
    pub(super) held: Vec<Held>,
    pub(super) spans: Vec<[u32; 2]>,
}

impl Met {
    pub(super) fn clear(&mut self) {
        self.held.clear();
        self.spans.clear();
    }

    #[inline]
    pub(super) fn put(&mut self, slot: u32, kind: Kind, start: usize, end: usize) {
        self.held.push(Held::new(slot, kind));
        self.spans.push([position(start).wrapping_sub(1), position(end)]);
    }

    /// Whether a slot has a value that begins there; `None` where none is met there.
    pub(super) fn has_value(&self, start: usize) -> Option<bool> {
        let before = position(start).wrapping_sub(1);
        let at = self.spans.iter().position(|[own, _]| *own == before)?;
        self.held.get(at).map(|held| held.is_value())
    }
}
