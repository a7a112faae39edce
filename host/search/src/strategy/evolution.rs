//! Regularised evolution (Real, Aggarwal, Huang, Le, AAAI 2019) and AREA (Mellor et al., ICML 2021, Alg. 2).
//!
//! The last P networks that were accepted live: the oldest die, not the worst. A parent is the fittest of S drawn from
//! the living, a child its mutant. AREA differs in how it starts: M networks are drawn and scored by what assists, and
//! the best N of them, not N drawn ones, are the first population (P = N; M = 20, N = 10 in the paper).
//!
//! Trap: Real et al. draw the S without return, here one may be drawn twice, as in AREA's published code.

use rand_pcg::Pcg32;

use crate::{Asker, Choices, Fidelity, History, Proposal, SearchError, SearchSpace, Strategy, draw::below};

/// Choices of a crossed child that differ from its parents' on average.
const MUTATIONS: f64 = 1.5;

/// How the first population is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Drawn.
    Drawn,
    /// The best by the score that assists.
    Assisted {
        /// M: networks that are drawn and scored, at least the population.
        drawn: usize,
    },
}

/// How children are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breeding {
    /// A parent with one edit.
    Edited,
    /// Each choice of a parent, or as likely of a cross of two, changes with a small probability: 1.5 of them on
    /// average.
    Crossed,
}

/// Evolution in which the oldest die.
#[derive(Clone, Debug)]
pub struct Evolution {
    population: usize,
    tournament: usize,
    start: Start,
    breeding: Breeding,
    /// First networks that are still to be evaluated, the next one last.
    waiting: Vec<Choices>,
}

impl Evolution {
    /// Regularised evolution with P living, S of which are drawn for a parent; children differ by one edit.
    #[must_use]
    pub const fn regularised(population: usize, tournament: usize) -> Self {
        Self { population, tournament, start: Start::Drawn, breeding: Breeding::Edited, waiting: Vec::new() }
    }

    /// AREA: `drawn` is the paper's M, `population` its N, `tournament` the size of its S.
    #[must_use]
    pub const fn area(drawn: usize, population: usize, tournament: usize) -> Self {
        let start = Start::Assisted { drawn };
        Self { population, tournament, start, breeding: Breeding::Edited, waiting: Vec::new() }
    }

    /// With another way of making children.
    #[must_use]
    pub fn breeding(self, breeding: Breeding) -> Self {
        Self { breeding, ..self }
    }

    /// The first networks that are accepted: as many as live.
    fn first(&mut self, count: usize, asker: &mut Asker<'_>) -> Result<Vec<Choices>, SearchError> {
        let mut first = Vec::new();
        while first.len() < count {
            let next = match self.waiting.pop() {
                Some(waiting) => asker.admit(waiting)?,
                None => match asker.drawn()? {
                    Some(drawn) => Some(drawn),
                    None => break,
                },
            };
            first.extend(next);
        }
        Ok(first)
    }
}

impl Strategy for Evolution {
    fn ask(&mut self, history: &History, asker: &mut Asker<'_>) -> Result<Vec<Proposal>, SearchError> {
        if let Start::Assisted { drawn } = self.start {
            if history.trials().is_empty() {
                let drawn = asker.draw_many(drawn.max(self.population))?;
                return Ok(drawn.into_iter().map(Proposal::assist).collect());
            }
            if history.spent().evaluations == 0 {
                let best = history.ranking(Fidelity::Assist).into_iter().take(self.population);
                self.waiting = best.map(|at| history.trials()[at].choices.clone()).collect();
                // What was scored to assist can still be evaluated.
                history.trials().iter().for_each(|trial| asker.put_back(&trial.choices));
                self.waiting.reverse();
            }
        }
        let living: Vec<usize> = history.accepted(Fidelity::Full).rev().take(self.population).collect();
        let wanting = self.population - living.len();
        let made = if wanting > 0 {
            self.first(asker.room.min(wanting), asker)?
        } else {
            let living = Living { history, living, tournament: self.tournament };
            let space = asker.space();
            let mut children = Vec::new();
            while children.len() < asker.room
                && let Some(child) = asker.bred(|rng| living.child(space, self.breeding, rng))?
            {
                children.push(child);
            }
            children
        };
        Ok(made.into_iter().map(Proposal::full).collect())
    }
}

/// The living, the youngest first.
struct Living<'a> {
    history: &'a History,
    living: Vec<usize>,
    tournament: usize,
}

impl Living<'_> {
    fn child(&self, space: &dyn SearchSpace, breeding: Breeding, rng: &mut Pcg32) -> Choices {
        let mother = self.parent(rng);
        if breeding == Breeding::Edited {
            return space.mutate(mother, 0.0, rng);
        }
        if below(rng, 2) == 0 {
            return space.mutate(mother, rate(space, mother), rng);
        }
        let cross = space.cross(mother, self.parent(rng), rng);
        space.mutate(&cross, rate(space, &cross), rng)
    }

    /// The fittest of `tournament` draws, which may repeat; the smaller id of equals.
    fn parent(&self, rng: &mut Pcg32) -> &[u8] {
        // Counted from the oldest.
        let drawn = |rng: &mut Pcg32| self.living[self.living.len() - 1 - below(rng, self.living.len())];
        let mut best = drawn(rng);
        for _ in 1..self.tournament {
            let other = drawn(rng);
            if self.history.beats(other, best) {
                best = other;
            }
        }
        &self.history.trials()[best].choices
    }
}

/// The rate at which [`MUTATIONS`] active choices change on average.
fn rate(space: &dyn SearchSpace, choices: &[u8]) -> f64 {
    let active = (0..choices.len()).filter(|at| space.is_active(choices, *at)).count();
    (MUTATIONS / active.max(1) as f64).min(0.5)
}
