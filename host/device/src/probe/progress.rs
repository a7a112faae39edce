//! How far a step of flashing is.

use std::fmt;

/// One step of flashing and how much of it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The step.
    pub step: Step,
    /// Bytes that are done.
    pub done: u64,
    /// Bytes in all; 0 if nobody knows yet.
    pub total: u64,
}

/// A step of flashing, in the order in which they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Step {
    /// Reads what the flash holds, to write only what differs.
    Compare,
    /// Reads back what shares a sector with what is written.
    Keep,
    /// Erases sectors.
    Erase,
    /// Writes.
    Program,
    /// Reads back what was written.
    Verify,
    /// Reads the flash into a file.
    Backup,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Compare => "compare",
            Self::Keep => "keep",
            Self::Erase => "erase",
            Self::Program => "program",
            Self::Verify => "verify",
            Self::Backup => "backup",
        })
    }
}
