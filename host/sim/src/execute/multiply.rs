//! Multiplication and division.

use super::Flow;
use crate::{
    cpu::{Cpu, Fault, Trap},
    op::{Op, flag},
};

impl Cpu {
    #[inline(always)]
    pub(super) fn product(&self, op: Op) -> u32 {
        self.reg(op.rn).wrapping_mul(self.reg(op.rm))
    }

    #[inline(always)]
    pub(super) fn signed_product(&self, op: Op) -> i64 {
        i64::from(self.reg(op.rn) as i32) * i64::from(self.reg(op.rm) as i32)
    }

    /// The 64-bit accumulator.
    #[inline(always)]
    pub(super) fn long(&self, op: Op) -> u64 {
        u64::from(self.reg(op.ra)) << 32 | u64::from(self.reg(op.rd))
    }

    #[inline(always)]
    pub(super) fn set_long(&mut self, op: Op, value: u64) {
        self.set(op.rd, value as u32);
        self.set(op.ra, (value >> 32) as u32);
    }

    pub(super) fn mul(&mut self, op: Op) {
        let product = self.product(op);
        self.set(op.rd, product);
        if op.has(flag::SETS) {
            self.n = product >> 31 != 0;
            self.z = product == 0;
        }
    }

    pub(super) fn umlal(&mut self, op: Op) {
        let product = u64::from(self.reg(op.rn)) * u64::from(self.reg(op.rm));
        self.set_long(op, self.long(op).wrapping_add(product));
    }

    pub(super) fn umaal(&mut self, op: Op) {
        let product = u64::from(self.reg(op.rn)) * u64::from(self.reg(op.rm));
        // Cannot overflow: (2^32 - 1)^2 + 2 (2^32 - 1) = 2^64 - 1.
        self.set_long(op, product + u64::from(self.reg(op.rd)) + u64::from(self.reg(op.ra)));
    }

    pub(super) fn sdiv(&mut self, op: Op, next: u32) -> Flow {
        let (dividend, divisor) = (self.reg(op.rn) as i32, self.reg(op.rm) as i32);
        self.check_divisor(divisor == 0)?;
        self.note_quotient(dividend.unsigned_abs(), divisor.unsigned_abs());
        self.set(op.rd, if divisor == 0 { 0 } else { dividend.wrapping_div(divisor) as u32 });
        Ok(next)
    }

    pub(super) fn udiv(&mut self, op: Op, next: u32) -> Flow {
        let (dividend, divisor) = (self.reg(op.rn), self.reg(op.rm));
        self.check_divisor(divisor == 0)?;
        self.note_quotient(dividend, divisor);
        self.set(op.rd, dividend.checked_div(divisor).unwrap_or(0));
        Ok(next)
    }

    fn check_divisor(&self, zero: bool) -> Result<(), Trap> {
        if zero && self.scs.traps_division() { Err(Trap::Fault(Fault::DivideByZero)) } else { Ok(()) }
    }

    fn note_quotient(&mut self, dividend: u32, divisor: u32) {
        self.quotient_bits = divisor.leading_zeros().saturating_sub(dividend.leading_zeros());
        if dividend >= divisor && divisor != 0 {
            self.quotient_bits += 1;
        }
    }
}
