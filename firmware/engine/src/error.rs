//! Why a model does not run.

use thiserror::Error;
use tinynas_kernels::KernelError;

/// Why a model does not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The arena is shorter than the model's plan.
    #[error("the model needs an arena of {needed} bytes, it has {given}")]
    Arena {
        /// Bytes of the plan.
        needed: u32,
        /// Bytes given.
        given: usize,
    },
    /// The model's input comes row by row.
    #[error("the model's input comes row by row: run it with a source of rows")]
    Fed,
    /// The places of a step's tensors do not fit the arena or each other; a checked model has none such.
    #[error("step {step} has no valid place in the arena")]
    Place {
        /// Position of the step.
        step: usize,
    },
    /// A kernel refused a step; a checked model has none such.
    #[error("step {step}: {source}")]
    Kernel {
        /// Position of the step.
        step: usize,
        /// What the kernel says.
        source: KernelError,
    },
    /// The arena does not start at a multiple of 4.
    #[error("the arena does not start at a multiple of 4 bytes in memory")]
    Alignment,
    /// What was given is not the whole input.
    #[error("the model's input has {needed} elements, {given} were given")]
    Input {
        /// Elements of the input.
        needed: u32,
        /// Elements given.
        given: usize,
    },
}
