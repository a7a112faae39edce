//! Models that other people trained: from a file to steps of our operations with exact integer parameters.
//!
//! ```text
//! bytes of a .tflite ── tflite::read ─┐
//!                                     ├─► Imported ── lower ──► Lowered
//! bytes of a .onnx ──── onnx::read ───┘
//! ```
//!
//! [`Imported`] is what the file says: tensors and operators. [`lower()`] computes multipliers, clamps and tables as
//! TensorFlow Lite Micro does, so that the kernels give its bits. What it cannot express is named, all at once.

mod builtin;
mod edge;
mod error;
mod flatbuffer;
mod imported;
mod lower;
mod lowered;
#[cfg(feature = "onnx")]
pub mod onnx;
pub mod tflite;

pub use edge::{ByteQuant, Edge, Form};
pub use error::{ImportError, Unsupported};
pub use imported::{
    Activation, Convolution, Element, Imported, Kind, Operator, Padding, Pooling, Quantization, Tensor, Unary,
};
pub use lower::lower;
pub use lowered::{Lowered, Op, Params, Step, TensorQuant};
