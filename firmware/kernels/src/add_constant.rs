//! Sum of an int8 tensor and a constant per channel: an addition whose right operand was scaled offline.

use crate::{ADD_LEFT_SHIFT, KernelError, Output, Requant};

/// Constants of one addition; see [`crate::AddParams`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddConstantParams {
    /// Zero point of the tensor.
    pub zero: i8,
    /// Tensor's scale / (2 · larger scale); shift ≤ 0.
    pub left: Requant,
    /// 2 · larger scale / (2²⁰ · output scale); shift ≤ 0.
    pub output: Requant,
}

impl AddConstantParams {
    /// The sum of one element and one scaled constant.
    #[must_use]
    #[inline]
    pub fn sum(&self, x: i8, term: i32, out: Output) -> i8 {
        let shifted = (i32::from(x) - i32::from(self.zero)) << ADD_LEFT_SHIFT;
        out.finish(self.output.apply_once(self.left.apply_once(shifted).saturating_add(term)))
    }
}

/// Computes `output[i] = input[i] + terms[i mod terms.len()]`; `terms`: per channel, the constant brought to twice the
/// larger scale and shifted left by 20 bits, as [`crate::AddParams`] does with the right input.
///
/// # Errors
/// If the input is not a whole number of pixels, or the output's length is not the input's.
pub fn add_constant(
    input: &[i8],
    terms: &[i32],
    params: &AddConstantParams,
    out: Output,
    output: &mut [i8],
) -> Result<(), KernelError> {
    if terms.is_empty() || !input.len().is_multiple_of(terms.len()) {
        return Err(KernelError::Input);
    }
    if input.len() != output.len() {
        return Err(KernelError::Output);
    }
    output.copy_from_slice(input);
    add_constant_in_place(output, terms, params, out)
}

/// Like [`add_constant`], the input replaced by the output.
///
/// # Errors
/// If the input is not a whole number of pixels.
pub fn add_constant_in_place(
    data: &mut [i8],
    terms: &[i32],
    params: &AddConstantParams,
    out: Output,
) -> Result<(), KernelError> {
    if terms.is_empty() || !data.len().is_multiple_of(terms.len()) {
        return Err(KernelError::Input);
    }
    for pixel in data.chunks_exact_mut(terms.len().max(1)) {
        for (x, term) in pixel.iter_mut().zip(terms) {
            *x = params.sum(*x, *term, out);
        }
    }
    Ok(())
}
