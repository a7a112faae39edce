//! Matrix products over packed weights: 1×1 convolutions and fully connected layers.

use super::{
    as_halves,
    matrix::{DOUBLED, PLAIN_BYTES, View, rounding},
    scale::{Rounding, Scale},
    tile,
};
use crate::{KernelError, Output};

/// One record.
pub(crate) struct Pair<'a> {
    starts: [i32; 2],
    weights: &'a [u32],
    scales: [Scale; 2],
    flags: u32,
}

impl<'a> Pair<'a> {
    pub(super) fn new(record: &'a [u32], flags: u32) -> Option<Self> {
        let ([a, b], rest) = record.split_first_chunk()?;
        let (weights, [a0, a1, a2, b0, b1, b2]) = rest.split_last_chunk()?;
        let scales = [Scale::read([*a0, *a1, *a2]), Scale::read([*b0, *b1, *b2])];
        Some(Self { starts: [a.cast_signed(), b.cast_signed()], weights, scales, flags })
    }

    /// Whether half-words are `256 · w_b + w_a`, or two plain bytes.
    fn is_joined(&self) -> bool {
        self.flags & PLAIN_BYTES == 0 && !self.is_defined()
    }

    /// Whether the pair goes by the definition.
    pub fn is_defined(&self) -> bool {
        self.scales[0].defined().is_some()
    }

    /// Makes outputs of sums of products with `w_a` and with what [`is_joined`](Self::is_joined) says: those of channels
    /// `at` and `at + 1` of every pixel.
    fn finish(&self, sums: [&[i32]; 2], out: Output, pixels: &mut [i8], outputs: usize, at: usize) {
        let [first, second] = self.scales;
        if let (Some(first), Some(second)) = (first.defined(), second.defined()) {
            let undo = self.flags & DOUBLED;
            return put(sums, pixels, outputs, at, |a, b| {
                [first.finish(a >> undo, out), second.finish(b >> undo, out)]
            });
        }
        let ([start_a, start_b], joined) = (self.starts, self.is_joined());
        let shorten = |rounding: Rounding| {
            move |a: i32, b: i32| {
                let (a, b) = (a.wrapping_add(start_a), b.wrapping_add(start_b));
                let b = if joined { b.wrapping_sub(a) >> 8 } else { b };
                [first.finish(a, rounding, out), second.finish(b, rounding, out)]
            }
        };
        match rounding(self.flags) {
            Rounding::DoubledClamped => put(sums, pixels, outputs, at, shorten(Rounding::DoubledClamped)),
            Rounding::Plain => put(sums, pixels, outputs, at, shorten(Rounding::Plain)),
            other => put(sums, pixels, outputs, at, shorten(other)),
        }
    }

    /// Both outputs of one pixel, whose widened inputs are every `pixels`-th word, two of them in each.
    #[cfg(dsp)]
    #[inline(never)]
    pub fn outputs(&self, inputs: &[u32], pixels: usize, out: Output) -> [i8; 2] {
        let ([mut a, mut b], joined) = ([0i32; 2], self.is_joined());
        for (weights, inputs) in self.weights.iter().zip(inputs.chunks(pixels.max(1))) {
            let inputs = inputs.first().copied().unwrap_or_default();
            for (half, x) in [(*weights as i16, inputs as i16), ((*weights >> 16) as i16, (inputs >> 16) as i16)] {
                let second = if joined { half } else { half >> 8 };
                a = a.wrapping_add(i32::from(x).wrapping_mul(i32::from(half as i8)));
                b = b.wrapping_add(i32::from(x).wrapping_mul(i32::from(second)));
            }
        }
        let (undo, rounding) = (self.flags & DOUBLED, rounding(self.flags));
        let starts = self.starts;
        let (first, second) = (a.wrapping_add(starts[0]), b.wrapping_add(starts[1]));
        let second = if self.is_joined() { second.wrapping_sub(first) >> 8 } else { second };
        let mut values = [0; 2];
        let sums = [(a, first), (b, second)];
        for ((value, scale), (sum, started)) in values.iter_mut().zip(self.scales).zip(sums) {
            *value = match scale.defined() {
                Some(channel) => channel.finish(sum >> undo, out),
                None => scale.finish(started, rounding, out),
            };
        }
        values
    }
}

/// [`pointwise`], or [`linear`] if `input` is one pixel, on any core.
///
/// # Errors
/// If a slice does not match the shapes.
pub fn portable(
    input: &[i8],
    inputs: usize,
    outputs: usize,
    packed: &[u32],
    out: Output,
    output: &mut [i8],
    scratch: &mut [u32],
) -> Result<(), KernelError> {
    let view = check(input, inputs, outputs, packed, output)?;
    by_tiles(&view, input, out, output, take(scratch, inputs)?);
    Ok(())
}

