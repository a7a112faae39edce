//! CPU kernels on plain slices: convolutions over `[n, h, w, c]`, normalisation, and their gradients.
//!
//! Nothing here knows burn. Loops over vectors read memory through pointers; each public function checks the
//! lengths it relies on before the first read.
#![allow(unsafe_code)] // SIMD intrinsics and unchecked reads in inner loops; the reason stands at each block

pub mod depthwise;
pub mod full;
pub mod gemm;
pub mod geometry;
pub mod lanes;
pub mod norm;

pub use geometry::Geometry;
pub use lanes::{Task, vectorised};
