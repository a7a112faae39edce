//! Between floats, integers and fixed point (FPToFixed, FixedToFP, FPRoundInt).

use super::{
    context::{Context, flag},
    number::{Class, Exact, INFINITY, Number, signed},
    round::{Rounding, integral, round},
};

/// An integer's format: what a conversion saturates to.
#[derive(Clone, Copy, Debug)]
struct Format {
    signed: bool,
    bits: u32,
}

impl Format {
    const fn word(signed: bool) -> Self {
        Self { signed, bits: 32 }
    }

    const fn fixed(signed: bool, wide: bool) -> Self {
        Self { signed, bits: if wide { 32 } else { 16 } }
    }

    /// The largest magnitude of a sign.
    const fn limit(self, negative: bool) -> u64 {
        match (self.signed, negative) {
            (true, true) => 1 << (self.bits - 1),
            (true, false) => (1 << (self.bits - 1)) - 1,
            (false, true) => 0,
            (false, false) => (1 << self.bits) - 1,
        }
    }
}

/// VCVT and VCVTR to a 32-bit integer, towards zero or in the context's mode.
pub fn to_int(m: u32, signed: bool, toward_zero: bool, context: &mut Context) -> u32 {
    let rounding = if toward_zero { Rounding::Zero } else { context.rounding() };
    to_format(m, Format::word(signed), 0, rounding, context)
}

/// VCVTA, VCVTN, VCVTP and VCVTM: `mode` 0 to 3.
pub fn to_int_directed(m: u32, mode: u32, signed: bool, context: &mut Context) -> u32 {
    to_format(m, Format::word(signed), 0, direction(mode, context), context)
}

/// VCVT to 16 or 32 bits with `fraction` of them after the point, towards zero; extended to 32 bits.
pub fn to_fixed(d: u32, signed: bool, wide: bool, fraction: u32, context: &mut Context) -> u32 {
    to_format(d, Format::fixed(signed, wide), fraction, Rounding::Zero, context)
}

/// VCVT from a 32-bit integer, in the context's rounding mode.
pub fn from_int(m: u32, signed: bool, context: &mut Context) -> u32 {
    from_format(m, Format::word(signed), 0).map_or(0, |value| round(value, context))
}

/// VCVT from the low 16 or all 32 bits with `fraction` bits after the point, to nearest in every mode.
pub fn from_fixed(d: u32, signed: bool, wide: bool, fraction: u32, context: &mut Context) -> u32 {
    let value = from_format(d, Format::fixed(signed, wide), fraction);
    value.map_or(0, |value| context.with_nearest(|nearest| round(value, nearest)))
}

/// VRINT: `mode` 0 ties away (A), 1 nearest (N), 2 up (P), 3 down (M), 4 to zero (Z), 5 the context's (R), 6 the
/// context's and inexact is flagged (X).
pub fn round_to_integral(m: u32, mode: u32, context: &mut Context) -> u32 {
    let Number { class, value } = Number::unpack(m, context);
    match class {
        Class::Nan => context.nan(m),
        Class::Infinite => signed(value.sign, INFINITY),
        Class::Zero => signed(value.sign, 0),
        // Integral already.
        Class::Finite if value.exponent >= 0 => m,
        Class::Finite => {
            let Some((magnitude, inexact)) = integral(value, direction(mode, context)) else { return m };
            if inexact && mode == 6 {
                context.raise(flag::INEXACT);
            }
            if magnitude == 0 {
                return signed(value.sign, 0);
            }
            round(Exact { significand: magnitude, exponent: 0, ..value }, context)
        }
    }
}

const fn direction(mode: u32, context: &Context) -> Rounding {
    match mode {
        0 => Rounding::Away,
        1 => Rounding::Nearest,
        2 => Rounding::Up,
        3 => Rounding::Down,
        4 => Rounding::Zero,
        _ => context.rounding(),
    }
}

/// FPToFixed: a NaN is zero, what does not fit saturates; both are invalid operations and not inexact.
fn to_format(bits: u32, format: Format, fraction: u32, rounding: Rounding, context: &mut Context) -> u32 {
    let Number { class, value } = Number::unpack(bits, context);
    let scaled = Exact { exponent: value.exponent + fraction as i32, ..value };
    let rounded = match class {
        Class::Nan => {
            context.raise(flag::INVALID);
            return 0;
        }
        Class::Infinite => None,
        Class::Zero | Class::Finite => integral(scaled, rounding),
    };
    let limit = format.limit(value.sign);
    let magnitude = match rounded {
        Some((magnitude, inexact)) if magnitude <= limit => {
            if inexact {
                context.raise(flag::INEXACT);
            }
            magnitude
        }
        _ => {
            context.raise(flag::INVALID);
            limit
        }
    };
    // At most 32 bits; a negative one is extended by its complement.
    let magnitude = magnitude as u32;
    if value.sign { magnitude.wrapping_neg() } else { magnitude }
}

/// The value of an integer; none for zero, which is positive.
const fn from_format(bits: u32, format: Format, fraction: u32) -> Option<Exact> {
    let unused = 32 - format.bits;
    let raised = bits << unused;
    let sign = format.signed && raised >> 31 != 0;
    let magnitude = if sign { ((raised as i32) >> unused).unsigned_abs() } else { raised >> unused };
    if magnitude == 0 {
        return None;
    }
    Some(Exact { sign, significand: magnitude as u64, exponent: -(fraction as i32) })
}
