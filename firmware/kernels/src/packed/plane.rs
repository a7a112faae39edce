//! The plane of one channel that a depthwise convolution reads: where the image lies in it, and the convolution of it on
//! any core.

use core::ops::Range;

use super::{
    as_halves,
    depthwise::Data,
    filter::{Depthwise, Record, rounding},
    neighbours::{TAPS, WIDE, sum, sums},
};
use crate::{Dims, KernelError, Output, Rows, Window};

/// Words of scratch for calls that make up to `rows` rows of `out_dims`: all that these see of one channel, as
/// half-words, rows aligned, padding included, and what a block of outputs may read past it.
#[must_use]
pub const fn depthwise_scratch_words(window: Window, out_dims: Dims, rows: u16) -> u64 {
    let ([kernel, _], [stride, _]) = (window.kernel, window.stride);
    let seen = (rows as u64).saturating_sub(1) * stride as u64 + kernel as u64;
    seen * pitch(window, out_dims) as u64 + SLACK
}

/// Words from row to row of the plane.
const fn pitch(window: Window, out_dims: Dims) -> usize {
    let ([_, kernel], [_, stride]) = (window.kernel, window.stride);
    ((out_dims.w as usize).saturating_sub(1) * stride as usize + kernel as usize).div_ceil(2)
}

/// Words that blocks of outputs may read past the plane: one output more than there are.
const SLACK: u64 = 2;

/// Output rows of a depthwise convolution whose shapes were checked.
pub(crate) struct Job<'a> {
    pub dims: Dims,
    /// First row that the input holds.
    first: usize,
    pub window: Window,
    pub packed: &'a [u32],
    pub out_dims: Dims,
    rows: Range<usize>,
    pub out: Output,
    zero: i8,
}

/// Where the image lies in the plane: of all that the outputs see, the rest is padding.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    /// First row of the plane.
    pub row: usize,
    /// First column of the plane.
    pub column: usize,
    pub rows: usize,
    pub columns: usize,
    /// First element of the input, channel 0.
    pub start: usize,
}

impl<'a> Job<'a> {
    #[allow(clippy::too_many_arguments)]
    pub fn new(
        input: Rows<'_>,
        window: Window,
        zero: i8,
        packed: &'a [u32],
        out_dims: Dims,
        rows: &Range<u16>,
        out: Output,
    ) -> Result<Self, KernelError> {
        let dims = input.dims;
        input.check(window, out_dims, rows)?;
        if out_dims.c != dims.c {
            return Err(KernelError::Shape);
        }
        if u64::try_from(packed.len()) != Ok(Depthwise { channels: dims.c, window }.words()) {
            return Err(KernelError::Weights);
        }
        let rows = usize::from(rows.start)..usize::from(rows.end);
        Ok(Self { dims, first: input.first.into(), window, packed, out_dims, rows, out, zero })
    }

    /// Words from row to row of the plane.
    pub(crate) fn pitch(&self) -> usize {
        pitch(self.window, self.out_dims).max(1)
    }

    /// Number of output rows to make.
    #[cfg(dsp)]
    pub(crate) fn rows(&self) -> usize {
        self.rows.len()
    }

    /// The part of the image that the outputs see.
    pub(crate) fn seen(&self) -> Seen {
        let ([kernel, across], [stride, step]) =
            (self.window.kernel.map(usize::from), self.window.stride.map(usize::from));
        let [above, left] = self.window.pad.map(usize::from);
        let (width, depth) = (usize::from(self.dims.w), usize::from(self.dims.c));
        let top = self.rows.start * stride;
        let bottom = top + self.rows.len().saturating_sub(1) * stride + kernel;
        let begin = top.saturating_sub(above);
        let end = bottom.saturating_sub(above).min(usize::from(self.dims.h));
        let right = usize::from(self.out_dims.w).saturating_sub(1) * step + across;
        Seen {
            row: above.saturating_sub(top),
            column: left,
            rows: end.saturating_sub(begin),
            columns: right.saturating_sub(left).min(width),
            start: begin.saturating_sub(self.first) * width * depth,
        }
    }

