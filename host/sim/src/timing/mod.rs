//! Cycle models, one file per core: what each executed instruction costs.

use crate::op::Op;

/// What one execution added to what the decoder knew.
#[derive(Clone, Copy, Debug, Default)]
pub struct Event {
    /// Address of the instruction.
    pub pc: u32,
    /// The program counter was changed, to `target`.
    pub taken: bool,
    /// Where the program counter went, if `taken`.
    pub target: u32,
    /// Divisions: the dividend and divisor's difference in significant bits, at least 0 (bits of the quotient).
    pub quotient_bits: u32,
    /// The condition of an IT block did not hold: nothing was done.
    pub skipped: bool,
}

/// The cycles of a core.
pub trait Timing: Default + Clone + Send {
    /// Cycles of one instruction that follows the ones before, without wait states.
    fn retire(&mut self, op: &Op, event: &Event) -> u32;
    /// Forgets the instructions before: after an exception or reset.
    fn flush(&mut self);
}
