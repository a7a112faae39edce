//! A border of one value around an image, where no convolution could take it over.

use core::ops::Range;

use crate::{Dims, KernelError, Rows};

/// Computes `rows` of the input with `before` = [rows above, columns on the left] filled with `value`; what is filled
/// below and on the right follows from `out_dims`.
///
/// # Errors
/// If the input does not fit into the output, a slice does not match the shapes, or a row is missing.
pub fn pad(
    input: Rows<'_>,
    before: [u8; 2],
    value: i8,
    rows: Range<u16>,
    out_dims: Dims,
    output: &mut [i8],
) -> Result<(), KernelError> {
    let (dims, [top, left]) = (input.dims, before.map(u16::from));
    let fits = |inside: u16, before: u16, outside: u16| u32::from(inside) + u32::from(before) <= u32::from(outside);
    let is_inside = fits(dims.h, top, out_dims.h) && fits(dims.w, left, out_dims.w);
    if dims.c != out_dims.c || dims.c == 0 || !is_inside || rows.end > out_dims.h {
        return Err(KernelError::Shape);
    }
    let depth = usize::from(dims.c);
    let (row_len, out_row) = (usize::from(dims.w) * depth, usize::from(out_dims.w) * depth);
    if output.len() != rows.len() * out_row {
        return Err(KernelError::Output);
    }
    for (y, row) in rows.zip(output.chunks_exact_mut(out_row.max(1))) {
        row.fill(value);
        let Some(inside) = y.checked_sub(top).filter(|y| *y < dims.h) else { continue };
        let at = usize::from(inside.checked_sub(input.first).ok_or(KernelError::Input)?) * row_len;
        let pixels = input.data.get(at..at + row_len).ok_or(KernelError::Input)?;
        let start = usize::from(left) * depth;
        if let Some(to) = row.get_mut(start..start + row_len) {
            to.copy_from_slice(pixels);
        }
    }
    Ok(())
}
