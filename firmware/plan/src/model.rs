//! A checked compiled model: accessors on the bytes of a `.tnm` file.

use core::ops::Range;

use tinynas_kernels::{Dims, Output, Window};

use crate::{
    ModelError, Op, Placement, Preprocess, SegmentView, StepParams, StepView, TensorView, constants,
    layout::{
        BEGINS, HEADER_BYTES, STEP_BYTES, TENSOR_BYTES, bytes_at, f32_at, header, i8_at, opcode, step, tensor, u8_at,
        u16_at, u32_at,
    },
    validate,
};

/// A compiled model whose every byte was checked.
///
/// Nothing is copied: the bytes may lie in flash. They must start at a multiple of 4.
#[derive(Clone, Copy, Debug)]
pub struct Model<'a> {
    pub(crate) bytes: &'a [u8],
}

impl<'a> Model<'a> {
    /// Checks a model: length, CRC, shapes, bounds, lifetimes, factors. Only what passes can be run.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ModelError> {
        validate::header(bytes)?;
        let model = Self { bytes };
        validate::body(&model)?;
        Ok(model)
    }

    /// Size of the arena.
    #[must_use]
    pub fn arena_bytes(&self) -> u32 {
        u32_at(self.bytes, header::ARENA)
    }

    /// Length of the model.
    #[must_use]
    pub fn byte_len(&self) -> u32 {
        u32_at(self.bytes, header::LENGTH)
    }

    /// The file.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// CRC of the model, a short name for its content.
    #[must_use]
    pub fn crc(&self) -> u32 {
        u32_at(self.bytes, header::CRC)
    }

    /// Number of steps.
    #[must_use]
    pub fn step_count(&self) -> usize {
        usize::from(u16_at(self.bytes, header::STEPS))
    }

    /// The network's input.
    #[must_use]
    pub fn input(&self) -> TensorView {
        self.tensor(0)
    }

    /// The network's output.
    #[must_use]
    pub fn output(&self) -> TensorView {
        self.tensor(self.step_count())
    }

    /// A tensor; an empty one if there is none with that number.
    #[must_use]
    pub fn tensor(&self, index: usize) -> TensorView {
        let at = HEADER_BYTES.saturating_add(index.min(self.step_count()).saturating_mul(TENSOR_BYTES));
        let record: [u8; TENSOR_BYTES] = bytes_at(self.bytes, at);
        TensorView {
            dims: Dims { h: u16_at(&record, tensor::H), w: u16_at(&record, tensor::W), c: u16_at(&record, tensor::C) },
            offset: u32_at(&record, tensor::OFFSET),
            moved: u32_at(&record, tensor::MOVED),
            rows: u16_at(&record, tensor::ROWS),
            scale: f32_at(&record, tensor::SCALE),
            zero: i8_at(&record, tensor::ZERO),
        }
    }

    /// All steps in execution order.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = StepView<'a>> + use<'a> {
        let model = *self;
        (0..self.step_count()).map(move |index| model.step(index))
    }

    /// All segments in execution order.
    pub fn segments(&self) -> impl Iterator<Item = SegmentView> + use<'a> {
        let model = *self;
        let mut next = 0;
        core::iter::from_fn(move || {
            let start = next;
            if start >= model.step_count() {
                return None;
            }
            next = (start + 1..model.step_count()).find(|step| model.begins(*step)).unwrap_or(model.step_count());
            let is_fed = start == 0 && !model.input().is_whole();
            Some(SegmentView { steps: start..next, is_fed })
        })
    }

    /// Whether the input comes row by row.
    #[must_use]
    pub fn is_fed_by_rows(&self) -> bool {
        !self.input().is_whole()
    }

    /// Whether a step begins a segment.
    fn begins(&self, index: usize) -> bool {
        u8_at(&self.record(index), step::FLAGS) & BEGINS != 0
    }

    /// Most rows of a step in one call; decides only at the end of a segment.
    pub(crate) fn batch(&self, index: usize) -> u16 {
        u16_at(&self.record(index), step::BATCH)
    }

    /// One of [`Model::steps`]; the last one's fields where there is no such step.
    #[must_use]
    pub fn step_at(&self, index: usize) -> StepView<'a> {
        self.step(index)
    }

    /// Whether `tensor` is read by a step of `steps`.
    pub(crate) fn is_read(&self, tensor: usize, mut steps: Range<usize>) -> bool {
        steps.any(|step| self.inputs(step).contains(&tensor))
    }

    /// How pixels become the input.
    #[must_use]
    pub fn preprocess(&self) -> Preprocess {
        Preprocess {
            size: u16_at(self.bytes, header::IMAGE_SIZE),
            channels: u8_at(self.bytes, header::IMAGE_CHANNELS),
            mean: u8_at(self.bytes, header::IMAGE_MEAN),
            scale: f32_at(self.bytes, header::IMAGE_SCALE),
        }
    }

    /// SRAM budget that the network was made for, in bytes; 0 if there was none.
    #[must_use]
    pub fn sram_budget(&self) -> u32 {
        u32_at(self.bytes, header::SRAM_BUDGET)
    }

    /// Flash budget that the network was made for, in bytes; 0 if there was none.
    #[must_use]
    pub fn flash_budget(&self) -> u32 {
        u32_at(self.bytes, header::FLASH_BUDGET)
    }

    /// Number of class names.
    #[must_use]
    pub fn class_count(&self) -> usize {
        usize::from(u16_at(self.bytes, header::CLASSES))
    }

    /// Name of a class; `None` past the last one.
    #[must_use]
    pub fn class(&self, index: usize) -> Option<&'a str> {
        let mut rest = self.text().get(self.provenance_len()..)?;
        for at in 0..self.class_count() {
            let (name, after) = split_text(rest)?;
            if at == index {
                return core::str::from_utf8(name).ok();
            }
            rest = after;
        }
        None
    }

    /// Where the model comes from, one line.
    #[must_use]
    pub fn provenance(&self) -> &'a str {
        let text = self.text().get(..self.provenance_len()).unwrap_or_default();
        core::str::from_utf8(text).unwrap_or_default()
    }

    pub(crate) fn provenance_len(&self) -> usize {
        usize::from(u16_at(self.bytes, header::PROVENANCE_BYTES))
    }

    /// Provenance and class names.
    pub(crate) fn text(&self) -> &'a [u8] {
        let start = usize::try_from(u32_at(self.bytes, header::TEXT)).unwrap_or(usize::MAX);
        self.bytes.get(start..).unwrap_or_default()
    }

    pub(crate) fn record(&self, index: usize) -> [u8; STEP_BYTES] {
        let tables = HEADER_BYTES.saturating_add((self.step_count() + 1).saturating_mul(TENSOR_BYTES));
        bytes_at(self.bytes, tables.saturating_add(index.saturating_mul(STEP_BYTES)))
    }

    pub(crate) fn op(&self, index: usize) -> Option<Op> {
        let record = self.record(index);
        let pair = |at: usize| [u8_at(&record, at), u8_at(&record, at + 1)];
        let window = Window { kernel: pair(step::KERNEL), stride: pair(step::STRIDE), pad: pair(step::PAD) };
        match u8_at(&record, step::OP) {
            opcode::CONV => Some(Op::Conv(window)),
            opcode::DEPTHWISE => Some(Op::Depthwise(window)),
            opcode::ADD => Some(Op::Add),
            opcode::GLOBAL_POOL => Some(Op::GlobalPool),
            opcode::LINEAR => Some(Op::Linear),
            opcode::AVERAGE_POOL => Some(Op::AveragePool(window)),
            opcode::MAX_POOL => Some(Op::MaxPool(window)),
            opcode::SOFTMAX => Some(Op::Softmax),
            opcode::LOOKUP => Some(Op::Lookup),
            opcode::MUL => Some(Op::Mul),
            opcode::SCALE => Some(Op::Scale),
            opcode::MUL_CONSTANT => Some(Op::MulConstant),
            opcode::ADD_CONSTANT => Some(Op::AddConstant),
            opcode::REQUANTIZE => Some(Op::Requantize),
            opcode::CONCAT => Some(Op::Concat(u8_at(&record, step::AXES))),
            opcode::PAD => Some(Op::Pad(window.pad)),
            opcode::RESHAPE => Some(Op::Reshape),
            opcode::TRANSPOSE => Some(Op::Transpose(bytes_at(&record, step::AXES))),
            opcode::RESIZE_NEAREST => Some(Op::ResizeNearest),
            _ => None,
        }
    }

    /// Numbers of the two inputs (the same one twice where there is only one).
    pub(crate) fn inputs(&self, index: usize) -> [usize; 2] {
        let record = self.record(index);
        [usize::from(u16_at(&record, step::LEFT)), usize::from(u16_at(&record, step::RIGHT))]
    }

    pub(crate) fn scratch(&self, index: usize) -> Placement {
        let record = self.record(index);
        let bytes = u32_at(&record, step::SCRATCH_BYTES);
        let offset = if bytes > 0 { u32_at(&record, step::SCRATCH) } else { 0 };
        Placement { offset, bytes }
    }

    fn step(&self, index: usize) -> StepView<'a> {
        let record = self.record(index);
        let op = self.op(index).unwrap_or(Op::Add);
        let [left, right] = self.inputs(index);
        let (input, second, output) = (self.tensor(left), self.tensor(right), self.tensor(index + 1));
        let (min, max) = (i8_at(&record, step::MIN), i8_at(&record, step::MAX));
        StepView {
            index,
            op,
            inputs: [left, right],
            input,
            second,
            output,
            scratch: self.scratch(index),
            finish: Output { zero: output.zero, min, max },
            params: self.params(index, op, input, second, output),
        }
    }

    /// The data of a step; empty where the file is too short.
    pub(crate) fn data(&self, index: usize, op: Op, input: Dims, output: Dims) -> Option<&'a [u8]> {
        let at = usize::try_from(u32_at(&self.record(index), step::DATA)).ok()?;
        let end = at.checked_add(usize::try_from(op.data_bytes(input, output)).ok()?)?;
        self.bytes.get(at..end)
    }

    fn params(
        &self,
        index: usize,
        op: Op,
        input: TensorView,
        second: TensorView,
        output: TensorView,
    ) -> StepParams<'a> {
        let data = self.data(index, op, input.dims, output.dims).unwrap_or_default();
        match op {
            // Checked: the model starts at a multiple of 4, and so does its data.
            Op::Conv(_) | Op::Depthwise(_) | Op::Linear => {
                StepParams::Packed(bytemuck::try_cast_slice(data).unwrap_or_default())
            }
            op => constants::read(op, data, [input.zero, second.zero], output.dims),
        }
    }
}

/// Splits a text with its length (u16) in front from the bytes after it.
pub(crate) fn split_text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))
}
