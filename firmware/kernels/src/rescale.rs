//! From one scale and zero point to another: TensorFlow Lite's QUANTIZE from int8 to int8.
//!
//! Source: TensorFlow Lite `reference_ops::Requantize`.

use crate::{KernelError, Output, Requant};

/// Computes `output[i] = (input[i] − input_zero) · factor + zero point`, clamped.
///
/// # Errors
/// If the slices differ in length.
pub fn rescale(
    input: &[i8],
    input_zero: i8,
    factor: Requant,
    out: Output,
    output: &mut [i8],
) -> Result<(), KernelError> {
    if input.len() != output.len() {
        return Err(KernelError::Output);
    }
    output.copy_from_slice(input);
    rescale_in_place(output, input_zero, factor, out);
    Ok(())
}

/// Like [`rescale`], the input replaced by the output.
pub fn rescale_in_place(data: &mut [i8], input_zero: i8, factor: Requant, out: Output) {
    for x in data {
        *x = out.finish(factor.apply_once(i32::from(*x) - i32::from(input_zero)));
    }
}
