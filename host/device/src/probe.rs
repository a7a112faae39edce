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
mod progress;
mod translate;
mod worker;

use std::{path::Path, sync::Arc, time::Duration};

use tinynas_cost::Board;
use tinynas_wire::{Crash, ModelInfo, Stats};

use crate::{Device, DeviceError, DeviceKind, Image, Inference, ProbeError, Session, Timeouts, image::Segment};
pub use content::{FIRMWARE_MARK, FlashContent};
pub use flash::Written;
use link::RttLink;
pub use list::{ProbeInfo, choose_probe, list_probes};
pub use options::{ProbeOptions, Protocol, Selector};
pub use progress::{Progress, Step};
use worker::Worker;

/// Symbol of the firmware's RTT control block.
const RTT_SYMBOL: &str = "_SEGGER_RTT";

/// Longest wait for the RTT block: the firmware makes it first of all.
const RTT_WAIT: Duration = Duration::from_secs(10);

/// A board that is reached through a debug probe.
pub struct Probe {
    options: ProbeOptions,
    board: Board,
    chip: String,
    kind: DeviceKind,
    timeouts: Timeouts,
    worker: Option<Arc<Worker>>,
    running: Option<Running>,
}

struct Running {
    session: Session<RttLink>,
    model: ModelInfo,
    image: Image,
    last_input: Vec<i8>,
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
        let (kind, timeouts) = (DeviceKind::Probe, Timeouts::default());
        Ok(Self { options, board: board.clone(), chip, kind, timeouts, worker: None, running: None })
    }

    /// What its figures are: those of a virtual board are modelled.
    pub(crate) fn set_kind(&mut self, kind: DeviceKind) {
        self.kind = kind;
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

    /// As [`Device::flash`], with reports, and what had to be written.
    ///
    /// # Errors
    /// As [`Device::flash`].
    pub fn flash_with(
        &mut self,
        image: &Image,
        model: &[u8],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(ModelInfo, Written), DeviceError> {
        let job = self.job(image, model)?;
        self.running = None;
        let worker = self.worker()?;
        let flash =
            move |state: &mut worker::State, report: &mut dyn FnMut(Progress)| flash::flash(state, &job, report);
        let written = worker.call_with("flashing", self.timeouts.probe, progress, flash)?;
        Ok((self.start(image)?, written))
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

    /// Makes the firmware fail on purpose and returns what the host learns of it.
    pub fn crash(&mut self, how: Crash) -> DeviceError {
        match &mut self.running {
            None => DeviceError::NotFlashed,
            Some(running) => {
                let error = running.session.crash(how);
                self.ended(error)
            }
        }
    }

    fn job(&self, image: &Image, model: &[u8]) -> Result<flash::Job, DeviceError> {
        let sections = image.sections();
        if model.len() as u64 > sections.model_region_bytes {
            return Err(DeviceError::ModelTooLarge { bytes: model.len() as u64, region: sections.model_region_bytes });
        }
        Ok(flash::Job {
            firmware: image.segments()?,
            model: Segment { address: sections.model_address, bytes: model.to_owned() },
            ram: image.symbol("__sarena")?..image.symbol("_stack_start")?,
        })
    }

    /// Starts the firmware that is in the flash.
    fn start(&mut self, image: &Image) -> Result<ModelInfo, DeviceError> {
        let (address, wait, worker) = (image.symbol(RTT_SYMBOL)?, self.timeouts.start.min(RTT_WAIT), self.worker()?);
        worker.call("starting the firmware", wait + self.timeouts.probe, move |state| {
            link::start(state, address, wait)
        })?;
        let mut session = Session::new(RttLink::new(worker, self.timeouts.probe), self.timeouts);
        match session.open(&self.board.name) {
            Ok(model) => {
                let last_input = vec![0; model.input_bytes as usize];
                self.running = Some(Running { session, model, image: image.clone(), last_input });
                Ok(model)
            }
            Err(error) => Err(self.complete(error, session, image)),
        }
    }

    /// The probe's thread, attached to the chip.
    fn worker(&mut self) -> Result<Arc<Worker>, ProbeError> {
        if let Some(worker) = self.worker.as_ref().filter(|worker| !worker.is_lost()) {
            return Ok(Arc::clone(worker));
        }
        self.running = None;
        self.worker = None;
        let (worker, options, chip) = (Worker::start(), self.options.clone(), self.chip.clone());
        worker
            .call("attaching to the chip", self.timeouts.probe, move |state| attach::attach(state, &options, &chip))?;
        let worker = Arc::new(worker);
        self.worker = Some(Arc::clone(&worker));
        Ok(worker)
    }

    /// After a failure: what core and image can add to the error. A failure ends the conversation, unless it can go on.
    fn ended(&mut self, error: DeviceError) -> DeviceError {
        if matches!(error, DeviceError::InputLength { .. } | DeviceError::NotFlashed) {
            return error;
        }
        let Some(Running { session, image, .. }) = self.running.take() else { return error };
        self.complete(error, session, &image)
    }

    fn complete(&self, error: DeviceError, mut session: Session<RttLink>, image: &Image) -> DeviceError {
        let (waiting_for, seconds) = match error {
            DeviceError::HardFault { pc, lr, cfsr, hfsr, address, .. } => {
                return DeviceError::HardFault { pc, lr, cfsr, hfsr, address, location: image.locate(pc) };
            }
            DeviceError::Timeout { waiting_for, seconds } => (waiting_for, seconds),
            DeviceError::Exited { waiting_for, .. } => match session.link().failure() {
                Some(failure) => return failure.into(),
                None => (waiting_for, 0),
            },
            other => return other,
        };
        let Some(worker) = &self.worker else { return error };
        match worker.call("looking for what the core does", self.timeouts.probe, core_state::examine) {
            Ok(finding) => finding.error(image, waiting_for, seconds),
            Err(lost) => lost.into(),
        }
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut Running) -> Result<T, DeviceError>) -> Result<T, DeviceError> {
        let result = act(self.running.as_mut().ok_or(DeviceError::NotFlashed)?);
        result.map_err(|error| self.ended(error))
    }
}

impl Device for Probe {
    fn kind(&self) -> DeviceKind {
        self.kind
    }

    fn flash(&mut self, image: &Image, model: &[u8]) -> Result<ModelInfo, DeviceError> {
        self.flash_with(image, model, &mut |_| {}).map(|(model, _)| model)
    }

    fn run(&mut self, input: &[i8]) -> Result<Inference, DeviceError> {
        self.with(|running| {
            let inference = running.session.run(&running.model, input)?;
            running.last_input.copy_from_slice(input);
            Ok(inference)
        })
    }

    fn stats(&mut self) -> Result<Stats, DeviceError> {
        self.with(|running| running.session.stats(&running.model, &running.last_input))
    }
}
