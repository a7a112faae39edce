//! What holds for every strategy.

use std::collections::HashSet;

use tinynas_search::{Budget, Driver, Evaluation, Evaluator, Fidelity, History, Proposal, SearchError};

use crate::cases::{ALL, Named, Separable, Worth, full, search};

/// Epochs per search: 600 full evaluations.
const EPOCHS: u64 = 600 * 27;

/// Those that choose by what they learnt. NASWOT evaluates one network only.
fn learning() -> impl Iterator<Item = &'static Named> {
    ALL.iter().filter(|(name, _)| !matches!(*name, "random" | "naswot"))
}

#[test]
fn what_learns_finds_the_optimum_where_drawing_does_not() {
    let spaces: Vec<Separable> = (0..6).map(Separable::new).collect();
    // In epochs, so that those that train for less are compared fairly.
    let best = |strategy: &Named, space: &Separable| space.best(&search(space, strategy, Budget::epochs(EPOCHS), 7));
    let drawn: Vec<f64> = spaces.iter().map(|space| best(&ALL[0], space)).collect();
    assert!(drawn.iter().all(|worth| *worth <= Separable::OPTIMUM - 2.0), "random search: {drawn:?}");
    for strategy in learning() {
        let found: Vec<f64> = spaces.iter().map(|space| best(strategy, space)).collect();
        println!("{}: {found:?}, drawn {drawn:?}", strategy.0);
        let gains: Vec<f64> = found.iter().zip(&drawn).map(|(found, drawn)| found - drawn).collect();
        assert!(gains.iter().all(|gain| *gain >= 0.0), "{}: {found:?}", strategy.0);
        assert!(gains.iter().sum::<f64>() >= 6.0, "{}: {found:?}", strategy.0);
        // Those that look for a front, or learn nothing beside what to drop, come near.
        let most = !matches!(strategy.0, "nsga-ii" | "halving" | "hyperband");
        let hits = found.iter().filter(|worth| **worth == Separable::OPTIMUM).count();
        assert!(hits >= 3 || !most, "{}: {found:?}", strategy.0);
    }
}

#[test]
fn the_history_follows_from_the_seed() {
    let space = Separable::new(3);
    for strategy in ALL {
        let run = |seed| {
            let history = search(&space, strategy, Budget::evaluations(60), seed);
            history.trials().iter().map(|trial| (trial.choices.clone(), trial.fidelity)).collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(1), "{}", strategy.0);
        assert_ne!(run(1), run(2), "{}", strategy.0);
    }
}

#[test]
fn budgets_in_evaluations_are_met_exactly_and_no_network_is_evaluated_twice() {
    let space = Separable::new(3);
    for strategy in ALL.iter().filter(|(name, _)| *name != "naswot") {
        for (evaluations, batch) in [(1, 1), (7, 1), (60, 1), (61, 8)] {
            let driver = Driver { batch, ..Driver::new(Budget::evaluations(evaluations), 5) };
            let mut evaluator = Worth::of(&space);
            let history = driver.run(&space, &mut *strategy.1(), &mut evaluator).unwrap();
            let looked_at = evaluator.seen.iter().filter(|proposal| proposal.fidelity == Fidelity::Full).count();
            assert_eq!((history.spent().evaluations, looked_at as u64), (evaluations, evaluations), "{}", strategy.0);
            let different: HashSet<_> = full(&history).into_iter().collect();
            assert_eq!(different.len(), looked_at, "{}", strategy.0);
        }
    }
}

#[test]
fn budgets_in_epochs_are_not_exceeded() {
    let space = Separable::new(3);
    for strategy in ALL {
        let history = search(&space, strategy, Budget::epochs(500), 5);
        let spent = history.spent().epochs;
        assert!(spent <= 500, "{}: {spent} epochs", strategy.0);
        assert!(spent > 500 - 27 || strategy.0 == "naswot", "{}: {spent} epochs", strategy.0);
    }
}

