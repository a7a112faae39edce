//! Local search (White, Nolen, Savani, UAI 2021): hill climbing over networks that are one edit away, with restarts.
//!
//! From a drawn network to a better neighbour, until none is better; then from another drawn one. [`Step::Best`]
//! looks at all neighbours and takes the best, [`Step::First`] takes the first that is better, which the paper
//! calls *query until lower* and which needs fewer evaluations per step. Neighbours are looked at in a drawn order.
//! What was evaluated before costs nothing again.

use crate::{Admission, Asker, Choices, History, Proposal, SearchError, Strategy, draw::shuffled};

/// Which better neighbour is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Step {
    /// The first that is found.
    #[default]
    First,
    /// The best of all.
    Best,
}

/// Hill climbing.
#[derive(Clone, Debug, Default)]
pub struct LocalSearch {
    step: Step,
    /// The drawn network that a climb starts from, until it is evaluated.
    start: Option<Choices>,
    /// Where the climb is.
    here: Option<usize>,
    neighbours: Vec<Choices>,
    /// Those that were not asked for yet.
    waiting: Vec<Choices>,
}

impl LocalSearch {
    /// Climbs by such steps.
    #[must_use]
    pub fn new(step: Step) -> Self {
        Self { step, ..Self::default() }
    }

    fn go_to(&mut self, at: usize, history: &History, asker: &mut Asker<'_>) {
        self.here = Some(at);
        let neighbours = asker.space().neighbours(&history.trials()[at].choices);
        self.waiting = shuffled(&mut asker.rng, neighbours.len()).iter().map(|i| neighbours[*i].clone()).collect();
        self.neighbours = neighbours;
    }

    /// The best neighbour that was evaluated, if it is better than `here`.
    fn better(&self, here: usize, history: &History) -> Option<usize> {
        let known = self.neighbours.iter().filter_map(|choices| history.find(choices));
        let better = known.filter(|at| lives(history, *at) && history.beats(*at, here));
        better.reduce(|best, at| if history.beats(at, best) { at } else { best })
    }

    /// The next neighbours to evaluate: those that are new and allowed.
    fn next(&mut self, asker: &mut Asker<'_>) -> Result<Vec<Choices>, SearchError> {
        let mut next = Vec::new();
        while next.len() < asker.room
            && let Some(choices) = self.waiting.pop()
        {
            next.extend(asker.admit(choices)?);
        }
        Ok(next)
    }
}

impl Strategy for LocalSearch {
    fn ask(&mut self, history: &History, asker: &mut Asker<'_>) -> Result<Vec<Proposal>, SearchError> {
        if let Some(at) = self.start.take().and_then(|start| history.find(&start)).filter(|at| lives(history, *at)) {
            self.go_to(at, history, asker);
        }
        while let Some(here) = self.here {
            let better = self.better(here, history);
            let all_known = self.waiting.is_empty();
            match better {
                Some(better) if self.step == Step::First || all_known => self.go_to(better, history, asker),
                None if all_known => self.here = None,
                _ => {
                    let next = self.next(asker)?;
                    if !next.is_empty() {
                        return Ok(next.into_iter().map(Proposal::full).collect());
                    }
                }
            }
        }
        self.start = asker.drawn()?;
        Ok(self.start.clone().map(Proposal::full).into_iter().collect())
    }
}

fn lives(history: &History, at: usize) -> bool {
    history.trials()[at].admission == Admission::Accepted
}
