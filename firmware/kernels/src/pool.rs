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
    reduce(input, window, rows, out_dims, out, output, Reduction::Mean)
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
    reduce(input, window, rows, out_dims, out, output, Reduction::Maximum)
}

/// What is done with the taps of one output.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reduction {
    Mean,
    Maximum,
}

impl Reduction {
    /// Takes one pixel in.
    fn add(self, lanes: &mut [i32; LANES], channels: &[i8]) {
        let lanes = lanes.iter_mut().zip(channels);
        match self {
            Self::Mean => lanes.for_each(|(lane, x)| *lane = lane.wrapping_add(i32::from(*x))),
            Self::Maximum => lanes.for_each(|(lane, x)| *lane = (*lane).max(i32::from(*x))),
        }
    }

    /// From the result and the number of taps inside the image.
    fn finish(self, lane: i32, taps: i32) -> i32 {
        if self == Self::Maximum {
            return lane;
        }
        let half = if lane > 0 { taps / 2 } else { -(taps / 2) };
        lane.saturating_add(half).checked_div(taps).unwrap_or_default()
    }
}

fn reduce(
    input: Rows<'_>,
    window: Window,
    rows: Range<u16>,
    out_dims: Dims,
    out: Output,
    output: &mut [i8],
    reduction: Reduction,
) -> Result<(), KernelError> {
    let (dims, depth) = (input.dims, usize::from(input.dims.c));
    if depth == 0 || dims.c != out_dims.c || !window.fits(dims, out_dims) || rows.end > out_dims.h {
        return Err(KernelError::Shape);
    }
    let (row_len, out_row) = (usize::from(dims.w) * depth, usize::from(out_dims.w) * depth);
    if output.len() != rows.len() * out_row {
        return Err(KernelError::Output);
    }
    for (y, out_row) in output.chunks_exact_mut(out_row.max(1)).enumerate() {
        let seen = window.rows(usize::from(rows.start) + y, dims.h);
        let first = seen.start.checked_sub(usize::from(input.first)).ok_or(KernelError::Input)?;
        let taps = seen.end_tap - seen.first_tap;
        let image = input.data.get(first * row_len..(first + taps) * row_len).ok_or(KernelError::Input)?;
        for (x, pixel) in out_row.chunks_exact_mut(depth.max(1)).enumerate() {
            let columns = window.columns(x, dims.w);
            let count = (taps * (columns.end_tap - columns.first_tap)) as i32;
            for (block, values) in pixel.chunks_mut(LANES).enumerate() {
                let mut lanes = [if reduction == Reduction::Mean { 0 } else { i32::from(i8::MIN) }; LANES];
                for tap in (0..taps).map(|row| row * row_len) {
                    for column in columns.start..columns.start + columns.end_tap - columns.first_tap {
                        let at = tap + column * depth + block * LANES;
                        reduction.add(&mut lanes, image.get(at..at + values.len()).unwrap_or_default());
                    }
                }
                for (value, lane) in values.iter_mut().zip(lanes) {
                    let reduced = reduction.finish(lane, count);
                    *value = reduced.min(i32::from(out.max)).max(i32::from(out.min)) as i8;
                }
            }
        }
    }
    Ok(())
}
