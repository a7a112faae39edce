//! What one convolution computes, as the operations need it.

use tinynas_model::{Activation, Conv};

/// Which channels a filter reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConvKind {
    /// All input channels; weights `[out, in, k, k]`.
    Full,
    /// One channel; weights `[c, 1, k, k]`.
    Depthwise,
}

/// Window, channels and activation of a convolution with its normalisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvSpec {
    /// Which channels a filter reads.
    pub kind: ConvKind,
    /// Side of the window.
    pub kernel: usize,
    /// Step of the window, both ways.
    pub stride: usize,
    /// Zeros on each side.
    pub pad: usize,
    /// Applied after normalisation.
    pub activation: Activation,
}

impl ConvSpec {
    /// What leaves a tensor as it is, with weights of ones: normalisation alone is this convolution's.
    pub(crate) const IDENTITY: Self =
        Self { kind: ConvKind::Depthwise, kernel: 1, stride: 1, pad: 0, activation: Activation::Linear };

    /// The spec of a layer of a network.
    #[must_use]
    pub const fn new(kind: ConvKind, conv: &Conv) -> Self {
        Self {
            kind,
            kernel: conv.kernel as usize,
            stride: conv.stride as usize,
            pad: conv.pad as usize,
            activation: conv.activation,
        }
    }

    /// The same convolution without an activation.
    #[must_use]
    pub const fn linear(self) -> Self {
        Self { activation: Activation::Linear, ..self }
    }

    /// Whether it is a plain matrix product over the pixels.
    #[must_use]
    pub const fn is_pointwise(&self) -> bool {
        matches!(self.kind, ConvKind::Full) && self.kernel == 1 && self.stride == 1 && self.pad == 0
    }

    /// Output side for an input side.
    ///
    /// # Panics
    /// If the window is larger than the padded input.
    #[must_use]
    pub const fn output_side(&self, input: usize) -> usize {
        (input + 2 * self.pad - self.kernel) / self.stride + 1
    }
}
