//! The same operations over packed weights: one layout that the assembly reads with sequential loads, run by
//! portable code on every other core and on the host, with equal results to the last bit.
//!
//! Packed weights are 32-bit words, little endian in a file, aligned to 4 bytes.
//!
//! Kernels with windows make any rows of their output from the rows that these see: [`Rows`](crate::Rows).
//!
//! # Matrix (convolution, 1×1 convolution, fully connected)
//!
//! One word of flags ([`Matrix`]), then a record for every two output channels `a`, `b`:
//!
//! | words | content |
//! |---|---|
//! | 2 | start values of the two sums |
//! | `2 · ⌈k/4⌉` | weights: for inputs `i … i + 3` one word of inputs `i, i + 2` and one of `i + 1, i + 3` |
//! | 3 + 3 | [`Scale`] of `a`, [`Scale`] of `b` |
//!
//! A half-word of weights is `256 · w_b + w_a`. One SMLAD with the half-words as they are and one with their
//! sign-extended low bytes give `256 · Σ_b + Σ_a` and `Σ_a`: one extension for two channels. `Σ_b` must stay below
//! 2²³, which packing checks for the actual weights; if it does not hold, the layer's half-words are two plain bytes
//! (`w_a` low, `w_b` high) and are extended twice.
//!
//! # Depthwise
//!
//! A record for every channel: the start value of the sum, weights as half-words of `2 · w` in the pairs that the kernel
//! multiplies ([`Depthwise`]), then its [`Scale`].
//!
//! # Scales
//!
//! Sums are doubled where that is free (depthwise) or cheap; see [`Scale`] for the arithmetic. A channel that the short
//! form cannot do exactly – a factor of ½ or more, a sum near 2³¹ – is marked and goes by the definition in
//! [`Requant::apply`](crate::Requant::apply).

pub(crate) mod add;
pub(crate) mod conv;
pub(crate) mod depthwise;
pub(crate) mod filter;
mod global_pool;
pub(crate) mod matrix;
mod neighbours;
pub(crate) mod plane;
mod product;
pub(crate) mod scale;
mod tile;

pub use add::{add, add_in_place};
pub use conv::{conv, conv_scratch_words};
pub use depthwise::{depthwise, depthwise_in_place};
pub use filter::Depthwise;
pub use global_pool::{accumulate, finish, global_pool};
pub use matrix::Matrix;
pub use plane::depthwise_scratch_words;
pub use product::{linear, matrix_scratch_words, pointwise, vector_scratch_words};
pub use scale::Scale;

/// Portable code over packed weights on every core; the functions beside it choose.
pub mod portable {
    pub use super::{
        conv::portable as conv,
        depthwise::{portable as depthwise, portable_in_place as depthwise_in_place},
        product::portable as matrix,
    };
}

/// Words as bytes, in memory's order.
pub(crate) fn as_bytes(words: &mut [u32]) -> &mut [i8] {
    // SAFETY: every word is four int8, and alignment only gets less.
    #[allow(unsafe_code)]
    let (_, bytes, _) = unsafe { words.align_to_mut::<i8>() };
    bytes
}

/// Words as half-words, in memory's order.
pub(crate) fn as_halves(words: &mut [u32]) -> &mut [i16] {
    // SAFETY: every word is two int16, and alignment only gets less.
    #[allow(unsafe_code)]
    let (_, halves, _) = unsafe { words.align_to_mut::<i16>() };
    halves
}
