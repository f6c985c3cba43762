//! Work that a thread of its own does beside what goes on.

use std::thread::{Builder, JoinHandle};

/// Work that may still be done.
#[derive(Debug)]
pub struct Aside<T>(JoinHandle<T>);

impl<T: Send + 'static> Aside<T> {
    /// Begins work; `None`, and nothing is done, where there can be no more threads.
    pub fn begin(work: impl FnOnce() -> T + Send + 'static) -> Option<Self> {
        Builder::new().spawn(work).ok().map(Self)
    }

    /// Whether it is done.
    pub fn is_done(&self) -> bool {
        self.0.is_finished()
    }

    /// Waits for it, and gives what came of it; `None` where it panicked.
    pub fn end(self) -> Option<T> {
        self.0.join().ok()
    }
}
