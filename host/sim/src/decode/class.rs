//! The class of a decoded instruction, for the cycle models.

use crate::op::{Class, Kind, Op};

pub(super) fn of(op: &Op) -> Class {
    integer(op).or_else(|| memory(op)).or_else(|| flow(op.kind)).or_else(|| float(op.kind)).unwrap_or(Class::Alu)
}

/// Beyond one plain operation of the ALU.
#[rustfmt::skip]
fn integer(op: &Op) -> Option<Class> {
    use Kind::*;
    Some(match op.kind {
        AndShifted | BicShifted | OrrShifted | OrnShifted | EorShifted | AddShifted | AdcShifted | SubShifted
        | SbcShifted | RsbShifted | MovShifted | MvnShifted | TstShifted | TeqShifted | CmpShifted | CmnShifted
        | LslReg | LsrReg | AsrReg | RorReg => Class::Shift,
        Mul | Smulxy | Smulw | Smuad | Smusd | Smmul => Class::Mul,
        Mla | Mls | Smlaxy | Smlaw | Smlad | Smlsd | Smmla | Smmls => Class::Mac,
        Umull | Smull | Umlal | Smlal | Umaal | Smlalxy | Smlald | Smlsld => Class::LongMul,
        Sdiv | Udiv => Class::Divide,
        Usad8 | Usada8 | Ssat | Usat | Ssat16 | Usat16 | Qadd | Qsub | Qdadd | Qdsub | Parallel | Sel | Pkhbt | Pkhtb
        | Sxtb16 | Uxtb16 | Sxtab | Sxtah | Uxtab | Uxtah | Sxtab16 | Uxtab16 => Class::Dsp,
        _ => return None,
    })
}

#[rustfmt::skip]
fn memory(op: &Op) -> Option<Class> {
    use Kind::*;
    Some(match op.kind {
        LdrImm | LdrReg | LdrPre | LdrPost | LdrLiteral | LdrbImm | LdrbReg | LdrbPre | LdrbPost | LdrbLiteral
        | LdrhImm | LdrhReg | LdrhPre | LdrhPost | LdrhLiteral | LdrsbImm | LdrsbReg | LdrsbPre | LdrsbPost
        | LdrsbLiteral | LdrshImm | LdrshReg | LdrshPre | LdrshPost | LdrshLiteral
        | Ldrex | Ldrexb | Ldrexh => Class::Load,
        StrImm | StrReg | StrPre | StrPost | StrbImm | StrbReg | StrbPre | StrbPost
        | StrhImm | StrhReg | StrhPre | StrhPost | Strex | Strexb | Strexh => Class::Store,
        LdrPc => Class::LoadPc,
        LdmIa | LdmDb if op.imm & 1 << 15 != 0 => Class::LoadPc,
        LdmIa | LdmDb => Class::LoadMany,
        StmIa | StmDb => Class::StoreMany,
        Ldrd => Class::LoadDouble,
        Strd => Class::StoreDouble,
        _ => return None,
    })
}

/// Branches and system instructions.
fn flow(kind: Kind) -> Option<Class> {
    use Kind::*;
    Some(match kind {
        B => Class::Branch,
        Bcond | Cbz | Cbnz => Class::BranchConditional,
        Bl => Class::Call,
        Bx | Blx | Tbb | Tbh | AddPc | MovPc => Class::BranchIndirect,
        It => Class::It,
        Nop => Class::Nop,
        Dmb | Dsb | Isb => Class::Barrier,
        Wfi | Wfe | Sev | Svc | Bkpt | Cps | Mrs | Msr | Tt | Clrex | Undecoded | Undefined | NoCoprocessor => {
            Class::System
        }
        _ => return None,
    })
}

#[rustfmt::skip]
fn float(kind: Kind) -> Option<Class> {
    use Kind::*;
    Some(match kind {
        VmovFromCore | VmovToCore | VmovFromCore2 | VmovToCore2 | Vmrs | Vmsr | VmovImm | Vmov | Vabs | Vneg
        | Vsel => Class::FloatMove,
        Vadd | Vsub | Vcmp | Vmaxnm | Vminnm => Class::FloatAdd,
        Vmul | Vnmul => Class::FloatMul,
        Vmla | Vmls | Vnmla | Vnmls | Vfma | Vfms | Vfnma | Vfnms => Class::FloatMac,
        Vdiv | Vsqrt => Class::FloatDivide,
        VcvtInt | VcvtFixed | VcvtHalf | VcvtDirected | Vrint => Class::FloatConvert,
        Vldr => Class::FloatLoad,
        Vstr => Class::FloatStore,
        Vldm => Class::FloatLoadMany,
        Vstm => Class::FloatStoreMany,
        _ => return None,
    })
}
