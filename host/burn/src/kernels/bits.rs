//! One bit per number that is above zero, and the bits in which two lists differ.

use super::lanes::{Lanes, Task};

/// Bits of `values`, the first in the lowest bit of the first word; bits behind the last are zero.
pub struct Pack<'a> {
    /// Numbers.
    pub values: &'a [f32],
    /// A word for 64 of them, whatever is in it.
    pub words: &'a mut [u64],
}

impl Task for Pack<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Lanes>(self) {
        assert_eq!(self.words.len(), self.values.len().div_ceil(64));
        for (word, values) in self.words.iter_mut().zip(self.values.chunks(64)) {
            let mut bits = 0;
            for (i, part) in values.chunks(V::WIDTH).enumerate() {
                // SAFETY: `part` holds as many floats as are read.
                let lanes = unsafe { V::load_part(part.as_ptr(), part.len()) };
                bits |= u64::from(lanes.positive()) << (i * V::WIDTH);
            }
            *word = bits;
        }
    }
}

/// How many bits of two lists differ.
pub struct Differing<'a>(pub &'a [u64], pub &'a [u64]);

impl Task for Differing<'_> {
    type Output = u64;

    #[inline(always)]
    fn run<V: Lanes>(self) -> u64 {
        // Plain Rust: the compiler counts bits of whole vectors where the instruction set can.
        self.0.iter().zip(self.1).map(|(a, b)| u64::from((a ^ b).count_ones())).sum()
    }
}
