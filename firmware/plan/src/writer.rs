//! The file of a model while it is written: which field goes where.

use alloc::vec::Vec;

use crate::{
    CompileError, Dims, FORMAT_VERSION, MAGIC, Meta, Op, Params, Placement, Plan, Step, TensorPlace, TensorQuant,
    Window,
    crc::crc32,
    layout::{BEGINS, HEADER_BYTES, KERNEL_SET, STEP_BYTES, TENSOR_BYTES, header, opcode, step, tensor},
};

/// How a step runs.
pub(crate) struct Run {
    scratch: Placement,
    begins: bool,
    batch: u16,
}

impl Run {
    /// Step `index` of a plan.
    pub fn of(plan: &Plan, index: usize, scratch: Placement) -> Self {
        let begins = plan.segments.iter().any(|segment| segment.steps.start == index);
        let batch = plan.segments.iter().find(|segment| segment.steps.end == index + 1).map(|segment| segment.batch);
        Self { scratch, begins, batch: batch.unwrap_or(0) }
    }
}

/// The file while it is written.
pub(crate) struct Writer {
    /// What is written so far; as long as the file will be.
    pub bytes: Vec<u8>,
}

impl Writer {
    /// The bytes from `at` on.
    pub fn after(&mut self, at: usize) -> &mut [u8] {
        self.bytes.get_mut(at..).unwrap_or_default()
    }

    /// What a plan decides about a tensor.
    pub fn place(&mut self, index: usize, place: TensorPlace) {
        let record = self.after(HEADER_BYTES + index * TENSOR_BYTES);
        put(record, tensor::OFFSET, &place.offset.to_le_bytes());
        put(record, tensor::MOVED, &place.moved.to_le_bytes());
        put(record, tensor::ROWS, &place.rows.to_le_bytes());
    }

    /// What a plan decides about a step; `steps`: how many there are.
    pub fn run(&mut self, steps: usize, index: usize, run: Run) {
        let record = self.step_record(steps, index);
        put(record, step::FLAGS, &[if run.begins { BEGINS } else { 0 }]);
        put(record, step::SCRATCH, &run.scratch.offset.to_le_bytes());
        put(record, step::SCRATCH_BYTES, &run.scratch.bytes.to_le_bytes());
        put(record, step::BATCH, &run.batch.to_le_bytes());
    }

    /// Writes the arena's length and, last, the CRC.
    pub fn finish(&mut self, arena: u32) {
        let bytes = &mut self.bytes;
        put(bytes, header::ARENA, &arena.to_le_bytes());
        let crc = crc32(bytes.get(header::CRC_START..).unwrap_or_default());
        put(bytes, header::CRC, &crc.to_le_bytes());
    }

    fn step_record(&mut self, steps: usize, index: usize) -> &mut [u8] {
        self.after(HEADER_BYTES + (steps + 1) * TENSOR_BYTES + index * STEP_BYTES)
    }

    /// Shape and scale of a tensor.
    pub fn tensor(&mut self, index: usize, dims: Dims, quant: TensorQuant) {
        let record = self.after(HEADER_BYTES + index * TENSOR_BYTES);
        put(record, tensor::H, &dims.h.to_le_bytes());
        put(record, tensor::W, &dims.w.to_le_bytes());
        put(record, tensor::C, &dims.c.to_le_bytes());
        put(record, tensor::ZERO, &quant.zero_point.to_le_bytes());
        put(record, tensor::SCALE, &quant.scale.to_le_bytes());
    }

    /// What a step computes; `steps`: how many there are, `data`: where its constants are.
    pub fn step(&mut self, steps: usize, index: usize, wanted: &Step, params: &Params, data: usize) {
        let record = self.step_record(steps, index);
        let (code, axes) = code(wanted.op);
        let window = match wanted.op {
            Op::Pad(pad) => Window { pad, ..Window::square(0, 0, 0) },
            op => op.window().unwrap_or(Window::square(0, 0, 0)),
        };
        let input = |at: usize| wanted.inputs.get(at).or(wanted.inputs.first()).copied().unwrap_or_default() as u16;
        let [min, max] = params.clamp();
        put(record, step::OP, &[code]);
        put(record, step::KERNEL, &window.kernel);
        put(record, step::STRIDE, &window.stride);
        put(record, step::PAD, &window.pad);
        put(record, step::LEFT, &input(0).to_le_bytes());
        put(record, step::RIGHT, &input(1).to_le_bytes());
        put(record, step::DATA, &(data as u32).to_le_bytes());
        put(record, step::MIN, &min.to_le_bytes());
        put(record, step::MAX, &max.to_le_bytes());
        put(record, step::AXES, &axes);
    }

