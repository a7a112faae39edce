//! Flashing a board behind a probe and talking to what runs on it.

use std::time::Duration;

use tinynas_wire::{Crash, ModelInfo, Stats};

use super::{Probe, Progress, Written, core_state, flash, link, link::RttLink, worker};
use crate::{
    Device, DeviceError, DeviceKind, Image, Inference, Session,
    conversation::{Converses, Running},
    image::Segment,
};

/// Symbol of the firmware's RTT control block.
const RTT_SYMBOL: &str = "_SEGGER_RTT";

/// Longest wait for the RTT block: the firmware makes it first of all.
const RTT_WAIT: Duration = Duration::from_secs(10);

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
        self.fail(how)
    }

    fn job(&self, image: &Image, model: &[u8]) -> Result<flash::Job, DeviceError> {
        image.check_room(model)?;
        Ok(flash::Job {
            firmware: image.segments()?,
            model: Segment { address: image.sections().model_address, bytes: model.to_owned() },
            ram: image.symbol("__sarena")?..image.symbol("_stack_start")?,
        })
    }

    /// Starts the firmware that is in the flash.
    fn start(&mut self, image: &Image) -> Result<ModelInfo, DeviceError> {
        let (address, wait, worker) = (image.symbol(RTT_SYMBOL)?, self.timeouts.start.min(RTT_WAIT), self.worker()?);
        worker.call("starting the firmware", wait + self.timeouts.probe, move |state| {
            link::start(state, address, wait)
        })?;
        let session = Session::new(RttLink::new(worker, self.timeouts.probe), self.timeouts);
        let name = self.board.name.clone();
        let model = self.open(session, &name, image)?;
        if let (Some(running), Some(counter)) = (&mut self.running, self.counter) {
            running.session.count_instructions(counter);
        }
        Ok(model)
    }
}

impl Converses for Probe {
    type Link = RttLink;

    fn running(&mut self) -> &mut Option<Running<RttLink>> {
        &mut self.running
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
}

impl Device for Probe {
    fn kind(&self) -> DeviceKind {
        self.kind
    }

    fn flash(&mut self, image: &Image, model: &[u8]) -> Result<ModelInfo, DeviceError> {
        self.flash_with(image, model, &mut |_| {}).map(|(model, _)| model)
    }

    fn run(&mut self, input: &[i8]) -> Result<Inference, DeviceError> {
        self.infer(input)
    }

    fn stats(&mut self) -> Result<Stats, DeviceError> {
        self.figures()
    }
}
