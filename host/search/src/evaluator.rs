//! What says how good a network is: a proxy, a table, a trained accuracy, a measured latency.

use crate::{Admission, Choices, History, SearchError};

/// How thoroughly a network is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fidelity {
    /// By the cheap score that assists the search, such as a proxy where networks are trained. Costs no evaluation.
    Assist,
    /// After so many epochs of training. Costs these epochs and no evaluation.
    Epochs(u32),
    /// By the evaluator's own measure: one evaluation.
    Full,
}

/// A network to look at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Proposal {
    /// Which.
    pub choices: Choices,
    /// How thoroughly.
    pub fidelity: Fidelity,
    /// Epochs that it was trained for already, by an earlier proposal of this search: training goes on from there.
    pub trained: u32,
}

impl Proposal {
    /// A network to evaluate in full.
    #[must_use]
    pub const fn full(choices: Choices) -> Self {
        Self { choices, fidelity: Fidelity::Full, trained: 0 }
    }

    /// A network to look at by the score that assists.
    #[must_use]
    pub const fn assist(choices: Choices) -> Self {
        Self { choices, fidelity: Fidelity::Assist, trained: 0 }
    }
}

/// What was found out about a network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// Higher is better. Not a finite number, or `None`: there is no score, and the network never wins.
    pub score: Option<f64>,
    /// What is to be small beside: SRAM, flash, latency. As many for every network; only NSGA-II looks at them.
    pub costs: Vec<f64>,
    /// Seconds that it took, where these are read from a table or a journal; `None`: the clock decides.
    pub seconds: Option<f64>,
}

impl Evaluation {
    /// A score alone.
    #[must_use]
    pub const fn of(score: f64) -> Self {
        Self { score: Some(score), costs: Vec::new(), seconds: None }
    }

    /// With the seconds that it took.
    #[must_use]
    pub fn took(self, seconds: f64) -> Self {
        Self { seconds: Some(seconds), ..self }
    }

    /// With what is to be small.
    #[must_use]
    pub fn with_costs(self, costs: Vec<f64>) -> Self {
        Self { costs, ..self }
    }
}

/// Looks at networks.
pub trait Evaluator {
    /// Looks at one network. Scores of different fidelities are never compared.
    ///
    /// # Errors
    /// What every network would meet; a network that merely has no score is an [`Evaluation`] without one.
    fn evaluate(&mut self, proposal: &Proposal) -> Result<Evaluation, SearchError>;

    /// Looks at several networks, of which none depends on another: in this order, one result each. Who can use
    /// several threads does it here.
    ///
    /// # Errors
    /// As [`Self::evaluate`].
    fn evaluate_all(&mut self, proposals: &[Proposal]) -> Result<Vec<Evaluation>, SearchError> {
        proposals.iter().map(|proposal| self.evaluate(proposal)).collect()
    }

    /// Epochs of a full evaluation, for budgets in epochs.
    fn full_epochs(&self) -> u32 {
        1
    }

    /// The fitness of each trial of `history`, where a score means something only beside the others, as a rank sum;
    /// `None`: the score is the fitness. A trial without a score has −∞.
    fn fitness(&self, _history: &History) -> Option<Vec<f64>> {
        None
    }

    /// A last question about the last trial of `history`: whether it may live, that is, be a parent and win.
    ///
    /// # Errors
    /// If that cannot be told; the search ends.
    fn admit(&mut self, _history: &History) -> Result<Admission, SearchError> {
        Ok(Admission::Accepted)
    }
}
