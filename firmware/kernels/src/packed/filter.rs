//! Weights of depthwise convolutions, packed by channel.
//!
//! A record is the start value of the sum, the rows of the filter, and a [`Scale`]. Weights are doubled half-words; a
//! factor of 1 or more has its left shift in them. Kernels of 3, 5 and 7 with a stride of 1 or 2 have, in each row, the
//! pairs `w0 w1, w2 w3, …`, then `w1 w2, w3 w4, …` if the stride is 1, and `w(k−2) w(k−1)` only if it is 2. Others have
//! `w0 w1, w2 w3, …` with a last zero if need be.

use super::{
    matrix::bound,
    scale::{Rounding, Scale},
};
use crate::{Channel, Channels, KernelError, Output, Requant, Window};

/// Words of a record beside its weights.
const CONSTANTS: usize = 4;

/// Size of the packed weights of a depthwise convolution, and their packing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depthwise {
    /// Channels.
    pub channels: u16,
    /// The window.
    pub window: Window,
}

impl Depthwise {
    /// Words of packed weights.
    #[must_use]
    pub const fn words(self) -> u64 {
        self.channels as u64 * record_words(self.window) as u64
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
        let (taps, [_, kernel]) = (self.window.taps() as usize, self.window.kernel.map(usize::from));
        if taps == 0 || self.channels == 0 || u64::try_from(words.len()) != Ok(self.words()) {
            return Err(KernelError::Shape);
        }
        if channels.len() != usize::from(self.channels) {
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
                        Some(_) if self.window.stride == [2, 2] => kernel - 2,
                        Some(odd) => 2 * odd + 1,
                    };
                    *word = u32::from(half(first)) | u32::from(half(first + 1)) << 16;
                }
            }
        }
        Ok(())
    }
}

/// Whether the assembly has this window.
pub(crate) const fn is_fast(window: Window) -> bool {
    matches!(window.kernel, [3, 3] | [5, 5] | [7, 7]) && matches!(window.stride, [1, 1] | [2, 2])
}

/// Words of one row of a filter.
const fn row_words(window: Window) -> usize {
    let [_, kernel] = window.kernel;
    match window.stride {
        [1, 1] if is_fast(window) => kernel as usize - 1,
        _ => (kernel as usize).div_ceil(2),
    }
}

/// Words of one record.
pub(crate) const fn record_words(window: Window) -> usize {
    let [rows, _] = window.kernel;
    CONSTANTS + rows as usize * row_words(window)
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

    /// One of [`record_words`] words.
    #[cfg(dsp)]
    pub fn new(words: &'a [u32], window: Window) -> Self {
        Self { words, window }
    }

    /// The constants.
    pub fn scale(&self) -> Scale {
        self.words.last_chunk::<3>().map_or_else(Scale::default, |words| Scale::read(*words))
    }

    /// A weight, as it is packed.
    pub fn weight(&self, ky: usize, kx: usize) -> i16 {
        let row = row_words(self.window);
        let last = is_fast(self.window) && kx + 1 == usize::from(self.window.kernel[1]);
        let (index, half) = if last { (row - 1, 1) } else { (kx / 2, kx % 2) };
        let word = self.words.get(1 + ky * row + index).copied().unwrap_or_default();
        (word >> (16 * half)) as i16
    }

    /// Makes outputs of sums of products with packed weights.
    pub fn finish(&self, sums: &[i32], rounding: Rounding, out: Output, values: &mut [i8]) {
        let (start, scale) = (self.words.first().copied().unwrap_or_default().cast_signed(), self.scale());
        if let Some(channel) = scale.defined() {
            values.iter_mut().zip(sums).for_each(|(value, sum)| *value = channel.finish(sum >> 1, out));
        } else if rounding == Rounding::DoubledClamped && !cfg!(dsp) {
            let rounding = Rounding::DoubledClamped; // Known to the loop.
            values.iter_mut().zip(sums).for_each(|(y, sum)| *y = scale.finish(sum.wrapping_add(start), rounding, out));
        } else {
            // With assembly this is rare and serves both; see `dsp::depthwise`.
            let rounding = Rounding::Doubled;
            values.iter_mut().zip(sums).for_each(|(y, sum)| *y = scale.finish(sum.wrapping_add(start), rounding, out));
        }
    }
}
