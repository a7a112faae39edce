//! PyTorch's default initial weights from a seed: `kaiming_uniform(a = sqrt 5)`, which is uniform in ±1/√fan-in.

use rand::Rng;
use rand_pcg::Pcg32;

/// Uniform numbers in ±1/√`fan_in`. Every `(seed, stream)` is a stream of its own, so that a layer's weights
/// do not depend on the layers before it.
pub fn uniform(seed: u64, stream: u64, fan_in: usize, count: usize) -> Vec<f32> {
    let bound = 1.0 / (fan_in as f64).sqrt();
    let mut rng = Pcg32::new(seed, stream);
    // 24 bits, the width of an f32 mantissa: the same number on every machine.
    let unit = |bits: u32| f64::from(bits >> 8) / f64::from(1_u32 << 24);
    (0..count).map(|_| (bound * (2.0 * unit(rng.next_u32()) - 1.0)) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fill_the_interval_evenly_and_streams_differ() {
        let x = uniform(7, 1, 25, 20_000);
        let (mean, square) = x.iter().fold((0.0, 0.0), |(m, s), v| (m + f64::from(*v), s + f64::from(v * v)));
        assert!(x.iter().all(|v| v.abs() <= 0.2));
        assert!((mean / 20_000.0).abs() < 0.003, "mean {mean}");
        // The variance of a uniform number in ±b is b²/3.
        assert!((square / 20_000.0 - 0.04 / 3.0).abs() < 3e-4);
        assert_ne!(x[..8], uniform(7, 2, 25, 8));
        assert_eq!(x[..8], uniform(7, 1, 25, 8));
    }
}
