//! The network as a burn module, with fast CPU operations: scoring and training share it.
//!
//! Activations are `[n, h, w, c]` everywhere; weights keep the order of [`tinynas_model::Weights`].

mod buffers;
mod fast;
mod init;
mod kernels;
mod module;
mod ops;
mod spec;
mod threads;

pub use burn;
pub use module::{Mode, NetworkModule};
pub use ops::{NasOps, Ops, activate, conv_affine, conv_norm};
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

/// A batch `[n, h, w, c]` from its elements.
///
/// # Panics
/// If `data` does not hold `n * h * w * c` elements.
#[must_use]
pub fn batch(data: Vec<f32>, dims: [usize; 4], device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(data, dims), device)
}
