//! Parents and children of regularised evolution.

use std::cmp::Reverse;

use rand::Rng;
use tinynas_model::Genotype;
use tinynas_score::rank_sum;

use crate::{Admission, CandidateRecord, Search};

/// Choices of a child that differ from its parents' on average.
const MUTATIONS: f64 = 1.5;

/// The living and their fitness: the last `population` accepted candidates, because the oldest die.
#[derive(Debug)]
pub struct Living<'a> {
    search: &'a Search<'a>,
    members: Vec<&'a CandidateRecord>,
    /// Rank sum of each among all candidates so far, the dead included.
    fitness: Vec<f64>,
}

impl<'a> Living<'a> {
    pub fn new(search: &'a Search<'a>, candidates: &'a [CandidateRecord], admissions: &[Admission]) -> Self {
        let scores: Vec<_> = candidates.iter().map(|candidate| &candidate.scores).collect();
        let fitness = rank_sum(&scores, &search.config.proxies);
        let accepted = candidates.iter().zip(fitness).zip(admissions);
        let accepted: Vec<_> = accepted.filter(|(_, one)| **one == Admission::Accepted).map(|(one, _)| one).collect();
        let dead = accepted.len().saturating_sub(search.config.population as usize);
        let (members, fitness) = accepted.into_iter().skip(dead).unzip();
        Self { search, members, fitness }
    }

    /// Whether the last of `candidates` has a higher rank sum among all of them than the least of the living, which
    /// are those before it.
    pub fn would_welcome_last(search: &Search<'_>, candidates: &[CandidateRecord], admissions: &[Admission]) -> bool {
        let scores: Vec<_> = candidates.iter().map(|candidate| &candidate.scores).collect();
        let fitness = rank_sum(&scores, &search.config.proxies);
        let Some((last, before)) = fitness.split_last() else { return false };
        let accepted = before.iter().zip(admissions).filter(|(_, one)| **one == Admission::Accepted);
        let living: Vec<&f64> =
            accepted.map(|(fitness, _)| fitness).rev().take(search.config.population as usize).collect();
        living.len() < search.config.population as usize || living.iter().any(|fitness| last > *fitness)
    }

    /// A mutant of one parent, or, as likely, of a cross of two.
    pub fn child(&self, rng: &mut impl Rng) -> Genotype {
        let space = self.search.space;
        let mother = self.parent(rng);
        if below(rng, 2) == 0 {
            return space.mutate(mother, rate(mother), rng);
        }
        let cross = space.crossover(mother, self.parent(rng), rng);
        space.mutate(&cross, rate(&cross), rng)
    }

    /// The fittest of `tournament` draws, which may repeat; the smaller id of equals.
    fn parent(&self, rng: &mut impl Rng) -> &'a Genotype {
        let mut best = below(rng, self.members.len());
        for _ in 1..self.search.config.tournament {
            let other = below(rng, self.members.len());
            let order = self.fitness[other].total_cmp(&self.fitness[best]);
            if order.then_with(|| Reverse(self.members[other].id).cmp(&Reverse(self.members[best].id))).is_gt() {
                best = other;
            }
        }
        &self.members[best].genotype
    }
}

/// The rate at which [`MUTATIONS`] choices change on average: one per depth, two per block.
fn rate(genotype: &Genotype) -> f64 {
    let choices: usize = genotype.stages.iter().map(|stage| 1 + 2 * stage.len()).sum();
    (MUTATIONS / choices.max(1) as f64).min(0.5)
}

/// A number from 0 to `n - 1` (Lemire's multiplication; its bias is below n / 2³²).
fn below(rng: &mut impl Rng, n: usize) -> usize {
    ((u64::from(rng.next_u32()) * n as u64) >> 32) as usize
}
