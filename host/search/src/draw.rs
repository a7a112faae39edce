//! Uniform draws, the same on every machine and in every version of the random number crates.

use rand::Rng;

/// A number from 0 to `n - 1` (Lemire's multiplication; its bias is below n / 2³²).
pub fn below(rng: &mut impl Rng, n: usize) -> usize {
    ((u64::from(rng.next_u32()) * n as u64) >> 32) as usize
}

/// A number from 0 up to 1, 1 excluded: 53 random bits.
pub fn unit(rng: &mut impl Rng) -> f64 {
    ((rng.next_u64() >> 11) as f64) * (1.0 / 9_007_199_254_740_992.0)
}

/// True with probability `p`.
pub fn chance(rng: &mut impl Rng, p: f64) -> bool {
    unit(rng) < p
}

/// Shuffles the positions from 0 to `n - 1` (Fisher and Yates).
pub fn shuffled(rng: &mut impl Rng, n: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    for at in (1..n).rev() {
        order.swap(at, below(rng, at + 1));
    }
    order
}

/// A position drawn with the given weights, which are at least 0; the last one if they sum to nothing.
pub fn weighted(rng: &mut impl Rng, weights: &[f64]) -> usize {
    let mut left = unit(rng) * weights.iter().sum::<f64>();
    for (at, weight) in weights.iter().enumerate() {
        left -= weight;
        if left < 0.0 {
            return at;
        }
    }
    weights.len().saturating_sub(1)
}
