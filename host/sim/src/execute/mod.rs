//! What each instruction does: one dispatch, with the work in the files beside it.
//!
//! Semantics: ARMv7-M Architecture Reference Manual (DDI 0403), chapter A7; ARMv8-M (DDI 0553) for the rest.

mod alu;
mod branch;
mod dsp;
mod float;
mod multiply;
mod system;
mod transfer;

use crate::{
    cpu::{Cpu, Fault, Trap},
    op::{Kind, Op},
};

/// Address of the next instruction, or what happened instead.
pub(crate) type Flow = Result<u32, Trap>;

impl Cpu {
    /// Executes `op`; `next` is the address behind it.
    #[inline(always)]
    #[expect(clippy::too_many_lines, reason = "one dispatch is what makes it fast; each arm is one call")]
    pub(crate) fn execute(&mut self, op: Op, next: u32) -> Flow {
        match op.kind {
            Kind::Undecoded | Kind::Undefined => return Err(Trap::Fault(Fault::Undefined)),
            Kind::NoCoprocessor => return Err(Trap::Fault(Fault::NoCoprocessor)),

            Kind::AndImm => self.logical(op, |a, b| a & b, self.immediate(op)),
            Kind::AndReg => self.logical(op, |a, b| a & b, self.plain(op)),
            Kind::AndShifted => self.logical(op, |a, b| a & b, self.shifted(op)),
            Kind::BicImm => self.logical(op, |a, b| a & !b, self.immediate(op)),
            Kind::BicReg => self.logical(op, |a, b| a & !b, self.plain(op)),
            Kind::BicShifted => self.logical(op, |a, b| a & !b, self.shifted(op)),
            Kind::OrrImm => self.logical(op, |a, b| a | b, self.immediate(op)),
            Kind::OrrReg => self.logical(op, |a, b| a | b, self.plain(op)),
            Kind::OrrShifted => self.logical(op, |a, b| a | b, self.shifted(op)),
            Kind::OrnImm => self.logical(op, |a, b| a | !b, self.immediate(op)),
            Kind::OrnReg => self.logical(op, |a, b| a | !b, self.plain(op)),
            Kind::OrnShifted => self.logical(op, |a, b| a | !b, self.shifted(op)),
            Kind::EorImm => self.logical(op, |a, b| a ^ b, self.immediate(op)),
            Kind::EorReg => self.logical(op, |a, b| a ^ b, self.plain(op)),
            Kind::EorShifted => self.logical(op, |a, b| a ^ b, self.shifted(op)),
            Kind::MovImm => self.moved(op, self.immediate(op)),
            Kind::MovReg => self.moved(op, self.plain(op)),
            Kind::MovShifted => self.moved(op, self.shifted(op)),
            Kind::MvnImm => self.moved_not(op, self.immediate(op)),
            Kind::MvnReg => self.moved_not(op, self.plain(op)),
            Kind::MvnShifted => self.moved_not(op, self.shifted(op)),
            Kind::TstImm => self.test(self.reg(op.rn) & op.imm, self.immediate(op).1),
            Kind::TstReg => self.test(self.reg(op.rn) & self.reg(op.rm), self.c),
            Kind::TstShifted => {
                let (value, carry) = self.shifted(op);
                self.test(self.reg(op.rn) & value, carry);
            }
            Kind::TeqImm => self.test(self.reg(op.rn) ^ op.imm, self.immediate(op).1),
            Kind::TeqReg => self.test(self.reg(op.rn) ^ self.reg(op.rm), self.c),
            Kind::TeqShifted => {
                let (value, carry) = self.shifted(op);
                self.test(self.reg(op.rn) ^ value, carry);
            }
            Kind::AddImm => self.add(op, self.reg(op.rn), op.imm, false),
            Kind::AddReg => self.add(op, self.reg(op.rn), self.reg(op.rm), false),
            Kind::AddShifted => self.add(op, self.reg(op.rn), self.shifted(op).0, false),
            Kind::AdcImm => self.add(op, self.reg(op.rn), op.imm, self.c),
            Kind::AdcReg => self.add(op, self.reg(op.rn), self.reg(op.rm), self.c),
            Kind::AdcShifted => self.add(op, self.reg(op.rn), self.shifted(op).0, self.c),
            Kind::SubImm => self.add(op, self.reg(op.rn), !op.imm, true),
            Kind::SubReg => self.add(op, self.reg(op.rn), !self.reg(op.rm), true),
            Kind::SubShifted => self.add(op, self.reg(op.rn), !self.shifted(op).0, true),
            Kind::SbcImm => self.add(op, self.reg(op.rn), !op.imm, self.c),
            Kind::SbcReg => self.add(op, self.reg(op.rn), !self.reg(op.rm), self.c),
            Kind::SbcShifted => self.add(op, self.reg(op.rn), !self.shifted(op).0, self.c),
            Kind::RsbImm => self.add(op, !self.reg(op.rn), op.imm, true),
            Kind::RsbReg => self.add(op, !self.reg(op.rn), self.reg(op.rm), true),
            Kind::RsbShifted => self.add(op, !self.reg(op.rn), self.shifted(op).0, true),
            Kind::CmpImm => self.compare(self.reg(op.rn), !op.imm, true),
            Kind::CmpReg => self.compare(self.reg(op.rn), !self.reg(op.rm), true),
            Kind::CmpShifted => self.compare(self.reg(op.rn), !self.shifted(op).0, true),
            Kind::CmnImm => self.compare(self.reg(op.rn), op.imm, false),
            Kind::CmnReg => self.compare(self.reg(op.rn), self.reg(op.rm), false),
            Kind::CmnShifted => self.compare(self.reg(op.rn), self.shifted(op).0, false),
            Kind::LslReg => self.shift_left(op),
            Kind::LsrReg => self.shift_right(op),
            Kind::AsrReg => self.shift_right_signed(op),
            Kind::RorReg => self.rotate(op),
            Kind::Movt => self.set(op.rd, op.imm << 16 | self.reg(op.rd) & 0xffff),
            Kind::AddPc => return Ok(op.imm.wrapping_add(self.reg(op.rm)) & !1),
            Kind::MovPc => return self.move_to_pc(self.reg(op.rm)),

            Kind::Mul => self.mul(op),
            Kind::Mla => self.set(op.rd, self.product(op).wrapping_add(self.reg(op.ra))),
            Kind::Mls => self.set(op.rd, self.reg(op.ra).wrapping_sub(self.product(op))),
            Kind::Umull => self.set_long(op, u64::from(self.reg(op.rn)) * u64::from(self.reg(op.rm))),
            Kind::Smull => self.set_long(op, self.signed_product(op) as u64),
            Kind::Umlal => self.umlal(op),
            Kind::Smlal => self.set_long(op, self.long(op).wrapping_add(self.signed_product(op) as u64)),
            Kind::Umaal => self.umaal(op),
            Kind::Sdiv => return self.sdiv(op, next),
            Kind::Udiv => return self.udiv(op, next),
            Kind::Smulxy => self.set(op.rd, self.half_product(op) as u32),
            Kind::Smlaxy => self.smlaxy(op),
            Kind::Smlalxy => self.set_long(op, self.long(op).wrapping_add(i64::from(self.half_product(op)) as u64)),
            Kind::Smulw => self.set(op.rd, self.wide_product(op) as u32),
            Kind::Smlaw => self.smlaw(op),
            Kind::Smuad => self.smuad(op),
            Kind::Smusd => self.smusd(op),
            Kind::Smlad => self.smlad(op),
            Kind::Smlsd => self.smlsd(op),
            Kind::Smlald => self.smlald(op),
            Kind::Smlsld => self.smlsld(op),
            Kind::Smmul => self.smmul(op),
            Kind::Smmla => self.smmla(op),
            Kind::Smmls => self.smmls(op),
            Kind::Usad8 => self.set(op.rd, self.differences(op)),
            Kind::Usada8 => self.set(op.rd, self.differences(op).wrapping_add(self.reg(op.ra))),

            Kind::Ssat => self.ssat(op),
            Kind::Usat => self.usat(op),
            Kind::Ssat16 => self.ssat16(op),
            Kind::Usat16 => self.usat16(op),
            Kind::Qadd => self.saturating(op, false, i32::saturating_add, i32::overflowing_add),
            Kind::Qsub => self.saturating(op, false, i32::saturating_sub, i32::overflowing_sub),
            Kind::Qdadd => self.saturating(op, true, i32::saturating_add, i32::overflowing_add),
            Kind::Qdsub => self.saturating(op, true, i32::saturating_sub, i32::overflowing_sub),
            Kind::Parallel => self.parallel(op),
            Kind::Sel => self.sel(op),
            Kind::Pkhbt => self.set(op.rd, self.reg(op.rn) & 0xffff | self.shifted(op).0 & 0xffff_0000),
            Kind::Pkhtb => self.set(op.rd, self.reg(op.rn) & 0xffff_0000 | self.shifted(op).0 & 0xffff),
            Kind::Sxtb => self.set(op.rd, self.rotated(op) as i8 as u32),
            Kind::Sxth => self.set(op.rd, self.rotated(op) as i16 as u32),
            Kind::Uxtb => self.set(op.rd, self.rotated(op) & 0xff),
            Kind::Uxth => self.set(op.rd, self.rotated(op) & 0xffff),
            Kind::Sxtb16 => self.set(op.rd, self.sxtb16(op)),
            Kind::Uxtb16 => self.set(op.rd, self.rotated(op) & 0x00ff_00ff),
            Kind::Sxtab => self.set(op.rd, self.reg(op.rn).wrapping_add(self.rotated(op) as i8 as u32)),
            Kind::Sxtah => self.set(op.rd, self.reg(op.rn).wrapping_add(self.rotated(op) as i16 as u32)),
            Kind::Uxtab => self.set(op.rd, self.reg(op.rn).wrapping_add(self.rotated(op) & 0xff)),
            Kind::Uxtah => self.set(op.rd, self.reg(op.rn).wrapping_add(self.rotated(op) & 0xffff)),
            Kind::Sxtab16 => self.add_halves(op, self.sxtb16(op)),
            Kind::Uxtab16 => self.add_halves(op, self.rotated(op) & 0x00ff_00ff),
            Kind::Bfi => self.insert(op, self.reg(op.rn)),
            Kind::Bfc => self.insert(op, 0),
            Kind::Sbfx => self.sbfx(op),
            Kind::Ubfx => self.ubfx(op),
            Kind::Clz => self.set(op.rd, self.reg(op.rm).leading_zeros()),
            Kind::Rbit => self.set(op.rd, self.reg(op.rm).reverse_bits()),
            Kind::Rev => self.set(op.rd, self.reg(op.rm).swap_bytes()),
            Kind::Rev16 => self.set(op.rd, self.reg(op.rm).swap_bytes().rotate_left(16)),
            Kind::Revsh => self.set(op.rd, (self.reg(op.rm) as u16).swap_bytes() as i16 as u32),

            Kind::LdrImm => self.load(op, self.offset(op), Self::word)?,
            Kind::LdrReg => self.load(op, self.indexed(op), Self::word)?,
            Kind::LdrPre => self.load_pre(op, Self::word)?,
            Kind::LdrPost => self.load_post(op, Self::word)?,
            Kind::LdrLiteral => self.load(op, op.imm, Self::word)?,
            Kind::LdrbImm => self.load(op, self.offset(op), Self::byte)?,
            Kind::LdrbReg => self.load(op, self.indexed(op), Self::byte)?,
            Kind::LdrbPre => self.load_pre(op, Self::byte)?,
            Kind::LdrbPost => self.load_post(op, Self::byte)?,
            Kind::LdrbLiteral => self.load(op, op.imm, Self::byte)?,
            Kind::LdrhImm => self.load(op, self.offset(op), Self::half)?,
            Kind::LdrhReg => self.load(op, self.indexed(op), Self::half)?,
            Kind::LdrhPre => self.load_pre(op, Self::half)?,
            Kind::LdrhPost => self.load_post(op, Self::half)?,
            Kind::LdrhLiteral => self.load(op, op.imm, Self::half)?,
            Kind::LdrsbImm => self.load(op, self.offset(op), Self::signed_byte)?,
            Kind::LdrsbReg => self.load(op, self.indexed(op), Self::signed_byte)?,
            Kind::LdrsbPre => self.load_pre(op, Self::signed_byte)?,
            Kind::LdrsbPost => self.load_post(op, Self::signed_byte)?,
            Kind::LdrsbLiteral => self.load(op, op.imm, Self::signed_byte)?,
            Kind::LdrshImm => self.load(op, self.offset(op), Self::signed_half)?,
            Kind::LdrshReg => self.load(op, self.indexed(op), Self::signed_half)?,
            Kind::LdrshPre => self.load_pre(op, Self::signed_half)?,
            Kind::LdrshPost => self.load_post(op, Self::signed_half)?,
            Kind::LdrshLiteral => self.load(op, op.imm, Self::signed_half)?,
            Kind::StrImm => self.store_word(self.offset(op), self.reg(op.rd))?,
            Kind::StrReg => self.store_word(self.indexed(op), self.reg(op.rd))?,
            Kind::StrPre => self.store_pre(op, Self::store_word)?,
            Kind::StrPost => self.store_post(op, Self::store_word)?,
            Kind::StrbImm => self.store_byte(self.offset(op), self.reg(op.rd))?,
            Kind::StrbReg => self.store_byte(self.indexed(op), self.reg(op.rd))?,
            Kind::StrbPre => self.store_pre(op, Self::store_byte)?,
            Kind::StrbPost => self.store_post(op, Self::store_byte)?,
            Kind::StrhImm => self.store_half(self.offset(op), self.reg(op.rd))?,
            Kind::StrhReg => self.store_half(self.indexed(op), self.reg(op.rd))?,
            Kind::StrhPre => self.store_pre(op, Self::store_half)?,
            Kind::StrhPost => self.store_post(op, Self::store_half)?,
            Kind::LdrPc => return self.load_pc(op),
            Kind::Ldrd => self.load_pair(op)?,
            Kind::Strd => self.store_pair(op)?,
            Kind::LdmIa => return self.load_many(op, self.reg(op.rn), next),
            Kind::LdmDb => {
                let start = self.reg(op.rn).wrapping_sub(4 * op.imm.count_ones());
                return self.load_many(op, start, next);
            }
            Kind::StmIa => self.store_many(op, self.reg(op.rn))?,
            Kind::StmDb => self.store_many(op, self.reg(op.rn).wrapping_sub(4 * op.imm.count_ones()))?,
            Kind::Ldrex => self.load_exclusive(op, Self::aligned_word)?,
            Kind::Ldrexb => self.load_exclusive(op, Self::byte)?,
            Kind::Ldrexh => self.load_exclusive(op, Self::half)?,
            Kind::Strex => self.store_exclusive(op, Self::store_word)?,
            Kind::Strexb => self.store_exclusive(op, Self::store_byte)?,
            Kind::Strexh => self.store_exclusive(op, Self::store_half)?,
            Kind::Clrex => self.exclusive = None,

            Kind::B => return Ok(op.imm),
            Kind::Bcond => return Ok(if self.holds(op.shift) { op.imm } else { next }),
            Kind::Bl => {
                self.r[crate::cpu::LR] = next | 1;
                return Ok(op.imm);
            }
            Kind::Bx => return self.branch_exchange(self.reg(op.rm)),
            Kind::Blx => {
                let target = self.reg(op.rm);
                self.r[crate::cpu::LR] = next | 1;
                return self.interworking(target);
            }
            Kind::Cbz => return Ok(if self.reg(op.rn) == 0 { op.imm } else { next }),
            Kind::Cbnz => return Ok(if self.reg(op.rn) == 0 { next } else { op.imm }),
            Kind::Tbb => return self.table_branch(op, Self::byte, 0),
            Kind::Tbh => return self.table_branch(op, Self::half, 1),
            Kind::It => self.it = op.shift,

            Kind::Nop | Kind::Sev | Kind::Dmb | Kind::Dsb | Kind::Isb | Kind::Tt => self.hint(op),
            Kind::Wfi => self.wait_for_interrupt(),
            Kind::Wfe => self.wait_for_event(),
            Kind::Svc => return Err(Trap::Supervisor),
            Kind::Bkpt => return Err(Trap::Breakpoint(op.imm)),
            Kind::Cps => self.change_masks(op),
            Kind::Mrs => self.move_from_special(op),
            Kind::Msr => self.move_to_special(op),

            _ => return self.float(op, next),
        }
        Ok(next)
    }
}
