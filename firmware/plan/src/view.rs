//! What a model tells about its tensors and steps.

use core::ops::Range;

use tinynas_kernels::{AddParams, Channels, Dims, Output, PoolParams};

use crate::Op;

/// A range of the arena in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Placement {
    /// First byte.
    pub offset: u32,
    /// Number of bytes.
    pub bytes: u32,
}

impl Placement {
    /// One past the last byte; cannot overflow.
    #[must_use]
    pub const fn end(self) -> u64 {
        self.offset as u64 + self.bytes as u64
    }

    /// Whether the two share a byte.
    #[must_use]
    pub const fn overlaps(self, other: Self) -> bool {
        self.bytes > 0 && other.bytes > 0 && (self.offset as u64) < other.end() && (other.offset as u64) < self.end()
    }

    /// As indices of a slice; empty at the end of the address space if it does not fit one.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        let start = usize::try_from(self.offset).unwrap_or(usize::MAX);
        start..usize::try_from(self.end()).unwrap_or(usize::MAX)
    }
}

/// One tensor of a model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TensorView {
    /// Shape.
    pub dims: Dims,
    /// First byte in the arena.
    pub offset: u32,
    /// Real value of one int8 step.
    pub scale: f32,
    /// int8 value of real zero.
    pub zero: i8,
}

impl TensorView {
    /// Its bytes in the arena.
    #[must_use]
    pub const fn placement(&self) -> Placement {
        Placement { offset: self.offset, bytes: self.dims.bytes() }
    }

    /// Its bytes as indices of the arena's slice.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.placement().range()
    }
}

/// How pixels become the network's input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preprocess {
    /// Side of the square image.
    pub size: u16,
    /// 1 (grey) or 3 (RGB order).
    pub channels: u8,
    /// Mean pixel. The int8 input is `pixel − 128`, its zero point `mean − 128`.
    pub mean: u8,
    /// Real value of one step of a pixel.
    pub scale: f32,
}

/// The constants of one step, where they lie in the model.
#[derive(Clone, Copy, Debug)]
pub enum StepParams<'a> {
    /// Conv, depthwise and linear.
    Weighted {
        /// In the kernels' order: conv `[out][ky][kx][in]`, depthwise `[c][ky][kx]`, linear `[out][in]`.
        weights: &'a [i8],
        /// Bias and factor of every output channel; the input's zero point is folded into the bias.
        channels: Channels<'a>,
    },
    /// Elementwise sum.
    Add(AddParams),
    /// Global pooling.
    Pool(PoolParams),
}

/// One step of a model.
#[derive(Clone, Copy, Debug)]
pub struct StepView<'a> {
    /// Position.
    pub index: usize,
    /// What it computes.
    pub op: Op,
    /// First input.
    pub input: TensorView,
    /// Second input of an addition; equal to `input` for other operations.
    pub second: TensorView,
    /// Output.
    pub output: TensorView,
    /// Scratch while the step runs.
    pub scratch: Placement,
    /// Zero point and clamp of the output.
    pub finish: Output,
    /// Constants.
    pub params: StepParams<'a>,
}

impl StepView<'_> {
    /// Whether the output starts where the input starts (only ever a depthwise convolution).
    #[must_use]
    pub const fn is_in_place(&self) -> bool {
        self.output.offset == self.input.offset && matches!(self.op, Op::Depthwise(_))
    }
}
