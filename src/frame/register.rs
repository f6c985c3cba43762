//! Texts and stamps by number, the same numbers for all threads.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::fast::FixedState;
use indexmap::IndexSet;

use super::rows::TableRows;

/// What some rows have in common: words by number, 0 for none, and which of their numbers,
/// times and amounts are there, one bit each.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// The words.
    pub words: Box<[u32]>,
    /// What is there.
    pub there: u64,
}

/// All texts and stamps that were met: 200 to 300 bytes for each different one.
#[derive(Debug, Default)]
pub struct Register {
    entries: Mutex<Entries>,
    /// Memory of rows that were written.
    spare: Mutex<Vec<TableRows>>,
}

/// Those that have a number, in its order.
#[derive(Debug, Default)]
pub(super) struct Entries {
    words: IndexSet<Box<str>, FixedState>,
    stamps: IndexSet<Stamp, FixedState>,
    /// Whether there were more than there are numbers.
    pub(super) is_full: bool,
}

impl Register {
    pub(super) fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// No rows, in the memory of some that were written if there are such.
    pub fn spare(&self) -> Option<TableRows> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Keeps the memory of rows that were written.
    pub(super) fn keep(&self, mut rows: TableRows) {
        rows.clear();
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).push(rows);
    }
}

impl Entries {
    /// The text of a word; `None` for that of none.
    pub(super) fn word(&self, number: u32) -> Option<&str> {
        let at = usize::try_from(number).ok()?.checked_sub(1)?;
        self.words.get_index(at).map(|word| &**word)
    }

    /// A stamp.
    pub(super) fn stamp(&self, number: u32) -> Option<&Stamp> {
        self.stamps.get_index(usize::try_from(number).ok()?)
    }

    /// How many stamps there are.
    pub(super) fn stamps(&self) -> usize {
        self.stamps.len()
    }

    fn number(&mut self, at: usize) -> u32 {
        u32::try_from(at).unwrap_or_else(|_| {
            self.is_full = true;
            0
        })
    }
}

/// Texts, and stamps, that a thread remembers: where there are more it forgets all, so that
/// what is met once takes memory once.
const MOST_KNOWN: usize = 64 * 1024;

/// A thread's own view of a register: it asks the others only for what it has not met.
#[derive(Debug)]
pub struct Numbering {
    register: Arc<Register>,
    words: HashMap<Box<str>, u32, FixedState>,
    stamps: HashMap<Stamp, u32, FixedState>,
}

impl Numbering {
    /// One of a register.
    pub fn new(register: Arc<Register>) -> Self {
        Self { register, words: HashMap::default(), stamps: HashMap::default() }
    }

    /// The number of a text; 0 for none.
    pub fn word(&mut self, text: Option<&str>) -> u32 {
        let Some(text) = text else { return 0 };
        if let Some(known) = self.words.get(text) {
            return *known;
        }
        let number = {
            let mut entries = self.register.entries();
            let (at, _) = entries.words.insert_full(text.into());
            entries.number(at.saturating_add(1))
        };
        if self.words.len() >= MOST_KNOWN {
            self.words.clear();
        }
        self.words.insert(text.into(), number);
        number
    }

    /// The number of a stamp.
    pub fn stamp(&mut self, stamp: Stamp) -> u32 {
        if let Some(known) = self.stamps.get(&stamp) {
            return *known;
        }
        let number = {
            let mut entries = self.register.entries();
            let (at, _) = entries.stamps.insert_full(stamp.clone());
            entries.number(at)
        };
        if self.stamps.len() >= MOST_KNOWN {
            self.stamps.clear();
        }
        self.stamps.insert(stamp, number);
        number
    }
}
