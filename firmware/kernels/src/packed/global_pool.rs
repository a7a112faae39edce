//! Mean over all pixels, as [`crate::global_pool`]: at once, or as the pixels come.

use crate::{Dims, KernelError, Output, PoolParams};

/// Channels that are summed at a time when all pixels are there.
const LANES: usize = 32;

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
    if depth == 0 || dims.pixels() == 0 {
        return Err(KernelError::Shape);
    }
    if input.len() != dims.len()? {
        return Err(KernelError::Input);
    }
    if output.len() != depth {
        return Err(KernelError::Output);
    }
    for (block, means) in output.chunks_mut(LANES).enumerate() {
        let mut sums = [0i32; LANES];
        let sums = sums.get_mut(..means.len()).unwrap_or_default();
        add_pixels(input, depth, block * LANES, sums);
        finish(sums, dims.pixels(), params, out, means)?;
    }
    Ok(())
}

/// Adds every channel of some pixels to its sum; sums begin at 0.
///
/// # Errors
/// If `pixels` is not a number of pixels of as many channels as there are sums.
pub fn accumulate(pixels: &[i8], sums: &mut [i32]) -> Result<(), KernelError> {
    if sums.is_empty() {
        return Err(KernelError::Shape);
    }
    if !pixels.len().is_multiple_of(sums.len()) {
        return Err(KernelError::Input);
    }
    let depth = sums.len();
    add_pixels(pixels, depth, 0, sums);
    Ok(())
}

/// Makes means of the sums of `pixels` pixels.
///
/// # Errors
/// If there are not as many outputs as sums.
pub fn finish(
    sums: &[i32],
    pixels: u32,
    params: &PoolParams,
    out: Output,
    output: &mut [i8],
) -> Result<(), KernelError> {
    if output.len() != sums.len() {
        return Err(KernelError::Output);
    }
    let offset = i32::try_from(pixels).map_err(|_| KernelError::Shape)?.wrapping_mul(i32::from(params.input_zero));
    for (mean, sum) in output.iter_mut().zip(sums) {
        *mean = out.finish(params.requant.apply_once(sum.wrapping_sub(offset)));
    }
    Ok(())
}

/// Adds the channels from `first` on of whole pixels of `depth` channels.
fn add_pixels(pixels: &[i8], depth: usize, first: usize, sums: &mut [i32]) {
    #[cfg(dsp)]
    let (first, sums) = {
        let done = crate::dsp::global_pool::run(pixels, depth, first, sums);
        (first + done, sums.get_mut(done..).unwrap_or_default())
    };
    if sums.is_empty() {
        return;
    }
    for pixel in pixels.chunks_exact(depth.max(1)) {
        let lanes = pixel.get(first..).unwrap_or_default();
        sums.iter_mut().zip(lanes).for_each(|(sum, x)| *sum = sum.wrapping_add(i32::from(*x)));
    }
}
