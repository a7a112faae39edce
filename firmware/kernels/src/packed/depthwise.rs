//! Weights of depthwise convolutions, packed by channel, and the convolution over them.
//!
//! A record is the start value of the sum, the rows of the filter, and a [`Scale`]. Weights are doubled half-words; a
//! factor of 1 or more has its left shift in them. Kernels of 3, 5 and 7 with a stride of 1 or 2 have, in each row, the
//! pairs `w0 w1, w2 w3, …`, then `w1 w2, w3 w4, …` if the stride is 1, and `w(k−2) w(k−1)` only if it is 2. Others have
//! `w0 w1, w2 w3, …` with a last zero if need be.

use super::scale::{Rounding, Scale};
use crate::{Channel, Channels, Dims, KernelError, Output, Requant, Window, packed::matrix::bound};

/// Words of a record beside its weights.
const CONSTANTS: usize = 4;

/// Size of the packed weights of a depthwise convolution, their packing, and its scratch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depthwise {
    /// Shape of the input.
    pub dims: Dims,
    /// The window.
    pub window: Window,
}

impl Depthwise {
    /// Words of packed weights.
    #[must_use]
    pub const fn words(self) -> u64 {
        self.dims.c as u64 * record_words(self.window) as u64
    }

    /// Words of scratch: one channel's padded plane of half-words, rows aligned, and what a block of outputs may read
    /// past it.
    #[must_use]
    pub const fn scratch_words(self) -> u64 {
        let rows = self.dims.h as u64 + 2 * self.window.pad as u64;
        rows * self.pitch() as u64 + SLACK
    }

    /// Words from row to row of the plane.
    pub(crate) const fn pitch(self) -> usize {
        (self.dims.w as usize + 2 * self.window.pad as usize).div_ceil(2)
    }

    /// Packs `weights` (`[c][ky][kx]`) with their constants for outputs `out`.
    ///
    /// # Errors
    /// If a slice does not match the shape.
    pub fn pack(
        self,
        weights: &[i8],
        channels: Channels<'_>,
        out: Output,
        words: &mut [u32],
    ) -> Result<(), KernelError> {
        let (taps, kernel) = (usize::from(self.window.kernel).pow(2), usize::from(self.window.kernel));
        if taps == 0 || self.dims.c == 0 || u64::try_from(words.len()) != Ok(self.words()) {
            return Err(KernelError::Shape);
        }
        if channels.len() != usize::from(self.dims.c) {
            return Err(KernelError::Channels);
        }
        if weights.len() != taps * channels.len() {
            return Err(KernelError::Weights);
        }
        let rounding = rounding(out);
        let records = words.chunks_exact_mut(record_words(self.window));
        for (record, (filter, channel)) in records.zip(weights.chunks_exact(taps).zip(channels.iter())) {
            let (scale, factor) = scale(filter, channel, out.zero, rounding);
            let Some((start, rest)) = record.split_first_mut() else { continue };
            let Some((rows, constants)) = rest.split_last_chunk_mut::<3>() else { continue };
            *start = if scale.defined().is_some() { 0 } else { channel.bias.wrapping_mul(factor).cast_unsigned() };
            *constants = scale.words();
            let rows = rows.chunks_exact_mut(row_words(self.window));
            for (row, taps) in rows.zip(filter.chunks_exact(kernel)) {
                let half = |i: usize| (factor as i16 * i16::from(taps.get(i).copied().unwrap_or_default())) as u16;
                let pairs = row.len().min(kernel.div_ceil(2) - usize::from(is_fast(self.window)));
                for (index, word) in row.iter_mut().enumerate() {
                    let first = match index.checked_sub(pairs) {
                        None => 2 * index,
                        Some(_) if self.window.stride == 2 => kernel - 2,
                        Some(odd) => 2 * odd + 1,
                    };
                    *word = u32::from(half(first)) | u32::from(half(first + 1)) << 16;
                }
            }
        }
        Ok(())
    }
}

/// Words that blocks of outputs may read past the plane.
const SLACK: u64 = 8;

/// Whether the assembly has this window.
pub(crate) const fn is_fast(window: Window) -> bool {
    matches!(window.kernel, 3 | 5 | 7) && matches!(window.stride, 1 | 2)
}

/// Words of one row of a filter.
const fn row_words(window: Window) -> usize {
    let kernel = window.kernel as usize;
    match window.stride {
        1 if is_fast(window) => kernel - 1,
        2 if is_fast(window) => kernel.div_ceil(2),
        _ => kernel.div_ceil(2),
    }
}

