//! Cortex-M33: three stages, in order, some pairs of 16-bit instructions in one cycle.
//!
//! Arm publishes no table. The figures follow what Arm says of the core ("limited dual-issue of common 16-bit
//! instruction pairs") and the Cortex-M4's table; every row is a choice.
//!
//! | instruction | cycles |
//! |---|---|
//! | data processing, multiplication, accumulation, DSP | 1 |
//! | second of a pair: both 16 bits long in one aligned word, data processing after data processing, load or store, neither result used nor flags read by the second | 0 |
//! | LDR, STR and narrower | 1 |
//! | use of a load's result by the next instruction | +1 |
//! | LDRD, STRD | 2 |
//! | LDM, STM, PUSH, POP of N | 1 + N |
//! | branch to an immediate, not taken; taken | 1; 2 |
//! | branch to a register; LDR PC, TBB; POP with PC of N | 3; 4; 3 + N |
//! | first instruction after a taken branch is a 32-bit one at a half-word address | +1 |
//! | IT | 1; 0 as the second of a pair |
//! | SDIV, UDIV | 2 to 11, linear in the bits of the quotient |
//! | MRS, MSR, CPS; DMB, DSB; ISB | 2; 1; 4 |
//! | VADD, VMUL, VCVT, VMOV; VFMA; VDIV, VSQRT | 1; 3; 14; next use of the result +1, not for an addend |
//! | VLDR, VSTR of a single; of a double; VLDM, VSTM of N | 1; 2; 1 + N |

use super::{CLASSES, ErrorBound, Event, Timing, float, list_length};
use crate::op::{Class, Kind, Op, flag};

/// No measured routines were found; the margin is that of the M7's comparison.
pub const ERROR: ErrorBound =
    ErrorBound { low: -15.0, high: 15.0, source: "no public table; not measured, taken over from Cortex-M7" };

/// Plain data processing: may be second of a pair.
const SIMPLE: u8 = 1;
/// May be first of a pair.
const LEADS: u8 = 2;
/// Its result is late.
const LOADS: u8 = 4;
/// Cycles depend on more than the class.
const RARE: u8 = 8;

const TRAITS: [u8; CLASSES] = {
    let mut traits = [RARE; CLASSES];
    traits[Class::Alu as usize] = SIMPLE | LEADS;
    traits[Class::Shift as usize] = SIMPLE | LEADS;
    traits[Class::It as usize] = SIMPLE;
    traits[Class::Nop as usize] = SIMPLE | LEADS;
    traits[Class::Mul as usize] = 0;
    traits[Class::Mac as usize] = 0;
    traits[Class::LongMul as usize] = 0;
    traits[Class::Dsp as usize] = 0;
    traits[Class::Load as usize] = LEADS | LOADS;
    traits[Class::Store as usize] = LEADS;
    traits[Class::Branch as usize] = 0;
    traits[Class::BranchConditional as usize] = 0;
    traits
};

/// What the instruction before left.
#[derive(Clone, Copy, Debug, Default)]
pub struct M33 {
    /// Results of a load just before.
    loaded: u16,
    /// Results of the instruction before, if this one may pair with it.
    led: u16,
    /// The instruction before may be the first of a pair with this one.
    leads: bool,
    /// It sets flags.
    sets: bool,
    /// Single-precision results of the arithmetic instruction just before.
    float: u32,
    /// The instruction before was a taken branch.
    redirected: bool,
}

impl Timing for M33 {
    const STACK_LIMITS: bool = true;

    #[inline(always)]
    fn retire(&mut self, op: &Op, event: &Event) -> u32 {
        let traits = TRAITS[op.class as usize & (CLASSES - 1)];
        let waits = u32::from(self.loaded & op.reads != 0);
        let results = self.float;
        self.float = 0;
        let mut cycles = 1;
        let mut leads = false;
        if traits & RARE != 0 && !event.skipped {
            cycles = self.rare(op, event, results);
        } else if self.leads
            & (traits & SIMPLE != 0)
            & (op.flags & (flag::WIDE | flag::HALF_ALIGNED) == flag::HALF_ALIGNED)
        {
            let depends = (self.led & op.reads != 0) | (self.sets & reads_flags(op, event));
            cycles = u32::from(depends);
        } else {
            leads = (traits & LEADS != 0) & (op.flags & (flag::WIDE | flag::HALF_ALIGNED) == 0);
        }
        let unaligned = op.flags & (flag::WIDE | flag::HALF_ALIGNED) == flag::WIDE | flag::HALF_ALIGNED;
        cycles += waits + u32::from(unaligned & self.redirected) + u32::from(event.taken & (traits & RARE == 0));
        (self.leads, self.led, self.sets) =
            (leads & !event.taken, op.writes, op.has(flag::SETS | flag::SETS_OUTSIDE_IT));
        self.loaded = if traits & LOADS != 0 && !event.skipped { 1u16.wrapping_shl(u32::from(op.rd)) } else { 0 };
        self.redirected = event.taken;
        cycles
    }

    fn flush(&mut self) {
        *self = Self::default();
    }
}

/// Whether flags are read: carry, or conditions.
fn reads_flags(op: &Op, event: &Event) -> bool {
    use Kind::*;
    event.skipped | matches!(op.kind, It | AdcImm | AdcReg | AdcShifted | SbcImm | SbcReg | SbcShifted)
}

impl M33 {
    #[inline(never)]
    fn rare(&mut self, op: &Op, event: &Event, results: u32) -> u32 {
        match op.class {
            Class::Divide => (2 + (event.quotient_bits * 9).div_ceil(31)).min(11),
            Class::LoadDouble | Class::StoreDouble => 2,
            Class::LoadMany | Class::StoreMany => 1 + list_length(op),
            Class::LoadPc if op.kind == Kind::LdrPc => 4,
            Class::LoadPc => 3 + list_length(op),
            Class::Call | Class::BranchIndirect => match op.kind {
                Kind::Bl => 2,
                Kind::Tbb | Kind::Tbh => 4,
                _ => 1 + 2 * u32::from(event.taken),
            },
            Class::Barrier => 1 + 3 * u32::from(op.kind == Kind::Isb),
            Class::System => 1 + u32::from(matches!(op.kind, Kind::Mrs | Kind::Msr | Kind::Cps)),
            _ => self.float(op, results),
        }
    }

    fn float(&mut self, op: &Op, results: u32) -> u32 {
        let waits = u32::from(float::reads(op) & results != 0);
        let arithmetic = [Class::FloatAdd, Class::FloatMul, Class::FloatMac, Class::FloatDivide, Class::FloatConvert];
        if arithmetic.contains(&op.class) {
            self.float = float::writes(op);
        }
        waits
            + match op.class {
                Class::FloatMac => 3,
                Class::FloatDivide => 14,
                Class::FloatLoad | Class::FloatStore => u32::from(float::singles(op)),
                Class::FloatLoadMany | Class::FloatStoreMany => 1 + u32::from(op.ra),
                _ => 1,
            }
    }
}
