//! A file that all threads read: whoever is free reads the next chunk into memory
//! of its own and works on what it has read, while the next one reads on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::run::Found;
use super::worker::Job;
use crate::formats::Bound;
use crate::input::{Chunk, Chunker};

/// A file of which chunks are read.
pub(super) struct Reading {
    /// The file's format.
    pub(super) bound: Arc<Bound>,
    /// Its name.
    pub(super) path: Arc<str>,
    /// Its number among those of the run.
    pub(super) file: usize,
    place: Mutex<Place>,
    is_over: AtomicBool,
}

/// How far it is read.
struct Place {
    chunker: Chunker,
    /// The positions of the first and of the next one who asks, among all that is read in
    /// the run.
    first: u64,
    next: u64,
}

impl Place {
    /// The position of somebody who asks, and the number of that in the file.
    const fn ask(&mut self) -> (u64, u64) {
        let at = self.next;
        self.next = at.saturating_add(1);
        (at, at.saturating_sub(self.first))
    }
}

impl Reading {
    /// One that is about to begin; who asks first gets the position `first`.
    pub(super) fn new(
        (bound, path): (Arc<Bound>, &str),
        file: usize,
        (chunker, first): (Chunker, u64),
    ) -> Self {
        let place = Mutex::new(Place { chunker, first, next: first });
        Self { bound, path: path.into(), file, place, is_over: AtomicBool::new(false) }
    }

    /// Whether there is no more to be read.
    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    /// The position of somebody who asks, and the next chunk, read into memory from
    /// `spare`; or what is found instead of one.
    pub(super) fn next(&self, spare: &mut Vec<Vec<u8>>) -> (u64, Result<Chunk, Found>) {
        let mut place = self.place();
        let (at, chunk) = place.ask();
        if self.is_over() {
            return (at, Err(Found::Nothing));
        }
        spare.pop().into_iter().for_each(|buffer| place.chunker.recycle(buffer));
        let read = catch_unwind(AssertUnwindSafe(|| place.chunker.next_chunk()));
        let next = match read {
            Ok(Ok(Some(chunk))) => Ok(chunk),
            Ok(Ok(None)) => Err(Found::Nothing),
            Ok(Err(error)) => Err(Found::Unread(error)),
            Err(_) => Err(Found::Panicked(chunk)),
        };
        if next.is_err() || place.chunker.is_at_end() {
            self.is_over.store(true, Ordering::Release);
        }
        (at, next)
    }

    /// Nothing more is read, as somebody panicked who was to ask for a chunk.
    pub(super) fn give_up(&self) -> (u64, Result<Chunk, Found>) {
        self.is_over.store(true, Ordering::Release);
        let (at, chunk) = self.place().ask();
        (at, Err(Found::Panicked(chunk)))
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be done with one of its chunks.
    pub(super) fn job(&self, chunk: Chunk) -> Job {
        let (bound, path) = (Arc::clone(&self.bound), Arc::clone(&self.path));
        let file = u32::try_from(self.file).unwrap_or(u32::MAX);
        Job { bound, path, chunk, file }
    }
}
