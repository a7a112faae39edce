//! What a step computes, and the sizes that follow from its shapes: one rule for planner, compiler and chip.

use tinynas_kernels::{Channels, Dims, Window, depthwise_scratch_bytes};

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
        let made = match self {
            Self::Conv(window) => window.output(input, output.c),
            Self::Depthwise(window) => window.output(input, input.c),
            Self::Add => Some(input),
            Self::GlobalPool => Some(Dims::vector(input.c)),
            Self::Linear => Some(Dims::vector(output.c)),
        };
        made == Some(output) && input.elements() > 0 && output.elements() > 0
    }

    /// Bytes of scratch in the arena while the step runs; no kernel needs it aligned.
    #[must_use]
    pub const fn scratch_bytes(self, input: Dims) -> u64 {
        match self {
            Self::Depthwise(window) => depthwise_scratch_bytes(input, window),
            Self::Conv(_) | Self::Add | Self::GlobalPool | Self::Linear => 0,
        }
    }

    /// Number of int8 weights.
    #[must_use]
    pub const fn weights(self, input: Dims, output: Dims) -> u64 {
        match self {
            Self::Conv(window) => window.taps() as u64 * input.c as u64 * output.c as u64,
            Self::Depthwise(window) => window.taps() as u64 * output.c as u64,
            Self::Linear => input.elements().saturating_mul(output.c as u64),
            Self::Add | Self::GlobalPool => 0,
        }
    }

    /// Bytes of the constants that precede the weights in a model.
    #[must_use]
    pub const fn constants_bytes(self, output: Dims) -> u64 {
        match self {
            Self::Conv(_) | Self::Depthwise(_) | Self::Linear => Channels::bytes_for(output.c as u32),
            Self::Add => ADD_BYTES,
            Self::GlobalPool => POOL_BYTES,
        }
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
