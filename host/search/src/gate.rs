//! A last question to whatever can say no to a scored candidate: a board that runs it, for example.

use tinynas_model::Network;

use crate::CandidateRecord;

/// Whether a candidate may live: be a parent, be ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It lives.
    Accepted,
    /// It was looked at and is refused.
    Refused,
    /// Its score is below that of all the living: nothing was asked.
    NotAsked,
}

/// Looks at a scored candidate, in the order of evaluation, and may note in it what it found. Asked only of those that
/// keep to the limits and whose rank sum is above the least of the living, or while there are fewer than the population.
pub trait Gate {
    /// Whether the candidate may live.
    ///
    /// # Errors
    /// In words; they end the search with [`SearchError::Gate`](crate::SearchError::Gate).
    fn admit(&mut self, candidate: &mut CandidateRecord, network: &Network) -> Result<bool, String>;
}
