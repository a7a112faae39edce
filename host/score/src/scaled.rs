//! Non-negative numbers with a common power of two, so that products over many layers neither overflow nor vanish.

/// `values · 2^exponent`. The largest value is in [1, 2) unless all are zero. Scaling by a power of two is exact:
/// within the range of f64 nothing differs from plain numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaled {
    /// Multiples of `2^exponent`.
    pub values: Vec<f64>,
    /// Power of two.
    pub exponent: i64,
}

impl Scaled {
    /// All ones.
    pub fn ones(count: usize) -> Self {
        Self { values: vec![1.0; count], exponent: 0 }
    }

    /// `values · 2^exponent`, brought into range.
    pub fn new(mut values: Vec<f64>, exponent: i64) -> Self {
        let largest = values.iter().fold(0.0_f64, |m, x| m.max(*x));
        if largest == 0.0 || !largest.is_finite() {
            return Self { values, exponent };
        }
        let shift = exponent_of(largest);
        // In two steps: the power of two itself may be out of range.
        let half = shift / 2;
        let (a, b) = (power_of_two(-half), power_of_two(half - shift));
        values.iter_mut().for_each(|x| *x = *x * a * b);
        Self { values, exponent: exponent + shift }
    }

    /// The sum of two lists of one length.
    pub fn plus(self, other: &Self) -> Self {
        let exponent = self.exponent.max(other.exponent);
        let (a, b) = (power_of_two(self.exponent - exponent), power_of_two(other.exponent - exponent));
        let sum = self.values.iter().zip(&other.values).map(|(x, y)| x * a + y * b).collect();
        Self::new(sum, exponent)
    }

    /// Σ x · y.
    pub fn dot(&self, other: &Self) -> Self {
        let sum = self.values.iter().zip(&other.values).map(|(x, y)| x * y).sum();
        Self::new(vec![sum], self.exponent + other.exponent)
    }

    /// Natural logarithm of the sum of all values.
    pub fn ln_sum(&self) -> f64 {
        self.values.iter().sum::<f64>().ln() + self.exponent as f64 * std::f64::consts::LN_2
    }
}

/// The e with 2^e ≤ x < 2^(e+1), for a finite positive number.
fn exponent_of(x: f64) -> i64 {
    let biased = |x: f64| (x.to_bits() >> 52 & 0x7ff) as i64;
    // Subnormal numbers are lifted into the normal range first.
    if biased(x) == 0 { biased(x * power_of_two(64)) - 1023 - 64 } else { biased(x) - 1023 }
}

/// 2^e; zero below the range of normal numbers, where a summand is lost in any case.
fn power_of_two(e: i64) -> f64 {
    if e < -1022 { 0.0 } else { f64::from_bits((e.min(1023) + 1023) as u64 * (1 << 52)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_is_exact() {
        for x in [1.0, 1.5, 0.3, 7.0e200, 5.0e-200, f64::MAX, f64::MIN_POSITIVE, 5e-324] {
            let scaled = Scaled::new(vec![x, 0.0], 10);
            assert!((1.0..2.0).contains(&scaled.values[0]), "{x}: {scaled:?}");
            let half = (scaled.exponent - 10) / 2;
            let back = scaled.values[0] * 2_f64.powi(half as i32) * 2_f64.powi((scaled.exponent - 10 - half) as i32);
            assert_eq!(back, x);
        }
        assert_eq!(Scaled::new(vec![0.0], 3), Scaled { values: vec![0.0], exponent: 3 });
    }

    #[test]
    fn sums_and_products_meet_at_one_exponent() {
        let a = Scaled::new(vec![3.0, 1.0], 2); // 12, 4
        let b = Scaled::new(vec![5.0, 0.5], 0);
        let sum = a.clone().plus(&b);
        assert_eq!(sum, Scaled::new(vec![17.0, 4.5], 0));
        assert_eq!(a.dot(&b), Scaled::new(vec![62.0], 0));
        assert!((sum.ln_sum() - 21.5_f64.ln()).abs() < 1e-14);
        // What is 2000 powers of two smaller is lost, not infinite.
        assert_eq!(a.clone().plus(&Scaled::new(vec![1.0, 1.0], -2000)), a);
    }

    #[test]
    fn a_number_beyond_the_range_of_f64_has_a_logarithm() {
        let mut x = Scaled::ones(1);
        for _ in 0..10 {
            x = Scaled::new(x.values.iter().map(|v| v * 1e300).collect(), x.exponent);
        }
        assert!((x.ln_sum() - 3000.0 * 10.0_f64.ln()).abs() < 1e-9);
    }
}
