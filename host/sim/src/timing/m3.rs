//! Cortex-M3: the pipeline of the Cortex-M4 with a slower multiplier, without DSP and floating point.
//!
//! | instruction | cycles |
//! |---|---|
//! | MUL | 1 |
//! | MLA, MLS | 2 |
//! | UMULL, SMULL | 5 (documented 3 to 5, by the operands) |
//! | UMLAL, SMLAL | 7 (documented 4 to 7, by the operands) |
//! | everything else | as in [`super::m4`] |
//!
//! Source: Arm DDI0337 (Cortex-M3 TRM) table 3-1 and section "Load/store timings". Long products take the documented
//! upper end: requantization multiplies full words.

use super::ErrorBound;
use super::three_stage::{Costs, Group, Rule, ThreeStage, common};
use crate::op::Class;

/// Documented table; the same pipeline as the Cortex-M4's, but no measured routines of its own were found.
pub const ERROR: ErrorBound =
    ErrorBound { low: -5.0, high: 5.0, source: "documented table; bound taken over from Cortex-M4, not measured" };

/// The pipeline.
pub type M3 = ThreeStage<M3Costs>;

/// The table of the Cortex-M3.
#[derive(Clone, Copy, Debug, Default)]
pub struct M3Costs;

impl Costs for M3Costs {
    const RULES: [Rule; super::CLASSES] = {
        let mut rules = common();
        rules[Class::Mac as usize].cycles = 2;
        rules[Class::LongMul as usize].group = Group::Rare;
        rules
    };
    const LONG: [u32; 2] = [5, 7];
}
