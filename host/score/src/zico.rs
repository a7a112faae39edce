//! ZiCo (Li, Yang, Bhardwaj, Marculescu, ICLR 2023, "ZiCo: Zero-shot NAS via Inverse Coefficient of Variation on Gradients").
//!
//! score = Σ over layers ln Σ over weights mean |g| / std g
//!
//! Mean and standard deviation (with 1/N) are over the batches' gradients of the mean cross-entropy; weights whose
//! gradient does not vary and layers in which none does are left out. With two batches std = |g₁ − g₂| / 2.
//!
//! The two batches are the images and the second batch if the scorer has one (the first then shares the pass of the
//! other gradients), else the halves of the images.
//!
//! Traps: the score grows with the batch, since larger batches vary less; never compare across batch sizes. A few
//! weights whose two gradients happen to agree carry much of a layer's sum: the logarithm is what keeps them apart.

use crate::{Proxy, ScoreError, subject::Subject};

/// Logarithms of the layers' signal over noise.
pub fn score(subject: &Subject<'_>) -> Result<f64, ScoreError> {
    let proxy = Proxy::Zico;
    let images = subject.images(proxy)?;
    let (first, second) = match subject.second {
        Some(second) => (None, subject.gradients_of(second, proxy)?),
        None => {
            let halves = images.halves().ok_or(ScoreError::OneBatch { proxy, images: images.images() })?;
            (Some(subject.gradients_of(&halves[0], proxy)?), subject.gradients_of(&halves[1], proxy)?)
        }
    };
    let first = match &first {
        Some(first) => first,
        None => subject.gradients(proxy)?,
    };
    let layers = first.weights.iter().zip(&second.weights);
    let signals = layers.map(|(a, b)| signal_over_noise(a, b)).filter(|sum| *sum != 0.0);
    Ok(signals.map(f64::ln).sum())
}

/// Σ (|a| + |b|) / |a − b| where a and b differ.
fn signal_over_noise(a: &[f32], b: &[f32]) -> f64 {
    let term = |(a, b): (&f32, &f32)| f64::from(a.abs() + b.abs()) / f64::from((a - b).abs());
    a.iter().zip(b).filter(|(a, b)| a != b).map(term).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_by_hand() {
        // (1 + 3) / 2, (2 + 2) / 4, equal ones and zeros left out.
        assert_eq!(signal_over_noise(&[1.0, -2.0, 5.0, 0.0], &[3.0, 2.0, 5.0, 0.0]), 3.0);
        assert!(signal_over_noise(&[f32::NAN], &[1.0]).is_nan());
    }
}
