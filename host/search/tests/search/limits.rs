//! What breaks a limit is counted, not scored; what cannot be searched is said.

use std::{collections::HashSet, sync::atomic::AtomicBool};

use tinynas_cost::{Bytes, Limit, cost, peak_layer};
use tinynas_model::Shape;
use tinynas_score::{Batch, Proxy, Scorer};
use tinynas_search::{Outcome, SearchError, StrategyKind};

use crate::cases::Case;

const FREE: &[Proxy] = &[Proxy::Params, Proxy::ReluUnits];

fn check(case: &Case, outcome: &Outcome) {
    let ids: HashSet<_> = outcome.candidates.iter().map(|c| c.id).collect();
    assert_eq!(ids.len(), outcome.candidates.len(), "a candidate was scored twice");
    for candidate in &outcome.candidates {
        let architecture = case.space.architecture(candidate.variant, &candidate.genotype, 1, 10).unwrap();
        let network = architecture.network().unwrap();
        let cost = cost(&network, case.limits.engine).unwrap();
        assert!(case.limits.fits(&cost), "{candidate:?}");
        assert_eq!(
            (candidate.macs, candidate.params, candidate.sram_bytes, candidate.flash_bytes, candidate.relu_units),
            (cost.macs, cost.params, cost.sram.0, cost.flash.0, network.relu_units())
        );
        assert_eq!(candidate.id, case.space.id(candidate.variant, &candidate.genotype));
    }
}

#[test]
fn no_infeasible_candidate_is_scored_and_none_is_scored_twice() {
    for strategy in StrategyKind::ALL {
        let case = Case { strategy: *strategy, ..Case::small(FREE, 150) };
        let outcome = case.run().unwrap();
        assert_eq!(outcome.candidates.len(), 150);
        assert!(outcome.infeasible > 30, "{strategy}: the limits are no test, {} infeasible", outcome.infeasible);
        check(&case, &outcome);
    }
}

/// Limits that less than one network in a thousand keeps to.
#[test]
fn rare_networks_are_found_near_the_smallest() {
    let mut case = Case::small(FREE, 40);
    let variant = case.space.variant(case.variant).unwrap();
    let smallest = case.space.architecture(variant, &case.space.smallest(), 1, 10).unwrap().network().unwrap();
    case.limits.macs = Some(smallest.macs() * 125 / 100);
    let outcome = case.run().unwrap();
    assert_eq!(outcome.candidates.len(), 40);
    assert!(outcome.infeasible > 1000, "{} infeasible: not rare", outcome.infeasible);
    check(&case, &outcome);
}

#[test]
fn if_nothing_fits_the_smallest_network_is_named() {
    let mut case = Case::small(FREE, 40);
    case.limits.sram = Bytes(1000);
    let variant = case.space.variant(case.variant).unwrap();
    let smallest = case.space.architecture(variant, &case.space.smallest(), 1, 10).unwrap().network().unwrap();
    let (layer, needs) = peak_layer(&smallest, case.limits.engine).unwrap();
    let error = case.run().unwrap_err();
    assert_eq!(error.to_string(), "no network of `mnas-small@w0.35-r28` fits 1000 B of SRAM");
    assert_eq!(error.code(), "budget::infeasible");
    let help = error.help().unwrap();
    assert!(help.contains(&needs.exact()) && help.contains(&format!("layer `{layer}`")), "{help}");

    let broken = |case: &Case| match case.run().unwrap_err() {
        SearchError::Infeasible { limit, budget, smallest, .. } => (limit, budget, smallest),
        other => panic!("{other}"),
    };
    let flash = cost(&smallest, case.limits.engine).unwrap().flash.0;
    case.limits.flash = Bytes(7);
    assert_eq!(broken(&case), (Limit::Flash, 7, flash));
    case.limits.macs = Some(5);
    assert_eq!(broken(&case), (Limit::Macs, 5, smallest.macs()));
}

#[test]
fn a_network_that_has_no_score_is_kept_and_never_wins() {
    // Two equal images: no network can tell them apart.
    let mut case = Case::tiny(&[Proxy::Nwot, Proxy::Params], 30);
    let same = Batch::new([0.5, -1.0, 2.0, 0.0].repeat(2 * 144 / 4), Shape::new(12, 12, 1)).unwrap();
    case.scorer = Scorer::new(1, &[Proxy::Nwot, Proxy::Params]).with_images(same);
    let blind = case.run().unwrap();
    assert_eq!(blind.candidates.len(), 30);
    assert!(blind.candidates.iter().all(|c| c.scores.get(Proxy::Nwot).is_none()));
    assert!(blind.candidates.iter().all(|c| c.scores.get(Proxy::Params) == Some(c.params as f64)));
    // One of them has a score: it wins although it came late.
    let last = blind.candidates[19].clone();
    let mut scores = last.scores.clone();
    scores.insert(Proxy::Nwot, -100.0).unwrap();
    case.known.insert(last.id, scores);
    assert_eq!(case.run().unwrap().best().unwrap().id, last.id);
}

#[test]
fn what_cannot_be_searched_is_refused_before_anything_is_scored() {
    let refused = |change: &dyn Fn(&mut Case)| {
        let mut case = Case::tiny(FREE, 30);
        change(&mut case);
        let never = |_: &_, _| panic!("a candidate was scored");
        case.run_with(&AtomicBool::new(false), &never).unwrap_err()
    };
    let zero = refused(&|case| case.config.population = 0);
    assert_eq!(
        (zero.code(), zero.to_string().as_str()),
        ("search::config", "`population` of a search must be at least 1")
    );
    assert!(matches!(refused(&|case| case.config.evaluations = 0), SearchError::Zero { field: "evaluations" }));
    assert!(matches!(refused(&|case| case.config.tournament = 0), SearchError::Zero { field: "tournament" }));
    assert!(matches!(refused(&|case| case.config.proxies.clear()), SearchError::NoProxies));
    let not_scored = refused(&|case| case.config.proxies.push(Proxy::Synflow));
    assert_eq!(not_scored.to_string(), "`synflow` is to decide, but candidates are not scored by it");
    // NWOT without images fails for every network: an error, not a search without a result.
    let no_images = refused(&|case| {
        case.config.proxies = vec![Proxy::Nwot];
        case.scorer = Scorer::new(1, &[Proxy::Nwot]);
    });
    assert!(matches!(no_images, SearchError::Score(_)), "{no_images}");
    let strategy = "evolutoin".parse::<StrategyKind>().unwrap_err();
    assert_eq!(
        strategy.help().unwrap(),
        "the strategies are evolution, random, area, local-search, reinforce, tpe, nsga2"
    );
}
