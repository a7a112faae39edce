//! Depth: how many layers have weights.
//!
//! score = number of convolutions and linear layers
//!
//! No paper: a baseline. Trap: layers beside one another (a shortcut's convolution, the edges of a cell) count as if
//! they followed one another.

use crate::{ScoreError, subject::Subject};

/// Layers with weights.
pub fn score(subject: &Subject<'_>) -> Result<f64, ScoreError> {
    Ok(subject.network.layers.iter().filter(|layer| layer.op.has_weights()).count() as f64)
}
