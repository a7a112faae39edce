//! Standard normal numbers from a seed (Box and Muller, 1958).

use rand::Rng;
use rand_pcg::Pcg32;

/// `count` numbers of mean 0 and variance 1. Every `(seed, stream)` is a stream of its own.
pub fn normals(seed: u64, stream: u64, count: usize) -> Vec<f32> {
    let mut rng = Pcg32::new(seed, stream);
    // 24 bits, shifted off zero, whose logarithm is infinite.
    let mut unit = || (f64::from(rng.next_u32() >> 8) + 0.5) / f64::from(1_u32 << 24);
    let mut numbers = Vec::with_capacity(count + 1);
    while numbers.len() < count {
        let (radius, angle) = ((-2.0 * unit().ln()).sqrt(), std::f64::consts::TAU * unit());
        numbers.extend([(radius * angle.cos()) as f32, (radius * angle.sin()) as f32]);
    }
    numbers.truncate(count);
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_a_normal_number() {
        let x = normals(3, 5, 50_001);
        assert_eq!(x.len(), 50_001);
        let moment = |k: i32| x.iter().map(|v| f64::from(*v).powi(k)).sum::<f64>() / x.len() as f64;
        for (k, expected) in [(1, 0.0), (2, 1.0), (3, 0.0), (4, 3.0)] {
            assert!((moment(k) - expected).abs() < 0.1, "{k}: {}", moment(k));
        }
        assert_eq!(normals(3, 5, 4), x[..4]);
        assert_ne!(normals(3, 6, 4), x[..4]);
    }
}
