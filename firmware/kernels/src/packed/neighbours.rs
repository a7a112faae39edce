//! Sums of products of outputs that are neighbours in a row, on any core.

use super::filter::Record;

/// Whether registers hold many neighbours.
pub(super) const WIDE: bool = cfg!(target_pointer_width = "64");

/// Whether the usual windows have loops of their own, which small cores without the assembly want.
const NARROW: bool = !WIDE && !cfg!(dsp);

/// Weights of the largest filter that is unpacked once for a channel.
pub(super) const TAPS: usize = 49;

/// The sum of products of one output.
pub(super) fn sum(seen: &[i16], pitch: usize, [kernel, across]: [usize; 2], record: &Record<'_>) -> i32 {
    let mut sum = 0i32;
    for ky in 0..kernel {
        for kx in 0..across {
            let x = seen.get(ky * pitch + kx).copied().unwrap_or_default();
            sum = sum.wrapping_add(i32::from(x) * i32::from(record.weight(ky, kx)));
        }
    }
    sum
}

/// The sums of products of `N` neighbours, `step` values from one to the next; `seen`: from the first value that the
/// first one sees, `pitch` values from row to row; `weights`: rows of `across`.
#[inline(never)] // In a larger function compilers keep the sums in memory.
pub(super) fn sums<const N: usize>(
    seen: &[i16],
    pitch: usize,
    step: usize,
    across: usize,
    weights: &[i16],
) -> [i32; N] {
    if NARROW {
        let sums = match (across, step) {
            (3, 1) => four::<3, 1, 6>(seen, pitch, weights),
            (3, 2) => four::<3, 2, 9>(seen, pitch, weights),
            (5, 1) => four::<5, 1, 8>(seen, pitch, weights),
            (5, 2) => four::<5, 2, 11>(seen, pitch, weights),
            (7, 1) => four::<7, 1, 10>(seen, pitch, weights),
            _ => None,
        };
        if let Some(sums) = sums.as_ref().and_then(|sums| sums.first_chunk()) {
            return *sums;
        }
    }
    // A form for either step lets compilers use vectors.
    match step {
        1 if WIDE => add_up(pitch, across, weights, |row| seen.get(row..)?.first_chunk::<N>().copied()),
        2 if WIDE => add_up(pitch, across, weights, |row| {
            let pairs = seen.get(row..)?.as_chunks::<2>().0.first_chunk::<N>()?;
            Some(pairs.map(|[x, _]| x))
        }),
        _ => add_up(pitch, across, weights, |row| {
            let mut values = [0; N];
            let mut at = row;
            for value in &mut values {
                *value = seen.get(at).copied().unwrap_or_default();
                at += step;
            }
            Some(values)
        }),
    }
}

/// Adds up weights times the values that `values` gives for the distance of a weight from the first.
#[inline(always)]
fn add_up<const N: usize>(
    pitch: usize,
    across: usize,
    weights: &[i16],
    values: impl Fn(usize) -> Option<[i16; N]>,
) -> [i32; N] {
    let mut sums = [0i32; N];
    for (ky, weights) in weights.chunks_exact(across.max(1)).enumerate() {
        for (kx, weight) in weights.iter().enumerate() {
            let weight = i32::from(*weight);
            if let Some(values) = values(ky * pitch + kx) {
                sums.iter_mut().zip(values).for_each(|(sum, x)| *sum = sum.wrapping_add(i32::from(x) * weight));
            }
        }
    }
    sums
}

/// The sums of four neighbours, whose values lie in registers: `K` weights in a row, `SPAN` values from the first to the
/// last one that they see.
fn four<const K: usize, const STEP: usize, const SPAN: usize>(
    seen: &[i16],
    pitch: usize,
    weights: &[i16],
) -> Option<[i32; 4]> {
    let mut sums = [0i32; 4];
    for (ky, weights) in weights.as_chunks::<K>().0.iter().enumerate() {
        let values = seen.get(ky * pitch..)?.first_chunk::<SPAN>()?;
        for (kx, weight) in weights.iter().enumerate() {
            let neighbours = values.get(kx..)?.iter().step_by(STEP);
            for (sum, x) in sums.iter_mut().zip(neighbours) {
                *sum = sum.wrapping_add(i32::from(*x) * i32::from(*weight));
            }
        }
    }
    Some(sums)
}
