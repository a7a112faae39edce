//! Boards that run a compiled model, behind one trait: real ones through a debug probe, virtual ones, QEMU.
//!
//! A [`Device`] is flashed with an [`Image`] (the firmware, built once per board) and a model, then
//! runs inputs. The conversation with the firmware is [`Session`], whatever carries the bytes
//! ([`Link`]); what the image occupies is read from its ELF and stands in its [`Manifest`].

mod conversation;
mod error;
mod find;
mod image;
mod locate;
mod manifest;
mod probe;
mod qemu;
mod session;
mod virtual_board;

use std::fmt;

pub use error::{DeviceError, ProbeError};
pub use find::{FIRMWARE_VARIABLE, embedded_boards, find_image, image_directory};
pub use image::{Image, Sections, Segment};
pub use locate::Location;
pub use manifest::{MANIFEST_SCHEMA, Manifest, SOURCES};
pub use probe::{
    FIRMWARE_MARK, FlashContent, Probe, ProbeInfo, ProbeOptions, Progress, Protocol, Selector, Step, Written,
    choose_probe, list_probes,
};
pub use qemu::{QEMU_VARIABLE, Qemu};
pub use session::{Link, Received, Session, Timeouts};
pub use tinynas_sim::virtual_board::{Counters, Injection, Options as Simulation, VirtualBoard as VirtualBoardServer};
pub use tinynas_wire::{Crash, ModelInfo, Stats};
pub use virtual_board::{VirtualBoard, chip_spec, serve};

/// Something that runs a compiled model.
pub trait Device {
    /// What it is.
    fn kind(&self) -> DeviceKind;

    /// Puts firmware and model in place and starts them.
    ///
    /// # Errors
    /// [`DeviceError::ModelRejected`] if the chip finds the model invalid or too large for its arena,
    /// [`DeviceError::Version`] if host and image were built from different sources, and whatever
    /// the device itself can suffer.
    fn flash(&mut self, image: &Image, model: &[u8]) -> Result<ModelInfo, DeviceError>;

    /// Runs one input (int8, HWC, the model's own input quantization).
    ///
    /// # Errors
    /// [`DeviceError::InputLength`] if it is not as long as the model's input, [`DeviceError::NotFlashed`]
    /// before [`Device::flash`], and every failure that the firmware reports.
    fn run(&mut self, input: &[i8]) -> Result<Inference, DeviceError>;

    /// Memory figures. Which bytes of the arena a run writes is found by running zeros twice or more on an arena
    /// painted with different bytes; which they are does not depend on the input.
    ///
    /// # Errors
    /// As [`Device::run`].
    fn stats(&mut self) -> Result<Stats, DeviceError>;
}

/// Where a figure comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceKind {
    /// QEMU: instructions are executed, time is not modelled. Its figures are *emulated*.
    Qemu,
    /// Our simulator behind a debug port: time is computed from documented rules. Its figures are *modelled*.
    Virtual,
    /// A board behind a debug probe. Its figures are *measured*.
    Probe,
}

impl DeviceKind {
    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Qemu => "qemu",
            Self::Virtual => "virtual",
            Self::Probe => "probe",
        }
    }

    /// What its figures may be called.
    pub fn adjective(self) -> &'static str {
        match self {
            Self::Qemu => "emulated",
            Self::Virtual => "modelled",
            Self::Probe => "measured",
        }
    }
}

impl fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What one run gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inference {
    /// The output tensor.
    pub output: Vec<i8>,
    /// Counters per step of the plan, in order.
    pub layers: Vec<LayerCounters>,
}

impl Inference {
    /// Cycles of all layers; `None` if the device cannot count.
    pub fn cycles(&self) -> Option<u64> {
        self.layers.iter().map(|layer| layer.cycles).sum()
    }

    /// Instructions of all layers; `None` if the device cannot count.
    pub fn instructions(&self) -> Option<u64> {
        self.layers.iter().map(|layer| layer.instructions).sum()
    }
}

/// Counters of one step. `None` where the device cannot tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LayerCounters {
    /// Clock cycles.
    pub cycles: Option<u64>,
    /// Executed instructions.
    pub instructions: Option<u64>,
}
