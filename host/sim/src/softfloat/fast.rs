//! The host's arithmetic where it provably gives the same result and the same flags.
//!
//! Only with the default control bits, operands that are normal numbers, and a result above the smallest normal number:
//! then inexact is the only flag left. Singles are added and multiplied as doubles, whose errors are known exactly.

use super::{
    context::{Context, flag},
    number::FRACTION,
};

/// Bits of a double below the precision of a single, and a tie there.
const BELOW: u64 = (1 << 29) - 1;
const TIE: u64 = 1 << 28;

const fn exponent(bits: u32) -> u32 {
    bits >> FRACTION & 0xff
}

const fn is_normal(bits: u32) -> bool {
    exponent(bits).wrapping_sub(1) < 254
}

fn double(bits: u32) -> f64 {
    f64::from(f32::from_bits(bits))
}

/// n + m.
pub(super) fn add(n: u32, m: u32, context: &mut Context) -> Option<u32> {
    if !context.is_plain() || !is_normal(n) || !is_normal(m) {
        return None;
    }
    sum(double(n), double(m), context)
}

/// n · m.
pub(super) fn mul(n: u32, m: u32, context: &mut Context) -> Option<u32> {
    if !context.is_plain() || !is_normal(n) || !is_normal(m) {
        return None;
    }
    // 24 by 24 bits: exact.
    finish(double(n) * double(m), false, context)
}

/// addend + n · m.
pub(super) fn fused(addend: u32, n: u32, m: u32, context: &mut Context) -> Option<u32> {
    if !context.is_plain() || !is_normal(addend) || !is_normal(n) || !is_normal(m) {
        return None;
    }
    sum(double(addend), double(n) * double(m), context)
}

/// The sum and its exact error (Knuth, The Art of Computer Programming, volume 2, 4.2.2, theorem B).
fn sum(a: f64, b: f64, context: &mut Context) -> Option<u32> {
    let sum = a + b;
    let second = sum - a;
    let error = (a - (sum - second)) + (b - second);
    finish(sum, error != 0.0, context)
}

/// Rounds a second time: harmless unless the first rounding made the tie.
fn finish(value: f64, rounded: bool, context: &mut Context) -> Option<u32> {
    if rounded && value.to_bits() & BELOW == TIE {
        return None;
    }
    let result = value as f32;
    // A result equal to the smallest normal number may have been below it before it was rounded.
    if !result.is_finite() || result.abs() <= f32::MIN_POSITIVE {
        return None;
    }
    if rounded || f64::from(result) != value {
        context.raise(flag::INEXACT);
    }
    Some(result.to_bits())
}
