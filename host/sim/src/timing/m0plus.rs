//! Cortex-M0+: the documented table of its two-stage pipeline; nothing depends on neighbours.
//!
//! | instruction | cycles |
//! |---|---|
//! | data processing, NOP, CPS | 1 |
//! | MULS | 1 (the fast multiplier, which RP2040 has; the small one takes 32) |
//! | LDR, STR and narrower | 2 |
//! | LDM, STM, PUSH, POP of N | 1 + N |
//! | POP of N with PC | 3 + N |
//! | B‹cond› not taken; taken | 1; 2 |
//! | B, BX, BLX, MOV PC, ADD PC | 2 |
//! | BL | 3 |
//! | MRS, MSR, DMB, DSB, ISB | 3 |
//! | WFE, WFI | 2 |
//!
//! Source: Arm DDI0484C (Cortex-M0+ TRM) table 3.1, for memories without wait states. The single-cycle I/O port (loads
//! and stores of 1 cycle) is not modelled.

use super::{CLASSES, ErrorBound, Event, Timing, list_length};
use crate::op::{Class, Kind, Op};

/// The table is exact for the core alone; buses and memories are not in it.
pub const ERROR: ErrorBound = ErrorBound { low: -5.0, high: 5.0, source: "documented table, not measured" };

/// The pipeline has no state that matters.
#[derive(Clone, Copy, Debug, Default)]
pub struct M0Plus;

/// Cycles by class; 0: see [`rare`].
const CYCLES: [u8; CLASSES] = {
    let mut cycles = [1; CLASSES];
    cycles[Class::Load as usize] = 2;
    cycles[Class::Store as usize] = 2;
    cycles[Class::Barrier as usize] = 3;
    let rare = [Class::LoadMany, Class::StoreMany, Class::LoadPc, Class::Call, Class::System];
    let mut i = 0;
    while i < rare.len() {
        cycles[rare[i] as usize] = 0;
        i += 1;
    }
    cycles
};

impl Timing for M0Plus {
    #[inline(always)]
    fn retire(&mut self, op: &Op, event: &Event) -> u32 {
        match CYCLES[op.class as usize & (CLASSES - 1)] {
            0 => rare(op),
            cycles => u32::from(cycles) + u32::from(event.taken),
        }
    }

    fn flush(&mut self) {}
}

#[inline(never)]
fn rare(op: &Op) -> u32 {
    match op.class {
        Class::LoadMany | Class::StoreMany => 1 + list_length(op),
        Class::LoadPc => 3 + list_length(op),
        Class::Call => 2 + u32::from(op.kind == Kind::Bl),
        _ => match op.kind {
            Kind::Mrs | Kind::Msr => 3,
            Kind::Wfi | Kind::Wfe => 2,
            _ => 1,
        },
    }
}
