//! k×k convolution over packed weights: every window becomes a vector, and the rest is a matrix product.
//!
//! Weights are packed as those of a [`Matrix`](super::Matrix) with `k · k · c` inputs, in the order `[ky][kx][in]`.

use super::matrix::{self, View};
use crate::{Dims, KernelError, Output, Window};

/// Words of scratch: windows of four pixels as bytes, then widened.
#[must_use]
pub const fn conv_scratch_words(dims: Dims, window: Window) -> u64 {
    // Copies go by words, the last of which may end past the windows.
    1 + 12 * (window.taps() as u64 * dims.c as u64).div_ceil(4)
}

/// A convolution whose shapes were checked.
pub(crate) struct Job<'a> {
    pub view: View<'a>,
    pub dims: Dims,
    pub out_dims: Dims,
    pub window: Window,
    pub zero: i8,
    pub out: Output,
}

impl Job<'_> {
    /// Bytes of a window.
    pub fn taps(&self) -> usize {
        self.view.inputs
    }

    /// Gives `put` every input of the window at an output position, padding as the zero point.
    pub fn gather(&self, input: &[i8], y: usize, x: usize, mut put: impl FnMut(usize, i8)) {
        let c = usize::from(self.dims.c);
        let kernel = usize::from(self.window.kernel);
        let rows = self.window.clip(y, self.dims.h);
        let columns = self.window.clip(x, self.dims.w);
        for ky in 0..kernel {
            let inside = (rows.first_tap..rows.end_tap).contains(&ky);
            let row = (rows.start + ky.saturating_sub(rows.first_tap)) * usize::from(self.dims.w);
            for kx in 0..kernel {
                let inside = inside && (columns.first_tap..columns.end_tap).contains(&kx);
                let pixel = (row + columns.start + kx.saturating_sub(columns.first_tap)) * c;
                let pixel = input.get(pixel..pixel + c).filter(|_| inside);
                for i in 0..c {
                    let value = pixel.and_then(|pixel| pixel.get(i)).copied().unwrap_or(self.zero);
                    put((ky * kernel + kx) * c + i, value);
                }
            }
        }
    }
}

fn check<'a>(
    input: &[i8],
    dims: Dims,
    window: Window,
    zero: i8,
    packed: &'a [u32],
    out: Output,
    output: &[i8],
    outputs: u16,
) -> Result<Job<'a>, KernelError> {
    let out_dims = window.output(dims, outputs).ok_or(KernelError::Shape)?;
    let taps = usize::try_from(u64::from(window.taps()) * u64::from(dims.c)).map_err(|_| KernelError::Shape)?;
    let view = View::new(packed, taps, usize::from(outputs))?;
    if input.len() != dims.len()? {
        return Err(KernelError::Input);
    }
    if output.len() != out_dims.len()? {
        return Err(KernelError::Output);
    }
    Ok(Job { view, dims, out_dims, window, zero, out })
}

fn take(scratch: &mut [u32], dims: Dims, window: Window) -> Result<&mut [u32], KernelError> {
    let words = usize::try_from(conv_scratch_words(dims, window));
    words.ok().and_then(|words| scratch.get_mut(..words)).ok_or(KernelError::Scratch)
}

fn by_pixel(job: &Job<'_>, input: &[i8], output: &mut [i8], scratch: &mut [u32]) {
    let (width, outputs) = (usize::from(job.out_dims.w), usize::from(job.out_dims.c));
    for (index, pixel) in output.chunks_exact_mut(outputs).enumerate() {
        job.gather(input, index / width, index % width, |i, value| {
            if let Some(word) = scratch.get_mut(i) {
                *word = i32::from(value).cast_unsigned();
            }
        });
        let at = |i: usize| if i < job.taps() { scratch.get(i).copied().unwrap_or_default().cast_signed() } else { 0 };
        matrix::run(&job.view, at, job.out, pixel);
    }
}

/// Computes the convolution as [`crate::conv`].
///
/// `outputs`: channels; `packed`: [`Matrix`](super::Matrix); `scratch`: [`conv_scratch_words`].
///
/// # Errors
/// If a slice does not match the shapes or the window does not fit.
#[allow(clippy::too_many_arguments)]
pub fn conv(
    input: &[i8],
    dims: Dims,
    window: Window,
    zero: i8,
    outputs: u16,
    packed: &[u32],
    out: Output,
    output: &mut [i8],
    scratch: &mut [u32],
) -> Result<(), KernelError> {
    let job = check(input, dims, window, zero, packed, out, output, outputs)?;
    let scratch = take(scratch, dims, window)?;
    #[cfg(dsp)]
    crate::dsp::conv::run(&job, input, output, scratch);
    #[cfg(not(dsp))]
    by_pixel(&job, input, output, scratch);
    Ok(())
}

/// [`conv`] on any core.
///
/// # Errors
/// If a slice does not match the shapes or the window does not fit.
#[allow(clippy::too_many_arguments)]
pub fn portable(
    input: &[i8],
    dims: Dims,
    window: Window,
    zero: i8,
    outputs: u16,
    packed: &[u32],
    out: Output,
    output: &mut [i8],
    scratch: &mut [u32],
) -> Result<(), KernelError> {
    let job = check(input, dims, window, zero, packed, out, output, outputs)?;
    by_pixel(&job, input, output, take(scratch, dims, window)?);
    Ok(())
}
