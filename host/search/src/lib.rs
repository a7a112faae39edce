//! Search strategies under hard limits.
//!
//! A [`Search`] looks for the best networks of one variant without training any: it makes candidates that keep to
//! the [`Limits`](tinynas_cost::Limits), has them scored and ranks them by the rank sum of their proxies.
//!
//! - What breaks a limit is counted and never scored. No candidate is scored twice.
//! - Candidates are made in generations of fixed size, by one thread, from numbers that follow from the seed; scoring
//!   is what is shared among threads. So the number of threads changes the time and nothing else.
//! - Scores that a journal already has are taken from there, and the search makes the same candidates again: one that
//!   was interrupted ends as if it had not been.

mod asker;
mod budget;
mod config;
mod draw;
mod driver;
mod error;
mod evaluator;
mod family;
mod gate;
mod history;
pub mod pareto;
mod pool;
mod prefilter;
mod record;
mod scored;
mod search;
mod space;
mod strategy;

pub use asker::Asker;
pub use budget::{Budget, Spent};
pub use config::{EvolutionConfig, StrategyKind};
pub use driver::Driver;
pub use error::SearchError;
pub use evaluator::{Evaluation, Evaluator, Fidelity, Proposal};
pub use family::Family;
pub use gate::{Admission, Gate};
pub use history::{History, Trial};
pub use prefilter::prefilter;
pub use record::{CandidateRecord, Outcome};
pub use search::Search;
pub use space::{Choices, SearchSpace};
pub use strategy::{
    BestOf, Breeding, Evolution, GivenFirst, Halving, Hyperband, LocalSearch, Nsga2, Random, Reinforce, Start, Step,
    Strategy, Tpe,
};
