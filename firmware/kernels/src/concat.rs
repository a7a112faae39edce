//! Two tensors one after the other along one axis. Values are copied: TensorFlow Lite Micro does not rescale them.

use crate::{Dims, KernelError};

/// Computes the concatenation of `left` and `right` along `axis` (0 rows, 1 columns, 2 channels).
///
/// # Errors
/// If a slice does not match its shape, or the shapes differ in another axis.
pub fn concat(left: (&[i8], Dims), right: (&[i8], Dims), axis: u8, output: &mut [i8]) -> Result<(), KernelError> {
    let sides = |dims: Dims| [dims.h, dims.w, dims.c];
    let (l, r) = (sides(left.1), sides(right.1));
    let differs = |(at, (l, r)): (usize, (&u16, &u16))| at != usize::from(axis) && l != r;
    if axis > 2 || l.iter().zip(&r).enumerate().any(differs) {
        return Err(KernelError::Shape);
    }
    if left.0.len() != left.1.len()? || right.0.len() != right.1.len()? {
        return Err(KernelError::Input);
    }
    if output.len() != left.0.len() + right.0.len() {
        return Err(KernelError::Output);
    }
    // Elements from the axis on: what is taken from one side before the other follows.
    let run = |sides: [u16; 3]| sides.iter().skip(usize::from(axis)).map(|n| usize::from(*n)).product::<usize>();
    let (from_left, from_right) = (run(l), run(r));
    if from_left == 0 || from_right == 0 {
        return Err(KernelError::Shape);
    }
    let runs = left.0.chunks_exact(from_left).zip(right.0.chunks_exact(from_right));
    for (to, (l, r)) in output.chunks_exact_mut(from_left + from_right).zip(runs) {
        let (first, second) = to.split_at_mut(from_left);
        first.copy_from_slice(l);
        second.copy_from_slice(r);
    }
    Ok(())
}
