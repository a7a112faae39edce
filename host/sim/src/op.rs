//! A decoded instruction: what the executor and the cycle models look at, in 16 bytes.
//!
//! The decoder knows the address of the instruction, so whatever reads the program counter becomes an
//! immediate: literal loads carry the absolute address, branches their target, `ADD Rd, PC, …` is a move.

/// A register number: 0 to 15 for the core, 0 to 31 for single-precision registers.
pub type Reg = u8;

/// A decoded instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Op {
    /// What it does.
    pub kind: Kind,
    /// See [`flag`].
    pub flags: u8,
    /// Destination; source of a store.
    pub rd: Reg,
    /// First operand; base address.
    pub rn: Reg,
    /// Second operand; offset register.
    pub rm: Reg,
    /// Accumulator, second destination, second register of a pair.
    pub ra: Reg,
    /// Shift of the second operand: [`Shift`] in bits 5 and 6, amount in bits 0 to 4 (LSR and ASR: 0 means 32; RRX is
    /// [`Shift::Ror`] with 0). Condition of a branch. First-mask of IT.
    pub shift: u8,
    /// What the cycle models call it; set by the decoder.
    pub class: Class,
    /// Immediate; the rest of the instruction's parameters, see [`Kind`].
    pub imm: u32,
    /// Core registers that it reads, a bit each.
    pub reads: u16,
    /// Core registers that it writes, a bit each.
    pub writes: u16,
}

/// Bits of [`Op::flags`].
pub mod flag {
    /// Four bytes long; otherwise two.
    pub const WIDE: u8 = 1 << 0;
    /// Sets N and Z, and C and V where the operation defines them.
    pub const SETS: u8 = 1 << 1;
    /// A two-byte instruction that sets flags only outside an IT block.
    pub const SETS_OUTSIDE_IT: u8 = 1 << 2;
    /// The immediate was rotated: a flag-setting logical operation takes C from its bit 31.
    pub const IMM_CARRY: u8 = 1 << 3;
    /// LDRD, STRD, LDM, STM, VLDM, VSTM, loads to PC: the base register is written back.
    pub const WRITEBACK: u8 = 1 << 4;
    /// LDRD, STRD, loads to PC: the offset is applied before the access (else after it).
    /// VLDR, VSTR, VLDM, VSTM: registers are doubles.
    pub const PRE: u8 = 1 << 5;
    /// Starts at a half-word that is not word-aligned.
    pub const HALF_ALIGNED: u8 = 1 << 6;
    /// Ends a basic block: may change the program counter.
    pub const BRANCHES: u8 = 1 << 7;
}

/// Kinds of shift, as encoded in [`Op::shift`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Shift {
    /// Logical left.
    Lsl = 0,
    /// Logical right; amount 0 means 32.
    Lsr = 1,
    /// Arithmetic right; amount 0 means 32.
    Asr = 2,
    /// Rotation right; amount 0 means RRX, by one through carry.
    Ror = 3,
}

/// What an instruction does. Operand conventions:
/// `…Imm`: `rd = rn op imm`; `…Reg`: `rd = rn op rm`; `…Shifted`: `rd = rn op shift(rm)`; tests have no `rd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[allow(missing_docs, reason = "the names are the instructions'; what is special stands beside them")]
pub enum Kind {
    /// Not decoded yet.
    Undecoded = 0,
    /// UsageFault, UNDEFINSTR (HardFault on ARMv6-M).
    Undefined,
    /// A floating point instruction on a core without the unit, or with the unit off: UsageFault, NOCP. On cores with
    /// the unit the executor checks CPACR.
    NoCoprocessor,

    // Data processing. The order of the three forms matters to nobody.
    AndImm,
    AndReg,
    AndShifted,
    BicImm,
    BicReg,
    BicShifted,
    OrrImm,
    OrrReg,
    OrrShifted,
    OrnImm,
    OrnReg,
    OrnShifted,
    EorImm,
    EorReg,
    EorShifted,
    AddImm,
    AddReg,
    AddShifted,
    AdcImm,
    AdcReg,
    AdcShifted,
    SubImm,
    SubReg,
    SubShifted,
    SbcImm,
    SbcReg,
    SbcShifted,
    RsbImm,
    RsbReg,
    RsbShifted,
    /// `rd = imm` or `rd = rm`; `MovShifted` is LSL, LSR, ASR, ROR, RRX by an immediate.
    MovImm,
    MovReg,
    MovShifted,
    MvnImm,
    MvnReg,
    MvnShifted,
    TstImm,
    TstReg,
    TstShifted,
    TeqImm,
    TeqReg,
    TeqShifted,
    CmpImm,
    CmpReg,
    CmpShifted,
    CmnImm,
    CmnReg,
    CmnShifted,
    /// Shifts by a register: `rd = rn shift rm`.
    LslReg,
    LsrReg,
    AsrReg,
    RorReg,
    /// `rd = imm << 16 | low half of rd`.
    Movt,
    /// `pc = rn + rm` of ADD PC, Rm; `pc = rm` of MOV PC, Rm: branches without change of state. `rn` is 15 in the first:
    /// its value is in `imm`.
    AddPc,
    MovPc,

