//! Random tensors and constants, and the memory that they lie in.

use tinynas_kernels::{Channel, Channels, Output, Requant};

use tinynas_bench_job::Constants;

/// Memory that is cut into slices and never given back, and a generator of random numbers.
pub struct Memory<'a> {
    rest: &'a mut [u32],
    state: u32,
}

impl<'a> Memory<'a> {
    /// All of `words`; equal seeds give equal numbers.
    pub fn new(words: &'a mut [u32], seed: u32) -> Self {
        Self { rest: words, state: seed.wrapping_mul(0x9e37_79b9) | 1 }
    }

    /// The next number (xorshift, Marsaglia 2003).
    pub fn random(&mut self) -> u32 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 17;
        self.state ^= self.state << 5;
        self.state
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u32) -> u32 {
        ((u64::from(self.random()) * u64::from(end)) >> 32) as u32
    }

    /// Any int8.
    pub fn byte(&mut self) -> i8 {
        (self.random() >> 24) as i8
    }

    /// Zeroed words.
    pub fn words(&mut self, count: usize) -> &'a mut [u32] {
        let rest = core::mem::take(&mut self.rest);
        let (taken, rest) = rest.split_at_mut(count);
        self.rest = rest;
        taken
    }

    /// Zeroed bytes, aligned like words.
    pub fn bytes(&mut self, count: usize) -> &'a mut [i8] {
        let words = self.words(count.div_ceil(4));
        // SAFETY: any word is four int8, and the alignment only gets less.
        let (_, bytes, _) = unsafe { words.align_to_mut::<i8>() };
        &mut bytes[..count]
    }

    /// Bytes that may start anywhere.
    pub fn unaligned(&mut self, count: usize) -> &'a mut [i8] {
        let skip = self.below(4) as usize;
        let bytes = self.bytes(count + skip);
        &mut bytes[skip..]
    }

    /// A random tensor.
    pub fn tensor(&mut self, count: usize) -> &'a mut [i8] {
        let bytes = self.unaligned(count);
        bytes.iter_mut().for_each(|byte| *byte = self.byte());
        bytes
    }

    /// Weights around zero, as trained ones; wild ones are any.
    pub fn weights(&mut self, count: usize, constants: Constants) -> &'a mut [i8] {
        let weights = self.bytes(count);
        let wild = constants == Constants::Wild && self.below(2) == 0;
        for weight in weights.iter_mut() {
            let bytes = self.random().to_le_bytes();
            let sum: i32 = bytes.iter().map(|byte| i32::from(*byte)).sum();
            *weight = if wild { bytes[3].cast_signed() } else { ((sum - 510) / 4) as i8 };
        }
        weights
    }

    /// Zero point and bounds of an output.
    pub fn output(&mut self, constants: Constants) -> Output {
        match constants {
            Constants::Relu => Output { zero: -128, min: -128, max: 127 },
            Constants::Linear => Output { zero: (self.below(21) as i8) - 10, min: -128, max: 127 },
            Constants::Wild => {
                let (zero, a, b) = (self.byte(), self.byte(), self.byte());
                let min = if self.below(2) == 0 { a.min(b).max(zero) } else { a.min(b) };
                Output { zero, min, max: a.max(b).max(min) }
            }
        }
    }

    /// Constants of every channel; `weights` has its filters one after another, `zero` is the input's.
    pub fn channels(
        &mut self,
        weights: &[i8],
        count: usize,
        zero: i8,
        constants: Constants,
        largest: Option<i8>,
    ) -> Channels<'a> {
        let packed = self.bytes(Channels::bytes_for(count as u32) as usize);
        // SAFETY: int8 and bytes have one layout.
        let (_, packed, _) = unsafe { packed.align_to_mut::<u8>() };
        let taps = weights.len() / count;
        // Sums of `taps` products spread by about 74 · 37 · √taps; outputs shall spread by about 40.
        let spread = 68 * taps.isqrt() as u32;
        let usual = -(32 - spread.leading_zeros() as i8);
        let special = self.below(count as u32) as usize;
        for (index, filter) in weights.chunks_exact(taps).enumerate() {
            let wild = constants == Constants::Wild;
            let multiplier = match self.below(16) {
                0 if wild => 0,
                _ => (1 << 30) + self.below(1 << 30) as i32,
            };
            let shift = match self.below(6) {
                0 if wild => (self.below(62) as i8) - 31,
                1 if wild => self.below(4) as i8 - 1,
                _ => usual + self.below(2) as i8,
            };
            let shift = largest.filter(|_| index == special).unwrap_or(shift);
            let sum: i32 = filter.iter().map(|w| i32::from(*w)).sum();
            let bias = self.below(4000) as i32 - 2000;
            let bias = if wild && self.below(40) == 0 { self.random() as i32 } else { bias };
            let bias = bias.wrapping_sub(sum * i32::from(zero));
            let channel = Channel { bias, requant: Requant { multiplier, shift } };
            channel.write(packed, index).unwrap_or_default();
        }
        Channels::new(packed, count as u32).unwrap_or_default()
    }
}
