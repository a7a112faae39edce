//! The debug port of a virtual board: a Black Magic Probe on a TCP socket, soldered to an Arm debug interface.
//!
//! Bytes come in at [`server`], become a [`command`] in [`remote`], act in [`bridge`] on the debug port of
//! [`adi`] (bit by bit through [`wire`], or register by register), and reach the chip through [`DebugTarget`].

pub mod access_port;
pub mod adi;
pub mod bridge;
mod client;
pub mod command;
pub mod faults;
pub mod remote;
pub mod server;
pub mod wire;

use crate::bus::{BusError, Width};

/// Level of the chip's reset pin, nRST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetPin {
    /// Low: the chip is held in reset.
    Asserted,
    /// High.
    Released,
}

/// What a debug port is connected to: the bus of a chip and its reset pin.
pub trait DebugTarget {
    /// One access as a memory access port makes it.
    ///
    /// # Errors
    /// [`BusError`] if nothing answers or the chip refuses; the debug port then reports a fault.
    fn read(&mut self, address: u32, width: Width) -> Result<u32, BusError>;

    /// One access as a memory access port makes it.
    ///
    /// # Errors
    /// As [`Self::read`].
    fn write(&mut self, address: u32, value: u32, width: Width) -> Result<(), BusError>;

    /// The probe drives the reset pin.
    fn set_reset(&mut self, level: ResetPin);

    /// Erases all of the flash and lifts the protection, as a vendor's control access port does.
    fn erase_all(&mut self);

    /// Whether the memory access ports are enabled (CSW.DeviceEn): false on a chip that is locked as a whole.
    fn is_open(&self) -> bool {
        true
    }
}

#[cfg(test)]
pub(crate) mod asking;
#[cfg(test)]
pub(crate) mod fake;
