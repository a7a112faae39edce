//! k×k convolution over all input channels, any stride and padding, without scratch.
//!
//! In HWC order the taps of one window row are one run of `k · c` bytes, so a window is `k` dot products. At the
//! border a run is shorter; the missing taps see the zero point, as the folded bias expects.

use crate::{Channels, Dims, KernelError, Output, Window, geometry::Clip, pointwise::dot};

/// Computes the convolution of `input` (shape `dims`) with `weights` (`[out][ky][kx][in]`).
///
/// `zero`: the input's zero point, which is what padding holds; it is folded into the bias of `channels`. `out_dims`: the
/// output's shape.
///
/// # Errors
/// If a slice does not match the shapes or the window does not fit.
#[allow(clippy::too_many_arguments)]
pub fn conv(
    input: &[i8],
    dims: Dims,
    window: Window,
    zero: i8,
    weights: &[i8],
    channels: Channels<'_>,
    out_dims: Dims,
    out: Output,
    output: &mut [i8],
) -> Result<(), KernelError> {
    let outputs = channels.len();
    let [rows, columns] = window.kernel.map(usize::from);
    let run = columns * usize::from(dims.c);
    let filter = rows * run;
    if filter == 0 || outputs == 0 || outputs != usize::from(out_dims.c) || !window.fits(dims, out_dims) {
        return Err(KernelError::Shape);
    }
    if input.len() != dims.len()? {
        return Err(KernelError::Input);
    }
    if Some(weights.len()) != filter.checked_mul(outputs) {
        return Err(KernelError::Weights);
    }
    if output.len() != out_dims.len()? {
        return Err(KernelError::Output);
    }
    let out_row = usize::from(out_dims.w) * outputs;
    for (y, row) in output.chunks_exact_mut(out_row.max(1)).enumerate() {
        let rows = window.rows(y, dims.h);
        for (x, pixel) in row.chunks_exact_mut(outputs).enumerate() {
            let columns = window.columns(x, dims.w);
            let patch = Patch { input, dims, run, rows, columns, zero };
            let filters = weights.chunks_exact(filter).zip(channels.iter());
            for ((filter, channel), value) in filters.zip(pixel) {
                *value = channel.finish(patch.products(filter), out);
            }
        }
    }
    Ok(())
}

/// The inputs under one position of the window.
struct Patch<'a> {
    input: &'a [i8],
    dims: Dims,
    /// Weights in one row of a filter.
    run: usize,
    rows: Clip,
    columns: Clip,
    zero: i8,
}

impl Patch<'_> {
    /// Sum of products with one filter, padding counted as the zero point.
    fn products(&self, filter: &[i8]) -> i32 {
        let c = usize::from(self.dims.c);
        let (first, end) = (self.columns.first_tap * c, self.columns.end_tap * c);
        let mut sum = 0i32;
        let mut outside = 0i32;
        for (tap, weights) in filter.chunks_exact(self.run.max(1)).enumerate() {
            if tap < self.rows.first_tap || tap >= self.rows.end_tap {
                outside = outside.wrapping_add(total(weights));
                continue;
            }
            let row = self.rows.start + tap - self.rows.first_tap;
            let start = (row * usize::from(self.dims.w) + self.columns.start) * c;
            let pixels = self.input.get(start..start + (end - first)).unwrap_or_default();
            let inside = weights.get(first..end).unwrap_or_default();
            sum = sum.wrapping_add(dot(pixels, inside));
            if inside.len() < weights.len() {
                outside = outside.wrapping_add(total(weights)).wrapping_sub(total(inside));
            }
        }
        sum.wrapping_add(outside.wrapping_mul(i32::from(self.zero)))
    }
}

fn total(weights: &[i8]) -> i32 {
    weights.iter().map(|w| i32::from(*w)).fold(0, i32::wrapping_add)
}
