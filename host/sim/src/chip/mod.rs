//! Chips: what stands around the core so that a debugger and firmware's start-up code find what they expect.
//!
//! A [`ChipSpec`] says what a board file says; the [`Family`] adds what all chips of a family share: debug port and
//! access ports, identity registers, clock and power controllers, and the flash controller.

mod build;
mod family;
mod identity;
mod nrf;
mod registers;
mod rp;
mod samd51;
mod stm32;
mod watched;

pub use family::{ChipError, Family};
pub use identity::Constants;
pub use registers::RegisterFile;

use crate::core::Core;

/// How a memory is attached to the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryKind {
    /// Tightly coupled: never waits.
    Tcm,
    /// On the bus matrix, at the core's clock.
    Sram,
    /// Behind an AXI bus or a slower clock.
    Axi,
}

/// A memory of a chip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemorySpec {
    /// Its name in the board file.
    pub name: String,
    /// First address.
    pub origin: u32,
    /// Size in bytes.
    pub bytes: u32,
    /// How it is attached.
    pub kind: MemoryKind,
}

/// The flash of a chip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlashSpec {
    /// First address.
    pub origin: u32,
    /// Size in bytes.
    pub bytes: u32,
    /// Wait states at the board's clock.
    pub wait_states: u32,
}

/// A chip as a board file describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChipSpec {
    /// Its name as probe-rs knows it, for example `STM32F446RETx`.
    pub name: String,
    /// The core that is simulated.
    pub core: Core,
    /// Clock of the core in Hz.
    pub clock_hz: u64,
    /// Its flash.
    pub flash: FlashSpec,
    /// Its memories; the family adds those that the board file leaves out but flash algorithms use.
    pub memories: Vec<MemorySpec>,
}
