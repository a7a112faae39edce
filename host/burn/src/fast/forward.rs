//! Convolution and normalisation, forward: chunk by chunk over the images.

use std::ops::Range;

use tinynas_model::BN_EPSILON;

use crate::kernels::full::Finish;
use crate::kernels::gemm::Panels;
use crate::kernels::norm::{Affine, Apply, Limits, Moments, padded};
use crate::kernels::{Geometry, depthwise, full, geometry, vectorised};
use crate::threads::share;
use crate::{ConvKind, buffers};

/// Whether the convolution's own output is needed later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// For the backward pass.
    Output,
    /// Only the activations are.
    Nothing,
}

/// What a forward pass gives.
pub struct Forward {
    /// Activations.
    pub z: Vec<f32>,
    /// The convolution's output, if it was to be kept.
    pub y: Vec<f32>,
    /// From `y` to `z`.
    pub affine: Affine,
}

/// Batch statistics.
pub struct Statistics {
    /// Mean per channel.
    pub mean: Vec<f32>,
    /// Biased variance per channel.
    pub var: Vec<f32>,
}

impl Statistics {
    /// 1 / √(var + ε).
    pub fn inverse_deviation(&self) -> Vec<f32> {
        self.var.iter().map(|v| 1.0 / (v + BN_EPSILON).sqrt()).collect()
    }
}

/// Convolution, normalisation by the batch's statistics, activation.
pub fn conv_norm(g: &Geometry, x: &[f32], w: &[f32], gamma: &[f32], beta: &[f32], keep: Keep) -> (Forward, Statistics) {
    let mut chunks = vec![Moments::new(g.cout); g.chunks().len()];
    let mut y = buffers::any(g.n * g.output());
    convolve(g, x, w, &mut y, chunks.iter_mut().map(Finish::Moments).collect());
    let (mean, var) = Moments::join(&chunks, g.cout);
    let statistics = Statistics { mean, var };
    let scale: Vec<f32> = gamma.iter().zip(statistics.inverse_deviation()).map(|(g, s)| g * s).collect();
    let shift = beta.iter().zip(&statistics.mean).zip(&scale).map(|((b, m), s)| b - m * s);
    let affine =
        Affine { shift: padded(shift), scale: padded(scale.into_iter()), limits: Limits::of(g.spec.activation) };
    (apply(g, y, affine, keep), statistics)
}

/// Convolution, `y * scale + shift`, activation.
pub fn conv_affine(g: &Geometry, x: &[f32], w: &[f32], scale: &[f32], shift: &[f32], keep: Keep) -> Forward {
    let list = |list: &[f32]| padded(list.iter().copied());
    let affine = Affine { scale: list(scale), shift: list(shift), limits: Limits::of(g.spec.activation) };
    let mut y = buffers::any(g.n * g.output());
    let chunks = g.chunks().len();
    if keep == Keep::Nothing {
        convolve(g, x, w, &mut y, (0..chunks).map(|_| Finish::Affine(&affine)).collect());
        return Forward { z: y, y: Vec::new(), affine };
    }
    convolve(g, x, w, &mut y, (0..chunks).map(|_| Finish::Nothing).collect());
    apply(g, y, affine, keep)
}

/// Weights packed for the forward pass.
enum Packed {
    Full(Panels),
    Depthwise(Vec<f32>),
}

/// The convolution, each chunk followed by what finishes it.
fn convolve(g: &Geometry, x: &[f32], w: &[f32], y: &mut [f32], finish: Vec<Finish<'_>>) {
    let packed = match g.spec.kind {
        ConvKind::Full => Packed::Full(full::pack(g, w)),
        ConvKind::Depthwise => Packed::Depthwise(depthwise::pack(g, w)),
    };
    let images = g.chunks();
    let outputs = geometry::split(y, &images, g.output());
    let parts = images.into_iter().zip(outputs).zip(finish).collect();
    share(g.macs(), parts, |((images, y), finish)| {
        let (x, g) = (&x[images.start * g.input()..images.end * g.input()], g.chunk(&images));
        match &packed {
            Packed::Full(w) => vectorised(full::Forward { g, x, w, y, finish }),
            Packed::Depthwise(w) => vectorised(depthwise::Forward { g, x, w, y, finish }),
        }
    });
}

/// From the convolution's output to the activations, in place if the output is not kept.
fn apply(g: &Geometry, mut y: Vec<f32>, affine: Affine, keep: Keep) -> Forward {
    let images = g.chunks();
    let work = 4 * y.len();
    if keep == Keep::Nothing {
        let parts = geometry::split(&mut y, &images, g.output());
        share(work, parts, |z| vectorised(Apply { affine: &affine, y: None, z, c: g.cout }));
        return Forward { z: y, y: Vec::new(), affine };
    }
    let mut z = buffers::any(y.len());
    let parts = geometry::split(&mut z, &images, g.output()).into_iter().zip(images).collect();
    share(work, parts, |(z, images): (_, Range<usize>)| {
        let y = Some(&y[images.start * g.output()..images.end * g.output()]);
        vectorised(Apply { affine: &affine, y, z, c: g.cout });
    });
    Forward { z, y, affine }
}
