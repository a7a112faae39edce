//! Four-byte loads and stores (DDI 0403 A5.3.5 to A5.3.10), with the acquiring and releasing ones of ARMv8-M.

use super::{UNDEFINED, bit, field, literal_base, reg};
use crate::core::Core;
use crate::op::{Kind, Op, flag};

/// The kinds of one access by form of address.
struct Forms {
    offset: Kind,
    register: Kind,
    pre: Kind,
    post: Kind,
    literal: Kind,
}

/// By size (0 to 2: log2 of bytes), sign extension and direction.
fn forms(size: u32, signed: bool, load: bool) -> Option<Forms> {
    use Kind::*;
    let [offset, register, pre, post, literal] = match (size, signed, load) {
        (0, false, false) => [StrbImm, StrbReg, StrbPre, StrbPost, Undefined],
        (1, false, false) => [StrhImm, StrhReg, StrhPre, StrhPost, Undefined],
        (2, false, false) => [StrImm, StrReg, StrPre, StrPost, Undefined],
        (0, false, true) => [LdrbImm, LdrbReg, LdrbPre, LdrbPost, LdrbLiteral],
        (1, false, true) => [LdrhImm, LdrhReg, LdrhPre, LdrhPost, LdrhLiteral],
        (2, false, true) => [LdrImm, LdrReg, LdrPre, LdrPost, LdrLiteral],
        (0, true, true) => [LdrsbImm, LdrsbReg, LdrsbPre, LdrsbPost, LdrsbLiteral],
        (1, true, true) => [LdrshImm, LdrshReg, LdrshPre, LdrshPost, LdrshLiteral],
        _ => return None,
    };
    Some(Forms { offset, register, pre, post, literal })
}

/// One register.
pub(super) fn single(address: u32, first: u16, second: u16) -> Op {
    let (size, load) = (field(first, 5, 2), bit(first, 4));
    let Some(forms) = forms(size, bit(first, 8), load) else { return UNDEFINED };
    let op = single_form(address, first, second, &forms);
    if !load || op.rd != 15 || op.kind == Kind::Undefined {
        return op;
    }
    if size == 2 { to_pc(op) } else { preload(op) }
}

fn single_form(address: u32, first: u16, second: u16, forms: &Forms) -> Op {
    let (rd, rn) = (reg(second, 12), reg(first, 0));
    let imm12 = field(second, 0, 12);
    if rn == 15 {
        let base = literal_base(address);
        let imm = if bit(first, 7) { base.wrapping_add(imm12) } else { base.wrapping_sub(imm12) };
        return Op { rd, imm, ..Op::new(forms.literal) };
    }
    if bit(first, 7) {
        return Op { rd, rn, imm: imm12, ..Op::new(forms.offset) };
    }
    if !bit(second, 11) {
        if field(second, 6, 5) != 0 {
            return UNDEFINED;
        }
        let rm = reg(second, 0);
        // 15 in the place of `rm` means that there is none.
        let kind = if rm == 15 { Kind::Undefined } else { forms.register };
        return Op { rd, rn, rm, shift: field(second, 4, 2) as u8, ..Op::new(kind) };
    }
    let offset = field(second, 0, 8);
    let (before, up, write_back) = (bit(second, 10), bit(second, 9), bit(second, 8));
    let imm = if up { offset } else { offset.wrapping_neg() };
    let kind = match (before, write_back) {
        // With `up` the unprivileged form: all code is privileged here.
        (true, false) => forms.offset,
        (true, true) => forms.pre,
        (false, true) => forms.post,
        (false, false) => return UNDEFINED,
    };
    Op { rd, rn, imm, ..Op::new(kind) }
}

/// A word load into PC; its form is in its registers and flags.
fn to_pc(op: Op) -> Op {
    let flags = match op.kind {
        Kind::LdrImm => flag::PRE,
        Kind::LdrPre => flag::PRE | flag::WRITEBACK,
        Kind::LdrPost => flag::WRITEBACK,
        _ => 0,
    };
    Op { kind: Kind::LdrPc, flags, ..op }
}

/// PLD, PLI and hints that are not allocated: loads of bytes and half-words into PC.
fn preload(op: Op) -> Op {
    use Kind::*;
    match op.kind {
        LdrbPre | LdrbPost | LdrhPre | LdrhPost | LdrsbPre | LdrsbPost | LdrshPre | LdrshPost => UNDEFINED,
        _ => Op::new(Nop),
    }
}