    // Multiplication. `rd = rn * rm (+ ra)`; long ones: `rd` low, `ra` high word.
    Mul,
    Mla,
    Mls,
    Umull,
    Smull,
    Umlal,
    Smlal,
    Umaal,
    Sdiv,
    Udiv,
    /// imm: bit 1 top half of `rn`, bit 0 top half of `rm`.
    Smulxy,
    Smlaxy,
    Smlalxy,
    /// imm: bit 0 top half of `rm`.
    Smulw,
    Smlaw,
    /// imm: bit 0 halves of `rm` exchanged (X).
    Smuad,
    Smusd,
    Smlad,
    Smlsd,
    Smlald,
    Smlsld,
    /// imm: bit 0 rounds (R).
    Smmul,
    Smmla,
    Smmls,
    Usad8,
    Usada8,

    // Saturation. imm: position of saturation (1 to 32 signed, 0 to 31 unsigned); `shift` as usual; value in `rn`.
    Ssat,
    Usat,
    Ssat16,
    Usat16,
    /// `rd = saturate(rm op rn)`; QDADD, QDSUB double `rn` first.
    Qadd,
    Qsub,
    Qdadd,
    Qdsub,
    /// imm: bits 0 to 2: 0 ADD8, 1 ADD16, 2 ASX, 3 SAX, 4 SUB8, 5 SUB16; bits 4 to 6: 0 S, 1 Q, 2 SH, 3 U, 4 UQ, 5 UH.
    Parallel,
    Sel,
    /// `rm` shifted as `shift` says.
    Pkhbt,
    Pkhtb,

    // Extension of `rm` rotated right by imm (0, 8, 16, 24) bits; `…a…` adds `rn`.
    Sxtb,
    Sxth,
    Uxtb,
    Uxth,
    Sxtb16,
    Uxtb16,
    Sxtab,
    Sxtah,
    Uxtab,
    Uxtah,
    Sxtab16,
    Uxtab16,
    /// imm: lowest bit in bits 0 to 7, width in bits 8 to 15. BFI, BFC insert into `rd` from `rn`; extractions are from `rn`.
    Bfi,
    Bfc,
    Sbfx,
    Ubfx,
    /// Of `rm`.
    Clz,
    Rbit,
    Rev,
    Rev16,
    Revsh,

    // Loads and stores. `…Imm`: address `rn + imm` (wrapping); `…Reg`: `rn + (rm << shift amount)`; `…Pre`, `…Post`: `rn + imm`
    // with write-back, before or after; `…Literal`: address `imm`.
    LdrImm,
    LdrReg,
    LdrPre,
    LdrPost,
    LdrLiteral,
    LdrbImm,
    LdrbReg,
    LdrbPre,
    LdrbPost,
    LdrbLiteral,
    LdrhImm,
    LdrhReg,
    LdrhPre,
    LdrhPost,
    LdrhLiteral,
    LdrsbImm,
    LdrsbReg,
    LdrsbPre,
    LdrsbPost,
    LdrsbLiteral,
    LdrshImm,
    LdrshReg,
    LdrshPre,
    LdrshPost,
    LdrshLiteral,
    StrImm,
    StrReg,
    StrPre,
    StrPost,
    StrbImm,
    StrbReg,
    StrbPre,
    StrbPost,
    StrhImm,
    StrhReg,
    StrhPre,
    StrhPost,
    /// A word load into PC. Register form if `rm` is not 15: `rn + (rm << shift)`. Literal if `rn` is 15: address `imm`.
    /// Else `rn + imm` with [`flag::PRE`] and [`flag::WRITEBACK`].
    LdrPc,
    /// `rd`, `ra` at `rn + imm`, with [`flag::PRE`] and [`flag::WRITEBACK`]. LDRD literal: `rn` is 15, address `imm`.
    Ldrd,
    Strd,
    /// imm: register list; base `rn`; [`flag::WRITEBACK`]. IA: upwards from the base; DB: below it.
    LdmIa,
    LdmDb,
    StmIa,
    StmDb,
    /// `rd = [rn + imm]`; STREX: `rd` gets the status, `ra` is stored at `rn + imm`.
    Ldrex,
    Ldrexb,
    Ldrexh,
    Strex,
    Strexb,
    Strexh,
    Clrex,

