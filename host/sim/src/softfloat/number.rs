//! Single-precision operands taken apart (FPUnpack), and exact sums.

use super::context::{Context, flag};

pub(super) const SIGN: u32 = 1 << 31;
pub(super) const INFINITY: u32 = 0x7f80_0000;
pub(super) const DEFAULT_NAN: u32 = 0x7fc0_0000;
/// Set in a NaN that does not signal.
pub(super) const QUIET: u32 = 1 << 22;

/// Bits of a fraction.
pub(super) const FRACTION: u32 = 23;

/// Where [`Exact::plus`] puts the highest bit: one bit above it is for the carry.
const SUM_TOP: u32 = 62;

pub(super) const fn is_nan(bits: u32) -> bool {
    bits & !SIGN > INFINITY
}

pub(super) const fn is_signalling(bits: u32) -> bool {
    is_nan(bits) && bits & QUIET == 0
}

pub(super) const fn signed(sign: bool, magnitude: u32) -> u32 {
    (sign as u32) << 31 | magnitude
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Zero,
    Finite,
    Infinite,
    Nan,
}

/// `significand · 2^exponent`, negative with `sign`. A lowest bit may be sticky where it is far below what a result keeps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exact {
    pub sign: bool,
    pub significand: u64,
    pub exponent: i32,
}

/// An operand: its value counts only where it is finite.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    pub class: Class,
    pub value: Exact,
}

impl Number {
    /// FPUnpack: with FZ a denormal is a zero of its sign, and IDC says so.
    pub fn unpack(bits: u32, context: &mut Context) -> Self {
        let sign = bits & SIGN != 0;
        let fraction = u64::from(bits & ((1 << FRACTION) - 1));
        let (class, significand, exponent) = match (bits & !SIGN) >> FRACTION {
            0 if fraction == 0 => (Class::Zero, 0, 0),
            0 if context.flushes() => {
                context.raise(flag::INPUT_DENORMAL);
                (Class::Zero, 0, 0)
            }
            0 => (Class::Finite, fraction, -149),
            255 if fraction == 0 => (Class::Infinite, 0, 0),
            255 => (Class::Nan, 0, 0),
            biased => (Class::Finite, 1 << FRACTION | fraction, biased as i32 - 150),
        };
        Self { class, value: Exact { sign, significand, exponent } }
    }

    pub const fn sign(&self) -> bool {
        self.value.sign
    }
}

impl Exact {
    /// The same value with its highest bit at `top`; it is not zero and has no bit above.
    pub const fn with_top(self, top: u32) -> Self {
        let shift = top + self.significand.leading_zeros() - 63;
        Self { significand: self.significand << shift, exponent: self.exponent - shift as i32, ..self }
    }

    /// The sum. Of operands up to 48 bits wide it is exact, or has over 60 bits of which the lowest is sticky: bits are
    /// lost only at a distance over 15, where no high bits cancel.
    pub fn plus(self, other: Self) -> Self {
        if self.significand == 0 {
            return other;
        }
        if other.significand == 0 {
            return self;
        }
        let (a, b) = (self.with_top(SUM_TOP), other.with_top(SUM_TOP));
        let (large, small) = if (a.exponent, a.significand) < (b.exponent, b.significand) { (b, a) } else { (a, b) };
        let addend = shifted(small.significand, (large.exponent - small.exponent) as u32);
        let same = large.sign == small.sign;
        let significand = if same { large.significand + addend } else { large.significand - addend };
        Self { significand, ..large }
    }
}

/// Shifted right; the lowest bit is set if bits were lost.
const fn shifted(significand: u64, distance: u32) -> u64 {
    if distance > 63 {
        return (significand != 0) as u64;
    }
    let kept = significand >> distance;
    kept | (kept << distance != significand) as u64
}
