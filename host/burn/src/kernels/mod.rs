//! CPU kernels on plain slices: convolutions over `[n, h, w, c]`, normalisation, and their gradients.
//!
//! Nothing here knows burn. Loops over vectors read memory through pointers; each public function checks the
//! lengths it relies on before the first read.
#![allow(unsafe_code)] // SIMD intrinsics and unchecked reads in inner loops; the reason stands at each block

pub mod bits;
pub mod depthwise;
pub mod full;
pub mod gemm;
pub mod geometry;
pub mod lanes;
pub mod norm;

pub use geometry::Geometry;
pub use lanes::{Task, vectorised};

/// Reads memory in its order, so that a walk over single vectors of channels, which leaps from pixel to pixel,
/// finds it in the cache: the hardware fetches ahead only along the order.
#[inline(always)]
fn touch(data: &[f32]) {
    let bits = data.chunks(16).fold(0, |bits, line| bits ^ line[0].to_bits());
    std::hint::black_box(bits);
}
