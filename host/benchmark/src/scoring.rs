//! Scores many networks on several threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use tinynas_score::{Scorer, Scores, with_threads};

use crate::{BenchmarkError, Code};

/// The scores of every code, in order; a proxy that fails because of a network is not in its scores. Networks are
/// shared among `threads`; the result does not depend on their number. `done` is called after every network.
///
/// # Errors
/// The first failure that every network would meet, such as missing images.
pub fn score_all(
    codes: &[Code],
    scorer: &Scorer,
    threads: usize,
    done: &(dyn Fn() + Sync),
) -> Result<Vec<Scores>, BenchmarkError> {
    each(codes, threads, |code| {
        let scores = scorer.score_what_can_be(&code.network()?, code.id())?;
        done();
        Ok(scores)
    })
}

/// What `work` makes of every code, in order, on several threads that compute with one each.
///
/// # Errors
/// The first failure.
pub fn each<T: Send>(
    codes: &[Code],
    threads: usize,
    work: impl Fn(Code) -> Result<T, BenchmarkError> + Sync,
) -> Result<Vec<T>, BenchmarkError> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<Option<Result<T, BenchmarkError>>>> = Mutex::new(codes.iter().map(|_| None).collect());
    let share = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(code) = codes.get(index) else { break };
            let result = with_threads(1, || work(*code));
            let failed = result.is_err();
            results.lock().unwrap_or_else(PoisonError::into_inner)[index] = Some(result);
            if failed {
                next.store(codes.len(), Ordering::Relaxed);
                break;
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.max(1) {
            scope.spawn(share);
        }
        share();
    });
    results.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().flatten().collect()
}
