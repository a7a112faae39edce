//! Coprocessor encodings: the single-precision floating point unit (DDI 0403 A6; DDI 0553 for FPv5).
//!
//! Doubles are moved, loaded and stored, as pairs of singles; arithmetic on them is undefined.

use super::{UNDEFINED, bit, field, literal_base, reg};
use crate::core::Core;
use crate::op::{Kind, Op, Reg, flag};

pub(super) fn decode(core: Core, address: u32, first: u16, second: u16) -> Op {
    // Coprocessors 10 and 11 are the unit.
    if !core.has_float() || field(second, 9, 3) != 0b101 {
        return Op::new(Kind::NoCoprocessor);
    }
    let double = bit(second, 8);
    match (first >> 8, bit(second, 4)) {
        (0xee, false) if !double => arithmetic(core, first, second),
        (0xee, true) => transfer(first, second),
        (0xfe, false) if !double && core.has_fpv5() => fpv5(first, second),
        (0xec, _) if first & 0x01e0 == 0x0040 => transfer_two(first, second),
        (0xec | 0xed, _) => load_store(address, first, second),
        _ => UNDEFINED,
    }
}

/// Single registers: four bits and a lowest bit elsewhere.
const fn single_d(first: u16, second: u16) -> Reg {
    reg(second, 12) << 1 | (first >> 6 & 1) as u8
}

const fn single_n(first: u16, second: u16) -> Reg {
    reg(first, 0) << 1 | (second >> 7 & 1) as u8
}

const fn single_m(second: u16) -> Reg {
    reg(second, 0) << 1 | (second >> 5 & 1) as u8
}

fn three(kind: Kind, first: u16, second: u16) -> Op {
    Op { rd: single_d(first, second), rn: single_n(first, second), rm: single_m(second), ..Op::new(kind) }
}

fn two(kind: Kind, first: u16, second: u16, imm: u32) -> Op {
    Op { rd: single_d(first, second), rm: single_m(second), imm, ..Op::new(kind) }
}

/// A6.4.
fn arithmetic(core: Core, first: u16, second: u16) -> Op {
    use Kind::*;
    let kind = match (field(first, 4, 4) & 0b1011, bit(second, 6)) {
        (0, false) => Vmla,
        (0, true) => Vmls,
        (1, false) => Vnmls,
        (1, true) => Vnmla,
        (2, false) => Vmul,
        (2, true) => Vnmul,
        (3, false) => Vadd,
        (3, true) => Vsub,
        (8, false) => Vdiv,
        (9, false) => Vfnms,
        (9, true) => Vfnma,
        (10, false) => Vfma,
        (10, true) => Vfms,
        (11, false) => {
            let imm = expand(field(first, 0, 4) << 4 | field(second, 0, 4));
            return Op { rd: single_d(first, second), imm, ..Op::new(VmovImm) };
        }
        (11, true) => return unary(core, first, second),
        _ => return UNDEFINED,
    };
    three(kind, first, second)
}

/// VFPExpandImm (A6.4.1): sign, three bits of exponent, four of fraction.
const fn expand(imm: u32) -> u32 {
    let exponent = if imm & 0x40 == 0 { 0x4000_0000 } else { 0x3e00_0000 };
    (imm & 0x80) << 24 | exponent | (imm & 0x3f) << 19
}

/// Operations of one operand, comparisons and conversions: by the first half's low bits, and bit 7 of the second.
fn unary(core: Core, first: u16, second: u16) -> Op {
    use Kind::*;
    let upper = bit(second, 7);
    let (code, choice) = (field(first, 0, 4), u32::from(upper));
    match code {
        0 => two(if upper { Vabs } else { Vmov }, first, second, 0),
        1 => two(if upper { Vsqrt } else { Vneg }, first, second, 0),
        2 | 3 => two(VcvtHalf, first, second, (code & 1) | choice << 1),
        4 => two(Vcmp, first, second, choice),
        // Against zero there is no `rm`.
        5 => Op { rm: 0, ..two(Vcmp, first, second, choice | 2) },
        6 if core.has_fpv5() => two(Vrint, first, second, if upper { 4 } else { 5 }),
        7 if core.has_fpv5() && !upper => two(Vrint, first, second, 6),
        8 => two(VcvtInt, first, second, choice << 1),
        12 | 13 => two(VcvtInt, first, second, 1 | (code & 1) << 1 | (choice ^ 1) << 2),
        10 | 11 | 14 | 15 => fixed(first, second),
        _ => UNDEFINED,
    }
}

