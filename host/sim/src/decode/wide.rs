//! Four-byte data processing with immediates and shifted registers, branches and control (DDI 0403 A5.3).

use super::narrow::hint;
use super::{UNDEFINED, bit, field, literal_base, reg, sign_extend};
use crate::core::Core;
use crate::op::{Kind, Op, Reg, flag};

/// The four-byte instructions of ARMv6-M: BL, MSR, MRS, DSB, DMB, ISB (DDI 0419 A5.3).
pub(super) fn armv6m(address: u32, first: u16, second: u16) -> Op {
    if first >> 11 != 0b11110 || !bit(second, 15) {
        return UNDEFINED;
    }
    let op = branch_or_control(address, first, second);
    match op.kind {
        Kind::Bl | Kind::Msr | Kind::Mrs | Kind::Dsb | Kind::Dmb | Kind::Isb => op,
        _ => UNDEFINED,
    }
}

/// Immediate, register, shifted register form of an operation by its code (A5.3.1, A5.3.11). `test`: the result goes
/// nowhere but to the flags; `lone`: there is no first operand.
fn forms(code: u32, test: bool, lone: bool) -> Option<[Kind; 3]> {
    use Kind::*;
    Some(match (code, test, lone) {
        (0, true, _) => [TstImm, TstReg, TstShifted],
        (0, ..) => [AndImm, AndReg, AndShifted],
        (1, ..) => [BicImm, BicReg, BicShifted],
        (2, _, true) => [MovImm, MovReg, MovShifted],
        (2, ..) => [OrrImm, OrrReg, OrrShifted],
        (3, _, true) => [MvnImm, MvnReg, MvnShifted],
        (3, ..) => [OrnImm, OrnReg, OrnShifted],
        (4, true, _) => [TeqImm, TeqReg, TeqShifted],
        (4, ..) => [EorImm, EorReg, EorShifted],
        (8, true, _) => [CmnImm, CmnReg, CmnShifted],
        (8, ..) => [AddImm, AddReg, AddShifted],
        (10, ..) => [AdcImm, AdcReg, AdcShifted],
        (11, ..) => [SbcImm, SbcReg, SbcShifted],
        (13, true, _) => [CmpImm, CmpReg, CmpShifted],
        (13, ..) => [SubImm, SubReg, SubShifted],
        (14, ..) => [RsbImm, RsbReg, RsbShifted],
        _ => return None,
    })
}

/// The operation, its registers and whether it sets flags. Without a destination or first operand these are 15, as
/// [`Op::new`] has it.
fn operation(first: u16, second: u16) -> Option<(Op, [Kind; 3])> {
    let (rd, rn, sets) = (reg(second, 8), reg(first, 0), bit(first, 4));
    let forms = forms(field(first, 5, 4), sets && rd == 15, rn == 15)?;
    let flags = if sets { flag::SETS } else { 0 };
    Some((Op { rd, rn, flags, ..Op::new(Kind::Undefined) }, forms))
}

/// i:imm3:imm8 of the immediates.
const fn immediate12(first: u16, second: u16) -> u32 {
    field(first, 10, 1) << 11 | field(second, 12, 3) << 8 | field(second, 0, 8)
}

/// ThumbExpandImm (A5.3.2): the value, and whether it was rotated.
fn expand(immediate: u32) -> (u32, bool) {
    let byte = immediate & 0xff;
    match immediate >> 8 {
        0 => (byte, false),
        1 => (byte << 16 | byte, false),
        2 => (byte << 24 | byte << 8, false),
        3 => (byte * 0x0101_0101, false),
        _ => ((0x80 | byte & 0x7f).rotate_right(immediate >> 7), true),
    }
}

pub(super) fn modified_immediate(first: u16, second: u16) -> Op {
    let Some((mut op, [kind, ..])) = operation(first, second) else { return UNDEFINED };
    let (imm, rotated) = expand(immediate12(first, second));
    op.kind = kind;
    op.imm = imm;
    if rotated {
        op.flags |= flag::IMM_CARRY;
    }
    op
}

/// imm3:imm2, the amount of a shift.
const fn amount(second: u16) -> u8 {
    (field(second, 12, 3) << 2 | field(second, 6, 2)) as u8
}

pub(super) fn shifted_register(core: Core, first: u16, second: u16) -> Op {
    let rm = reg(second, 0);
    let shift = field(second, 4, 2) as u8;
    if bit(second, 15) {
        return UNDEFINED;
    }
    if field(first, 5, 4) == 6 {
        // PKHBT, PKHTB: bit 0 of the type is not theirs.
        if bit(first, 4) || shift & 1 != 0 || !core.has_dsp() {
            return UNDEFINED;
        }
        let kind = if shift == 0 { Kind::Pkhbt } else { Kind::Pkhtb };
        return Op { rd: reg(second, 8), rn: reg(first, 0), rm, shift: shift << 5 | amount(second), ..Op::new(kind) };
    }
    let Some((op, [_, plain, shifted])) = operation(first, second) else { return UNDEFINED };
    let shift = shift << 5 | amount(second);
    Op { kind: if shift == 0 { plain } else { shifted }, rm, shift, ..op }
}

