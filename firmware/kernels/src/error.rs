//! Why a kernel refuses its arguments.

use thiserror::Error;

/// A slice or shape that does not fit the operation. Nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KernelError {
    /// The output shape is not what the window makes of the input shape, or a shape is too large.
    #[error("the shapes do not fit the operation")]
    Shape,
    /// The input slice is not as long as its shape, or lacks rows that the outputs see.
    #[error("the input slice does not match its shape")]
    Input,
    /// The output slice is not as long as its shape.
    #[error("the output slice does not match its shape")]
    Output,
    /// The weight slice is not as long as the shapes demand.
    #[error("the weights do not match the shapes")]
    Weights,
    /// There are not as many channel parameters as output channels.
    #[error("the channel parameters do not match the output channels")]
    Channels,
    /// The scratch is shorter than the operation needs.
    #[error("the scratch is too short")]
    Scratch,
}
