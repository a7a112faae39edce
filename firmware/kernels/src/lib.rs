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
//! | `pool.rs` | average and maximum over a window | – | none |
//! | `softmax.rs` | softmax over the channels | – | none |
//! | `lookup.rs` | a function of one value | table of 256 | none |
//! | `mul.rs` | elementwise product, the right side a tensor or one value per channel | – | none |
//! | `add_constant.rs` | sum with a constant per channel | – | none |
//! | `rescale.rs` | another scale and zero point | – | none |
//! | `concat.rs`, `pad.rs`, `transpose.rs`, `resize_nearest.rs` | moves values | – | none |
//!
//! [`packed`] has the same operations over weights that were laid out offline, with assembly for cores that have the
//! DSP extension.
#![no_std]

mod add;
mod add_constant;
mod channels;
mod concat;
mod conv;
mod depthwise;
#[cfg(dsp)]
mod dsp;
mod error;
pub mod fixed_point;
mod geometry;
mod global_pool;
mod linear;
mod lookup;
mod mul;
pub mod packed;
mod pad;
mod pointwise;
mod pool;
mod requantize;
mod rescale;
mod resize_nearest;
mod softmax;
mod transpose;

pub use add::{ADD_LEFT_SHIFT, AddParams, add};
pub use add_constant::{AddConstantParams, add_constant, add_constant_in_place};
pub use channels::{CHANNEL_GROUP, CHANNEL_GROUP_BYTES, Channel, Channels};
pub use concat::concat;
pub use conv::conv;
pub use depthwise::{depthwise, depthwise_in_place, depthwise_scratch_bytes};
pub use error::KernelError;
pub use geometry::{Axis, Dims, Rows, Window};
pub use global_pool::{PoolParams, global_pool};
pub use linear::linear;
pub use lookup::{Table, lookup, lookup_in_place};
pub use mul::{MulParams, mul, mul_in_place};
pub use pad::pad;
pub use pointwise::pointwise;
pub use pool::{average_pool, max_pool};
pub use requantize::{Output, Requant, rounding_divide_by_pot, saturating_rounding_doubling_high_mul};
pub use rescale::{rescale, rescale_in_place};
pub use resize_nearest::resize_nearest;
pub use softmax::{SoftmaxParams, softmax, softmax_in_place};
pub use transpose::transpose;
