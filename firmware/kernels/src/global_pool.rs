//! Mean over all pixels per channel: the semantics of TensorFlow Lite Micro's int8 MEAN.
//!
//! The sum of `x − zero` is multiplied once by input scale / output scale / number of pixels, with double rounding.
//! The number of pixels is folded into the factor offline ([`Requant::divided_by`]). (AVERAGE_POOL_2D instead keeps
//! the input's scale and divides the raw sum.) Source: TensorFlow Lite `reference_ops::QuantizedMeanOrSum`.

use crate::{Dims, KernelError, Output, Requant};

/// Constants of one pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolParams {
    /// Zero point of the input.
    pub input_zero: i8,
    /// Input scale / output scale / number of pixels.
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
            *mean = out.finish(params.requant.apply(sum.wrapping_sub(offset)));
        }
    }
    Ok(())
}
