//! The floating point unit: moves, loads and stores here, arithmetic in [`crate::softfloat`].

use super::Flow;
use crate::{
    cpu::{Cpu, Fault, PC, Trap},
    op::{Kind, Op, Reg, flag},
    softfloat::{self, Context},
};

/// FPSCR: flags.
const FLAGS: u32 = 0xf000_0000;

/// Bits of FPSCR that can be written (DDI 0403, A2.5.3; FPv4).
const WRITABLE: u32 = 0xf7c0_009f;

impl Cpu {
    fn single(&self, number: Reg) -> u32 {
        self.s[(number & 31) as usize]
    }

    fn set_single(&mut self, number: Reg, value: u32) {
        self.s[(number & 31) as usize] = value;
    }

    /// Every floating point instruction.
    pub(super) fn float(&mut self, op: Op, next: u32) -> Flow {
        if !self.core.has_float() || !self.scs.has_float_access() {
            return Err(Trap::Fault(Fault::NoCoprocessor));
        }
        // The unit belongs to this context from now on (ARMv7-M ARM, A2.5.6: ExecuteFPCheck).
        if !self.fpca {
            self.preserve_float().map_err(Trap::Fault)?;
            if self.scs.stacks_float() {
                self.fpca = true;
                self.fpscr = self.scs.default_fpscr();
            }
        }
        match op.kind {
            Kind::Vldr | Kind::Vstr => self.move_memory(op)?,
            Kind::Vldm | Kind::Vstm => self.move_many(op)?,
            Kind::VmovFromCore => self.set_single(op.rd, self.reg(op.ra)),
            Kind::VmovToCore => self.set(op.ra, self.single(op.rn)),
            Kind::VmovFromCore2 => {
                self.set_single(op.rd, self.reg(op.rn));
                self.set_single(op.rd + 1, self.reg(op.ra));
            }
            Kind::VmovToCore2 => {
                self.set(op.rn, self.single(op.rm));
                self.set(op.ra, self.single(op.rm + 1));
            }
            Kind::Vmrs if op.rd as usize == PC => {
                let fpscr = self.fpscr;
                (self.n, self.z) = (fpscr >> 31 != 0, fpscr >> 30 & 1 != 0);
                (self.c, self.v) = (fpscr >> 29 & 1 != 0, fpscr >> 28 & 1 != 0);
            }
            Kind::Vmrs => self.set(op.rd, self.fpscr),
            Kind::Vmsr => self.fpscr = self.reg(op.rd) & WRITABLE,
            Kind::VmovImm => self.set_single(op.rd, op.imm),
            Kind::Vmov => self.set_single(op.rd, self.single(op.rm)),
            Kind::Vabs => self.set_single(op.rd, self.single(op.rm) & !(1 << 31)),
            Kind::Vneg => self.set_single(op.rd, self.single(op.rm) ^ 1 << 31),
            Kind::Vsel => {
                let chosen = if self.holds(op.shift) { op.rn } else { op.rm };
                self.set_single(op.rd, self.single(chosen));
            }
            _ => self.arithmetic(op)?,
        }
        Ok(next)
    }

