//! k×k convolution over packed weights: every window becomes a vector, and the rest is a matrix product.
//!
//! Weights are packed as those of a [`Matrix`](super::Matrix) with `k · k · c` inputs, in the order `[ky][kx][in]`.

use core::ops::Range;

use super::{as_bytes, matrix::View, product, tile};
use crate::{Dims, KernelError, Output, Rows, Window, geometry::bytes_of};

/// Words of scratch: windows of four pixels of `channels` input channels as bytes, then widened.
#[must_use]
pub const fn conv_scratch_words(channels: u16, window: Window) -> u64 {
    12 * (window.taps() as u64 * channels as u64).div_ceil(4)
}

/// A convolution whose shapes were checked.
pub(crate) struct Job<'a> {
    pub view: View<'a>,
    pub input: Rows<'a>,
    pub window: Window,
    pub zero: i8,
    pub out_dims: Dims,
    /// First output row.
    pub start: usize,
    pub out: Output,
}

impl<'a> Job<'a> {
    #[allow(clippy::too_many_arguments)]
    fn new(
        input: Rows<'a>,
        window: Window,
        zero: i8,
        packed: &'a [u32],
        out_dims: Dims,
        rows: &Range<u16>,
        out: Output,
        output: &[i8],
    ) -> Result<Self, KernelError> {
        input.check(window, out_dims, rows)?;
        let taps = u64::from(window.taps()) * u64::from(input.dims.c);
        let taps = usize::try_from(taps).map_err(|_| KernelError::Shape)?;
        let view = View::new(packed, taps, usize::from(out_dims.c))?;
        if output.len() != bytes_of(rows, out_dims) {
            return Err(KernelError::Output);
        }
        Ok(Self { view, input, window, zero, out_dims, start: rows.start.into(), out })
    }

    /// Bytes of a window.
    pub fn taps(&self) -> usize {
        self.view.inputs
    }

    /// Writes the window of an output position, padding as the zero point; `to`: [`taps`](Self::taps) bytes or more.
    pub fn gather(&self, y: usize, x: usize, to: &mut [i8]) {
        let Rows { dims, first, data } = self.input;
        let depth = usize::from(dims.c);
        let (rows, columns) = (self.window.rows(y, dims.h), self.window.columns(x, dims.w));
        to.fill(self.zero);
        let inside = columns.first_tap * depth..columns.end_tap * depth;
        let [_, kernel] = self.window.kernel.map(usize::from);
        let runs = to.chunks_exact_mut((kernel * depth).max(1)).take(rows.end_tap).skip(rows.first_tap);
        for (row, run) in (rows.start..).zip(runs) {
            let row = row.saturating_sub(first.into());
            let from = (row * usize::from(dims.w) + columns.start) * depth;
            let from = data.get(from..from + inside.len()).unwrap_or_default();
            if let Some(run) = run.get_mut(inside.clone()).filter(|run| run.len() == from.len()) {
                run.copy_from_slice(from);
            }
        }
    }
}

fn take(scratch: &mut [u32], channels: u16, window: Window) -> Result<&mut [u32], KernelError> {
    let words = usize::try_from(conv_scratch_words(channels, window));
    words.ok().and_then(|words| scratch.get_mut(..words)).ok_or(KernelError::Scratch)
}

fn by_windows(job: &Job<'_>, output: &mut [i8], scratch: &mut [u32]) {
    let (width, outputs, taps) = (usize::from(job.out_dims.w), usize::from(job.out_dims.c), job.taps());
    let (windows, words) = scratch.split_at_mut(4 * taps.div_ceil(4));
    let (windows, rest) = as_bytes(windows).split_at_mut(tile::PIXELS * taps);
    // What fills the windows up to words is written too, so that a plan's bytes are seen to be used.
    rest.fill(job.zero);
    for (block, pixels) in output.chunks_mut(tile::PIXELS * outputs).enumerate() {
        let positions = (block * tile::PIXELS..).map(|index| (job.start + index / width, index % width));
        let count = pixels.len() / outputs;
        for ((y, x), window) in positions.zip(windows.chunks_exact_mut(taps).take(count)) {
            job.gather(y, x, window);
        }
        product::by_tiles(&job.view, windows.get(..count * taps).unwrap_or_default(), job.out, pixels, words);
    }
}

/// Computes output rows `rows` of the convolution that [`crate::conv`] defines.
///
/// `zero`: the input's zero point; `packed`: [`Matrix`](super::Matrix); `out_dims`: the whole output's shape; `output`:
/// the rows; `scratch`: [`conv_scratch_words`].
///
/// # Errors
/// If a slice does not match the shapes, the window does not fit or `input` lacks a row.
#[allow(clippy::too_many_arguments)]
pub fn conv(
    input: Rows<'_>,
    window: Window,
    zero: i8,
    packed: &[u32],
    out_dims: Dims,
    rows: Range<u16>,
    out: Output,
    output: &mut [i8],
    scratch: &mut [u32],
) -> Result<(), KernelError> {
    let job = Job::new(input, window, zero, packed, out_dims, &rows, out, output)?;
    let scratch = take(scratch, input.dims.c, window)?;
    #[cfg(dsp)]
    crate::dsp::conv::run(&job, output, scratch);
    #[cfg(not(dsp))]
    by_windows(&job, output, scratch);
    Ok(())
}

/// [`conv`] on any core.
///
/// # Errors
/// If a slice does not match the shapes, the window does not fit or `input` lacks a row.
#[allow(clippy::too_many_arguments)]
pub fn portable(
    input: Rows<'_>,
    window: Window,
    zero: i8,
    packed: &[u32],
    out_dims: Dims,
    rows: Range<u16>,
    out: Output,
    output: &mut [i8],
    scratch: &mut [u32],
) -> Result<(), KernelError> {
    let job = Job::new(input, window, zero, packed, out_dims, &rows, out, output)?;
    by_windows(&job, output, take(scratch, input.dims.c, window)?);
    Ok(())
}