/// Words of one record.
pub(crate) const fn record_words(window: Window) -> usize {
    CONSTANTS + window.kernel as usize * row_words(window)
}

pub(crate) fn rounding(out: Output) -> Rounding {
    if out.min >= out.zero { Rounding::DoubledClamped } else { Rounding::Doubled }
}

/// The constants, and the factor of weights and bias.
fn scale(filter: &[i8], channel: Channel, zero: i8, rounding: Rounding) -> (Scale, i32) {
    let Requant { multiplier, shift } = channel.requant;
    // Weights of 8 bits stay in 16 bits with seven bits more, and one of them is the doubling.
    let left = u32::from(shift.max(0).unsigned_abs());
    let largest = bound(filter, channel.bias);
    let short = (left <= 6 && largest < 1 << 31)
        .then(|| Scale::short(Requant { multiplier, shift: shift.min(0) }, zero, largest << left, rounding));
    match short.flatten() {
        Some(scale) => (scale, 2 << left),
        None => (Scale::by_definition(channel), 2),
    }
}

/// One channel's record.
pub(crate) struct Record<'a> {
    pub words: &'a [u32],
    window: Window,
}

impl<'a> Record<'a> {
    /// All records; `words` has their length.
    pub fn all(words: &'a [u32], window: Window) -> impl Iterator<Item = Self> + use<'a> {
        words.chunks_exact(record_words(window)).map(move |words| Self { words, window })
    }

    /// The constants.
    pub fn scale(&self) -> Scale {
        self.words.last_chunk::<3>().map_or_else(Scale::default, |words| Scale::read(*words))
    }

    /// A weight, as it is packed.
    fn weight(&self, ky: usize, kx: usize) -> i32 {
        let row = row_words(self.window);
        let last = is_fast(self.window) && kx + 1 == usize::from(self.window.kernel);
        let (index, half) = if last { (row - 1, 1) } else { (kx / 2, kx % 2) };
        let word = self.words.get(1 + ky * row + index).copied().unwrap_or_default();
        i32::from((word >> (16 * half)) as i16)
    }

    /// The output of a sum of products with packed weights.
    fn finish(&self, products: i32, rounding: Rounding, out: Output) -> i8 {
        let (start, scale) = (self.words.first().copied().unwrap_or_default().cast_signed(), self.scale());
        match scale.defined() {
            Some(channel) => channel.finish(products >> 1, out),
            None => scale.finish(products.wrapping_add(start), rounding, out),
        }
    }
}

/// A depthwise convolution whose shapes were checked.
pub(crate) struct Job<'a> {
    pub shape: Depthwise,
    pub out_dims: Dims,
    pub packed: &'a [u32],
    pub out: Output,
    zero: i8,
}

impl<'a> Job<'a> {
    fn new(shape: Depthwise, zero: i8, packed: &'a [u32], out: Output) -> Result<Self, KernelError> {
        let out_dims = shape.window.output(shape.dims, shape.dims.c).ok_or(KernelError::Shape)?;
        if shape.dims.c == 0 {
            return Err(KernelError::Shape);
        }
        if u64::try_from(packed.len()) != Ok(shape.words()) {
            return Err(KernelError::Weights);
        }
        Ok(Self { shape, out_dims, packed, out, zero })
    }

