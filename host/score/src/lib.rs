//! Zero-cost proxies: scores of a network that need no training.
//!
//! Every proxy is one file that opens with its paper, its formula and its trap. To add one: the file, its `mod`
//! line below and one line of the table in `proxy.rs`. For all of them higher means better; what a number means
//! otherwise is the proxy's own matter, so scores are combined by rank ([`rank_sum`]), never by value.
//!
//! Which to use: the rank sum of [`Proxy::Nwot`] and [`Proxy::Synflow`] ([`Proxy::DEFAULT`]) is the most even of
//! the pairs that look at different things: Spearman's rho against trained accuracy .896 on NAS-Bench-Macro, .873 on
//! Channel-Bench-Macro MobileNet, .847 on NAS-Bench-201 (PyTorch scores of 120, 80 and 150 networks). On
//! MobileNetV2 blocks NWOT is nearly the count of ReLU units (rank correlation .997), which costs nothing:
//! [`Proxy::ReluUnits`] is the baseline that a proxy must beat there.
//!
//! All scores made of gradients share one pass over the batch (`subject.rs`): one way forward, one back for the weights
//! (grad-norm, plain, snip, both Fishers and the first batch of ZiCo), one back for the images alone (jacob-cov). GraSP takes
//! two more passes without gradients of weights. What nobody asks for is not computed. How fast: `cargo xtask bench-scores`.
//!
//! A score follows from the network, the run's seed, the candidate's id and the images alone: neither threads nor
//! the order of evaluation change it.

mod batch;
mod depth;
mod determinant;
mod eigenvalues;
mod ensemble;
mod error;
mod fisher;
mod fisher_channel;
mod flow;
mod gaussian;
mod grad_norm;
mod grad_norm_l2;
mod grasp;
mod jacob_cov;
mod l2_norm;
mod linear_regions;
mod loss;
mod macs;
mod meco_opt;
mod nwot;
mod params;
mod plain;
mod proxy;
mod rank_sum;
mod relu_units;
mod scaled;
mod scorer;
mod scores;
mod snip;
mod subject;
mod synflow;
mod zen;
mod zico;

pub use batch::Batch;
pub use ensemble::{Ensemble, concordance};
pub use error::ScoreError;
pub use nwot::Codes;
pub use proxy::{Proxy, UnknownProxy};
pub use rank_sum::{rank_sum, ranking};
pub use scorer::Scorer;
pub use scores::Scores;
pub use synflow::ln_synflow;
pub use tinynas_burn::{initial_weights, with_threads};
