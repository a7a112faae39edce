//! The same bytes for any number of threads, and for a search that was interrupted and went on.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use tinynas_score::Proxy;
use tinynas_search::{SearchError, StrategyKind};

use crate::cases::{Case, lines};

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    for strategy in StrategyKind::ALL {
        let run = |threads| {
            let case = Case { threads, strategy: *strategy, ..Case::small(Proxy::DEFAULT, 45) };
            let outcome = case.run().unwrap();
            (lines(&outcome.candidates), outcome.infeasible, outcome.ranking)
        };
        let one = run(1);
        assert_eq!(one.0.lines().count(), 45);
        for threads in [0, 2, 4, 11] {
            assert!(run(threads) == one, "{strategy} on {threads} threads");
        }
    }
}

#[test]
fn another_seed_gives_another_search() {
    let case = Case::small(&[Proxy::ReluUnits], 30);
    let mut other = Case::small(&[Proxy::ReluUnits], 30);
    other.config.seed = 2;
    assert_ne!(lines(&case.run().unwrap().candidates), lines(&other.run().unwrap().candidates));
}

#[test]
fn what_was_interrupted_goes_on_as_if_it_had_not_been() {
    let whole = Case::small(Proxy::DEFAULT, 45).run().unwrap();
    for (stop_after, threads) in [(0, 1), (1, 1), (7, 2), (21, 4), (44, 2)] {
        let mut case = Case { threads, ..Case::small(Proxy::DEFAULT, 45) };
        let stop = AtomicBool::new(stop_after == 0);
        let journal = Mutex::new(Vec::new());
        let interrupted = case.run_with(&stop, &|candidate, fresh| {
            assert!(fresh);
            let mut journal = journal.lock().unwrap();
            journal.push(candidate.clone());
            if journal.len() == stop_after {
                stop.store(true, Ordering::Relaxed);
            }
            Ok(())
        });
        assert!(matches!(interrupted, Err(SearchError::Interrupted)), "{stop_after}: {interrupted:?}");
        let journal = journal.into_inner().unwrap();
        // Nothing that was scored is lost: the rest of a generation of 8 may have been waiting for one before it.
        assert!((stop_after..stop_after + 8).contains(&journal.len()), "{stop_after}: {}", journal.len());
        assert_eq!(journal, whole.candidates[..journal.len()]);

        case.known = journal.iter().map(|c| (c.id, c.scores.clone())).collect::<HashMap<_, _>>();
        let fresh = AtomicUsize::new(0);
        let resumed = case.run_with(&AtomicBool::new(false), &|_, is_fresh| {
            fresh.fetch_add(usize::from(is_fresh), Ordering::Relaxed);
            Ok(())
        });
        let resumed = resumed.unwrap();
        assert_eq!(fresh.into_inner(), 45 - journal.len(), "{stop_after}");
        assert_eq!(lines(&resumed.candidates), lines(&whole.candidates));
        assert_eq!(resumed, whole);
    }
}

#[test]
fn a_candidate_that_cannot_be_kept_ends_the_search() {
    for threads in [1, 3] {
        let case = Case { threads, ..Case::small(Proxy::DEFAULT, 45) };
        let kept = AtomicUsize::new(0);
        let result = case.run_with(&AtomicBool::new(false), &|candidate, _| {
            if candidate.index == 10 {
                return Err("no space left on device".into());
            }
            kept.fetch_add(1, Ordering::Relaxed);
            Ok(())
        });
        let error = result.unwrap_err();
        assert_eq!(error.to_string(), "a scored candidate could not be kept: no space left on device");
        assert_eq!(error.code(), "search::kept");
        assert_eq!(kept.into_inner(), 10, "candidates after the one that was lost were handed over");
    }
}
