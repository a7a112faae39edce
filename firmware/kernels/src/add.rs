//! Elementwise sum of two int8 tensors with three different scales, as TensorFlow Lite's int8 ADD does it.
//!
//! Both inputs are shifted left by 20 bits and brought to twice the larger input scale, summed, and brought to
//! the output's scale. Source: TensorFlow Lite `reference_integer_ops::Add` and its `Prepare`.

use crate::{KernelError, Output, Requant};

/// Left shift of both inputs before they are scaled.
pub const ADD_LEFT_SHIFT: u32 = 20;

/// Constants of one addition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddParams {
    /// Zero point of the left input.
    pub left_zero: i8,
    /// Zero point of the right input.
    pub right_zero: i8,
    /// Left scale / (2 · larger input scale); shift ≤ 0.
    pub left: Requant,
    /// Right scale / (2 · larger input scale); shift ≤ 0.
    pub right: Requant,
    /// 2 · larger input scale / (2²⁰ · output scale); shift ≤ 0.
    pub output: Requant,
}

impl AddParams {
    /// Constants for given scales and zero points, computed in f64 as TensorFlow Lite does.
    #[must_use]
    pub fn from_scales(left: (f32, i8), right: (f32, i8), output_scale: f32) -> Self {
        let (l, r) = (f64::from(left.0), f64::from(right.0));
        let twice_max = 2.0 * if l > r { l } else { r };
        let unit = f64::from(1u32 << ADD_LEFT_SHIFT);
        Self {
            left_zero: left.1,
            right_zero: right.1,
            left: Requant::from_real(l / twice_max),
            right: Requant::from_real(r / twice_max),
            output: Requant::from_real(twice_max / (unit * f64::from(output_scale))),
        }
    }

    /// The same sum with left and right exchanged.
    #[must_use]
    pub const fn swapped(self) -> Self {
        let Self { left_zero, right_zero, left, right, output } = self;
        Self { left_zero: right_zero, right_zero: left_zero, left: right, right: left, output }
    }

    /// The sum of one pair of elements.
    #[must_use]
    #[inline]
    pub fn sum(&self, left: i8, right: i8, out: Output) -> i8 {
        let shifted = |x: i8, zero: i8| (i32::from(x) - i32::from(zero)) << ADD_LEFT_SHIFT;
        let l = self.left.apply_once(shifted(left, self.left_zero));
        let r = self.right.apply_once(shifted(right, self.right_zero));
        out.finish(self.output.apply_once(l.saturating_add(r)))
    }
}

/// Computes `output[i] = left[i] + right[i]` in real values.
///
/// # Errors
/// If the slices differ in length.
pub fn add(left: &[i8], right: &[i8], params: &AddParams, out: Output, output: &mut [i8]) -> Result<(), KernelError> {
    if left.len() != right.len() {
        return Err(KernelError::Input);
    }
    if left.len() != output.len() {
        return Err(KernelError::Output);
    }
    for ((y, l), r) in output.iter_mut().zip(left).zip(right) {
        *y = params.sum(*l, *r, out);
    }
    Ok(())
}