    /// The part of the scratch that is used, filled with padding.
    fn plane<'s>(&self, scratch: &'s mut [u32]) -> Result<&'s mut [u32], KernelError> {
        let words = usize::try_from(self.shape.scratch_words());
        let plane = words.ok().and_then(|words| scratch.get_mut(..words)).ok_or(KernelError::Scratch)?;
        let zero = u32::from(i16::from(self.zero).cast_unsigned());
        plane.fill(zero << 16 | zero);
        Ok(plane)
    }

    /// Computes all channels, `at(false)` being the input and `at(true)` the output.
    fn portable(&self, plane: &mut [u32], data: &mut Data<'_>) {
        for (c, record) in Record::all(self.packed, self.shape.window).enumerate() {
            self.fill(plane, data.input(), c);
            self.convolve(plane, &record, data.output(), c);
        }
    }

    /// Copies channel `c` into the plane; the padding stays.
    fn fill(&self, plane: &mut [u32], input: &[i8], c: usize) {
        let Depthwise { dims, window } = self.shape;
        let (depth, width, pad) = (usize::from(dims.c), usize::from(dims.w), usize::from(window.pad));
        let rows = plane.chunks_exact_mut(self.shape.pitch().max(1)).skip(pad);
        for (row, pixels) in rows.zip(input.chunks_exact((width * depth).max(1))) {
            for (x, pixel) in pixels.chunks_exact(depth).enumerate() {
                let value = u32::from(i16::from(pixel.get(c).copied().unwrap_or_default()).cast_unsigned());
                if let Some(word) = row.get_mut((x + pad) / 2) {
                    *word = if (x + pad) % 2 == 0 { *word & 0xffff_0000 | value } else { *word & 0xffff | value << 16 };
                }
            }
        }
    }

    /// Computes channel `c` of the output from the plane.
    pub(crate) fn convolve(&self, plane: &[u32], record: &Record<'_>, output: &mut [i8], c: usize) {
        let Window { kernel, stride, .. } = self.shape.window;
        let (kernel, stride) = (usize::from(kernel), usize::from(stride));
        let (depth, width) = (usize::from(self.out_dims.c), usize::from(self.out_dims.w));
        let rounding = rounding(self.out);
        for (y, row) in output.chunks_exact_mut((width * depth).max(1)).enumerate() {
            for (x, pixel) in row.chunks_exact_mut(depth).enumerate() {
                let mut sum = 0i32;
                for (ky, row) in plane.chunks_exact(self.shape.pitch()).skip(y * stride).take(kernel).enumerate() {
                    for kx in 0..kernel {
                        let at = x * stride + kx;
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
        if is_fast(self.shape.window) {
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

    fn apart<'a>(job: &Job<'_>, input: &'a [i8], output: &'a mut [i8]) -> Result<Data<'a>, KernelError> {
        if input.len() != job.shape.dims.len()? {
            return Err(KernelError::Input);
        }
        if output.len() != job.out_dims.len()? {
            return Err(KernelError::Output);
        }
        Ok(Data::Apart(input, output))
    }

    fn in_place<'a>(job: &Job<'_>, data: &'a mut [i8]) -> Result<Data<'a>, KernelError> {
        let (input, output) = (job.shape.dims.len()?, job.out_dims.len()?);
        if data.len() != input.max(output) {
            return Err(KernelError::Input);
        }
        Ok(Data::InPlace { data, input, output })
    }
}

/// Computes the convolution as [`crate::depthwise`].
///
/// `zero`: the input's zero point; `packed`, `scratch`: sizes in [`Depthwise`].
///
/// # Errors
/// If a slice does not match the shapes or the window does not fit.
pub fn depthwise(
    input: &[i8],
    shape: Depthwise,
    zero: i8,
    packed: &[u32],
    out: Output,
    output: &mut [i8],
    scratch: &mut [u32],
) -> Result<(), KernelError> {
    let job = Job::new(shape, zero, packed, out)?;
    let mut data = Data::apart(&job, input, output)?;
    job.run(job.plane(scratch)?, &mut data);
    Ok(())
}

/// Like [`depthwise`], with the input at the start of `data` replaced by the output; `data` holds the larger of the two.
///
/// # Errors
/// If a slice does not match the shapes or the window does not fit.
pub fn depthwise_in_place(
    data: &mut [i8],
    shape: Depthwise,
    zero: i8,
    packed: &[u32],
    out: Output,
    scratch: &mut [u32],
) -> Result<(), KernelError> {
    let job = Job::new(shape, zero, packed, out)?;
    let mut data = Data::in_place(&job, data)?;
    job.run(job.plane(scratch)?, &mut data);
    Ok(())
}

/// [`depthwise`] on any core.
///
/// # Errors
/// If a slice does not match the shapes or the window does not fit.
pub fn portable(
    input: &[i8],
    shape: Depthwise,
    zero: i8,
    packed: &[u32],
    out: Output,
    output: &mut [i8],
    scratch: &mut [u32],
) -> Result<(), KernelError> {
    let job = Job::new(shape, zero, packed, out)?;
    let mut data = Data::apart(&job, input, output)?;
    job.portable(job.plane(scratch)?, &mut data);
    Ok(())
}

/// [`depthwise_in_place`] on any core.
///
/// # Errors
/// If a slice does not match the shapes or the window does not fit.
pub fn portable_in_place(
    data: &mut [i8],
    shape: Depthwise,
    zero: i8,
    packed: &[u32],
    out: Output,
    scratch: &mut [u32],
) -> Result<(), KernelError> {
    let job = Job::new(shape, zero, packed, out)?;
    let mut data = Data::in_place(&job, data)?;
    job.portable(job.plane(scratch)?, &mut data);
    Ok(())
}
