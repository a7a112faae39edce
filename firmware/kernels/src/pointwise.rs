//! 1×1 convolution with stride 1: a matrix product over pixels, four output channels at a time.

use crate::{CHANNEL_GROUP, Channels, Dims, KernelError, Output};

/// Computes `output[p][o] = requantize(Σ_i input[p][i] · weights[o][i])`.
///
/// `weights`: `[out][in]`. The input's zero point is folded into the bias of `channels`.
///
/// # Errors
/// If a slice does not match the shapes.
pub fn pointwise(
    input: &[i8],
    dims: Dims,
    weights: &[i8],
    channels: Channels<'_>,
    out: Output,
    output: &mut [i8],
) -> Result<(), KernelError> {
    let pixels = usize::try_from(dims.pixels()).map_err(|_| KernelError::Shape)?;
    if input.len() != dims.len()? {
        return Err(KernelError::Input);
    }
    matrix(input, pixels, usize::from(dims.c), weights, channels, out, output)
}

/// `pixels` vectors of `depth` inputs each, times `weights` of `[out][depth]`.
pub(crate) fn matrix(
    input: &[i8],
    pixels: usize,
    depth: usize,
    weights: &[i8],
    channels: Channels<'_>,
    out: Output,
    output: &mut [i8],
) -> Result<(), KernelError> {
    let outputs = channels.len();
    if depth == 0 || outputs == 0 || pixels == 0 {
        return Err(KernelError::Shape);
    }
    if Some(weights.len()) != depth.checked_mul(outputs) {
        return Err(KernelError::Weights);
    }
    if Some(output.len()) != pixels.checked_mul(outputs) {
        return Err(KernelError::Output);
    }
    let rows = weights.chunks(CHANNEL_GROUP.saturating_mul(depth));
    for (group, (rows, constants)) in rows.zip(channels.groups()).enumerate() {
        let vectors = input.chunks_exact(depth).zip(output.chunks_exact_mut(outputs));
        for (vector, pixel) in vectors {
            let lanes = pixel.get_mut(group * CHANNEL_GROUP..).unwrap_or_default();
            for ((row, channel), y) in rows.chunks_exact(depth).zip(constants).zip(lanes) {
                *y = channel.finish(dot(vector, row), out);
            }
        }
    }
    Ok(())
}

/// Sum of products; wraps like the 32-bit accumulator of the chip.
#[inline]
pub(crate) fn dot(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).fold(0i32, |sum, (x, w)| sum.wrapping_add(i32::from(*x) * i32::from(*w)))
}
