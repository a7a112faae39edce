//! Half precision: IEEE 754's and the alternative format without infinities and NaNs (FPHalfToSingle, FPSingleToHalf).

use super::{
    context::{Context, flag},
    number::{Class, Exact, INFINITY, Number, is_signalling, signed},
    round::{cut, round},
};

const FRACTION: u32 = 10;
/// Exponent of the smallest normal number.
const MINIMUM: i32 = -14;
/// From a half's fraction to a single's.
const WIDER: u32 = 23 - FRACTION;

const HALF_INFINITY: u32 = 0x7c00;
const HALF_LARGEST: u32 = 0x7bff;
const HALF_DEFAULT_NAN: u32 = 0x7e00;
const HALF_QUIET: u32 = 1 << 9;
/// The largest number of the alternative format.
const ALTERNATIVE_LARGEST: u32 = 0x7fff;

/// The low 16 bits as a single: exact. FZ has no say over halves.
pub fn from_half(bits: u32, context: &mut Context) -> u32 {
    let (sign, magnitude) = (bits & 0x8000 != 0, bits & 0x7fff);
    if magnitude >= HALF_INFINITY && !context.has_alternative_half() {
        return match magnitude << WIDER & ((1 << 23) - 1) {
            0 => signed(sign, INFINITY),
            payload => context.nan(signed(sign, INFINITY | payload)),
        };
    }
    let fraction = u64::from(magnitude & ((1 << FRACTION) - 1));
    let (significand, exponent) = match (magnitude >> FRACTION) as i32 {
        0 if fraction == 0 => return signed(sign, 0),
        0 => (fraction, MINIMUM - FRACTION as i32),
        biased => (1 << FRACTION | fraction, MINIMUM - FRACTION as i32 + biased - 1),
    };
    round(Exact { sign, significand, exponent }, context)
}

/// The single as a half in the low 16 bits.
pub fn to_half(m: u32, context: &mut Context) -> u32 {
    let Number { class, value } = Number::unpack(m, context);
    let sign = u32::from(value.sign) << 15;
    let alternative = context.has_alternative_half();
    match class {
        Class::Zero => sign,
        Class::Nan if alternative => {
            context.raise(flag::INVALID);
            sign
        }
        Class::Nan => {
            if is_signalling(m) {
                context.raise(flag::INVALID);
            }
            let payload = m >> WIDER & (HALF_QUIET - 1);
            if context.has_default_nans() { HALF_DEFAULT_NAN } else { sign | HALF_INFINITY | HALF_QUIET | payload }
        }
        Class::Infinite if alternative => {
            context.raise(flag::INVALID);
            sign | ALTERNATIVE_LARGEST
        }
        Class::Infinite => sign | HALF_INFINITY,
        Class::Finite => sign | narrowed(value, alternative, context),
    }
}

/// FPRound to 16 bits: never flushed; the alternative format saturates, and that is invalid instead of an overflow.
const fn narrowed(value: Exact, alternative: bool, context: &mut Context) -> u32 {
    let rounding = context.rounding();
    let rounded = cut(value, FRACTION, MINIMUM, rounding);
    if rounded.tiny && rounded.inexact {
        context.raise(flag::UNDERFLOW);
    }
    if alternative && rounded.magnitude > ALTERNATIVE_LARGEST {
        context.raise(flag::INVALID);
        return ALTERNATIVE_LARGEST;
    }
    if !alternative && rounded.magnitude >= HALF_INFINITY {
        context.raise(flag::OVERFLOW | flag::INEXACT);
        return if rounding.overflows_to_infinity(value.sign) { HALF_INFINITY } else { HALF_LARGEST };
    }
    if rounded.inexact {
        context.raise(flag::INEXACT);
    }
    rounded.magnitude
}
