//! Average and maximum over a window: the semantics of TensorFlow Lite's int8 AVERAGE_POOL_2D and MAX_POOL_2D.
//!
//! Padding does not count: the average divides by the number of taps inside the image, the quotient rounded to
//! nearest, ties away from zero. Scale and zero point stay those of the input.
//! Source: TensorFlow Lite `reference_integer_ops::AveragePool`, `MaxPool`.

use core::ops::Range;

use crate::{Dims, KernelError, Output, Rows, Window};

/// Channels that are reduced in one pass over the taps.
const LANES: usize = 16;

/// Computes `rows` of the average of `input`. Of `out`, only the clamp is used.
///
/// # Errors
/// If a slice does not match the shapes, or a row that the window sees is missing.
pub fn average_pool(
    input: Rows<'_>,
    window: Window,
    rows: Range<u16>,
    out_dims: Dims,
    out: Output,
    output: &mut [i8],
) -> Result<(), KernelError> {
    let finish = |sum: i32, taps: i32| {
        let half = if sum > 0 { taps / 2 } else { -(taps / 2) };
        sum.saturating_add(half).checked_div(taps).unwrap_or_default()
    };
    reduce(input, window, rows, out_dims, out, output, Reduction { start: 0, add: i32::wrapping_add, finish })
}

/// Computes `rows` of the maximum of `input`. Of `out`, only the clamp is used.
///
/// # Errors
/// If a slice does not match the shapes, or a row that the window sees is missing.
pub fn max_pool(
    input: Rows<'_>,
    window: Window,
    rows: Range<u16>,
    out_dims: Dims,
    out: Output,
    output: &mut [i8],
) -> Result<(), KernelError> {
    let largest = Reduction { start: i32::from(i8::MIN), add: i32::max, finish: |max, _| max };
    reduce(input, window, rows, out_dims, out, output, largest)
}

/// What is done with the taps of one output.
struct Reduction<A, F> {
    start: i32,
    add: A,
    /// From the result and the number of taps inside the image.
    finish: F,
}

fn reduce<A: Fn(i32, i32) -> i32, F: Fn(i32, i32) -> i32>(
    input: Rows<'_>,
    window: Window,
    rows: Range<u16>,
    out_dims: Dims,
    out: Output,
    output: &mut [i8],
    reduction: Reduction<A, F>,
) -> Result<(), KernelError> {
    let (dims, depth) = (input.dims, usize::from(input.dims.c));
    if depth == 0 || dims.c != out_dims.c || !window.fits(dims, out_dims) || rows.end > out_dims.h {
        return Err(KernelError::Shape);
    }
    let (row_len, out_row) = (usize::from(dims.w) * depth, usize::from(out_dims.w) * depth);
    if output.len() != rows.len() * out_row {
        return Err(KernelError::Output);
    }
    for (y, out_row) in rows.zip(output.chunks_exact_mut(out_row.max(1))) {
        let seen = window.rows(usize::from(y), dims.h);
        let first = seen.start.checked_sub(usize::from(input.first)).ok_or(KernelError::Input)?;
        let taps = seen.end_tap - seen.first_tap;
        let image = input.data.get(first * row_len..(first + taps) * row_len).ok_or(KernelError::Input)?;
        for (x, pixel) in out_row.chunks_exact_mut(depth).enumerate() {
            let columns = window.columns(x, dims.w);
            let count = (taps * (columns.end_tap - columns.first_tap)) as i32;
            for (block, values) in pixel.chunks_mut(LANES).enumerate() {
                let mut lanes = [reduction.start; LANES];
                for row in image.chunks_exact(row_len.max(1)) {
                    let inside = row.chunks_exact(depth).skip(columns.start).take(columns.end_tap - columns.first_tap);
                    for channels in inside {
                        let channels = channels.get(block * LANES..).unwrap_or_default();
                        for (lane, x) in lanes.iter_mut().zip(channels) {
                            *lane = (reduction.add)(*lane, i32::from(*x));
                        }
                    }
                }
                for (value, lane) in values.iter_mut().zip(lanes) {
                    let reduced = (reduction.finish)(lane, count);
                    *value = reduced.min(i32::from(out.max)).max(i32::from(out.min)) as i8;
                }
            }
        }
    }
    Ok(())
}
