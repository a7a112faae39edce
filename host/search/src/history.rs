//! All that a search looked at, in order, and the best of it at any time.

use std::collections::HashMap;

use crate::{Admission, Choices, Fidelity, Proposal, Spent};

/// One network that was looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// Which.
    pub choices: Choices,
    /// Its id in the space.
    pub id: u64,
    /// How thoroughly it was looked at.
    pub fidelity: Fidelity,
    /// Its score: a finite number of which more is better; `None` if it has none.
    pub score: Option<f64>,
    /// What is to be small.
    pub costs: Vec<f64>,
    /// Whether it may live.
    pub admission: Admission,
    /// All that was spent when it was known.
    pub spent: Spent,
}

/// The trials of a search.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    pub(crate) trials: Vec<Trial>,
    pub(crate) fitness: Vec<f64>,
    /// Where each network was looked at in full.
    pub(crate) full: HashMap<Choices, usize>,
    pub(crate) spent: Spent,
    pub(crate) infeasible: u64,
}

impl History {
    /// All trials in order, of all fidelities.
    #[must_use]
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }

    /// Fitness of each trial: its score, or its rank sum among all; −∞ without a score. Compare within one fidelity.
    #[must_use]
    pub fn fitness(&self) -> &[f64] {
        &self.fitness
    }

    /// What was spent.
    #[must_use]
    pub const fn spent(&self) -> Spent {
        self.spent
    }

    /// Different networks that were made, broke a limit and were not looked at.
    #[must_use]
    pub const fn infeasible(&self) -> u64 {
        self.infeasible
    }

    /// Position of the full evaluation of a network, if there was one.
    #[must_use]
    pub fn find(&self, choices: &[u8]) -> Option<usize> {
        self.full.get(choices).copied()
    }

    /// Positions of the accepted trials of a fidelity, in order.
    pub fn accepted(&self, fidelity: Fidelity) -> impl DoubleEndedIterator<Item = usize> + '_ {
        let fits = move |at: &usize| {
            let trial = &self.trials[*at];
            trial.fidelity == fidelity && trial.admission == Admission::Accepted
        };
        (0..self.trials.len()).filter(fits)
    }

    /// Position of the fittest accepted full evaluation, the smaller id of equals; `None` if none has a score.
    #[must_use]
    pub fn best(&self) -> Option<usize> {
        self.best_while(|_| true)
    }

    /// As [`Self::best`], among the first `evaluations` full evaluations.
    #[must_use]
    pub fn best_after(&self, evaluations: u64) -> Option<usize> {
        self.best_while(|trial| trial.spent.evaluations <= evaluations)
    }

    /// As [`Self::best`], among what was known after `seconds`.
    #[must_use]
    pub fn best_at(&self, seconds: f64) -> Option<usize> {
        self.best_while(|trial| trial.spent.seconds <= seconds)
    }

    fn best_while(&self, known: impl Fn(&Trial) -> bool) -> Option<usize> {
        let known = self.accepted(Fidelity::Full).filter(|at| known(&self.trials[*at]));
        known
            .filter(|at| self.trials[*at].score.is_some())
            .reduce(|best, at| if self.beats(at, best) { at } else { best })
    }

    /// Whether the trial at `a` is fitter than that at `b`; of equals the one with the smaller id.
    #[must_use]
    pub fn beats(&self, a: usize, b: usize) -> bool {
        let order = self.fitness[a].total_cmp(&self.fitness[b]);
        order.then_with(|| self.trials[b].id.cmp(&self.trials[a].id)).is_gt()
    }

    /// Positions of all accepted trials of a fidelity that have a score, fittest first.
    #[must_use]
    pub fn ranking(&self, fidelity: Fidelity) -> Vec<usize> {
        let mut ranking: Vec<usize> = self.accepted(fidelity).filter(|at| self.trials[*at].score.is_some()).collect();
        let (fitness, id) = (|at: usize| self.fitness[at], |at: usize| self.trials[at].id);
        ranking.sort_by(|a, b| fitness(*b).total_cmp(&fitness(*a)).then_with(|| id(*a).cmp(&id(*b))));
        ranking
    }

    pub(crate) fn push(&mut self, proposal: Proposal, id: u64, score: Option<f64>, costs: Vec<f64>) {
        let score = score.filter(|score| score.is_finite());
        let Proposal { choices, fidelity, .. } = proposal;
        if fidelity == Fidelity::Full {
            self.full.entry(choices.clone()).or_insert(self.trials.len());
        }
        self.fitness.push(score.unwrap_or(f64::NEG_INFINITY));
        let (admission, spent) = (Admission::Accepted, self.spent);
        self.trials.push(Trial { choices, id, fidelity, score, costs, admission, spent });
    }
}
