//! Work that may be done at once. Who has the threads decides how; nothing here
//! changes a result.

use std::sync::{Mutex, PoisonError};

/// Does independent tasks, some of them at once.
pub trait Hands: Sync {
    /// How many tasks are done at once.
    fn count(&self) -> usize;

    /// Does each of some tasks, by its number; before it takes part in that, the thread
    /// that asks does something of its own.
    fn each_beside(
        &self,
        tasks: usize,
        work: &(dyn Fn(usize) + Sync),
        own: &mut (dyn FnMut() + '_),
    );
}

/// Does one task after the other.
#[derive(Debug, Clone, Copy, Default)]
pub struct OneByOne;

impl Hands for OneByOne {
    fn count(&self) -> usize {
        1
    }

    fn each_beside(
        &self,
        tasks: usize,
        work: &(dyn Fn(usize) + Sync),
        own: &mut (dyn FnMut() + '_),
    ) {
        own();
        (0..tasks).for_each(work);
    }
}

/// What some tasks make, in their order, one of each.
pub fn made_by<T: Send>(
    hands: &dyn Hands,
    tasks: usize,
    make: &(dyn Fn(usize) -> T + Sync),
) -> Vec<T> {
    made_beside(hands, tasks, make, &mut || ())
}

/// The same, while the thread that asks does something of its own first.
pub fn made_beside<T: Send>(
    hands: &dyn Hands,
    tasks: usize,
    make: &(dyn Fn(usize) -> T + Sync),
    own: &mut (dyn FnMut() + '_),
) -> Vec<T> {
    let made: Vec<Mutex<Option<T>>> = (0..tasks).map(|_| Mutex::new(None)).collect();
    let put = |task: usize| {
        if let Some(place) = made.get(task) {
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(make(task));
        }
    };
    hands.each_beside(tasks, &put, own);
    let made = made.into_iter().enumerate().map(|(task, one)| {
        // None is missing, whatever the hands did.
        one.into_inner().unwrap_or_else(PoisonError::into_inner).unwrap_or_else(|| make(task))
    });
    made.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_beside_is_done_once_before_all_and_without_any() {
        for tasks in [0, 1, 5] {
            let mut done = 0;
            let made = made_beside(&OneByOne, tasks, &|task| task * 2, &mut || done += 1);
            assert_eq!(made, (0..tasks).map(|task| task * 2).collect::<Vec<_>>());
            assert_eq!(done, 1);
        }
    }
}
