//! Flashing a board behind a probe and talking to what runs on it.

use std::time::Duration;

use tinynas_wire::{Crash, ModelInfo, Stats};

use super::{Probe, Progress, Written, core_state, flash, link, link::RttLink, worker};
use crate::{Device, DeviceError, DeviceKind, Image, Inference, Session, image::Segment};

/// Symbol of the firmware's RTT control block.
const RTT_SYMBOL: &str = "_SEGGER_RTT";

/// Longest wait for the RTT block: the firmware makes it first of all.
const RTT_WAIT: Duration = Duration::from_secs(10);

/// A conversation with the firmware.
pub(super) struct Running {
    session: Session<RttLink>,
    model: ModelInfo,
    image: Image,
}

impl Probe {
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
                if let Some(counter) = self.counter {
                    session.count_instructions(counter);
                }
                self.running = Some(Running { session, model, image: image.clone() });
                Ok(model)
            }
            Err(error) => Err(self.complete(error, session, image)),
        }
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
        self.with(|running| running.session.run(&running.model, input))
    }

    fn stats(&mut self) -> Result<Stats, DeviceError> {
        self.with(|running| running.session.stats(&running.model, &vec![0; running.model.input_bytes as usize]))
    }
}
