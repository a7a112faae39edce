//! Two tensors one after the other along one axis. Values are copied: TensorFlow Lite Micro does not rescale them.

use crate::{Dims, KernelError};

/// Computes the concatenation of `left` and `right` along `axis` (0 rows, 1 columns, 2 channels).
///
/// # Errors
/// If a slice does not match its shape, or the shapes differ in another axis.
pub fn concat(left: (&[i8], Dims), right: (&[i8], Dims), axis: u8, output: &mut [i8]) -> Result<(), KernelError> {
    let ((l, r), at) = ((sides(left.1), sides(right.1)), usize::from(axis));
    let same = |other: usize| at == other || l.get(other) == r.get(other);
    if axis > 2 || !(same(0) && same(1) && same(2)) {
        return Err(KernelError::Shape);
    }
    if left.0.len() != left.1.len()? || right.0.len() != right.1.len()? {
        return Err(KernelError::Input);
    }
    if output.len() != left.0.len() + right.0.len() {
        return Err(KernelError::Output);
    }
    // Elements from the axis on: what is taken from one side before the other follows.
    let run = |[h, w, c]: [usize; 3]| c * if at < 2 { w } else { 1 } * if at == 0 { h } else { 1 };
    let (from_left, from_right) = (run(l), run(r));
    if from_left == 0 || from_right == 0 {
        return Err(KernelError::Shape);
    }
    let step = from_left + from_right;
    put(left.0, from_left, output, step);
    put(right.0, from_right, output.get_mut(from_left..).unwrap_or_default(), step);
    Ok(())
}

fn sides(dims: Dims) -> [usize; 3] {
    [dims.h, dims.w, dims.c].map(usize::from)
}

/// Copies runs of `count` elements to places `step` elements from each other.
fn put(input: &[i8], count: usize, output: &mut [i8], step: usize) {
    for (to, from) in output.chunks_mut(step.max(1)).zip(input.chunks_exact(count.max(1))) {
        if let Some(to) = to.get_mut(..count) {
            to.copy_from_slice(from);
        }
    }
}
