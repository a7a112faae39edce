//! NASWOT (Mellor, Turner, Storkey, Crowley, ICML 2021, Alg. 1): draws N networks, and takes the one of best score.
//!
//! The score is the one that assists; the one network is then evaluated in full. Where the score is the measure itself
//! this is [`Random`](crate::Random) with a budget of N.

use crate::{Asker, Fidelity, History, Proposal, SearchError, Strategy};

/// The best of so many by the score that assists.
#[derive(Clone, Copy, Debug)]
pub struct BestOf {
    /// N.
    pub drawn: usize,
}

impl Strategy for BestOf {
    fn ask(&mut self, history: &History, asker: &mut Asker<'_>) -> Result<Vec<Proposal>, SearchError> {
        if history.trials().is_empty() {
            return Ok(asker.draw_many(self.drawn)?.into_iter().map(Proposal::assist).collect());
        }
        if history.spent().evaluations > 0 {
            return Ok(Vec::new());
        }
        let best = history.ranking(Fidelity::Assist).first().copied();
        Ok(best.map(|at| Proposal::full(history.trials()[at].choices.clone())).into_iter().collect())
    }
}
