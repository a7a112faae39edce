//! The real values that a tensor takes, and the int8 scale and zero point made from them.
//!
//! int8 activations are asymmetric: real = (q − zero point) · scale, and real zero is exactly an int8
//! value, because padding and rectifiers need it (TensorFlow Lite, 8-bit quantization specification).

use serde::{Deserialize, Serialize};
use tinynas_plan::TensorQuant;

/// Smallest and largest real value of a tensor; always includes zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// At most 0.
    pub min: f32,
    /// At least 0.
    pub max: f32,
}

/// Steps between the smallest and the largest int8 value.
const STEPS: f64 = 255.0;

impl Range {
    /// The smallest range that includes zero and all finite `values`.
    #[must_use]
    pub fn of(values: &[f32]) -> Self {
        values.iter().fold(Self::default(), |range, &x| Self { min: range.min.min(x), max: range.max.max(x) })
    }

    /// The smallest range that includes both.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self { min: self.min.min(other.min), max: self.max.max(other.max) }
    }

    /// Real width.
    #[must_use]
    pub fn width(self) -> f64 {
        f64::from(self.max) - f64::from(self.min)
    }

    /// Scale and zero point that cover this range, as TensorFlow Lite chooses them: of the two ends the
    /// one whose zero point has the smaller rounding error decides, then it is rounded and nudged into int8.
    ///
    /// `floor` is the smallest scale allowed; a range of width 0 gets it.
    #[must_use]
    pub fn quant(self, floor: f32) -> TensorQuant {
        let scale = ((self.width() / STEPS) as f32).max(floor).max(f32::MIN_POSITIVE);
        let (low, high) = (f64::from(self.min) / f64::from(scale), f64::from(self.max) / f64::from(scale));
        let (from_min, from_max) = (-128.0 - low, 127.0 - high);
        let zero = if 128.0 + low.abs() < 127.0 + high.abs() { from_min } else { from_max };
        TensorQuant { scale, zero_point: zero.round().clamp(-128.0, 127.0) as i8 }
    }
}

/// The int8 value nearest to a real value, saturated.
#[must_use]
pub fn quantize_value(real: f32, quant: TensorQuant) -> i8 {
    let q = (f64::from(real) / f64::from(quant.scale)).round() + f64::from(quant.zero_point);
    q.clamp(-128.0, 127.0) as i8
}

/// The real value of an int8 value.
#[must_use]
pub fn real_value(q: i8, quant: TensorQuant) -> f32 {
    (i32::from(q) - i32::from(quant.zero_point)) as f32 * quant.scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rectified_range_starts_at_the_smallest_int8_value() {
        let quant = Range { min: 0.0, max: 6.0 }.quant(0.0);
        assert_eq!(quant.zero_point, -128);
        assert_eq!(quant.scale, 6.0 / 255.0);
        assert_eq!(quantize_value(6.0, quant), 127);
        assert_eq!(quantize_value(0.0, quant), -128);
    }

    #[test]
    fn values_in_the_range_come_back_within_half_a_step_and_zero_exactly() {
        for range in [Range { min: -1.0, max: 3.0 }, Range { min: -5.0, max: 0.0 }, Range { min: -0.3, max: 0.2999 }] {
            let quant = range.quant(0.0);
            assert_eq!(real_value(quantize_value(0.0, quant), quant), 0.0);
            // The nudged zero point moves the range by at most half a step, so an end may saturate by that much.
            let (low, high) = (range.min + 0.5 * quant.scale, range.max - 0.5 * quant.scale);
            for i in 0..=1000 {
                let x = low + (high - low) * i as f32 / 1000.0;
                let error = (real_value(quantize_value(x, quant), quant) - x).abs();
                assert!(error <= 0.501 * quant.scale, "{x} is off by {error}");
            }
            for end in [range.min, range.max] {
                let error = (real_value(quantize_value(end, quant), quant) - end).abs();
                assert!(error <= 0.501 * quant.scale, "{end} is off by {error}");
            }
        }
    }

    #[test]
    fn a_tensor_that_is_always_zero_has_the_floor_as_scale() {
        let quant = Range::default().quant(0.25);
        assert_eq!(quant.scale, 0.25);
        assert_eq!(real_value(quantize_value(0.0, quant), quant), 0.0);
    }
}
