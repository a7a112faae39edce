//! Which core registers an instruction reads and writes.

use crate::op::{Kind, Op, Reg, flag};

/// Sets of core registers, a bit each; PC is in neither.
pub(super) struct Masks {
    pub(super) reads: u16,
    pub(super) writes: u16,
}

/// What happens to the core registers named in the fields of an instruction.
mod role {
    pub const READS_D: u16 = 1 << 0;
    pub const READS_N: u16 = 1 << 1;
    pub const READS_M: u16 = 1 << 2;
    pub const READS_A: u16 = 1 << 3;
    pub const WRITES_D: u16 = 1 << 4;
    pub const WRITES_N: u16 = 1 << 5;
    pub const WRITES_A: u16 = 1 << 6;
    /// Field `rn` may be 15, for none.
    pub const MAYBE_N: u16 = 1 << 7;
    /// Field `rm` may be 15, for none.
    pub const MAYBE_M: u16 = 1 << 8;
    /// Field `rd` may be 15, for the flags.
    pub const MAYBE_D: u16 = 1 << 9;
    /// The list in `imm` is read, or written.
    pub const READS_LIST: u16 = 1 << 10;
    pub const WRITES_LIST: u16 = 1 << 11;
    pub const LINKS: u16 = 1 << 12;
}

use role::*;

/// The registers, or nothing if PC would be an operand or a result where it cannot be.
pub(super) fn masks(op: &Op) -> Option<Masks> {
    let roles = roles(op.kind) | written_back(op);
    let mut pc = false;
    let mut set = |fields: &[(u16, Reg)]| {
        fields.iter().filter(|(role, _)| roles & role != 0).fold(0_u16, |mask, (role, register)| {
            pc |= *register == 15 && role & (MAYBE_D | MAYBE_M | MAYBE_N) == 0;
            mask | 1 << register
        })
    };
    let mut reads = set(&[
        (READS_D, op.rd),
        (READS_N, op.rn),
        (READS_M, op.rm),
        (READS_A, op.ra),
        (MAYBE_N, op.rn),
        (MAYBE_M, op.rm),
    ]);
    let mut writes = set(&[(WRITES_D, op.rd), (WRITES_N, op.rn), (WRITES_A, op.ra), (MAYBE_D, op.rd)]);
    if roles & READS_LIST != 0 {
        reads |= op.imm as u16;
    }
    if roles & WRITES_LIST != 0 {
        writes |= op.imm as u16;
    }
    if roles & LINKS != 0 {
        writes |= 1 << 14;
    }
    (!pc).then_some(Masks { reads: reads & 0x7fff, writes: writes & 0x7fff })
}

/// Write-back that the flags tell of.
fn written_back(op: &Op) -> u16 {
    if op.has(flag::WRITEBACK) { WRITES_N } else { 0 }
}

fn roles(kind: Kind) -> u16 {
    data_processing(kind).or_else(|| multiplication(kind)).or_else(|| memory(kind)).unwrap_or_else(|| others(kind))
}

#[rustfmt::skip]
fn data_processing(kind: Kind) -> Option<u16> {
    use Kind::*;
    Some(match kind {
        AndImm | BicImm | OrrImm | OrnImm | EorImm | AddImm | AdcImm | SubImm | SbcImm | RsbImm
        | Ssat | Usat | Ssat16 | Usat16 | Sbfx | Ubfx => WRITES_D | READS_N,
        AndReg | BicReg | OrrReg | OrnReg | EorReg | AddReg | AdcReg | SubReg | SbcReg | RsbReg
        | AndShifted | BicShifted | OrrShifted | OrnShifted | EorShifted | AddShifted | AdcShifted | SubShifted
        | SbcShifted | RsbShifted | LslReg | LsrReg | AsrReg | RorReg
        | Qadd | Qsub | Qdadd | Qdsub | Parallel | Sel | Pkhbt | Pkhtb
        | Sxtab | Sxtah | Uxtab | Uxtah | Sxtab16 | Uxtab16 => WRITES_D | READS_N | READS_M,
        MovImm | MvnImm => WRITES_D,
        MovReg | MovShifted | MvnReg | MvnShifted
        | Sxtb | Sxth | Uxtb | Uxth | Sxtb16 | Uxtb16 | Clz | Rbit | Rev | Rev16 | Revsh => WRITES_D | READS_M,
        TstImm | TeqImm | CmpImm | CmnImm => READS_N,
        TstReg | TstShifted | TeqReg | TeqShifted | CmpReg | CmpShifted | CmnReg | CmnShifted => READS_N | READS_M,
        Movt | Bfc => WRITES_D | READS_D,
        Bfi => WRITES_D | READS_D | READS_N,
        AddPc | MovPc => READS_M,
        _ => return None,
    })
}

