//! Successive halving (Jamieson and Talwalkar, AISTATS 2016) and Hyperband (Li et al., JMLR 2018).
//!
//! A bracket draws n networks, trains each for r epochs, keeps the best 1/η, trains those on to η r epochs, and so on to
//! R, the epochs of a full evaluation. Hyperband runs the brackets s = s_max … 0, s_max = ⌊log_η R⌋, over and over:
//!
//! n = ⌈(s_max + 1) η^s / (s + 1)⌉,   r = R η^−s;   rung i: ⌊n η^−i⌋ networks, ⌊r η^i⌋ epochs
//!
//! Budgets are best given in epochs. A network that is kept is trained on, it does not start anew; the paper leaves
//! this open. Trap: scores after few epochs must rank as those after many do; Hyperband's last bracket trains in full.

use std::collections::VecDeque;

use crate::{Asker, Fidelity, History, Proposal, SearchError, Strategy};

/// Numbers of successive halving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Halving {
    /// R: epochs of a full evaluation, at least 1.
    pub epochs: u32,
    /// η: one in so many is kept, at least 2.
    pub keep_one_in: u32,
}

impl Halving {
    /// s_max.
    fn most_rungs(self) -> u32 {
        self.epochs.max(1).ilog(self.keep_one_in.max(2))
    }

    /// Networks that bracket `s` of Hyperband draws.
    fn drawn(self, s: u32) -> u32 {
        let brackets = u64::from(self.most_rungs()) + 1;
        let drawn = (brackets * u64::from(self.keep_one_in.max(2)).pow(s)).div_ceil(u64::from(s) + 1);
        u32::try_from(drawn).unwrap_or(u32::MAX)
    }
}

/// Brackets of successive halving, one after the other, over and over.
#[derive(Clone, Debug)]
pub struct Hyperband {
    numbers: Halving,
    /// s and n of each bracket.
    brackets: Vec<(u32, u32)>,
    /// Brackets that were begun.
    begun: usize,
    /// Rungs that are still to come in this bracket.
    rungs_left: u32,
    /// Where this rung's trials begin in the history.
    rung: usize,
    waiting: VecDeque<Proposal>,
}

impl Hyperband {
    /// Hyperband.
    #[must_use]
    pub fn new(numbers: Halving) -> Self {
        let brackets = (0..=numbers.most_rungs()).rev().map(|s| (s, numbers.drawn(s))).collect();
        Self::of(numbers, brackets)
    }

    /// Successive halving alone: `drawn` networks, so many rungs below the full evaluation as η allows.
    #[must_use]
    pub fn halving(numbers: Halving, drawn: u32) -> Self {
        Self::of(numbers, vec![(numbers.most_rungs(), drawn)])
    }

    const fn of(numbers: Halving, brackets: Vec<(u32, u32)>) -> Self {
        Self { numbers, brackets, begun: 0, rungs_left: 0, rung: 0, waiting: VecDeque::new() }
    }

    /// Epochs of the rung that has so many above it.
    fn epochs(&self, above: u32) -> u32 {
        (self.numbers.epochs / self.numbers.keep_one_in.max(2).saturating_pow(above)).max(1)
    }

    fn fidelity(&self, above: u32) -> Fidelity {
        if above == 0 { Fidelity::Full } else { Fidelity::Epochs(self.epochs(above)) }
    }

    /// The networks of the next rung: those of the last one that are kept.
    fn promote(&mut self, history: &History) {
        let fidelity = self.fidelity(self.rungs_left);
        let trained = self.epochs(self.rungs_left);
        let rung = self.rung..history.trials().len();
        let count = rung.len() / self.numbers.keep_one_in.max(2) as usize;
        // Rungs that are smaller than η keep their best.
        let kept = history.ranking(fidelity).into_iter().filter(|at| rung.contains(at)).take(count.max(1));
        self.rungs_left -= 1;
        let next = self.fidelity(self.rungs_left);
        let on = |at: usize| Proposal { choices: history.trials()[at].choices.clone(), fidelity: next, trained };
        self.waiting = kept.map(on).collect();
    }

    fn begin(&mut self, asker: &mut Asker<'_>) -> Result<(), SearchError> {
        let (rungs, drawn) = self.brackets[self.begun % self.brackets.len()];
        self.begun += 1;
        self.rungs_left = rungs;
        let fidelity = self.fidelity(rungs);
        let drawn = asker.draw_many(drawn as usize)?;
        self.waiting = drawn.into_iter().map(|choices| Proposal { choices, fidelity, trained: 0 }).collect();
        Ok(())
    }
}

impl Strategy for Hyperband {
    fn ask(&mut self, history: &History, asker: &mut Asker<'_>) -> Result<Vec<Proposal>, SearchError> {
        if self.waiting.is_empty() {
            if self.rungs_left > 0 {
                self.promote(history);
            }
            if self.waiting.is_empty() {
                self.begin(asker)?;
            }
            self.rung = history.trials().len();
        }
        let count = asker.room.min(self.waiting.len());
        Ok(self.waiting.drain(..count).collect())
    }
}
