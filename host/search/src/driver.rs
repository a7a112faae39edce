//! Runs a strategy: asks it for networks, has them evaluated, and keeps what came out.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use crate::{Budget, Evaluator, History, Proposal, SearchError, SearchSpace, Strategy, asker::Asker};

/// A search over any space by any strategy with any evaluator.
///
/// With a budget in evaluations or epochs the result follows from the seed alone.
#[derive(Clone, Copy, Debug)]
pub struct Driver<'a> {
    /// When it ends.
    pub budget: Budget,
    /// All that is drawn follows from it.
    pub seed: u64,
    /// Networks that are made before any of them is evaluated, at least 1. With 1, each is made with all before it
    /// known; more can be evaluated side by side.
    pub batch: usize,
    /// Ends the search, with [`SearchError::Interrupted`], before the next batch.
    pub stop: Option<&'a AtomicBool>,
}

impl Driver<'_> {
    /// One network after the other.
    #[must_use]
    pub const fn new(budget: Budget, seed: u64) -> Self {
        Self { budget, seed, batch: 1, stop: None }
    }

    /// Searches until the budget is spent or the strategy has nothing more to ask. An evaluator that always gives
    /// the same results for the same networks gives the same history.
    ///
    /// # Errors
    /// [`SearchError::Interrupted`], or what space, strategy or evaluator met.
    pub fn run(
        &self,
        space: &dyn SearchSpace,
        strategy: &mut dyn Strategy,
        evaluator: &mut dyn Evaluator,
    ) -> Result<History, SearchError> {
        let mut asker = Asker::new(space, self.seed);
        let mut history = History::default();
        while !self.budget.is_spent(&history.spent) {
            if self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
                return Err(SearchError::Interrupted);
            }
            let left = self.budget.evaluations_left(&history.spent).unwrap_or(u64::MAX);
            asker.room = self.batch.max(1).min(usize::try_from(left).unwrap_or(usize::MAX));
            let mut proposals = strategy.ask(&history, &mut asker)?;
            history.infeasible = asker.infeasible();
            let asked = proposals.len();
            self.cut(&mut proposals, &history, evaluator.full_epochs());
            let cut = proposals.len() < asked;
            self.evaluate(proposals, space, evaluator, &mut history)?;
            if cut || asked == 0 {
                break;
            }
        }
        Ok(history)
    }

    /// Leaves out what the budget does not reach for, and all after it.
    fn cut(&self, proposals: &mut Vec<Proposal>, history: &History, full_epochs: u32) {
        let mut spent = history.spent;
        let reach = proposals.iter().take_while(|proposal| {
            spent = spent.and(proposal, full_epochs);
            self.budget.covers(&spent)
        });
        let reach = reach.count();
        proposals.truncate(reach);
    }

    fn evaluate(
        &self,
        proposals: Vec<Proposal>,
        space: &dyn SearchSpace,
        evaluator: &mut dyn Evaluator,
        history: &mut History,
    ) -> Result<(), SearchError> {
        let begun = Instant::now();
        let evaluations = evaluator.evaluate_all(&proposals)?;
        // The clock knows the batch only; each of it took its share.
        let share = begun.elapsed().as_secs_f64() / proposals.len().max(1) as f64;
        for (proposal, evaluation) in proposals.into_iter().zip(evaluations) {
            history.spent = history.spent.and(&proposal, evaluator.full_epochs());
            history.spent.seconds += evaluation.seconds.unwrap_or(share);
            let id = space.id(&proposal.choices);
            history.push(proposal, id, evaluation.score, evaluation.costs);
            let admission = evaluator.admit(history)?;
            if let Some(last) = history.trials.last_mut() {
                last.admission = admission;
            }
        }
        if let Some(fitness) = evaluator.fitness(history) {
            history.fitness = fitness;
        }
        Ok(())
    }
}
