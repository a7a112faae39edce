//! What a step computes, and the sizes that follow from its shapes: one rule for planner, compiler and chip.

use tinynas_kernels::{
    Axis, Dims, Window,
    packed::{
        Depthwise, Matrix, conv_scratch_words, depthwise_scratch_words, matrix_scratch_words, vector_scratch_words,
    },
};

use crate::{constants, schedule::Need};

/// What a step computes. int8, HWC, batch 1; conv and depthwise include their activation's clamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Convolution over all input channels, 1×1 included.
    Conv(Window),
    /// One filter per channel; in place when it is the last reader of its input.
    Depthwise(Window),
    /// Elementwise sum of two tensors of one shape.
    Add,
    /// Mean over all pixels.
    GlobalPool,
    /// Matrix product with all elements of the input.
    Linear,
    /// Mean over a window.
    AveragePool(Window),
    /// Maximum over a window.
    MaxPool(Window),
    /// Softmax over the channels.
    Softmax,
    /// A function of one value, as a table.
    Lookup,
    /// Elementwise product of two tensors of one shape.
    Mul,
    /// Product with a tensor of one pixel: one factor per channel.
    Scale,
    /// Product with one constant per channel.
    MulConstant,
    /// Sum with one constant per channel.
    AddConstant,
    /// Another scale and zero point.
    Requantize,
    /// Two tensors one after the other along an axis: 0 rows, 1 columns, 2 channels.
    Concat(u8),
    /// A border of the zero point: rows above and columns on the left; what is below and on the right follows from the
    /// output's shape.
    Pad([u8; 2]),
    /// The same bytes in another shape.
    Reshape,
    /// Output axis `i` is input axis `order[i]` (0 rows, 1 columns, 2 channels).
    Transpose([u8; 3]),
    /// Nearest neighbour: output position `i` of `n` is input position ⌊i · m / n⌋ of `m`.
    ResizeNearest,
}

impl Op {
    /// Number of inputs.
    #[must_use]
    pub const fn arity(self) -> usize {
        match self {
            Self::Add | Self::Mul | Self::Scale | Self::Concat(_) => 2,
            _ => 1,
        }
    }

