//! What can go wrong with a device, each with a stable code and the step that helps.

mod fault;
mod help;
mod probe;
mod probe_help;

use std::{io, path::PathBuf};

use crate::Location;
use fault::{access, at, fault_name};
pub use probe::ProbeError;

/// A failure of a device, its image or the conversation with it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// The emulator is not installed.
    #[error("`{program}` was not found")]
    QemuMissing {
        /// The program looked for.
        program: String,
    },
    /// No firmware image for the board.
    #[error("there is no firmware image for board `{board}`")]
    ImageMissing {
        /// The board.
        board: String,
        /// Where it was looked for, in order.
        searched: Vec<PathBuf>,
    },
    /// The image was built from other sources than this tool.
    #[error("{}: the image was built from other sources than this tool", path.display())]
    ImageStale {
        /// The image.
        path: PathBuf,
    },
    /// The image is not what it should be.
    #[error("{}: {reason}", path.display())]
    ImageMalformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The manifest says something else than the ELF.
    #[error("{}: `{field}` is {manifest} in the manifest and {elf} in the ELF", path.display())]
    ManifestMismatch {
        /// The manifest.
        path: PathBuf,
        /// The first field that differs.
        field: &'static str,
        /// Its value in the manifest.
        manifest: String,
        /// Its value in the ELF.
        elf: String,
    },
    /// The image was linked for a board this device is not.
    #[error("the image was built for board `{image}`, the device is `{device}`")]
    WrongBoard {
        /// The image's board.
        image: String,
        /// The device's board.
        device: String,
    },
    /// The model is larger than the flash region kept for it.
    #[error("the model has {bytes} B, the board's model region {region} B")]
    ModelTooLarge {
        /// The model.
        bytes: u64,
        /// The region.
        region: u64,
    },
    /// Host and image speak different versions.
    #[error("the image has {what} {image}, this tool {host}")]
    Version {
        /// What differs: protocol, message schema, model format.
        what: &'static str,
        /// The image's.
        image: String,
        /// The tool's.
        host: String,
    },
    /// The chip refused the model.
    #[error("the board rejected the model: {message}")]
    ModelRejected {
        /// The chip's reason.
        message: String,
    },
    /// Nothing was flashed yet, or the last failure ended the device.
    #[error("the device runs no model")]
    NotFlashed,
    /// The input has another length than the model's.
    #[error("the input has {given} values, the model takes {expected}")]
    InputLength {
        /// What was given.
        given: usize,
        /// What the model takes.
        expected: usize,
    },
    /// The engine on the chip refused to run.
    #[error("the board could not run the model: {message}")]
    Engine {
        /// The chip's reason.
        message: String,
    },
    /// The firmware panicked.
    #[error("the firmware panicked at {file}:{line}: {message}")]
    Panic {
        /// The panic's message.
        message: String,
        /// Source file.
        file: String,
        /// Source line.
        line: u32,
    },
    /// The core took a HardFault.
    #[error("the core took a HardFault ({}{}) at pc {pc:#010x}{}", fault_name(*cfsr), access(*address), at(location.as_ref()))]
    HardFault {
        /// Stacked program counter.
        pc: u32,
        /// Stacked link register.
        lr: u32,
        /// Configurable Fault Status Register.
        cfsr: u32,
        /// HardFault Status Register.
        hfsr: u32,
        /// Faulting address, 0 if the core knows none.
        address: u32,
        /// The place in the source, from the image's debug information.
        location: Option<Location>,
    },
    /// The stack left its reserve.
    #[error("the stack left its reserve: {message}")]
    StackOverflow {
        /// The chip's words.
        message: String,
    },
    /// No answer in time.
    #[error("no answer within {seconds} s while waiting for {waiting_for}")]
    Timeout {
        /// The message that did not come.
        waiting_for: &'static str,
        /// The limit.
        seconds: u64,
    },
    /// The emulator ended on its own.
    #[error("the emulator ended ({status}) while the host waited for {waiting_for}")]
    Exited {
        /// The message that did not come.
        waiting_for: &'static str,
        /// Exit status in words.
        status: String,
        /// What it wrote to stderr.
        stderr: String,
    },
    /// The bytes on the wire make no sense.
    #[error("unexpected data from the board while waiting for {waiting_for}: {reason}")]
    Protocol {
        /// The message that was expected.
        waiting_for: &'static str,
        /// What came instead.
        reason: String,
    },
    /// The operating system refused something.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
    /// The debug probe, the chip behind it or the way between them.
    #[error(transparent)]
    Probe(#[from] ProbeError),
}

impl DeviceError {
    /// An [`Io`](Self::Io) error with the words for what was tried.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hardfault_names_cause_and_place() {
        let location = Some(Location { function: "f".into(), file: Some("src/a.rs".into()), line: Some(3) });
        let error = DeviceError::HardFault { pc: 0x41c, lr: 0, cfsr: 1 << 16, hfsr: 1 << 30, address: 0, location };
        assert_eq!(
            error.to_string(),
            "the core took a HardFault (undefined instruction) at pc 0x0000041c, in f (src/a.rs:3)"
        );
    }
}
