//! Another order of the axes.

use core::ops::Range;

use crate::{Dims, KernelError};

/// Computes `rows` of the output whose axis `i` is the input's axis `order[i]` (0 rows, 1 columns, 2 channels).
///
/// # Errors
/// If `order` is not a permutation or a slice does not match the shape.
pub fn transpose(
    input: &[i8],
    dims: Dims,
    order: [u8; 3],
    rows: Range<u16>,
    output: &mut [i8],
) -> Result<(), KernelError> {
    let sides = [dims.h, dims.w, dims.c].map(usize::from);
    let steps = [sides[1] * sides[2], sides[2], 1];
    let of = |values: [usize; 3]| order.map(|axis| values.get(usize::from(axis)).copied().unwrap_or_default());
    let ([height, columns, channels], [row, column, channel]) = (of(sides), of(steps));
    if (0..3).any(|axis| !order.contains(&axis)) || usize::from(rows.end) > height {
        return Err(KernelError::Shape);
    }
    if input.len() != dims.len()? || input.is_empty() {
        return Err(KernelError::Input);
    }
    if output.len() != rows.len() * columns * channels {
        return Err(KernelError::Output);
    }
    let positions = rows.flat_map(|y| (0..columns).map(move |x| usize::from(y) * row + x * column));
    for (pixel, at) in output.chunks_exact_mut(channels.max(1)).zip(positions) {
        for (c, value) in pixel.iter_mut().enumerate() {
            *value = input.get(at + c * channel).copied().unwrap_or_default();
        }
    }
    Ok(())
}
