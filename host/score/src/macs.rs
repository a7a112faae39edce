//! MACs: multiply-accumulates of convolutions and linear layers for one image.
//!
//! score = Σ out pixels · out · in/groups · k²
//!
//! No paper: a baseline. Trap: the literature's "FLOPs" for mobile networks are these MACs, not twice as many;
//! normalisation, activations, additions and pooling count zero.

use crate::{ScoreError, subject::Subject};

/// Multiply-accumulates of one inference.
pub fn score(subject: &Subject<'_>) -> Result<f64, ScoreError> {
    Ok(subject.network.macs() as f64)
}
