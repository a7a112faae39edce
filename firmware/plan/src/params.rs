//! What compilation adds to a graph: quantized parameters, quantization of the tensors, and the model's meta data.

use alloc::{boxed::Box, string::String, vec::Vec};

use tinynas_kernels::{AddConstantParams, AddParams, MulParams, Output, Requant, SoftmaxParams, Table};

/// Real value = (int8 value − zero point) · scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TensorQuant {
    /// Real value of one int8 step.
    pub scale: f32,
    /// int8 value of real zero.
    pub zero_point: i8,
}

/// Parameters of one step. Zero points must be those of the step's tensors.
#[derive(Clone, Debug, PartialEq)]
pub enum Params {
    /// Conv, depthwise and linear.
    Weighted {
        /// Conv `[out, in, k, k]`, depthwise `[c, 1, k, k]`, linear `[out, in]` (inputs in HWC order).
        weights: Vec<i8>,
        /// Per output channel, in units of input scale × weight scale; the zero point is *not* folded in yet.
        bias: Vec<i32>,
        /// Per output channel: input scale × weight scale / output scale, Q31.
        multiplier: Vec<i32>,
        /// Per output channel; positive = left.
        shift: Vec<i8>,
        /// Zero point of the input.
        input_zero: i8,
        /// Zero point of the output.
        output_zero: i8,
        /// Smallest output.
        min: i8,
        /// Largest output.
        max: i8,
    },
    /// Elementwise sum; see [`AddParams`] for the factors.
    Add {
        /// Zero point of the left input.
        left_zero: i8,
        /// Zero point of the right input.
        right_zero: i8,
        /// Zero point of the output.
        output_zero: i8,
        /// Left scale / (2 · larger input scale).
        left: Requant,
        /// Right scale / (2 · larger input scale).
        right: Requant,
        /// 2 · larger input scale / (2²⁰ · output scale).
        output: Requant,
        /// Smallest output.
        min: i8,
        /// Largest output.
        max: i8,
    },
    /// Global pooling, semantics of TensorFlow Lite Micro's int8 MEAN.
    Pool {
        /// Zero point of the input.
        input_zero: i8,
        /// Zero point of the output.
        output_zero: i8,
        /// Input scale / output scale in Q31; `compile` folds the number of pixels in.
        multiplier: i32,
        /// Positive = left.
        shift: i8,
        /// Smallest output.
        min: i8,
        /// Largest output.
        max: i8,
    },
    /// Average and maximum pooling: the clamp; the quantization is the input's.
    Window {
        /// Smallest output.
        min: i8,
        /// Largest output.
        max: i8,
    },
    /// Softmax.
    Softmax(SoftmaxParams),
    /// A function of one value: outputs for the inputs −128…127.
    Lookup(Box<Table>),
    /// Elementwise product, and product with one pixel.
    Mul {
        /// Zero points of the inputs and the factor.
        params: MulParams,
        /// Zero point and clamp of the output.
        out: Output,
    },
    /// Product with one constant per channel.
    MulConstant {
        /// Zero points of the input and of the constants, and the factor.
        params: MulParams,
        /// One per channel.
        constants: Vec<i8>,
        /// Zero point and clamp of the output.
        out: Output,
    },
    /// Sum with one constant per channel.
    AddConstant {
        /// Zero point of the input, and the factors.
        params: AddConstantParams,
        /// One per channel, scaled as [`AddParams`] scales the right input.
        terms: Vec<i32>,
        /// Zero point and clamp of the output.
        out: Output,
    },
    /// Another scale and zero point.
    Requantize {
        /// Zero point of the input.
        input_zero: i8,
        /// Input scale / output scale.
        factor: Requant,
        /// Zero point and clamp of the output.
        out: Output,
    },
    /// Concatenation, padding, reshape, transposition, nearest neighbour: no integers.
    Move,
}

impl Params {
    /// Smallest and largest output.
    #[must_use]
    pub const fn clamp(&self) -> [i8; 2] {
        match *self {
            Self::Weighted { min, max, .. }
            | Self::Add { min, max, .. }
            | Self::Pool { min, max, .. }
            | Self::Window { min, max } => [min, max],
            Self::Mul { out, .. }
            | Self::MulConstant { out, .. }
            | Self::AddConstant { out, .. }
            | Self::Requantize { out, .. } => [out.min, out.max],
            Self::Softmax(_) | Self::Lookup(_) | Self::Move => [i8::MIN, i8::MAX],
        }
    }

    /// Zero points that those of the tensors must equal: first input, second input, output; `None` where any will do.
    #[must_use]
    pub const fn zero_points(&self) -> [Option<i8>; 3] {
        match *self {
            Self::Weighted { input_zero, output_zero, .. } | Self::Pool { input_zero, output_zero, .. } => {
                [Some(input_zero), None, Some(output_zero)]
            }
            Self::Add { left_zero, right_zero, output_zero, .. } => {
                [Some(left_zero), Some(right_zero), Some(output_zero)]
            }
            Self::Mul { params, out } => [Some(params.left_zero), Some(params.right_zero), Some(out.zero)],
            Self::MulConstant { params, out, .. } => [Some(params.left_zero), None, Some(out.zero)],
            Self::AddConstant { params, out, .. } => [Some(params.zero), None, Some(out.zero)],
            Self::Requantize { input_zero, out, .. } => [Some(input_zero), None, Some(out.zero)],
            Self::Window { .. } | Self::Softmax(_) | Self::Lookup(_) | Self::Move => [None; 3],
        }
    }

    /// An addition without activation, its factors computed as TensorFlow Lite does.
    #[must_use]
    pub fn add(left: TensorQuant, right: TensorQuant, output: TensorQuant) -> Self {
        let p = AddParams::from_scales((left.scale, left.zero_point), (right.scale, right.zero_point), output.scale);
        Self::Add {
            left_zero: p.left_zero,
            right_zero: p.right_zero,
            output_zero: output.zero_point,
            left: p.left,
            right: p.right,
            output: p.output,
            min: i8::MIN,
            max: i8::MAX,
        }
    }

    /// A global pooling, its factor computed as TensorFlow Lite Micro does.
    #[must_use]
    pub fn pool(input: TensorQuant, output: TensorQuant) -> Self {
        let Requant { multiplier, shift } = Requant::from_real(f64::from(input.scale) / f64::from(output.scale));
        let (input_zero, output_zero) = (input.zero_point, output.zero_point);
        Self::Pool { input_zero, output_zero, multiplier, shift, min: i8::MIN, max: i8::MAX }
    }
}

/// How pixels become the network's input: `(pixel − mean) · scale`, int8 = `pixel − 128`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MetaPreprocess {
    /// Side of the square image.
    pub size: u16,
    /// 1 (grey) or 3 (RGB order).
    pub channels: u8,
    /// Mean pixel.
    pub mean: u8,
    /// 1 / standard deviation of the pixels.
    pub scale: f32,
}

/// What an application needs beside the network.
#[derive(Clone, Debug, PartialEq)]
pub struct Meta {
    /// From pixels to the input.
    pub preprocess: MetaPreprocess,
    /// Names of the classes in the order of the outputs.
    pub classes: Vec<String>,
    /// SRAM budget that the network was made for, in bytes; 0 if there was none.
    pub sram_budget: u32,
    /// Flash budget that the network was made for, in bytes; 0 if there was none.
    pub flash_budget: u32,
    /// Where the model comes from, one line.
    pub provenance: String,
}
