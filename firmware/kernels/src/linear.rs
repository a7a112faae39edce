//! Matrix product of one vector: the classifier.

use crate::{Channels, Dims, KernelError, Output, pointwise::matrix};

/// Computes `output[o] = requantize(Σ_i input[i] · weights[o][i])` over all elements of the input in HWC order.
///
/// `weights`: `[out][h][w][c]`. The input's zero point is folded into the bias of `channels`.
///
/// # Errors
/// If a slice does not match the shapes.
pub fn linear(
    input: &[i8],
    dims: Dims,
    weights: &[i8],
    channels: Channels<'_>,
    out: Output,
    output: &mut [i8],
) -> Result<(), KernelError> {
    if input.len() != dims.len()? {
        return Err(KernelError::Input);
    }
    matrix(input, 1, input.len(), weights, channels, out, output)
}
