//! Another order of the axes.

use crate::{Dims, KernelError};

/// Computes the output whose axis `i` is the input's axis `order[i]` (0 rows, 1 columns, 2 channels).
///
/// # Errors
/// If `order` is not a permutation or a slice does not match the shape.
pub fn transpose(input: &[i8], dims: Dims, order: [u8; 3], output: &mut [i8]) -> Result<(), KernelError> {
    let mut sorted = order;
    sorted.sort_unstable();
    if sorted != [0, 1, 2] {
        return Err(KernelError::Shape);
    }
    if input.len() != dims.len()? || input.is_empty() {
        return Err(KernelError::Input);
    }
    if output.len() != input.len() {
        return Err(KernelError::Output);
    }
    let sides = [dims.h, dims.w, dims.c].map(usize::from);
    let steps = [sides[1] * sides[2], sides[2], 1];
    let [rows, columns, channels] = order.map(|axis| sides.get(usize::from(axis)).copied().unwrap_or_default());
    let [row, column, channel] = order.map(|axis| steps.get(usize::from(axis)).copied().unwrap_or_default());
    let positions = (0..rows).flat_map(|y| (0..columns).map(move |x| y * row + x * column));
    for (pixel, at) in output.chunks_exact_mut(channels.max(1)).zip(positions) {
        for (c, value) in pixel.iter_mut().enumerate() {
            *value = input.get(at + c * channel).copied().unwrap_or_default();
        }
    }
    Ok(())
}
