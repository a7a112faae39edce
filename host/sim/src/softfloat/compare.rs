//! Comparisons, and the larger and smaller number of IEEE 754-2008 (FPCompare, FPMaxNum, FPMinNum).

use std::cmp::Ordering;

use super::{
    context::{Context, flag},
    number::{Class, INFINITY, Number, SIGN, is_nan, is_signalling, signed},
};

const LESS: u32 = 0b1000 << 28;
const EQUAL: u32 = 0b0110 << 28;
const GREATER: u32 = 0b0010 << 28;
const UNORDERED: u32 = 0b0011 << 28;

/// N, Z, C and V in bits 31 to 28. A signalling NaN is an invalid operation; a quiet one if `signals_quiet`.
pub fn compare(a: u32, b: u32, signals_quiet: bool, context: &mut Context) -> u32 {
    let (first, second) = (flushed(a, context), flushed(b, context));
    if is_nan(a) || is_nan(b) {
        if signals_quiet || is_signalling(a) || is_signalling(b) {
            context.raise(flag::INVALID);
        }
        return UNORDERED;
    }
    match order(first).cmp(&order(second)) {
        Ordering::Less => LESS,
        Ordering::Equal => EQUAL,
        Ordering::Greater => GREATER,
    }
}

/// The larger of two; of a number and a quiet NaN the number.
pub fn max_number(n: u32, m: u32, context: &mut Context) -> u32 {
    choose(n, m, Ordering::Greater, context)
}

/// The smaller of two; of a number and a quiet NaN the number.
pub fn min_number(n: u32, m: u32, context: &mut Context) -> u32 {
    choose(n, m, Ordering::Less, context)
}

fn choose(mut n: u32, mut m: u32, wanted: Ordering, context: &mut Context) -> u32 {
    // What loses against every number.
    let worst = signed(wanted == Ordering::Greater, INFINITY);
    let (quiet_n, quiet_m) = (is_quiet(n), is_quiet(m));
    if quiet_n && !quiet_m {
        n = worst;
    } else if quiet_m && !quiet_n {
        m = worst;
    }
    let (a, b) = (flushed(n, context), flushed(m, context));
    if let Some(nan) = context.first_nan(&[n, m]) {
        return nan;
    }
    if (a | b) & !SIGN == 0 {
        // Zeros are equal, but the larger one is positive.
        return if wanted == Ordering::Greater { a & b } else { a | b };
    }
    if order(a).cmp(&order(b)) == wanted { a } else { b }
}

const fn is_quiet(bits: u32) -> bool {
    is_nan(bits) && !is_signalling(bits)
}

/// The operand as FPUnpack sees it.
fn flushed(bits: u32, context: &mut Context) -> u32 {
    let number = Number::unpack(bits, context);
    if number.class == Class::Zero { signed(number.sign(), 0) } else { bits }
}

/// Integers in the order of the numbers; both zeros are 0.
const fn order(bits: u32) -> i32 {
    let magnitude = (bits & !SIGN) as i32;
    if bits & SIGN == 0 { magnitude } else { -magnitude }
}
