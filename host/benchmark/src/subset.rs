//! Which networks of a space are looked at where not all are.

use rand::Rng;
use rand_pcg::Pcg32;

/// Seed of the one order that samples are taken from.
const SEED: u64 = 201;

/// A fixed random order of the positions from 0 to `count` − 1. A sample is a beginning of it, so a larger sample
/// holds every smaller one.
#[must_use]
pub fn order(count: usize) -> Vec<usize> {
    let mut rng = Pcg32::new(SEED, 1);
    let mut order: Vec<usize> = (0..count).collect();
    for i in (1..count).rev() {
        order.swap(i, ((u64::from(rng.next_u32()) * (i as u64 + 1)) >> 32) as usize);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_permutation_that_does_not_change() {
        let mut order = order(1000);
        assert_ne!(order, (0..1000).collect::<Vec<_>>());
        assert_eq!(order, super::order(1000));
        order.sort_unstable();
        assert_eq!(order, (0..1000).collect::<Vec<_>>());
    }
}
