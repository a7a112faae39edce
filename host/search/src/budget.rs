//! How much a search may spend, and what it has spent.

use crate::{Fidelity, Proposal};

/// Limits of a search; it ends at the first that is reached. What is `None` is not limited.
///
/// Evaluations and epochs are never exceeded. Time is looked at before an evaluation begins, so the last one may end
/// after it; [`History::best_at`](crate::History::best_at) leaves that one out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Budget {
    /// Full evaluations.
    pub evaluations: Option<u64>,
    /// Epochs of training, over all evaluations.
    pub epochs: Option<u64>,
    /// Seconds: those that evaluations say, else those of the clock.
    pub seconds: Option<f64>,
}

impl Budget {
    /// So many full evaluations.
    #[must_use]
    pub const fn evaluations(evaluations: u64) -> Self {
        Self { evaluations: Some(evaluations), epochs: None, seconds: None }
    }

    /// So many epochs.
    #[must_use]
    pub const fn epochs(epochs: u64) -> Self {
        Self { evaluations: None, epochs: Some(epochs), seconds: None }
    }

    /// So many seconds.
    #[must_use]
    pub const fn seconds(seconds: f64) -> Self {
        Self { evaluations: None, epochs: None, seconds: Some(seconds) }
    }

    /// Full evaluations that are left; `None` if they are not limited.
    pub(crate) fn evaluations_left(&self, spent: &Spent) -> Option<u64> {
        self.evaluations.map(|evaluations| evaluations.saturating_sub(spent.evaluations))
    }

    /// Whether nothing more may begin.
    pub(crate) fn is_spent(&self, spent: &Spent) -> bool {
        let epochs = self.epochs.is_some_and(|epochs| spent.epochs >= epochs);
        // Not `>=`: a limit that is not a number ends the search at once.
        let seconds =
            self.seconds.is_some_and(|seconds| !matches!(spent.seconds.partial_cmp(&seconds), Some(o) if o.is_lt()));
        self.evaluations_left(spent) == Some(0) || epochs || seconds
    }

    /// Whether `spent` is within the evaluations and epochs.
    pub(crate) fn covers(&self, spent: &Spent) -> bool {
        self.evaluations.is_none_or(|evaluations| spent.evaluations <= evaluations)
            && self.epochs.is_none_or(|epochs| spent.epochs <= epochs)
    }
}

/// What was spent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spent {
    /// Full evaluations.
    pub evaluations: u64,
    /// Looks by the score that assists.
    pub assists: u64,
    /// Epochs of training.
    pub epochs: u64,
    /// Seconds.
    pub seconds: f64,
}

impl Spent {
    /// With a proposal's evaluation, assist and epochs; seconds are known afterwards only.
    pub(crate) fn and(mut self, proposal: &Proposal, full_epochs: u32) -> Self {
        let epochs = match proposal.fidelity {
            Fidelity::Assist => 0,
            Fidelity::Epochs(epochs) => epochs,
            Fidelity::Full => full_epochs,
        };
        self.evaluations += u64::from(proposal.fidelity == Fidelity::Full);
        self.assists += u64::from(proposal.fidelity == Fidelity::Assist);
        self.epochs += u64::from(epochs.saturating_sub(proposal.trained));
        self
    }
}