    /// A short name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Conv(_) => "conv",
            Self::Depthwise(_) => "depthwise",
            Self::Add => "add",
            Self::GlobalPool => "pool",
            Self::Linear => "linear",
            Self::AveragePool(_) => "average_pool",
            Self::MaxPool(_) => "max_pool",
            Self::Softmax => "softmax",
            Self::Lookup => "lookup",
            Self::Mul => "mul",
            Self::Scale => "scale",
            Self::MulConstant => "mul_constant",
            Self::AddConstant => "add_constant",
            Self::Requantize => "requantize",
            Self::Concat(_) => "concat",
            Self::Pad(_) => "pad",
            Self::Reshape => "reshape",
            Self::Transpose(_) => "transpose",
            Self::ResizeNearest => "resize_nearest",
        }
    }

    /// Whether `output` is a shape that this operation makes of inputs of these shapes (the same twice for one input).
    #[must_use]
    pub fn makes(self, [input, second]: [Dims; 2], output: Dims) -> bool {
        let fits = match self {
            Self::Conv(window) => window.fits(input, output) && window.covers(input, output),
            Self::Depthwise(window) | Self::AveragePool(window) | Self::MaxPool(window) => {
                window.fits(input, output) && window.covers(input, output) && input.c == output.c
            }
            Self::Add | Self::Mul => input == output && second == output,
            Self::Scale => input == output && second == Dims::vector(input.c),
            Self::GlobalPool => output == Dims::vector(input.c),
            Self::Linear => output == Dims::vector(output.c),
            Self::Softmax | Self::Lookup | Self::MulConstant | Self::AddConstant | Self::Requantize => input == output,
            Self::Concat(axis) => joined(input, second, axis) == Some(output),
            Self::Pad([top, left]) => {
                let has_room = |before: u8, inside: u16, outside: u16| {
                    outside.checked_sub(before.into()).is_some_and(|rest| rest >= inside)
                };
                has_room(top, input.h, output.h) && has_room(left, input.w, output.w) && input.c == output.c
            }
            Self::Reshape => input.elements() == output.elements(),
            Self::Transpose(order) => transposed(input, order) == Some(output),
            Self::ResizeNearest => input.c == output.c,
        };
        fits && input.elements() > 0 && second.elements() > 0 && output.elements() > 0
    }

    /// Which rows of its inputs a row of output needs; global pooling adds one row after the other.
    #[must_use]
    pub const fn need(self) -> Need {
        match self {
            Self::Conv(window) | Self::Depthwise(window) | Self::AveragePool(window) | Self::MaxPool(window) => {
                let [rows, _] = window.axes();
                Need::Window(rows)
            }
            // Row y is input row y − top.
            Self::Pad([top, _]) => Need::Window(Axis { kernel: 1, stride: 1, pad: top }),
            Self::Add
            | Self::Mul
            | Self::GlobalPool
            | Self::Softmax
            | Self::Lookup
            | Self::MulConstant
            | Self::AddConstant
            | Self::Requantize
            | Self::Concat(1 | 2) => Need::Same,
            Self::Linear | Self::Scale | Self::Concat(_) | Self::Reshape | Self::Transpose(_) | Self::ResizeNearest => {
                Need::All
            }
        }
    }

    /// Rows of work that a step is: those of its output, or, for global pooling, of its input.
    #[must_use]
    pub const fn work_rows(self, input: Dims, output: Dims) -> u16 {
        match self {
            Self::GlobalPool => input.h,
            _ => output.h,
        }
    }

    /// Whether it makes one row per call where it is one of several steps of a segment: its scratch grows with its rows.
    #[must_use]
    pub const fn makes_single_rows(self) -> bool {
        matches!(self, Self::Depthwise(_))
    }

    /// Whether a step that makes all its rows in one call may write over an input that it reads last.
    #[must_use]
    pub const fn is_in_place(self, inputs: [usize; 2]) -> bool {
        match self {
            Self::Depthwise(_)
            | Self::Softmax
            | Self::Lookup
            | Self::MulConstant
            | Self::AddConstant
            | Self::Requantize
            | Self::Reshape => true,
            Self::Add | Self::Mul => inputs[0] != inputs[1],
            _ => false,
        }
    }

    /// Bytes of scratch in the arena, aligned to 4, for calls of up to `rows` rows; `inside`: as one of several steps of
    /// a segment, where global pooling keeps its sums from call to call.
    #[must_use]
    pub const fn scratch_bytes(self, input: Dims, output: Dims, rows: u16, inside: bool) -> u64 {
        let words = match self {
            Self::Conv(Window::POINTWISE) => matrix_scratch_words(input.c as u32),
            Self::Conv(window) => conv_scratch_words(input.c, window),
            Self::Depthwise(window) => depthwise_scratch_words(window, output, rows),
            Self::Linear => vector_scratch_words(input.bytes()),
            Self::GlobalPool if inside => input.c as u64,
            _ => 0,
        };
        words.saturating_mul(4)
    }

    /// Bytes of the step's data in a model: packed weights with their constants, or the constants alone.
    #[must_use]
    pub fn data_bytes(self, input: Dims, output: Dims) -> u64 {
        let words = match self {
            Self::Conv(_) | Self::Linear => self.matrix(input, output).words(),
            Self::Depthwise(window) => Depthwise { channels: output.c, window }.words(),
            _ => return constants::bytes(self, output),
        };
        words.saturating_mul(4)
    }

    /// Number of int8 weights, before they are packed.
    #[must_use]
    pub const fn weights(self, input: Dims, output: Dims) -> u64 {
        match self {
            Self::Conv(window) => window.taps() as u64 * input.c as u64 * output.c as u64,
            Self::Depthwise(window) => window.taps() as u64 * output.c as u64,
            Self::Linear => input.elements().saturating_mul(output.c as u64),
            _ => 0,
        }
    }

    /// The matrix of a convolution or a linear step.
    pub(crate) fn matrix(self, input: Dims, output: Dims) -> Matrix {
        let inputs = match self {
            Self::Conv(window) => u64::from(window.taps()) * u64::from(input.c),
            _ => input.elements(),
        };
        Matrix { inputs: u32::try_from(inputs).unwrap_or(u32::MAX), outputs: output.c.into() }
    }

    /// The window, if the operation has one.
    #[must_use]
    pub const fn window(self) -> Option<Window> {
        match self {
            Self::Conv(window) | Self::Depthwise(window) | Self::AveragePool(window) | Self::MaxPool(window) => {
                Some(window)
            }
            _ => None,
        }
    }
}

/// The shape of two tensors one after the other.
fn joined(first: Dims, second: Dims, axis: u8) -> Option<Dims> {
    let Dims { h, w, c } = first;
    match axis {
        0 if (w, c) == (second.w, second.c) => Some(Dims { h: h.checked_add(second.h)?, ..first }),
        1 if (h, c) == (second.h, second.c) => Some(Dims { w: w.checked_add(second.w)?, ..first }),
        2 if (h, w) == (second.h, second.w) => Some(Dims { c: c.checked_add(second.c)?, ..first }),
        _ => None,
    }
}

/// The shape with its axes in another order.
fn transposed(input: Dims, order: [u8; 3]) -> Option<Dims> {
    let sides = [input.h, input.w, input.c];
    let is_permutation = (0..3).all(|axis| order.contains(&axis));
    let [h, w, c] = order.map(|axis| sides.get(usize::from(axis)).copied().unwrap_or_default());
    is_permutation.then_some(Dims { h, w, c })
}
