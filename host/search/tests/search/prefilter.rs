//! The prefilter against sorting all that it draws from, and what it leaves as it was.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::AtomicBool;

use tinynas_cost::Engine;
use tinynas_model::{Genotype, Network};
use tinynas_score::Proxy;
use tinynas_search::{Search, prefilter};

use crate::cases::{Case, lines};

fn best(case: &Case, draws: u64, keep: usize, threads: usize) -> Vec<Genotype> {
    let (known, stop) = (HashMap::new(), AtomicBool::new(false));
    let search = Search {
        space: &case.space,
        variant: case.space.variant(case.variant).unwrap(),
        limits: &case.limits,
        config: case.config.clone(),
        scorer: &case.scorer,
        known: &known,
        threads,
        stop: &stop,
    };
    prefilter(&search, draws, keep).unwrap()
}

fn network(case: &Case, genotype: &Genotype) -> Network {
    let variant = case.space.variant(case.variant).unwrap();
    case.space.architecture(variant, genotype, 1, 10).unwrap().network().unwrap()
}

/// ln(ReLU units) + ln(MACs), from the network itself; `None` if it breaks a limit.
fn score(case: &Case, genotype: &Genotype) -> Option<f64> {
    let network = network(case, genotype);
    let fits = case.limits.check(&network).unwrap().is_ok();
    fits.then(|| (network.relu_units() as f64).ln() + (network.macs() as f64).ln())
}

/// Of 252 networks 20,000 draws miss none.
#[test]
fn the_best_that_fit_are_found_in_order() {
    let mut case = Case::tiny(&[Proxy::Params], 30);
    let mut macs: Vec<u64> =
        best(&case, 20_000, 1000, 1).iter().map(|genotype| network(&case, genotype).macs()).collect();
    assert_eq!(macs.len(), 252);
    macs.sort_unstable();
    case.limits.macs = Some(macs[126]);
    let mut scores: Vec<f64> =
        HashSet::<String>::from_iter(best(&case, 20_000, 1000, 1).iter().map(ToString::to_string))
            .iter()
            .map(|text| score(&case, &text.parse().unwrap()).unwrap())
            .collect();
    scores.sort_by(|a, b| b.total_cmp(a));
    assert!((100..150).contains(&scores.len()), "{} fit: the limit is no test", scores.len());
    for keep in [1, 7, 20] {
        let kept: Vec<f64> =
            best(&case, 20_000, keep, 1).iter().map(|genotype| score(&case, genotype).unwrap()).collect();
        assert_eq!(kept, scores[..keep]);
    }
    assert!(best(&case, 20_000, 0, 1).is_empty());
}

#[test]
fn threads_change_nothing_and_nothing_breaks_a_limit() {
    // Three streams of random numbers, and a memory that is counted fast.
    let mut case = Case::small(&[Proxy::Params], 30);
    case.limits.engine = Engine::Tinyengine;
    let one = best(&case, 140_000, 20, 1);
    assert_eq!(one.len(), 20);
    assert!(one.iter().all(|genotype| score(&case, genotype).is_some()));
    for threads in [2, 5] {
        assert_eq!(best(&case, 140_000, 20, threads), one);
    }
    case.config.seed = 2;
    assert_ne!(best(&case, 140_000, 20, 1), one);
}

#[test]
fn a_search_begins_with_the_survivors_and_goes_on_as_evolution() {
    let mut case = Case::small(&[Proxy::Params, Proxy::ReluUnits], 60);
    case.config.prefilter = 20_000;
    let survivors = best(&case, 20_000, 20, 1);
    let outcome = case.run().unwrap();
    let first: Vec<Genotype> = outcome.candidates.iter().take(20).map(|one| one.genotype.clone()).collect();
    assert_eq!(first, survivors);
    assert_eq!(outcome.candidates.len(), 60);
    case.threads = 3;
    assert_eq!(lines(&case.run().unwrap().candidates), lines(&outcome.candidates));
}
