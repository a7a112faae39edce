//! Exponential and reciprocal in 32-bit fixed point, as gemmlowp computes them: softmax and the tables of sigmoids.
//!
//! `Qk` below: a number with `k` integer bits, real value = raw · 2^(k − 31). Products are
//! [`saturating_rounding_doubling_high_mul`], whose integer bits add up.
//! Source: gemmlowp `fixedpoint/fixedpoint.h` (`exp_on_negative_values`, `one_over_one_plus_x_for_x_in_0_1`).

use crate::{rounding_divide_by_pot as divide, saturating_rounding_doubling_high_mul};

/// e^(−2^k) in Q0 for k = −2…4.
const EXP_OF_POWERS: [i32; 7] = [1_672_461_947, 1_302_514_674, 790_015_084, 290_630_308, 39_332_535, 720_401, 242];
/// e^(−1/8) in Q0.
const EXP_OF_EIGHTH: i32 = 1_895_147_668;
/// 1/3 in Q0.
const THIRD: i32 = 715_827_883;
/// 48/17 in Q2.
const Q2_48_OVER_17: i32 = 1_515_870_810;
/// −32/17 in Q2.
const Q2_MINUS_32_OVER_17: i32 = -1_010_580_540;
/// 1 in Q2.
pub const Q2_ONE: i32 = 1 << 29;

/// The product; one copy of it where code is counted.
#[cfg_attr(dsp, inline(never))]
#[cfg_attr(not(dsp), inline)]
const fn mul(a: i32, b: i32) -> i32 {
    saturating_rounding_doubling_high_mul(a, b)
}

/// `x · 2^exponent`, saturating; `exponent`: 0…31.
#[must_use]
#[cfg_attr(dsp, inline(never))]
#[cfg_attr(not(dsp), inline)]
pub const fn saturating_shift_left(x: i32, exponent: u32) -> i32 {
    let shifted = (x as i64) << if exponent > 31 { 31 } else { exponent };
    if shifted > i32::MAX as i64 {
        i32::MAX
    } else if shifted < i32::MIN as i64 {
        i32::MIN
    } else {
        shifted as i32
    }
}

/// e^x in Q0 for x < 0 in `Q(integer_bits)`, 1 ≤ `integer_bits` ≤ 5; x = 0 gives the largest value below 1.
#[must_use]
pub const fn exp_on_negative_values(x: i32, integer_bits: u32) -> i32 {
    if x == 0 {
        return i32::MAX;
    }
    let bits = if integer_bits > 5 { 5 } else { integer_bits };
    let quarter = 1i32 << (29 - bits);
    // x = below − remainder, −1/4 ≤ below < 0, and the remainder is a multiple of 1/4.
    let below = (x & (quarter - 1)) - quarter;
    let remainder = below.wrapping_sub(x);
    let mut result = exp_below_zero(saturating_shift_left(below, bits));
    let mut power = 0;
    while power < EXP_OF_POWERS.len() {
        let at = 29 - bits + power as u32;
        if at < 31 && remainder & (1 << at) != 0 {
            result = mul(result, EXP_OF_POWERS[power]);
        }
        power += 1;
    }
    result
}

/// e^x in Q0 for −1/4 ≤ x < 0 in Q0: four terms of the Taylor series around −1/8.
const fn exp_below_zero(a: i32) -> i32 {
    let x = a.wrapping_add(1 << 28);
    let x2 = mul(x, x);
    let x3 = mul(x2, x);
    let x4 = mul(x2, x2);
    let upper = divide(mul(divide(x4, 2) + x3, THIRD) + x2, 1);
    EXP_OF_EIGHTH + mul(EXP_OF_EIGHTH, x + upper)
}

/// 2 / (1 + x) in Q2 for 0 ≤ x < 1 in Q0, by three steps of Newton's method.
#[must_use]
pub const fn twice_reciprocal(x: i32) -> i32 {
    let half = ((x as i64 + i32::MAX as i64 + 1) / 2) as i32;
    let mut y = Q2_48_OVER_17.wrapping_add(mul(half, Q2_MINUS_32_OVER_17));
    let mut step = 0;
    while step < 3 {
        let error = Q2_ONE.wrapping_sub(mul(half, y));
        y = y.wrapping_add(saturating_shift_left(mul(y, error), 2));
        step += 1;
    }
    y
}

/// 1 / (1 + x) in Q0 for 0 ≤ x < 1 in Q0.
#[must_use]
pub const fn one_over_one_plus(x: i32) -> i32 {
    saturating_shift_left(twice_reciprocal(x), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_close_to_the_real_one() {
        for bits in 1..=5u32 {
            for step in 1..2000i64 {
                let raw = -(step * ((1i64 << 31) / 2000)) as i32;
                let real = f64::from(raw) / f64::from(1u32 << (31 - bits));
                let exp = f64::from(exp_on_negative_values(raw, bits)) / f64::from(1u32 << 31);
                assert!((exp - libm_exp(real)).abs() < 3e-7, "e^{real} in Q{bits}: {exp}");
            }
        }
    }

    #[test]
    fn the_reciprocal_is_close_to_the_real_one() {
        for step in 0..2000i64 {
            let raw = (step * ((1i64 << 31) / 2000)) as i32;
            let real = 1.0 / (1.0 + f64::from(raw) / f64::from(1u32 << 31));
            assert!((f64::from(one_over_one_plus(raw)) / f64::from(1u32 << 31) - real).abs() < 2e-8);
        }
    }

    extern crate std;

    fn libm_exp(x: f64) -> f64 {
        x.exp()
    }
}
