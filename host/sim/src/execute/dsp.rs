//! The DSP extension: half-word products, saturation, parallel arithmetic.

use crate::{cpu::Cpu, op::Op};

/// Lower and upper half, sign-extended.
#[inline(always)]
fn halves(value: u32) -> (i32, i32) {
    (i32::from(value as i16), value as i32 >> 16)
}

fn join(low: i32, high: i32) -> u32 {
    (low as u32 & 0xffff) | (high as u32) << 16
}

impl Cpu {
    /// Product of two chosen halves.
    #[inline(always)]
    pub(super) fn half_product(&self, op: Op) -> i32 {
        let pick = |value: u32, top: bool| if top { value as i32 >> 16 } else { i32::from(value as i16) };
        pick(self.reg(op.rn), op.imm & 2 != 0) * pick(self.reg(op.rm), op.imm & 1 != 0)
    }

    /// Upper 32 bits of the 48-bit product of a word and a half-word.
    pub(super) fn wide_product(&self, op: Op) -> i32 {
        let (low, high) = halves(self.reg(op.rm));
        let half = if op.imm & 1 != 0 { high } else { low };
        ((i64::from(self.reg(op.rn) as i32) * i64::from(half)) >> 16) as i32
    }

    /// Adds the accumulator; Q tells of overflow.
    #[inline(always)]
    fn accumulate(&mut self, op: Op, value: i32) {
        let (sum, overflow) = value.overflowing_add(self.reg(op.ra) as i32);
        self.q |= overflow;
        self.set(op.rd, sum as u32);
    }

    pub(super) fn smlaxy(&mut self, op: Op) {
        self.accumulate(op, self.half_product(op));
    }

    pub(super) fn smlaw(&mut self, op: Op) {
        self.accumulate(op, self.wide_product(op));
    }

    /// The products of lower and of upper halves.
    #[inline(always)]
    fn pair(&self, op: Op) -> (i32, i32) {
        let (low, high) = halves(self.reg(op.rn));
        let second = if op.imm & 1 != 0 { self.reg(op.rm).rotate_right(16) } else { self.reg(op.rm) };
        let (other_low, other_high) = halves(second);
        (low * other_low, high * other_high)
    }

    pub(super) fn smuad(&mut self, op: Op) {
        let (low, high) = self.pair(op);
        let (sum, overflow) = low.overflowing_add(high);
        self.q |= overflow;
        self.set(op.rd, sum as u32);
    }

    pub(super) fn smusd(&mut self, op: Op) {
        let (low, high) = self.pair(op);
        self.set(op.rd, low.wrapping_sub(high) as u32);
    }

    #[inline(always)]
    pub(super) fn smlad(&mut self, op: Op) {
        let (low, high) = self.pair(op);
        self.accumulate_wide(op, i64::from(low) + i64::from(high));
    }

    pub(super) fn smlsd(&mut self, op: Op) {
        let (low, high) = self.pair(op);
        self.accumulate_wide(op, i64::from(low) - i64::from(high));
    }

    #[inline(always)]
    fn accumulate_wide(&mut self, op: Op, value: i64) {
        let sum = value + i64::from(self.reg(op.ra) as i32);
        self.q |= sum != i64::from(sum as i32);
        self.set(op.rd, sum as u32);
    }

    pub(super) fn smlald(&mut self, op: Op) {
        let (low, high) = self.pair(op);
        self.set_long(op, self.long(op).wrapping_add((i64::from(low) + i64::from(high)) as u64));
    }

    pub(super) fn smlsld(&mut self, op: Op) {
        let (low, high) = self.pair(op);
        self.set_long(op, self.long(op).wrapping_add((i64::from(low) - i64::from(high)) as u64));
    }

    pub(super) fn smmul(&mut self, op: Op) {
        let rounding = i64::from(op.imm & 1) << 31;
        self.set(op.rd, (self.signed_product(op).wrapping_add(rounding) >> 32) as u32);
    }

    pub(super) fn smmla(&mut self, op: Op) {
        let (base, rounding) = (i64::from(self.reg(op.ra) as i32) << 32, i64::from(op.imm & 1) << 31);
        self.set(op.rd, (base.wrapping_add(self.signed_product(op)).wrapping_add(rounding) >> 32) as u32);
    }

    pub(super) fn smmls(&mut self, op: Op) {
        let (base, rounding) = (i64::from(self.reg(op.ra) as i32) << 32, i64::from(op.imm & 1) << 31);
        self.set(op.rd, (base.wrapping_sub(self.signed_product(op)).wrapping_add(rounding) >> 32) as u32);
    }

