//! The network: block table, layers, shapes, genotype and float weights.
//!
//! Three forms of one network, each made from the one before it:
//! [`Genotype`] (the choices of a search) → [`Architecture`] (the block table that papers print)
//! → [`Network`] (layers with shapes, what every later stage runs on).

mod architecture;
mod genotype;
mod graph;
mod network;
mod preprocess;
mod shape;
mod weights;

pub use architecture::{Architecture, ArchitectureError, Block, Stem};
pub use genotype::{BlockGene, CandidateId, Genotype, GenotypeError, StageGene};
pub use graph::{GraphError, dims, graph, planned};
pub use network::{Activation, Conv, Layer, Network, NetworkBuilder, NetworkError, Op, Pool, TensorId};
pub use preprocess::Preprocess;
pub use shape::Shape;
pub use weights::{FloatTensor, WeightError, Weights};

/// Added to the variance by every batch normalisation.
pub const BN_EPSILON: f32 = 1e-5;
