//! What can be wrong with a graph, with a compilation and with the bytes of a model.

use core::fmt;

use thiserror::Error;

#[cfg(feature = "alloc")]
use crate::Dims;

/// A text as it is: what `str` has for widths and cuts would be code on the chip.
struct Plain<'a>(&'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Why bytes are not a model that can be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The bytes do not start like a model.
    #[error("not a compiled model: it does not start with the magic bytes")]
    Magic,
    /// The bytes do not start at a multiple of 4.
    #[error("the model does not start at a multiple of 4 bytes in memory")]
    Alignment,
    /// The format is of another version.
    #[error("the model has format version {found}, this build reads version {expected}")]
    Version {
        /// Version in the file.
        found: u16,
        /// Version of this build.
        expected: u16,
    },
    /// The weights are packed for other kernels.
    #[error("the model is packed for kernel set {found}, this build has kernel set {expected}")]
    KernelSet {
        /// Kernel set in the file.
        found: u8,
        /// Kernel set of this build.
        expected: u8,
    },
    /// The file is shorter or longer than its header says.
    #[error("the model has {found} bytes, its header says {expected}")]
    Length {
        /// Bytes there are.
        found: u32,
        /// Bytes in the header.
        expected: u32,
    },
    /// The check sum is wrong.
    #[error("the model's CRC is {found:#010x}, its header says {expected:#010x}: the bytes were damaged")]
    Crc {
        /// CRC of the bytes.
        found: u32,
        /// CRC in the header.
        expected: u32,
    },
    /// A field of the header has a value that no compiler writes.
    #[error("the model's header is inconsistent: {}", Plain(what))]
    Header {
        /// Which part.
        what: &'static str,
    },
    /// A step has a value that no compiler writes.
    #[error("step {step} of the model is inconsistent: {}", Plain(what))]
    Step {
        /// Position of the step.
        step: u16,
        /// Which part.
        what: &'static str,
    },
    /// A step would overwrite bytes that are still needed.
    #[error("step {step} of the model overwrites tensor {tensor}, which is still needed")]
    Overlap {
        /// Position of the step that writes.
        step: u16,
        /// The tensor that is lost.
        tensor: u16,
    },
}

/// Why a graph cannot be planned.
#[cfg(feature = "alloc")]
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The first steps need the whole input: it cannot come row by row.
    #[error("the input cannot come row by row: the first steps need it as a whole")]
    NotFed,
    /// No step, or more than a model holds.
    #[error("a model has 1 to {} steps, this graph has {steps}", crate::MAX_STEPS)]
    Steps {
        /// Number of steps.
        steps: usize,
    },
    /// A step reads too many or too few tensors.
    #[error("step {step} reads {inputs} tensors instead of {arity}")]
    Arity {
        /// Position of the step.
        step: usize,
        /// Tensors that it reads.
        inputs: usize,
        /// Tensors that its operation reads.
        arity: usize,
    },
    /// A step reads a tensor that was not made before it.
    #[error("step {step} reads tensor {tensor}, which no step before it makes")]
    Tensor {
        /// Position of the step.
        step: usize,
        /// The tensor.
        tensor: usize,
    },
    /// The shapes around a step do not fit its operation.
    #[error("step {step} cannot make {output:?} from {input:?}")]
    Shape {
        /// Position of the step.
        step: usize,
        /// Shape of its input.
        input: Dims,
        /// Shape of its output.
        output: Dims,
    },
    /// The tensors do not fit a 32-bit address space.
    #[error("the tensors take more than 2 GiB")]
    TooLarge,
}

/// Why a planned graph cannot be compiled.
#[cfg(feature = "alloc")]
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum CompileError {
    /// The graph itself is wrong.
    #[error(transparent)]
    Graph(#[from] PlanError),
    /// The plan belongs to another graph.
    #[error("the plan is not a plan of this graph: {what}")]
    Plan {
        /// What differs.
        what: &'static str,
    },
    /// There is not one entry for every step or tensor.
    #[error("{what}: {found} given, {expected} needed")]
    Count {
        /// What is counted.
        what: &'static str,
        /// Number given.
        found: usize,
        /// Number needed.
        expected: usize,
    },
    /// The parameters of a step are not those of its operation.
    #[error("step {step}: {what}")]
    Params {
        /// Position of the step.
        step: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// A list in one step's parameters has a wrong length.
    #[error("step {step} has {found} {what} instead of {expected}")]
    Length {
        /// Position of the step.
        step: usize,
        /// Which list.
        what: &'static str,
        /// Its length.
        found: usize,
        /// Length needed.
        expected: usize,
    },
    /// A bias does not fit 32 bits once the input's zero point is folded in.
    #[error("step {step}, channel {channel}: the bias overflows once the zero point is folded in")]
    Bias {
        /// Position of the step.
        step: usize,
        /// Output channel.
        channel: usize,
    },
    /// A text, or the whole model, is longer than the format holds.
    #[error("{what} is too long for the format")]
    TooLong {
        /// What is too long.
        what: &'static str,
    },
    /// The compiled bytes do not pass the chip's own checks.
    #[error("the compiled model is refused: {0}")]
    Refused(#[from] ModelError),
}
