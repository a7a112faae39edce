//! The same batch under moved weights, every rectifier held where it was.
//!
//! Along a line of weights the loss of a network with rectifiers has kinks without number. A difference of gradients
//! crosses them and adds up their jumps, however short the step; second derivatives as autodiff gives them know no
//! kinks. With the rectifiers held the network is smooth, and a difference finds what autodiff finds.

use std::borrow::Cow;

use tinynas_model::Activation;

use super::Pass;
use super::layers::Weighted;

impl<'a> Pass<'a> {
    /// The pass with all weights moved by `step` times `direction`, layer by layer as in
    /// [`PassGradients::weights`](super::PassGradients::weights). What a rectifier let through or held back it lets
    /// through or holds back again. Its gradients are those of this network.
    #[must_use]
    pub fn moved(&self, direction: &[Vec<f32>], step: f32) -> Self {
        let mut moved: Vec<Option<Weighted<'a>>> = Vec::with_capacity(direction.len());
        for (weighted, direction) in self.weighted.iter().zip(direction) {
            moved.push(weighted.as_ref().map(|weighted| {
                // A normalisation alone has no direction.
                let weight = match direction[..] {
                    [] => weighted.weight.clone(),
                    _ => Cow::Owned(weighted.weight.iter().zip(direction).map(|(w, d)| w + step * d).collect()),
                };
                weighted.with(weight)
            }));
        }
        Self::run(self.network, moved, self.images, self.input, Some(self))
    }
}

/// The limits between which a rectifier lets values through.
pub const fn limits(activation: Activation) -> Option<(f32, f32)> {
    match activation {
        Activation::Linear => None,
        Activation::Relu => Some((0.0, f32::INFINITY)),
        Activation::Relu6 => Some((0.0, 6.0)),
    }
}

/// Replaces what enters a rectifier by what leaves it if it does what it did to give `before`.
pub fn hold((low, high): (f32, f32), before: &[f32], z: &mut [f32]) {
    for (z, before) in z.iter_mut().zip(before) {
        *z = if *before <= low {
            low
        } else if *before >= high {
            high
        } else {
            *z
        };
    }
}

/// Takes the gradient from what [`hold`] held.
pub fn hold_gradient((low, high): (f32, f32), z: &[f32], dz: &mut [f32]) {
    for (dz, z) in dz.iter_mut().zip(z) {
        *dz = if *z == low || *z == high { 0.0 } else { *dz };
    }
}
