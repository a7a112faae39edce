//! Convolution over all input channels as a matrix product over tiles of output pixels.
//!
//! A 1×1 window with stride 1 multiplies the input's own rows; every other window first gathers a tile of
//! patches `[pixels, k * k * cin]`. The product, the statistics behind it and, on the way back, both gradients
//! use a tile while it is in the cache.

use super::gemm::{self, Left, Panels};
use super::lanes::{Lanes, width};
use super::norm::{Affine, Backward, Moments};
use super::{Geometry, Task};

/// What follows the convolution, tile by tile.
pub enum Finish<'a> {
    /// Collect statistics.
    Moments(&'a mut Moments),
    /// Replace the output by the activations.
    Affine(&'a Affine),
    /// Leave it as it is.
    Nothing,
}

/// Weights for the forward pass: `[k * k * cin, cout]`.
pub fn pack(g: &Geometry, w: &[f32]) -> Panels {
    assert_eq!(w.len(), g.weights());
    Panels::pack(width(), g.depth(), g.cout, |k, n| w[n * g.depth() + weight_index(g, k)])
}

/// Weights for the gradient of the input: `[cout, k * k * cin]`.
pub fn pack_transposed(g: &Geometry, w: &[f32]) -> Panels {
    assert_eq!(w.len(), g.weights());
    Panels::pack(width(), g.cout, g.depth(), |k, n| w[k * g.depth() + weight_index(g, n)])
}

/// Patches are ordered `[ky, kx, cin]`, weights `[cin, ky, kx]`.
fn weight_index(g: &Geometry, patch: usize) -> usize {
    let taps = g.spec.kernel * g.spec.kernel;
    (patch % g.cin) * taps + patch / g.cin
}

/// Columns of a chunk's weight gradient: whole vectors.
fn padded_depth(g: &Geometry) -> usize {
    g.depth().next_multiple_of(width())
}

/// Elements of a chunk's weight gradient.
pub fn weight_gradient_len(g: &Geometry) -> usize {
    g.cout * padded_depth(g)
}

/// Adds a chunk's weight gradient to `dw` in the order of the weights.
pub fn add_weight_gradient(g: &Geometry, chunk: &[f32], dw: &mut [f32]) {
    let (padded, depth) = (padded_depth(g), g.depth());
    for (chunk, dw) in chunk.chunks_exact(padded).zip(dw.chunks_exact_mut(depth)) {
        if g.spec.kernel == 1 {
            dw.iter_mut().zip(chunk).for_each(|(to, x)| *to += x);
        } else {
            (0..depth).for_each(|k| dw[weight_index(g, k)] += chunk[k]);
        }
    }
}

/// Pixels of a tile: input and output of a tile fit into the first-level cache where that leaves enough rows.
fn tile_rows(g: &Geometry) -> usize {
    (8192 / (g.depth() + g.cout) / 12 * 12).clamp(24, 192)
}

/// The runs of a pixel's patch that lie inside the image: `(patch offset, image offset, length)` per window row.
#[inline(always)]
fn for_runs(g: &Geometry, pixel: usize, mut run: impl FnMut(usize, usize, usize)) {
    let (k, s, p) = (g.spec.kernel, g.spec.stride, g.spec.pad);
    let (image, pixel) = (pixel / g.pixels(), pixel % g.pixels());
    let (top, left) = (pixel / g.ow * s, pixel % g.ow * s);
    // Columns of the window inside the image.
    let from = p.saturating_sub(left).min(k);
    let to = (g.w + p - left).min(k);
    for ky in (0..k).filter(|ky| (p..g.h + p).contains(&(top + ky))) {
        if from < to {
            let row = (image * g.h + top + ky - p) * g.w;
            run((ky * k + from) * g.cin, (row + left + from - p) * g.cin, (to - from) * g.cin);
        }
    }
}

/// A tile of patches, rows `padded` apart.
struct Patches<'a> {
    g: &'a Geometry,
    x: &'a [f32],
    padded: usize,
    data: Vec<f32>,
}

impl<'a> Patches<'a> {
    fn new(g: &'a Geometry, x: &'a [f32], rows: usize) -> Self {
        let padded = padded_depth(g);
        // The input's own rows do as they are, if vectors do not read past their end.
        let direct = g.spec.is_pointwise() && padded == g.cin;
        Self { g, x, padded, data: if direct { Vec::new() } else { vec![0.0; rows * padded] } }
    }

    /// Patches of the pixels from `first` on.
    #[inline(always)]
    fn tile(&mut self, first: usize, rows: usize) -> *const f32 {
        if self.data.is_empty() {
            return self.x[first * self.padded..(first + rows) * self.padded].as_ptr();
        }
        for row in 0..rows {
            let patch = &mut self.data[row * self.padded..][..self.padded];
            if self.g.spec.pad > 0 {
                patch.fill(0.0);
            }
            for_runs(self.g, first + row, |to, from, len| {
                patch[to..to + len].copy_from_slice(&self.x[from..from + len]);
            });
        }
        self.data.as_ptr()
    }
}

