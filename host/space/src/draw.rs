//! Uniform draws, the same on every machine and in every version of the random number crates.

use rand::Rng;

/// A number from 0 to `n - 1` (Lemire's multiplication; its bias is below n / 2³²).
pub fn below(rng: &mut impl Rng, n: usize) -> usize {
    ((u64::from(rng.next_u32()) * n as u64) >> 32) as usize
}

/// One of `choices`, which is not empty.
pub fn one_of<T: Copy>(rng: &mut impl Rng, choices: &[T]) -> T {
    choices[below(rng, choices.len())]
}

/// One of `choices` that is not `current`; `None` if there is no other.
pub fn another<T: Copy + PartialEq>(rng: &mut impl Rng, choices: &[T], current: T) -> Option<T> {
    let others = choices.iter().filter(|choice| **choice != current);
    let count = others.clone().count();
    if count == 0 { None } else { others.copied().nth(below(rng, count)) }
}

/// True with probability `p`.
pub fn chance(rng: &mut impl Rng, p: f64) -> bool {
    // 53 random bits, the precision of f64.
    ((rng.next_u64() >> 11) as f64) * (1.0 / 9_007_199_254_740_992.0) < p
}
