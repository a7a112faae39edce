//! Nearest neighbour: output position `i` of `n` is input position ⌊i · m / n⌋ of `m`.
//!
//! Source: TensorFlow Lite `reference_ops::ResizeNearestNeighbor` without aligned corners.

use core::ops::Range;

use crate::{Dims, KernelError, Rows};

/// Computes `rows` of the resized image.
///
/// # Errors
/// If a slice does not match the shapes, or a row is missing.
pub fn resize_nearest(input: Rows<'_>, rows: Range<u16>, out_dims: Dims, output: &mut [i8]) -> Result<(), KernelError> {
    let (dims, depth) = (input.dims, usize::from(input.dims.c));
    if depth == 0 || dims.c != out_dims.c || rows.end > out_dims.h {
        return Err(KernelError::Shape);
    }
    let (row_len, out_row) = (usize::from(dims.w) * depth, usize::from(out_dims.w) * depth);
    if output.len() != rows.len() * out_row {
        return Err(KernelError::Output);
    }
    for (y, row) in output.chunks_exact_mut(out_row.max(1)).enumerate() {
        let from = nearest(usize::from(rows.start) + y, dims.h, out_dims.h);
        let at = from.checked_sub(usize::from(input.first)).ok_or(KernelError::Input)? * row_len;
        let pixels = input.data.get(at..at + row_len).ok_or(KernelError::Input)?;
        for (x, pixel) in row.chunks_exact_mut(depth.max(1)).enumerate() {
            let at = nearest(x, dims.w, out_dims.w) * depth;
            pixel.copy_from_slice(pixels.get(at..at + depth).ok_or(KernelError::Shape)?);
        }
    }
    Ok(())
}

/// The input position of one output position.
fn nearest(at: usize, input: u16, output: u16) -> usize {
    (at * usize::from(input)).checked_div(usize::from(output)).unwrap_or_default()
}
