//! A board behind a debug probe, through probe-rs.
//!
//! Reached are the probes whose drivers probe-rs brings: ST-LINK/V2, V2-1 and V3, J-Link, CMSIS-DAP v1 and v2 (DAPLink,
//! Raspberry Pi Debug Probe, MCU-Link …), Black Magic Probe over USB or TCP, FTDI-based JTAG probes. They all take the same
//! path as the virtual board, which is a Black Magic Probe on a TCP port; that path is what the tests run.
//!
//! Not tried, for want of hardware: every USB probe, JTAG, `connect_under_reset` on a real reset line, `allow_erase_all`
//! on a locked chip, and the speeds and pauses that suit a real chip. Where a probe behaves differently, probe-rs's own
//! drivers decide.

mod attach;
mod chips;
mod content;
mod core_state;
mod flash;
mod link;
mod list;
mod options;
mod plain_port;
mod progress;
mod run;
mod translate;
mod worker;

use std::{path::Path, rc::Rc};

use tinynas_cost::Board;

use crate::{DeviceError, DeviceKind, Image, ProbeError, Timeouts, conversation::Running};
use attach::Pace;
pub use content::{FIRMWARE_MARK, FlashContent};
pub use flash::Written;
pub use list::{ProbeInfo, choose_probe, list_probes};
pub use options::{ProbeOptions, Protocol, Selector};
pub use progress::{Progress, Step};
use worker::Worker;

/// A board that is reached through a debug probe.
pub struct Probe {
    options: ProbeOptions,
    board: Board,
    chip: String,
    kind: DeviceKind,
    /// Where the board has a counter of instructions, if it has one.
    counter: Option<u32>,
    timeouts: Timeouts,
    worker: Option<Rc<Worker>>,
    running: Option<Running<link::RttLink>>,
}

impl Probe {
    /// The board `board` behind the probe that `options` choose. Nothing is touched yet; see [`attach`](Self::attach).
    ///
    /// # Errors
    /// [`ProbeError::UnknownChip`] if neither board file nor options name a chip.
    pub fn new(board: &Board, options: ProbeOptions) -> Result<Self, DeviceError> {
        let chip = options.chip.clone().or_else(|| board.chip.clone()).ok_or_else(|| ProbeError::UnknownChip {
            chip: board.name.clone(),
            reason: "its board file names none".to_owned(),
        })?;
        let (kind, timeouts, board) = (DeviceKind::Probe, Timeouts::default(), board.clone());
        Ok(Self { options, board, chip, kind, counter: None, timeouts, worker: None, running: None })
    }

    /// The same for a virtual board: its figures are modelled, and it counts instructions at `counter`.
    pub(crate) fn modelled(self, counter: u32) -> Self {
        Self { kind: DeviceKind::Virtual, counter: Some(counter), ..self }
    }

    /// How long it waits.
    pub fn set_timeouts(&mut self, timeouts: Timeouts) {
        self.timeouts = timeouts;
    }

    /// The chip's name, as probe-rs knows it.
    pub fn chip(&self) -> &str {
        &self.chip
    }

    /// Opens the probe and attaches to the chip, if that was not done yet or the connection was lost.
    ///
    /// # Errors
    /// [`DeviceError::Probe`]: no probe or several, permission, busy, no chip, another chip, a locked chip.
    pub fn attach(&mut self) -> Result<(), DeviceError> {
        self.worker().map(|_| ()).map_err(DeviceError::from)
    }

    /// Lets go of the probe, for others to use. The board runs on.
    pub fn release(&mut self) {
        self.running = None;
        self.worker = None;
    }

    /// What the chip's flash holds where `image` goes.
    ///
    /// # Errors
    /// As [`attach`](Self::attach), and that the flash cannot be read.
    pub fn inspect(&mut self, image: &Image) -> Result<FlashContent, DeviceError> {
        let segments = image.segments()?;
        let start = segments.first().map_or(0, |segment| segment.address);
        let range = start..start + image.sections().flash_bytes;
        let bytes = self.worker()?.call("reading the flash", self.timeouts.probe, move |state| {
            content::read(state, range, Step::Compare, &mut |_| {})
        })?;
        Ok(content::judge(&segments, start, &bytes))
    }

    /// Saves the whole flash of the board into a file, byte for byte from its first address. Gives its size.
    ///
    /// # Errors
    /// As [`inspect`](Self::inspect), and [`DeviceError::Io`].
    pub fn backup(&mut self, path: &Path, progress: &mut dyn FnMut(Progress)) -> Result<u64, DeviceError> {
        let range = self.board.flash.origin..self.board.flash.origin + self.board.flash.bytes.0;
        let read = move |state: &mut worker::State, report: &mut dyn FnMut(Progress)| {
            content::read(state, range, Step::Backup, report)
        };
        let bytes = self.worker()?.call_with("saving the flash", self.timeouts.probe, progress, read)?;
        content::save(path, &bytes).map_err(DeviceError::io(path.display().to_string()))?;
        Ok(bytes.len() as u64)
    }

    /// Resets the board and lets it run on its own; it must be flashed again before it is used here.
    ///
    /// # Errors
    /// As [`attach`](Self::attach).
    pub fn reset(&mut self) -> Result<(), DeviceError> {
        self.running = None;
        self.worker()?.call("resetting the board", self.timeouts.probe, |state| {
            let doing = "resetting the board";
            state.rtt = None;
            state.core(doing)?.reset().map_err(|error| translate::error(doing, &error))
        })?;
        Ok(())
    }

    /// The probe's thread, attached to the chip.
    fn worker(&mut self) -> Result<Rc<Worker>, ProbeError> {
        if let Some(worker) = self.worker.as_ref().filter(|worker| !worker.is_lost()) {
            return Ok(Rc::clone(worker));
        }
        self.running = None;
        self.worker = None;
        let (worker, options, chip) = (Worker::start(), self.options.clone(), self.chip.clone());
        let pace = if self.kind == DeviceKind::Virtual { Pace::Simulated } else { Pace::Real };
        // Unlocking erases the chip.
        let limit = if options.allow_erase_all { self.timeouts.probe * 3 } else { self.timeouts.probe };
        worker.call(translate::ATTACHING, limit, move |state| attach::attach(state, &options, &chip, pace))?;
        let worker = Rc::new(worker);
        self.worker = Some(Rc::clone(&worker));
        Ok(worker)
    }
}
