//! Two-byte instructions (DDI 0403 A5.2).

use super::{UNDEFINED, bit, field, literal_base, low_reg, reg, sign_extend};
use crate::core::Core;
use crate::op::{Kind, Op, flag};

/// Flags of the operations whose two-byte form sets flags only outside an IT block.
const OUTSIDE: u8 = flag::SETS | flag::SETS_OUTSIDE_IT;

pub(super) fn decode(core: Core, address: u32, half: u16) -> Op {
    match half >> 12 {
        0 | 1 => shift_add_subtract(half),
        2 | 3 => immediate(half),
        4 if half < 0x4400 => low_registers(half),
        4 if half < 0x4800 => high_registers(core, address, half),
        4 => {
            let imm = literal_base(address).wrapping_add(field(half, 0, 8) << 2);
            Op { rd: low_reg(half, 8), imm, ..Op::new(Kind::LdrLiteral) }
        }
        5 => load_store_register(half),
        6..=9 => load_store_immediate(half),
        10 => {
            let (rd, imm) = (low_reg(half, 8), field(half, 0, 8) << 2);
            if bit(half, 11) {
                Op { rd, rn: 13, imm, ..Op::new(Kind::AddImm) }
            } else {
                Op { rd, imm: literal_base(address).wrapping_add(imm), ..Op::new(Kind::MovImm) }
            }
        }
        11 => miscellaneous(core, address, half),
        12 => multiple(half),
        13 => conditional(address, half),
        _ => {
            let offset = sign_extend(field(half, 0, 11) << 1, 12);
            Op { imm: address.wrapping_add(4).wrapping_add(offset), ..Op::new(Kind::B) }
        }
    }
}

/// LSL, LSR, ASR by an immediate; ADD, SUB of three registers or with three bits.
fn shift_add_subtract(half: u16) -> Op {
    let (rd, rn) = (low_reg(half, 0), low_reg(half, 3));
    let kind = match field(half, 9, 5) {
        0b01100 => Kind::AddReg,
        0b01101 => Kind::SubReg,
        0b01110 => Kind::AddImm,
        0b01111 => Kind::SubImm,
        _ => {
            let shift = field(half, 6, 7) as u8;
            let kind = if shift == 0 { Kind::MovReg } else { Kind::MovShifted };
            return Op { rd, rm: rn, shift, flags: OUTSIDE, ..Op::new(kind) };
        }
    };
    let op = Op { rd, rn, flags: OUTSIDE, ..Op::new(kind) };
    if bit(half, 10) { Op { imm: field(half, 6, 3), ..op } } else { Op { rm: low_reg(half, 6), ..op } }
}

/// MOV, CMP, ADD, SUB with eight bits.
fn immediate(half: u16) -> Op {
    let (r, imm) = (low_reg(half, 8), field(half, 0, 8));
    match field(half, 11, 2) {
        0 => Op { rd: r, imm, flags: OUTSIDE, ..Op::new(Kind::MovImm) },
        1 => Op { rn: r, imm, flags: flag::SETS, ..Op::new(Kind::CmpImm) },
        2 => Op { rd: r, rn: r, imm, flags: OUTSIDE, ..Op::new(Kind::AddImm) },
        _ => Op { rd: r, rn: r, imm, flags: OUTSIDE, ..Op::new(Kind::SubImm) },
    }
}

