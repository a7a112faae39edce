//! Searches whose every training is a look into a table.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use tinynas_search::{
    BestOf, Budget, Choices, Driver, Evaluation, Evaluator, Evolution, Fidelity, LocalSearch, Proposal, Random,
    Reinforce, SearchError, SearchSpace, Step, Strategy, Tpe,
};

use crate::{BenchmarkError, assisted_climb::AssistedClimb, nasbench_macro::MacroCode};

/// A space all of whose networks are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableSpace {
    /// NAS-Bench-201: six edges of five operations.
    Nasbench201,
    /// NAS-Bench-Macro: eight blocks of three, equal networks once.
    NasbenchMacro,
}

impl TableSpace {
    /// Position of a network in the lists of scores and accuracies.
    #[must_use]
    pub fn index(self, choices: &[u8]) -> usize {
        let options = usize::from(self.options()[0]);
        choices.iter().fold(0, |index, choice| index * options + usize::from(*choice))
    }
}

impl SearchSpace for TableSpace {
    fn options(&self) -> &[u8] {
        match self {
            Self::Nasbench201 => &[5; 6],
            Self::NasbenchMacro => &[3; 8],
        }
    }

    fn make_canonical(&self, choices: &mut [u8]) {
        if *self == Self::NasbenchMacro
            && let Some(code) = MacroCode::at(self.index(choices))
        {
            choices.copy_from_slice(&code.canonical().digits());
        }
    }
}

/// What a search sees and what is reported of it, by position in the space.
#[derive(Clone, Copy, Debug)]
pub struct Truth<'a> {
    /// The space.
    pub space: TableSpace,
    /// What a training shows: accuracy on validation images.
    pub validation: &'a [f64],
    /// What is reported of the network with the best of these: accuracy on test images.
    pub test: &'a [f64],
}

/// A strategy and its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Uniform draws.
    Random,
    /// Regularised evolution, population 10, tournament 5.
    Rea,
    /// REINFORCE with one softmax per decision.
    Reinforce,
    /// Hill climbing to the first better neighbour, with restarts.
    LocalSearch,
    /// Tree-structured Parzen estimators, the model inside BOHB.
    Tpe,
    /// Regularised evolution from the best ten of so many networks by score.
    Area {
        /// M.
        drawn: usize,
    },
    /// Local search that begins with the best ten of so many networks by score.
    AssistedClimb {
        /// M.
        drawn: usize,
    },
    /// The best of so many by score, trained once.
    Naswot {
        /// N.
        drawn: usize,
    },
}

/// Networks that live, and those that one parent is chosen from: AREA's settings.
const POPULATION: usize = 10;
const TOURNAMENT: usize = 5;

impl Method {
    fn strategy(self) -> Box<dyn Strategy> {
        match self {
            Self::Random => Box::new(Random),
            Self::Rea => Box::new(Evolution::regularised(POPULATION, TOURNAMENT)),
            Self::Reinforce => Box::new(Reinforce::default()),
            Self::LocalSearch => Box::new(LocalSearch::new(Step::First)),
            Self::Tpe => Box::new(Tpe),
            Self::Area { drawn } => Box::new(Evolution::area(drawn, POPULATION, TOURNAMENT)),
            Self::AssistedClimb { drawn } => Box::new(AssistedClimb::new(drawn, POPULATION)),
            Self::Naswot { drawn } => Box::new(BestOf { drawn }),
        }
    }
}

/// A mean over seeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Mean {
    /// Mean.
    pub mean: f64,
    /// Standard deviation of a single search.
    pub sd: f64,
    /// Searches.
    pub seeds: usize,
}

impl Mean {
    fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let square = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>();
        Self { mean, sd: (square / (n - 1.0).max(1.0)).sqrt(), seeds: values.len() }
    }
}