/// VCVT between float and fixed point.
fn fixed(first: u16, second: u16) -> Op {
    let word = field(second, 7, 1);
    let size = 16 << word;
    let complement = field(second, 0, 4) << 1 | field(second, 5, 1);
    if complement > size {
        return UNDEFINED;
    }
    let (to_fixed, signed) = (field(first, 2, 1), field(first, 0, 1) ^ 1);
    let imm = to_fixed | signed << 1 | word << 2 | (size - complement) << 8;
    Op { rd: single_d(first, second), imm, ..Op::new(Kind::VcvtFixed) }
}

/// VSEL, VMAXNM, VMINNM, VRINT and VCVT with a direction.
fn fpv5(first: u16, second: u16) -> Op {
    let upper = bit(second, 6);
    match field(first, 4, 4) & 0b1011 {
        condition @ 0..=3 if !upper => {
            let shift = [0, 6, 10, 12][condition as usize];
            Op { shift, ..three(Kind::Vsel, first, second) }
        }
        8 => three(if upper { Kind::Vminnm } else { Kind::Vmaxnm }, first, second),
        11 if upper => {
            let (direction, signed) = (field(first, 0, 2), field(second, 7, 1));
            match field(first, 2, 2) {
                2 if signed == 0 => two(Kind::Vrint, first, second, direction),
                3 => two(Kind::VcvtDirected, first, second, direction | signed << 2),
                _ => UNDEFINED,
            }
        }
        _ => UNDEFINED,
    }
}

/// Between one core register and one single, half of a double, or FPSCR (A6.6).
fn transfer(first: u16, second: u16) -> Op {
    let (to_core, core_register) = (bit(first, 4), reg(second, 12));
    let single = if bit(second, 8) {
        // VMOV.32 of a scalar; a double has two.
        if first & 0x00c0 != 0 || second & 0x00e0 != 0 {
            return UNDEFINED;
        }
        reg(first, 0) << 1 | (first >> 5 & 1) as u8
    } else if field(first, 5, 3) == 7 {
        let kind = if to_core { Kind::Vmrs } else { Kind::Vmsr };
        return if reg(first, 0) == 1 { Op { rd: core_register, ..Op::new(kind) } } else { UNDEFINED };
    } else if field(first, 5, 3) == 0 && second & 0x0060 == 0 {
        single_n(first, second)
    } else {
        return UNDEFINED;
    };
    if to_core {
        Op { rn: single, ra: core_register, ..Op::new(Kind::VmovToCore) }
    } else {
        Op { rd: single, ra: core_register, ..Op::new(Kind::VmovFromCore) }
    }
}

/// Between two core registers and a double or two singles (A6.7).
fn transfer_two(first: u16, second: u16) -> Op {
    let double = bit(second, 8);
    let single = if double { reg(second, 0) << 1 } else { single_m(second) };
    if second & 0x00d0 != 0x0010 || (double && bit(second, 5)) || single > 30 {
        return UNDEFINED;
    }
    let op = Op { rn: reg(second, 12), ra: reg(first, 0), ..Op::new(Kind::VmovFromCore2) };
    if bit(first, 4) { Op { kind: Kind::VmovToCore2, rm: single, ..op } } else { Op { rd: single, ..op } }
}

/// A6.5.
fn load_store(address: u32, first: u16, second: u16) -> Op {
    let double = bit(second, 8);
    let (before, up, write_back, load) = (bit(first, 8), bit(first, 7), bit(first, 5), bit(first, 4));
    let (rn, count) = (reg(first, 0), field(second, 0, 8));
    // There are 16 doubles.
    if double && bit(first, 6) {
        return UNDEFINED;
    }
    let rd = if double { reg(second, 12) << 1 } else { single_d(first, second) };
    let flags = if double { flag::PRE } else { 0 };
    if before && !write_back {
        let imm = if up { count << 2 } else { (count << 2).wrapping_neg() };
        let op = Op { rd, rn, imm, flags, ..Op::new(if load { Kind::Vldr } else { Kind::Vstr }) };
        let literal = load && rn == 15;
        return if literal { Op { imm: literal_base(address).wrapping_add(imm), ..op } } else { op };
    }
    // An odd count of a list of doubles is FLDMX's and FSTMX's: deprecated, not here.
    let unpredictable = count == 0 || u32::from(rd) + count > 32 || (double && count & 1 != 0);
    if before == up || unpredictable {
        return UNDEFINED;
    }
    let flags = flags | if write_back { flag::WRITEBACK } else { 0 };
    let kind = if load { Kind::Vldm } else { Kind::Vstm };
    Op { rd, rn, ra: count as u8, imm: u32::from(before), flags, ..Op::new(kind) }
}