    fn arithmetic(&mut self, op: Op) -> Result<(), Trap> {
        let (d, n, m) = (self.single(op.rd), self.single(op.rn), self.single(op.rm));
        let negated = |value: u32| value ^ 1 << 31;
        let mut context = Context::new(self.fpscr);
        let fp = &mut context;
        let result = match op.kind {
            Kind::Vadd => softfloat::add(n, m, fp),
            Kind::Vsub => softfloat::sub(n, m, fp),
            Kind::Vmul => softfloat::mul(n, m, fp),
            Kind::Vnmul => negated(softfloat::mul(n, m, fp)),
            Kind::Vdiv => softfloat::div(n, m, fp),
            Kind::Vsqrt => softfloat::sqrt(m, fp),
            // Chained: the product is rounded (A7.7.248).
            Kind::Vmla => {
                let product = softfloat::mul(n, m, fp);
                softfloat::add(d, product, fp)
            }
            Kind::Vmls => {
                let product = softfloat::mul(n, m, fp);
                softfloat::add(d, negated(product), fp)
            }
            Kind::Vnmla => {
                let product = softfloat::mul(n, m, fp);
                softfloat::add(negated(d), negated(product), fp)
            }
            Kind::Vnmls => {
                let product = softfloat::mul(n, m, fp);
                softfloat::add(negated(d), product, fp)
            }
            Kind::Vfma => softfloat::fused(d, n, m, fp),
            Kind::Vfms => softfloat::fused(d, negated(n), m, fp),
            Kind::Vfnma => softfloat::fused(negated(d), negated(n), m, fp),
            Kind::Vfnms => softfloat::fused(negated(d), n, m, fp),
            Kind::Vcmp => {
                let other = if op.imm & 2 != 0 { 0 } else { m };
                let flags = softfloat::compare(d, other, op.imm & 1 != 0, fp);
                self.fpscr = context.fpscr() & !FLAGS | flags;
                return Ok(());
            }
            Kind::VcvtInt if op.imm & 1 != 0 => softfloat::to_int(m, op.imm & 2 != 0, op.imm & 4 == 0, fp),
            Kind::VcvtInt => softfloat::from_int(m, op.imm & 2 != 0, fp),
            Kind::VcvtFixed => {
                let (signed, wide, fraction) = (op.imm & 2 != 0, op.imm & 4 != 0, op.imm >> 8 & 0x3f);
                if op.imm & 1 != 0 {
                    softfloat::to_fixed(d, signed, wide, fraction, fp)
                } else {
                    softfloat::from_fixed(d, signed, wide, fraction, fp)
                }
            }
            Kind::VcvtHalf => {
                let shift = if op.imm & 2 != 0 { 16 } else { 0 };
                if op.imm & 1 != 0 {
                    d & !(0xffff << shift) | softfloat::to_half(m, fp) << shift
                } else {
                    softfloat::from_half(m >> shift & 0xffff, fp)
                }
            }
            Kind::Vmaxnm => softfloat::max_number(n, m, fp),
            Kind::Vminnm => softfloat::min_number(n, m, fp),
            Kind::Vrint => softfloat::round_to_integral(m, op.imm, fp),
            Kind::VcvtDirected => softfloat::to_int_directed(m, op.imm & 3, op.imm & 4 != 0, fp),
            _ => return Err(Trap::Fault(Fault::Undefined)),
        };
        self.fpscr = context.fpscr();
        self.set_single(op.rd, result);
        Ok(())
    }

    /// VLDR, VSTR.
    fn move_memory(&mut self, op: Op) -> Result<(), Trap> {
        let base = if op.rn as usize == PC { 0 } else { self.reg(op.rn) };
        let address = base.wrapping_add(op.imm);
        let count = if op.has(flag::PRE) { 2 } else { 1 };
        for index in 0..count {
            let place = address.wrapping_add(4 * u32::from(index));
            if op.kind == Kind::Vldr {
                let value = self.aligned_word(place)?;
                self.set_single(op.rd + index, value);
            } else {
                self.aligned_store(place, self.single(op.rd + index))?;
            }
        }
        Ok(())
    }

    /// VLDM, VSTM, VPUSH, VPOP.
    fn move_many(&mut self, op: Op) -> Result<(), Trap> {
        let bytes = 4 * u32::from(op.ra);
        let base = self.reg(op.rn);
        let start = if op.imm & 1 != 0 { base.wrapping_sub(bytes) } else { base };
        if op.kind == Kind::Vstm && op.imm & 1 != 0 {
            self.check_new_stack(op, start)?;
        }
        for index in 0..op.ra {
            let place = start.wrapping_add(4 * u32::from(index));
            if op.kind == Kind::Vldm {
                let value = self.aligned_word(place)?;
                self.set_single(op.rd + index, value);
            } else {
                self.aligned_store(place, self.single(op.rd + index))?;
            }
        }
        if op.has(flag::WRITEBACK) {
            self.set(op.rn, if op.imm & 1 != 0 { start } else { base.wrapping_add(bytes) });
        }
        Ok(())
    }

    fn aligned_store(&mut self, address: u32, value: u32) -> Result<(), Trap> {
        if address & 3 != 0 {
            return Err(Trap::Fault(Fault::Unaligned));
        }
        self.store_word(address, value)
    }
}
