//! Work that may be done at once. Who has the threads decides how; nothing here
//! changes a result.

use std::sync::{Mutex, PoisonError};

/// Does independent tasks, some of them at once.
pub trait Hands: Sync {
    /// How many tasks are done at once.
    fn count(&self) -> usize;

    /// Does each of some tasks, by its number.
    fn each(&self, tasks: usize, work: &(dyn Fn(usize) + Sync));
}

/// Does one task after the other.
#[derive(Debug, Clone, Copy, Default)]
pub struct OneByOne;

impl Hands for OneByOne {
    fn count(&self) -> usize {
        1
    }

    fn each(&self, tasks: usize, work: &(dyn Fn(usize) + Sync)) {
        (0..tasks).for_each(work);
    }
}

/// What some tasks make, in their order, one of each.
pub fn made_by<T: Send>(
    hands: &dyn Hands,
    tasks: usize,
    make: &(dyn Fn(usize) -> T + Sync),
) -> Vec<T> {
    let made: Vec<Mutex<Option<T>>> = (0..tasks).map(|_| Mutex::new(None)).collect();
    hands.each(tasks, &|task| {
        if let Some(place) = made.get(task) {
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(make(task));
        }
    });
    let made = made.into_iter().enumerate().map(|(task, one)| {
        // None is missing, whatever the hands did.
        one.into_inner().unwrap_or_else(PoisonError::into_inner).unwrap_or_else(|| make(task))
    });
    made.collect()
}
