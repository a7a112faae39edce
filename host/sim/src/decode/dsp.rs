//! Four-byte data processing of registers, multiplication and division, and the DSP extension (DDI 0403 A5.3.12 to A5.3.17).

use super::{UNDEFINED, bit, field, reg};
use crate::core::Core;
use crate::op::{Kind, Op, flag};

/// Shifts by a register, extensions, parallel arithmetic, saturating additions, reversals (A5.3.12 to A5.3.15).
pub(super) fn register(core: Core, first: u16, second: u16) -> Op {
    if second >> 12 != 15 {
        return UNDEFINED;
    }
    let group = field(second, 6, 2);
    match (bit(first, 7), group) {
        (false, 0) if field(second, 4, 2) == 0 => shift_by_register(first, second),
        (false, 2) => extension(core, first, second),
        (true, 0 | 1) if core.has_dsp() => parallel(first, second),
        (true, 2) if !bit(first, 6) => miscellaneous(core, first, second),
        _ => UNDEFINED,
    }
}

/// `kind` with `rd`, `rn` and `rm` in the usual places.
fn three(kind: Kind, first: u16, second: u16) -> Op {
    Op { rd: reg(second, 8), rn: reg(first, 0), rm: reg(second, 0), ..Op::new(kind) }
}

fn shift_by_register(first: u16, second: u16) -> Op {
    let kind = match field(first, 5, 2) {
        0 => Kind::LslReg,
        1 => Kind::LsrReg,
        2 => Kind::AsrReg,
        _ => Kind::RorReg,
    };
    let flags = if bit(first, 4) { flag::SETS } else { 0 };
    Op { flags, ..three(kind, first, second) }
}

/// Extensions; those of single values without an addition are in every core with four-byte instructions.
fn extension(core: Core, first: u16, second: u16) -> Op {
    use Kind::*;
    let lone = reg(first, 0) == 15;
    let kind = match (field(first, 4, 3), lone) {
        (0, true) => Sxth,
        (1, true) => Uxth,
        (4, true) => Sxtb,
        (5, true) => Uxtb,
        _ if !core.has_dsp() => Undefined,
        (0, false) => Sxtah,
        (1, false) => Uxtah,
        (2, true) => Sxtb16,
        (2, false) => Sxtab16,
        (3, true) => Uxtb16,
        (3, false) => Uxtab16,
        (4, false) => Sxtab,
        (5, false) => Uxtab,
        _ => Undefined,
    };
    Op { imm: field(second, 4, 2) << 3, ..three(kind, first, second) }
}

/// Signed and unsigned, plain, saturating and halving.
fn parallel(first: u16, second: u16) -> Op {
    let operation = match field(first, 4, 3) {
        0 => 0,
        1 => 1,
        2 => 2,
        6 => 3,
        4 => 4,
        5 => 5,
        _ => return UNDEFINED,
    };
    let unsigned = field(second, 6, 1);
    let variant = field(second, 4, 2);
    if variant == 3 {
        return UNDEFINED;
    }
    Op { imm: operation | (variant + 3 * unsigned) << 4, ..three(Kind::Parallel, first, second) }
}

/// A5.3.15.
fn miscellaneous(core: Core, first: u16, second: u16) -> Op {
    use Kind::*;
    let number = field(first, 4, 2) << 2 | field(second, 4, 2);
    let kind = match number {
        0..=3 | 8 if !core.has_dsp() => return UNDEFINED,
        0 => Qadd,
        1 => Qdadd,
        2 => Qsub,
        3 => Qdsub,
        8 => Sel,
        4 => Rev,
        5 => Rev16,
        6 => Rbit,
        7 => Revsh,
        12 => Clz,
        _ => return UNDEFINED,
    };
    let op = three(kind, first, second);
    match number {
        // The operand's number is there twice.
        4..=7 | 12 if op.rn != op.rm => UNDEFINED,
        4..=7 | 12 => Op { rn: 15, ..op },
        _ => op,
    }
}

/// Products of 32 bits, with and without an accumulator; sums of absolute differences (A5.3.16).
pub(super) fn multiply(core: Core, first: u16, second: u16) -> Op {
    use Kind::*;
    let (group, low) = (field(first, 4, 3), field(second, 4, 2));
    let alone = reg(second, 12) == 15;
    let choose = |plain, accumulating| if alone { plain } else { accumulating };
    if field(second, 6, 2) != 0 {
        return UNDEFINED;
    }
    let kind = match (group, low) {
        (0, 0) => choose(Mul, Mla),
        (0, 1) => Mls,
        _ if !core.has_dsp() => return UNDEFINED,
        (1, _) => choose(Smulxy, Smlaxy),
        (2, 0 | 1) => choose(Smuad, Smlad),
        (3, 0 | 1) => choose(Smulw, Smlaw),
        (4, 0 | 1) => choose(Smusd, Smlsd),
        (5, 0 | 1) => choose(Smmul, Smmla),
        (6, 0 | 1) => Smmls,
        (7, 0) => choose(Usad8, Usada8),
        _ => return UNDEFINED,
    };
    let imm = if group == 0 { 0 } else { low };
    Op { ra: reg(second, 12), imm, ..three(kind, first, second) }
}

/// Products of 64 bits and division (A5.3.17).
pub(super) fn long_multiply(core: Core, first: u16, second: u16) -> Op {
    use Kind::*;
    let (group, low) = (field(first, 4, 3), field(second, 4, 4));
    let dsp = core.has_dsp();
    let (kind, imm) = match (group, low) {
        (1, 15) | (3, 15) => {
            // The field of the low word is 15.
            let kind = if reg(second, 12) != 15 {
                Undefined
            } else if group == 1 {
                Sdiv
            } else {
                Udiv
            };
            return three(kind, first, second);
        }
        (0, 0) => (Smull, 0),
        (2, 0) => (Umull, 0),
        (4, 0) => (Smlal, 0),
        (4, 8..=11) if dsp => (Smlalxy, low & 3),
        (4, 12 | 13) if dsp => (Smlald, low & 1),
        (5, 12 | 13) if dsp => (Smlsld, low & 1),
        (6, 0) => (Umlal, 0),
        (6, 6) if dsp => (Umaal, 0),
        _ => return UNDEFINED,
    };
    Op { rd: reg(second, 12), ra: reg(second, 8), imm, ..three(kind, first, second) }
}
