//! Convolutions: windows of four pixels are gathered as bytes, widened and multiplied like vectors.

use super::matrix::{Product, TILE};
use crate::packed::{as_bytes, conv::Job};

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

/// The convolution; lengths were checked, `scratch` holds windows and then a tile: what the copy of the last window
/// writes past it, the tile overwrites.
pub(crate) fn run(job: &Job<'_>, output: &mut [i8], scratch: &mut [u32]) {
    let product = Product::new(&job.view, job.out);
    let (taps, outputs) = (job.taps(), usize::from(job.out_dims.c));
    let groups = taps.div_ceil(4);
    let gather = Gather::new(job);
    let width = usize::from(job.out_dims.w);
    let (mut y, mut x) = (job.start, 0);
    for pixels in output.chunks_mut(TILE * outputs) {
        let count = pixels.len() / outputs;
        gather.windows(y, x, count, as_bytes(scratch));
        let (windows, words) = scratch.split_at_mut(4 * groups);
        let windows = as_bytes(windows);
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
    /// Bytes of a row of the input.
    pitch: usize,
    /// Bytes from window to window in the copy.
    distance: usize,
    copy: Windows,
}

impl<'a> Gather<'a> {
    fn new(job: &'a Job<'a>) -> Self {
        let (dims, [rows, columns]) = (job.input.dims, job.window.kernel.map(usize::from));
        let ([_, step], depth) = (job.window.stride.map(usize::from), usize::from(dims.c));
        let (pitch, run) = (usize::from(dims.w) * depth, columns * depth);
        let distance = job.taps().next_multiple_of(4);
        let words = run.div_ceil(4);
        let copy = Windows {
            from: job.input.data.as_ptr(),
            to: core::ptr::null_mut(),
            from_next: pitch.wrapping_sub(4 * words),
            to_next: run.wrapping_sub(4 * words),
            words,
            rows,
            from_window: (step * depth).wrapping_sub(rows * pitch),
            to_window: distance.wrapping_sub(rows * run),
            windows: 0,
        };
        Self { job, pitch, distance, copy }
    }

    /// `count` windows from an output position on, in the order of outputs.
    fn windows(&self, y: usize, x: usize, count: usize, to: &mut [i8]) {
        let width = usize::from(self.job.out_dims.w);
        let (mut index, mut y, mut x) = (0, y, x);
        while index < count {
            while x >= width {
                (y, x) = (y + 1, x - width);
            }
            let to = to.get_mut(index * self.distance..).unwrap_or_default();
            // As many neighbours as see nothing but image are copied together, the others one by one.
            let most = (count - index).min(width - x);
            let inside = (1..=most).rev().find_map(|count| Some((count, self.inside(y, x, count)?)));
            let copied = match inside {
                Some((count, from)) if to.len() >= count * self.distance + size_of::<u32>() => {
                    let copy = Windows { from: from.as_ptr(), to: to.as_mut_ptr(), windows: count, ..self.copy };
                    // SAFETY: `from` ends where the last row of the last window does, filled up to whole words; `to` has
                    // all windows and a word, and the last of these words is less than a word longer.
                    unsafe { tinynas_windows(&raw const copy) };
                    count
                }
                _ => {
                    self.job.gather(y, x, to.get_mut(..self.distance).unwrap_or_default());
                    1
                }
            };
            (index, x) = (index + copied, x + copied);
        }
    }

    /// What `count` neighbours in a row of outputs see, if that is all image.
    fn inside(&self, y: usize, x: usize, count: usize) -> Option<&'a [i8]> {
        let (window, dims) = (self.job.window, self.job.input.dims);
        let ([rows, columns], [down, across]) = (window.kernel.map(usize::from), window.stride.map(usize::from));
        let [above, left] = window.pad.map(usize::from);
        let (row, column) = ((y * down).checked_sub(above)?, (x * across).checked_sub(left)?);
        let inside =
            row + rows <= usize::from(dims.h) && column + (count - 1) * across + columns <= usize::from(dims.w);
        let depth = usize::from(dims.c);
        let first = row.checked_sub(self.job.input.first.into())? * self.pitch + column * depth;
        let span = (count - 1) * across * depth + (rows - 1) * self.pitch + 4 * self.copy.words;
        self.job.input.data.get(first..first + span).filter(|_| inside)
    }
}
