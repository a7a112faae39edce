//! How many threads an operation may use, and the loop that shares its parts among them.
//!
//! Parts are cut by the shapes alone and results are joined in the order of the parts: the number of
//! threads changes the time and nothing else.

use std::cell::Cell;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Zero: as many as the machine has.
static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Zero: what the process says.
    static OWN: Cell<usize> = const { Cell::new(0) };
}

/// Sets how many threads an operation may use, for the whole process; zero means all cores, the default.
pub fn set_threads(n: usize) {
    THREADS.store(n, Ordering::Relaxed);
}

/// Runs `f` with another number of threads for the operations that it calls on this thread: one where several
/// networks are trained or scored side by side.
pub fn with_threads<R>(n: usize, f: impl FnOnce() -> R) -> R {
    struct Restore(usize);
    impl Drop for Restore {
        fn drop(&mut self) {
            OWN.set(self.0);
        }
    }
    let _restore = Restore(OWN.replace(n));
    f()
}

/// How many threads the next operation on this thread may use.
#[must_use]
pub fn threads() -> usize {
    match (OWN.get(), THREADS.load(Ordering::Relaxed)) {
        (0, 0) => thread::available_parallelism().map_or(1, NonZero::get),
        (0, n) | (n, _) => n,
    }
}

/// Less work than this, in elementary operations, is not worth waking a thread.
const WORTH: usize = 1 << 23;

/// Calls `f` on every part, on as many threads as allowed; `work` is the number of elementary operations of all.
pub(crate) fn share<T: Send>(work: usize, parts: Vec<T>, f: impl Fn(T) + Sync) {
    let helpers = if work < WORTH { 0 } else { threads().min(parts.len()).saturating_sub(1) };
    if helpers == 0 {
        return parts.into_iter().for_each(f);
    }
    let queue = Mutex::new(parts.into_iter());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let run = || {
        while let Some(part) = next() {
            f(part);
        }
    };
    thread::scope(|scope| {
        for _ in 0..helpers {
            scope.spawn(run);
        }
        run();
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_done_once_on_any_number_of_threads() {
        for n in [1, 2, 7] {
            let mut done = vec![0; 100];
            with_threads(n, || share(usize::MAX, done.iter_mut().collect(), |d| *d += 1));
            assert_eq!(done, vec![1; 100]);
        }
    }

    #[test]
    fn a_thread_has_its_own_number_while_it_asks_for_it() {
        let before = threads();
        assert_eq!(with_threads(3, || (threads(), with_threads(1, threads), threads())), (3, 1, 3));
        assert_eq!(threads(), before);
    }
}
