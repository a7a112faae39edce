//! One k×k filter per channel over packed weights, channel by channel through a padded plane of half-words.
//!
//! A call makes some rows of the output: the plane has what these see. An output element overwrites only elements of
//! its own channel that were copied before, so that the output may take the input's place.

use core::ops::Range;

use super::filter::{Depthwise, Record, rounding};
use crate::{Dims, KernelError, Output, Rows, Window, geometry::bytes_of};

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
    fn new(
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
    #[cfg_attr(not(dsp), allow(dead_code))]
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
    fn plane<'s>(&self, scratch: &'s mut [u32]) -> Result<&'s mut [u32], KernelError> {
        let rows = u16::try_from(self.rows.len()).map_err(|_| KernelError::Shape)?;
        let words = usize::try_from(depthwise_scratch_words(self.window, self.out_dims, rows));
        let plane = words.ok().and_then(|words| scratch.get_mut(..words)).ok_or(KernelError::Scratch)?;
        let zero = u32::from(i16::from(self.zero).cast_unsigned());
        plane.fill(zero << 16 | zero);
        Ok(plane)
    }

    /// Computes all channels.
    fn portable(&self, plane: &mut [u32], data: &mut Data<'_>) {
        for (c, record) in Record::all(self.packed, self.window).enumerate() {
            self.fill(plane, data.input(), c);
            self.convolve(plane, &record, data.output(), c);
        }
    }

    /// Copies channel `c` into the plane; the padding stays.
    fn fill(&self, plane: &mut [u32], input: &[i8], c: usize) {
        let (seen, depth) = (self.seen(), usize::from(self.dims.c).max(1));
        let rows = plane.chunks_exact_mut(self.pitch()).skip(seen.row).take(seen.rows);
        let pixels = input.get(seen.start..).unwrap_or_default();
        for (row, pixels) in rows.zip(pixels.chunks_exact((usize::from(self.dims.w) * depth).max(1))) {
            for (x, pixel) in (seen.column..).zip(pixels.chunks_exact(depth).take(seen.columns)) {
                let value = u32::from(i16::from(pixel.get(c).copied().unwrap_or_default()).cast_unsigned());
                if let Some(word) = row.get_mut(x / 2) {
                    *word = if x % 2 == 0 { *word & 0xffff_0000 | value } else { *word & 0xffff | value << 16 };
                }
            }
        }
    }

    /// Computes channel `c` of the output from the plane.
    pub(crate) fn convolve(&self, plane: &[u32], record: &Record<'_>, output: &mut [i8], c: usize) {
        let ([kernel, across], [stride, step]) =
            (self.window.kernel.map(usize::from), self.window.stride.map(usize::from));
        let (depth, width) = (usize::from(self.out_dims.c), usize::from(self.out_dims.w));
        let rounding = rounding(self.out);
        for (y, row) in output.chunks_exact_mut((width * depth).max(1)).enumerate() {
            for (x, pixel) in row.chunks_exact_mut(depth).enumerate() {
                let mut sum = 0i32;
                for (ky, row) in plane.chunks_exact(self.pitch()).skip(y * stride).take(kernel).enumerate() {
                    for kx in 0..across {
                        let at = x * step + kx;
                        let word = row.get(at / 2).copied().unwrap_or_default();
                        let value = i32::from((word >> (16 * (at % 2))) as i16);
                        sum = sum.wrapping_add(value.wrapping_mul(record.weight(ky, kx)));
                    }
                }
                if let Some(value) = pixel.get_mut(c) {
                    *value = record.finish(sum, rounding, self.out);
                }
            }
        }
    }

    #[cfg(not(dsp))]
    fn run(&self, plane: &mut [u32], data: &mut Data<'_>) {
        self.portable(plane, data);
    }

    #[cfg(dsp)]
    fn run(&self, plane: &mut [u32], data: &mut Data<'_>) {
        if super::filter::is_fast(self.window) && !self.rows.is_empty() {
            crate::dsp::depthwise::run(self, plane, data);
        } else {
            self.portable(plane, data);
        }
    }
}

