//! Random search: networks drawn uniformly, none twice. The baseline; Li and Talwalkar, UAI 2019.

use crate::{Asker, History, Proposal, SearchError, Strategy};

/// Draws.
#[derive(Clone, Copy, Debug, Default)]
pub struct Random;

impl Strategy for Random {
    fn ask(&mut self, _history: &History, asker: &mut Asker<'_>) -> Result<Vec<Proposal>, SearchError> {
        Ok(asker.draw_many(asker.room)?.into_iter().map(Proposal::full).collect())
    }
}
