//! What an operation reads from FPSCR and the cumulative flags it leaves there (DDI 0403, A2.5.3).

use super::{
    number::{DEFAULT_NAN, QUIET, is_nan, is_signalling},
    round::Rounding,
};

/// Cumulative flags.
pub(super) mod flag {
    /// IOC: invalid operation.
    pub const INVALID: u32 = 1;
    /// DZC: division by zero.
    pub const ZERO_DIVIDE: u32 = 1 << 1;
    /// OFC: overflow.
    pub const OVERFLOW: u32 = 1 << 2;
    /// UFC: underflow.
    pub const UNDERFLOW: u32 = 1 << 3;
    /// IXC: inexact.
    pub const INEXACT: u32 = 1 << 4;
    /// IDC: a denormal operand was taken as zero.
    pub const INPUT_DENORMAL: u32 = 1 << 7;
}

const ROUNDING_SHIFT: u32 = 22;
const FLUSH: u32 = 1 << 24;
const DEFAULT_NANS: u32 = 1 << 25;
const ALTERNATIVE_HALF: u32 = 1 << 26;

/// The control bits of one operation, and the flags it and those before it raised.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    fpscr: u32,
}

impl Context {
    /// Rounding mode, flush to zero, default NaNs, alternative half precision and flags as in `fpscr`.
    pub const fn new(fpscr: u32) -> Self {
        Self { fpscr }
    }

    /// The register as given, with the flags raised since.
    pub const fn fpscr(&self) -> u32 {
        self.fpscr
    }

    pub(super) const fn raise(&mut self, flags: u32) {
        self.fpscr |= flags;
    }

    pub(super) const fn rounding(&self) -> Rounding {
        match self.fpscr >> ROUNDING_SHIFT & 3 {
            0 => Rounding::Nearest,
            1 => Rounding::Up,
            2 => Rounding::Down,
            _ => Rounding::Zero,
        }
    }

    /// Runs an operation that rounds to nearest whatever the mode is.
    pub(super) fn with_nearest<T>(&mut self, operation: impl FnOnce(&mut Self) -> T) -> T {
        let mode = self.fpscr & 3 << ROUNDING_SHIFT;
        self.fpscr ^= mode;
        let result = operation(self);
        self.fpscr |= mode;
        result
    }

    /// FZ.
    pub(super) const fn flushes(&self) -> bool {
        self.fpscr & FLUSH != 0
    }

    /// DN.
    pub(super) const fn has_default_nans(&self) -> bool {
        self.fpscr & DEFAULT_NANS != 0
    }

    /// AHP.
    pub(super) const fn has_alternative_half(&self) -> bool {
        self.fpscr & ALTERNATIVE_HALF != 0
    }

    /// Rounds to nearest, keeps denormals and NaNs: what the host does as well.
    pub(super) const fn is_plain(&self) -> bool {
        self.fpscr & (3 << ROUNDING_SHIFT | FLUSH | DEFAULT_NANS) == 0
    }

    /// An operation without a result: FPDefaultNaN and an invalid operation.
    pub(super) const fn invalid(&mut self) -> u32 {
        self.raise(flag::INVALID);
        DEFAULT_NAN
    }

    /// FPProcessNaN: a signalling NaN becomes quiet.
    pub(super) const fn nan(&mut self, operand: u32) -> u32 {
        if is_signalling(operand) {
            self.raise(flag::INVALID);
        }
        if self.has_default_nans() { DEFAULT_NAN } else { operand | QUIET }
    }

    /// FPProcessNaNs and FPProcessNaNs3: the first signalling NaN, else the first quiet one.
    pub(super) fn first_nan(&mut self, operands: &[u32]) -> Option<u32> {
        let found = operands.iter().find(|&&operand| is_signalling(operand));
        let found = found.or_else(|| operands.iter().find(|&&operand| is_nan(operand)));
        found.map(|&operand| self.nan(operand))
    }
}
