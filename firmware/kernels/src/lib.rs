//! int8 kernels: one file per operation, free functions on slices, the same code on host and chip.
//!
//! The portable functions here *define* the results: bit-exact to the reference kernels of TensorFlow Lite
//! Micro with double rounding. Activations are HWC, batch 1. Every function checks the lengths of its slices
//! against the shapes before it computes, so that wrong arguments end in a [`KernelError`], never in a panic.
//!
//! | file | operation | weights | scratch |
//! |---|---|---|---|
//! | `conv.rs` | k×k convolution over all channels | `[out][ky][kx][in]` | none |
//! | `pointwise.rs` | 1×1 convolution, stride 1 | `[out][in]` | none |
//! | `depthwise.rs` | one k×k filter per channel, in place if wanted | `[c][ky][kx]` | one padded plane |
//! | `add.rs` | elementwise sum | – | none |
//! | `global_pool.rs` | mean over all pixels | – | none |
//! | `linear.rs` | matrix product | `[out][in]` | none |
//!
//! [`packed`] has the same operations over weights that were laid out offline, with assembly for cores that have the
//! DSP extension.
#![no_std]

mod add;
mod channels;
mod conv;
mod depthwise;
#[cfg(dsp)]
mod dsp;
mod error;
mod geometry;
mod global_pool;
mod linear;
pub mod packed;
mod pointwise;
mod requantize;

pub use add::{ADD_LEFT_SHIFT, AddParams, add};
pub use channels::{CHANNEL_GROUP, CHANNEL_GROUP_BYTES, Channel, Channels};
pub use conv::conv;
pub use depthwise::{depthwise, depthwise_in_place, depthwise_scratch_bytes};
pub use error::KernelError;
pub use geometry::{Axis, Dims, Rows, Window};
pub use global_pool::{PoolParams, global_pool};
pub use linear::linear;
pub use pointwise::pointwise;
pub use requantize::{Output, Requant, rounding_divide_by_pot, saturating_rounding_doubling_high_mul};
