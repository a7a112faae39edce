//! From an i32 accumulator to an int8 output: TensorFlow Lite's fixed-point multiplication, double rounding.
//!
//! A real factor is kept as `multiplier · 2^(shift − 31)` with the multiplier in Q31 (2³⁰ ≤ m < 2³¹, or 0) and a
//! positive shift meaning left. The product is rounded twice: once in the doubling high multiplication (to
//! nearest, ties up), once in the division by a power of two (to nearest, ties away from zero).
//! Source: gemmlowp `fixedpoint.h`, TensorFlow Lite `MultiplyByQuantizedMultiplier`.

/// `a · b / 2³¹` to nearest, ties up; −2³¹ · −2³¹ saturates. The same as gemmlowp's truncating division with a
/// nudge that depends on the sign, and as the Cortex-M instruction SMMULR on `2a`.
#[must_use]
#[inline]
pub const fn saturating_rounding_doubling_high_mul(a: i32, b: i32) -> i32 {
    if a == i32::MIN && b == i32::MIN {
        return i32::MAX;
    }
    // The result fits because only MIN · MIN would not.
    ((a as i64 * b as i64 + (1 << 30)) >> 31) as i32
}

/// `x / 2^exponent` rounded to nearest, ties away from zero. `exponent`: 0…31, larger ones count as 31.
#[must_use]
#[inline]
pub const fn rounding_divide_by_pot(x: i32, exponent: u32) -> i32 {
    let exponent = if exponent > 31 { 31 } else { exponent };
    let mask = ((1u32 << exponent) - 1) as i32;
    let remainder = x & mask;
    let threshold = (mask >> 1) + if x < 0 { 1 } else { 0 };
    (x >> exponent) + if remainder > threshold { 1 } else { 0 }
}

/// A real factor in fixed point: `multiplier · 2^(shift − 31)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requant {
    /// Q31, 2³⁰ ≤ m < 2³¹, or 0.
    pub multiplier: i32,
    /// Positive = left. −31…30.
    pub shift: i8,
}

impl Requant {
    /// Smallest shift of a valid factor.
    pub const MIN_SHIFT: i8 = -31;
    /// Largest shift of a valid factor.
    pub const MAX_SHIFT: i8 = 30;

    /// The factor nearest to `real`, as TensorFlow Lite's `QuantizeMultiplier` makes it. Factors below 2⁻³² give
    /// 0, factors of 2³⁰ and more the largest one; negative ones and NaN give 0.
    #[must_use]
    pub const fn from_real(real: f64) -> Self {
        const FRACTION_BITS: u32 = 52;
        let bits = real.to_bits();
        let biased = (bits >> FRACTION_BITS) as i32; // sign and exponent
        let is_positive_normal = biased > 0 && biased < 0x7ff;
        if !is_positive_normal {
            return Self { multiplier: 0, shift: 0 };
        }
        // real = mantissa · 2^(exponent − 53) with 2^52 ≤ mantissa < 2^53, so mantissa / 2^53 is in [0.5, 1).
        let mantissa = (bits & ((1 << FRACTION_BITS) - 1)) | (1 << FRACTION_BITS);
        let mut exponent = biased - 1022;
        let mut multiplier = (mantissa + (1 << 21)) >> 22; // mantissa · 2^31 / 2^53, to nearest
        if multiplier == 1 << 31 {
            multiplier >>= 1;
            exponent += 1;
        }
        if exponent < Self::MIN_SHIFT as i32 {
            return Self { multiplier: 0, shift: 0 };
        }
        if exponent > Self::MAX_SHIFT as i32 {
            return Self { multiplier: i32::MAX, shift: Self::MAX_SHIFT };
        }
        Self { multiplier: multiplier as i32, shift: exponent as i8 }
    }

    /// The factor divided by `count`, as TensorFlow Lite folds the number of elements into a mean's factor: the
    /// multiplier is rounded down. A count of 0 gives 0.
    #[must_use]
    pub const fn divided_by(self, count: u32) -> Self {
        if count == 0 || self.shift < Self::MIN_SHIFT {
            return Self { multiplier: 0, shift: 0 };
        }
        let (log, room) = (31 - count.leading_zeros(), (31 + self.shift as i32) as u32);
        let up = if log < room { log } else { room };
        let multiplier = ((self.multiplier as i64) << up) / count as i64;
        Self { multiplier: multiplier as i32, shift: self.shift - up as i8 }
    }

    /// `x` times the factor. A left shift that overflows saturates (TensorFlow Lite leaves that case undefined).
    #[must_use]
    #[inline]
    pub const fn apply(self, x: i32) -> i32 {
        let shift = self.shift as i32;
        let left = if shift > 0 { shift as u32 } else { 0 };
        let right = if shift < 0 { shift.unsigned_abs() } else { 0 };
        let shifted = if left == 0 { x } else { x.saturating_mul(1 << if left > 30 { 30 } else { left }) };
        rounding_divide_by_pot(saturating_rounding_doubling_high_mul(shifted, self.multiplier), right)
    }
}

impl Requant {
    /// [`apply`](Self::apply) for what is rare: one copy of it where code is counted.
    #[cfg_attr(dsp, inline(never))]
    #[cfg_attr(not(dsp), inline)]
    pub(crate) const fn apply_once(self, x: i32) -> i32 {
        self.apply(x)
    }
}

/// The last step of every kernel: zero point and activation clamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Output {
    /// Zero point of the output tensor.
    pub zero: i8,
    /// Smallest output (the activation's lower bound).
    pub min: i8,
    /// Largest output.
    pub max: i8,
}

impl Output {
    /// Adds the zero point and clamps.
    #[must_use]
    #[inline]
    pub fn finish(self, scaled: i32) -> i8 {
        let x = scaled.saturating_add(i32::from(self.zero));
        x.min(i32::from(self.max)).max(i32::from(self.min)) as i8
    }
}