#[rustfmt::skip]
fn multiplication(kind: Kind) -> Option<u16> {
    use Kind::*;
    Some(match kind {
        Mul | Sdiv | Udiv | Smulxy | Smulw | Smuad | Smusd | Smmul | Usad8 => WRITES_D | READS_N | READS_M,
        Mla | Mls | Smlaxy | Smlaw | Smlad | Smlsd | Smmla | Smmls | Usada8 => WRITES_D | READS_N | READS_M | READS_A,
        Umull | Smull => WRITES_D | WRITES_A | READS_N | READS_M,
        Umlal | Smlal | Umaal | Smlalxy | Smlald | Smlsld =>
            WRITES_D | WRITES_A | READS_D | READS_A | READS_N | READS_M,
        _ => return None,
    })
}

#[rustfmt::skip]
fn memory(kind: Kind) -> Option<u16> {
    use Kind::*;
    Some(match kind {
        LdrImm | LdrbImm | LdrhImm | LdrsbImm | LdrshImm | Ldrex | Ldrexb | Ldrexh => WRITES_D | READS_N,
        LdrReg | LdrbReg | LdrhReg | LdrsbReg | LdrshReg => WRITES_D | READS_N | READS_M,
        LdrPre | LdrPost | LdrbPre | LdrbPost | LdrhPre | LdrhPost | LdrsbPre | LdrsbPost | LdrshPre | LdrshPost =>
            WRITES_D | WRITES_N | READS_N,
        LdrLiteral | LdrbLiteral | LdrhLiteral | LdrsbLiteral | LdrshLiteral => WRITES_D,
        StrImm | StrbImm | StrhImm => READS_D | READS_N,
        StrReg | StrbReg | StrhReg => READS_D | READS_N | READS_M,
        StrPre | StrPost | StrbPre | StrbPost | StrhPre | StrhPost => READS_D | READS_N | WRITES_N,
        LdrPc => MAYBE_N | MAYBE_M,
        Ldrd => WRITES_D | WRITES_A | MAYBE_N,
        Strd => READS_D | READS_A | READS_N,
        LdmIa | LdmDb => READS_N | WRITES_LIST,
        StmIa | StmDb => READS_N | READS_LIST,
        Strex | Strexb | Strexh => WRITES_D | READS_A | READS_N,
        _ => return None,
    })
}

/// Branches, system and floating point; what is not named touches no core register.
fn others(kind: Kind) -> u16 {
    use Kind::*;
    match kind {
        Bl => LINKS,
        Bx => READS_M,
        Blx => READS_M | LINKS,
        Cbz | Cbnz => READS_N,
        Tbb | Tbh => MAYBE_N | READS_M,
        Mrs => WRITES_D,
        Msr => READS_N,
        Tt => WRITES_D | READS_N,
        Vldr => MAYBE_N,
        Vstr | Vldm | Vstm => READS_N,
        VmovFromCore => READS_A,
        VmovToCore => WRITES_A,
        VmovFromCore2 => READS_N | READS_A,
        VmovToCore2 => WRITES_N | WRITES_A,
        Vmrs => MAYBE_D,
        Vmsr => READS_D,
        _ => 0,
    }
}