/// Input and output: two slices, or one that begins with both.
pub(crate) enum Data<'a> {
    Apart(&'a [i8], &'a mut [i8]),
    InPlace { data: &'a mut [i8], input: usize, output: usize },
}

impl Data<'_> {
    pub fn input(&self) -> &[i8] {
        match self {
            Self::Apart(input, _) => input,
            Self::InPlace { data, input, .. } => data.get(..*input).unwrap_or_default(),
        }
    }

    pub fn output(&mut self) -> &mut [i8] {
        match self {
            Self::Apart(_, output) => output,
            Self::InPlace { data, output, .. } => data.get_mut(..*output).unwrap_or_default(),
        }
    }
}

/// How the channels are computed: by the core's own code or by any core's.
type Run = fn(&Job<'_>, &mut [u32], &mut Data<'_>);

#[allow(clippy::too_many_arguments)]
fn apart(
    run: Run,
    input: Rows<'_>,
    window: Window,
    zero: i8,
    packed: &[u32],
    out_dims: Dims,
    rows: &Range<u16>,
    out: Output,
    output: &mut [i8],
    scratch: &mut [u32],
) -> Result<(), KernelError> {
    let job = Job::new(input, window, zero, packed, out_dims, rows, out)?;
    if output.len() != bytes_of(rows, out_dims) {
        return Err(KernelError::Output);
    }
    run(&job, job.plane(scratch)?, &mut Data::Apart(input.data, output));
    Ok(())
}

#[allow(clippy::too_many_arguments)]
fn in_place(
    run: Run,
    data: &mut [i8],
    dims: Dims,
    window: Window,
    zero: i8,
    packed: &[u32],
    out_dims: Dims,
    out: Output,
    scratch: &mut [u32],
) -> Result<(), KernelError> {
    let (input, output) = (dims.len()?, out_dims.len()?);
    if data.len() != input.max(output) {
        return Err(KernelError::Input);
    }
    let whole = Rows::whole(dims, data.get(..input).unwrap_or_default());
    let job = Job::new(whole, window, zero, packed, out_dims, &(0..out_dims.h), out)?;
    run(&job, job.plane(scratch)?, &mut Data::InPlace { data, input, output });
    Ok(())
}

/// Computes output rows `rows` of the convolution that [`crate::depthwise`] defines.
///
/// `zero`: the input's zero point; `packed`: [`Depthwise`]; `out_dims`: the whole output's shape; `output`: the rows;
/// `scratch`: [`depthwise_scratch_words`].
///
/// # Errors
/// If a slice does not match the shapes, the window does not fit or `input` lacks a row.
#[allow(clippy::too_many_arguments)]
pub fn depthwise(
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
    apart(|job, plane, data| job.run(plane, data), input, window, zero, packed, out_dims, &rows, out, output, scratch)
}

/// The whole convolution, with the input at the start of `data` replaced by the output; `data` holds the larger of the
/// two.
///
/// # Errors
/// If a slice does not match the shapes or the window does not fit.
#[allow(clippy::too_many_arguments)]
pub fn depthwise_in_place(
    data: &mut [i8],
    dims: Dims,
    window: Window,
    zero: i8,
    packed: &[u32],
    out_dims: Dims,
    out: Output,
    scratch: &mut [u32],
) -> Result<(), KernelError> {
    in_place(|job, plane, data| job.run(plane, data), data, dims, window, zero, packed, out_dims, out, scratch)
}

/// [`depthwise`] on any core.
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
    apart(
        |job, plane, data| job.portable(plane, data),
        input,
        window,
        zero,
        packed,
        out_dims,
        &rows,
        out,
        output,
        scratch,
    )
}

/// [`depthwise_in_place`] on any core.
///
/// # Errors
/// If a slice does not match the shapes or the window does not fit.
#[allow(clippy::too_many_arguments)]
pub fn portable_in_place(
    data: &mut [i8],
    dims: Dims,
    window: Window,
    zero: i8,
    packed: &[u32],
    out_dims: Dims,
    out: Output,
    scratch: &mut [u32],
) -> Result<(), KernelError> {
    in_place(|job, plane, data| job.portable(plane, data), data, dims, window, zero, packed, out_dims, out, scratch)
}
