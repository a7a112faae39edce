//! Candidates that a board refuses neither live nor win; only those that may live are asked about.

use std::sync::atomic::AtomicBool;

use tinynas_model::Network;
use tinynas_score::Proxy;
use tinynas_search::{Admission, CandidateRecord, Gate, Outcome, SearchError, StrategyKind};

use crate::cases::Case;

const FREE: &[Proxy] = &[Proxy::Params, Proxy::ReluUnits];

/// Takes a thousandth of the MACs for milliseconds.
struct Clock {
    limit_ms: f64,
    asked: u64,
}

impl Gate for Clock {
    fn admit(&mut self, candidate: &mut CandidateRecord, network: &Network) -> Result<bool, String> {
        self.asked += 1;
        let ms = network.macs() as f64 / 1e3;
        candidate.latency_ms = Some(ms);
        Ok(ms <= self.limit_ms)
    }
}

fn run(gate: &mut dyn Gate) -> Result<Outcome, SearchError> {
    let case = Case::small(FREE, 150);
    case.gated(&AtomicBool::new(false), &|_, _| Ok(()), Some(gate))
}

#[test]
fn the_slow_neither_live_nor_win() {
    let free = Case::small(FREE, 150).run().unwrap();
    let mut macs: Vec<u64> = free.candidates.iter().map(|one| one.macs).collect();
    macs.sort_unstable();
    let mut clock = Clock { limit_ms: macs[macs.len() * 2 / 3] as f64 / 1e3, asked: 0 };
    let outcome = run(&mut clock).unwrap();
    let of = |admission| outcome.count(admission);
    assert!(of(Admission::Refused) > 5 && of(Admission::NotAsked) > 5, "{:?}", outcome.admissions);
    assert_eq!(clock.asked, of(Admission::Accepted) + of(Admission::Refused));
    assert_eq!(outcome.ranking.len() as u64, of(Admission::Accepted));
    for at in &outcome.ranking {
        assert!(outcome.candidates[*at].latency_ms.unwrap() <= clock.limit_ms);
    }
    for (candidate, admission) in outcome.candidates.iter().zip(&outcome.admissions) {
        assert_eq!(candidate.latency_ms.is_none(), *admission == Admission::NotAsked);
    }
}

#[test]
fn a_gate_that_lets_all_pass_leaves_the_living_as_they_were() {
    let mut clock = Clock { limit_ms: f64::INFINITY, asked: 0 };
    let outcome = run(&mut clock).unwrap();
    let first: Vec<_> = outcome.candidates.iter().map(|one| one.id).take(20).collect();
    let free = Case::small(FREE, 150).run().unwrap();
    assert_eq!(first, free.candidates.iter().map(|one| one.id).take(20).collect::<Vec<_>>());
    assert!(free.admissions.iter().all(|one| *one == Admission::Accepted));
    assert_eq!(outcome.count(Admission::Refused), 0);
}

#[test]
fn if_all_are_refused_nothing_is_ranked_and_the_search_ends() {
    let outcome = run(&mut Clock { limit_ms: 0.0, asked: 0 }).unwrap();
    assert_eq!((outcome.candidates.len(), outcome.ranking.len()), (150, 0));
    assert_eq!(outcome.best(), None);
}

#[test]
fn a_gate_that_fails_ends_the_search_in_its_words() {
    struct Unplugged;
    impl Gate for Unplugged {
        fn admit(&mut self, _: &mut CandidateRecord, _: &Network) -> Result<bool, String> {
            Err("the board was unplugged".into())
        }
    }
    let error = run(&mut Unplugged).unwrap_err();
    assert_eq!((error.code(), error.to_string().as_str()), ("search::gate", "the board was unplugged"));
    assert_eq!(Case { strategy: StrategyKind::Random, ..Case::small(FREE, 20) }.run().unwrap().ranking.len(), 20);
}