/// The product of all vectors in `input`, four at a time; `scratch`: [`matrix_scratch_words`].
pub(crate) fn by_tiles(view: &View<'_>, input: &[i8], out: Output, output: &mut [i8], scratch: &mut [u32]) {
    let factor = if view.flags & DOUBLED != 0 { 2 } else { 1 };
    let steps = as_halves(scratch).as_chunks_mut().0;
    let tiles = input.chunks(tile::PIXELS * view.inputs).zip(output.chunks_mut(tile::PIXELS * view.outputs));
    for (vectors, pixels) in tiles {
        if pixels.len() == view.outputs {
            by_vector(view, vectors, out, pixels, steps.as_flattened_mut().as_chunks_mut().0);
            continue;
        }
        tile::widen(vectors, view.inputs, factor, steps);
        for (index, pair) in view.pairs().enumerate() {
            let [a, b] = tile::products(steps, pair.weights, pair.is_joined());
            pair.finish([&a, &b], out, pixels, view.outputs, 2 * index);
        }
    }
}

#[inline(always)]
fn put(sums: [&[i32]; 2], pixels: &mut [i8], outputs: usize, at: usize, finish: impl Fn(i32, i32) -> [i8; 2]) {
    let [a, b] = sums;
    for (pixel, (a, b)) in pixels.chunks_exact_mut(outputs.max(1)).zip(a.iter().zip(b)) {
        let [first, second] = finish(*a, *b);
        match pixel.get_mut(at..) {
            Some([to_a, to_b, ..]) => (*to_a, *to_b) = (first, second),
            Some([to_a]) => *to_a = first,
            _ => {}
        }
    }
}

fn check<'a>(
    input: &[i8],
    inputs: usize,
    outputs: usize,
    packed: &'a [u32],
    output: &[i8],
) -> Result<View<'a>, KernelError> {
    let view = View::new(packed, inputs, outputs)?;
    if !input.len().is_multiple_of(inputs) {
        return Err(KernelError::Input);
    }
    if Some(output.len()) != input.len().checked_div(inputs).and_then(|pixels| pixels.checked_mul(outputs)) {
        return Err(KernelError::Output);
    }
    Ok(view)
}

/// The part of the scratch that is used.
fn take(scratch: &mut [u32], inputs: usize) -> Result<&mut [u32], KernelError> {
    let words = u32::try_from(inputs).map(matrix_scratch_words).ok().and_then(|words| usize::try_from(words).ok());
    words.and_then(|words| scratch.get_mut(..words)).ok_or(KernelError::Scratch)
}

/// Words of scratch of a product over `inputs` values: four pixels, widened to 16 bits.
#[must_use]
pub const fn matrix_scratch_words(inputs: u32) -> u64 {
    8 * inputs.div_ceil(4) as u64
}

/// Computes `output[p][o] = requantize(Σ_i input[p][i] · weights[o][i])`, as [`crate::pointwise`], for any number of
/// pixels of `inputs` channels.
///
/// `packed`: [`Matrix`](super::Matrix); `scratch`: [`matrix_scratch_words`].
///
/// # Errors
/// If a slice does not match the shapes.
pub fn pointwise(
    input: &[i8],
    inputs: u16,
    outputs: u16,
    packed: &[u32],
    out: Output,
    output: &mut [i8],
    scratch: &mut [u32],
) -> Result<(), KernelError> {
    product(input, inputs.into(), outputs.into(), packed, out, output, scratch)
}

/// Words of scratch of one vector of `inputs` values, widened to 16 bits.
#[must_use]
pub const fn vector_scratch_words(inputs: u32) -> u64 {
    2 * inputs.div_ceil(4) as u64
}

/// Computes a fully connected layer, as [`crate::linear`].
///
/// `packed`: [`Matrix`](super::Matrix); `scratch`: [`vector_scratch_words`].
///
/// # Errors
/// If a slice does not match the shapes.
pub fn linear(
    input: &[i8],
    packed: &[u32],
    out: Output,
    output: &mut [i8],
    scratch: &mut [u32],
) -> Result<(), KernelError> {
    let view = check(input, input.len(), output.len(), packed, output)?;
    let words = u32::try_from(input.len()).map(vector_scratch_words).ok().and_then(|words| usize::try_from(words).ok());
    let scratch = words.and_then(|words| scratch.get_mut(..words)).ok_or(KernelError::Scratch)?;
    #[cfg(dsp)]
    crate::dsp::matrix::one(&view, input, out, output, scratch);
    #[cfg(not(dsp))]
    by_vector(&view, input, out, output, as_halves(scratch).as_chunks_mut().0);
    Ok(())
}

/// The product of one vector, widened into `steps`: one per word of weights.
fn by_vector(view: &View<'_>, input: &[i8], out: Output, output: &mut [i8], steps: &mut [[i16; 2]]) {
    let factor = if view.flags & DOUBLED != 0 { 2 } else { 1 };
    tile::widen_one(input, factor, steps);
    for (index, pair) in view.pairs().enumerate() {
        let [a, b] = tile::one_products(steps, pair.weights, pair.is_joined());
        pair.finish([&a, &b], out, output, view.outputs, 2 * index);
    }
}

fn product(
    input: &[i8],
    inputs: usize,
    outputs: usize,
    packed: &[u32],
    out: Output,
    output: &mut [i8],
    scratch: &mut [u32],
) -> Result<(), KernelError> {
    let view = check(input, inputs, outputs, packed, output)?;
    let scratch = take(scratch, inputs)?;
    #[cfg(dsp)]
    crate::dsp::matrix::run(&view, input, out, output, scratch);
    #[cfg(not(dsp))]
    by_tiles(&view, input, out, output, scratch);
    Ok(())
}
