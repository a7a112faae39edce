//! How a search chooses what to look at next.

mod best_of;
mod evolution;
mod given_first;
mod halving;
mod local_search;
mod nsga2;
mod random;
mod reinforce;
mod tpe;

pub use best_of::BestOf;
pub use evolution::{Breeding, Evolution, Start};
pub use given_first::GivenFirst;
pub use halving::{Halving, Hyperband};
pub use local_search::{LocalSearch, Step};
pub use nsga2::Nsga2;
pub use random::Random;
pub use reinforce::Reinforce;
pub use tpe::Tpe;

use crate::{Asker, History, Proposal, SearchError};

/// Chooses networks to look at, from what is known.
///
/// A strategy is asked again and again; between two questions all that it proposed, or a beginning of it if the budget
/// ends there, was appended to the history in its order. It draws from the asker's random numbers alone.
pub trait Strategy {
    /// The next networks: at most `asker.room` to be evaluated in full. None if there is nothing more to look at.
    ///
    /// # Errors
    /// As [`SearchSpace::allows`](crate::SearchSpace::allows).
    fn ask(&mut self, history: &History, asker: &mut Asker<'_>) -> Result<Vec<Proposal>, SearchError>;
}