/// Runs `method` with `seeds` seeds for as many trainings as the largest of `trainings`, and gives for each of these
/// numbers the test accuracy of the network that was best on the validation images so far. `scores` assist the search
/// where the method is assisted; NaN never wins.
///
/// # Errors
/// [`BenchmarkError::Search`].
pub fn simulate(
    truth: Truth<'_>,
    method: Method,
    scores: Option<&[f64]>,
    trainings: &[u64],
    seeds: u64,
    threads: usize,
) -> Result<Vec<Mean>, BenchmarkError> {
    let most = trainings.iter().copied().max().unwrap_or(0);
    let queue = Mutex::new(0..seeds);
    let results = Mutex::new(vec![Vec::new(); seeds as usize]);
    let failure = Mutex::new(None);
    let work = || {
        loop {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(seed) = next else { break };
            let mut table = Table { truth, scores };
            match Driver::new(Budget::evaluations(most), seed).run(&truth.space, &mut *method.strategy(), &mut table) {
                Ok(history) => {
                    let test = |trainings: &u64| {
                        let best = history.best_after(*trainings)?;
                        Some(truth.test[truth.space.index(&history.trials()[best].choices)])
                    };
                    let found = trainings.iter().map(|n| test(n).unwrap_or(0.0)).collect();
                    results.lock().unwrap_or_else(PoisonError::into_inner)[seed as usize] = found;
                }
                Err(error) => {
                    *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    break;
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.max(1) {
            scope.spawn(work);
        }
        work();
    });
    if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error.into());
    }
    let results: Vec<Vec<f64>> = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    let column = |at: usize| Mean::of(&results.iter().map(|found| found[at]).collect::<Vec<_>>());
    Ok((0..trainings.len()).map(column).collect())
}

/// Looks networks up.
struct Table<'a> {
    truth: Truth<'a>,
    scores: Option<&'a [f64]>,
}

impl Evaluator for Table<'_> {
    fn evaluate(&mut self, proposal: &Proposal) -> Result<Evaluation, SearchError> {
        let index = self.truth.space.index(&proposal.choices);
        let score = match proposal.fidelity {
            Fidelity::Assist => self.scores.map(|scores| scores[index]),
            Fidelity::Full | Fidelity::Epochs(_) => Some(self.truth.validation[index]),
        };
        Ok(Evaluation { score, ..Evaluation::default() })
    }
}

/// The choices of a position, the other way round.
#[must_use]
pub fn choices(space: TableSpace, index: usize) -> Choices {
    let options = space.options();
    let mut rest = index;
    let mut choices: Choices = options
        .iter()
        .rev()
        .map(|options| {
            let choice = (rest % usize::from(*options)) as u8;
            rest /= usize::from(*options);
            choice
        })
        .collect();
    choices.reverse();
    choices
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everything(space: TableSpace, count: usize) -> Vec<f64> {
        // One network is best; the rest fall off with the number of edits to it.
        let best = choices(space, 4321 % count);
        let away = |i: usize| choices(space, i).iter().zip(&best).filter(|(a, b)| a != b).count();
        (0..count).map(|i| 90.0 - away(i) as f64 + i as f64 * 1e-6).collect()
    }

    #[test]
    fn positions_and_choices_are_the_same_thing() {
        for (space, count) in [(TableSpace::Nasbench201, 15_625), (TableSpace::NasbenchMacro, 6561)] {
            assert!((0..count).all(|i| space.index(&choices(space, i)) == i));
        }
    }

    #[test]
    fn more_draws_find_better_networks_and_what_has_no_score_is_never_found() {
        let space = TableSpace::Nasbench201;
        let table = everything(space, 15_625);
        let truth = Truth { space, validation: &table, test: &table };
        let found = |drawn, scores: &[f64]| {
            simulate(truth, Method::Naswot { drawn }, Some(scores), &[1], 20, 1).unwrap()[0].mean
        };
        assert!(found(500, &table) > found(10, &table) + 0.5);
        let worst = |v: f64| v < 86.0;
        let blind: Vec<f64> = table.iter().map(|v| if worst(*v) { *v } else { f64::NAN }).collect();
        assert!(worst(found(500, &blind)));
    }

    #[test]
    fn evolution_beats_draws_and_threads_change_nothing() {
        let space = TableSpace::NasbenchMacro;
        let table = everything(space, 6561);
        let truth = Truth { space, validation: &table, test: &table };
        let run = |method, threads| simulate(truth, method, Some(&table), &[20, 60], 16, threads).unwrap();
        let (random, rea) = (run(Method::Random, 1), run(Method::Rea, 1));
        assert!(rea[1].mean > random[1].mean && rea[1].mean > rea[0].mean, "{random:?} {rea:?}");
        assert_eq!(run(Method::Rea, 3), rea);
        let area = run(Method::Area { drawn: 500 }, 1);
        assert!(area[0].mean > rea[0].mean, "{area:?} {rea:?}");
        // A hill is climbed to its top, and the beginning is AREA's.
        let climb = run(Method::AssistedClimb { drawn: 500 }, 1);
        assert!(
            climb[0].mean > rea[0].mean && climb[1].mean > random[1].mean && climb[1].mean > climb[0].mean,
            "{climb:?}"
        );
    }
}
