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
    let count = left.len().min(right.len()).min(output.len()) / 4 * 4;
    // SAFETY: three slices of `count` bytes or more.
    unsafe { sum(short, left.as_ptr(), right.as_ptr(), output.as_mut_ptr(), count) };
    super::clamp(output.get_mut(..count).unwrap_or_default(), out);
    count
}

/// [`run`] with the left input as output.
pub(crate) fn run_in_place(short: &Short, data: &mut [i8], right: &[i8], out: Output) -> usize {
    let count = data.len().min(right.len()) / 4 * 4;
    let left = data.as_mut_ptr();
    // SAFETY: two slices of `count` bytes or more; an element is read before the one in its place is written.
    unsafe { sum(short, left, right.as_ptr(), left, count) };
    super::clamp(data.get_mut(..count).unwrap_or_default(), out);
    count
}

/// # Safety
/// All pointers are valid for `count` bytes, a multiple of four; the output may be one of the inputs.
unsafe fn sum(short: &Short, left: *const i8, right: *const i8, output: *mut i8, count: usize) {
    if count == 0 {
        return;
    }
    let (half, scaled) = if short.left_is_half { (left, right) } else { (right, left) };
    let [zero, other] = short.zeros.map(i32::from);
    let sum = Sum {
        half,
        scaled,
        output,
        constant: -other << 21,
        rounding: short.scaled.rounding,
        multiplier: short.scaled.multiplier,
        shift: short.scaled.shift,
        minus_zero: -zero,
        out_rounding: short.output.rounding,
        out_multiplier: short.output.multiplier,
        out_shift: short.output.shift,
        half_end: half.wrapping_add(count),
    };
    // SAFETY: as the caller promises; the routine stops at `half_end`.
    unsafe { tinynas_add(&raw const sum) };
}
