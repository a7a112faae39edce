//! Elementwise sum with the short requantization.
//!
//! The input with the larger scale has the factor ½ exactly: its part is `(x − zero) · 2^19`. The other one is shifted
//! by a bit more than the definition says, `d = (y − zero) · 2^21`, so that `round(d · m / 2^32)` is one instruction.

#[cfg(dsp)]
use super::scale::{Rounding, Scale};
use crate::{AddParams, KernelError, Output, Requant};

const HALF: Requant = Requant { multiplier: 1 << 30, shift: 0 };

/// The constants of the assembly, if it can do the addition exactly.
#[cfg(dsp)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Short {
    /// Whether the left input is the one with the factor ½.
    pub left_is_half: bool,
    /// Zero point of the input with the factor ½, and of the other one.
    pub zeros: [i8; 2],
    /// Of the doubled other input.
    pub scaled: Scale,
    /// Of the sum.
    pub output: Scale,
}

#[cfg(dsp)]
impl Short {
    /// `None`: by the definition.
    pub fn new(params: &AddParams, out: Output) -> Option<Self> {
        const INPUT: i64 = 255 << 20;
        let output = Scale::short(params.output, out.zero, 2 * INPUT, Rounding::Plain)?;
        let part = |requant: Requant| Scale::short(requant, 0, INPUT, Rounding::Doubled);
        let (left_is_half, other) = match (params.left, params.right) {
            (HALF, HALF) => return None,
            (HALF, other) => (true, other),
            (other, HALF) => (false, other),
            _ => return None,
        };
        let (left, right) = (params.left_zero, params.right_zero);
        let zeros = if left_is_half { [left, right] } else { [right, left] };
        Some(Self { left_is_half, zeros, scaled: part(other)?, output })
    }
}

/// Computes `output[i] = left[i] + right[i]` in real values, as [`crate::add`].
///
/// # Errors
/// If the slices differ in length.
pub fn add(left: &[i8], right: &[i8], params: &AddParams, out: Output, output: &mut [i8]) -> Result<(), KernelError> {
    #[cfg(dsp)]
    {
        if left.len() != right.len() {
            return Err(KernelError::Input);
        }
        if left.len() != output.len() {
            return Err(KernelError::Output);
        }
        let done = Short::new(params, out).map_or(0, |short| crate::dsp::add::run(&short, left, right, out, output));
        let rest = (left.get(done..), right.get(done..), output.get_mut(done..));
        let (Some(left), Some(right), Some(output)) = rest else { return Err(KernelError::Output) };
        output.copy_from_slice(left);
        replace(output, right, params, out);
        Ok(())
    }
    #[cfg(not(dsp))]
    crate::add(left, right, params, out, output)
}

/// The sum by the definition in the left input's place. What has assembly comes here rarely: one copy is enough.
#[cfg_attr(dsp, inline(never))]
fn replace(data: &mut [i8], right: &[i8], params: &AddParams, out: Output) {
    if (params.left, params.right) == (HALF, HALF) {
        // Inputs of one scale: both parts are exact.
        let zeros = i32::from(params.left_zero) + i32::from(params.right_zero);
        for (left, right) in data.iter_mut().zip(right) {
            let sum = i32::from(*left) + i32::from(*right) - zeros;
            *left = out.finish(params.output.apply_once(sum << 19));
        }
        return;
    }
    for (left, right) in data.iter_mut().zip(right) {
        *left = params.sum(*left, *right, out);
    }
}

/// Like [`add`], with the left input replaced by the output. [`AddParams::swapped`] makes the right one the left one.
///
/// # Errors
/// If the slices differ in length.
pub fn add_in_place(data: &mut [i8], right: &[i8], params: &AddParams, out: Output) -> Result<(), KernelError> {
    if data.len() != right.len() {
        return Err(KernelError::Input);
    }
    #[cfg(dsp)]
    let done = Short::new(params, out).map_or(0, |short| crate::dsp::add::run_in_place(&short, data, right, out));
    #[cfg(not(dsp))]
    let done = 0;
    replace(data.get_mut(done..).unwrap_or_default(), right.get(done..).unwrap_or_default(), params, out);
    Ok(())
}
