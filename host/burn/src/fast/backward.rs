//! The way back: sums over the batch first, then both gradients of the convolution, chunk by chunk.
//!
//! The gradient of the convolution's output is never stored: each tile of it is made from the saved output
//! and used for both gradients while it is in the cache.

use std::ops::Range;

use super::forward::Statistics;
use crate::kernels::norm::{Affine, Backward, Collect, Sums, padded};
use crate::kernels::{Geometry, depthwise, full, geometry, vectorised};
use crate::threads::share;
use crate::{ConvKind, buffers};

/// What the forward pass normalised by.
pub enum Normalisation {
    /// The batch's own statistics, which depend on the convolution's output.
    Batch(Statistics),
    /// Constants.
    Constants,
}

/// What the forward pass left.
pub struct Saved<'a> {
    /// Sizes.
    pub g: &'a Geometry,
    /// Input.
    pub x: &'a [f32],
    /// Weights.
    pub w: &'a [f32],
    /// The convolution's output.
    pub y: &'a [f32],
    /// From `y` to the activations.
    pub affine: &'a Affine,
    /// Where it came from.
    pub normalisation: &'a Normalisation,
}

/// Which gradients of the convolution are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Of the input.
    pub x: bool,
    /// Of the weights.
    pub w: bool,
}

/// All gradients of the operation.
pub struct Gradients {
    /// Of the input, if asked for.
    pub x: Option<Vec<f32>>,
    /// Of the weights, if asked for.
    pub w: Option<Vec<f32>>,
    /// Of gamma, or of the constant factor.
    pub scale: Vec<f32>,
    /// Of beta, or of the constant added.
    pub shift: Vec<f32>,
}

/// Gradients of everything that goes into the operation, from `dz`, that of its activations.
pub fn gradients(saved: &Saved<'_>, dz: &[f32], wanted: Wanted) -> Gradients {
    let g = saved.g;
    let mut norm = opening(saved);
    let images = g.chunks();
    let mut chunks = vec![Sums::new(g.cout); images.len()];
    collect::<false>(saved, dz, &norm, images, &mut chunks);
    let (scale, shift) = close(saved, &mut norm, &chunks);
    let (x, w) = convolution(saved, dz, &norm, wanted);
    Gradients { x, w, scale, shift }
}

/// As [`gradients`], and Σ y · dy over the pixels of every image and channel `[n, c]`, y the convolution's output
/// and dy its gradient.
pub fn gradients_and_flow(saved: &Saved<'_>, dz: &[f32], wanted: Wanted) -> (Gradients, Vec<f64>) {
    let g = saved.g;
    let mut norm = opening(saved);
    let mut images = vec![Sums::new(g.cout); g.n];
    collect::<true>(saved, dz, &norm, (0..g.n).map(|image| image..image + 1).collect(), &mut images);
    let (scale, shift) = close(saved, &mut norm, &images);
    let pixels = g.pixels() as f64;
    // y is (y − m) + m, and dy what `Backward` says: all sums are there.
    let of = |sums: &Sums, c: usize| {
        let [mean, slope, offset] = [norm.mean[c], norm.slope[c], norm.offset[c]].map(f64::from);
        f64::from(norm.affine.scale[c]) * (sums.centred[c] + mean * sums.plain[c])
            + slope * (sums.square[c] + mean * sums.value[c])
            + offset * (sums.value[c] + mean * pixels)
    };
    let flow = images.iter().flat_map(|sums| (0..g.cout).map(move |c| of(sums, c))).collect();
    let (x, w) = convolution(saved, dz, &norm, wanted);
    (Gradients { x, w, scale, shift }, flow)
}

/// The way back before the sums are known.
fn opening(saved: &Saved<'_>) -> Backward {
    let zeros = || vec![0.0; saved.affine.scale.len()];
    let mean = match saved.normalisation {
        Normalisation::Batch(statistics) => padded(statistics.mean.iter().copied()),
        Normalisation::Constants => zeros(),
    };
    Backward { affine: saved.affine.clone(), mean, slope: zeros(), offset: zeros() }
}

