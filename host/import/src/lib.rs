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
pub use lowered::Lowered;

/// Reads and lowers a model file, whatever its format.
///
/// # Errors
/// If the file is of no format that can be read, is damaged, or holds what cannot be lowered.
pub fn import(file: &[u8]) -> Result<Lowered, ImportError> {
    #[cfg(feature = "onnx")]
    if file.get(4..8) != Some(b"TFL3") {
        return lower(&onnx::read(file)?);
    }
    lower(&tflite::read(file)?)
}
