//! What a model file says: tensors and operators in execution order, in the terms of TensorFlow Lite.

use std::borrow::Cow;

/// A network as it was read. Tensors are NHWC.
#[derive(Clone, Debug, Default)]
pub struct Imported<'a> {
    /// All tensors.
    pub tensors: Vec<Tensor<'a>>,
    /// The operators in execution order.
    pub operators: Vec<Operator>,
    /// Tensors that the user gives.
    pub inputs: Vec<usize>,
    /// Tensors that the user gets.
    pub outputs: Vec<usize>,
}

/// One tensor.
#[derive(Clone, Debug)]
pub struct Tensor<'a> {
    /// Its name in the file.
    pub name: String,
    /// Sides, slowest first; empty for a single value.
    pub shape: Vec<u32>,
    /// Type of the elements.
    pub element: Element,
    /// Scales and zero points, if it is quantized.
    pub quant: Option<Quantization>,
    /// Little-endian elements of a constant.
    pub data: Option<Cow<'a, [u8]>>,
}

impl Tensor<'_> {
    /// Number of elements, saturating.
    #[must_use]
    pub fn elements(&self) -> u64 {
        self.shape.iter().fold(1u64, |n, side| n.saturating_mul(u64::from(*side)))
    }
}

/// Type of a tensor's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// 32-bit float.
    F32,
    /// Signed byte.
    I8,
    /// Unsigned byte.
    U8,
    /// 16 bits, signed.
    I16,
    /// 32 bits, signed.
    I32,
    /// 64 bits, signed.
    I64,
    /// Any other, by its number in the file's format.
    Other(i8),
}

impl Element {
    /// Bytes of one element, if they are known.
    #[must_use]
    pub const fn bytes(self) -> Option<u64> {
        match self {
            Self::I8 | Self::U8 => Some(1),
            Self::I16 => Some(2),
            Self::F32 | Self::I32 => Some(4),
            Self::I64 => Some(8),
            Self::Other(_) => None,
        }
    }

    /// Its name for messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "float32",
            Self::I8 => "int8",
            Self::U8 => "uint8",
            Self::I16 => "int16",
            Self::I32 => "int32",
            Self::I64 => "int64",
            Self::Other(_) => "another type",
        }
    }
}

/// Real value = (stored value − zero point) · scale, per tensor or along one axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantization {
    /// One scale, or one per position along the axis.
    pub scales: Vec<f32>,
    /// As many zero points.
    pub zeros: Vec<i64>,
}

/// One operator.
#[derive(Clone, Debug)]
pub struct Operator {
    /// What it computes.
    pub kind: Kind,
    /// The file's name of what it computes.
    pub title: String,
    /// Tensors that it reads; `None` for an optional one that is left out.
    pub inputs: Vec<Option<usize>>,
    /// Tensors that it makes.
    pub outputs: Vec<usize>,
}

/// What an operator computes.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Input, weights `[out, ky, kx, in]`, bias.
    Conv(Convolution),
    /// Input, weights `[1, ky, kx, out]`, bias.
    Depthwise(Convolution),
    /// Input, weights `[out, in]`, bias.
    FullyConnected {
        /// Applied to the result.
        activation: Activation,
        /// Whether the weights are in an order of their own.
        is_shuffled: bool,
    },
    /// Mean over a window.
    AveragePool(Pooling),
    /// Maximum over a window.
    MaxPool(Pooling),
    /// Input, axes.
    Mean,
    /// Elementwise sum.
    Add(Activation),
    /// Elementwise product.
    Mul(Activation),
    /// Over the last axis.
    Softmax {
        /// Factor of the inputs.
        beta: f32,
    },
    /// A function of one value.
    Unary(Unary),
    /// Input, rows of before and after for every axis, value of the padding if it is not the zero point.
    Pad,
    /// Same values, other shape.
    Reshape,
    /// Input, order of the axes.
    Transpose,
    /// To another quantization.
    Quantize,
    /// To real values.
    Dequantize,
    /// One after the other.
    Concatenation {
        /// Along this axis; negative ones count from the end.
        axis: i32,
        /// Applied to the result.
        activation: Activation,
    },
    /// Nearest neighbour.
    ResizeNearest {
        /// The corners' centres coincide.
        align_corners: bool,
        /// Pixels have their centres at halves.
        half_pixel_centers: bool,
    },
    /// Computes with shapes, not with values: SHAPE, and what follows it.
    ShapeArithmetic,
    /// Anything else.
    Other,
}

/// Steps, padding and activation of a convolution; every pair is rows, columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Steps.
    pub stride: [u32; 2],
    /// Distances of the taps.
    pub dilation: [u32; 2],
    /// What is added around the image.
    pub padding: Padding,
    /// Applied to the result.
    pub activation: Activation,
}

/// Window of a pooling; every pair is rows, columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pooling {
    /// Sides.
    pub kernel: [u32; 2],
    /// Steps.
    pub stride: [u32; 2],
    /// What is added around the image.
    pub padding: Padding,
    /// Applied to the result.
    pub activation: Activation,
}

/// What is added around an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// As much as ⌈side / stride⌉ outputs need, the smaller half in front.
    Same,
    /// Nothing.
    Valid,
    /// Rows above, columns on the left, rows below, columns on the right.
    Explicit([u32; 4]),
}

/// An activation that is part of an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// None.
    Linear,
    /// At least 0.
    Relu,
    /// Between −1 and 1.
    ReluN1To1,
    /// Between 0 and 6.
    Relu6,
    /// Another one, by its number.
    Other(i8),
}

/// A function of one value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unary {
    /// 1 / (1 + e^−x).
    Logistic,
    /// Hyperbolic tangent.
    Tanh,
    /// x · relu6(x + 3) / 6.
    HardSwish,
    /// At least 0.
    Relu,
    /// Between 0 and 6.
    Relu6,
    /// x, or this factor times x if x is negative.
    LeakyRelu(f32),
}