#[test]
fn nothing_begins_after_the_time_is_over() {
    let space = Separable::new(3);
    for strategy in ALL {
        let history = search(&space, strategy, Budget::seconds(100.0), 5);
        let trials = history.trials();
        let before_last = trials.iter().rev().nth(1).map(|trial| trial.spent.seconds);
        // What assists is asked for in one piece.
        let assisted = 1.5 * history.spent().assists as f64;
        assert!(before_last.unwrap() < 100.0 + assisted, "{}: {before_last:?}", strategy.0);
        assert!(history.best_at(100.0).is_none_or(|at| trials[at].spent.seconds <= 100.0), "{}", strategy.0);
    }
}

#[test]
fn what_breaks_a_limit_is_never_looked_at() {
    for strategy in ALL {
        // About one network in 2,000: the evaluator refuses all others.
        let space = Separable::new(3).at_most(5);
        let history = search(&space, strategy, Budget::evaluations(40), 5);
        assert!(history.infeasible() > 100, "{}: {}", strategy.0, history.infeasible());
        assert!(history.best().is_some(), "{}", strategy.0);
    }
}

#[test]
fn a_search_ends_when_there_is_nothing_left() {
    // Sums up to 4 over 3 decisions: 7 over 3.
    let space = Separable::of(3, 3).at_most(4);
    // The others do not evaluate all in full: that they end is enough.
    let all = |name: &str| !matches!(name, "naswot" | "halving" | "hyperband");
    for strategy in ALL {
        let history = search(&space, strategy, Budget::evaluations(1000), 5);
        if !all(strategy.0) {
            continue;
        }
        assert_eq!(full(&history).len(), 35, "{}", strategy.0);
    }
}

/// Half of all networks have a score that is no number, or none.
struct Blind<'a>(Worth<'a>);

impl Evaluator for Blind<'_> {
    fn evaluate(&mut self, proposal: &Proposal) -> Result<Evaluation, SearchError> {
        let evaluation = self.0.evaluate(proposal)?;
        let score = match proposal.choices[0] {
            0 => Some(f64::NAN),
            1 => Some(f64::INFINITY),
            2 => None,
            _ => evaluation.score,
        };
        Ok(Evaluation { score, ..evaluation })
    }
}

#[test]
fn a_score_that_is_no_number_never_wins() {
    let space = Separable::new(3);
    for strategy in ALL {
        let mut evaluator = Blind(Worth::of(&space));
        let driver = Driver::new(Budget::evaluations(60), 5);
        let history: History = driver.run(&space, &mut *strategy.1(), &mut evaluator).unwrap();
        let best = &history.trials()[history.best().unwrap()];
        assert!(best.choices[0] > 2, "{}: {best:?}", strategy.0);
        assert!(best.score.unwrap().is_finite());
    }
    let nothing = Separable::new(3).at_most(0);
    let driver = Driver::new(Budget::evaluations(60), 5);
    let history = driver.run(&nothing, &mut tinynas_search::Random, &mut Blind(Worth::of(&nothing))).unwrap();
    assert_eq!((history.trials().len(), history.best()), (1, None));
}

#[test]
fn the_best_is_known_at_any_time() {
    let space = Separable::new(3);
    for strategy in ALL.iter().filter(|(name, _)| *name != "naswot") {
        let history = search(&space, strategy, Budget::evaluations(60), 5);
        let mut best = f64::NEG_INFINITY;
        let mut known = 0;
        for trial in history.trials() {
            if trial.fidelity != Fidelity::Full {
                continue;
            }
            known += 1;
            best = best.max(trial.score.unwrap());
            let at = history.best_after(known).unwrap();
            assert_eq!(history.trials()[at].score, Some(best), "{} after {known}", strategy.0);
            let at = history.best_at(trial.spent.seconds).unwrap();
            assert_eq!(history.trials()[at].score, Some(best), "{} after {known}", strategy.0);
        }
        assert_eq!(known, 60);
    }
}
