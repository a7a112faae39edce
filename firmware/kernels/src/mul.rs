//! Elementwise product of two int8 tensors, the right one of the same shape or one value per channel.
//!
//! Source: TensorFlow Lite `reference_integer_ops::Mul` and `BroadcastMul4DSlow`.

use crate::{KernelError, Output, Requant};

/// Constants of one product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MulParams {
    /// Zero point of the left input.
    pub left_zero: i8,
    /// Zero point of the right input.
    pub right_zero: i8,
    /// Left scale · right scale / output scale.
    pub requant: Requant,
}

impl MulParams {
    /// Constants for given scales and zero points, computed in f64 as TensorFlow Lite does.
    #[must_use]
    pub fn from_scales(left: (f32, i8), right: (f32, i8), output_scale: f32) -> Self {
        let real = f64::from(left.0) * f64::from(right.0) / f64::from(output_scale);
        Self { left_zero: left.1, right_zero: right.1, requant: Requant::from_real(real) }
    }

    /// The same product with its sides exchanged.
    #[must_use]
    pub const fn swapped(&self) -> Self {
        Self { left_zero: self.right_zero, right_zero: self.left_zero, requant: self.requant }
    }

    /// The product of one pair of elements.
    #[must_use]
    #[inline]
    pub fn product(&self, left: i8, right: i8, out: Output) -> i8 {
        let factor = |x: i8, zero: i8| i32::from(x) - i32::from(zero);
        out.finish(self.requant.apply_once(factor(left, self.left_zero) * factor(right, self.right_zero)))
    }
}

/// Computes `output[i] = left[i] · right[i mod right.len()]` in real values: `right` is a tensor of the same shape, or
/// one value per channel.
///
/// # Errors
/// If the left input is not a whole number of right ones, or the output's length is not the left input's.
pub fn mul(left: &[i8], right: &[i8], params: &MulParams, out: Output, output: &mut [i8]) -> Result<(), KernelError> {
    if right.is_empty() || !left.len().is_multiple_of(right.len()) {
        return Err(KernelError::Input);
    }
    if left.len() != output.len() {
        return Err(KernelError::Output);
    }
    output.copy_from_slice(left);
    mul_in_place(output, right, params, out)
}

/// Like [`mul`], the left input replaced by the output.
///
/// # Errors
/// If the left input is not a whole number of right ones.
pub fn mul_in_place(data: &mut [i8], right: &[i8], params: &MulParams, out: Output) -> Result<(), KernelError> {
    if right.is_empty() || !data.len().is_multiple_of(right.len()) {
        return Err(KernelError::Input);
    }
    for pixel in data.chunks_exact_mut(right.len().max(1)) {
        for (x, r) in pixel.iter_mut().zip(right) {
            *x = params.product(*x, *r, out);
        }
    }
    Ok(())
}
