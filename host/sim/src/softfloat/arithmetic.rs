//! Sums, products, quotients, roots and the fused multiply-add (FPAdd to FPMulAdd).

use super::{
    context::{Context, flag},
    fast,
    number::{Class, Exact, INFINITY, Number, SIGN, is_nan, is_signalling, signed},
    round::{round, round_sum},
};

/// n + m.
pub fn add(n: u32, m: u32, context: &mut Context) -> u32 {
    fast::add(n, m, context).unwrap_or_else(|| sum(n, m, false, context))
}

/// n − m.
pub fn sub(n: u32, m: u32, context: &mut Context) -> u32 {
    fast::add(n, m ^ SIGN, context).unwrap_or_else(|| sum(n, m, true, context))
}

/// n · m.
pub fn mul(n: u32, m: u32, context: &mut Context) -> u32 {
    fast::mul(n, m, context).unwrap_or_else(|| product(n, m, context))
}

/// n ÷ m.
pub fn div(n: u32, m: u32, context: &mut Context) -> u32 {
    let (a, b) = (Number::unpack(n, context), Number::unpack(m, context));
    if let Some(nan) = context.first_nan(&[n, m]) {
        return nan;
    }
    let sign = a.sign() != b.sign();
    match (a.class, b.class) {
        (Class::Infinite, Class::Infinite) | (Class::Zero, Class::Zero) => context.invalid(),
        (Class::Infinite, _) => signed(sign, INFINITY),
        (_, Class::Zero) => {
            context.raise(flag::ZERO_DIVIDE);
            signed(sign, INFINITY)
        }
        (Class::Zero, _) | (_, Class::Infinite) => signed(sign, 0),
        _ => {
            // 63 by 24 bits: at least 39, and what remains is sticky.
            let (dividend, divisor) = (a.value.with_top(62), b.value.with_top(23));
            let quotient = dividend.significand / divisor.significand;
            let remains = dividend.significand % divisor.significand != 0;
            let significand = quotient | u64::from(remains);
            round(Exact { sign, significand, exponent: dividend.exponent - divisor.exponent }, context)
        }
    }
}

/// Square root of m.
pub fn sqrt(m: u32, context: &mut Context) -> u32 {
    let Number { class, value } = Number::unpack(m, context);
    match class {
        Class::Nan => context.nan(m),
        Class::Zero => signed(value.sign, 0),
        _ if value.sign => context.invalid(),
        Class::Infinite => INFINITY,
        Class::Finite => {
            // An even exponent halves; the root has 31 or 32 bits, and what remains is sticky.
            let value = value.with_top(62);
            let odd = value.exponent & 1;
            let square = value.significand << odd;
            let root = square.isqrt();
            let significand = root << 1 | u64::from(root * root != square);
            round(Exact { sign: false, significand, exponent: (value.exponent - odd) / 2 - 1 }, context)
        }
    }
}

/// addend + n · m, rounded once.
pub fn fused(addend: u32, n: u32, m: u32, context: &mut Context) -> u32 {
    fast::fused(addend, n, m, context).unwrap_or_else(|| product_sum(addend, n, m, context))
}

fn sum(n: u32, m: u32, subtracts: bool, context: &mut Context) -> u32 {
    let (a, mut b) = (Number::unpack(n, context), Number::unpack(m, context));
    if let Some(nan) = context.first_nan(&[n, m]) {
        return nan;
    }
    b.value.sign ^= subtracts;
    sum_of(a, b, context)
}

/// The sum of two that are not NaNs.
fn sum_of(a: Number, b: Number, context: &mut Context) -> u32 {
    match (a.class, b.class) {
        (Class::Infinite, Class::Infinite) if a.sign() != b.sign() => context.invalid(),
        (Class::Infinite, _) => signed(a.sign(), INFINITY),
        (_, Class::Infinite) => signed(b.sign(), INFINITY),
        (Class::Zero, Class::Zero) if a.sign() == b.sign() => signed(a.sign(), 0),
        _ => round_sum(a.value.plus(b.value), context),
    }
}

fn product(n: u32, m: u32, context: &mut Context) -> u32 {
    let (a, b) = (Number::unpack(n, context), Number::unpack(m, context));
    if let Some(nan) = context.first_nan(&[n, m]) {
        return nan;
    }
    match product_of(a, b) {
        None => context.invalid(),
        Some(Number { class: Class::Infinite, value }) => signed(value.sign, INFINITY),
        Some(Number { class: Class::Zero, value }) => signed(value.sign, 0),
        Some(Number { value, .. }) => round(value, context),
    }
}

/// The product, 48 bits wide; none of zero and infinity.
const fn product_of(a: Number, b: Number) -> Option<Number> {
    let class = match (a.class, b.class) {
        (Class::Infinite, Class::Zero) | (Class::Zero, Class::Infinite) => return None,
        (Class::Infinite, _) | (_, Class::Infinite) => Class::Infinite,
        (Class::Zero, _) | (_, Class::Zero) => Class::Zero,
        _ => Class::Finite,
    };
    let value = Exact {
        sign: a.value.sign != b.value.sign,
        significand: a.value.significand * b.value.significand,
        exponent: a.value.exponent + b.value.exponent,
    };
    Some(Number { class, value })
}

fn product_sum(addend: u32, n: u32, m: u32, context: &mut Context) -> u32 {
    let c = Number::unpack(addend, context);
    let (a, b) = (Number::unpack(n, context), Number::unpack(m, context));
    let product = product_of(a, b);
    if let Some(nan) = context.first_nan(&[addend, n, m]) {
        // The only place where a quiet NaN does not hide an invalid operation.
        let hides = !is_nan(addend) || is_signalling(addend) || product.is_some();
        return if hides { nan } else { context.invalid() };
    }
    match product {
        None => context.invalid(),
        Some(product) => sum_of(c, product, context),
    }
}