/// LDM, STM, LDRD, STRD, exclusive accesses, table branches.
pub(super) fn multiple_double_exclusive(core: Core, address: u32, first: u16, second: u16) -> Op {
    let write_back = bit(first, 5);
    if core.is_v8() && first == 0xe97f && second == 0xe97f {
        // SG: there is only the secure state.
        return Op::new(Kind::Nop);
    }
    if !bit(first, 6) {
        return multiple(first, second);
    }
    if !bit(first, 8) && !write_back {
        return exclusive(core, address, first, second);
    }
    let (load, rn) = (bit(first, 4), reg(first, 0));
    let offset = field(second, 0, 8) << 2;
    let imm = if bit(first, 7) { offset } else { offset.wrapping_neg() };
    let op = Op { rd: reg(second, 12), rn, ra: reg(second, 8), imm, ..Op::new(Kind::Ldrd) };
    if rn == 15 {
        if !load || write_back {
            return UNDEFINED;
        }
        return Op { imm: literal_base(address).wrapping_add(imm), flags: flag::PRE, ..op };
    }
    let pre = if bit(first, 8) { flag::PRE } else { 0 };
    let flags = pre | if write_back { flag::WRITEBACK } else { 0 };
    Op { kind: if load { Kind::Ldrd } else { Kind::Strd }, flags, ..op }
}

fn multiple(first: u16, second: u16) -> Op {
    let kind = match (field(first, 7, 2), bit(first, 4)) {
        (1, true) => Kind::LdmIa,
        (2, true) => Kind::LdmDb,
        (1, false) => Kind::StmIa,
        (2, false) => Kind::StmDb,
        _ => return UNDEFINED,
    };
    // SP is in no list; a store has no PC; PC and LR are not loaded together.
    let unpredictable = if bit(first, 4) { bit(second, 15) && bit(second, 14) } else { bit(second, 15) };
    if bit(second, 13) || unpredictable || second == 0 {
        return UNDEFINED;
    }
    let flags = if bit(first, 5) { flag::WRITEBACK } else { 0 };
    Op { rn: reg(first, 0), imm: u32::from(second), flags, ..Op::new(kind) }
}

/// A5.3.6, and DDI 0553 for what ARMv8-M adds.
fn exclusive(core: Core, address: u32, first: u16, second: u16) -> Op {
    use Kind::*;
    let (rt, rn) = (reg(second, 12), reg(first, 0));
    let load = |kind| Op { rd: rt, rn, ..Op::new(kind) };
    let plain_store = load;
    match (bit(first, 7), bit(first, 4)) {
        (false, false) if rt == 15 && core.is_v8() && field(second, 0, 6) == 0 => {
            Op { rd: reg(second, 8), rn, ..Op::new(Tt) }
        }
        (false, false) => Op { rd: reg(second, 8), ra: rt, rn, imm: field(second, 0, 8) << 2, ..Op::new(Strex) },
        (false, true) => Op { imm: field(second, 0, 8) << 2, ..load(Ldrex) },
        (true, false) => {
            let store = |kind| Op { rd: reg(second, 0), ra: rt, rn, ..Op::new(kind) };
            match field(second, 4, 4) {
                4 => store(Strexb),
                5 => store(Strexh),
                8 if core.is_v8() => plain_store(StrbImm),
                9 if core.is_v8() => plain_store(StrhImm),
                10 if core.is_v8() => plain_store(StrImm),
                12 if core.is_v8() => store(Strexb),
                13 if core.is_v8() => store(Strexh),
                14 if core.is_v8() => store(Strex),
                _ => UNDEFINED,
            }
        }
        (true, true) => match field(second, 4, 4) {
            half @ (0 | 1) => {
                let kind = if half == 0 { Tbb } else { Tbh };
                Op { rn, rm: reg(second, 0), imm: address.wrapping_add(4), ..Op::new(kind) }
            }
            4 => load(Ldrexb),
            5 => load(Ldrexh),
            8 if core.is_v8() => load(LdrbImm),
            9 if core.is_v8() => load(LdrhImm),
            10 if core.is_v8() => load(LdrImm),
            12 if core.is_v8() => load(Ldrexb),
            13 if core.is_v8() => load(Ldrexh),
            14 if core.is_v8() => load(Ldrex),
            _ => UNDEFINED,
        },
    }
}
