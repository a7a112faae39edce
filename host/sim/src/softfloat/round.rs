//! Rounding: the one place where an exact value becomes a float or an integer (FPRound).

use super::{
    context::{Context, flag},
    number::{Exact, FRACTION, INFINITY, signed},
};

/// A half, in the 64 bits below an integer.
const HALF: u64 = 1 << 63;

/// Exponent of the smallest normal number.
const MINIMUM: i32 = -126;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rounding {
    /// To nearest, ties to even.
    Nearest,
    /// To plus infinity.
    Up,
    /// To minus infinity.
    Down,
    /// To zero.
    Zero,
    /// To nearest, ties away from zero: conversions of FPv5 only.
    Away,
}

impl Rounding {
    /// Is the magnitude `odd`-or-even plus `rest` rounded up?
    const fn increments(self, sign: bool, odd: bool, rest: u64) -> bool {
        match self {
            Self::Nearest => rest > HALF || (rest == HALF && odd),
            Self::Up => !sign && rest != 0,
            Self::Down => sign && rest != 0,
            Self::Zero => false,
            Self::Away => rest >= HALF,
        }
    }

    /// Is infinity the result of an overflow? Otherwise it is the largest number.
    pub const fn overflows_to_infinity(self, sign: bool) -> bool {
        match self {
            Self::Nearest | Self::Away => true,
            Self::Up => !sign,
            Self::Down => sign,
            Self::Zero => false,
        }
    }
}

/// A value cut to a format's precision; overflow is the caller's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rounded {
    /// Exponent and fraction as they stand in the format, the exponent as wide as it needs to be.
    pub magnitude: u32,
    pub inexact: bool,
    /// Below the normal numbers before it was rounded.
    pub tiny: bool,
}

/// Cuts a value that is not zero to `fraction` bits after the first, fewer below 2^`minimum`.
pub(super) const fn cut(value: Exact, fraction: u32, minimum: i32, rounding: Rounding) -> Rounded {
    let value = value.with_top(63);
    let exponent = value.exponent + 63;
    let tiny = exponent < minimum;
    let below = if tiny { minimum - exponent } else { 0 };
    let (mut integer, rest) = split(value.significand, 63 - fraction + below as u32);
    if rounding.increments(value.sign, integer & 1 != 0, rest) {
        integer += 1;
    }
    // The first bit is not stored: it adds one to the exponent, and so does a carry.
    let biased = if tiny { 0 } else { (exponent - minimum) as u32 };
    Rounded { magnitude: (biased << fraction) + integer as u32, inexact: rest != 0, tiny }
}

/// The value as a single in the context's rounding mode, with underflow, overflow and inexact. It is not zero.
pub(super) const fn round(value: Exact, context: &mut Context) -> u32 {
    let rounding = context.rounding();
    let Rounded { mut magnitude, inexact, tiny } = cut(value, FRACTION, MINIMUM, rounding);
    if tiny && context.flushes() {
        context.raise(flag::UNDERFLOW);
        return signed(value.sign, 0);
    }
    if tiny && inexact {
        context.raise(flag::UNDERFLOW);
    }
    if magnitude >= INFINITY {
        context.raise(flag::OVERFLOW | flag::INEXACT);
        magnitude = if rounding.overflows_to_infinity(value.sign) { INFINITY } else { INFINITY - 1 };
    } else if inexact {
        context.raise(flag::INEXACT);
    }
    signed(value.sign, magnitude)
}

/// A sum that may be zero: the sign of an exact zero depends on the rounding mode.
pub(super) const fn round_sum(value: Exact, context: &mut Context) -> u32 {
    if value.significand == 0 {
        return signed(matches!(context.rounding(), Rounding::Down), 0);
    }
    round(value, context)
}

/// An integral magnitude and whether it differs from the value; none from 2^64.
pub(super) const fn integral(value: Exact, rounding: Rounding) -> Option<(u64, bool)> {
    if value.significand == 0 {
        return Some((0, false));
    }
    let value = value.with_top(63);
    if value.exponent > 0 {
        return None;
    }
    let (integer, rest) = split(value.significand, value.exponent.unsigned_abs());
    let up = rounding.increments(value.sign, integer & 1 != 0, rest);
    Some((integer + up as u64, rest != 0))
}

/// The significand, its highest bit set, over 2^`distance`: integer and 64 bits after it.
const fn split(significand: u64, distance: u32) -> (u64, u64) {
    match distance {
        0 => (significand, 0),
        1..=63 => (significand >> distance, significand << (64 - distance)),
        64 => (0, significand),
        // Less than a half, whatever it is.
        _ => (0, 1),
    }
}