/// Data processing of two low registers (A5.2.2).
fn low_registers(half: u16) -> Op {
    let (d, m) = (low_reg(half, 0), low_reg(half, 3));
    let kind = match field(half, 6, 4) {
        0 => Kind::AndReg,
        1 => Kind::EorReg,
        2 => Kind::LslReg,
        3 => Kind::LsrReg,
        4 => Kind::AsrReg,
        5 => Kind::AdcReg,
        6 => Kind::SbcReg,
        7 => Kind::RorReg,
        8 => return Op { rn: d, rm: m, flags: flag::SETS, ..Op::new(Kind::TstReg) },
        9 => return Op { rd: d, rn: m, flags: OUTSIDE, ..Op::new(Kind::RsbImm) },
        10 => return Op { rn: d, rm: m, flags: flag::SETS, ..Op::new(Kind::CmpReg) },
        11 => return Op { rn: d, rm: m, flags: flag::SETS, ..Op::new(Kind::CmnReg) },
        12 => Kind::OrrReg,
        13 => Kind::Mul,
        14 => Kind::BicReg,
        _ => return Op { rd: d, rm: m, flags: OUTSIDE, ..Op::new(Kind::MvnReg) },
    };
    Op { rd: d, rn: d, rm: m, flags: OUTSIDE, ..Op::new(kind) }
}

/// ADD, CMP, MOV of any registers, BX, BLX (A5.2.3).
fn high_registers(core: Core, address: u32, half: u16) -> Op {
    let d = low_reg(half, 0) | (half >> 4 & 8) as u8;
    let m = reg(half, 3);
    let pc = address.wrapping_add(4);
    match (field(half, 8, 2), d, m) {
        (0, 15, _) => Op { rm: m, imm: pc, ..Op::new(Kind::AddPc) },
        (0, _, 15) => Op { rd: d, rn: d, imm: pc, ..Op::new(Kind::AddImm) },
        (0, ..) => Op { rd: d, rn: d, rm: m, ..Op::new(Kind::AddReg) },
        (1, ..) => Op { rn: d, rm: m, flags: flag::SETS, ..Op::new(Kind::CmpReg) },
        (2, 15, _) => Op { rm: m, ..Op::new(Kind::MovPc) },
        (2, _, 15) => Op { rd: d, imm: pc, ..Op::new(Kind::MovImm) },
        (2, ..) => Op { rd: d, rm: m, ..Op::new(Kind::MovReg) },
        // Bit 2 makes BXNS and BLXNS of them: with one security state the same.
        _ if field(half, 0, 2) != 0 || (bit(half, 2) && !core.is_v8()) => UNDEFINED,
        _ => Op { rm: m, ..Op::new(if bit(half, 7) { Kind::Blx } else { Kind::Bx }) },
    }
}

fn load_store_register(half: u16) -> Op {
    let kind = match field(half, 9, 3) {
        0 => Kind::StrReg,
        1 => Kind::StrhReg,
        2 => Kind::StrbReg,
        3 => Kind::LdrsbReg,
        4 => Kind::LdrReg,
        5 => Kind::LdrhReg,
        6 => Kind::LdrbReg,
        _ => Kind::LdrshReg,
    };
    Op { rd: low_reg(half, 0), rn: low_reg(half, 3), rm: low_reg(half, 6), ..Op::new(kind) }
}

fn load_store_immediate(half: u16) -> Op {
    let (kind, scale) = match field(half, 11, 5) {
        0b01100 => (Kind::StrImm, 2),
        0b01101 => (Kind::LdrImm, 2),
        0b01110 => (Kind::StrbImm, 0),
        0b01111 => (Kind::LdrbImm, 0),
        0b10000 => (Kind::StrhImm, 1),
        0b10001 => (Kind::LdrhImm, 1),
        from_stack => {
            let kind = if from_stack & 1 == 0 { Kind::StrImm } else { Kind::LdrImm };
            return Op { rd: low_reg(half, 8), rn: 13, imm: field(half, 0, 8) << 2, ..Op::new(kind) };
        }
    };
    Op { rd: low_reg(half, 0), rn: low_reg(half, 3), imm: field(half, 6, 5) << scale, ..Op::new(kind) }
}

