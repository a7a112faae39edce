//! Mean over all pixels per channel: the semantics of TensorFlow Lite Micro's int8 MEAN over axes 1 and 2.
//!
//! The sum of `x − zero` is multiplied by input scale / output scale (double rounding), *then* divided by the
//! number of pixels, rounded to nearest with ties away from zero. (AVERAGE_POOL_2D instead keeps the input's
//! scale and divides the raw sum.) Source: TensorFlow Lite `reference_integer_ops::Mean`.

use crate::{Dims, KernelError, Output, Requant};

/// Constants of one pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolParams {
    /// Zero point of the input.
    pub input_zero: i8,
    /// Input scale / output scale; the number of pixels is *not* folded in.
    pub requant: Requant,
}

/// Channels that are summed in one pass over the pixels.
const LANES: usize = 16;

/// Computes the mean of every channel of `input` (shape `dims`).
///
/// # Errors
/// If a slice does not match the shapes.
pub fn global_pool(
    input: &[i8],
    dims: Dims,
    params: &PoolParams,
    out: Output,
    output: &mut [i8],
) -> Result<(), KernelError> {
    let depth = usize::from(dims.c);
    let pixels = i32::try_from(dims.pixels()).map_err(|_| KernelError::Shape)?;
    if depth == 0 || pixels == 0 {
        return Err(KernelError::Shape);
    }
    if input.len() != dims.len()? {
        return Err(KernelError::Input);
    }
    if output.len() != depth {
        return Err(KernelError::Output);
    }
    let offset = pixels.wrapping_mul(i32::from(params.input_zero));
    for (block, means) in output.chunks_mut(LANES).enumerate() {
        let mut sums = [0i32; LANES];
        for pixel in input.chunks_exact(depth) {
            let lanes = pixel.get(block * LANES..).unwrap_or_default();
            for (sum, x) in sums.iter_mut().zip(lanes) {
                *sum = sum.wrapping_add(i32::from(*x));
            }
        }
        for (mean, sum) in means.iter_mut().zip(sums) {
            let scaled = params.requant.apply(sum.wrapping_sub(offset));
            *mean = out.finish(divide_rounded(scaled, pixels));
        }
    }
    Ok(())
}

/// `x / n` to nearest, ties away from zero. `n` > 0.
fn divide_rounded(x: i32, n: i32) -> i32 {
    let half = n / 2;
    let nudged = if x > 0 { x.saturating_add(half) } else { x.saturating_sub(half) };
    nudged.checked_div(n).unwrap_or_default()
}
