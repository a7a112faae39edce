//! One k×k filter per channel, channel by channel through a padded plane, so that it can run in place.
//!
//! A channel's plane is copied to scratch with its padding, then every output of that channel is computed from
//! the copy. Output element `[pixel · c + channel]` therefore only overwrites elements of the same channel: the
//! output may start where the input starts, for any stride.

use crate::{Channel, Channels, Dims, KernelError, Output, Window};

/// Bytes of scratch: all that one channel's outputs see, padding included.
#[must_use]
pub const fn depthwise_scratch_bytes(window: Window, out_dims: Dims) -> u64 {
    let [rows, columns] = plane(window, out_dims);
    rows as u64 * columns as u64
}

/// Rows and columns of the padded plane.
const fn plane(window: Window, out_dims: Dims) -> [usize; 2] {
    let [rows, columns] = window.axes();
    [
        (out_dims.h as usize).saturating_sub(1) * rows.stride as usize + rows.kernel as usize,
        (out_dims.w as usize).saturating_sub(1) * columns.stride as usize + columns.kernel as usize,
    ]
}

/// Computes the depthwise convolution of `input` (shape `dims`) into another slice.
///
/// `zero`: the input's zero point; `weights`: `[c][ky][kx]`; `out_dims`: the output's shape; `scratch`:
/// [`depthwise_scratch_bytes`].
///
/// # Errors
/// If a slice does not match the shapes or the window does not fit.
#[allow(clippy::too_many_arguments)]
pub fn depthwise(
    input: &[i8],
    dims: Dims,
    window: Window,
    zero: i8,
    weights: &[i8],
    channels: Channels<'_>,
    out_dims: Dims,
    out: Output,
    output: &mut [i8],
    scratch: &mut [i8],
) -> Result<(), KernelError> {
    let job = Job::new(dims, window, zero, weights, channels, out_dims, out)?;
    if input.len() != dims.len()? {
        return Err(KernelError::Input);
    }
    if output.len() != job.out_dims.len()? {
        return Err(KernelError::Output);
    }
    let plane = job.plane(scratch)?;
    for (c, (filter, channel)) in job.channels() {
        job.fill(plane, input, c);
        job.convolve(plane, filter, channel, output, c);
    }
    Ok(())
}

/// Like [`depthwise`], with the input at the start of `data` replaced by the output.
///
/// `data` holds the larger of the two.
///
/// # Errors
/// If a slice does not match the shapes or the window does not fit.
#[allow(clippy::too_many_arguments)]
pub fn depthwise_in_place(
    data: &mut [i8],
    dims: Dims,
    window: Window,
    zero: i8,
    weights: &[i8],
    channels: Channels<'_>,
    out_dims: Dims,
    out: Output,
    scratch: &mut [i8],
) -> Result<(), KernelError> {
    let job = Job::new(dims, window, zero, weights, channels, out_dims, out)?;
    let (input_len, output_len) = (dims.len()?, job.out_dims.len()?);
    if data.len() != input_len.max(output_len) {
        return Err(KernelError::Input);
    }
    let plane = job.plane(scratch)?;
    for (c, (filter, channel)) in job.channels() {
        job.fill(plane, data.get(..input_len).unwrap_or_default(), c);
        job.convolve(plane, filter, channel, data.get_mut(..output_len).unwrap_or_default(), c);
    }
    Ok(())
}

/// A depthwise convolution whose shapes were checked.
struct Job<'a> {
    dims: Dims,
    out_dims: Dims,
    window: Window,
    zero: i8,
    weights: &'a [i8],
    constants: Channels<'a>,
    out: Output,
}

impl<'a> Job<'a> {
    fn new(
        dims: Dims,
        window: Window,
        zero: i8,
        weights: &'a [i8],
        constants: Channels<'a>,
        out_dims: Dims,
        out: Output,
    ) -> Result<Self, KernelError> {
        let depth = usize::from(dims.c);
        if depth == 0 || out_dims.c != dims.c || !window.fits(dims, out_dims) {
            return Err(KernelError::Shape);
        }
        if constants.len() != depth {
            return Err(KernelError::Channels);
        }
        if weights.len() != depth * window.taps() as usize {
            return Err(KernelError::Weights);
        }
        Ok(Self { dims, out_dims, window, zero, weights, constants, out })
    }

