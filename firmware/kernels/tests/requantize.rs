//! Requantization: hand-worked values, and every input class against exact integers.

mod reference;

use proptest::prelude::*;
use tinynas_kernels::{Output, Requant, rounding_divide_by_pot, saturating_rounding_doubling_high_mul};

const HALF: i32 = 1 << 30;

#[test]
fn high_multiplication_rounds_ties_up_and_saturates_once() {
    // a · b / 2^31, with b = 0.5 in Q31.
    for (a, expected) in [(0, 0), (1, 1), (2, 1), (3, 2), (-1, 0), (-2, -1), (-3, -1), (-5, -2)] {
        assert_eq!(saturating_rounding_doubling_high_mul(a, HALF), expected, "{a} · 0.5");
    }
    assert_eq!(saturating_rounding_doubling_high_mul(i32::MIN, i32::MIN), i32::MAX);
    assert_eq!(saturating_rounding_doubling_high_mul(i32::MIN, i32::MAX), -i32::MAX);
    assert_eq!(saturating_rounding_doubling_high_mul(i32::MAX, i32::MAX), i32::MAX - 1);
}

#[test]
fn division_rounds_ties_away_from_zero() {
    for (x, expected) in [(1, 0), (2, 1), (3, 1), (6, 2), (-1, 0), (-2, -1), (-3, -1), (-6, -2), (-7, -2)] {
        assert_eq!(rounding_divide_by_pot(x, 2), expected, "{x} / 4");
    }
    assert_eq!(rounding_divide_by_pot(i32::MAX, 31), 1);
    assert_eq!(rounding_divide_by_pot(i32::MIN, 31), -1);
    assert_eq!(rounding_divide_by_pot(i32::MIN, 0), i32::MIN);
}

#[test]
fn double_rounding_differs_from_single_rounding_where_tflite_says_so() {
    // 5 · 0.7 / 2 = 1.75: first to 4 (3.5, tie up), then 4 / 2 = 2.
    let m = Requant::from_real(0.7 / 2.0);
    assert_eq!(m.shift, -1);
    assert_eq!(m.apply(5), 2);
    // -3 · 0.5 / 2 = -0.75: first to -1 (-1.5, tie up), then -0.5 away from zero to -1.
    assert_eq!(Requant { multiplier: HALF, shift: -1 }.apply(-3), -1);
    // 1 · 0.5 / 2 = 0.25 → 1 → 0.5 → 1, where single rounding gives 0.
    assert_eq!(Requant { multiplier: HALF, shift: -1 }.apply(1), 1);
}

#[test]
fn factors_of_one_half_and_more_need_no_right_shift() {
    assert_eq!(Requant::from_real(0.5), Requant { multiplier: HALF, shift: 0 });
    assert_eq!(Requant::from_real(1.0), Requant { multiplier: HALF, shift: 1 });
    assert_eq!(Requant::from_real(1.0).apply(-77), -77);
    assert_eq!(Requant::from_real(1.5).apply(2), 3);
    assert_eq!(Requant::from_real(1000.0).apply(-7), -7000);
    assert_eq!(Requant::from_real(0.75).apply(i32::MAX), 1_610_612_735);
}

#[test]
fn a_left_shift_that_overflows_saturates() {
    assert_eq!(Requant::from_real(4.0).apply(i32::MAX), 1 << 30);
    assert_eq!(Requant { multiplier: i32::MAX, shift: 30 }.apply(-2), -i32::MAX);
}

#[test]
fn impossible_factors_are_zero_or_the_largest() {
    let zero = Requant { multiplier: 0, shift: 0 };
    for real in [0.0, -0.0, -1.0, f64::NAN, f64::NEG_INFINITY, 1e-300, 5e-324, (0.5f64).powi(33)] {
        assert_eq!(Requant::from_real(real), zero, "{real}");
    }
    assert_eq!(Requant::from_real(0.5f64.powi(32)), Requant { multiplier: HALF, shift: -31 });
    assert_eq!(Requant::from_real(1e30), Requant { multiplier: i32::MAX, shift: 30 });
    // Rounds up to 1.0: the mantissa must stay within 31 bits.
    assert_eq!(Requant::from_real(1.0 - 1e-12), Requant { multiplier: HALF, shift: 1 });
}

#[test]
fn outputs_are_clamped_after_the_zero_point() {
    let relu6 = Output { zero: -128, min: -128, max: 20 };
    assert_eq!(
        [-5, 0, 100, 148, 1000, i32::MAX, i32::MIN].map(|x| relu6.finish(x)),
        [-128, -128, -28, 20, 20, 20, -128]
    );
}

#[test]
fn a_factor_is_divided_as_tflite_folds_a_mean() {
    // 1.0 over 9 pixels: 2^30 · 2^3 / 9, shift 1 − 3.
    let mean = Requant { multiplier: 954_437_176, shift: -2 };
    assert_eq!(Requant::from_real(1.0).divided_by(9), mean);
    // 13 / 9 = 1.44 becomes 2: double rounding, 5.8 → 6, then 6 / 4 → 2.
    assert_eq!([9, 12, 13, -14].map(|x| mean.apply(x)), [1, 1, 2, -2]);
    assert_eq!(Requant { multiplier: HALF, shift: -30 }.divided_by(4), Requant { multiplier: 1 << 29, shift: -31 });
    assert_eq!(Requant::from_real(1.0).divided_by(0), Requant { multiplier: 0, shift: 0 });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_factor_equals_exact_arithmetic(x: i32, multiplier in 0..=i32::MAX, shift in -31i8..=30) {
        let fast = Requant { multiplier, shift }.apply(x);
        prop_assert_eq!(fast, reference::requantize(x.into(), multiplier, shift));
    }

    #[test]
    fn high_multiplication_equals_the_formula_of_gemmlowp(a: i32, b: i32) {
        let product = i64::from(a) * i64::from(b);
        let nudge = if product >= 0 { 1 << 30 } else { 1 - (1 << 30) };
        let expected = ((product + nudge) / (1 << 31)).min(i32::MAX.into());
        prop_assert_eq!(i64::from(saturating_rounding_doubling_high_mul(a, b)), expected);
    }

    #[test]
    fn a_divided_factor_equals_exact_arithmetic(multiplier in HALF..=i32::MAX, shift in -31i8..=30, count in 1u32..) {
        let divided = Requant { multiplier, shift }.divided_by(count);
        let expected = reference::divided((multiplier, shift), count.into());
        prop_assert_eq!((divided.multiplier, divided.shift), expected);
    }

    #[test]
    fn a_factor_is_within_one_part_in_2_to_the_31(real in 1e-8f64..1e8) {
        let Requant { multiplier, shift } = Requant::from_real(real);
        prop_assert!(multiplier >= HALF);
        let back = f64::from(multiplier) * 2f64.powi(i32::from(shift) - 31);
        prop_assert!((back / real - 1.0).abs() <= 2f64.powi(-31), "{} became {}", real, back);
    }
}
