//! Half-words to [`Op`]: the T32 encodings of ARMv6-M, ARMv7-M, ARMv7E-M with FPv4-SP and ARMv8-M mainline with FPv5-SP.
//!
//! Encodings: Arm DDI 0419 (ARMv6-M) A5, DDI 0403 (ARMv7-M) A5 and A6, DDI 0553 (ARMv8-M) C2. What those call
//! UNPREDICTABLE becomes [`Kind::Undefined`] wherever an operand or a result would be the program counter; other
//! unpredictable forms do what the encoding suggests.

mod class;
mod dsp;
mod float;
mod memory;
mod narrow;
mod registers;
mod wide;

use crate::core::Core;
use crate::op::{Kind, Op, Reg, flag};

/// Decodes the instruction at `address`; `second` is the half-word after `first`, of which two-byte instructions make
/// no use.
#[must_use]
pub fn decode(core: Core, address: u32, first: u16, second: u16) -> Op {
    let wide = is_wide(first);
    let op = if wide { four_bytes(core, address, first, second) } else { narrow::decode(core, address, first) };
    let mut op = finish(op);
    if wide {
        op.flags |= flag::WIDE;
    }
    if address & 2 != 0 {
        op.flags |= flag::HALF_ALIGNED;
    }
    op
}

/// Whether an instruction that starts with this half-word is four bytes long.
#[must_use]
pub const fn is_wide(first: u16) -> bool {
    first >= 0xe800
}

/// Four-byte instructions (DDI 0403 A5.3).
fn four_bytes(core: Core, address: u32, first: u16, second: u16) -> Op {
    if !core.has_thumb2() {
        return wide::armv6m(address, first, second);
    }
    match first >> 8 {
        0xe8 | 0xe9 => memory::multiple_double_exclusive(core, address, first, second),
        0xea | 0xeb => wide::shifted_register(core, first, second),
        0xec..=0xee | 0xfc..=0xfe => float::decode(core, address, first, second),
        0xf0..=0xf7 if bit(second, 15) => wide::branch_or_control(address, first, second),
        0xf0..=0xf7 if bit(first, 9) => wide::plain_immediate(core, address, first, second),
        0xf0..=0xf7 => wide::modified_immediate(first, second),
        0xf8 | 0xf9 => memory::single(address, first, second),
        0xfa => dsp::register(core, first, second),
        0xfb if bit(first, 7) => dsp::long_multiply(core, first, second),
        0xfb => dsp::multiply(core, first, second),
        _ => UNDEFINED,
    }
}

/// Fills in what follows from the kind and its registers.
fn finish(mut op: Op) -> Op {
    match registers::masks(&op) {
        Some(masks) => {
            op.reads = masks.reads;
            op.writes = masks.writes;
        }
        None => op = UNDEFINED,
    }
    if changes_pc(&op) {
        op.flags |= flag::BRANCHES;
    }
    op.class = class::of(&op);
    op
}

/// Branches, loads to PC, and what always raises an exception.
fn changes_pc(op: &Op) -> bool {
    use Kind::*;
    match op.kind {
        B | Bcond | Bl | Bx | Blx | Cbz | Cbnz | Tbb | Tbh | LdrPc | AddPc | MovPc => true,
        Svc | Bkpt | Undefined | NoCoprocessor => true,
        LdmIa | LdmDb => op.imm & 1 << 15 != 0,
        _ => false,
    }
}

const UNDEFINED: Op = Op::new(Kind::Undefined);

/// The base of a literal: the program counter as an operand, word-aligned.
const fn literal_base(address: u32) -> u32 {
    (address & !3).wrapping_add(4)
}

/// `width` bits from bit `low` upwards.
const fn field(half: u16, low: u32, width: u32) -> u32 {
    (half as u32 >> low) & ((1 << width) - 1)
}

const fn bit(half: u16, position: u32) -> bool {
    half >> position & 1 != 0
}

/// A register number of four bits.
const fn reg(half: u16, low: u32) -> Reg {
    (half >> low & 15) as Reg
}

/// A register number of three bits.
const fn low_reg(half: u16, low: u32) -> Reg {
    (half >> low & 7) as Reg
}

/// The lowest `width` bits of `value` as a two's complement number.
const fn sign_extend(value: u32, width: u32) -> u32 {
    (((value << (32 - width)) as i32) >> (32 - width)) as u32
}
