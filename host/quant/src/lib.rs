//! Float to int8, ONNX out, the compiled model.
//!
//! ```text
//! Network + Weights ── Folded::new ──► Folded ─┬─ to_onnx ──────────► model.onnx ── OnnxModel (tract)
//!                                             ├─ FloatExecutor ────► logits
//!            pixels ── Calibration::observe ◄─┘
//!                              │
//!                          quantize ──► Quantized ── compile ──► model.tnm ── Int8Model (the chip's engine)
//! ```
//!
//! The integer executor is the definition of the result; the float executor and tract are oracles beside it.
//! All images are raw pixels in NHWC order at the network's input size; results never depend on threads.

mod calibrate;
mod compile;
mod error;
mod evaluation;
mod float_executor;
mod fold;
mod histogram;
mod images;
mod int8;
mod onnx;
mod quantize;
mod range;
mod report;
mod tract;

pub use calibrate::{Calibration, Observed, RangeRule};
pub use compile::{Compiled, compile, compile_for, goal};
pub use error::QuantError;
pub use evaluation::{Agreement, Evaluation, agree, top1};
pub use float_executor::{FloatExecutor, float_logits};
pub use fold::{Folded, FoldedLayer};
pub use histogram::Histogram;
pub use int8::Int8Model;
pub use onnx::{OPSET, to_onnx};
pub use quantize::{Options, Quantized, quantize};
pub use range::{Range, quantize_value, real_value};
pub use report::{LayerReport, QuantSummary, WeightReport};
pub use tinynas_model::{GraphError, graph};
pub use tract::OnnxModel;