    // Branches. imm: target.
    B,
    /// Condition in `shift`.
    Bcond,
    /// Links to LR.
    Bl,
    /// To `rm`.
    Bx,
    Blx,
    /// On `rn`.
    Cbz,
    Cbnz,
    /// Table at `rn` (15: at `imm`), index `rm`; imm: address of the next instruction + nothing else: the decoder puts
    /// pc + 4 there, the base of the jump.
    Tbb,
    Tbh,
    /// `shift`: first condition in the high, mask in the low nibble.
    It,

    // System.
    Nop,
    Wfi,
    Wfe,
    Sev,
    /// imm: number.
    Svc,
    Bkpt,
    /// imm: bit 0 PRIMASK, bit 1 FAULTMASK; bit 4: set (CPSID), else clear.
    Cps,
    /// imm: SYSm. MSR: `rn` to it, mask of APSR fields in bits 8 (NZCVQ: bit 1, GE: bit 0) and 9.
    Mrs,
    Msr,
    Dmb,
    Dsb,
    Isb,
    /// ARMv8-M TT: `rd` gets 0 attributes of the address in `rn`.
    Tt,

    // Floating point. Registers are singles 0 to 31 in `rd`, `rn`, `rm`; core registers are named below.
    /// At core register `rn` + imm (15: at imm); with [`flag::PRE`] two registers.
    Vldr,
    Vstr,
    /// `rd` first single, `ra` number of singles; base core register `rn`; imm 0: IA, 1: DB; [`flag::WRITEBACK`].
    Vldm,
    Vstm,
    /// Core `ra` to single `rd`; single `rn` to core `ra`.
    VmovFromCore,
    VmovToCore,
    /// Core `rn`, `ra` to singles `rd`, `rd + 1`; and back (singles `rm`, `rm + 1`).
    VmovFromCore2,
    VmovToCore2,
    /// FPSCR to core `rd` (15: flags to APSR); core `rd` to FPSCR.
    Vmrs,
    Vmsr,
    /// imm: bits of the value.
    VmovImm,
    Vmov,
    Vabs,
    Vneg,
    Vsqrt,
    Vadd,
    Vsub,
    Vmul,
    Vnmul,
    Vdiv,
    Vmla,
    Vmls,
    Vnmla,
    Vnmls,
    Vfma,
    Vfms,
    Vfnma,
    Vfnms,
    /// imm: bit 0: signals for quiet NaNs (VCMPE); bit 1: against zero. Of `rd` and `rm`.
    Vcmp,
    /// Integer and float, imm: bit 0: to integer (else from it); bit 1: signed; bit 2: rounds by FPSCR (VCVTR) else to zero.
    VcvtInt,
    /// Fixed point in place, `rd`; imm: bit 0 to fixed; bit 1 signed; bit 2 32 bits else 16; bits 8 to 13 fraction bits.
    VcvtFixed,
    /// Half precision, imm: bit 0: to half (else from it); bit 1: top half.
    VcvtHalf,
    /// FPv5. `shift`: condition EQ 0, VS 6, GE 10, GT 12.
    Vsel,
    Vmaxnm,
    Vminnm,
    /// imm: 0 A, 1 N, 2 P, 3 M (directed), 4 Z, 5 R, 6 X.
    Vrint,
    /// To integer with direction, imm: bits 0 and 1 A, N, P, M; bit 2 signed.
    VcvtDirected,
}

/// What the cycle models distinguish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Class {
    Alu,
    /// One ALU operation whose second operand is shifted by a constant, or a shift.
    Shift,
    Mul,
    /// Multiply-accumulate, 32 bits.
    Mac,
    /// 64-bit product or accumulator.
    LongMul,
    Divide,
    /// Saturating, parallel, packing, extending with addition: the DSP extension's single-cycle operations.
    Dsp,
    Load,
    LoadDouble,
    LoadMany,
    Store,
    StoreDouble,
    StoreMany,
    /// Loads into PC, POP with PC.
    LoadPc,
    Branch,
    BranchConditional,
    Call,
    /// To a register, or through a table.
    BranchIndirect,
    It,
    Nop,
    Barrier,
    System,
    FloatMove,
    FloatAdd,
    FloatMul,
    FloatMac,
    FloatDivide,
    FloatConvert,
    FloatLoad,
    FloatLoadMany,
    FloatStore,
    FloatStoreMany,
}

impl Op {
    /// Of `kind` with everything else empty; registers are 15, which means none.
    #[must_use]
    pub const fn new(kind: Kind) -> Self {
        Self {
            kind,
            flags: 0,
            rd: 15,
            rn: 15,
            rm: 15,
            ra: 15,
            shift: 0,
            class: Class::Alu,
            imm: 0,
            reads: 0,
            writes: 0,
        }
    }

    /// Length in bytes.
    #[must_use]
    #[inline(always)]
    pub const fn bytes(&self) -> u32 {
        2 + 2 * (self.flags & flag::WIDE) as u32
    }

    /// Whether a flag of [`flag`] is set.
    #[must_use]
    #[inline(always)]
    pub const fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}
