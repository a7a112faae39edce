//! Sums over pixels: four channels at a time.

unsafe extern "C" {
    /// Adds four channels of `pixels` pixels, at least one, `depth` bytes from one to the next, to `sums`.
    fn tinynas_sums(input: *const i8, depth: usize, pixels: usize, sums: *mut [i32; 4]);
}

/// Adds the channels from `first` on of whole pixels to `sums`, as far as they are whole fours, and says how many that
/// is.
pub(crate) fn run(pixels: &[i8], depth: usize, first: usize, sums: &mut [i32]) -> usize {
    let count = pixels.len().checked_div(depth).unwrap_or_default();
    if count == 0 || first + sums.len() > depth {
        return 0;
    }
    let fours = sums.as_chunks_mut::<4>().0;
    for (four, sums) in fours.iter_mut().enumerate() {
        let input = pixels.as_ptr().wrapping_add(first + 4 * four);
        // SAFETY: there are `count` pixels of `depth` bytes, and the four channels are among them.
        unsafe { tinynas_sums(input, depth, count, sums) };
    }
    4 * fours.len()
}
