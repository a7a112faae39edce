//! How well a score ranks: correlations, hit rates, the network it selects, and how sure these figures are.

mod agreement;
mod kendall;
mod ranks;

pub use agreement::{Agreement, Estimate, agreement};
pub use kendall::kendall;
pub use ranks::{Order, spearman};
