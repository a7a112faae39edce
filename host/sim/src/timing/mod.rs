//! Cycle models, one file per core: what each executed instruction costs.
//!
//! The models count the core alone, memories without wait states; [`crate::waits`] adds what memories cost. The
//! executor charges accesses that are not aligned. Banks of SRAM that two masters want at once cost nothing here.

mod float;
pub mod m0plus;
pub mod m3;
pub mod m33;
pub mod m4;
pub mod m7;
mod predictor;
mod three_stage;

use crate::core::Core;
use crate::op::Op;

pub use m0plus::M0Plus;
pub use m3::M3;
pub use m4::M4;
pub use m7::M7;
pub use m33::M33;

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
    /// Whether the core has stack limits (ARMv8-M): others need not look at their stack pointer.
    const STACK_LIMITS: bool = false;

    /// Cycles of one instruction that follows the ones before, without wait states.
    fn retire(&mut self, op: &Op, event: &Event) -> u32;
    /// Forgets the instructions before: after an exception or reset.
    fn flush(&mut self);
}

/// How far a model's cycles lie from measured ones, in per cent of the measured: what is printed beside its figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErrorBound {
    /// Lowest error, per cent; negative: the model counts too few.
    pub low: f32,
    /// Highest error, per cent.
    pub high: f32,
    /// What the bound rests on.
    pub source: &'static str,
}

impl ErrorBound {
    /// Of the model of a core.
    #[must_use]
    pub const fn of(core: Core) -> Self {
        match core {
            Core::M0Plus => m0plus::ERROR,
            Core::M3 => m3::ERROR,
            Core::M4F => m4::ERROR,
            Core::M7F => m7::ERROR,
            Core::M33F => m33::ERROR,
        }
    }
}

impl std::fmt::Display for ErrorBound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "error {:+.1} to {:+.1} % ({})", self.low, self.high, self.source)
    }
}

/// Number of classes, rounded up to a power of two: tables of this length are indexed without a check.
const CLASSES: usize = 64;

/// Registers of an address: base and offset, a bit each; 15 is none.
#[inline(always)]
fn address_registers(op: &Op) -> u16 {
    (1u16.wrapping_shl(u32::from(op.rn)) | 1u16.wrapping_shl(u32::from(op.rm))) & 0x7fff
}

/// Registers in the list of a load or store multiple.
fn list_length(op: &Op) -> u32 {
    (op.imm & 0xffff).count_ones()
}
