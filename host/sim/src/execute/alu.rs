//! Moves, logic, addition, shifts and bit fields.

use crate::{
    cpu::Cpu,
    op::{Op, Reg, flag},
};

impl Cpu {
    /// A core register. The decoder gives no number above 15.
    #[inline(always)]
    pub(super) fn reg(&self, number: Reg) -> u32 {
        self.r[(number & 15) as usize]
    }

    /// Changes a core register; never the program counter, which the decoder keeps out.
    #[inline(always)]
    pub(super) fn set(&mut self, number: Reg, value: u32) {
        self.r[(number & 15) as usize] = value;
    }

    #[inline(always)]
    pub(super) fn immediate(&self, op: Op) -> (u32, bool) {
        (op.imm, if op.has(flag::IMM_CARRY) { op.imm >> 31 != 0 } else { self.c })
    }

    #[inline(always)]
    pub(super) fn plain(&self, op: Op) -> (u32, bool) {
        (self.reg(op.rm), self.c)
    }

    /// The second operand shifted by a constant, and the shifter's carry (ARMv7-M ARM, A7.4.2).
    #[inline(always)]
    pub(super) fn shifted(&self, op: Op) -> (u32, bool) {
        let (value, amount) = (self.reg(op.rm), u32::from(op.shift & 31));
        match op.shift >> 5 {
            0 if amount == 0 => (value, self.c),
            0 => (value << amount, value >> (32 - amount) & 1 != 0),
            1 if amount == 0 => (0, value >> 31 != 0),
            1 => (value >> amount, value >> (amount - 1) & 1 != 0),
            2 if amount == 0 => ((value as i32 >> 31) as u32, value >> 31 != 0),
            2 => ((value as i32 >> amount) as u32, value >> (amount - 1) & 1 != 0),
            _ if amount == 0 => (u32::from(self.c) << 31 | value >> 1, value & 1 != 0),
            _ => (value.rotate_right(amount), value >> (amount - 1) & 1 != 0),
        }
    }

    #[inline(always)]
    fn result(&mut self, op: Op, value: u32, carry: bool) {
        self.set(op.rd, value);
        if op.has(flag::SETS) {
            self.test(value, carry);
        }
    }

    /// N, Z and C of a logical operation.
    #[inline(always)]
    pub(super) fn test(&mut self, value: u32, carry: bool) {
        self.n = value >> 31 != 0;
        self.z = value == 0;
        self.c = carry;
    }

    #[inline(always)]
    pub(super) fn logical(&mut self, op: Op, combine: impl Fn(u32, u32) -> u32, (operand, carry): (u32, bool)) {
        self.result(op, combine(self.reg(op.rn), operand), carry);
    }

    #[inline(always)]
    pub(super) fn moved(&mut self, op: Op, (value, carry): (u32, bool)) {
        self.result(op, value, carry);
    }

    #[inline(always)]
    pub(super) fn moved_not(&mut self, op: Op, (value, carry): (u32, bool)) {
        self.result(op, !value, carry);
    }

    /// AddWithCarry (ARMv7-M ARM, A2.2.1).
    #[inline(always)]
    fn sum(&mut self, a: u32, b: u32, carry: bool, sets: bool) -> u32 {
        let wide = u64::from(a) + u64::from(b) + u64::from(carry);
        let sum = wide as u32;
        if sets {
            self.n = sum >> 31 != 0;
            self.z = sum == 0;
            self.c = wide >> 32 != 0;
            self.v = (!(a ^ b) & (a ^ sum)) >> 31 != 0;
        }
        sum
    }

    #[inline(always)]
    pub(super) fn add(&mut self, op: Op, a: u32, b: u32, carry: bool) {
        let sum = self.sum(a, b, carry, op.has(flag::SETS));
        self.set(op.rd, sum);
    }

    #[inline(always)]
    pub(super) fn compare(&mut self, a: u32, b: u32, carry: bool) {
        self.sum(a, b, carry, true);
    }

    pub(super) fn shift_left(&mut self, op: Op) {
        let (value, amount) = (self.reg(op.rn), self.reg(op.rm) & 0xff);
        let (result, carry) = match amount {
            0 => (value, self.c),
            1..=31 => (value << amount, value >> (32 - amount) & 1 != 0),
            32 => (0, value & 1 != 0),
            _ => (0, false),
        };
        self.result(op, result, carry);
    }

    pub(super) fn shift_right(&mut self, op: Op) {
        let (value, amount) = (self.reg(op.rn), self.reg(op.rm) & 0xff);
        let (result, carry) = match amount {
            0 => (value, self.c),
            1..=31 => (value >> amount, value >> (amount - 1) & 1 != 0),
            32 => (0, value >> 31 != 0),
            _ => (0, false),
        };
        self.result(op, result, carry);
    }

    pub(super) fn shift_right_signed(&mut self, op: Op) {
        let (value, amount) = (self.reg(op.rn) as i32, self.reg(op.rm) & 0xff);
        let (result, carry) = match amount {
            0 => (value, self.c),
            1..=31 => (value >> amount, value >> (amount - 1) & 1 != 0),
            _ => (value >> 31, value < 0),
        };
        self.result(op, result as u32, carry);
    }

    pub(super) fn rotate(&mut self, op: Op) {
        let (value, amount) = (self.reg(op.rn), self.reg(op.rm) & 0xff);
        let result = value.rotate_right(amount & 31);
        let carry = if amount == 0 { self.c } else { result >> 31 != 0 };
        self.result(op, result, carry);
    }

    /// The value to extend.
    #[inline(always)]
    pub(super) fn rotated(&self, op: Op) -> u32 {
        self.reg(op.rm).rotate_right(op.imm & 31)
    }

    /// BFI, BFC.
    pub(super) fn insert(&mut self, op: Op, value: u32) {
        let (low, mask) = field(op);
        let kept = self.reg(op.rd) & !(mask << low);
        self.set(op.rd, kept | (value & mask) << low);
    }

    pub(super) fn ubfx(&mut self, op: Op) {
        let (low, mask) = field(op);
        self.set(op.rd, self.reg(op.rn) >> low & mask);
    }

    pub(super) fn sbfx(&mut self, op: Op) {
        let (low, width) = (op.imm & 31, (op.imm >> 8 & 0x3f).max(1));
        let left = 32u32.saturating_sub(low + width);
        self.set(op.rd, ((self.reg(op.rn) << left) as i32 >> (32 - width)) as u32);
    }
}

/// Lowest bit and mask of a bit field.
fn field(op: Op) -> (u32, u32) {
    let (low, width) = (op.imm & 31, op.imm >> 8 & 0x3f);
    (low, if width >= 32 { u32::MAX } else { (1 << width) - 1 })
}