    /// Sum of the absolute differences of four bytes.
    pub(super) fn differences(&self, op: Op) -> u32 {
        let (a, b) = (self.reg(op.rn).to_le_bytes(), self.reg(op.rm).to_le_bytes());
        a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(b))).sum()
    }

    fn saturate(&mut self, value: i64, low: i64, high: i64) -> u32 {
        let clamped = value.clamp(low, high);
        self.q |= clamped != value;
        clamped as u32
    }

    /// The value to saturate: `rn` shifted as for `rm`. ASR 0 means no shift for the 16-bit forms only, which do not come here.
    fn to_saturate(&self, op: Op) -> i64 {
        let (value, amount) = (self.reg(op.rn) as i32, u32::from(op.shift & 31));
        i64::from(match op.shift >> 5 {
            0 => value.wrapping_shl(amount),
            _ if amount == 0 => value >> 31,
            _ => value >> amount,
        })
    }

    #[inline(always)]
    pub(super) fn ssat(&mut self, op: Op) {
        let limit = 1i64 << (op.imm - 1);
        let value = self.saturate(self.to_saturate(op), -limit, limit - 1);
        self.set(op.rd, value);
    }

    #[inline(always)]
    pub(super) fn usat(&mut self, op: Op) {
        let value = self.saturate(self.to_saturate(op), 0, (1i64 << op.imm) - 1);
        self.set(op.rd, value);
    }

    pub(super) fn ssat16(&mut self, op: Op) {
        let (limit, (low, high)) = (1i64 << (op.imm - 1), halves(self.reg(op.rn)));
        let low = self.saturate(low.into(), -limit, limit - 1) as i32;
        let high = self.saturate(high.into(), -limit, limit - 1) as i32;
        self.set(op.rd, join(low, high));
    }

    pub(super) fn usat16(&mut self, op: Op) {
        let (top, (low, high)) = ((1i64 << op.imm) - 1, halves(self.reg(op.rn)));
        let low = self.saturate(low.into(), 0, top) as i32;
        let high = self.saturate(high.into(), 0, top) as i32;
        self.set(op.rd, join(low, high));
    }

    /// QADD, QSUB and their doubling forms: `rm op rn`.
    pub(super) fn saturating(
        &mut self,
        op: Op,
        doubles: bool,
        act: impl Fn(i32, i32) -> i32,
        overflows: impl Fn(i32, i32) -> (i32, bool),
    ) {
        let (a, mut b) = (self.reg(op.rm) as i32, self.reg(op.rn) as i32);
        if doubles {
            self.q |= b.overflowing_mul(2).1;
            b = b.saturating_mul(2);
        }
        self.q |= overflows(a, b).1;
        self.set(op.rd, act(a, b) as u32);
    }

    pub(super) fn sel(&mut self, op: Op) {
        let mask = (0..4).filter(|byte| self.ge >> byte & 1 != 0).fold(0, |mask, byte| mask | 0xff_u32 << (8 * byte));
        self.set(op.rd, self.reg(op.rn) & mask | self.reg(op.rm) & !mask);
    }

    pub(super) fn sxtb16(&self, op: Op) -> u32 {
        let value = self.rotated(op);
        join(i32::from(value as i8), i32::from((value >> 16) as i8))
    }

    pub(super) fn add_halves(&mut self, op: Op, value: u32) {
        let (base, (low, high)) = (halves(self.reg(op.rn)), halves(value));
        self.set(op.rd, join(base.0.wrapping_add(low), base.1.wrapping_add(high)));
    }

    /// The 36 parallel additions and subtractions (ARMv7-M ARM, A7.7: SADD16 and so on).
    pub(super) fn parallel(&mut self, op: Op) {
        let (a, b, prefix) = (self.reg(op.rn), self.reg(op.rm), op.imm >> 4 & 7);
        let signed = prefix < 3;
        let (bits, lanes) = if matches!(op.imm & 7, 0 | 4) { (8, 4) } else { (16, 2) };
        let lane = |value: u32, index: u32| {
            let raw = value >> (bits * index);
            match (bits, signed) {
                (8, true) => i32::from(raw as i8),
                (8, false) => i32::from(raw as u8),
                (_, true) => i32::from(raw as i16),
                (_, false) => i32::from(raw as u16),
            }
        };
        let (mut result, mut ge) = (0, 0);
        for index in 0..lanes {
            let (first, adds) = (lane(a, index), adds(op.imm & 7, index));
            let second = lane(b, if matches!(op.imm & 7, 2 | 3) { 1 - index } else { index });
            let value = if adds { first + second } else { first - second };
            let reached = if signed || !adds { value >= 0 } else { value >> bits != 0 };
            ge |= u8::from(reached) << index;
            let kept = match prefix {
                1 => value.clamp(-(1 << (bits - 1)), (1 << (bits - 1)) - 1),
                4 => value.clamp(0, (1 << bits) - 1),
                2 | 5 => value >> 1,
                _ => value,
            };
            result |= (kept as u32 & ((1 << bits) - 1)) << (bits * index);
        }
        self.set(op.rd, result);
        if prefix == 0 || prefix == 3 {
            // Two flags per half-word.
            self.ge = if bits == 8 { ge } else { ((ge & 1) * 3) | ((ge >> 1) * 12) };
        }
    }
}

/// Whether a lane adds: ASX subtracts in the lower half, SAX in the upper.
fn adds(operation: u32, lane: u32) -> bool {
    match operation {
        0 | 1 => true,
        2 => lane == 1,
        3 => lane == 0,
        _ => false,
    }
}