    /// The part of the scratch that is used, filled with padding.
    pub fn plane<'s>(&self, scratch: &'s mut [u32]) -> Result<&'s mut [u32], KernelError> {
        let rows = u16::try_from(self.rows.len()).map_err(|_| KernelError::Shape)?;
        let words = usize::try_from(depthwise_scratch_words(self.window, self.out_dims, rows));
        let plane = words.ok().and_then(|words| scratch.get_mut(..words)).ok_or(KernelError::Scratch)?;
        let zero = u32::from(i16::from(self.zero).cast_unsigned());
        plane.fill(zero << 16 | zero);
        Ok(plane)
    }

    /// Computes all channels.
    pub fn portable(&self, plane: &mut [u32], data: &mut Data<'_>) {
        let plane = as_halves(plane);
        for (c, record) in Record::all(self.packed, self.window).enumerate() {
            self.fill(plane, data.input(), c);
            self.convolve(plane, &record, data.output(), c);
        }
    }

    /// Copies channel `c` into the plane; the padding stays.
    pub fn fill(&self, plane: &mut [i16], input: &[i8], c: usize) {
        let (seen, depth) = (self.seen(), usize::from(self.dims.c));
        let mut row = seen.start + c;
        for to in plane.chunks_exact_mut(2 * self.pitch()).skip(seen.row).take(seen.rows) {
            let mut from = row;
            for to in to.iter_mut().skip(seen.column).take(seen.columns) {
                *to = input.get(from).copied().unwrap_or_default().into();
                from += depth;
            }
            row += usize::from(self.dims.w) * depth;
        }
    }

    /// Computes channel `c` of the output from the plane.
    #[cfg_attr(dsp, inline(never))]
    pub(crate) fn convolve(&self, plane: &[i16], record: &Record<'_>, output: &mut [i8], c: usize) {
        match self.out_dims.w {
            9.. if WIDE => self.neighbours::<16>(plane, record, output, c),
            5.. if WIDE => self.neighbours::<8>(plane, record, output, c),
            _ => self.neighbours::<4>(plane, record, output, c),
        }
    }

    /// Computes a channel, `N` neighbours in a row at a time.
    fn neighbours<const N: usize>(&self, plane: &[i16], record: &Record<'_>, output: &mut [i8], c: usize) {
        let ([kernel, across], [down, step]) =
            (self.window.kernel.map(usize::from), self.window.stride.map(usize::from));
        let (depth, width, pitch) = (usize::from(self.out_dims.c), usize::from(self.out_dims.w), 2 * self.pitch());
        let mut known = [0i16; TAPS];
        let weights = known.get_mut(..kernel * across).map(|weights| {
            let taps = (0..kernel).flat_map(|ky| (0..across).map(move |kx| (ky, kx)));
            weights.iter_mut().zip(taps).for_each(|(weight, (ky, kx))| *weight = record.weight(ky, kx));
            &*weights
        });
        let span = (kernel - 1) * pitch + across - 1 + N * step;
        let rounding = rounding(self.out);
        for y in 0..self.rows.len() {
            let (mut x, mut to) = (0, y * width * depth + c);
            while x < width {
                let first = y * down * pitch + x * step;
                let (mut values, mut made) = ([0i8; N], N.min(width - x));
                match (weights, plane.get(first..first + span)) {
                    (Some(weights), Some(seen)) => {
                        let sums = sums::<N>(seen, pitch, step, across, weights);
                        record.finish(&sums, rounding, self.out, &mut values);
                    }
                    // Many weights, or so near the plane's end that only one output is sure to lie before it.
                    _ => {
                        let seen = plane.get(first..).unwrap_or_default();
                        let sum = sum(seen, pitch, [kernel, across], record);
                        record.finish(&[sum], rounding, self.out, &mut values);
                        made = 1;
                    }
                }
                for value in values.into_iter().take(made) {
                    if let Some(to) = output.get_mut(to) {
                        *to = value;
                    }
                    to += depth;
                }
                x += made;
            }
        }
    }
}
