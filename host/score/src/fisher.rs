//! Fisher (Theis et al., 2018; Turner et al., ICLR 2020; as a proxy: Abdelfattah et al., ICLR 2021), the published form.
//!
//! score = Σ over layers and output channels c of `δ_c` · in/groups · k²,  `δ_c` = ½ mean over images (Σ over pixels a · ∂L/∂a)²
//!
//! a is what the convolution or the matrix gives, before its normalisation. One backward pass has both a and its
//! gradient in hand.
//!
//! Trap: the factor in/groups · k² is no part of the method. The published code repeats `δ_c` for every weight of the
//! channel before it sums; without that ([`fisher_channel`](super::fisher_channel)) the ranking is another one: rho
//! .73 and .90 against accuracy on NAS-Bench-Macro. The noise between seeds is large (rank agreement .76).

use crate::{Proxy, ScoreError, subject::Subject};

/// Squared flow, every weight counting its channel.
pub fn score(subject: &Subject<'_>) -> Result<f64, ScoreError> {
    by_layer(subject, Proxy::Fisher, |weights, channels| (weights / channels) as f64)
}

/// Σ over layers of factor(weights, channels) · Σ `δ_c`.
pub fn by_layer(subject: &Subject<'_>, proxy: Proxy, factor: impl Fn(usize, usize) -> f64) -> Result<f64, ScoreError> {
    let gradients = subject.gradients(proxy)?;
    let layers = gradients.weights.iter().zip(&gradients.flows).zip(&subject.network.layers);
    let layer = |((weights, flows), layer): ((&Vec<f32>, &Vec<f64>), &tinynas_model::Layer)| {
        let channels = layer.output.c as usize;
        let images = flows.len() / channels;
        // Σ over channels of a mean over images: any order.
        let delta = flows.iter().map(|flow| flow * flow).sum::<f64>() / (2.0 * images as f64);
        factor(weights.len(), channels) * delta
    };
    Ok(layers.filter(|((weights, _), _)| !weights.is_empty()).map(layer).sum())
}