/// Forward pass of one chunk.
pub struct Forward<'a> {
    /// Sizes of the chunk.
    pub g: Geometry,
    /// Input of the chunk.
    pub x: &'a [f32],
    /// Packed by [`pack`].
    pub w: &'a Panels,
    /// Output of the chunk.
    pub y: &'a mut [f32],
    /// What follows.
    pub finish: Finish<'a>,
}

impl Task for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Lanes>(mut self) {
        let g = &self.g;
        let (pixels, tile) = (g.n * g.pixels(), tile_rows(g));
        assert!(self.x.len() == g.n * g.input() && self.y.len() == g.n * g.output());
        let pointwise = g.spec.is_pointwise();
        let mut patches = if pointwise { None } else { Some(Patches::new(g, self.x, tile)) };
        let mut first = 0;
        while first < pixels {
            let rows = (pixels - first).min(tile);
            let a = match &mut patches {
                // Left matrices are read by elements: no padding needed.
                None => Left { data: self.x[first * g.cin..].as_ptr(), row: g.cin, column: 1 },
                Some(patches) => Left { data: patches.tile(first, rows), row: patches.padded, column: 1 },
            };
            let y = &mut self.y[first * g.cout..(first + rows) * g.cout];
            // SAFETY: `y` is `rows` rows of `cout`; `a` has as many rows of `depth`.
            unsafe {
                gemm::product::<V>(rows, a, self.w, y.as_mut_ptr(), g.cout);
                match &mut self.finish {
                    Finish::Moments(moments) => moments.rows::<V>(y.as_ptr(), rows, g.cout),
                    Finish::Affine(affine) => affine.rows::<V>(y.as_ptr(), y.as_mut_ptr(), rows, g.cout),
                    Finish::Nothing => {}
                }
            }
            first += rows;
        }
    }
}

/// Both gradients of one chunk.
pub struct Gradients<'a> {
    /// Sizes of the chunk.
    pub g: Geometry,
    /// Gradient of the activations.
    pub dz: &'a [f32],
    /// Output of the convolution.
    pub y: &'a [f32],
    /// Input of the convolution.
    pub x: &'a [f32],
    /// The way back to `y`.
    pub norm: &'a Backward,
    /// Gradient of the input, all zeros unless the window is 1×1, and the weights packed by [`pack_transposed`].
    pub dx: Option<(&'a mut [f32], &'a Panels)>,
    /// Zeros of [`weight_gradient_len`] elements.
    pub dw: Option<&'a mut [f32]>,
}

impl Task for Gradients<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Lanes>(mut self) {
        let g = &self.g;
        let (pixels, tile, depth) = (g.n * g.pixels(), tile_rows(g), g.depth());
        assert!(self.x.len() == g.n * g.input() && self.y.len() == g.n * g.output() && self.dz.len() == self.y.len());
        assert!(self.dx.as_ref().is_none_or(|(dx, _)| dx.len() == self.x.len()));
        assert!(self.dw.as_ref().is_none_or(|dw| dw.len() == weight_gradient_len(g)));
        let pointwise = g.spec.is_pointwise();
        let mut patches = Patches::new(g, self.x, tile);
        let mut dy = vec![0.0_f32; tile * g.cout];
        let mut patch_gradient = vec![0.0_f32; if pointwise { 0 } else { tile * depth }];
        let mut first = 0;
        while first < pixels {
            let rows = (pixels - first).min(tile);
            let out = first * g.cout..(first + rows) * g.cout;
            let (dz, y) = (&self.dz[out.clone()], &self.y[out]);
            // SAFETY: `dz`, `y` and `dy` hold `rows` rows of `cout`.
            unsafe { self.norm.rows::<V>(dz.as_ptr(), y.as_ptr(), dy.as_mut_ptr(), rows, g.cout) };
            if let Some((dx, w)) = &mut self.dx {
                let a = Left { data: dy.as_ptr(), row: g.cout, column: 1 };
                let to = if pointwise { &mut dx[first * depth..(first + rows) * depth] } else { &mut patch_gradient };
                // SAFETY: `to` is at least `rows` rows of `depth`.
                unsafe { gemm::product::<V>(rows, a, w, to.as_mut_ptr(), depth) };
                if !pointwise {
                    for row in 0..rows {
                        for_runs(g, first + row, |from, to, len| {
                            let gradient = &patch_gradient[row * depth + from..][..len];
                            dx[to..to + len].iter_mut().zip(gradient).for_each(|(d, x)| *d += x);
                        });
                    }
                }
            }
            if let Some(dw) = &mut self.dw {
                let a = Left { data: dy.as_ptr(), row: 1, column: g.cout };
                let padded = patches.padded;
                let b = patches.tile(first, rows);
                // SAFETY: `dy` transposed is `cout` rows of `rows`, `b` is `rows` rows of `padded`, `dw` as asserted.
                unsafe { gemm::accumulate::<V>(g.cout, rows, padded, a, b, padded, dw.as_mut_ptr()) };
            }
            first += rows;
        }
    }
}
