//! What the board's messages mean.

use tinynas_wire::{ErrorCode, Event, HardFault, PROTOCOL};

use crate::{DeviceError, Inference, LayerCounters};

impl Inference {
    /// Takes one event of a run; true at its end.
    pub(super) fn take(&mut self, event: Event<'_>) -> Result<bool, DeviceError> {
        match event {
            Event::Layer(layer) if layer.index as usize == self.layers.len() => {
                let (cycles, instructions) = (layer.cycles.map(u64::from), layer.instructions.map(u64::from));
                self.layers.push(LayerCounters { cycles, instructions });
                Ok(false)
            }
            Event::Output { offset, chunk } if offset as usize == self.output.len() => {
                self.output.extend(chunk.iter().map(|byte| byte.cast_signed()));
                Ok(false)
            }
            Event::Done => Ok(true),
            other => Err(unexpected("the end of the run", &other)),
        }
    }
}

/// Refuses an image that was built from other definitions.
pub(super) fn same<T: PartialEq + ToString>(what: &'static str, image: T, host: T) -> Result<(), DeviceError> {
    if image == host {
        Ok(())
    } else {
        Err(DeviceError::Version { what, image: image.to_string(), host: host.to_string() })
    }
}

/// The error for a message that makes no sense here.
pub(super) fn unexpected(waiting_for: &'static str, event: &Event<'_>) -> DeviceError {
    DeviceError::Protocol { waiting_for, reason: format!("got {event:?}") }
}

/// The error that an event reports, if it reports one.
pub(super) fn failure(event: &Event<'_>) -> Option<DeviceError> {
    match *event {
        Event::HardFault(HardFault { pc, lr, cfsr, hfsr, address }) => {
            Some(DeviceError::HardFault { pc, lr, cfsr, hfsr, address, location: None })
        }
        Event::Error { code, message, file, line } => {
            let message = message.to_owned();
            Some(match code {
                ErrorCode::Version => DeviceError::Version {
                    what: "a protocol that refuses",
                    image: message,
                    host: format!("{PROTOCOL}"),
                },
                ErrorCode::ModelRejected => DeviceError::ModelRejected { message },
                ErrorCode::Frame | ErrorCode::Range => {
                    DeviceError::Protocol { waiting_for: "an answer", reason: format!("the board says: {message}") }
                }
                ErrorCode::Engine => DeviceError::Engine { message },
                ErrorCode::StackOverflow => DeviceError::StackOverflow { message },
                ErrorCode::Panic => DeviceError::Panic { message, file: file.to_owned(), line },
            })
        }
        _ => None,
    }
}
