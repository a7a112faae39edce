//! Softmax over the channels of every pixel, with the arithmetic of TensorFlow Lite's int8 SOFTMAX.
//!
//! The output's scale is 1/256 and its zero point −128. Differences to the largest channel are brought to Q5.26, the
//! sum of the exponentials is kept in Q12.19. Source: TensorFlow Lite `reference_ops::Softmax`, `GetReciprocal`.

use crate::{
    KernelError, Requant,
    fixed_point::{exp_on_negative_values, one_over_one_plus},
    rounding_divide_by_pot, saturating_rounding_doubling_high_mul,
};

/// Integer bits of the scaled differences.
const DIFFERENCE_BITS: u32 = 5;
/// Integer bits of the sum.
const SUM_BITS: i32 = 12;

/// Constants of one softmax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoftmaxParams {
    /// β · input scale · 2²⁶.
    pub requant: Requant,
    /// Smallest difference to the largest channel that counts; ≤ 0.
    pub smallest: i16,
}

impl SoftmaxParams {
    /// Constants for an input scale and β, computed in f64 as TensorFlow Lite does; `None` if the factor is not above 1.
    #[must_use]
    pub fn from_scale(scale: f32, beta: f32) -> Option<Self> {
        let real = f64::from(beta) * f64::from(scale) * f64::from(1u32 << (31 - DIFFERENCE_BITS));
        if real.is_nan() || real <= 1.0 {
            return None;
        }
        let requant = Requant::from_real(real.min(f64::from(i32::MAX)));
        // The largest difference whose scaled value still has five integer bits: 31 · 2²⁶ / 2^shift, rounded down.
        let radius = (31i64 << (31 - DIFFERENCE_BITS)) >> requant.shift.clamp(0, 31);
        Some(Self { requant, smallest: -(radius.min(256) as i16) })
    }

    /// e^difference in Q0; 0 if the difference does not count.
    fn exp(&self, difference: i32) -> i32 {
        if difference < i32::from(self.smallest) {
            return 0;
        }
        let left = self.requant.shift.clamp(0, 30) as u32;
        let scaled = saturating_rounding_doubling_high_mul(difference.wrapping_shl(left), self.requant.multiplier);
        exp_on_negative_values(scaled, DIFFERENCE_BITS)
    }
}

/// Computes the softmax of every run of `depth` values.
///
/// # Errors
/// If the slices differ in length or are not whole runs.
pub fn softmax(input: &[i8], depth: u16, params: &SoftmaxParams, output: &mut [i8]) -> Result<(), KernelError> {
    if depth == 0 {
        return Err(KernelError::Shape);
    }
    if !input.len().is_multiple_of(usize::from(depth)) {
        return Err(KernelError::Input);
    }
    if output.len() != input.len() {
        return Err(KernelError::Output);
    }
    output.copy_from_slice(input);
    softmax_in_place(output, depth, params)
}

/// Like [`softmax`], the input replaced by the output.
///
/// # Errors
/// If the data are not whole runs.
pub fn softmax_in_place(data: &mut [i8], depth: u16, params: &SoftmaxParams) -> Result<(), KernelError> {
    let depth = usize::from(depth);
    if depth == 0 || !data.len().is_multiple_of(depth) {
        return Err(KernelError::Input);
    }
    for pixel in data.chunks_exact_mut(depth.max(1)) {
        let shares = Shares::of(pixel, params);
        for x in pixel {
            *x = shares.share(*x, params);
        }
    }
    Ok(())
}

/// What all channels of a pixel have in common.
struct Shares {
    largest: i8,
    /// 1 / sum in Q0, but for a power of two.
    reciprocal: i32,
    /// That power, and what brings Q0 to eight bits.
    exponent: u32,
}

impl Shares {
    fn of(pixel: &[i8], params: &SoftmaxParams) -> Self {
        let largest = pixel.iter().fold(i8::MIN, |a, b| a.max(*b));
        let exp = |x: &i8| params.exp(i32::from(*x) - i32::from(largest));
        let sum = pixel.iter().fold(0i32, |sum, x| sum.wrapping_add(rounding_divide_by_pot(exp(x), SUM_BITS as u32)));
        // sum = (1 + fraction) · 2^(12 − headroom)
        let headroom = sum.leading_zeros();
        let fraction = (sum as u32).wrapping_shl(headroom).wrapping_sub(1 << 31) as i32;
        let exponent = (SUM_BITS - headroom as i32 + 31 - 8).max(0) as u32;
        Self { largest, reciprocal: one_over_one_plus(fraction), exponent }
    }

    fn share(&self, x: i8, params: &SoftmaxParams) -> i8 {
        let exp = params.exp(i32::from(x) - i32::from(self.largest));
        let share = saturating_rounding_doubling_high_mul(self.reciprocal, exp);
        rounding_divide_by_pot(share, self.exponent).saturating_sub(128).clamp(-128, 127) as i8
    }
}
