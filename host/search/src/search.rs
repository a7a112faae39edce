//! A search from its first candidate to its ranking.

use std::{collections::HashMap, sync::atomic::AtomicBool};

use rand_pcg::Pcg32;
use tinynas_cost::Limits;
use tinynas_model::{CandidateId, Genotype, Network};
use tinynas_score::{Scorer, Scores, ranking};
use tinynas_space::{Space, Variant};

use crate::{
    CandidateRecord, EvolutionConfig, Outcome, SearchError, Strategy,
    evolution::Living,
    maker::{Candidate, Maker},
    pool,
};

/// Candidates that are made before any of them is scored. A constant, so that threads change nothing: it bounds how
/// many can work at once, and each child is bred without knowing those of its own generation.
const GENERATION: usize = 8;
/// Stream of the random numbers that candidates are made from.
const STREAM: u64 = 0x5EA2_C4ED;

/// A search for the best networks of one variant.
#[derive(Clone, Debug)]
pub struct Search<'a> {
    /// The space.
    pub space: &'a Space,
    /// Its variant.
    pub variant: Variant,
    /// What every scored network keeps to.
    pub limits: &'a Limits,
    /// Numbers of the search.
    pub config: EvolutionConfig,
    /// Scores candidates; shared by the threads.
    pub scorer: &'a Scorer,
    /// Scores that are known, for example from the journal of a search that was interrupted.
    pub known: &'a HashMap<CandidateId, Scores>,
    /// Threads that score; at most one per candidate of a generation is used.
    pub threads: usize,
    /// Ends the search after the candidates that are being scored.
    pub stop: &'a AtomicBool,
}

impl Search<'_> {
    /// Searches by evolution. `on_scored` takes every candidate in the order of evaluation as soon as it and those
    /// before it are scored, and is told whether the score is new.
    ///
    /// # Errors
    /// [`SearchError::Infeasible`] if nothing fits, [`SearchError::Interrupted`], [`SearchError::Kept`] if
    /// `on_scored` fails, or why the networks cannot be made, counted or scored.
    pub fn run(
        &self,
        on_scored: &(dyn Fn(&CandidateRecord, bool) -> Result<(), String> + Sync),
    ) -> Result<Outcome, SearchError> {
        self.run_as(Strategy::Evolution, on_scored)
    }

    /// As [`Self::run`], by any strategy.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn run_as(
        &self,
        strategy: Strategy,
        on_scored: &(dyn Fn(&CandidateRecord, bool) -> Result<(), String> + Sync),
    ) -> Result<Outcome, SearchError> {
        self.config.check(self.scorer)?;
        let evaluations = self.config.evaluations as usize;
        let mut rng = Pcg32::new(self.config.seed, STREAM);
        let mut maker = Maker::new(self);
        let mut candidates: Vec<CandidateRecord> = Vec::new();
        while candidates.len() < evaluations {
            let generation = self.generation(strategy, &candidates, &mut maker, &mut rng)?;
            if generation.is_empty() {
                break;
            }
            candidates.extend(pool::score(self, candidates.len(), &generation, on_scored)?);
        }
        if candidates.is_empty() {
            return Err(maker.nothing_fits()?);
        }
        let scores: Vec<&Scores> = candidates.iter().map(|candidate| &candidate.scores).collect();
        let ranking = ranking(&scores, &self.config.proxies, |i| candidates[i].id);
        Ok(Outcome { ranking, infeasible: maker.infeasible(), candidates })
    }

    /// The next candidates to score. Fewer than asked for, or none, if the variant has no more that fit.
    fn generation(
        &self,
        strategy: Strategy,
        candidates: &[CandidateRecord],
        maker: &mut Maker<'_>,
        rng: &mut Pcg32,
    ) -> Result<Vec<Candidate>, SearchError> {
        let (evaluations, population) = (self.config.evaluations as usize, self.config.population as usize);
        let bred = strategy == Strategy::Evolution && candidates.len() >= population;
        let until = if bred || strategy == Strategy::Random { evaluations } else { evaluations.min(population) };
        let living = Living::new(self, candidates);
        let mut generation = Vec::new();
        for _ in 0..GENERATION.min(until - candidates.len()) {
            let candidate = if bred { maker.bred(rng, |rng| living.child(rng))? } else { maker.drawn(rng)? };
            match candidate {
                Some(candidate) => generation.push(candidate),
                None => break,
            }
        }
        Ok(generation)
    }

    /// The network of a genotype of this search's variant.
    pub(crate) fn network(&self, genotype: &Genotype) -> Result<Network, SearchError> {
        let EvolutionConfig { channels, classes, .. } = self.config;
        Ok(self.space.architecture(self.variant, genotype, channels, classes)?.network()?)
    }
}
