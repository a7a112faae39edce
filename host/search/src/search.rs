//! A search from its first candidate to its ranking.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
};

use rand_pcg::Pcg32;
use tinynas_cost::Limits;
use tinynas_model::{CandidateId, Genotype, Network};
use tinynas_score::{Scorer, Scores, ranking};
use tinynas_space::{Space, Variant};

use crate::{
    Admission, CandidateRecord, EvolutionConfig, Gate, Outcome, SearchError, StrategyKind,
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
        self.run_as(StrategyKind::Evolution, on_scored)
    }

    /// As [`Self::run`], by any strategy.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn run_as(
        &self,
        strategy: StrategyKind,
        on_scored: &(dyn Fn(&CandidateRecord, bool) -> Result<(), String> + Sync),
    ) -> Result<Outcome, SearchError> {
        self.run_gated(strategy, on_scored, None)
    }

    /// As [`Self::run_as`]; before a candidate lives, `gate` is asked.
    ///
    /// # Errors
    /// As [`Self::run`], and [`SearchError::Gate`] if the gate fails.
    pub fn run_gated(
        &self,
        strategy: StrategyKind,
        on_scored: &(dyn Fn(&CandidateRecord, bool) -> Result<(), String> + Sync),
        mut gate: Option<&mut dyn Gate>,
    ) -> Result<Outcome, SearchError> {
        self.config.check(self.scorer)?;
        let evaluations = self.config.evaluations as usize;
        let mut rng = Pcg32::new(self.config.seed, STREAM);
        let mut maker = Maker::new(self);
        let mut candidates: Vec<CandidateRecord> = Vec::new();
        let mut admissions = Vec::new();
        while candidates.len() < evaluations {
            let generation = self.generation(strategy, &candidates, &admissions, &mut maker, &mut rng)?;
            if generation.is_empty() {
                break;
            }
            let scored = pool::score(self, candidates.len(), &generation, on_scored)?;
            for (record, made) in scored.into_iter().zip(&generation) {
                candidates.push(record);
                let gate: Option<&mut dyn Gate> = match &mut gate {
                    Some(gate) => Some(&mut **gate),
                    None => None,
                };
                admissions.push(self.admission(gate, &mut candidates, &admissions, made)?);
            }
        }
        if candidates.is_empty() {
            return Err(maker.nothing_fits()?);
        }
        let scores: Vec<&Scores> = candidates.iter().map(|candidate| &candidate.scores).collect();
        let mut ranking = ranking(&scores, &self.config.proxies, |i| candidates[i].id);
        ranking.retain(|at| admissions[*at] == Admission::Accepted);
        Ok(Outcome { ranking, infeasible: maker.infeasible(), candidates, admissions })
    }

    /// What becomes of the last of `candidates`.
    fn admission(
        &self,
        gate: Option<&mut dyn Gate>,
        candidates: &mut [CandidateRecord],
        admissions: &[Admission],
        made: &Candidate,
    ) -> Result<Admission, SearchError> {
        let Some(gate) = gate else { return Ok(Admission::Accepted) };
        if self.stop.load(Ordering::Relaxed) {
            return Err(SearchError::Interrupted);
        }
        if !Living::would_welcome_last(self, candidates, admissions) {
            return Ok(Admission::NotAsked);
        }
        let Some(last) = candidates.last_mut() else { return Ok(Admission::NotAsked) };
        match gate.admit(last, &made.network).map_err(SearchError::Gate)? {
            true => Ok(Admission::Accepted),
            false => Ok(Admission::Refused),
        }
    }

    /// The next candidates to score. Fewer than asked for, or none, if the variant has no more that fit.
    fn generation(
        &self,
        strategy: StrategyKind,
        candidates: &[CandidateRecord],
        admissions: &[Admission],
        maker: &mut Maker<'_>,
        rng: &mut Pcg32,
    ) -> Result<Vec<Candidate>, SearchError> {
        let (evaluations, population) = (self.config.evaluations as usize, self.config.population as usize);
        let alive = admissions.iter().filter(|one| **one == Admission::Accepted).count();
        let bred = strategy == StrategyKind::Evolution && alive >= population;
        let wanting = candidates.len() + population.saturating_sub(alive);
        let until = if bred || strategy == StrategyKind::Random { evaluations } else { evaluations.min(wanting) };
        let living = Living::new(self, candidates, admissions);
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
