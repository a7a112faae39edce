//! Requantization in three to five instructions, equal to the definition wherever packing allows it.
//!
//! The definition rounds twice: `x = round(sum · m / 2³¹)`, ties up, then `round(x / 2^s)`, ties away from zero, then
//! the zero point. Ties away from zero are ties up of `x − 1` for negative `x`, and the sign of the sum can stand for
//! the sign of `x`: they differ only where `x` is 0, and there `(2^(s−1) − 1) >> s` is 0 too. So with
//! `rounding = 2^(s−1) + zero · 2^s` the output is `(x + rounding − [sum < 0]) >> s`, saturated.
//!
//! SMMLAR gives `x + c` in one instruction for any addend `c`: from a doubled sum with the multiplier `m`, from a plain
//! sum with the multiplier `2m − 2³²` and the addend `c + sum`. If the activation's lower bound is the zero point or
//! more, negative `x` end at that bound either way, and the sign may be left out.
//!
//! A factor of ½ or more has no second rounding: no sign, and a left shift before the first one.

use crate::{Channel, Output, Requant};

/// Marks a channel that goes by the definition.
const BY_DEFINITION: u32 = 1 << 30;
const MARKS: u32 = 3 << 30;

/// How sums become outputs in one layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rounding {
    /// Sums are doubled, outputs below the zero point are cut off: the sign is left out.
    DoubledClamped,
    /// Sums are doubled.
    Doubled,
    /// Sums are as they are.
    Plain,
    /// Sums are as they are; a factor may be ½ or more.
    Long,
}

/// Constants of one channel, three words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scale {
    /// The multiplier in Q31 (of doubled sums), or twice it less 2³² (of plain sums).
    pub multiplier: i32,
    /// `(2 · zero + 1) · 2^(s − 1)`; by definition: the bias.
    pub rounding: i32,
    /// Bits 0–7: `s`. Where factors may be ½ or more, the rest as a signed number: the shift to the left if `s` is 0,
    /// else −256. Bit 30 without bit 31: by definition, the shift (positive = left) in bits 8–15.
    pub shift: u32,
}

impl Scale {
    /// The short form for sums whose magnitude is at most `bound` (not doubled), if it is exact for all of them.
    pub(crate) fn short(requant: Requant, zero: i8, bound: i64, rounding: Rounding) -> Option<Self> {
        const LIMIT: i64 = 1 << 31;
        let s = u32::from(requant.shift.min(0).unsigned_abs());
        let left = u32::from(requant.shift.max(0).unsigned_abs());
        let least = match rounding {
            Rounding::DoubledClamped | Rounding::Long => 0,
            Rounding::Doubled | Rounding::Plain => 1,
        };
        let shifts = (least..=30).contains(&s) && left <= if rounding == Rounding::Long { 30 } else { 0 };
        if requant.multiplier < 1 << 30 || !shifts {
            return None;
        }
        let zero = i64::from(zero);
        let offset = if s == 0 { zero } else { (2 * zero + 1) << (s - 1) };
        let doubled = matches!(rounding, Rounding::DoubledClamped | Rounding::Doubled);
        let largest = bound << if doubled { 1 } else { left };
        if bound >= LIMIT || largest >= LIMIT || largest + offset.abs() + 2 >= LIMIT {
            return None;
        }
        let multiplier = if doubled { requant.multiplier } else { requant.multiplier.wrapping_mul(2) };
        let more = match rounding {
            Rounding::Long if s > 0 => 0xffff_0000,
            _ => left << 8,
        };
        Some(Self { multiplier, rounding: offset as i32, shift: s | more })
    }

    /// The mark, with all that the definition needs.
    pub(crate) fn by_definition(channel: Channel) -> Self {
        let Channel { bias, requant } = channel;
        let shift = BY_DEFINITION | u32::from(requant.shift.cast_unsigned()) << 8;
        Self { multiplier: requant.multiplier, rounding: bias, shift }
    }

    /// The channel, if it goes by the definition.
    pub(crate) fn defined(self) -> Option<Channel> {
        let [_, shift, ..] = self.shift.to_le_bytes();
        let requant = Requant { multiplier: self.multiplier, shift: i8::from_le_bytes([shift]) };
        (self.shift & MARKS == BY_DEFINITION).then_some(Channel { bias: self.rounding, requant })
    }

    /// What the assembly computes from a sum, step by step, and the activation's clamp.
    #[inline]
    pub(crate) fn finish(self, sum: i32, rounding: Rounding, out: Output) -> i8 {
        let more = self.shift.cast_signed() >> 8;
        let sum = if rounding == Rounding::Long { left(sum, more & 0xff) } else { sum };
        let addend = match rounding {
            Rounding::DoubledClamped => self.rounding,
            Rounding::Doubled => self.rounding.wrapping_add(sum >> 31),
            Rounding::Plain => self.rounding.wrapping_add(sum >> 31).wrapping_add(sum),
            Rounding::Long => sum,
        };
        let product = i64::from(sum) * i64::from(self.multiplier);
        let mut x = (product.wrapping_add(i64::from(addend) << 32).wrapping_add(1 << 31) >> 32) as i32;
        if rounding == Rounding::Long {
            x = x.wrapping_add((x >> 31 & more) >> 8).wrapping_add(self.rounding);
        }
        let shift = self.shift & 0xff;
        x >>= if shift > 31 { 31 } else { shift };
        x.min(out.max.into()).max(out.min.into()) as i8
    }

    pub(crate) const fn words(self) -> [u32; 3] {
        [self.multiplier.cast_unsigned(), self.rounding.cast_unsigned(), self.shift]
    }

    pub(crate) const fn read(words: [u32; 3]) -> Self {
        let [multiplier, rounding, shift] = words;
        Self { multiplier: multiplier.cast_signed(), rounding: rounding.cast_signed(), shift }
    }
}

/// A shift as LSL by a register does it.
const fn left(x: i32, by: i32) -> i32 {
    if by > 31 { 0 } else { x << by }
}