/// Immediates of 12 and 16 bits, saturation, bit fields (A5.3.3).
pub(super) fn plain_immediate(core: Core, address: u32, first: u16, second: u16) -> Op {
    let (rd, rn) = (reg(second, 8), reg(first, 0));
    let imm = immediate12(first, second);
    let op = |kind| Op { rd, rn, imm, ..Op::new(kind) };
    let half = imm | u32::from(rn) << 12;
    match field(first, 4, 5) {
        0b00000 if rn == 15 => Op { imm: literal_base(address).wrapping_add(imm), ..op(Kind::MovImm) },
        0b00000 => op(Kind::AddImm),
        0b01010 if rn == 15 => Op { imm: literal_base(address).wrapping_sub(imm), ..op(Kind::MovImm) },
        0b01010 => op(Kind::SubImm),
        0b00100 => Op { rd, imm: half, ..Op::new(Kind::MovImm) },
        0b01100 => Op { rd, imm: half, ..Op::new(Kind::Movt) },
        0b10000 | 0b10010 | 0b11000 | 0b11010 if !bit(first, 10) => saturation(core, first, second),
        0b10100 | 0b10110 | 0b11100 if !bit(first, 10) => bit_field(first, rd, rn, second),
        _ => UNDEFINED,
    }
}

fn saturation(core: Core, first: u16, second: u16) -> Op {
    let unsigned = bit(first, 7);
    let arithmetic = bit(first, 5);
    let position = field(second, 0, 5) + u32::from(!unsigned);
    let op = Op { rd: reg(second, 8), rn: reg(first, 0), imm: position, ..Op::new(Kind::Undefined) };
    // ASR by 0 stands for the two halves.
    if arithmetic && amount(second) == 0 {
        if !core.has_dsp() || field(second, 4, 2) != 0 {
            return UNDEFINED;
        }
        return Op { kind: if unsigned { Kind::Usat16 } else { Kind::Ssat16 }, ..op };
    }
    let kind = if unsigned { Kind::Usat } else { Kind::Ssat };
    Op { kind, shift: u8::from(arithmetic) << 6 | amount(second), ..op }
}

fn bit_field(first: u16, rd: Reg, rn: Reg, second: u16) -> Op {
    let (lowest, last) = (u32::from(amount(second)), field(second, 0, 5));
    let (kind, width) = match field(first, 4, 5) {
        0b10110 if last < lowest => return UNDEFINED,
        0b10110 => (if rn == 15 { Kind::Bfc } else { Kind::Bfi }, last - lowest + 1),
        _ if lowest + last > 31 => return UNDEFINED,
        0b10100 => (Kind::Sbfx, last + 1),
        _ => (Kind::Ubfx, last + 1),
    };
    Op { rd, rn, imm: width << 8 | lowest, ..Op::new(kind) }
}

/// A5.3.4.
pub(super) fn branch_or_control(address: u32, first: u16, second: u16) -> Op {
    let sign = field(first, 10, 1);
    let (j1, j2) = (field(second, 13, 1), field(second, 11, 1));
    let pc = address.wrapping_add(4);
    let low = field(second, 0, 11) << 1;
    match (bit(second, 14), bit(second, 12)) {
        (false, false) if field(first, 7, 3) == 7 => control(first, second),
        (false, false) => {
            let offset = sign << 20 | j2 << 19 | j1 << 18 | field(first, 0, 6) << 12 | low;
            let condition = field(first, 6, 4) as u8;
            Op { shift: condition, imm: pc.wrapping_add(sign_extend(offset, 21)), ..Op::new(Kind::Bcond) }
        }
        (linked, true) => {
            let (i1, i2) = (j1 ^ sign ^ 1, j2 ^ sign ^ 1);
            let offset = sign << 24 | i1 << 23 | i2 << 22 | field(first, 0, 10) << 12 | low;
            let kind = if linked { Kind::Bl } else { Kind::B };
            Op { imm: pc.wrapping_add(sign_extend(offset, 25)), ..Op::new(kind) }
        }
        // BLX to an immediate leaves Thumb state.
        (true, false) => UNDEFINED,
    }
}

/// MSR, MRS, hints, barriers (A5.3.4, A5.3.5).
fn control(first: u16, second: u16) -> Op {
    if bit(second, 13) {
        return UNDEFINED;
    }
    match first & 0xfff0 {
        // SYSm in the low byte; the mask, bits 10 and 11, goes to bits 8 and 9.
        0xf380 if second & 0x0300 == 0 => {
            Op { rn: reg(first, 0), imm: field(second, 0, 8) | field(second, 10, 2) << 8, ..Op::new(Kind::Msr) }
        }
        0xf3a0 if field(second, 8, 3) == 0 => Op::new(hint(field(second, 0, 8))),
        0xf3b0 => Op::new(match field(second, 4, 4) {
            2 => Kind::Clrex,
            4 => Kind::Dsb,
            5 => Kind::Dmb,
            6 => Kind::Isb,
            _ => Kind::Undefined,
        }),
        0xf3e0 => Op { rd: reg(second, 8), imm: field(second, 0, 8), ..Op::new(Kind::Mrs) },
        _ => UNDEFINED,
    }
}
