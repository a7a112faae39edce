//! ReLU units: elements that pass through a rectifier for one image.
//!
//! score = Σ h · w · c over the inputs of all ReLU and ReLU6
//!
//! No paper: the baseline to beat on MobileNetV2 blocks (rho .891 on all of NAS-Bench-Macro without a forward pass).
//! Trap: linear bottlenecks (the projections) have no rectifier and count nothing.

use crate::{ScoreError, subject::Subject};

/// Rectified elements of one inference.
pub fn score(subject: &Subject<'_>) -> Result<f64, ScoreError> {
    Ok(subject.network.relu_units() as f64)
}
