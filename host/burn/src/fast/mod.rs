//! Our operations for backends whose tensors lie in this process's memory.
//!
//! `forward` and `backward` drive the kernels over chunks of images, `operation` wraps them for
//! burn and its autodiff, `memory` is what a backend must offer: about thirty lines each.

mod backward;
mod forward;
mod memory;
mod operation;

pub use crate::kernels::norm::Affine;
pub use backward::{Normalisation, Saved, Wanted, gradients, gradients_and_flow};
pub use forward::{Forward, Keep, conv_affine as conv_affine_slices, conv_norm as conv_norm_slices};
pub use memory::HostMemory;
pub use operation::{conv_affine, conv_norm, tracked_conv_affine, tracked_conv_norm};
