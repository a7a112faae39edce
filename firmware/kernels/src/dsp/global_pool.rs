//! Mean over all pixels: four channels are summed at a time.

use crate::{Dims, KernelError, Output, PoolParams};

unsafe extern "C" {
    /// Adds four channels of `pixels` pixels, `depth` bytes from one to the next, to `sums`.
    fn tinynas_sums(input: *const i8, depth: usize, pixels: usize, sums: *mut [i32; 4]);
}

/// The mean; `input` and `output` have their lengths.
pub(crate) fn run(
    input: &[i8],
    dims: Dims,
    params: &PoolParams,
    out: Output,
    output: &mut [i8],
) -> Result<(), KernelError> {
    let (depth, pixels) = (usize::from(dims.c), usize::try_from(dims.pixels()).map_err(|_| KernelError::Shape)?);
    if depth == 0 || pixels == 0 {
        return Err(KernelError::Shape);
    }
    let offset = i32::try_from(pixels).map_err(|_| KernelError::Shape)?.wrapping_mul(i32::from(params.input_zero));
    for (block, means) in output.chunks_mut(4).enumerate() {
        let mut sums = [0i32; 4];
        if means.len() == 4 {
            // SAFETY: every pixel has `depth` bytes, and the four channels are among them.
            unsafe { tinynas_sums(input.as_ptr().wrapping_add(4 * block), depth, pixels, &raw mut sums) };
        } else {
            for pixel in input.chunks_exact(depth) {
                let lanes = pixel.iter().skip(4 * block);
                sums.iter_mut().zip(lanes).for_each(|(sum, x)| *sum = sum.wrapping_add(i32::from(*x)));
            }
        }
        for (mean, sum) in means.iter_mut().zip(sums) {
            *mean = out.finish(params.requant.apply(sum.wrapping_sub(offset)));
        }
    }
    Ok(())
}