/// Completes the way back from the sums of all chunks, and gives the gradients per channel.
fn close(saved: &Saved<'_>, norm: &mut Backward, chunks: &[Sums]) -> (Vec<f32>, Vec<f32>) {
    let g = saved.g;
    let mut sums = Sums::new(g.cout);
    chunks.iter().for_each(|chunk| sums.add(chunk));
    let list = |sums: &[f64]| sums[..g.cout].iter().map(|s| *s as f32).collect::<Vec<_>>();
    let (mut scale, shift) = (list(&sums.centred), list(&sums.plain));
    if let Normalisation::Batch(statistics) = saved.normalisation {
        let count = (g.n * g.pixels()) as f32;
        for (c, inverse) in statistics.inverse_deviation().into_iter().enumerate() {
            scale[c] *= inverse;
            norm.slope[c] = -norm.affine.scale[c] * inverse * scale[c] / count;
            norm.offset[c] = -norm.affine.scale[c] * shift[c] / count;
        }
    }
    (scale, shift)
}

/// The sums over the pixels of each chunk of images.
fn collect<const VALUES: bool>(
    saved: &Saved<'_>,
    dz: &[f32],
    norm: &Backward,
    images: Vec<Range<usize>>,
    chunks: &mut [Sums],
) {
    let g = saved.g;
    let parts = images.into_iter().zip(chunks).collect::<Vec<_>>();
    share(6 * dz.len(), parts, |(images, sums)| {
        let out = images.start * g.output()..images.end * g.output();
        vectorised(Collect::<VALUES> { norm, dz: &dz[out.clone()], y: &saved.y[out], sums, c: g.cout });
    });
}

/// Gradients of the convolution's input and weights.
fn convolution(saved: &Saved<'_>, dz: &[f32], norm: &Backward, wanted: Wanted) -> (Option<Vec<f32>>, Option<Vec<f32>>) {
    let g = saved.g;
    if !wanted.x && !wanted.w {
        return (None, None);
    }
    let images = g.chunks();
    // Patches add to the gradient of the input; everything else sets it.
    let buffer = if g.spec.kind == ConvKind::Full && !g.spec.is_pointwise() { buffers::zeros } else { buffers::any };
    let mut dx = buffer(if wanted.x { saved.x.len() } else { 0 });
    let image = if wanted.x { g.input() } else { 0 };
    let dx_parts = geometry::split(&mut dx, &images, image);
    let full = g.spec.kind == ConvKind::Full;
    let len = match (wanted.w, full) {
        (false, _) => 0,
        (true, true) => full::weight_gradient_len(g),
        (true, false) => depthwise::weight_gradient_len(g),
    };
    let mut partial = buffers::zeros(len * images.len());
    let one = std::iter::repeat_n(0..1, images.len()).collect::<Vec<_>>();
    let dw_parts = geometry::split(&mut partial, &one, len);
    let panels = (full && wanted.x).then(|| full::pack_transposed(g, saved.w));
    let taps = if !full && wanted.x { depthwise::pack(g, saved.w) } else { Vec::new() };
    let parts = images.into_iter().zip(dx_parts).zip(dw_parts).collect::<Vec<_>>();
    let passes = usize::from(wanted.x) + usize::from(wanted.w);
    share(passes * g.macs(), parts, |((images, dx), dw)| {
        let part = g.chunk(&images);
        let from = images.start * g.input()..images.end * g.input();
        let out = images.start * g.output()..images.end * g.output();
        let (dz, y, x) = (&dz[out.clone()], &saved.y[out], &saved.x[from]);
        let dw = wanted.w.then_some(dw);
        if full {
            let dx = panels.as_ref().map(|w| (dx, w));
            vectorised(full::Gradients { g: part, dz, y, x, norm, dx, dw });
        } else {
            let dx = wanted.x.then_some((dx, &taps[..]));
            vectorised(depthwise::Gradients { g: part, dz, y, x, norm, dx, dw });
        }
    });
    let dw = wanted.w.then(|| {
        let mut total = vec![0.0; g.weights()];
        for chunk in partial.chunks_exact(len) {
            if full {
                full::add_weight_gradient(g, chunk, &mut total);
            } else {
                depthwise::add_weight_gradient(g, chunk, &mut total);
            }
        }
        total
    });
    buffers::give_back(partial);
    (wanted.x.then_some(dx), dw)
}
