//! The sum of two tensors, four elements at a time.

use crate::{Output, packed::add::Short};

/// What the assembly needs.
#[repr(C)]
struct Sum {
    half: *const i8,
    scaled: *const i8,
    output: *mut i8,
    constant: i32,
    rounding: i32,
    multiplier: i32,
    shift: u32,
    minus_zero: i32,
    out_rounding: i32,
    out_multiplier: i32,
    out_shift: u32,
    half_end: *const i8,
}

unsafe extern "C" {
    fn tinynas_add(sum: *const Sum);
}

/// Adds what is a multiple of four elements of slices of one length, and says how many that is.
pub(crate) fn run(short: &Short, left: &[i8], right: &[i8], out: Output, output: &mut [i8]) -> usize {
    let count = left.len() / 4 * 4;
    let (half, scaled) = if short.left_is_half { (left, right) } else { (right, left) };
    let [zero, other] = short.zeros.map(i32::from);
    if let (Some(half), Some(scaled), Some(output)) = (half.get(..count), scaled.get(..count), output.get_mut(..count))
        && count > 0
    {
        let sum = Sum {
            half: half.as_ptr(),
            scaled: scaled.as_ptr(),
            output: output.as_mut_ptr(),
            constant: -other << 21,
            rounding: short.scaled.rounding,
            multiplier: short.scaled.multiplier,
            shift: short.scaled.shift,
            minus_zero: -zero,
            out_rounding: short.output.rounding,
            out_multiplier: short.output.multiplier,
            out_shift: short.output.shift,
            half_end: half.as_ptr_range().end,
        };
        // SAFETY: three slices of `count` bytes, a multiple of four.
        unsafe { tinynas_add(&raw const sum) };
        super::clamp(output, out);
    }
    count
}
