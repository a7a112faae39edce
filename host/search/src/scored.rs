//! Candidates looked at by proxies: an evaluator that keeps records and asks the gate.

use std::sync::atomic::Ordering;

use tinynas_score::{Scores, rank_sum};

use crate::{
    Admission, CandidateRecord, Evaluation, Evaluator, Fidelity, Gate, History, Proposal, Search, SearchError,
    family::Family,
    pool::{self, Candidate, OnScored},
};

/// Scores candidates; their fitness is the rank sum among all.
pub struct Scored<'a, 'g> {
    search: &'a Search<'a>,
    family: &'a Family<'a>,
    on_scored: &'a OnScored<'a>,
    gate: Option<&'a mut (dyn Gate + 'g)>,
    /// Candidates in the order of evaluation.
    pub records: Vec<CandidateRecord>,
    /// The batch that is being looked at, from its first record on.
    batch: Vec<Candidate>,
    first: usize,
}

impl<'a, 'g> Scored<'a, 'g> {
    pub fn new(
        search: &'a Search<'a>,
        family: &'a Family<'a>,
        on_scored: &'a OnScored<'a>,
        gate: Option<&'a mut (dyn Gate + 'g)>,
    ) -> Self {
        Self { search, family, on_scored, gate, records: Vec::new(), batch: Vec::new(), first: 0 }
    }

    /// The candidate that is proposed. It was found to keep to the limits before.
    fn candidate(&self, proposal: &Proposal) -> Result<Candidate, SearchError> {
        let genotype = self.family.genotype(&proposal.choices);
        let network = self.search.network(&genotype)?;
        let cost = self.family.cost(&genotype)?;
        let cost = cost.ok_or_else(|| SearchError::Evaluation(format!("`{genotype}` breaks a limit")))?;
        Ok(Candidate { id: self.family.candidate(&genotype), genotype, network, cost })
    }

    /// Normalised rank sums of the records that are known: 0 to 1.
    fn ranks(&self, known: usize) -> Vec<f64> {
        let scores: Vec<&Scores> = self.records.iter().take(known).map(|record| &record.scores).collect();
        let most = (scores.len() * self.search.config.proxies.len()).max(1) as f64;
        rank_sum(&scores, &self.search.config.proxies).into_iter().map(|sum| sum / most).collect()
    }
}

impl Evaluator for Scored<'_, '_> {
    fn evaluate(&mut self, proposal: &Proposal) -> Result<Evaluation, SearchError> {
        let mut all = self.evaluate_all(std::slice::from_ref(proposal))?;
        all.pop().ok_or_else(|| SearchError::Evaluation("nothing was scored".into()))
    }

    fn evaluate_all(&mut self, proposals: &[Proposal]) -> Result<Vec<Evaluation>, SearchError> {
        let candidates = proposals.iter().map(|proposal| self.candidate(proposal)).collect::<Result<Vec<_>, _>>()?;
        if proposals.iter().all(|proposal| proposal.fidelity == Fidelity::Assist) {
            // What costs nothing assists.
            let relu_units = |candidate: &Candidate| Evaluation::of(candidate.network.relu_units() as f64);
            return Ok(candidates.iter().map(relu_units).collect());
        }
        self.batch = candidates;
        self.first = self.records.len();
        self.records.extend(pool::score(self.search, self.first, &self.batch, self.on_scored)?);
        let evaluation = |record: &CandidateRecord| {
            let complete = self.search.config.proxies.iter().all(|proxy| record.scores.get(*proxy).is_some());
            let costs = [record.sram_bytes, record.flash_bytes, record.macs].map(|cost| cost as f64);
            // The rank decides; that there is a score is all that is said here.
            Evaluation { score: complete.then_some(0.0), costs: costs.to_vec(), seconds: None }
        };
        Ok(self.records[self.first..].iter().map(evaluation).collect())
    }

    fn fitness(&self, history: &History) -> Option<Vec<f64>> {
        let full = history.trials().iter().filter(|trial| trial.fidelity == Fidelity::Full).count();
        let mut ranks = self.ranks(full).into_iter();
        let fitness = history.trials().iter().map(|trial| match trial.fidelity {
            Fidelity::Full => ranks.next().unwrap_or(f64::NEG_INFINITY),
            _ => trial.score.unwrap_or(f64::NEG_INFINITY),
        });
        Some(fitness.collect())
    }

    /// Asks the gate, if the last candidate ranks above the least of the living, which are those before it.
    fn admit(&mut self, history: &History) -> Result<Admission, SearchError> {
        let Some((last, before)) = history.trials().split_last() else { return Ok(Admission::Accepted) };
        if self.gate.is_none() || last.fidelity != Fidelity::Full {
            return Ok(Admission::Accepted);
        }
        if self.search.stop.load(Ordering::Relaxed) {
            return Err(SearchError::Interrupted);
        }
        let fitness = self.fitness(history).unwrap_or_default();
        let Some((fitness, others)) = fitness.split_last() else { return Ok(Admission::NotAsked) };
        let population = self.search.config.population as usize;
        let lives = |(_, trial): &(&f64, &crate::Trial)| {
            trial.fidelity == Fidelity::Full && trial.admission == Admission::Accepted
        };
        let living: Vec<f64> =
            others.iter().zip(before).filter(lives).map(|(fitness, _)| *fitness).rev().take(population).collect();
        if living.len() == population && living.iter().all(|other| fitness <= other) {
            return Ok(Admission::NotAsked);
        }
        let at = history.spent().evaluations as usize - 1;
        let (Some(gate), Some(record), Some(candidate)) =
            (&mut self.gate, self.records.get_mut(at), self.batch.get(at - self.first))
        else {
            return Ok(Admission::NotAsked);
        };
        match gate.admit(record, &candidate.network).map_err(SearchError::Gate)? {
            true => Ok(Admission::Accepted),
            false => Ok(Admission::Refused),
        }
    }
}
