//! Convolutions: windows of four pixels are gathered as bytes, widened and multiplied like vectors.

use super::matrix::{Product, TILE};
use crate::packed::conv::Job;

/// What the assembly needs to copy windows that lie side by side in the image; distances in bytes.
#[repr(C)]
#[derive(Clone, Copy)]
struct Windows {
    from: *const i8,
    to: *mut i8,
    /// From the end of a row of a window to the next one, in the image and in the copy.
    from_next: usize,
    to_next: usize,
    /// Words of a row, the last one perhaps more than it.
    words: usize,
    rows: usize,
    /// From where the rows of a window end to the next window.
    from_window: usize,
    to_window: usize,
    windows: usize,
}

unsafe extern "C" {
    fn tinynas_windows(windows: *const Windows);
}

/// The convolution; lengths were checked, `scratch` holds windows and a tile.
pub(crate) fn run(job: &Job<'_>, input: &[i8], output: &mut [i8], scratch: &mut [u32]) {
    let product = Product::new(&job.view, job.out);
    let (taps, outputs) = (job.taps(), usize::from(job.out_dims.c));
    let groups = taps.div_ceil(4);
    let (words, windows) = scratch.split_at_mut(8 * groups);
    // SAFETY: a word is four int8.
    let (_, windows, _) = unsafe { windows.align_to_mut::<i8>() };
    let gather = Gather::new(job, input);
    let width = usize::from(job.out_dims.w);
    let (mut y, mut x) = (0, 0);
    for pixels in output.chunks_mut(TILE * outputs) {
        let count = pixels.len() / outputs;
        gather.windows(y, x, count, windows);
        x += count;
        while x >= width {
            (y, x) = (y + 1, x - width);
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
    /// Bytes from window to window in the copy.
    distance: usize,
    copy: Windows,
}

impl<'a> Gather<'a> {
    fn new(job: &'a Job<'a>, input: &'a [i8]) -> Self {
        let (depth, kernel) = (usize::from(job.dims.c), usize::from(job.window.kernel));
        let (pitch, run) = (usize::from(job.dims.w) * depth, kernel * depth);
        let (step, distance) = (usize::from(job.window.stride) * depth, job.taps().next_multiple_of(4));
        let words = run.div_ceil(4);
        let copy = Windows {
            from: input.as_ptr(),
            to: core::ptr::null_mut(),
            from_next: pitch.wrapping_sub(4 * words),
            to_next: run.wrapping_sub(4 * words),
            words,
            rows: kernel,
            from_window: step.wrapping_sub(kernel * pitch),
            to_window: distance.wrapping_sub(kernel * run),
            windows: 0,
        };
        Self { job, input, pitch, run, distance, copy }
    }

    /// `count` windows from an output position on, in the order of outputs.
    fn windows(&self, y: usize, x: usize, count: usize, to: &mut [i8]) {
        let (window, dims) = (self.job.window, self.job.dims);
        let (kernel, stride, pad) = (usize::from(window.kernel), usize::from(window.stride), usize::from(window.pad));
        let width = usize::from(self.job.out_dims.w);
        if let (Some(row), Some(column)) = ((y * stride).checked_sub(pad), (x * stride).checked_sub(pad)) {
            let last = column + (count - 1) * stride;
            let first = row * self.pitch + column * usize::from(dims.c);
            let span = (count - 1) * stride * usize::from(dims.c) + (kernel - 1) * self.pitch + 4 * self.copy.words;
            let inside = x + count <= width
                && row + kernel <= usize::from(dims.h)
                && last + kernel <= usize::from(dims.w)
                && to.len() >= count * self.distance + 3;
            if let (true, Some(from)) = (inside, self.input.get(first..first + span)) {
                let copy = Windows { from: from.as_ptr(), to: to.as_mut_ptr(), windows: count, ..self.copy };
                // SAFETY: `from` ends where the last row of the last window does, filled up to whole words; `to` has
                // all windows and three bytes more, which such a word may overwrite.
                unsafe { tinynas_windows(&raw const copy) };
                return;
            }
        }
        for (index, to) in to.chunks_exact_mut(self.distance).take(count).enumerate() {
            let (mut y, mut x) = (y, x + index);
            while x >= width {
                (y, x) = (y + 1, x - width);
            }
            self.at_border(y, x, to);
        }
    }

    /// A window of which only a part lies in the image.
    fn at_border(&self, y: usize, x: usize, to: &mut [i8]) {
        let depth = usize::from(self.job.dims.c);
        let rows = self.job.window.clip(y, self.job.dims.h);
        let columns = self.job.window.clip(x, self.job.dims.w);
        to.fill(self.job.zero);
        let inside = columns.first_tap * depth..columns.end_tap * depth;
        let runs = to.chunks_exact_mut(self.run).take(rows.end_tap).skip(rows.first_tap);
        for (row, run) in runs.enumerate() {
            let from = (rows.start + row) * self.pitch + columns.start * depth;
            let from = self.input.get(from..from + inside.len()).unwrap_or_default();
            if let Some(run) = run.get_mut(inside.clone()).filter(|run| run.len() == from.len()) {
                run.copy_from_slice(from);
            }
        }
    }
}
