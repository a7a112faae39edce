//! Plain (Abdelfattah et al., ICLR 2021): weight times gradient with its sign.
//!
//! score = Σ θ · ∂L/∂θ over the weights of convolutions and linear layers
//!
//! Trap: nearly nothing is in it. Scaling the weights before a normalisation changes no loss, so their sum is zero by
//! Euler's theorem, up to the ε of the normalisation; what is left is the classifier's. It ranks worse than chance
//! (rho −.23 against accuracy on NAS-Bench-201).

use crate::{Proxy, ScoreError, subject::Subject};

/// Sum of weight times gradient.
pub fn score(subject: &Subject<'_>) -> Result<f64, ScoreError> {
    let layer = |(w, g): (&[f32], &[f32])| w.iter().zip(g).map(|(w, g)| f64::from(*w) * f64::from(*g)).sum::<f64>();
    Ok(subject.weights_and_gradients(Proxy::Plain)?.map(layer).sum())
}
