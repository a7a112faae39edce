//! Convolutions: windows of four pixels are gathered as bytes, widened and multiplied like vectors.

use super::matrix::{Product, TILE};
use crate::packed::conv::Job;

unsafe extern "C" {
    /// Copies `rows` runs of `words` words; the next run is `pitch` bytes further on and goes `run` bytes further on.
    fn tinynas_runs(from: *const i8, pitch: usize, to: *mut i8, words: usize, rows: usize, run: usize);
}

/// The convolution; lengths were checked, `scratch` holds windows and a tile.
pub(crate) fn run(job: &Job<'_>, input: &[i8], output: &mut [i8], scratch: &mut [u32]) {
    let product = Product::new(&job.view, job.out);
    let (taps, outputs, width) = (job.taps(), usize::from(job.out_dims.c), usize::from(job.out_dims.w));
    let groups = taps.div_ceil(4);
    let (words, windows) = scratch.split_at_mut(8 * groups);
    // SAFETY: a word is four int8.
    let (_, windows, _) = unsafe { windows.align_to_mut::<i8>() };
    let gather = Gather::new(job, input);
    let (mut y, mut x) = (0, 0);
    for pixels in output.chunks_mut(TILE * outputs) {
        let count = pixels.len() / outputs;
        for number in 0..count {
            if let Some(window) = windows.get_mut(number * 4 * groups..) {
                gather.window(y, x, window);
            }
            x += 1;
            if x == width {
                (y, x) = (y + 1, 0);
            }
        }
        if count == TILE {
            product.widen(windows, 4 * groups, groups, words);
            product.tile(words, pixels);
        } else {
            for (pixel, window) in pixels.chunks_exact_mut(outputs).zip(windows.chunks_exact(4 * groups)) {
                product.vector(window.get(..taps).unwrap_or_default(), words, pixel);
            }
        }
    }
    product.clamp(output);
}

/// Copies windows.
struct Gather<'a> {
    job: &'a Job<'a>,
    input: &'a [i8],
    /// Bytes of a row of the input, and of a row of a window.
    pitch: usize,
    run: usize,
    /// Bytes that a copy by words reads from the start of a window.
    span: usize,
}

impl<'a> Gather<'a> {
    fn new(job: &'a Job<'a>, input: &'a [i8]) -> Self {
        let depth = usize::from(job.dims.c);
        let (pitch, run) = (usize::from(job.dims.w) * depth, usize::from(job.window.kernel) * depth);
        let span = (usize::from(job.window.kernel) - 1) * pitch + run.next_multiple_of(4);
        Self { job, input, pitch, run, span }
    }

    /// The window at an output position; `to` holds it and three bytes more.
    fn window(&self, y: usize, x: usize, to: &mut [i8]) {
        let (window, dims) = (self.job.window, self.job.dims);
        let (kernel, stride, pad) = (usize::from(window.kernel), usize::from(window.stride), usize::from(window.pad));
        let start = |at: usize, side: u16| {
            (at * stride).checked_sub(pad).filter(|start| start + kernel <= usize::from(side))
        };
        if let (Some(row), Some(column)) = (start(y, dims.h), start(x, dims.w)) {
            let first = row * self.pitch + column * usize::from(dims.c);
            let readable = self.input.get(first..first + self.span);
            if let (Some(from), true) = (readable, to.len() >= self.run * kernel + 3) {
                // SAFETY: `from` has all runs, the last one filled up to whole words, and so has `to`.
                unsafe {
                    tinynas_runs(from.as_ptr(), self.pitch, to.as_mut_ptr(), self.run.div_ceil(4), kernel, self.run);
                }
                return;
            }
        }
        self.job.gather(self.input, y, x, |i, value| {
            if let Some(to) = to.get_mut(i) {
                *to = value;
            }
        });
    }
}
