//! Gradient norm, the whole gradient as one vector.
//!
//! score = √(Σ over layers ‖`g_l`‖₂²)
//!
//! No paper of its own; the form that [`grad_norm`](super::grad_norm) is often taken for. Trap: the ZenNAS code calls
//! a third form by the same name, over all parameters, with other weights and random labels.

use crate::{Proxy, ScoreError, grad_norm::square, subject::Subject};

/// Norm of the gradient of all weights.
pub fn score(subject: &Subject<'_>) -> Result<f64, ScoreError> {
    let squares: f64 = subject.weights_and_gradients(Proxy::GradNormL2)?.map(|(_, g)| square(g)).sum();
    Ok(squares.sqrt())
}
