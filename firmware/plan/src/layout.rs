//! Offsets of the fields of a `.tnm` file; `FORMAT.md` explains them.

/// First bytes of every model.
pub const MAGIC: [u8; 4] = *b"\x89TNM";
/// Version of the format that this build reads and writes.
pub const FORMAT_VERSION: u16 = 2;
/// Layout of weights and constants: that of the kernels in `tinynas-kernels`.
pub(crate) const KERNEL_SET: u8 = 2;
/// Most steps in one model: bounds the time of the checks on the chip.
pub const MAX_STEPS: usize = 1024;

pub(crate) const HEADER_BYTES: usize = 48;
pub(crate) const TENSOR_BYTES: usize = 24;
pub(crate) const STEP_BYTES: usize = 32;
/// Constants and weights start at multiples of this.
pub(crate) const ALIGN: u64 = 4;

/// Offsets in the header.
pub(crate) mod header {
    pub const VERSION: usize = 4;
    pub const KERNEL_SET: usize = 6;
    pub const RESERVED: usize = 7;
    pub const LENGTH: usize = 8;
    pub const CRC: usize = 12;
    /// The CRC covers everything from here to the end.
    pub const CRC_START: usize = 16;
    pub const ARENA: usize = 16;
    pub const STEPS: usize = 20;
    pub const CLASSES: usize = 22;
    pub const SRAM_BUDGET: usize = 24;
    pub const FLASH_BUDGET: usize = 28;
    pub const IMAGE_SIZE: usize = 32;
    pub const IMAGE_CHANNELS: usize = 34;
    pub const IMAGE_MEAN: usize = 35;
    pub const IMAGE_SCALE: usize = 36;
    pub const TEXT: usize = 40;
    pub const PROVENANCE_BYTES: usize = 44;
}

/// Offsets in a tensor record.
pub(crate) mod tensor {
    pub const H: usize = 0;
    pub const W: usize = 2;
    pub const C: usize = 4;
    pub const ZERO: usize = 6;
    pub const OFFSET: usize = 8;
    pub const MOVED: usize = 12;
    pub const SCALE: usize = 16;
    pub const ROWS: usize = 20;
}

/// Offsets in a step record.
pub(crate) mod step {
    pub const OP: usize = 0;
    pub const FLAGS: usize = 1;
    pub const KERNEL: usize = 2;
    pub const STRIDE: usize = 4;
    pub const PAD: usize = 6;
    pub const LEFT: usize = 8;
    pub const RIGHT: usize = 10;
    pub const SCRATCH: usize = 12;
    pub const SCRATCH_BYTES: usize = 16;
    pub const DATA: usize = 20;
    pub const MIN: usize = 24;
    pub const MAX: usize = 25;
    pub const BATCH: usize = 26;
    /// Axis of a concatenation; order of the axes of a transposition.
    pub const AXES: usize = 28;
}

/// Flag of a step that begins a segment.
pub(crate) const BEGINS: u8 = 1;

/// Numbers of the operations in a step record.
pub(crate) mod opcode {
    pub const CONV: u8 = 1;
    pub const DEPTHWISE: u8 = 2;
    pub const ADD: u8 = 3;
    pub const GLOBAL_POOL: u8 = 4;
    pub const LINEAR: u8 = 5;
    pub const AVERAGE_POOL: u8 = 6;
    pub const MAX_POOL: u8 = 7;
    pub const SOFTMAX: u8 = 8;
    pub const LOOKUP: u8 = 9;
    pub const MUL: u8 = 10;
    pub const SCALE: u8 = 11;
    pub const MUL_CONSTANT: u8 = 12;
    pub const ADD_CONSTANT: u8 = 13;
    pub const REQUANTIZE: u8 = 14;
    pub const CONCAT: u8 = 15;
    pub const PAD: u8 = 16;
    pub const RESHAPE: u8 = 17;
    pub const TRANSPOSE: u8 = 18;
    pub const RESIZE_NEAREST: u8 = 19;
}

/// Reads `N` bytes at `at`; zeros where there are none.
pub(crate) fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
}

pub(crate) fn u8_at(bytes: &[u8], at: usize) -> u8 {
    u8::from_le_bytes(bytes_at(bytes, at))
}

pub(crate) fn i8_at(bytes: &[u8], at: usize) -> i8 {
    i8::from_le_bytes(bytes_at(bytes, at))
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes_at(bytes, at))
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes_at(bytes, at))
}

pub(crate) fn i32_at(bytes: &[u8], at: usize) -> i32 {
    i32::from_le_bytes(bytes_at(bytes, at))
}

pub(crate) fn f32_at(bytes: &[u8], at: usize) -> f32 {
    f32::from_le_bytes(bytes_at(bytes, at))
}
