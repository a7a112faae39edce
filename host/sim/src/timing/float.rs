//! Which single-precision registers an instruction reads and writes, as bits of a word.

use crate::op::{Kind, Op, flag};

/// Registers that are needed at the start; the addend of a multiply-accumulate is not among them.
pub(super) fn reads(op: &Op) -> u32 {
    use Kind::*;
    match op.kind {
        Vadd | Vsub | Vmul | Vnmul | Vdiv | Vmaxnm | Vminnm | Vsel | Vmla | Vmls | Vnmla | Vnmls | Vfma | Vfms
        | Vfnma | Vfnms => bit(op.rn) | bit(op.rm),
        Vmov | Vabs | Vneg | Vsqrt | VcvtInt | VcvtHalf | Vrint | VcvtDirected => bit(op.rm),
        VcvtFixed => bit(op.rd),
        Vcmp if op.imm & 2 != 0 => bit(op.rd),
        Vcmp => bit(op.rd) | bit(op.rm),
        VmovToCore => bit(op.rn),
        VmovToCore2 => run(op.rm, 2),
        Vstr => run(op.rd, singles(op)),
        Vstm => run(op.rd, op.ra),
        _ => 0,
    }
}

/// The addend of a multiply-accumulate.
pub(super) fn addend(op: &Op) -> u32 {
    use Kind::*;
    match op.kind {
        Vmla | Vmls | Vnmla | Vnmls | Vfma | Vfms | Vfnma | Vfnms => bit(op.rd),
        _ => 0,
    }
}

/// Registers that get a result.
pub(super) fn writes(op: &Op) -> u32 {
    use Kind::*;
    match op.kind {
        Vadd | Vsub | Vmul | Vnmul | Vdiv | Vmaxnm | Vminnm | Vsel | Vmla | Vmls | Vnmla | Vnmls | Vfma | Vfms
        | Vfnma | Vfnms | Vmov | VmovImm | Vabs | Vneg | Vsqrt | VcvtInt | VcvtHalf | Vrint | VcvtDirected
        | VcvtFixed | VmovFromCore => bit(op.rd),
        VmovFromCore2 => run(op.rd, 2),
        Vldr => run(op.rd, singles(op)),
        Vldm => run(op.rd, op.ra),
        _ => 0,
    }
}

/// Registers of a VLDR or VSTR: two with [`flag::PRE`].
pub(super) const fn singles(op: &Op) -> u8 {
    1 + op.has(flag::PRE) as u8
}

const fn bit(register: u8) -> u32 {
    1 << (register & 31)
}

const fn run(first: u8, count: u8) -> u32 {
    let ones = if count >= 32 { u32::MAX } else { (1 << count) - 1 };
    ones << (first & 31)
}
