//! What every device with firmware on it has in common: an open conversation, and what becomes of it after a failure.

use tinynas_wire::{Crash, ModelInfo, Stats};

use crate::{DeviceError, Image, Inference, Link, Session};

/// An open conversation with the firmware of `image`, which runs `model`.
pub(crate) struct Running<L> {
    pub session: Session<L>,
    pub model: ModelInfo,
    pub image: Image,
}

/// A device that may have a conversation open.
pub(crate) trait Converses {
    /// What carries the bytes.
    type Link: Link;

    /// The conversation, if one is open.
    fn running(&mut self) -> &mut Option<Running<Self::Link>>;

    /// Ends a conversation after `error` and adds to it what only the device and the image know.
    fn complete(&self, error: DeviceError, session: Session<Self::Link>, image: &Image) -> DeviceError;

    /// Exchanges versions and keeps the conversation.
    fn open(&mut self, mut session: Session<Self::Link>, board: &str, image: &Image) -> Result<ModelInfo, DeviceError> {
        match session.open(board) {
            Ok(model) => {
                *self.running() = Some(Running { session, model, image: image.clone() });
                Ok(model)
            }
            Err(error) => Err(self.complete(error, session, image)),
        }
    }

    /// Runs one input.
    fn infer(&mut self, input: &[i8]) -> Result<Inference, DeviceError> {
        self.with(|running| running.session.run(&running.model, input))
    }

    /// Memory figures over zeros.
    fn figures(&mut self) -> Result<Stats, DeviceError> {
        self.with(|running| running.session.stats(&running.model, &vec![0; running.model.input_bytes as usize]))
    }

    /// Makes the firmware fail on purpose and gives what the host learns of it.
    fn fail(&mut self, how: Crash) -> DeviceError {
        match self.with(|running| Err::<(), _>(running.session.crash(how))) {
            Ok(()) => DeviceError::NotFlashed,
            Err(error) => error,
        }
    }

    /// Acts in the conversation. A failure ends it, unless it can go on.
    fn with<T>(
        &mut self,
        act: impl FnOnce(&mut Running<Self::Link>) -> Result<T, DeviceError>,
    ) -> Result<T, DeviceError> {
        let error = match act(self.running().as_mut().ok_or(DeviceError::NotFlashed)?) {
            Err(error) if !matches!(error, DeviceError::InputLength { .. }) => error,
            result => return result,
        };
        Err(match self.running().take() {
            Some(Running { session, image, .. }) => self.complete(error, session, &image),
            None => error,
        })
    }
}
