//! NSGA-II (Deb, Pratap, Agarwal, Meyarivan, IEEE TEC 2002): a front of networks instead of one.
//!
//! What is to be small: minus the fitness, then the evaluator's costs (SRAM, flash, MACs or latency). A population of N
//! gives N children: two binary tournaments by (front, crowding), a cross, a mutation. Of both together the first
//! fronts are kept; of the front that does not fit as a whole, the networks with the most room around them.
//!
//! Crowding of a network: the sum over objectives of (next larger − next smaller) / (largest − smallest) in its front,
//! ∞ at the ends. A network without a score is never a parent and never in a front.

use rand_pcg::Pcg32;

use crate::{
    Asker, Choices, Fidelity, History, Proposal, SearchError, SearchSpace, Strategy,
    draw::{below, chance},
    pareto::{crowding, fronts},
};

/// Share of children that are crosses of two parents.
const CROSSED: f64 = 0.9;

/// A search for a front.
#[derive(Clone, Debug)]
pub struct Nsga2 {
    population: usize,
    parents: Vec<usize>,
    /// Children of this generation that were asked for.
    asked: usize,
    /// Where this generation begins in the history.
    generation: usize,
}

impl Nsga2 {
    /// With a population of N, at least 1.
    #[must_use]
    pub const fn new(population: usize) -> Self {
        let population = if population == 0 { 1 } else { population };
        Self { population, parents: Vec::new(), asked: 0, generation: 0 }
    }

    /// The next parents: the best of parents and children.
    fn select(&mut self, history: &History) {
        let children = history.accepted(Fidelity::Full).filter(|at| *at >= self.generation);
        let all: Vec<usize> = self.parents.iter().copied().chain(children).collect();
        let all: Vec<usize> = all.into_iter().filter(|at| history.trials()[*at].score.is_some()).collect();
        let ranks = Ranks::of(history, &all);
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by(|a, b| ranks.compare(*a, *b));
        self.parents = order.into_iter().take(self.population).map(|i| all[i]).collect();
        self.generation = history.trials().len();
        self.asked = 0;
    }
}

impl Strategy for Nsga2 {
    fn ask(&mut self, history: &History, asker: &mut Asker<'_>) -> Result<Vec<Proposal>, SearchError> {
        if self.asked >= self.population {
            self.select(history);
        }
        let count = asker.room.min(self.population - self.asked);
        let made = if self.parents.is_empty() {
            asker.draw_many(count)?
        } else {
            let ranks = Ranks::of(history, &self.parents);
            let space = asker.space();
            let mut children = Vec::new();
            while children.len() < count
                && let Some(child) = asker.bred(|rng| self.child(history, &ranks, space, rng))?
            {
                children.push(child);
            }
            children
        };
        self.asked += made.len();
        Ok(made.into_iter().map(Proposal::full).collect())
    }
}

impl Nsga2 {
    fn child(&self, history: &History, ranks: &Ranks, space: &dyn SearchSpace, rng: &mut Pcg32) -> Choices {
        let parent = |rng: &mut Pcg32| {
            let (a, b) = (below(rng, self.parents.len()), below(rng, self.parents.len()));
            let winner = if ranks.compare(a, b).is_le() { a } else { b };
            &history.trials()[self.parents[winner]].choices
        };
        let mother = parent(rng);
        let child = if chance(rng, CROSSED) { space.cross(mother, parent(rng), rng) } else { mother.clone() };
        let active = (0..child.len()).filter(|at| space.is_active(&child, *at)).count();
        space.mutate(&child, 1.0 / active.max(1) as f64, rng)
    }
}

/// Front and crowding of each of some trials.
struct Ranks {
    front: Vec<usize>,
    crowding: Vec<f64>,
    id: Vec<u64>,
}

impl Ranks {
    fn of(history: &History, trials: &[usize]) -> Self {
        let points: Vec<Vec<f64>> = trials.iter().map(|at| objectives(history, *at)).collect();
        let (mut front, mut room) = (vec![0; trials.len()], vec![0.0; trials.len()]);
        for (number, members) in fronts(&points).into_iter().enumerate() {
            for (member, crowding) in members.iter().zip(crowding(&points, &members)) {
                (front[*member], room[*member]) = (number, crowding);
            }
        }
        Self { front, crowding: room, id: trials.iter().map(|at| history.trials()[*at].id).collect() }
    }

    /// The smaller is the better one.
    fn compare(&self, a: usize, b: usize) -> std::cmp::Ordering {
        let front = self.front[a].cmp(&self.front[b]);
        front.then_with(|| self.crowding[b].total_cmp(&self.crowding[a])).then_with(|| self.id[a].cmp(&self.id[b]))
    }
}

/// What is to be small of a trial.
fn objectives(history: &History, at: usize) -> Vec<f64> {
    let costs = history.trials()[at].costs.iter();
    std::iter::once(-history.fitness()[at]).chain(costs.copied()).collect()
}

impl History {
    /// The full evaluations that no other one is better than in something and as good in the rest: positions, in order.
    /// What is better: a larger fitness, smaller costs. Equals are all in it.
    #[must_use]
    pub fn front(&self) -> Vec<usize> {
        let scored: Vec<usize> =
            self.accepted(Fidelity::Full).filter(|at| self.trials()[*at].score.is_some()).collect();
        let points: Vec<Vec<f64>> = scored.iter().map(|at| objectives(self, *at)).collect();
        let mut front: Vec<usize> = fronts(&points).into_iter().next().unwrap_or_default();
        front.sort_unstable();
        front.into_iter().map(|i| scored[i]).collect()
    }
}
