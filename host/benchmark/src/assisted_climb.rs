//! Local search that begins where a score says: AREA's first population, then hill climbing in place of evolution.
//!
//! M networks are drawn and scored by what assists, the best N of them are evaluated, and from the best of these one
//! goes to the first better neighbour, neighbours in a drawn order, until none is better; then from another drawn
//! network. (White, Nolen, Savani, UAI 2021, for the climb; Mellor et al., ICML 2021, Alg. 2, for the beginning.)

use rand::Rng;
use tinynas_search::{Asker, Choices, Fidelity, History, Proposal, SearchError, Strategy};

/// Hill climbing from the best of what a score picked.
#[derive(Clone, Debug)]
pub struct AssistedClimb {
    drawn: usize,
    first: usize,
    /// Picked ones that are still to be evaluated, the next one last.
    waiting: Vec<Choices>,
    /// Where the climb is.
    here: Option<usize>,
    /// Neighbours of `here` that were not looked at, the next one last.
    neighbours: Vec<Choices>,
    climbing: bool,
}

impl AssistedClimb {
    /// `drawn` is M, `first` is N.
    #[must_use]
    pub const fn new(drawn: usize, first: usize) -> Self {
        Self { drawn, first, waiting: Vec::new(), here: None, neighbours: Vec::new(), climbing: false }
    }

    fn go_to(&mut self, at: usize, history: &History, asker: &mut Asker<'_>) {
        self.here = Some(at);
        self.neighbours = asker.space().neighbours(&history.trials()[at].choices);
        for i in (1..self.neighbours.len()).rev() {
            let j = ((u64::from(asker.rng.next_u32()) * (i as u64 + 1)) >> 32) as usize;
            self.neighbours.swap(i, j);
        }
    }

    /// The next neighbour that is new, after steps to better ones that are known.
    fn climb(&mut self, history: &History, asker: &mut Asker<'_>) -> Result<Option<Choices>, SearchError> {
        while let Some(here) = self.here {
            let last = history.trials().len() - 1;
            if last != here && history.beats(last, here) && is_full(history, last) {
                self.go_to(last, history, asker);
                continue;
            }
            let Some(next) = self.neighbours.pop() else {
                self.here = None;
                break;
            };
            match history.find(&next) {
                Some(known) if history.beats(known, here) => self.go_to(known, history, asker),
                Some(_) => {}
                None if asker.space().allows(&next)? => return Ok(Some(next)),
                None => {}
            }
        }
        Ok(None)
    }
}

impl Strategy for AssistedClimb {
    fn ask(&mut self, history: &History, asker: &mut Asker<'_>) -> Result<Vec<Proposal>, SearchError> {
        if history.trials().is_empty() {
            return Ok(asker.draw_many(self.drawn.max(1))?.into_iter().map(Proposal::assist).collect());
        }
        if history.spent().evaluations == 0 && self.waiting.is_empty() {
            let best = history.ranking(Fidelity::Assist).into_iter().take(self.first);
            self.waiting = best.map(|at| history.trials()[at].choices.clone()).collect();
            self.waiting.reverse();
        }
        if let Some(next) = self.waiting.pop() {
            return Ok(vec![Proposal::full(next)]);
        }
        if !self.climbing {
            self.climbing = true;
            if let Some(best) = history.best() {
                self.go_to(best, history, asker);
            }
        } else if self.here.is_none() {
            // The network that was drawn for a new climb.
            let last = history.trials().len() - 1;
            self.go_to(last, history, asker);
        }
        let next = match self.climb(history, asker)? {
            Some(next) => Some(next),
            None => asker.drawn()?,
        };
        Ok(next.map(Proposal::full).into_iter().collect())
    }
}

fn is_full(history: &History, at: usize) -> bool {
    history.trials()[at].fidelity == Fidelity::Full
}
