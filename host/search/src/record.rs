//! What a search gives: its candidates in the order of evaluation, and their ranking.

use serde::{Deserialize, Serialize};
use tinynas_model::{CandidateId, Genotype};
use tinynas_score::Scores;
use tinynas_space::Variant;

use crate::Admission;

/// One scored candidate: a line of `candidates.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CandidateRecord {
    /// Position in the order of evaluation, from 0.
    pub index: u64,
    /// Its variant.
    pub variant: Variant,
    /// Its choices.
    pub genotype: Genotype,
    /// Hash of space, variant and choices.
    pub id: CandidateId,
    /// Multiply-accumulates of one inference.
    pub macs: u64,
    /// Trainable parameters.
    pub params: u64,
    /// Rectified elements of one inference.
    pub relu_units: u64,
    /// Peak SRAM under the limits' engine.
    pub sram_bytes: u64,
    /// Model and code in flash under the limits' engine.
    pub flash_bytes: u64,
    /// Its scores. A proxy that cannot score this network is missing; then the candidate never wins.
    pub scores: Scores,
    /// Latency of one inference in milliseconds, if a device was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<f64>,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Scored candidates in the order of evaluation: fewer than asked for if the variant has no more that fit.
    pub candidates: Vec<CandidateRecord>,
    /// Different candidates that were made, broke a limit and were not scored.
    pub infeasible: u64,
    /// Positions in `candidates`, best first by the rank sum over all of them; equal sums in the order of the ids.
    /// Those that were not accepted are left out.
    pub ranking: Vec<usize>,
    /// What became of each of `candidates`; all are accepted where nothing was asked.
    pub admissions: Vec<Admission>,
}

impl Outcome {
    /// How many candidates came to this end.
    #[must_use]
    pub fn count(&self, admission: Admission) -> u64 {
        self.admissions.iter().filter(|one| **one == admission).count() as u64
    }

    /// The best candidate; `None` if there is none.
    #[must_use]
    pub fn best(&self) -> Option<&CandidateRecord> {
        self.candidates.get(*self.ranking.first()?)
    }
}
