//! Mean over all pixels, as [`crate::global_pool`].

use crate::{Dims, KernelError, Output, PoolParams, global_pool as by_definition};

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
    #[cfg(dsp)]
    if input.len() == dims.len()? && output.len() == usize::from(dims.c) {
        return crate::dsp::global_pool::run(input, dims, params, out, output);
    }
    by_definition(input, dims, params, out, output)
}
