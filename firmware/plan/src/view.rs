//! What a model tells about its tensors and steps.

use core::ops::Range;

use tinynas_kernels::{
    AddConstantParams, AddParams, Dims, MulParams, Output, PoolParams, Requant, SoftmaxParams, Table,
};

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
    /// First byte in the arena while its segment makes it.
    pub offset: u32,
    /// First byte from the next segment on.
    pub moved: u32,
    /// Rows of its window; `dims.h` where it is whole.
    pub rows: u16,
    /// Real value of one int8 step.
    pub scale: f32,
    /// int8 value of real zero.
    pub zero: i8,
}

impl TensorView {
    /// Bytes of one row.
    #[must_use]
    pub const fn row_bytes(&self) -> u32 {
        self.dims.w as u32 * self.dims.c as u32
    }

    /// Bytes of its window.
    #[must_use]
    pub const fn window_bytes(&self) -> u32 {
        self.row_bytes().saturating_mul(self.rows as u32)
    }

    /// Its window in the arena while its segment makes it.
    #[must_use]
    pub const fn placement(&self) -> Placement {
        Placement { offset: self.offset, bytes: self.window_bytes() }
    }

    /// Its bytes in the arena from the next segment on.
    #[must_use]
    pub const fn kept(&self) -> Placement {
        Placement { offset: self.moved, bytes: self.window_bytes() }
    }

    /// Whether all rows have room at once.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.rows == self.dims.h
    }

    /// Its window as indices of the arena's slice.
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
    /// Packed weights with the constants of their channels, for conv, depthwise and linear.
    Packed(&'a [u32]),
    /// Elementwise sum.
    Add(AddParams),
    /// Global pooling.
    Pool(PoolParams),
    /// Elementwise product, and product with one pixel.
    Mul(MulParams),
    /// Product with constants, one per channel.
    MulConstant(MulParams, &'a [i8]),
    /// Sum with scaled constants, one per channel.
    AddConstant(AddConstantParams, &'a [i32]),
    /// Another scale: input scale / output scale.
    Requantize(Requant),
    /// Softmax.
    Softmax(SoftmaxParams),
    /// A function of one value.
    Lookup(&'a Table),
    /// None.
    None,
}

/// One step of a model.
#[derive(Clone, Copy, Debug)]
pub struct StepView<'a> {
    /// Position.
    pub index: usize,
    /// What it computes.
    pub op: Op,
    /// Numbers of the tensors that it reads; the same twice where there is one.
    pub inputs: [usize; 2],
    /// First input.
    pub input: TensorView,
    /// Second input; equal to `input` for operations of one input.
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

/// Steps that run row by row together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentView {
    /// The steps.
    pub steps: Range<usize>,
    /// Whether the network's input comes row by row: then the first stage of its schedule is the input.
    pub is_fed: bool,
}

impl SegmentView {
    /// The step that a stage of the segment's schedule is; `None` for the input that is fed.
    #[must_use]
    pub fn step(&self, stage: usize) -> Option<usize> {
        stage.checked_sub(usize::from(self.is_fed)).map(|stage| self.steps.start + stage)
    }
}
