//! Products of four pixels with two output channels, on any core.
//!
//! Widened inputs are the assembly's: for every word of weights, two inputs of each of the four pixels.

/// Pixels of one tile.
pub(crate) const PIXELS: usize = 4;

/// Two inputs of every pixel.
pub(crate) type Step = [i16; 2 * PIXELS];

/// Writes `factor` times the inputs of up to four vectors to `steps`; the rest is zero.
pub(crate) fn widen(vectors: &[i8], inputs: usize, factor: i16, steps: &mut [Step]) {
    let groups = steps.as_chunks_mut::<2>().0;
    if vectors.len() < PIXELS * inputs {
        groups.as_flattened_mut().fill([0; 8]);
    }
    for (pixel, vector) in vectors.chunks_exact(inputs.max(1)).enumerate() {
        let (fours, rest) = vector.as_chunks::<4>();
        let mut last = [0; 4];
        last.iter_mut().zip(rest).for_each(|(to, x)| *to = *x);
        let fours = fours.iter().chain((!rest.is_empty()).then_some(&last));
        for (four, [even, odd]) in fours.zip(groups.iter_mut()) {
            let [a, b, c, d] = four.map(|x| factor * i16::from(x));
            put(even, pixel, [a, c]);
            put(odd, pixel, [b, d]);
        }
    }
}

fn put(step: &mut Step, pixel: usize, values: [i16; 2]) {
    if let Some(pair) = step.as_chunks_mut().0.get_mut(pixel) {
        *pair = values;
    }
}

/// For every pixel, the sum of products with the low bytes of the weights' half-words, and with the half-words if
/// channels are `joined`, else with their high bytes.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn products(steps: &[Step], weights: &[u32], joined: bool) -> [[i32; PIXELS]; 2] {
    let [mut a, mut b] = [[0i32; PIXELS]; 2];
    for (step, word) in steps.iter().zip(weights) {
        let [first, second] = [*word as i16, (*word >> 16) as i16];
        let low = [first, second].map(|half| i32::from(half as i8));
        let other = [first, second].map(|half| i32::from(if joined { half } else { half >> 8 }));
        for ((x, a), b) in step.as_chunks::<2>().0.iter().zip(&mut a).zip(&mut b) {
            let dot = |w: [i32; 2]| (i32::from(x[0]) * w[0]).wrapping_add(i32::from(x[1]) * w[1]);
            *a = a.wrapping_add(dot(low));
            *b = b.wrapping_add(dot(other));
        }
    }
    [a, b]
}

/// As above, with SSE2, which every x86-64 has: compilers do not see that one instruction does two products.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)] // Loads and stores of vectors.
pub(crate) fn products(steps: &[Step], weights: &[u32], joined: bool) -> [[i32; PIXELS]; 2] {
    use core::arch::x86_64::{
        _mm_add_epi32, _mm_loadu_si128, _mm_madd_epi16, _mm_set1_epi32, _mm_setzero_si128, _mm_slli_epi16,
        _mm_srai_epi16, _mm_storeu_si128,
    };
    let mut sums = [[0; PIXELS]; 2];
    // SAFETY: SSE2 is there; a step and four sums are 16 bytes each.
    unsafe {
        let [mut a, mut b] = [_mm_setzero_si128(); 2];
        for (step, word) in steps.iter().zip(weights) {
            let x = _mm_loadu_si128(step.as_ptr().cast());
            let word = _mm_set1_epi32(word.cast_signed());
            let low = _mm_srai_epi16::<8>(_mm_slli_epi16::<8>(word));
            let other = if joined { word } else { _mm_srai_epi16::<8>(word) };
            a = _mm_add_epi32(a, _mm_madd_epi16(x, low));
            b = _mm_add_epi32(b, _mm_madd_epi16(x, other));
        }
        let [to_a, to_b] = &mut sums;
        _mm_storeu_si128(to_a.as_mut_ptr().cast(), a);
        _mm_storeu_si128(to_b.as_mut_ptr().cast(), b);
    }
    sums
}

/// Widens one vector to steps of its own: per word of weights the two inputs that it multiplies.
pub(crate) fn widen_one(vector: &[i8], factor: i16, steps: &mut [[i16; 2]]) {
    for (four, steps) in vector.chunks(4).zip(steps.as_chunks_mut::<2>().0) {
        let at = |i: usize| factor * i16::from(four.get(i).copied().unwrap_or_default());
        *steps = [[at(0), at(2)], [at(1), at(3)]];
    }
}

/// As [`products`], of a vector that [`widen_one`] widened; the other pixels' sums are zero.
pub(crate) fn one_products(steps: &[[i16; 2]], weights: &[u32], joined: bool) -> [[i32; PIXELS]; 2] {
    let [mut a, mut b] = [0i32; 2];
    for ([first, second], word) in steps.iter().zip(weights) {
        let halves = [*word as i16, (*word >> 16) as i16];
        let dot =
            |[w0, w1]: [i16; 2]| (i32::from(*first) * i32::from(w0)).wrapping_add(i32::from(*second) * i32::from(w1));
        a = a.wrapping_add(dot(halves.map(|half| i16::from(half as i8))));
        b = b.wrapping_add(dot(if joined { halves } else { halves.map(|half| half >> 8) }));
    }
    [[a, 0, 0, 0], [b, 0, 0, 0]]
}
