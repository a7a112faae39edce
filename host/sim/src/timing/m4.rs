//! Cortex-M4: the documented three-stage timing.
//!
//! | instruction | cycles |
//! |---|---|
//! | data processing, MUL, MLA, SMLAD, UMULL, SMLAL, saturation | 1 |
//! | LDR and narrower | 2; 1 after a load whose result is not in its address |
//! | STR with an immediate offset | 1 |
//! | STR with a register offset | 2; 1 after a load whose result is not in its address |
//! | load or store whose address the data-processing instruction just before computed | +1 |
//! | LDRD, STRD | 3 |
//! | LDM, STM, PUSH, POP of N | 1 + N |
//! | B, B‹cond›, CBZ, BL taken | 1 + P, P = 1; not taken 1 |
//! | BX, BLX, MOV PC | 1 + P, P = 2 |
//! | TBB, TBH, LDR PC | 2 + P, P = 2 |
//! | POP with PC, LDM with PC | 1 + N + P, P = 2 |
//! | first instruction after a taken branch is a 32-bit one at a half-word address | +1 |
//! | third of a run of 32-bit instructions at half-word addresses | +1 |
//! | IT | 1; 0 after a 16-bit instruction |
//! | instruction of an IT block that is not executed | 1 |
//! | SDIV, UDIV | 2 to 12, linear in the bits of the quotient |
//! | MRS, MSR, CPS | 2 |
//! | DMB, DSB; ISB | 1; 4 |
//! | VADD, VMUL, VCVT, VCMP, VMOV | 1; VMOV of two core registers 2 |
//! | VMLA, VFMA | 3 |
//! | VDIV, VSQRT | 14 |
//! | floating point instruction that uses the result of the arithmetic one just before | +1; not for an addend |
//! | VLDR, VSTR of a single; of a double | 2; 3 |
//! | VLDM, VSTM of N singles | 1 + N |
//!
//! Sources: Arm 100166 (Cortex-M4 TRM) table 3-1, section "Load/store timings" and table 7-1 (FPU); the two rules on
//! half-word addresses: compendium.i-0.nl, "Alignment rules", measured there. Where Arm gives a range (P = 1 to 3,
//! division, ISB) the value here is a choice; none was fitted.

use super::ErrorBound;
use super::three_stage::{Costs, Rule, ThreeStage, common};

/// Against cycles measured on hardware without wait states: 16 functions of pqm4's `benchmarks.md`.
pub const ERROR: ErrorBound =
    ErrorBound { low: -4.9, high: -1.8, source: "16 pqm4 functions measured on hardware at zero wait states" };

/// The pipeline.
pub type M4 = ThreeStage<M4Costs>;

/// The table of the Cortex-M4.
#[derive(Clone, Copy, Debug, Default)]
pub struct M4Costs;

impl Costs for M4Costs {
    const RULES: [Rule; super::CLASSES] = common();
}