    /// Writes the texts at `text` and the header, but for what [`Self::finish`] writes.
    pub fn header(&mut self, steps: usize, text: usize, meta: &Meta) -> Result<(), CompileError> {
        let short = |what: &'static str, len: usize| u16::try_from(len).map_err(|_| CompileError::TooLong { what });
        let provenance = short("the provenance", meta.provenance.len())?;
        let classes = short("the list of classes", meta.classes.len())?;
        let mut at = text;
        put(&mut self.bytes, at, meta.provenance.as_bytes());
        at += meta.provenance.len();
        for name in &meta.classes {
            put(&mut self.bytes, at, &short("a class name", name.len())?.to_le_bytes());
            put(&mut self.bytes, at + 2, name.as_bytes());
            at += 2 + name.len();
        }
        let bytes = &mut self.bytes;
        let total = bytes.len() as u32;
        put(bytes, 0, &MAGIC);
        put(bytes, header::VERSION, &FORMAT_VERSION.to_le_bytes());
        put(bytes, header::KERNEL_SET, &[KERNEL_SET]);
        put(bytes, header::LENGTH, &total.to_le_bytes());
        put(bytes, header::STEPS, &(steps as u16).to_le_bytes());
        put(bytes, header::CLASSES, &classes.to_le_bytes());
        put(bytes, header::SRAM_BUDGET, &meta.sram_budget.to_le_bytes());
        put(bytes, header::FLASH_BUDGET, &meta.flash_budget.to_le_bytes());
        put(bytes, header::IMAGE_SIZE, &meta.preprocess.size.to_le_bytes());
        put(bytes, header::IMAGE_CHANNELS, &[meta.preprocess.channels]);
        put(bytes, header::IMAGE_MEAN, &[meta.preprocess.mean]);
        put(bytes, header::IMAGE_SCALE, &meta.preprocess.scale.to_le_bytes());
        put(bytes, header::TEXT, &(text as u32).to_le_bytes());
        put(bytes, header::PROVENANCE_BYTES, &provenance.to_le_bytes());
        Ok(())
    }
}

/// Number of an operation, and its axes.
const fn code(op: Op) -> (u8, [u8; 3]) {
    let code = match op {
        Op::Conv(_) => opcode::CONV,
        Op::Depthwise(_) => opcode::DEPTHWISE,
        Op::Add => opcode::ADD,
        Op::GlobalPool => opcode::GLOBAL_POOL,
        Op::Linear => opcode::LINEAR,
        Op::AveragePool(_) => opcode::AVERAGE_POOL,
        Op::MaxPool(_) => opcode::MAX_POOL,
        Op::Softmax => opcode::SOFTMAX,
        Op::Lookup => opcode::LOOKUP,
        Op::Mul => opcode::MUL,
        Op::Scale => opcode::SCALE,
        Op::MulConstant => opcode::MUL_CONSTANT,
        Op::AddConstant => opcode::ADD_CONSTANT,
        Op::Requantize => opcode::REQUANTIZE,
        Op::Concat(axis) => return (opcode::CONCAT, [axis, 0, 0]),
        Op::Pad(_) => opcode::PAD,
        Op::Reshape => opcode::RESHAPE,
        Op::Transpose(order) => return (opcode::TRANSPOSE, order),
        Op::ResizeNearest => opcode::RESIZE_NEAREST,
    };
    (code, [0; 3])
}

/// Copies `value` to `bytes[at..]`; the file is as long as everything that is written to it.
fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    if let Some(to) = bytes.get_mut(at..at + value.len()) {
        to.copy_from_slice(value);
    }
}
