//! Data sets, training and evaluation.
//!
//! Everything random follows from `(seed, epoch, image)`: a training that was interrupted and resumed ends
//! with the same bytes as one that never was, on any number of threads.

mod augment;
mod checkpoint;
mod config;
mod data;
mod error;
mod evaluate;
mod loss;
mod optimizer;
mod schedule;
mod train;

pub use config::{Backend, Optimizer, TrainConfig};
pub use data::{DataError, Dataset, IdxBytes, NamedSplit, Split, Subset};
pub use error::TrainError;
pub use evaluate::{accuracy, logits};
pub use tinynas_burn::{set_threads, with_threads};
pub use train::{EpochRecord, Trained, train};
