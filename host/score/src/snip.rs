//! SNIP (Lee, Ajanthan, Torr, ICLR 2019; as a proxy: Abdelfattah et al., ICLR 2021).
//!
//! score = Σ |θ · ∂L/∂θ| over the weights of convolutions and linear layers
//!
//! Trap: the pruning method divides by this sum; as a proxy it is the score.

use crate::{Proxy, ScoreError, subject::Subject};

/// Sum of the magnitudes of weight times gradient.
pub fn score(subject: &Subject<'_>) -> Result<f64, ScoreError> {
    let layer = |(w, g): (&[f32], &[f32])| w.iter().zip(g).map(|(w, g)| f64::from((w * g).abs())).sum::<f64>();
    Ok(subject.weights_and_gradients(Proxy::Snip)?.map(layer).sum())
}