/// A5.2.5.
fn miscellaneous(core: Core, address: u32, half: u16) -> Op {
    let thumb2 = core.has_thumb2();
    let (rd, rm) = (low_reg(half, 0), low_reg(half, 3));
    let unary = |kind| Op { rd, rm, ..Op::new(kind) };
    match half >> 6 & 0x3f {
        0b00_0000 | 0b00_0001 => Op { rd: 13, rn: 13, imm: field(half, 0, 7) << 2, ..Op::new(Kind::AddImm) },
        0b00_0010 | 0b00_0011 => Op { rd: 13, rn: 13, imm: field(half, 0, 7) << 2, ..Op::new(Kind::SubImm) },
        _ if thumb2 && half & 0x0500 == 0x0100 => {
            let offset = field(half, 3, 5) << 1 | field(half, 9, 1) << 6;
            let kind = if bit(half, 11) { Kind::Cbnz } else { Kind::Cbz };
            Op { rn: low_reg(half, 0), imm: address.wrapping_add(4).wrapping_add(offset), ..Op::new(kind) }
        }
        0b00_1000 => unary(Kind::Sxth),
        0b00_1001 => unary(Kind::Sxtb),
        0b00_1010 => unary(Kind::Uxth),
        0b00_1011 => unary(Kind::Uxtb),
        0b01_0000..=0b01_0111 => stack(Kind::StmDb, field(half, 0, 8) | field(half, 8, 1) << 14),
        0b01_1001 if half & 0x28 == 0x20 => change_state(core, half),
        0b10_1000 => unary(Kind::Rev),
        0b10_1001 => unary(Kind::Rev16),
        0b10_1011 => unary(Kind::Revsh),
        0b11_0000..=0b11_0111 => stack(Kind::LdmIa, field(half, 0, 8) | field(half, 8, 1) << 15),
        0b11_1000..=0b11_1011 => Op { imm: field(half, 0, 8), ..Op::new(Kind::Bkpt) },
        0b11_1100..=0b11_1111 if half & 15 == 0 => Op::new(hint(field(half, 4, 4))),
        0b11_1100..=0b11_1111 if thumb2 && field(half, 4, 4) != 15 => {
            Op { shift: field(half, 0, 8) as u8, ..Op::new(Kind::It) }
        }
        _ => UNDEFINED,
    }
}

/// PUSH and POP. An empty list is unpredictable.
fn stack(kind: Kind, list: u32) -> Op {
    if list == 0 { UNDEFINED } else { Op { rn: 13, imm: list, flags: flag::WRITEBACK, ..Op::new(kind) } }
}

/// CPS; ARMv6-M has no FAULTMASK.
fn change_state(core: Core, half: u16) -> Op {
    let (primask, faultmask) = (field(half, 1, 1), field(half, 0, 1));
    if bit(half, 2) || (faultmask != 0 && !core.has_thumb2()) {
        return UNDEFINED;
    }
    Op { imm: primask | faultmask << 1 | field(half, 4, 1) << 4, ..Op::new(Kind::Cps) }
}

/// Hints by number; what has no meaning here is a NOP.
pub(super) const fn hint(number: u32) -> Kind {
    match number {
        2 => Kind::Wfe,
        3 => Kind::Wfi,
        4 => Kind::Sev,
        _ => Kind::Nop,
    }
}

/// STM, LDM; a load writes the base back unless it is loaded.
fn multiple(half: u16) -> Op {
    let (rn, imm) = (low_reg(half, 8), field(half, 0, 8));
    if imm == 0 {
        return UNDEFINED;
    }
    if !bit(half, 11) {
        return Op { rn, imm, flags: flag::WRITEBACK, ..Op::new(Kind::StmIa) };
    }
    let flags = if imm >> rn & 1 == 0 { flag::WRITEBACK } else { 0 };
    Op { rn, imm, flags, ..Op::new(Kind::LdmIa) }
}

/// B with a condition, SVC, UDF.
fn conditional(address: u32, half: u16) -> Op {
    let imm = field(half, 0, 8);
    match field(half, 8, 4) {
        14 => UNDEFINED,
        15 => Op { imm, ..Op::new(Kind::Svc) },
        condition => {
            let target = address.wrapping_add(4).wrapping_add(sign_extend(imm << 1, 9));
            Op { shift: condition as u8, imm: target, ..Op::new(Kind::Bcond) }
        }
    }
}
