//! What a step computes, and the sizes that follow from its shapes: one rule for planner, compiler and chip.

use tinynas_kernels::{
    Dims, Window,
    packed::{Depthwise, Matrix, conv_scratch_words, depthwise_scratch_words, matrix_scratch_words},
};

use crate::schedule::Need;

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
}

impl Op {
    /// Number of inputs.
    #[must_use]
    pub const fn arity(self) -> usize {
        match self {
            Self::Add => 2,
            Self::Conv(_) | Self::Depthwise(_) | Self::GlobalPool | Self::Linear => 1,
        }
    }

    /// Whether `output` is a shape that this operation makes of inputs of shape `input`.
    #[must_use]
    pub fn makes(self, input: Dims, output: Dims) -> bool {
        let fits = match self {
            Self::Conv(window) => window.fits(input, output) && window.covers(input, output),
            Self::Depthwise(window) => {
                window.fits(input, output) && window.covers(input, output) && input.c == output.c
            }
            Self::Add => input == output,
            Self::GlobalPool => output == Dims::vector(input.c),
            Self::Linear => output == Dims::vector(output.c),
        };
        fits && input.elements() > 0 && output.elements() > 0
    }

    /// Which rows of its inputs a row of output needs; global pooling adds one row after the other.
    #[must_use]
    pub const fn need(self) -> Need {
        match self {
            Self::Conv(window) | Self::Depthwise(window) => {
                let [rows, _] = window.axes();
                Need::Window(rows)
            }
            Self::Add | Self::GlobalPool => Need::Same,
            Self::Linear => Need::All,
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
            Self::Depthwise(_) => true,
            Self::Add => inputs[0] != inputs[1],
            Self::Conv(_) | Self::GlobalPool | Self::Linear => false,
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
            Self::Linear => matrix_scratch_words(input.bytes()),
            Self::GlobalPool if inside => input.c as u64,
            Self::Add | Self::GlobalPool => 0,
        };
        words.saturating_mul(4)
    }

    /// Bytes of the step's data in a model: packed weights with their constants, or the constants alone.
    #[must_use]
    pub fn data_bytes(self, input: Dims, output: Dims) -> u64 {
        let words = match self {
            Self::Conv(_) | Self::Linear => self.matrix(input, output).words(),
            Self::Depthwise(window) => Depthwise { channels: output.c, window }.words(),
            Self::Add => return ADD_BYTES,
            Self::GlobalPool => return POOL_BYTES,
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
            Self::Add | Self::GlobalPool => 0,
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
            Self::Conv(window) | Self::Depthwise(window) => Some(window),
            Self::Add | Self::GlobalPool | Self::Linear => None,
        }
    }
}

/// Constants of an addition: three multipliers, three shifts, one byte of padding.
pub(crate) const ADD_BYTES: u64 = 16;
/// Constants of a pooling: multiplier, shift, three bytes of padding.
pub(crate) const POOL_BYTES: u64 = 8;
