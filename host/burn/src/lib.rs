//! The network as a burn module, with fast CPU operations: scoring and training share it.
//!
//! Activations are `[n, h, w, c]` everywhere; weights keep the order of [`tinynas_model::Weights`].
//!
//! | module | what it holds |
//! |---|---|
//! | `module`, `parameters` | [`NetworkModule`]: parameters, running statistics, forward pass |
//! | `ops` | [`NasOps`], the operations as a burn backend extension; burn's own as their reference ([`Ops::Burn`]) |
//! | `fast` | the operations for backends on the host (Flex; NdArray with the feature `ndarray`), and their autodiff |
//! | `kernels` | loops on slices, once over all vector widths; nothing there knows burn |
//! | `pass` | [`Pass`]: the same layers on slices, without autodiff: the gradients that scores are made of |
//! | `threads`, `buffers` | [`set_threads`], [`with_threads`]; buffers that go from step to step |
//!
//! An operation is a convolution with what follows it: normalisation (by the batch's statistics or by constants)
//! and activation. Forward, statistics are collected while a tile of the output is in the cache. Backward, the
//! gradient of the convolution's output is made tile by tile from the saved output and never stored; a gradient
//! that nobody asks for is not computed. Where a value before an activation is exactly at a limit, the gradient is
//! zero, as in PyTorch (burn's clamp lets it pass).
//!
//! **Reproducibility.** Results are the same bits for any number of threads and from run to run: a batch is cut into
//! chunks of images by its shape alone, and sums are joined in the order of the chunks. Processors with other vector
//! instructions round differently; `TINYNAS_SIMD=portable` in the environment makes all x86-64 ones compute alike,
//! slowly.
//!
//! **A new operation** needs: a [`ConvSpec`] that says what it is, a `kernels::Task` each for forward and
//! gradients of one chunk, an arm each in `fast::forward` and `fast::backward`, and a comparison with burn's own in
//! `tests/operations.rs`. A new backend on the host needs `fast::HostMemory`: thirty lines.
//!
//! How fast: `cargo run --release -p tinynas-burn --example step_speed`; figures in docs/decisions/0005.

mod buffers;
mod fast;
mod init;
mod kernels;
mod module;
mod ops;
mod parameters;
mod pass;
mod spec;
mod threads;

pub use burn;
pub use init::initial_weights;
pub use module::{Mode, NetworkModule};
pub use ops::{NasOps, Ops, activate, conv_affine, conv_norm};
pub use pass::{Ask, Pass, PassGradients, forward};
pub use spec::{ConvKind, ConvSpec};
pub use threads::{set_threads, threads, with_threads};

use burn::tensor::{Device, Tensor, TensorData};

/// The CPU device without gradients.
#[must_use]
pub fn cpu() -> Device {
    Device::flex()
}

/// The CPU device that records gradients.
#[must_use]
pub fn cpu_autodiff() -> Device {
    Device::flex().autodiff()
}

/// burn's older CPU backend, without gradients; `.autodiff()` records them. Our operations are the same on both.
#[cfg(feature = "ndarray")]
#[must_use]
#[allow(deprecated)] // upstream prefers Flex; whoever asks for the feature wants this one
pub fn cpu_ndarray() -> Device {
    Device::ndarray()
}

/// One bit per number that is above zero, appended to `words`; the last word is filled up with zeros.
pub fn pack_positive(values: &[f32], words: &mut Vec<u64>) {
    let first = words.len();
    words.resize(first + values.len().div_ceil(64), 0);
    kernels::vectorised(kernels::bits::Pack { values, words: &mut words[first..] });
}

/// In how many bits two lists of words differ.
#[must_use]
pub fn differing_bits(a: &[u64], b: &[u64]) -> u64 {
    kernels::vectorised(kernels::bits::Differing(a, b))
}

/// A batch `[n, h, w, c]` from its elements.
///
/// # Panics
/// If `data` does not hold `n * h * w * c` elements.
#[must_use]
pub fn batch(data: Vec<f32>, dims: [usize; 4], device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(data, dims), device)
}
