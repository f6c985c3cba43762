//! The threads of a run: the one that began it, and others that help it.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::{Scope, ThreadPool, ThreadPoolBuilder};

use super::PipelineError;
use crate::scenario::Hands;

/// The threads of a run. What is to be done waits in a queue; the thread that began
/// the run takes from it too, whenever it would have to wait for the others.
#[derive(Debug, Clone)]
pub struct Threads {
    pool: Arc<ThreadPool>,
    /// How many help.
    helpers: usize,
}

impl Threads {
    /// As many as asked for, 0 for one a core; this one is among them.
    pub(super) fn new(threads: usize) -> Result<Self, PipelineError> {
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let threads = if threads == 0 { cores() } else { threads };
        let helpers = threads.saturating_sub(1);
        let pool = ThreadPoolBuilder::new().num_threads(helpers.max(1)).build()?;
        Ok(Self { pool: Arc::new(pool), helpers })
    }

    /// The number of the thread that asks among these; 0 for any that is not a helper.
    pub(super) fn asking(&self) -> usize {
        self.pool.current_thread_index().map_or(0, |helper| helper.saturating_add(1))
    }

    /// Runs a closure that hands out tasks; ends when all are done.
    pub(super) fn scope<'r, T>(&self, run: impl FnOnce(&Scope<'r>) -> T) -> T {
        self.pool.in_place_scope(run)
    }
}

impl Hands for Threads {
    fn count(&self) -> usize {
        self.helpers.saturating_add(1)
    }

    fn each_beside(
        &self,
        tasks: usize,
        work: &(dyn Fn(usize) + Sync),
        own: &mut (dyn FnMut() + '_),
    ) {
        let next = AtomicUsize::new(0);
        let go_on = || {
            loop {
                let task = next.fetch_add(1, Ordering::Relaxed);
                if task >= tasks {
                    break;
                }
                work(task);
            }
        };
        self.pool.in_place_scope(|scope| {
            for _ in 0..self.helpers.min(tasks) {
                scope.spawn(|_| go_on());
            }
            own();
            go_on();
        });
    }
}

/// A task.
type Task<'r> = Box<dyn FnOnce() + Send + 'r>;

/// Tasks that nobody has begun.
pub(super) struct Tasks<'r> {
    waiting: Arc<Mutex<VecDeque<Task<'r>>>>,
    helpers: usize,
}

impl<'r> Tasks<'r> {
    pub(super) fn new(threads: &Threads) -> Self {
        Self { waiting: Arc::default(), helpers: threads.helpers }
    }

    /// Adds a task, and wakes somebody who may take one.
    pub(super) fn add(&self, scope: &Scope<'r>, task: Task<'r>) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push_back(task);
        if self.helpers > 0 {
            let waiting = Arc::clone(&self.waiting);
            scope.spawn(move |_| {
                take(&waiting);
            });
        }
    }

    /// Does the task that waits longest; `false` where there is none.
    pub(super) fn do_one(&self) -> bool {
        take(&self.waiting)
    }
}

thread_local! {
    /// Whether this thread is at a task.
    static AT_WORK: Cell<bool> = const { Cell::new(false) };
}

/// Does the task that waits longest; `false` where there is none. No task begins within
/// another one of its thread: a helper that waits for another pool, as the Parquet reader
/// has it do, would be given one, and that may wait for what the first one holds.
fn take(waiting: &Mutex<VecDeque<Task<'_>>>) -> bool {
    if AT_WORK.get() {
        return false;
    }
    let task = waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    task.is_some_and(|task| {
        AT_WORK.set(true);
        let _end = AtWork;
        task();
        true
    })
}

/// The end of a task, however it ends.
struct AtWork;

impl Drop for AtWork {
    fn drop(&mut self) {
        AT_WORK.set(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::made_beside;

    #[test]
    fn threads_do_what_is_to_be_done_beside_once() {
        for threads in [1, 2, 5] {
            let threads = Threads::new(threads).unwrap();
            for tasks in [0, 1, 50] {
                let mut done = 0;
                let made = made_beside(&threads, tasks, &|task| task * 2, &mut || done += 1);
                assert_eq!(made, (0..tasks).map(|task| task * 2).collect::<Vec<_>>());
                assert_eq!(done, 1);
            }
        }
    }

    #[test]
    fn no_task_begins_within_another_one() {
        let waiting: Arc<Mutex<VecDeque<Task<'static>>>> = Arc::default();
        let order: Arc<Mutex<Vec<&str>>> = Arc::default();
        let (same, noted) = (Arc::clone(&waiting), Arc::clone(&order));
        waiting.lock().unwrap().push_back(Box::new(move || {
            noted.lock().unwrap().push("first");
            assert!(!take(&same));
            noted.lock().unwrap().push("first ends");
        }));
        let noted = Arc::clone(&order);
        waiting.lock().unwrap().push_back(Box::new(move || noted.lock().unwrap().push("second")));
        assert!(take(&waiting) && take(&waiting) && !take(&waiting));
        assert_eq!(*order.lock().unwrap(), ["first", "first ends", "second"]);
    }
}
