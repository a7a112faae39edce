//! Parameters: weights, two numbers per normalised channel, the classifier's bias.
//!
//! score = Σ over convolutions (out · in/groups · k² + 2 · out) + Σ over linear layers (out · in + out)
//!
//! No paper: the baseline of all of them. Trap: on networks that differ in resolution or kernel it says little (rho
//! .32 on NAS-Bench-Macro, .06 under a limit on MACs); tables that print "params" of convolutions alone leave out
//! normalisation.

use crate::{ScoreError, subject::Subject};

/// Trainable parameters of one network.
pub fn score(subject: &Subject<'_>) -> Result<f64, ScoreError> {
    Ok(subject.network.params() as f64)
}