    /// Number, weights and constants of every channel.
    fn channels(&self) -> impl Iterator<Item = (usize, (&'a [i8], Channel))> + use<'a> {
        let taps = self.window.taps() as usize;
        self.weights.chunks_exact(taps.max(1)).zip(self.constants.iter()).enumerate()
    }

    /// The part of the scratch that is used, filled with padding.
    fn plane<'s>(&self, scratch: &'s mut [i8]) -> Result<&'s mut [i8], KernelError> {
        let bytes = usize::try_from(depthwise_scratch_bytes(self.window, self.out_dims));
        let plane = bytes.ok().and_then(|bytes| scratch.get_mut(..bytes)).ok_or(KernelError::Scratch)?;
        plane.fill(self.zero);
        Ok(plane)
    }

    /// Side of the plane, padding included.
    fn plane_width(&self) -> usize {
        let [_, columns] = plane(self.window, self.out_dims);
        columns.max(1)
    }

    /// Number of channels.
    fn depth(&self) -> usize {
        usize::from(self.dims.c).max(1)
    }

    /// Copies channel `c` into the plane; the padding stays.
    fn fill(&self, plane: &mut [i8], input: &[i8], c: usize) {
        let (depth, width) = (self.depth(), usize::from(self.dims.w).max(1));
        let [above, left] = self.window.pad.map(usize::from);
        let rows = plane.chunks_exact_mut(self.plane_width()).skip(above).zip(input.chunks_exact(width * depth));
        for (row, pixels) in rows {
            for (to, pixel) in row.iter_mut().skip(left).zip(pixels.chunks_exact(depth)) {
                *to = pixel.get(c).copied().unwrap_or_default();
            }
        }
    }

    /// Computes channel `c` of the output from the plane, some neighbours in a row at a time.
    fn convolve(&self, plane: &[i8], filter: &[i8], channel: Channel, output: &mut [i8], c: usize) {
        let [rows, columns] = self.window.axes();
        let (stride, kernel) = (usize::from(columns.stride).max(1), usize::from(columns.kernel).max(1));
        let (depth, width) = (self.depth(), usize::from(self.out_dims.w).max(1));
        for (y, row) in output.chunks_exact_mut(width * depth).enumerate() {
            for (block, pixels) in row.chunks_mut(NEIGHBOURS * depth).enumerate() {
                let rows = plane.chunks_exact(self.plane_width()).skip(y * usize::from(rows.stride));
                let start = block * NEIGHBOURS * stride;
                let mut sums = [0i32; NEIGHBOURS];
                for (taps, row) in filter.chunks_exact(kernel).zip(rows) {
                    for (tap, w) in taps.iter().enumerate() {
                        let seen = row.get(start + tap..).unwrap_or_default();
                        accumulate(&mut sums, seen, stride, *w);
                    }
                }
                for (pixel, sum) in pixels.chunks_exact_mut(depth).zip(sums) {
                    if let Some(value) = pixel.get_mut(c) {
                        *value = channel.finish(sum, self.out);
                    }
                }
            }
        }
    }
}

/// Outputs of one row that are summed together.
const NEIGHBOURS: usize = if cfg!(target_pointer_width = "64") { 16 } else { 4 };

/// Adds `w` times every `stride`-th value to the sums.
#[inline]
fn accumulate(sums: &mut [i32; NEIGHBOURS], seen: &[i8], stride: usize, w: i8) {
    let w = i32::from(w);
    match seen.first_chunk::<NEIGHBOURS>() {
        Some(seen) if stride == 1 => {
            for (sum, x) in sums.iter_mut().zip(seen) {
                *sum = sum.wrapping_add(i32::from(*x) * w);
            }
        }
        _ => {
            for (sum, x) in sums.iter_mut().zip(seen.iter().step_by(stride.max(1))) {
                *sum = sum.wrapping_add(i32::from(*x) * w);
            }
        }
    }
}
