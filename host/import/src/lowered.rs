//! A network as steps of our operations, with every integer that the kernels need.

use tinynas_kernels::{AddConstantParams, AddParams, Dims, MulParams, Output, Requant, SoftmaxParams, Table, Window};

use crate::Edge;

/// Real value = (int8 value − zero point) · scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TensorQuant {
    /// Real value of one int8 step.
    pub scale: f32,
    /// int8 value of real zero.
    pub zero_point: i8,
}

/// A network in execution order. Tensor 0 is its input, tensor `i + 1` the output of step `i`.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// What the user gives.
    pub input: Edge,
    /// What the user gets, in the file's order.
    pub outputs: Vec<Edge>,
    /// Shape and quantization of every tensor.
    pub tensors: Vec<(Dims, TensorQuant)>,
    /// The steps.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Name of its output in the file.
    pub name: String,
    /// What it computes.
    pub op: Op,
    /// Tensors that it reads.
    pub inputs: Vec<usize>,
    /// Its integers.
    pub params: Params,
}

/// What a step computes; int8, HWC, batch 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Convolution over all input channels.
    Conv(Window),
    /// One filter per channel.
    Depthwise(Window),
    /// Matrix product with all elements of the input.
    Linear,
    /// Elementwise sum of two tensors of one shape.
    Add,
    /// Sum with a constant per channel.
    AddConstant,
    /// Elementwise product; the second tensor may have one pixel only.
    Mul,
    /// Product with a constant per channel.
    MulConstant,
    /// Mean over all pixels.
    GlobalPool,
    /// Mean over a window.
    AveragePool(Window),
    /// Maximum over a window.
    MaxPool(Window),
    /// Softmax over the channels.
    Softmax,
    /// A function of one value.
    Lookup,
    /// Two tensors one after the other along an axis: 0 rows, 1 columns, 2 channels.
    Concat(u8),
    /// A border of the zero point; rows above and columns on the left.
    Pad([u8; 2]),
    /// The same bytes in another shape.
    Reshape,
    /// Output axis `i` is input axis `order[i]`.
    Transpose([u8; 3]),
    /// Nearest neighbour.
    ResizeNearest,
    /// Another scale and zero point.
    Requantize,
}

/// The integers of one step.
#[derive(Clone, Debug, PartialEq)]
pub enum Params {
    /// Conv, depthwise and linear.
    Weighted {
        /// Conv `[out, in, ky, kx]`, depthwise `[c, 1, ky, kx]`, linear `[out, in]` (inputs in HWC order).
        weights: Vec<i8>,
        /// Per output channel, in units of input scale × weight scale; the zero point is *not* folded in.
        bias: Vec<i32>,
        /// Per output channel: input scale × weight scale / output scale.
        requant: Vec<Requant>,
        /// Zero point of the input.
        input_zero: i8,
        /// Zero point of the output, and the activation.
        out: Output,
    },
    /// Add.
    Add(AddParams, Output),
    /// AddConstant: the constants, scaled, per channel.
    AddConstant(AddConstantParams, Vec<i32>, Output),
    /// Mul.
    Mul(MulParams, Output),
    /// MulConstant: the constants as they are stored, per channel.
    MulConstant(MulParams, Vec<i8>, Output),
    /// GlobalPool: zero point of the input; input scale / output scale, the number of pixels *not* folded in.
    Pool(i8, Requant, Output),
    /// AveragePool and MaxPool: of the output, only the clamp counts.
    Window(Output),
    /// Softmax.
    Softmax(SoftmaxParams),
    /// Lookup.
    Lookup(Box<Table>),
    /// Pad: value of the border.
    Pad(i8),
    /// Requantize: zero point of the input; input scale / output scale.
    Requantize(i8, Requant, Output),
    /// Concat, Reshape, Transpose, ResizeNearest.
    None,
}
