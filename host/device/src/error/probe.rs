//! What can go wrong between this machine, a debug probe and the chip behind it.

use super::fault::at;
use crate::Location;

/// A failure of a probe, of its connection to the chip, or of the chip under its hands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProbeError {
    /// No probe at all, or none that was asked for.
    #[error("no debug probe was found{}", wanted.as_ref().map_or_else(String::new, |wanted| format!(" for `{wanted}`")))]
    NotFound {
        /// The selector, if one was given.
        wanted: Option<String>,
    },
    /// More than one probe, and nobody said which.
    #[error("{} debug probes are connected: {}", found.len(), found.join(", "))]
    Several {
        /// Their selectors.
        found: Vec<String>,
    },
    /// The operating system does not let this user open the probe.
    #[error("permission to open the debug probe {probe} was denied")]
    Permission {
        /// Its selector.
        probe: String,
    },
    /// Another program has the probe.
    #[error("the debug probe {probe} is in use by another program")]
    Busy {
        /// Its selector.
        probe: String,
    },
    /// Something answers at the address, but it is no debug probe.
    #[error("what answers at {address} is no Black Magic Probe: {answer}")]
    NotAProbe {
        /// The address.
        address: String,
        /// What it said.
        answer: String,
    },
    /// An option makes no sense.
    #[error("`{given}` is no {what}")]
    Option {
        /// What it should be.
        what: &'static str,
        /// What it is.
        given: String,
    },
    /// probe-rs does not know the chip.
    #[error("the chip `{chip}` is not known: {reason}")]
    UnknownChip {
        /// The name.
        chip: String,
        /// The library's words.
        reason: String,
    },
    /// The probe works, the chip does not answer.
    #[error("the probe works but the chip does not answer: {reason}")]
    NoTarget {
        /// The library's words.
        reason: String,
    },
    /// Another chip than the board's.
    #[error("the board should have {expected}, the chip says it is {found}")]
    WrongChip {
        /// The chip of the board file or of `--chip`.
        expected: String,
        /// What its id register says.
        found: String,
    },
    /// The chip's protection keeps the debugger out.
    #[error("the chip is locked: {reason}")]
    Locked {
        /// How that showed.
        reason: String,
    },
    /// The connection ended in the middle of something.
    #[error("the connection to the board was lost while {doing}")]
    Disconnected {
        /// What was going on.
        doing: &'static str,
    },
    /// The probe is there, the chip stopped answering in the middle of something.
    #[error("the chip stopped answering while {doing}; its probe is still there")]
    TargetLost {
        /// What was going on.
        doing: &'static str,
    },
    /// The probe lacks a command.
    #[error("the debug probe cannot do `{command}`")]
    Unsupported {
        /// The command.
        command: String,
    },
    /// Attaching under reset takes what this probe does not have.
    #[error(
        "`{chip}` cannot be attached to under reset through this probe: for this chip probe-rs needs `{command}`, which the probe's driver does not have"
    )]
    UnderReset {
        /// The chip.
        chip: String,
        /// What is missing.
        command: String,
    },
    /// The probe is there but does not answer.
    #[error("the debug probe did not answer within {seconds} s while {doing}")]
    Silent {
        /// What was going on.
        doing: &'static str,
        /// The limit.
        seconds: u64,
    },
    /// The image does not fit the chip's memory.
    #[error("the image needs {what} up to {end:#010x}, the chip's ends at {limit:#010x}")]
    ImageTooLarge {
        /// Which memory.
        what: &'static str,
        /// One past the image's last byte.
        end: u64,
        /// One past the memory's last byte.
        limit: u64,
    },
    /// Erasing or programming failed.
    #[error("the flash could not be written: {reason}")]
    Flash {
        /// The library's words.
        reason: String,
    },
    /// What was written is not what can be read.
    #[error("the flash holds something else than was written to it (first difference at {address:#010x})")]
    Verify {
        /// The first byte that differs.
        address: u64,
    },
    /// The firmware's RTT control block did not appear.
    #[error("the firmware's RTT block did not appear at {address:#010x} within {seconds} s; the core {core}")]
    NoRtt {
        /// Where the image has it.
        address: u64,
        /// The limit.
        seconds: u64,
        /// What the core does instead.
        core: String,
    },
    /// The firmware runs but says nothing.
    #[error("the firmware hangs: no answer within {seconds} s while waiting for {waiting_for}; it runs at pc {pc:#010x}{}", at(location.as_ref()))]
    Hang {
        /// The message that did not come.
        waiting_for: &'static str,
        /// The limit.
        seconds: u64,
        /// Where the core was.
        pc: u32,
        /// The place in the source.
        location: Option<Location>,
    },
    /// The core locked up: a fault inside the fault handler.
    #[error("the core locked up (a fault inside the fault handler; HFSR {hfsr:#010x}, CFSR {cfsr:#010x})")]
    Lockup {
        /// Configurable Fault Status Register.
        cfsr: u32,
        /// HardFault Status Register.
        hfsr: u32,
    },
    /// Somebody or something stopped the core.
    #[error("the core stopped ({reason}) at pc {pc:#010x}{}", at(location.as_ref()))]
    Halted {
        /// The debug unit's reason.
        reason: String,
        /// Where it stopped.
        pc: u32,
        /// The place in the source.
        location: Option<Location>,
    },
    /// The board cannot be simulated behind a debug port.
    #[error("there is no virtual board for `{board}`: {reason}")]
    NoVirtualBoard {
        /// The board.
        board: String,
        /// Why.
        reason: String,
        /// What to use instead.
        help: &'static str,
    },
    /// Anything else that probe-rs reports.
    #[error("the debug probe failed while {doing}: {reason}")]
    Other {
        /// What was going on.
        doing: &'static str,
        /// The library's words.
        reason: String,
    },
}

impl ProbeError {
    /// Whether nothing more can be done over the connection it happened on.
    pub(crate) const fn ends_connection(&self) -> bool {
        matches!(self, Self::Disconnected { .. } | Self::TargetLost { .. })
    }
}
