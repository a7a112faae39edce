//! A search for the networks of one variant, from its first candidate to its ranking.

use std::{collections::HashMap, sync::atomic::AtomicBool};

use tinynas_cost::{Bytes, Limit, Limits, cost, peak_layer};
use tinynas_model::{CandidateId, Genotype, Network};
use tinynas_score::{Scorer, Scores, ranking};
use tinynas_space::{Space, Variant};

use crate::{
    Admission, Budget, CandidateRecord, Driver, EvolutionConfig, Fidelity, Gate, GivenFirst, Outcome, SearchError,
    StrategyKind, family::Family, prefilter::prefilter, scored::Scored,
};

/// Candidates that are made before any of them is scored. A constant, so that threads change nothing: it bounds how
/// many can work at once, and each child is bred without knowing those of its own generation.
const GENERATION: usize = 8;

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
        gate: Option<&mut dyn Gate>,
    ) -> Result<Outcome, SearchError> {
        self.config.check(self.scorer)?;
        let family = self.family();
        let driver = Driver {
            budget: Budget::evaluations(self.config.evaluations.into()),
            seed: self.config.seed,
            batch: GENERATION,
            stop: None,
        };
        let mut scored = Scored::new(self, &family, on_scored, gate);
        let mut strategy = self.config.strategy(strategy);
        if self.config.prefilter > 0 {
            let best = prefilter(self, self.config.prefilter, self.config.population as usize)?;
            let best = best.iter().map(|genotype| family.choices(genotype)).collect();
            strategy = Box::new(GivenFirst::new(best, strategy));
        }
        let history = driver.run(&family, &mut *strategy, &mut scored)?;
        let candidates = scored.records;
        if candidates.is_empty() {
            return Err(self.nothing_fits()?);
        }
        let full = history.trials().iter().filter(|trial| trial.fidelity == Fidelity::Full);
        let admissions: Vec<Admission> = full.map(|trial| trial.admission).collect();
        let scores: Vec<&Scores> = candidates.iter().map(|candidate| &candidate.scores).collect();
        let mut ranking = ranking(&scores, &self.config.proxies, |i| candidates[i].id);
        ranking.retain(|at| admissions[*at] == Admission::Accepted);
        Ok(Outcome { ranking, infeasible: history.infeasible(), candidates, admissions })
    }

    /// The variant as a space of choices.
    #[must_use]
    pub fn family(&self) -> Family<'_> {
        let EvolutionConfig { channels, classes, .. } = self.config;
        Family::new(self.space, self.variant, self.limits, channels, classes)
    }

    /// The network of a genotype of this search's variant.
    pub(crate) fn network(&self, genotype: &Genotype) -> Result<Network, SearchError> {
        let EvolutionConfig { channels, classes, .. } = self.config;
        Ok(self.space.architecture(self.variant, genotype, channels, classes)?.network()?)
    }

    /// What to say if no network was found: the needs of the smallest.
    fn nothing_fits(&self) -> Result<SearchError, SearchError> {
        let Search { space, variant, limits, .. } = self;
        let network = self.network(&space.smallest())?;
        let needs = cost(&network, limits.engine)?;
        let (limit, Bytes(budget), Bytes(smallest)) = match limits.macs {
            Some(macs) if needs.macs > macs => (Limit::Macs, Bytes(macs), Bytes(needs.macs)),
            _ if needs.flash > limits.flash => (Limit::Flash, limits.flash, needs.flash),
            _ => (Limit::Sram, limits.sram, needs.sram),
        };
        let layer = if limit == Limit::Sram { Some(peak_layer(&network, limits.engine)?.0) } else { None };
        Ok(SearchError::Infeasible { space: space.name.clone(), variant: *variant, limit, budget, smallest, layer })
    }
}
