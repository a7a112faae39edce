//! Gradient norm (Abdelfattah, Mehrotra, Dudziak, Lane, ICLR 2021, "Zero-Cost Proxies for Lightweight NAS").
//!
//! score = Σ over layers ‖`g_l`‖₂
//!
//! `g_l` is the gradient of the mean cross-entropy with respect to the weights of one convolution or linear layer; biases
//! and normalisation take no part. Initial weights are PyTorch's default, normalisation takes the batch's statistics.
//!
//! Trap: norms are added, not squares. The root of the sum of squares is another proxy ([`grad_norm_l2`](super::grad_norm_l2))
//! and ranks otherwise: rho .65 and .53 against accuracy on NAS-Bench-201.

use crate::{Proxy, ScoreError, subject::Subject};

/// Sum of the layers' gradient norms.
pub fn score(subject: &Subject<'_>) -> Result<f64, ScoreError> {
    Ok(subject.weights_and_gradients(Proxy::GradNorm)?.map(|(_, g)| square(g).sqrt()).sum())
}

/// Σ g² in f64.
pub fn square(g: &[f32]) -> f64 {
    g.iter().map(|g| f64::from(*g) * f64::from(*g)).sum()
}
